//! The quantizer's state as words on its bus: what each address keeps of a word, and what it
//! refuses. `hdl::protocol` has the map.

use super::vq::{Config, Metric, Rounding, Vq, FULL_SCALE};
use fixlearn_map::link::space;
use fixlearn_map::vq as r;

/// A core's memories at their built size, and its registers.
#[derive(Clone, Debug)]
pub struct Words {
    /// The sizes of the memories; `config` has those in use.
    codewords: usize,
    dimension: usize,
    lanes: usize,
    pub config: Config,
    /// By built codeword and dimension.
    codebook: Vec<u16>,
    residues: Vec<u8>,
    counts: Vec<u16>,
    /// Written, and taken by the next write of the noise's high word.
    noise_low: u32,
    /// The host's own number.
    run: u32,
}

impl Words {
    /// After power-up, built for these sizes (a codeword has residues).
    pub fn power_up(codewords: usize, dimension: usize, lanes: usize) -> Self {
        Self {
            codewords,
            dimension,
            lanes,
            config: Config::power_up(codewords, dimension),
            codebook: vec![0; codewords * dimension],
            residues: vec![0; codewords * dimension],
            counts: vec![1; codewords],
            noise_low: 0,
            run: 0,
        }
    }

    /// As after power-up again.
    pub fn clear(&mut self) {
        *self = Self::power_up(self.codewords, self.dimension, self.lanes);
    }

    /// Lets the quantizer in use do something to the state.
    pub fn with<T>(&mut self, work: impl FnOnce(&mut Vq) -> T) -> T {
        let (n, d) = (self.config.codewords, self.config.dimension);
        let places: Vec<usize> = (0..n * d).map(|i| i / d * self.dimension + i % d).collect();
        let mut vq = Vq {
            config: self.config.clone(),
            lanes: self.lanes,
            codebook: places.iter().map(|&i| self.codebook[i]).collect(),
            residues: places.iter().map(|&i| self.residues[i]).collect(),
            counts: self.counts[..n].to_vec(),
        };
        let done = work(&mut vq);
        for (i, &place) in places.iter().enumerate() {
            self.codebook[place] = vq.codebook[i];
            self.residues[place] = vq.residues[i];
        }
        self.counts[..n].copy_from_slice(&vq.counts);
        self.config = vq.config;
        done
    }

    /// The word there; none where nothing is said of what is read. Only the codebook has rows.
    pub fn read(&self, space: u8, row: u8, column: u8) -> Option<u32> {
        match space {
            space::CODEBOOK => {
                let at = self.place(row, column)?;
                Some(u32::from(self.codebook[at]) | u32::from(self.residues[at]) << 16)
            }
            space::COUNTS => self.counts.get(usize::from(column)).map(|&count| count.into()),
            space::REGISTERS if column == r::RUN => Some(self.run),
            space::REGISTERS => {
                let found = registers(&self.config).into_iter().find(|&(r, _)| r == column);
                found.map(|(_, word)| word)
            }
            _ => None,
        }
    }

