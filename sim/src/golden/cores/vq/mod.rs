//! The vector quantizer, bit for bit.
//!
//! Formats: samples 8 bits; codewords UQ8.7 (`0..=32640`, 32640 is 255.0); residues UQ0.8 of one
//! codeword step; distances 24 bits, scores 32 bits; win counts `1..=65535`, saturating.

mod fast;
mod reference;
mod words;

pub use super::super::arith::Rounding;
use super::super::arith::{xorshift64, NOISE_SEED};
pub use fast::Fast;
pub use reference::Reference;
use serde::{Deserialize, Serialize};

/// Bits of a codeword below the sample's least significant bit.
pub const GUARD_BITS: u32 = 7;
/// The largest codeword component: 255.0.
pub const FULL_SCALE: u16 = 255 << GUARD_BITS;
/// Fractional bits of an update before it is rounded.
pub const STEP_BITS: u32 = 8;

/// Half a step of a codeword, before it is rounded.
const HALF: i32 = 1 << (STEP_BITS - 1);

/// How far a sample is from a codeword.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Metric {
    /// Sum of absolute differences.
    L1,
    /// Sum of squared differences.
    SquaredL2,
}

/// What the registers hold, schedules included: everything of the state but the memories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Codewords in use, `1..=256`.
    pub codewords: usize,
    /// Dimensions in use, `1..=256`.
    pub dimension: usize,
    pub metric: Metric,
    pub rounding: Rounding,
    /// Scale distances by win counts while learning (Ahalt et al., 1990).
    pub frequency_sensitive: bool,
    /// Rate `1/u` after `u` wins (MacQueen, 1967), not below `2^-rate_shift`.
    pub count_based: bool,
    /// Samples are two's complement; their sign bit is flipped on entry.
    pub signed: bool,
    /// Rate `2^-rate_shift`, `0..=15`.
    pub rate_shift: u32,
    /// Where the rate schedule stops.
    pub rate_final: u32,
    /// Learned vectors per step of `rate_shift`; 0 holds it.
    pub rate_period: u32,
    pub rate_timer: u32,
    /// Neighbourhood radius in rings.
    pub radius: usize,
    /// Learned vectors per step of `radius` towards 0; 0 holds it.
    pub radius_period: u32,
    pub radius_timer: u32,
    /// log2 of the grid's columns, `0..=8`; 8 is a line.
    pub columns_log2: u32,
    /// Attenuation of the rate by ring `r`: 0 none, else `2^-(r << (falloff - 1))`.
    pub falloff: u32,
    /// Win count at which all counts are halved, `2..=65535`.
    pub count_cap: u16,
    /// The counts are halved at the start of the next learned vector.
    pub halve: bool,
    /// State of the noise generator, not 0.
    pub noise: u64,
    /// Vectors learned, modulo `2^32`.
    pub vectors: u32,
    /// Sum of the learned vectors' distances, modulo `2^48`.
    pub distortion: u64,
}

impl Config {
    /// The state after power-up of a core built for these sizes.
    pub fn power_up(codewords: usize, dimension: usize) -> Self {
        Self {
            codewords,
            dimension,
            metric: Metric::SquaredL2,
            rounding: Rounding::Truncate,
            frequency_sensitive: false,
            count_based: false,
            signed: false,
            rate_shift: 4,
            rate_final: 4,
            rate_period: 0,
            rate_timer: 0,
            radius: 0,
            radius_period: 0,
            radius_timer: 0,
            columns_log2: 8,
            falloff: 0,
            count_cap: 65535,
            halve: false,
            noise: NOISE_SEED,
            vectors: 0,
            distortion: 0,
        }
    }
}

/// The outcome of one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    pub index: usize,
    /// Unscaled, 24 bits.
    pub distance: u32,
}

/// What a file does not say is built in.
fn yes() -> bool {
    true
}

