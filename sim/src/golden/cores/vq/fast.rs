//! The quantizer beside its specification [`Vq`]: the same bits, sooner.
//!
//! Distances to [`LANES`] codewords at a time, in integers: two dimensions' products and their sum
//! are one instruction of AVX2. A distance and its index are one word, the key, whose least is the
//! winner.

use super::super::super::arith::xorshift64;
use super::{moved, round_to_sample, Match, Metric, Rounding, Vq, HALF};
use pulp::NullaryFnOnce;
use rayon::prelude::*;

/// Codewords that are looked at together.
const LANES: usize = 16;
/// Bytes of an answer.
const ANSWER: usize = 4;
/// Vectors that one thread takes at once.
const PIECE: usize = 512;

/// Levels of two dimensions.
type Pair = [i16; 2];

/// A quantizer with its codewords rounded and turned for the search.
pub struct Fast {
    vq: Vq,
    /// Of each group of codewords: their first two components, their next two, and so on; 0 beside
    /// the last one of an odd number.
    levels: Vec<[Pair; LANES]>,
    /// What of a key does not depend on the sample: the codeword's squared length, and its index.
    constants: Vec<[u32; LANES]>,
}

impl Fast {
    /// Of this state.
    pub fn new(vq: Vq) -> Self {
        let groups = vq.config.codewords.div_ceil(LANES);
        let levels = vec![[[0; 2]; LANES]; groups * vq.config.dimension.div_ceil(2)];
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
        let rows = &mut self.levels[group * codeword.len().div_ceil(2)..];
        for (row, pair) in rows.iter_mut().zip(codeword.chunks(2)) {
            for (place, &w) in row[lane].iter_mut().zip(pair) {
                let level = round_to_sample(w);
                *place = level.into();
                squares += u32::from(level).pow(2);
            }
        }
        let squares = if self.vq.config.metric == Metric::L1 { 0 } else { squares };
        self.constants[group][lane] = squares << 8 | index as u32;
    }

    /// The answers' bytes of [`Vq::nearest`] of each vector, on all cores.
    pub fn answers(&self, vectors: &[u8]) -> Vec<u8> {
        let size = self.vq.config.dimension;
        let mut answers = vec![0; vectors.len() / size * ANSWER];
        let pieces = vectors.par_chunks(PIECE * size).zip(answers.par_chunks_mut(PIECE * ANSWER));
        pieces.for_each(|(vectors, answers)| {
            for (place, found) in answers.chunks_exact_mut(ANSWER).zip(self.search(vectors, None)) {
                place.copy_from_slice(&found.answer());
            }
        });
        answers
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
        match self.vq.config.metric {
            Metric::L1 => self.search_by::<false>(vectors, counts),
            Metric::SquaredL2 => self.search_by::<true>(vectors, counts),
        }
    }

    fn search_by<const SQUARED: bool>(&self, vectors: &[u8], counts: Option<&[u16]>) -> Vec<Match> {
        #[cfg(target_arch = "x86_64")]
        if let Some(sums) = pulp::x86::V3::try_new() {
            return sums.vectorize(Search::<_, SQUARED> { fast: self, vectors, counts, sums });
        }
        Search::<_, SQUARED> { fast: self, vectors, counts, sums: Plain }.call()
    }
}

/// A search. On AVX2 all of it is to be inlined.
struct Search<'a, S, const SQUARED: bool> {
    fast: &'a Fast,
    vectors: &'a [u8],
    counts: Option<&'a [u16]>,
    sums: S,
}

