//! The Boltzmann machine: random states and vectors, and its clocks.

use super::{set_others, Tested};
use crate::cosim::Case;
use fixlearn_hdl::design::Design;
use fixlearn_map::boltzmann::{
    self as map, BoltzmannBuilt, AGE, BAND, CHANCE, MISSED, MOVES, PATIENCE, PATTERN, PATTERNS,
    REGISTERS, SWEEPS, TEMPERATURES, UNITS, VISIBLE,
};
use fixlearn_sim::cosim::Cycles;
pub use fixlearn_sim::golden::cores::boltzmann::Boltzmann;
use fixlearn_sim::golden::cores::boltzmann::{connections, Config, Given};
use proptest::collection::vec;
use proptest::prelude::*;

impl Tested for Boltzmann {
    const SIZE: &'static str = "8x8";
    const MUTATION_CASES: u32 = 300;
    const NETLISTS: [(&'static str, u32); 2] = [("32x4", 20), ("8x8", 40)];

    fn cases(built: &BoltzmannBuilt) -> BoxedStrategy<Case<Self>> {
        cases(*built).boxed()
    }

    /// `answer` says of a learned vector whether a target was missed.
    fn clocks(before: &Self, _: &dyn Design, answer: u32, learn: bool) -> Cycles {
        let c = &before.config;
        let (visible, lanes) = (c.visible as u64, before.lanes);
        let phases = if learn { 2 } else { 1 };
        let tokens = phases * (c.units * c.units.div_ceil(lanes)) as u64;
        let sweeps = u64::from(c.temperatures) * u64::from(c.sweeps);
        let settled = visible + 5 * (before.units / lanes) as u64 + sweeps * (tokens + 8);
        if !learn {
            let (first, later) = (visible.min(4), visible.saturating_sub(4));
            // Two clocks a byte, and a word's own.
            let update = 2 * later + later.div_ceil(4);
            return Cycles { result: settled + 2 * first + 1, update };
        }
        let connections = connections(c.units) as u64;
        let correlated = 4 * connections + 3;
        let ends = c.pattern + 1 >= c.patterns;
        let fails = ends && c.missed + answer > 0;
        let overdue = c.patience > 0 && (c.age + 1).min(0xffff) >= c.patience;
        let changed = match connections {
            0 => 0,
            _ if !fails => 0,
            _ if overdue || c.rule == 1 => 6 * connections,
            _ => u64::from(c.moves) * (connections + 5),
        };
        Cycles { result: settled + correlated + 1 + changed + 1, update: 0 }
    }

    fn clear_clocks(_: &BoltzmannBuilt) -> u64 {
        512
    }

    fn learned(before: &Self, vector: &[u8]) -> Option<u32> {
        let mut after = before.clone();
        Some(after.adapt(&before.given(vector)).into())
    }
}

/// Bytes that are clamped, at either end often, targets, and not given.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        2 => any::<u8>(),
        4 => prop_oneof![Just(126_u8), Just(130)].prop_map(|b| Given::Input(b as i8).byte()),
        3 => prop_oneof![Just(126_u8), Just(130)].prop_map(|b| Given::Target(b as i8).byte()),
        1 => Just(Given::Free.byte()),
        1 => Just(129),
    ]
}

fn level() -> impl Strategy<Value = i8> {
    prop_oneof![4 => -3_i8..=3, 1 => any::<i8>(), 1 => prop_oneof![Just(i8::MIN), Just(i8::MAX)]]
}

fn residue() -> impl Strategy<Value = i16> {
    prop_oneof![3 => any::<i16>(), 1 => prop_oneof![Just(i16::MIN), Just(i16::MAX), Just(0)]]
}

