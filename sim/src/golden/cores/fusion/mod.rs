//! The fusion node, bit for bit: where a source is, from codewords of which each stands for several
//! disjoint intervals of a node's measurement (Kim, 2017; the rule is our reading).
//!
//! A combination is what the nodes send together, a codeword each. It stands for all combinations
//! of their intervals; which of those occur, and where the source then is, is learned by counting:
//! each combination that has occurred has a place with its count and the mean of the positions. So
//! intervals that never occur together take no part in a mean.
//!
//! A combination that has never occurred came of noise at some node. Its candidates are the
//! combinations that differ from it at one node and have occurred. Each candidate `c`, in which
//! node `i` has the codeword `k'` where `k` has come, has a score, and the first of the largest
//! is the most feasible:
//!
//! ```text
//! score = 2^weight log(1 + hits_i(k', k)) + log(count of c)
//! ```
//!
//! The hits are learned, too. For every sample the candidate whose mean is nearest to the source is
//! known, the sample's own combination aside, and its `hits_i(k', k)` grow by one. Distances
//! are along `x` plus along `y`, so that nothing is multiplied.
//!
//! # Formats
//! | value | format | narrowing |
//! |---|---|---|
//! | position | UQ0.16 of the field's sides | |
//! | mean | UQ0.16 | the step, `(p - m) / (count + 1)`, is rounded to nearest |
//! | count | 8 bits | stays at 255: from then on the last 256 samples weigh most |
//! | hits | 15 bits | stay at 32767 |
//! | logarithm | UQ4.4, to base 2 | the bits below the leading one as its fraction, cut to 4 |
//! | score | UQ7.4 | exact |
//! | error | UQ48.16 | sum of the distances, modulo `2^64` |
//! | answer | UQ0.12 | the mean, cut |
//!
//! To nearest means halves away from zero. Guard bits: a step of a mean is at least `1/256` of the
//! distance to it, so that only distances below `2^-9` of the field are too small to move it.
//!
//! Combinations stand in buckets of four places each. One whose bucket is full takes the first
//! place there that was learned only once; if there is none, it is not learned. Either way one is
//! lost, and counted as dropped.

pub mod reference;
mod registers;
mod words;

pub use registers::Config;

use fixlearn_map::fusion::{bucket, FusionBuilt, MOST_NODES, WAYS};
use serde::{Deserialize, Serialize};

/// Fractional bits of a position.
pub const POSITION_FRACTION: u32 = 16;
/// Fractional bits of an answer.
pub const ANSWER_FRACTION: u32 = 12;
/// The largest count of a combination.
pub const MOST_COUNT: u32 = 255;
/// The largest number of hits.
pub const MOST_HITS: u16 = 0x7fff;
/// Words of hits of a node.
pub const PAIRS: usize = 256;

/// A place in the field, UQ0.16 of its sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub x: u16,
    pub y: u16,
}

/// What the nodes send, and where the source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The codewords, that of node 0 in the lowest bits.
    pub key: u32,
    pub at: Position,
}

/// Where the source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// UQ0.12.
    pub x: u16,
    /// UQ0.12.
    pub y: u16,
    /// 0: nothing is known; to 127: the score of another combination, in octaves, plus 1; from
    /// 128 on: the combination has occurred, and the logarithm of its count, UQ3.4.
    pub feasible: u8,
}

/// The fusion node: registers and memories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fusion {
    pub config: Config,
    /// Tag and count of each place.
    pub combinations: Vec<u32>,
    /// The mean of each place, `x` in the upper half.
    pub positions: Vec<u32>,
    /// Of each node, by `k'` and `k`.
    pub hits: Vec<u16>,
}

/// What a search finds.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    /// The place of the combination itself.
    own: Option<usize>,
    /// The first free place of its bucket.
    free: Option<usize>,
    /// The first place of its bucket that was learned only once.
    once: Option<usize>,
    /// The most feasible candidate: score and place.
    best: Option<(u32, usize)>,
    /// The candidate nearest to the source: distance and where its hits are.
    nearest: Option<(u32, usize)>,
}

impl Fusion {
    /// A node that has learned nothing.
    pub fn new(config: Config, built: FusionBuilt) -> Self {
        let zeros = || vec![0; built.places()];
        let hits = vec![0; usize::from(MOST_NODES) * PAIRS];
        Self { config, combinations: zeros(), positions: zeros(), hits }
    }

    fn bucket_bits(&self) -> u32 {
        (self.combinations.len() / WAYS).trailing_zeros()
    }

    /// The places of a combination's bucket, and its tag.
    fn places(&self, key: u32) -> (impl Iterator<Item = usize>, u32) {
        let (bucket, tag) = bucket(key, self.bucket_bits());
        let first = bucket as usize * WAYS;
        (first..first + WAYS, tag)
    }