/// The quantizer: configuration and memories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vq {
    pub config: Config,
    /// Lanes of the core: they decide which noise a component gets, and nothing else.
    pub lanes: usize,
    /// Codewords that the memories hold; `config` has those in use.
    pub codewords: usize,
    /// Dimensions of a codeword in memory.
    pub dimension: usize,
    /// `codewords * dimension` components, codeword after codeword.
    pub codebook: Vec<u16>,
    /// A residue beside each component; all zero except with error feedback.
    pub residues: Vec<u8>,
    /// A win count for each codeword.
    pub counts: Vec<u16>,
    /// Written, and taken by the next write of the noise's high word.
    #[serde(skip)]
    noise_low: u32,
    /// Squared distances are built in.
    #[serde(skip, default = "yes")]
    squares: bool,
}

impl Vq {
    /// All codewords zero, all counts 1; memories for the sizes in use.
    pub fn new(config: Config, lanes: usize) -> Self {
        let (codewords, dimension) = (config.codewords, config.dimension);
        let size = codewords * dimension;
        Self {
            config,
            lanes,
            codewords,
            dimension,
            codebook: vec![0; size],
            residues: vec![0; size],
            counts: vec![1; codewords],
            noise_low: 0,
            squares: true,
        }
    }

    /// The components of a codeword in use.
    pub fn codeword(&self, index: usize) -> &[u16] {
        &self.codebook[index * self.dimension..][..self.config.dimension]
    }

    /// The nearest codeword.
    ///
    /// ```
    /// use fixlearn_sim::golden::cores::vq::{Config, Vq};
    /// let mut vq = Vq::new(Config::power_up(2, 1), 1);
    /// vq.codebook = vec![0, 255 << 7];
    /// assert_eq!(vq.nearest(&[200]).index, 1);
    /// ```
    pub fn nearest(&self, sample: &[u8]) -> Match {
        self.search(sample, false)
    }

    /// Finds the winner and moves it, and its neighbours, towards the sample.
    pub fn adapt(&mut self, sample: &[u8]) -> Match {
        self.halve();
        let found = self.search(sample, self.config.frequency_sensitive);
        let (mantissa, exponent) = self.win(found.index);
        for (codeword, ring) in self.neighbourhood(found.index) {
            self.update(codeword, sample, mantissa, (exponent + self.attenuation(ring)).min(15));
        }
        self.advance_schedules(found.distance);
        found
    }

    /// Halves the win counts of the codewords in use, if that is due.
    fn halve(&mut self) {
        if self.config.halve {
            for count in &mut self.counts[..self.config.codewords] {
                *count = (*count / 2).max(1);
            }
        }
    }

    /// Counts the winner's win; the rate that follows from it.
    fn win(&mut self, index: usize) -> (i32, u32) {
        let wins = self.counts[index].saturating_add(1);
        self.counts[index] = wins;
        self.config.halve = wins >= self.config.count_cap;
        self.rate(wins)
    }

    /// The sample as an unsigned number.
    fn level(&self, sample: u8) -> u8 {
        sample ^ (u8::from(self.config.signed) << 7)
    }

    /// The lowest score; ties go to the lowest index. The score is the distance, or the distance
    /// times the win count saturating at `2^32 - 1`.
    fn search(&self, sample: &[u8], scaled: bool) -> Match {
        let mut best = Match { index: 0, distance: 0 };
        let mut best_score = None;
        for index in 0..self.config.codewords {
            let distance = self.distance(index, sample);
            let count = if scaled { u64::from(self.counts[index]) } else { 1 };
            let score = (u64::from(distance) * count).min(u64::from(u32::MAX));
            if best_score.is_none_or(|b| score < b) {
                best_score = Some(score);
                best = Match { index, distance };
            }
        }
        best
    }

    /// The distance to the codeword rounded to whole samples: what decoding would show.
    fn distance(&self, index: usize, sample: &[u8]) -> u32 {
        let pairs = sample.iter().zip(self.codeword(index));
        let differences =
            pairs.map(|(&x, &w)| i32::from(self.level(x)) - i32::from(round_to_sample(w)));
        match self.config.metric {
            Metric::L1 => differences.map(i32::unsigned_abs).sum(),
            Metric::SquaredL2 => differences.map(|d| (d * d).unsigned_abs()).sum(),
        }
    }