/// Differences; in some cases all are of almost the same size.
fn differences(used: usize) -> impl Strategy<Value = Vec<i32>> {
    let any_size = prop_oneof![3 => -40_000..40_000, 1 => any::<i32>(), 1 => Just(i32::MIN)];
    let near = (-40_000..40_000_i32).prop_flat_map(move |base| {
        let one = (base - 70..base + 70, any::<bool>());
        vec(one.prop_map(|(d, back)| if back { -d } else { d }), used)
    });
    prop_oneof![2 => vec(any_size, used), 1 => near]
}

/// Sizes that fit, small ones often.
fn size(most: usize) -> impl Strategy<Value = usize> {
    prop_oneof![2 => 1..=8_usize, 1 => 1..=most, 1 => Just(most)]
}

/// States and vectors: short ladders, and epochs that end often.
fn cases(built: BoltzmannBuilt) -> impl Strategy<Value = Case<Boltzmann>> {
    let most = usize::from(built.units);
    (size(most), size(most)).prop_flat_map(move |(units, visible)| {
        let ladder = (1..5_u32, 1..3_u32);
        let one = |most: u32| prop_oneof![3 => 1..4_u32, 1 => Just(most)];
        let epoch = (one(0xffff), prop_oneof![3 => 0..4_u32, 1 => Just(0xffff)], 0..2_u32);
        let patience = (prop_oneof![2 => 0..4_u32, 1 => Just(0xffff)], one(0xffff));
        let rule = (0..2_u32, 1..4_u32, 0..40_000_u32, prop_oneof![Just(31_u32), 0..32_u32]);
        let used = connections(units);
        let memories = (vec(level(), units * units), vec(residue(), used), differences(used));
        let vectors = vec((vec(byte(), visible), prop::bool::weighted(0.8)), 1..6);
        let others = vec(any::<u32>(), REGISTERS.len());
        (ladder, epoch, patience, rule, memories, (vectors, others, vec(0_u8..3, 1..5))).prop_map(
            move |(ladder, epoch, patience, rule, memories, (vectors, others, gaps))| {
                let (sizes, luck) = ((units, visible), others[0] % 4);
                let mut start = start(built, sizes, ladder, epoch, patience, rule);
                let set = [
                    UNITS,
                    VISIBLE,
                    TEMPERATURES,
                    SWEEPS,
                    PATTERNS,
                    PATTERN,
                    MISSED,
                    PATIENCE,
                    AGE,
                    map::RULE,
                    MOVES,
                    BAND,
                    CHANCE,
                ];
                set_others(&mut start, &set, others);
                let (levels, residues, differences) = memories;
                for (row, levels) in levels.chunks(units).enumerate() {
                    start.weights[row * most..][..units].copy_from_slice(levels);
                }
                start.residues[..used].copy_from_slice(&residues);
                start.differences[..used].copy_from_slice(&differences);
                if luck < 2 {
                    start.config.margin = nearly_reached(&start, &vectors[0].0, luck);
                }
                Case { start, vectors, iterations: 0, gaps }
            },
        )
    })
}

/// The margin that the first target of this vector just reaches, or by one more does not.
fn nearly_reached(start: &Boltzmann, vector: &[u8], more: u32) -> u32 {
    let given = start.given(vector);
    let target = given.iter().position(|given| matches!(given, Given::Target(_)));
    let state = target.map_or(0, |unit| start.free(&given)[unit]);
    (u32::from(state.unsigned_abs()) + more).min(127)
}

fn start(
    built: BoltzmannBuilt,
    (units, visible): (usize, usize),
    (temperatures, sweeps): (u32, u32),
    (patterns, pattern, missed): (u32, u32, u32),
    (patience, age): (u32, u32),
    (rule, moves, band, chance): (u32, u32, u32, u32),
) -> Boltzmann {
    let config = Config {
        visible,
        temperatures,
        sweeps,
        patterns,
        pattern,
        missed,
        patience,
        age,
        rule,
        moves,
        band,
        chance,
        ..Config::power_up(units)
    };
    Boltzmann::new(config, built.units.into(), built.lanes.into())
}
