//! The fusion node: random tables and samples, and its clocks.

use super::{set_others, Tested};
use crate::cosim::Case;
use fixlearn_hdl::design::Design;
use fixlearn_map::fusion::{
    bucket, FusionBuilt, BITS, ERROR_HIGH, ERROR_LOW, NODES, REGISTERS, WAYS,
};
use fixlearn_sim::cosim::Cycles;
pub use fixlearn_sim::golden::cores::fusion::Fusion;
use fixlearn_sim::golden::cores::fusion::{Config, Position, Sample, MOST_COUNT, MOST_HITS, PAIRS};
use proptest::collection::vec;
use proptest::prelude::*;

impl Tested for Fusion {
    const SIZE: &'static str = "1024";
    const MUTATION_CASES: u32 = 300;
    const NETLISTS: [(&'static str, u32); 2] = [(Self::SIZE, 12); 2];

    fn cases(built: &FusionBuilt) -> BoxedStrategy<Case<Self>> {
        cases(*built).boxed()
    }

    fn clocks(before: &Self, _: &dyn Design, _: u32, learn: bool) -> Cycles {
        let result = 4 * combinations(before) + if learn { 27 } else { 7 };
        Cycles { result, update: 0 }
    }

    fn clear_clocks(built: &FusionBuilt) -> u64 {
        fixlearn_hdl::cores::fusion::clear_clocks(*built)
    }

    /// What it answers, too, before it learns.
    fn learned(before: &Self, vector: &[u8]) -> Option<u32> {
        Some(before.estimate(Sample::from_bytes(vector).key).word())
    }
}

/// Combinations that are looked up for a sample.
pub fn combinations(state: &Fusion) -> u64 {
    1 + u64::from(state.config.nodes) * ((1 << state.config.bits) - 1)
}

/// Often one of a few positions, so that some are equally far.
fn position() -> impl Strategy<Value = Position> {
    let part = || {
        let few = prop_oneof![Just(0), Just(u16::MAX), Just(1 << 15), 1000_u16..1004];
        prop_oneof![2 => any::<u16>(), 1 => few]
    };
    (part(), part()).prop_map(|(x, y)| Position { x, y })
}

/// What others leave of a bucket: combinations that were learned once, often, and few free places.
fn others() -> impl Strategy<Value = Vec<u32>> {
    let count = prop_oneof![3 => Just(1_u32), 6 => 2..=MOST_COUNT, 1 => Just(0)];
    prop_oneof![1 => Just(Vec::new()), 1 => vec(count, WAYS)]
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![0..4_u32, 1..=MOST_COUNT, Just(MOST_COUNT), Just(MOST_COUNT - 1)]
}

/// Which combination, seen from the first: node, change of its codeword, and of another's.
type Near = (u32, u32, u32);

fn near() -> impl Strategy<Value = Near> {
    let change = || prop_oneof![2 => Just(0), 3 => 0..16_u32];
    (0..8_u32, change(), prop_oneof![4 => Just(0), 1 => 0..16_u32])
}

fn key(first: u32, config: &Config, (node, change, other): Near) -> u32 {
    let at = |node: u32, change: u32| {
        (change & ((1 << config.bits) - 1)).checked_shl(node % config.nodes * config.bits)
    };
    first ^ at(node, change).unwrap_or(0) ^ at(node + 1, other).unwrap_or(0)
}

/// States and samples: combinations that differ little, in any place of their buckets, and others
/// in places beside them.
fn cases(built: FusionBuilt) -> impl Strategy<Value = Case<Fusion>> {
    let flags = (prop::bool::weighted(0.2), prop::bool::weighted(0.3));
    let entry = (near(), 0..WAYS, count(), position(), flags);
    let entries = (vec(entry, 0..40), position());
    let hits = vec(prop_oneof![any::<u16>(), Just(MOST_HITS), Just(0), 0..5_u16], 64);
    let sample = (near(), position(), prop::bool::weighted(0.7), others());
    let samples = vec(sample, 1..6);
    let others = vec(any::<u32>(), REGISTERS.len());
    (config(), any::<u32>(), others, entries, hits, samples, vec(0_u8..3, 1..5)).prop_map(
        move |(config, first, others, entries, hits, samples, gaps)| {
            let mut start = Fusion::new(config.clone(), built);
            set_others(&mut start, &[NODES, BITS, ERROR_LOW, ERROR_HIGH], others);
            let bits = (built.places() / WAYS).ilog2();
            for (near, _, _, others) in &samples {
                let (bucket, tag) = bucket(key(first, &config, *near), bits);
                for (way, count) in others.iter().enumerate() {
                    let tag = tag ^ (way as u32 + 2);
                    start.combinations[bucket as usize * WAYS + way] = tag << 8 | count;
                }
            }
            let (entries, common) = entries;
            for (near, way, count, at, (another, there)) in entries {
                let (bucket, tag) = bucket(key(first, &config, near), bits);
                let tag = if another { tag ^ 1 } else { tag };
                let place = bucket as usize * WAYS + way;
                start.combinations[place] = tag << 8 | count;
                start.positions[place] = if there { common } else { at }.word();
            }
            let pairs = 1 << (2 * config.bits);
            for node in start.hits.chunks_mut(PAIRS).take(config.nodes as usize) {
                let words = hits.iter().cycle().map(|&hits| hits & MOST_HITS);
                node.iter_mut().take(pairs).zip(words).for_each(|(to, hits)| *to = hits);
            }
            let vector = |(near, at, learn, _): (Near, Position, bool, Vec<u32>)| {
                (Sample { key: key(first, &config, near), at }.bytes().to_vec(), learn)
            };
            let vectors = samples.into_iter().map(vector).collect();
            Case { start, vectors, iterations: 0, gaps }
        },
    )
}

fn config() -> impl Strategy<Value = Config> {
    // Where the low word passes on, and where it does not.
    let error = prop_oneof![any::<u64>(), Just(0), Just(u64::MAX), Just(u32::MAX.into())];
    (1..9_u32, 1..5_u32, error).prop_map(|(nodes, bits, error)| Config {
        nodes,
        bits,
        error,
        ..Config::power_up()
    })
}
