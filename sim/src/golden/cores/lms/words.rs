//! The filter on its bus: its memories as words, and what a state must be.

use super::{place, Answer, Config, Lms, Sample, MAX_TAPS};
use crate::golden::core::{first_broken, Block, Core, Place};
use fixlearn_map::lms::{memory, LmsBuilt, PLACES};

impl Core for Lms {
    type Built = LmsBuilt;

    fn power_up(built: &LmsBuilt) -> Self {
        let weights = vec![0; built.taps.into()];
        let outputs = vec![Some(0); PLACES];
        Self { weights, outputs, ..Self::new(Config::power_up()) }
    }

    fn built(&self) -> LmsBuilt {
        LmsBuilt { taps: self.weights.len() as u16 }
    }

    fn check(&self, built: &LmsBuilt) -> Result<(), String> {
        let (taps, most) = (self.config.taps, built.taps);
        if taps > most.into() {
            return Err(format!("the core has at most {most} taps, not {taps}"));
        }
        Ok(())
    }

    fn validate(&self) -> Result<(), String> {
        let size = self.weights.len();
        first_broken(&[
            ((1..=MAX_TAPS).contains(&size), "the weights are not 1 to 256"),
            (self.line.len() == PLACES, "the delay line has not 256 places"),
            ((1..=size).contains(&self.config.taps), "the taps are not 1 to the weights' number"),
        ])
    }

    fn register(&self, number: u8) -> u32 {
        self.config.register(number)
    }

    fn set_register(&mut self, number: u8, word: u32) {
        self.config.set_register(number, word);
    }

    fn memories(&self) -> Vec<Block> {
        let first = |memory: u8| Place { memory, row: 0, column: 0 };
        let weights = self.weights.iter().take(self.config.taps).map(|&w| w as u32);
        let line = self.line.iter().map(|&x| word_of(x));
        vec![
            Block { name: "weight", at: first(memory::WEIGHT), words: weights.collect() },
            Block { name: "delayed sample", at: first(memory::LINE), words: line.collect() },
        ]
    }

    fn read_memory(&self, at: Place) -> Option<u32> {
        let i = usize::from(at.column);
        match (at.memory, at.row) {
            (memory::WEIGHT, 0) => self.weights.get(i).map(|&w| w as u32),
            (memory::LINE, 0) => self.line.get(i).map(|&x| word_of(x)),
            (memory::OUTPUT, 0) => self.outputs.get(i).copied().flatten(),
            _ => None,
        }
    }

    fn write_memory(&mut self, at: Place, word: u32) -> bool {
        let i = usize::from(at.column);
        match (at.memory, at.row) {
            (memory::WEIGHT, 0) => self.weights.get_mut(i).map(|w| *w = word as i32).is_some(),
            (memory::LINE, 0) => self.line.get_mut(i).map(|x| *x = word as i16).is_some(),
            _ => false,
        }
    }

    fn vector_bytes(&self) -> usize {
        4
    }

    fn learn(&mut self, vector: &[u8]) {
        self.adapt(Sample::from_bytes(vector));
    }

    fn recall(&mut self, vector: &[u8]) -> Vec<u8> {
        self.filter(Sample::from_bytes(vector)).word().to_be_bytes().to_vec()
    }
}

/// A sample in the low bits of a word.
fn word_of(x: i16) -> u32 {
    (x as u16).into()
}

impl Lms {
    /// Where the answer to the learned sample of this number is read while it is one of the last
    /// 256.
    pub fn output_at(sample: u32) -> Place {
        Place { memory: memory::OUTPUT, row: 0, column: place(sample) as u8 }
    }
}

impl Sample {
    /// Its bytes on the wire: `x` and `d`, low byte first.
    pub fn bytes(self) -> [u8; 4] {
        let ([a, b], [c, d]) = (self.x.to_le_bytes(), self.d.to_le_bytes());
        [a, b, c, d]
    }

    /// The sample of these bytes; what is missing is 0.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
        let word = |i: usize| i16::from_le_bytes([at(i), at(i + 1)]);
        Self { x: word(0), d: word(2) }
    }
}

impl Answer {
    /// As a word: `y` in bits 31..16, `e` in bits 15..0.
    pub fn word(self) -> u32 {
        word_of(self.y) << 16 | word_of(self.e)
    }

    pub fn from_word(word: u32) -> Self {
        Self { y: (word >> 16) as i16, e: word as i16 }
    }
}
