//! The quantizer beside its specification [`Vq`]: the same bits, sooner.
//!
//! Distances to [`LANES`] codewords at a time, in `f32`: products and sums of whole numbers below
//! 2^24, which it holds exactly, so that the order of additions and fused products make no
//! difference. A distance and its index are one word, the key, whose least is the winner.

use super::super::super::arith::xorshift64;
use super::{moved, round_to_sample, Match, Metric, Rounding, Vq, HALF};
use rayon::prelude::*;

/// Codewords that are looked at together.
const LANES: usize = 32;
/// A sum that begins here has its whole number in the bits of its fraction.
const ONES: f32 = (1_u32 << 23) as f32;
/// Dimensions whose products, added up, stay below 2^23.
const STRETCH: usize = 128;
/// Vectors that one thread takes at once.
const PIECE: usize = 512;

/// A quantizer with its codewords rounded and turned for the search.
pub struct Fast {
    vq: Vq,
    /// Of each group of codewords: their first components, their second ones, and so on.
    levels: Vec<[f32; LANES]>,
    /// What of a key does not depend on the sample: the codeword's squared length, and its index.
    constants: Vec<[u32; LANES]>,
}

impl Fast {
    /// Of this state.
    pub fn new(vq: Vq) -> Self {
        let groups = vq.config.codewords.div_ceil(LANES);
        let levels = vec![[0.0; LANES]; groups * vq.config.dimension];
        let mut fast = Self { vq, levels, constants: vec![[0; LANES]; groups] };
        for index in 0..fast.vq.config.codewords {
            fast.renew(index);
        }
        // What the last group lacks is the first codeword once more, which wins by its own index.
        for lane in fast.vq.config.codewords..groups * LANES {
            fast.place(lane, 0);
        }
        fast
    }

    /// The state that was come to.
    pub fn into_vq(self) -> Vq {
        self.vq
    }

    /// A codeword has moved.
    fn renew(&mut self, index: usize) {
        self.place(index, index);
        if index == 0 {
            let all = self.constants.len() * LANES;
            (self.vq.config.codewords..all).for_each(|lane| self.place(lane, 0));
        }
    }

    /// Puts a codeword at this place of the search.
    fn place(&mut self, at: usize, index: usize) {
        let (group, lane) = (at / LANES, at % LANES);
        let codeword = self.vq.codeword(index);
        let mut squares = 0;
        let rows = &mut self.levels[group * codeword.len()..];
        for (row, &w) in rows.iter_mut().zip(codeword) {
            let level = round_to_sample(w);
            row[lane] = level.into();
            squares += u32::from(level).pow(2);
        }
        let squares = if self.vq.config.metric == Metric::L1 { 0 } else { squares };
        self.constants[group][lane] = squares << 8 | index as u32;
    }

    /// As [`Vq::nearest`] of each vector, on all cores.
    pub fn nearest(&self, vectors: &[u8]) -> Vec<Match> {
        let size = self.vq.config.dimension;
        let pieces = vectors.par_chunks(PIECE * size);
        pieces.flat_map_iter(|vectors| self.search(vectors, None)).collect()
    }

    /// As [`Vq::adapt`].
    pub fn adapt(&mut self, sample: &[u8]) -> Match {
        self.vq.halve();
        let counts = self.vq.config.frequency_sensitive.then_some(&self.vq.counts[..]);
        let Some(&found) = self.search(sample, counts).first() else {
            return Match { index: 0, distance: 0 };
        };
        let (mantissa, exponent) = self.vq.win(found.index);
        for (index, ring) in self.vq.neighbourhood(found.index) {
            self.update(index, sample, mantissa, (exponent + self.vq.attenuation(ring)).min(15));
            self.renew(index);
        }
        self.vq.advance_schedules(found.distance);
        found
    }

    /// As the model's, but component by component only where each has its own noise.
    fn update(&mut self, index: usize, sample: &[u8], mantissa: i32, exponent: u32) {
        let dither = match self.vq.config.rounding {
            Rounding::Truncate => 0,
            Rounding::Nearest => HALF,
            Rounding::Stochastic | Rounding::ErrorFeedback => {
                return self.vq.update(index, sample, mantissa, exponent);
            }
        };
        let flip = self.vq.level(0);
        let row = index * self.vq.dimension..index * self.vq.dimension + sample.len();
        for (w, &x) in self.vq.codebook[row.clone()].iter_mut().zip(sample) {
            *w = moved(*w, x ^ flip, mantissa, exponent, dither).0;
        }
        self.vq.residues[row].fill(0);
        for _ in 0..sample.len().div_ceil(self.vq.lanes) {
            self.vq.config.noise = xorshift64(self.vq.config.noise);
        }
    }