    /// Writes the word; false, and nothing has changed, if the address or the word is out of range.
    pub fn write(&mut self, space: u8, row: u8, column: u8, word: u32) -> bool {
        let c = &mut self.config;
        let low = word as u16;
        match (space, column) {
            (space::CODEBOOK, _) => match self.place(row, column) {
                Some(at) if low <= FULL_SCALE => {
                    self.codebook[at] = low;
                    self.residues[at] = (word >> 16) as u8;
                }
                _ => return false,
            },
            (space::COUNTS, _) => match self.counts.get_mut(usize::from(column)) {
                Some(count) if low != 0 => *count = low,
                _ => return false,
            },
            (space::REGISTERS, r::CODEWORDS) if (1..=self.codewords).contains(&(word as usize)) => {
                c.codewords = word as usize;
            }
            (space::REGISTERS, r::DIMENSION) if (1..=self.dimension).contains(&(word as usize)) => {
                c.dimension = word as usize;
            }
            (space::REGISTERS, r::MODE) if word < 64 => set_mode(c, word),
            (space::REGISTERS, r::RATE_SHIFT) if word < 16 => c.rate_shift = word,
            (space::REGISTERS, r::RATE_FINAL) if word < 16 => c.rate_final = word,
            (space::REGISTERS, r::RATE_PERIOD) if word < 1 << 24 => c.rate_period = word,
            (space::REGISTERS, r::RATE_TIMER) if word < 1 << 24 => c.rate_timer = word,
            (space::REGISTERS, r::RADIUS) if word < 256 => c.radius = word as usize,
            (space::REGISTERS, r::RADIUS_PERIOD) if word < 1 << 24 => c.radius_period = word,
            (space::REGISTERS, r::RADIUS_TIMER) if word < 1 << 24 => c.radius_timer = word,
            (space::REGISTERS, r::GRID) if word < 64 && word & 15 <= 8 => {
                (c.columns_log2, c.falloff) = (word & 15, word >> 4);
            }
            (space::REGISTERS, r::COUNT_CAP) if (2..1 << 16).contains(&word) => c.count_cap = low,
            (space::REGISTERS, r::HALVE) if word < 2 => c.halve = word == 1,
            (space::REGISTERS, r::NOISE_LOW) => self.noise_low = word,
            (space::REGISTERS, r::NOISE_HIGH) if word | self.noise_low != 0 => {
                c.noise = u64::from(word) << 32 | u64::from(self.noise_low);
            }
            (space::REGISTERS, r::VECTORS) => c.vectors = word,
            (space::REGISTERS, r::DISTORTION_LOW) => {
                c.distortion = c.distortion >> 32 << 32 | u64::from(word);
            }
            (space::REGISTERS, r::DISTORTION_HIGH) if word < 1 << 16 => {
                c.distortion = c.distortion & 0xffff_ffff | u64::from(word) << 32;
            }
            (space::REGISTERS, r::RUN) => self.run = word,
            _ => return false,
        }
        true
    }

    fn place(&self, row: u8, column: u8) -> Option<usize> {
        let (row, column) = (usize::from(row), usize::from(column));
        (row < self.codewords && column < self.dimension).then(|| row * self.dimension + column)
    }
}

/// The registers that hold this configuration, in the order in which to write them.
pub fn registers(c: &Config) -> [(u8, u32); r::REGISTERS.len() - 1] {
    let rounding = match c.rounding {
        Rounding::Truncate => 0,
        Rounding::Nearest => 1,
        Rounding::Stochastic => 2,
        Rounding::ErrorFeedback => 3,
    };
    let mode = u32::from(c.metric == Metric::SquaredL2)
        | rounding << 1
        | u32::from(c.frequency_sensitive) << 3
        | u32::from(c.count_based) << 4
        | u32::from(c.signed) << 5;
    [
        (r::CODEWORDS, c.codewords as u32),
        (r::DIMENSION, c.dimension as u32),
        (r::MODE, mode),
        (r::RATE_SHIFT, c.rate_shift),
        (r::RATE_FINAL, c.rate_final),
        (r::RATE_PERIOD, c.rate_period),
        (r::RATE_TIMER, c.rate_timer),
        (r::RADIUS, c.radius as u32),
        (r::RADIUS_PERIOD, c.radius_period),
        (r::RADIUS_TIMER, c.radius_timer),
        (r::GRID, c.columns_log2 | c.falloff << 4),
        (r::COUNT_CAP, c.count_cap.into()),
        (r::HALVE, c.halve.into()),
        (r::NOISE_LOW, c.noise as u32),
        (r::NOISE_HIGH, (c.noise >> 32) as u32),
        (r::VECTORS, c.vectors),
        (r::DISTORTION_LOW, c.distortion as u32),
        (r::DISTORTION_HIGH, (c.distortion >> 32) as u32),
    ]
}

fn set_mode(c: &mut Config, word: u32) {
    let bit = |i: u32| word >> i & 1 == 1;
    c.metric = if bit(0) { Metric::SquaredL2 } else { Metric::L1 };
    c.rounding = match word >> 1 & 3 {
        0 => Rounding::Truncate,
        1 => Rounding::Nearest,
        2 => Rounding::Stochastic,
        _ => Rounding::ErrorFeedback,
    };
    (c.frequency_sensitive, c.count_based, c.signed) = (bit(3), bit(4), bit(5));
}
