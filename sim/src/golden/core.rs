//! What every golden core is: words on a bus, vectors to learn and to recall.
//!
//! From these few methods follow loading and saving a device, the comparison of two states, the
//! co-simulation driver, and the golden model of the link over any core.

use fixlearn_map::link::memory;
use fixlearn_map::{Access, Built};
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::fmt::Debug;

/// Where a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub memory: u8,
    pub row: u16,
    pub column: u8,
}

impl Place {
    /// Of the register of this number.
    pub const fn register(number: u8) -> Self {
        Self { memory: memory::REGISTERS, row: 0, column: number }
    }

    /// Of the word `words` further on, where a row has so many columns.
    pub fn after(self, words: usize, columns: usize) -> Self {
        let at = usize::from(self.column) + words;
        let row = self.row.wrapping_add((at / columns) as u16);
        Self { row, column: (at % columns) as u8, ..self }
    }
}

/// A stretch of words that follow each other on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What one of them is called.
    pub name: &'static str,
    /// Of the first.
    pub at: Place,
    pub words: Vec<u32>,
}

/// A core as its specification: the state, and what changes it.
pub trait Core: Clone + Debug + Serialize + DeserializeOwned + Send + 'static {
    type Built: Built;

    /// The state after power-up of a core of these sizes.
    fn power_up(built: &Self::Built) -> Self;

    /// Says whether a device of these sizes holds this state.
    ///
    /// # Errors
    /// Naming the size or the feature that the device lacks.
    fn check(&self, built: &Self::Built) -> Result<(), String>;

    /// Says whether a device of these sizes, on which the state fits, learns on from it to the
    /// same bits.
    ///
    /// # Errors
    /// Naming what would differ.
    fn check_learning(&self, _built: &Self::Built) -> Result<(), String> {
        Ok(())
    }

    /// This state with `other`'s words in the registers that no result depends on as it is
    /// configured, and that a device of other sizes leaves otherwise.
    fn with_idle(self, _other: &Self) -> Self {
        self
    }

    /// Says whether the model may rely on a state that was read from a file.
    ///
    /// # Errors
    /// Naming what is out of range.
    fn validate(&self) -> Result<(), String>;

    /// The sizes that its memories have: what a write is judged by.
    fn built(&self) -> Self::Built;

    /// The word of the register of this number.
    fn register(&self, number: u8) -> u32;

    /// Sets a register to a word that its map allows.
    fn set_register(&mut self, number: u8, word: u32);

    /// What was last written to the low word of the noise's state.
    fn seed_low(&self) -> u32 {
        0
    }

    /// The memories in use, in the order in which to write them, after the registers.
    fn memories(&self) -> Vec<Block>;

    /// The word of a memory; none where nothing is said of what is read.
    fn read_memory(&self, at: Place) -> Option<u32>;

    /// Writes a word to a memory; false, and nothing has changed, if the address or the word is
    /// out of range.
    fn write_memory(&mut self, at: Place, word: u32) -> bool;

    /// The word there; none where nothing is said of what is read.
    fn read(&self, at: Place) -> Option<u32> {
        if at.memory != memory::REGISTERS {
            return self.read_memory(at);
        }
        let known = at.row == 0 && usize::from(at.column) < self.built().registers().len();
        known.then(|| self.register(at.column))
    }

    /// Writes the word; false, and nothing has changed, if the address or the word is out of
    /// range.
    fn write(&mut self, at: Place, word: u32) -> bool {
        if at.memory != memory::REGISTERS {
            return self.write_memory(at, word);
        }
        let takes = at.row == 0 && self.built().takes(at.column, word, self.seed_low());
        if takes {
            self.set_register(at.column, word);
        }
        takes
    }

    /// Words of a row of this memory, after which the next row follows.
    fn columns(&self, memory: u8) -> usize {
        let found = Self::Built::CORE.memories.iter().find(|m| m.number == memory);
        found.map_or(256, |m| usize::from(m.column_last(|number| self.register(number))) + 1)
    }

    /// Bytes of a vector.
    fn vector_bytes(&self) -> usize;

    /// Bytes of an answer to a vector.
    fn answer_bytes(&self) -> usize {
        4
    }

    /// Learns a vector of [`Core::vector_bytes`].
    fn learn(&mut self, vector: &[u8]);

    /// The answer to a vector; empty if it is not specified.
    fn recall(&mut self, vector: &[u8]) -> Vec<u8>;

    /// Learns vectors one after the other: to the bits of [`Core::learn`], perhaps sooner.
    fn learn_all(&mut self, vectors: &[u8]) {
        vectors.chunks_exact(self.vector_bytes()).for_each(|vector| self.learn(vector));
    }

    /// The answers to vectors, one after the other: those of [`Core::recall`], perhaps sooner. What
    /// is not specified is 0.
    fn recall_all(&mut self, vectors: &[u8]) -> Vec<u8> {
        let length = self.answer_bytes();
        let mut answers = Vec::with_capacity(vectors.len() / self.vector_bytes() * length);
        for vector in vectors.chunks_exact(self.vector_bytes()) {
            let mut answer = self.recall(vector);
            answer.resize(length, 0);
            answers.extend(answer);
        }
        answers
    }

    /// Learns so many steps without vectors, where a core can.
    fn iterate(&mut self, _times: u32) {}

    /// Clocks that a step without a vector takes at most.
    fn iteration_clocks(&self) -> u32 {
        1
    }

    /// Where a write starts steps without vectors, if a core can do them.
    fn start_register() -> Option<Place> {
        let start = Self::Built::CORE.registers.iter().find(|r| r.access == Access::Start);
        start.map(|r| Place::register(r.number))
    }

    /// The whole state: registers, then memories.
    fn state(&self) -> Vec<Block> {
        self.state_on(&self.built())
    }

    /// The state in the registers that a device of these sizes has, and then the memories.
    fn state_on(&self, built: &Self::Built) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        for r in built.registers() {
            // A strobe is no state.
            if r.access == Access::Start {
                continue;
            }
            let word = self.register(r.number);
            match blocks.last_mut() {
                Some(b) if usize::from(b.at.column) + b.words.len() == usize::from(r.number) => {
                    b.words.push(word);
                }
                _ => {
                    let at = Place::register(r.number);
                    blocks.push(Block { name: "register", at, words: vec![word] });
                }
            }
        }
        blocks.extend(self.memories());
        blocks
    }
}