    /// The winner for each vector, by distance, or by distance times win count.
    fn search(&self, vectors: &[u8], counts: Option<&[u16]>) -> Vec<Match> {
        let arch = pulp::Arch::new();
        match self.vq.config.metric {
            Metric::L1 => arch.dispatch(Search::<false> { fast: self, vectors, counts }),
            Metric::SquaredL2 => arch.dispatch(Search::<true> { fast: self, vectors, counts }),
        }
    }
}

/// A search, compiled for each set of instructions that there may be: all of it is to be inlined.
struct Search<'a, const SQUARED: bool> {
    fast: &'a Fast,
    vectors: &'a [u8],
    counts: Option<&'a [u16]>,
}

impl<const SQUARED: bool> pulp::NullaryFnOnce for Search<'_, SQUARED> {
    type Output = Vec<Match>;

    #[inline(always)]
    fn call(self) -> Vec<Match> {
        let Self { fast: Fast { vq, levels, constants }, vectors, counts } = self;
        let (codewords, dimension) = (vq.config.codewords, vq.config.dimension);
        let mut found = Vec::with_capacity(vectors.len() / dimension);
        let mut keys = vec![[0; LANES]; constants.len()];
        let mut sample = vec![0.0; dimension];
        for vector in vectors.chunks_exact(dimension) {
            let mut squares = 0;
            for (level, &x) in sample.iter_mut().zip(vector) {
                let x = vq.level(x);
                *level = f32::from(x);
                squares += u32::from(x).pow(2);
            }
            let own = if SQUARED { squares << 8 } else { 0 };
            let groups = levels.chunks_exact(dimension).zip(constants);
            for ((group, constants), keys) in groups.zip(&mut keys) {
                for (key, constant) in keys.iter_mut().zip(constants) {
                    *key = constant.wrapping_add(own);
                }
                for (rows, sample) in group.chunks(STRETCH).zip(sample.chunks(STRETCH)) {
                    add::<SQUARED>(rows, sample, keys);
                }
            }
            found.push(match counts {
                None => least(&keys),
                Some(counts) => least_scaled(&keys, &counts[..codewords]),
            });
        }
        found
    }
}

/// Adds what these dimensions make of the distances to the keys.
#[inline(always)]
fn add<const SQUARED: bool>(rows: &[[f32; LANES]], sample: &[f32], keys: &mut [u32; LANES]) {
    let mut sums = [ONES; LANES];
    for (row, &x) in rows.iter().zip(sample) {
        for (sum, &w) in sums.iter_mut().zip(row) {
            *sum += if SQUARED { w * x } else { (w - x).abs() };
        }
    }
    for (key, sum) in keys.iter_mut().zip(sums) {
        // The shifts leave nothing of the exponent, whose last bit is 0. Of the square of a
        // difference, twice the product is subtracted from both squares.
        *key = match SQUARED {
            true => key.wrapping_sub(sum.to_bits() << 9),
            false => key.wrapping_add(sum.to_bits() << 8),
        };
    }
}

/// The least distance, and of equal ones the lowest index.
#[inline(always)]
fn least(keys: &[[u32; LANES]]) -> Match {
    let mut lanes = [u32::MAX; LANES];
    for keys in keys {
        for (lane, &key) in lanes.iter_mut().zip(keys) {
            *lane = (*lane).min(key);
        }
    }
    of_key(lanes.into_iter().fold(u32::MAX, u32::min))
}

/// The same of distances times win counts, saturating at 2^32 - 1.
#[inline(always)]
fn least_scaled(keys: &[[u32; LANES]], counts: &[u16]) -> Match {
    let keys = keys.as_flattened();
    let scores = keys.iter().zip(counts).map(|(&key, &count)| {
        let score = u64::from(key >> 8) * u64::from(count);
        score.min(u32::MAX.into()) << 8 | u64::from(key & 0xff)
    });
    let index = scores.fold(u64::MAX, u64::min) & 0xff;
    of_key(keys[index as usize])
}

fn of_key(key: u32) -> Match {
    Match { index: (key & 0xff) as usize, distance: key >> 8 }
}