    /// The winner's rate as `(R, e)`: `R / 512 * 2^-e`.
    fn rate(&self, wins: u16) -> (i32, u32) {
        let floor = self.config.rate_shift;
        let exponent = u32::from(wins).checked_ilog2().unwrap_or(0);
        if self.config.count_based && exponent < floor {
            // The leading one and the 7 bits below it: 128..=255.
            let mantissa = (i32::from(wins) << 7) >> exponent;
            (round_quotient(1 << 16, mantissa.max(128)), exponent)
        } else {
            (512, floor)
        }
    }

    fn attenuation(&self, ring: usize) -> u32 {
        match self.config.falloff {
            0 => 0,
            f => ((ring as u32) << (f - 1)).min(16),
        }
    }

    /// The codewords within the radius and their rings, row by row. The ring is the Chebyshev
    /// distance on the grid.
    fn neighbourhood(&self, winner: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let Config { codewords, columns_log2, radius, .. } = self.config;
        let columns = 1_usize << columns_log2;
        let (row, column) = (winner / columns, winner % columns);
        let rows = row.saturating_sub(radius)..=row + radius;
        let across = column.saturating_sub(radius)..=(column + radius).min(columns - 1);
        rows.flat_map(move |r| across.clone().map(move |c| (r, c)))
            .map(move |(r, c)| (r * columns + c, r.abs_diff(row).max(c.abs_diff(column))))
            .take_while(move |&(i, _)| i < codewords)
    }

    /// [`moved`] of every component, with its noise.
    fn update(&mut self, index: usize, sample: &[u8], mantissa: i32, exponent: u32) {
        for (k, &x) in sample.iter().enumerate() {
            if k % self.lanes == 0 && k > 0 {
                self.config.noise = xorshift64(self.config.noise);
            }
            let noise = (self.config.noise >> (8 * (k % self.lanes % 8))) as u8;
            let at = index * self.dimension + k;
            let dither = match self.config.rounding {
                Rounding::Truncate => 0,
                Rounding::Nearest => HALF,
                Rounding::Stochastic => noise.into(),
                Rounding::ErrorFeedback => self.residues[at].into(),
            };
            let (w, dropped) = moved(self.codebook[at], self.level(x), mantissa, exponent, dither);
            self.codebook[at] = w;
            self.residues[at] = match self.config.rounding {
                Rounding::ErrorFeedback => dropped,
                _ => 0,
            };
        }
        self.config.noise = xorshift64(self.config.noise);
    }

    fn advance_schedules(&mut self, distance: u32) {
        let c = &mut self.config;
        c.vectors = c.vectors.wrapping_add(1);
        c.distortion = (c.distortion + u64::from(distance)) & ((1 << 48) - 1);
        if tick(&mut c.rate_timer, c.rate_period) && c.rate_shift < c.rate_final {
            c.rate_shift += 1;
        }
        if tick(&mut c.radius_timer, c.radius_period) {
            c.radius = c.radius.saturating_sub(1);
        }
    }
}

/// `w += R / 512 * 2^-e * (x - w)`, rounded to UQ8.7 and clamped to `0..=FULL_SCALE`; and what the
/// rounding dropped.
fn moved(w: u16, level: u8, mantissa: i32, exponent: u32, dither: i32) -> (u16, u8) {
    let w = i32::from(w);
    let difference = (i32::from(level) << GUARD_BITS) - w;
    // 8 fractional bits are kept, anything below them is truncated.
    let step = (difference * mantissa) >> (9 + exponent - STEP_BITS);
    let total = step + dither;
    let moved = w + (total >> STEP_BITS);
    (moved.clamp(0, i32::from(FULL_SCALE)) as u16, (total & 0xff) as u8)
}

/// A codeword component as a sample: to nearest, halves up.
pub fn round_to_sample(w: u16) -> u8 {
    ((u32::from(w) + (1 << (GUARD_BITS - 1))) >> GUARD_BITS).min(255) as u8
}

/// Counts to the period and starts again; true when it does. A period of 0 stands still.
fn tick(timer: &mut u32, period: u32) -> bool {
    if period == 0 {
        return false;
    }
    *timer = (*timer + 1) & 0xff_ffff;
    if *timer >= period {
        *timer = 0;
        return true;
    }
    false
}

fn round_quotient(n: i32, d: i32) -> i32 {
    (n + d / 2) / d
}
