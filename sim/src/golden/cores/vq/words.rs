//! The quantizer's state as words on its bus: what each address keeps of a word, and what it
//! refuses. `fixlearn_map::vq` is the map.

use super::{Config, Fast, Match, Metric, Rounding, Vq, FULL_SCALE};
use crate::golden::arith::{pair, with_high, with_low};
use crate::golden::core::{Block, Core, Place};
use fixlearn_map::vq::{self as r, memory, VqBuilt};

impl Core for Vq {
    type Built = VqBuilt;

    fn power_up(built: &VqBuilt) -> Self {
        let mut config = Config::power_up(built.codewords.into(), built.dimension.into());
        if !built.squares {
            config.metric = Metric::L1;
        }
        Self { squares: built.squares, ..Vq::new(config, built.lanes.into()) }
    }

    fn built(&self) -> VqBuilt {
        let (codewords, dimension) = (self.codewords as u16, self.dimension as u16);
        VqBuilt { squares: self.squares, ..VqBuilt::narrow(codewords, dimension, self.lanes as u8) }
    }

    fn check(&self, built: &VqBuilt) -> Result<(), String> {
        let c = &self.config;
        let (most, dimensions) = (built.codewords, built.dimension);
        if c.codewords > most.into() || c.codewords == 0 {
            return Err(format!("the core holds 1 to {most} codewords, not {}", c.codewords));
        }
        if c.dimension > dimensions.into() || c.dimension == 0 {
            return Err(format!(
                "the core takes 1 to {dimensions} dimensions, not {}",
                c.dimension
            ));
        }
        if c.rounding == Rounding::ErrorFeedback && !built.residues {
            return Err("the core was built without residues for error feedback".into());
        }
        if c.metric == Metric::SquaredL2 && !built.squares {
            return Err(
                "the core was built without squares, so for l1 alone: train with --metric l1, \
                        or take a size without +l1"
                    .into(),
            );
        }
        Ok(())
    }

    fn check_learning(&self, built: &VqBuilt) -> Result<(), String> {
        let same = self.lanes == usize::from(built.lanes);
        if same || self.config.rounding != Rounding::Stochastic {
            return Ok(());
        }
        Err(format!(
            "was trained in beats of {} components, this device's are of {}; stochastic rounding \
             would differ",
            self.lanes, built.lanes
        ))
    }

    /// The noise steps with every beat, but only stochastic rounding takes it.
    fn with_idle(mut self, other: &Self) -> Self {
        if self.config.rounding != Rounding::Stochastic {
            self.config.noise = other.config.noise;
        }
        self
    }

    fn validate(&self) -> Result<(), String> {
        let size = self.codewords.checked_mul(self.dimension).unwrap_or(0);
        let c = &self.config;
        let rules = [
            ((1..=256).contains(&self.codewords), "codewords are not 1 to 256"),
            ((1..=256).contains(&self.dimension), "dimensions are not 1 to 256"),
            (c.codewords <= self.codewords, "there are fewer codewords than are in use"),
            (c.dimension <= self.dimension, "there are fewer dimensions than are in use"),
            (self.lanes.is_power_of_two() && self.lanes <= 16, "lanes are not 1 to 16"),
            (self.codebook.len() == size, "the codebook has another size"),
            (self.residues.len() == size, "the residues have another size"),
            (self.counts.len() == self.codewords, "the win counts have another size"),
            (self.codebook.iter().all(|&w| w <= FULL_SCALE), "a codeword is above 255.0"),
            (self.counts.iter().all(|&n| n > 0), "a win count is 0"),
            (c.distortion < 1 << 48, "the distortion is above 48 bits"),
        ];
        crate::golden::core::first_broken(&rules)
    }

    fn register(&self, number: u8) -> u32 {
        let c = &self.config;
        match number {
            r::CODEWORDS => c.codewords as u32,
            r::DIMENSION => c.dimension as u32,
            r::MODE => {
                u32::from(c.metric == Metric::SquaredL2)
                    | c.rounding.number() << 1
                    | u32::from(c.frequency_sensitive) << 3
                    | u32::from(c.count_based) << 4
                    | u32::from(c.signed) << 5
            }
            r::RATE_SHIFT => c.rate_shift,
            r::RATE_FINAL => c.rate_final,
            r::RATE_PERIOD => c.rate_period,
            r::RATE_TIMER => c.rate_timer,
            r::RADIUS => c.radius as u32,
            r::RADIUS_PERIOD => c.radius_period,
            r::RADIUS_TIMER => c.radius_timer,
            r::GRID => c.columns_log2 | c.falloff << 4,
            r::COUNT_CAP => c.count_cap.into(),
            r::HALVE => c.halve.into(),
            r::NOISE_LOW => c.noise as u32,
            r::NOISE_HIGH => (c.noise >> 32) as u32,
            r::VECTORS => c.vectors,
            r::DISTORTION_LOW => c.distortion as u32,
            r::DISTORTION_HIGH => (c.distortion >> 32) as u32,
            _ => 0,
        }
    }

