//! The adaptive filter: random states and samples, and its clocks.

use super::{set_others, Tested};
use crate::cosim::Case;
use fixlearn_hdl::design::Design;
use fixlearn_map::lms::{
    LmsBuilt, ENERGY_HIGH, ENERGY_LOW, PLACES, RATE, REGISTERS, SAMPLES, TAPS,
};
use fixlearn_sim::cosim::Cycles;
use fixlearn_sim::golden::core::Place;
pub use fixlearn_sim::golden::cores::lms::Lms;
use fixlearn_sim::golden::cores::lms::{Config, Sample};
use proptest::collection::vec;
use proptest::prelude::*;

impl Tested for Lms {
    const SIZE: &'static str = "256";
    const MUTATION_CASES: u32 = 300;

    fn cases(built: &LmsBuilt) -> BoxedStrategy<Case<Self>> {
        cases(built.taps.into()).boxed()
    }

    fn clocks(before: &Self, _: &dyn Design, _: u32, learn: bool) -> Cycles {
        let taps = before.config.taps as u64;
        Cycles { result: if learn { 2 * taps + 11 } else { taps + 7 }, update: 0 }
    }

    fn clear_clocks(_: &LmsBuilt) -> u64 {
        256
    }

    /// The last answers.
    fn also_read(state: &Self) -> Vec<Place> {
        (1..5).map(|ago| Self::output_at(state.config.samples.wrapping_sub(ago))).collect()
    }

    /// What it answers, too, before its weights move.
    fn learned(before: &Self, vector: &[u8]) -> Option<u32> {
        Some(before.filter(Sample::from_bytes(vector)).word())
    }
}

/// Words that cover the range, with the corners often.
fn weight() -> impl Strategy<Value = i32> {
    prop_oneof![
        any::<i32>(),
        -(1_i32 << 28)..1 << 28,
        -(1_i32 << 17)..1 << 17,
        prop_oneof![Just(i32::MAX), Just(i32::MIN), Just(0x7fff_8000), Just(0x7fff_7fff), Just(0)],
    ]
}

fn word() -> impl Strategy<Value = i16> {
    prop_oneof![any::<i16>(), -99_i16..100, prop_oneof![Just(i16::MIN), Just(i16::MAX), Just(0)]]
}

/// States and samples. Where all weights and the whole line are at an end of their range, the sum
/// is the largest that there is.
fn cases(most: usize) -> impl Strategy<Value = Case<Lms>> {
    let taps = prop_oneof![5 => 1..6_usize, 2 => 1..=most, 1 => Just(most)];
    taps.prop_flat_map(move |taps| {
        let usual = (vec(weight(), taps), vec(word(), PLACES));
        let ends = (any::<bool>(), any::<bool>()).prop_map(move |(weight, line)| {
            let weight = if weight { i32::MAX } else { i32::MIN };
            let line = if line { i16::MAX } else { i16::MIN };
            (vec![weight; taps], vec![line; PLACES])
        });
        let memories = prop_oneof![6 => usual, 1 => ends];
        let sample = (word(), word()).prop_map(|(x, d)| Sample { x, d });
        let samples = vec((sample, prop::bool::weighted(0.8)), 1..8);
        let others = vec(any::<u32>(), REGISTERS.len());
        (config(taps), others, memories, samples, vec(0_u8..3, 1..5)).prop_map(
            move |(config, others, (weights, line), samples, gaps)| {
                let mut start = Lms::new(config);
                set_others(&mut start, &[TAPS, RATE, SAMPLES, ENERGY_LOW, ENERGY_HIGH], others);
                start.weights[..taps].copy_from_slice(&weights);
                start.line = line;
                let vector = |(sample, learn): (Sample, bool)| (sample.bytes().to_vec(), learn);
                let vectors = samples.into_iter().map(vector).collect();
                Case { start, vectors, iterations: 0, gaps }
            },
        )
    })
}

fn config(taps: usize) -> impl Strategy<Value = Config> {
    let rate = prop_oneof![0..32_u32, 0..5_u32];
    let samples = prop_oneof![any::<u32>(), 0..600_u32, u32::MAX - 9..=u32::MAX];
    // Where the low word passes on, and where it does not.
    let energy = prop_oneof![any::<u64>(), Just(0), Just(u64::MAX), Just(u32::MAX.into())];
    (rate, samples, energy).prop_map(move |(rate, samples, energy)| Config {
        taps,
        rate,
        samples,
        energy,
        ..Config::power_up()
    })
}