impl<S: Sums, const SQUARED: bool> NullaryFnOnce for Search<'_, S, SQUARED> {
    type Output = Vec<Match>;

    #[inline(always)]
    fn call(self) -> Vec<Match> {
        let Self { fast: Fast { vq, levels, constants }, vectors, counts, sums } = self;
        let (codewords, dimension) = (vq.config.codewords, vq.config.dimension);
        let mut found = Vec::with_capacity(vectors.len() / dimension);
        // Scores are compared when all are there.
        let mut keys = vec![[0; LANES]; counts.map_or(0, |_| constants.len())];
        let mut sample: Vec<Pair> = vec![[0; 2]; dimension.div_ceil(2)];
        for vector in vectors.chunks_exact(dimension) {
            let mut squares = 0;
            for (pair, levels) in sample.iter_mut().zip(vector.chunks(2)) {
                for (place, &x) in pair.iter_mut().zip(levels) {
                    let x = vq.level(x);
                    *place = x.into();
                    squares += u32::from(x).pow(2);
                }
            }
            let groups = levels.chunks_exact(sample.len()).zip(constants);
            // Plain loops: what stands in a closure is not compiled for AVX2.
            found.push(match counts {
                None => {
                    let mut lanes = [u32::MAX; LANES];
                    for (group, constants) in groups {
                        let keys = sums.keys::<SQUARED>(group, &sample, constants, squares);
                        for (lane, key) in lanes.iter_mut().zip(keys) {
                            *lane = (*lane).min(key);
                        }
                    }
                    of_key(lanes.into_iter().fold(u32::MAX, u32::min))
                }
                Some(counts) => {
                    for ((group, constants), keys) in groups.zip(&mut keys) {
                        *keys = sums.keys::<SQUARED>(group, &sample, constants, squares);
                    }
                    least_scaled(&keys, &counts[..codewords])
                }
            });
        }
        found
    }
}

/// How the keys of a group are computed, from products with the sample or absolute differences.
trait Sums: Copy {
    /// `constants` are the group's, `squares` the sample's squared length.
    fn keys<const SQUARED: bool>(
        self,
        rows: &[[Pair; LANES]],
        sample: &[Pair],
        constants: &[u32; LANES],
        squares: u32,
    ) -> [u32; LANES];
}

/// On any machine.
#[derive(Clone, Copy)]
struct Plain;

impl Sums for Plain {
    fn keys<const SQUARED: bool>(
        self,
        rows: &[[Pair; LANES]],
        sample: &[Pair],
        constants: &[u32; LANES],
        squares: u32,
    ) -> [u32; LANES] {
        let mut sums = [0; LANES];
        for (row, x) in rows.iter().zip(sample) {
            for (sum, w) in sums.iter_mut().zip(row) {
                for (&w, &x) in w.iter().zip(x) {
                    let (w, x) = (i32::from(w), i32::from(x));
                    *sum += if SQUARED { w * x } else { (w - x).abs() };
                }
            }
        }
        // The square of a difference is both squares less twice the product.
        std::array::from_fn(|lane| match SQUARED {
            true => {
                constants[lane].wrapping_add(squares << 8).wrapping_sub((sums[lane] as u32) << 9)
            }
            false => constants[lane].wrapping_add((sums[lane] as u32) << 8),
        })
    }
}

#[cfg(target_arch = "x86_64")]
impl Sums for pulp::x86::V3 {
    #[inline(always)]
    fn keys<const SQUARED: bool>(
        self,
        rows: &[[Pair; LANES]],
        sample: &[Pair],
        constants: &[u32; LANES],
        squares: u32,
    ) -> [u32; LANES] {
        let Self { avx, avx2, .. } = self;
        let ones = avx._mm256_set1_epi16(1);
        let mut sums = [avx._mm256_setzero_si256(); 2];
        for (row, &pair) in rows.iter().zip(sample) {
            let x = avx._mm256_set1_epi32(pulp::cast(pair));
            let halves: [std::arch::x86_64::__m256i; 2] = pulp::cast(*row);
            for (sum, w) in sums.iter_mut().zip(halves) {
                let pairs = match SQUARED {
                    true => avx2._mm256_madd_epi16(w, x),
                    false => {
                        let differences = avx2._mm256_abs_epi16(avx2._mm256_sub_epi16(w, x));
                        avx2._mm256_madd_epi16(differences, ones)
                    }
                };
                *sum = avx2._mm256_add_epi32(*sum, pairs);
            }
        }
        let constants: [std::arch::x86_64::__m256i; 2] = pulp::cast(*constants);
        let squares = avx._mm256_set1_epi32((squares << 8) as i32);
        for (sum, constants) in sums.iter_mut().zip(constants) {
            *sum = match SQUARED {
                true => {
                    let squares = avx2._mm256_add_epi32(constants, squares);
                    avx2._mm256_sub_epi32(squares, avx2._mm256_slli_epi32::<9>(*sum))
                }
                false => avx2._mm256_add_epi32(constants, avx2._mm256_slli_epi32::<8>(*sum)),
            };
        }
        pulp::cast(sums)
    }
}

/// The least of distances times win counts, saturating at 2^32 - 1, and of equal ones the lowest
/// index.
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