    fn count(&self, place: usize) -> u32 {
        self.combinations[place] & MOST_COUNT
    }

    fn holds(&self, place: usize, tag: u32) -> bool {
        self.count(place) > 0 && self.combinations[place] >> 8 == tag
    }

    fn mean(&self, place: usize) -> Position {
        Position::from_word(self.positions[place])
    }

    /// The combinations that differ at one node, each with where its hits are.
    fn candidates(&self, key: u32) -> impl Iterator<Item = (u32, usize)> {
        let Config { nodes, bits, .. } = self.config;
        (0..nodes).flat_map(move |node| {
            let from = key.checked_shr(node * bits).unwrap_or(0) & ((1 << bits) - 1);
            (1..1 << bits).map(move |change: u32| {
                let pair = (from ^ change) << bits | from;
                (key ^ change << (node * bits), node as usize * PAIRS + pair as usize)
            })
        })
    }

    fn search(&self, Sample { key, at }: Sample) -> Found {
        let mut found = Found::default();
        let (mut places, tag) = self.places(key);
        for place in &mut places {
            if self.holds(place, tag) {
                found.own = found.own.or(Some(place));
            } else if self.count(place) == 0 {
                found.free = found.free.or(Some(place));
            } else if self.count(place) == 1 {
                found.once = found.once.or(Some(place));
            }
        }
        for (key, pair) in self.candidates(key) {
            let (places, tag) = self.places(key);
            for place in places.filter(|&place| self.holds(place, tag)) {
                let score = score(self.hits[pair], self.count(place), self.config.weight);
                if found.best.is_none_or(|(most, _)| score > most) {
                    found.best = Some((score, place));
                }
                let far = distance(self.mean(place), at);
                if found.nearest.is_none_or(|(least, _)| far < least) {
                    found.nearest = Some((far, pair));
                }
            }
        }
        found
    }

    /// Mean and feasibility of what was found.
    fn answer(&self, found: Found) -> (Position, u8) {
        match (found.own, found.best) {
            (Some(place), _) => (self.mean(place), 128 + logarithm(self.count(place)) as u8),
            (None, Some((score, place))) => (self.mean(place), octaves(score)),
            (None, None) => (Position::from_word(self.config.centre), 0),
        }
    }

    /// Where the source of these codewords is; nothing changes.
    pub fn estimate(&self, key: u32) -> Answer {
        let (mean, feasible) =
            self.answer(self.search(Sample { key, at: Position { x: 0, y: 0 } }));
        Answer { x: mean.x >> 4, y: mean.y >> 4, feasible }
    }

    /// Learns a sample.
    pub fn adapt(&mut self, sample: Sample) {
        let found = self.search(sample);
        let (mean, _) = self.answer(found);
        self.config.learned(distance(mean, sample.at));
        if let Some((_, pair)) = found.nearest {
            self.hits[pair] = (self.hits[pair] + 1).min(MOST_HITS);
        }
        if found.own.is_none() {
            self.config.unseen(found.free.is_some());
        }
        let Some(place) = found.own.or(found.free).or(found.once) else {
            return;
        };
        let count = if found.own.is_some() { self.count(place) } else { 0 };
        let mean = match count {
            0 => sample.at,
            _ => {
                let old = self.mean(place);
                let moved = |old, to| moved(old, to, count + 1);
                Position { x: moved(old.x, sample.at.x), y: moved(old.y, sample.at.y) }
            }
        };
        let (_, tag) = self.places(sample.key);
        self.combinations[place] = tag << 8 | (count + 1).min(MOST_COUNT);
        self.positions[place] = mean.word();
    }
}

/// Logarithm to base 2 of a number from 1 to 65535, UQ4.4: the fraction is the four bits below the
/// leading one.
pub fn logarithm(value: u32) -> u32 {
    let whole = value.max(1).ilog2();
    whole << 4 | ((value.max(1) << 4) >> whole & 15)
}

/// The score of a candidate, UQ7.4.
pub fn score(hits: u16, count: u32, weight: u32) -> u32 {
    (logarithm(u32::from(hits) + 1) << weight) + logarithm(count)
}

/// A score in whole octaves plus 1, at most 127.
pub fn octaves(score: u32) -> u8 {
    ((score >> 4) + 1).min(127) as u8
}

/// Along `x` plus along `y`, UQ1.16.
pub fn distance(a: Position, b: Position) -> u32 {
    u32::from(a.x.abs_diff(b.x)) + u32::from(a.y.abs_diff(b.y))
}

/// A mean on its way to a position, the `n`th: by an `n`th of the distance, to nearest.
pub fn moved(mean: u16, to: u16, n: u32) -> u16 {
    let step = ((u32::from(mean.abs_diff(to)) + n / 2) / n) as u16;
    if to < mean {
        mean - step
    } else {
        mean + step
    }
}