    fn set_register(&mut self, number: u8, word: u32) {
        let c = &mut self.config;
        match number {
            r::CODEWORDS => c.codewords = word as usize,
            r::DIMENSION => c.dimension = word as usize,
            r::MODE => {
                let bit = |i: u32| word >> i & 1 == 1;
                c.metric = if bit(0) { Metric::SquaredL2 } else { Metric::L1 };
                c.rounding = Rounding::from_number(word >> 1);
                (c.frequency_sensitive, c.count_based, c.signed) = (bit(3), bit(4), bit(5));
            }
            r::RATE_SHIFT => c.rate_shift = word,
            r::RATE_FINAL => c.rate_final = word,
            r::RATE_PERIOD => c.rate_period = word,
            r::RATE_TIMER => c.rate_timer = word,
            r::RADIUS => c.radius = word as usize,
            r::RADIUS_PERIOD => c.radius_period = word,
            r::RADIUS_TIMER => c.radius_timer = word,
            r::GRID => (c.columns_log2, c.falloff) = (word & 15, word >> 4),
            r::COUNT_CAP => c.count_cap = word as u16,
            r::HALVE => c.halve = word == 1,
            r::NOISE_LOW => self.noise_low = word,
            r::NOISE_HIGH => c.noise = pair(word, self.noise_low),
            r::VECTORS => c.vectors = word,
            r::DISTORTION_LOW => c.distortion = with_low(c.distortion, word),
            r::DISTORTION_HIGH => c.distortion = with_high(c.distortion, word),
            _ => {}
        }
    }

    fn seed_low(&self) -> u32 {
        self.noise_low
    }

    fn memories(&self) -> Vec<Block> {
        let codewords = 0..self.config.codewords;
        let word = |at: usize| u32::from(self.codebook[at]) | u32::from(self.residues[at]) << 16;
        let row = |i: usize| (0..self.config.dimension).map(move |k| i * self.dimension + k);
        let first = |memory: u8| Place { memory, row: 0, column: 0 };
        vec![
            Block {
                name: "component",
                at: first(memory::CODEBOOK),
                words: codewords.flat_map(row).map(word).collect(),
            },
            Block {
                name: "win count of codeword",
                at: first(memory::COUNTS),
                words: self.counts[..self.config.codewords].iter().map(|&n| n.into()).collect(),
            },
        ]
    }

    fn read_memory(&self, at: Place) -> Option<u32> {
        match at.memory {
            memory::CODEBOOK => {
                let at = self.place(at)?;
                Some(u32::from(self.codebook[at]) | u32::from(self.residues[at]) << 16)
            }
            memory::COUNTS if at.row == 0 => {
                self.counts.get(usize::from(at.column)).map(|&count| count.into())
            }
            _ => None,
        }
    }

    fn write_memory(&mut self, at: Place, word: u32) -> bool {
        let low = word as u16;
        match at.memory {
            memory::CODEBOOK => match self.place(at) {
                Some(at) if low <= FULL_SCALE => {
                    self.codebook[at] = low;
                    self.residues[at] = (word >> 16) as u8;
                }
                _ => return false,
            },
            memory::COUNTS if at.row == 0 => match self.counts.get_mut(usize::from(at.column)) {
                Some(count) if low != 0 => *count = low,
                _ => return false,
            },
            _ => return false,
        }
        true
    }

    fn vector_bytes(&self) -> usize {
        self.config.dimension
    }

    fn learn(&mut self, vector: &[u8]) {
        self.adapt(vector);
    }

    fn recall(&mut self, vector: &[u8]) -> Vec<u8> {
        self.nearest(vector).answer().to_vec()
    }

    fn learn_all(&mut self, vectors: &[u8]) {
        let mut fast = Fast::new(self.clone());
        for vector in vectors.chunks_exact(self.config.dimension) {
            fast.adapt(vector);
        }
        *self = fast.into_vq();
    }

    fn recall_all(&mut self, vectors: &[u8]) -> Vec<u8> {
        Fast::new(self.clone()).answers(vectors)
    }
}

impl Match {
    /// The answer to a vector.
    pub(super) fn answer(self) -> [u8; 4] {
        (((self.index as u32) << 24) | self.distance).to_be_bytes()
    }

    /// From the answer to a vector: index, and distance high byte first.
    pub fn from_answer(answer: &[u8]) -> Option<Self> {
        let &[index, a, b, c] = answer else { return None };
        Some(Self { index: index.into(), distance: u32::from_be_bytes([0, a, b, c]) })
    }
}

impl Vq {
    /// Where the memories have the component at this place.
    fn place(&self, at: Place) -> Option<usize> {
        let (row, column) = (usize::from(at.row), usize::from(at.column));
        let inside = row < self.codewords && column < self.dimension;
        inside.then(|| row * self.dimension + column)
    }
}
