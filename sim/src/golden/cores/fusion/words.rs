//! The fusion node on its bus: its memories as words, and what a state must be.

use super::{Answer, Config, Fusion, Position, Sample, MOST_HITS, PAIRS};
use crate::golden::core::{first_broken, registers_fit, Block, Core, Place};
use fixlearn_map::fusion::{memory, FusionBuilt, MOST_NODES, PLACE_BITS, WAYS};

impl Core for Fusion {
    type Built = FusionBuilt;

    fn power_up(built: &FusionBuilt) -> Self {
        Self::new(Config::power_up(), *built)
    }

    fn built(&self) -> FusionBuilt {
        FusionBuilt { place_bits: self.combinations.len().trailing_zeros() as u8 }
    }

    fn check(&self, built: &FusionBuilt) -> Result<(), String> {
        let (own, has) = (self.combinations.len(), built.places());
        if own != has {
            return Err(format!("the core has {has} places for combinations, the run {own}"));
        }
        Ok(())
    }

    fn validate(&self) -> Result<(), String> {
        let places = self.combinations.len();
        let sizes = places.is_power_of_two() && PLACE_BITS.contains(&self.built().place_bits);
        first_broken(&[
            (sizes, "the places are not 1024 to 16384, a power of two"),
            (self.positions.len() == places, "the positions are not as many as the combinations"),
            (self.hits.len() == usize::from(MOST_NODES) * PAIRS, "the hits are not 2048"),
            (self.hits.iter().all(|&hits| hits <= MOST_HITS), "hits are above 32767"),
        ])?;
        let kept = self.kept();
        let fits = self.combinations.iter().all(|&word| word & !kept == 0);
        first_broken(&[(fits, "a combination is out of range")])?;
        registers_fit(self)
    }

    fn register(&self, number: u8) -> u32 {
        self.config.register(number)
    }

    fn set_register(&mut self, number: u8, word: u32) {
        self.config.set_register(number, word);
    }

    fn memories(&self) -> Vec<Block> {
        let first = |memory: u8| Place { memory, row: 0, column: 0 };
        let table =
            |name, memory, words: &[u32]| Block { name, at: first(memory), words: words.to_vec() };
        let mut blocks = vec![
            table("combination", memory::COMBINATION, &self.combinations),
            table("position", memory::POSITION, &self.positions),
        ];
        let pairs = 1 << (2 * self.config.bits);
        let nodes = self.hits.chunks(PAIRS).take(self.config.nodes as usize);
        blocks.extend(nodes.enumerate().map(|(node, hits)| Block {
            name: "hits",
            at: Place { memory: memory::HITS, row: node as u16, column: 0 },
            words: hits.iter().take(pairs).map(|&hits| hits.into()).collect(),
        }));
        blocks
    }

    fn read_memory(&self, at: Place) -> Option<u32> {
        let i = index(at);
        match at.memory {
            memory::COMBINATION => self.combinations.get(i).copied(),
            memory::POSITION => self.positions.get(i).copied(),
            memory::HITS => self.hits.get(i).map(|&hits| hits.into()),
            _ => None,
        }
    }

    fn write_memory(&mut self, at: Place, word: u32) -> bool {
        let (i, kept) = (index(at), self.kept());
        match at.memory {
            memory::COMBINATION => self.combinations.get_mut(i).map(|w| *w = word & kept).is_some(),
            memory::POSITION => self.positions.get_mut(i).map(|w| *w = word).is_some(),
            memory::HITS => self.hits.get_mut(i).map(|w| *w = word as u16 & MOST_HITS).is_some(),
            _ => false,
        }
    }

    fn vector_bytes(&self) -> usize {
        8
    }

    fn learn(&mut self, vector: &[u8]) {
        self.adapt(Sample::from_bytes(vector));
    }

    fn recall(&mut self, vector: &[u8]) -> Vec<u8> {
        self.estimate(Sample::from_bytes(vector).key).word().to_be_bytes().to_vec()
    }
}

/// The number of a word in its memory.
fn index(at: Place) -> usize {
    usize::from(at.row) << 8 | usize::from(at.column)
}

impl Fusion {
    /// The bits of a combination's word that there are.
    fn kept(&self) -> u32 {
        let bucket = (self.combinations.len() / WAYS).trailing_zeros();
        u32::MAX >> (bucket.saturating_sub(8)).min(31)
    }
}

impl Position {
    /// As a word: `x` in bits 31..16, `y` in bits 15..0.
    pub fn word(self) -> u32 {
        u32::from(self.x) << 16 | u32::from(self.y)
    }

    pub fn from_word(word: u32) -> Self {
        Self { x: (word >> 16) as u16, y: word as u16 }
    }
}

impl Sample {
    /// Its bytes on the wire: the codewords, `x` and `y`, low byte first.
    pub fn bytes(self) -> [u8; 8] {
        let position = u32::from(self.at.y) << 16 | u32::from(self.at.x);
        (u64::from(position) << 32 | u64::from(self.key)).to_le_bytes()
    }

    /// The sample of these bytes; what is missing is 0.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut whole = [0; 8];
        whole.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
        let word = u64::from_le_bytes(whole);
        let at = Position { x: (word >> 32) as u16, y: (word >> 48) as u16 };
        Self { key: word as u32, at }
    }
}

impl Answer {
    /// As a word: `x` in bits 31..20, `y` in bits 19..8, how feasible in bits 7..0.
    pub fn word(self) -> u32 {
        u32::from(self.x) << 20 | u32::from(self.y) << 8 | u32::from(self.feasible)
    }

    pub fn from_word(word: u32) -> Self {
        let part = |low: u32| (word >> low & 0xfff) as u16;
        Self { x: part(20), y: part(8), feasible: word as u8 }
    }
}