/// The first rule that does not hold, as an error.
pub fn first_broken(rules: &[(bool, &str)]) -> Result<(), String> {
    match rules.iter().find(|(holds, _)| !holds) {
        Some((_, what)) => Err((*what).to_string()),
        None => Ok(()),
    }
}

/// Says whether every register holds a word that its map allows.
///
/// # Errors
/// Naming the first that does not, and its range.
pub fn registers_fit<C: Core>(core: &C) -> Result<(), String> {
    let mut low = 0;
    for r in core.built().registers() {
        let word = core.register(r.number);
        if r.access != Access::Start && !core.built().takes(r.number, word, low) {
            return Err(format!("register {} is {word}: {}", r.name, r.range()));
        }
        low = word;
    }
    Ok(())
}

/// The first word in which two states differ: its name, its lowest bit that differs.
pub fn difference<C: Core>(found: &C, golden: &C) -> Option<String> {
    let (found, golden) = (found.state(), golden.state());
    if let Some(what) = found.iter().zip(&golden).find_map(|(a, b)| {
        let at = a.words.iter().zip(&b.words).position(|(a, b)| a != b)?;
        Some(word_differs::<C>(b, at, a.words[at]))
    }) {
        return Some(what);
    }
    let size = |blocks: &[Block]| blocks.iter().map(|b| b.words.len()).collect::<Vec<_>>();
    (size(&found) != size(&golden)).then(|| "the sizes of the states".into())
}

/// Names a word of a golden block, and says how it differs from what was found.
pub fn word_differs<C: Core>(golden: &Block, at: usize, found: u32) -> String {
    let expected = golden.words[at];
    let name = match C::Built::CORE.registers.get(usize::from(golden.at.column) + at) {
        Some(r) if golden.at.memory == memory::REGISTERS => format!("register {}", r.name),
        _ => format!("{} {at}", golden.name),
    };
    let bit = (found ^ expected).trailing_zeros();
    format!("{name}, bit {bit}: {found:#x}, golden {expected:#x}")
}
