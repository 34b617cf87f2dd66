//! Random configurations and data for the gradient core, and the comparison with the golden model.

use crate::bus;
use crate::runner::{failure, repeatable};
use crate::vq::period;
use fixlearn_hdl::design::{GradientDesign, ALL_OBJECTIVES};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_sim::cosim::gradient::Core;
use fixlearn_sim::cosim::{build, Flags, Model};
use fixlearn_sim::golden::gradient::{
    Config, Gradient, Objective, Rounding, Sample, Saturated, VALUE_MAX,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;

/// Every objective, at the clock and baud of the simulated board.
pub const DESIGN: GradientDesign = GradientDesign {
    objectives: ALL_OBJECTIVES,
    fabric: Fabric::Inferred,
    clock_hz: 12_000_000,
    baud: 3_000_000,
};

/// The core in simulation, its Verilog changed by `mutate`.
pub fn core(mutate: impl Fn(&str) -> String) -> Core {
    let model = build(&mutate(&DESIGN.core_verilog()), Flags::default());
    Core::new(model.expect("the core verilates"))
}

/// A state, the samples to run through it (none: iterations alone), and the other side's pauses.
#[derive(Clone, Debug)]
pub struct Case {
    pub start: Gradient,
    pub samples: Vec<(Sample, bool)>,
    pub iterations: u32,
    pub gaps: Vec<u8>,
}

/// Runs the runner's cases of this objective; the message of the first that differs.
pub fn differs(objective: Objective, core: &mut Core, runner: TestRunner) -> Option<String> {
    let core = RefCell::new(core);
    failure(runner, &cases(objective), |case| compare(&mut core.borrow_mut(), case))
}

/// As many cases as [`check`] takes to notice the mutants that can be noticed.
pub const MUTATION_CASES: u32 = 150;

/// All that co-simulation asks of the core, on `count` cases of each kind that are the same in each
/// run; the first answer that is wrong.
pub fn check(model: Model, count: u32) -> Option<String> {
    let mut core = Core::new(model);
    let map = bus::gradient();
    bus::power_up(&map, &mut core.bus)
        .or_else(|| bus::differs(&map, &mut core.bus, repeatable(count)))
        .or_else(|| {
            let all = &mut Objective::ALL.iter();
            all.find_map(|&objective| differs(objective, &mut core, repeatable(count)))
        })
        .or_else(|| table_differs(&mut core))
}

/// Runs the case on both; the first difference.
pub fn compare(core: &mut Core, case: &Case) -> Result<(), String> {
    let mut golden = case.start.clone();
    if !core.load(&golden) {
        return Err("the core refused the state".into());
    }
    let d = golden.config.dimension;
    if !golden.config.objective.streams() {
        for i in 0..case.iterations {
            let (took, clocks) = (core.step(), clocks(golden.config.objective, d));
            if took != clocks {
                return Err(format!("iteration {i}: {took} clocks, by the formula {clocks}"));
            }
            same(core, &mut golden, None, d).map_err(|why| format!("iteration {i}: {why}"))?;
        }
        // And several in one go.
        core.iterate(3);
        for _ in 0..3 {
            golden.iterate(None);
        }
        return core.difference(&golden).map_or(Ok(()), |why| Err(format!("three more: {why}")));
    }
    let paused: u64 = case.gaps.iter().cycle().take(d + 1).map(|&gap| u64::from(gap)).sum();
    for (i, (sample, learn)) in case.samples.iter().enumerate() {
        let (found, took) = core.run(sample, *learn, &case.gaps);
        let formula = if *learn { clocks(golden.config.objective, d) } else { predict_clocks(d) };
        if took != formula + paused {
            return Err(format!(
                "sample {i}: {took} clocks, {formula} by the formula, {paused} paused"
            ));
        }
        if *learn {
            same(core, &mut golden, Some(sample), d).map_err(|why| format!("sample {i}: {why}"))?;
        } else if found != golden.predict(&sample.features) {
            let expected = golden.predict(&sample.features);
            return Err(format!("sample {i}: prediction {found}, golden {expected}"));
        }
    }
    core.difference(&golden).map_or(Ok(()), Err)
}

fn same(
    core: &mut Core,
    golden: &mut Gradient,
    sample: Option<&Sample>,
    dimension: usize,
) -> Result<(), String> {
    let seen = golden.iterate(sample);
    let found = core.gradient(dimension);
    if found != seen.gradient {
        let at = (0..dimension).find(|&i| found[i] != seen.gradient[i]).unwrap_or(0);
        let (found, expected) = (found[at], seen.gradient[at]);
        return Err(format!("gradient {at}: {found:#x}, golden {expected:#x}"));
    }
    core.difference(golden).map_or(Ok(()), Err)
}

/// The first prediction that differs, over every entry of the sigmoid's table, and on both sides of
/// every step between levels.
pub fn table_differs(core: &mut Core) -> Option<String> {
    let of = |objective, levels, weight: i32| {
        let config = Config { objective, dimension: 1, levels, ..Config::power_up() };
        Gradient::new(config, vec![weight])
    };
    // z is the weight; an entry covers 1/32, or 2^23 in Q4.28.
    let near = |entry: i32| [-1, 0, 1].map(|off| (entry << 23) + off * ((1 << 22) + 1));
    let sigmoid = (-255..255).flat_map(near).map(|weight| (Objective::Logistic, 2, weight));
    let mut all: Vec<(Objective, u32, i32)> = sigmoid.collect();
    for levels in 2..=16 {
        let level = |weight| of(Objective::Perceptron, levels, weight).predict(&ONE);
        for part in -40..40 {
            let (mut below, mut above) = (part << 23, (part + 1) << 23);
            let at_first = level(below);
            if at_first != level(above) {
                while above - below > 1 {
                    let middle = below + (above - below) / 2;
                    *if level(middle) == at_first { &mut below } else { &mut above } = middle;
                }
            }
            all.extend([below, above].map(|weight| (Objective::Perceptron, levels, weight)));
        }
    }
    all.into_iter().find_map(|(objective, levels, weight)| {
        let golden = of(objective, levels, weight);
        if !core.load(&golden) {
            return Some("the core refused the state".to_string());
        }
        let (found, _) = core.run(&Sample { features: ONE.to_vec(), target: 0 }, false, &[0]);
        let expected = golden.predict(&ONE);
        let at = format!("{objective:?}, {levels} levels, weight {weight}");
        (found != expected).then(|| format!("{at}: {found}, golden {expected}"))
    })
}

/// 1 in Q4.12.
const ONE: [i16; 1] = [1 << 12];

/// Words that cover the range, with the corners often.
fn word() -> impl Strategy<Value = i32> {
    prop_oneof![
        any::<i32>(),
        -(3_i32 << 28)..3 << 28,
        -(1_i32 << 16)..1 << 16,
        prop_oneof![Just(0), Just(i32::MIN), Just(i32::MAX), Just(1 << 28), Just(-1)],
    ]
}

fn feature() -> impl Strategy<Value = i16> {
    prop_oneof![any::<i16>(), -4096_i16..=4096, prop_oneof![Just(0_i16), Just(i16::MIN)]]
}

/// Cases of one objective.
pub fn cases(objective: Objective) -> impl Strategy<Value = Case> {
    let least = objective.least_dimension();
    // The sum of 32 products of the largest factors is just within its format: what comes after it
    // saturates alone.
    let usual = prop_oneof![3 => least..6_usize, 1 => least..=64_usize];
    let usual = usual.prop_flat_map(move |d| of(objective, d, word().boxed(), feature().boxed()));
    let largest = (any::<bool>(), any::<bool>()).prop_flat_map(move |(weight, feature)| {
        let weight = if weight { i32::MAX } else { i32::MIN };
        let feature = if feature { i16::MAX } else { i16::MIN };
        of(objective, 32, Just(weight).boxed(), Just(feature).boxed())
    });
    prop_oneof![9 => usual, 1 => largest]
}

/// Cases of so many dimensions, whose weights and features are from these.
fn of(
    objective: Objective,
    d: usize,
    weight: BoxedStrategy<i32>,
    of_features: BoxedStrategy<i16>,
) -> impl Strategy<Value = Case> {
    let memories = (
        vec(weight, d),
        vec(0_u32..1 << 20, d),
        vec(any::<u32>(), d),
        vec(prop_oneof![0..=i32::MAX, Just(1 << 28)], d),
        vec(word(), d),
    );
    let target = prop_oneof![2 => feature(), 1 => Just(i16::MAX), 1 => Just(i16::MIN)];
    let sample = (vec(of_features, d), target);
    let sample = sample.prop_map(|(features, target)| Sample { features, target });
    let samples = vec((sample, prop::bool::weighted(0.8)), 1..8);
    (config(objective, d), memories, samples, 1_u32..8, vec(0_u8..3, 1..7)).prop_map(
        |(config, memories, samples, iterations, gaps)| {
            let (point, gradient_residues, point_residues, curvature, centre) = memories;
            let start =
                Gradient { config, point, gradient_residues, point_residues, curvature, centre };
            Case { start, samples, iterations, gaps }
        },
    )
}

fn config(objective: Objective, dimension: usize) -> impl Strategy<Value = Config> {
    let rounding = prop_oneof![
        Just(Rounding::Truncate),
        Just(Rounding::Nearest),
        Just(Rounding::Stochastic),
        Just(Rounding::ErrorFeedback),
    ];
    let rate = prop_oneof![0_u32..32, 8_u32..12];
    let rules = (rounding, any::<bool>(), any::<bool>(), 2_u32..=16);
    let patience = prop_oneof![(1_u32..6, 0_u32..6), (1_u32..256, 0_u32..256)];
    let rates = (rate, 0_u32..32, 0_u32..32, period(), patience);
    let formats = (0_u32..=20, 0_u32..=28, word(), word());
    let rest = (
        1..=u64::MAX,
        any::<u32>(),
        0..=VALUE_MAX,
        prop::option::of((0..dimension, any::<bool>())),
        any::<[bool; 3]>(),
    );
    (rules, rates, formats, rest).prop_map(move |(rules, rates, formats, rest)| {
        let (rounding, compensation, adaptive, levels) = rules;
        let (rate, rate_least, rate_most, (rate_period, rate_timer), (patience, calm)) = rates;
        let (gradient_bits, point_bits, a, b) = formats;
        let (noise, iterations, value, last, [p, g, v]) = rest;
        // Bounds that leave room, half of the time.
        let (low, high) = if noise % 2 == 0 { (i32::MIN, i32::MAX) } else { (a.min(b), a.max(b)) };
        Config {
            objective,
            dimension,
            rounding,
            compensation,
            adaptive,
            rate,
            rate_least,
            rate_most,
            rate_period,
            rate_timer,
            patience,
            calm,
            gradient_bits,
            point_bits,
            low,
            high,
            levels,
            noise,
            iterations,
            value,
            last,
            saturated: Saturated { point: p, gradient: g, value: v },
        }
    })
}

/// Rosenbrock's valley from (-1.2, 1) with `n` fractional bits of the gradient.
pub fn valley(n: u32, compensation: bool, adaptive: bool) -> Gradient {
    let config = Config {
        rounding: Rounding::Nearest,
        compensation,
        adaptive,
        rate: 10,
        rate_least: 6,
        rate_most: 15,
        gradient_bits: n,
        ..Config::power_up()
    };
    let point = [-1.2, 1.0].map(|x| (x * f64::from(1 << 28)) as i32);
    Gradient::new(config, point.to_vec())
}

/// The clocks of an iteration in `d` dimensions: for a function from its start to the core free
/// again, for a sample from its first word to the result valid.
pub fn clocks(objective: Objective, d: usize) -> u64 {
    let d = d as u64;
    match objective {
        Objective::Rosenbrock => 7 * d + 59,
        Objective::Quadratic => 5 * d + 38,
        _ => 6 * d + 62,
    }
}

/// The clocks of a prediction, from a sample's first word to the result valid.
pub fn predict_clocks(d: usize) -> u64 {
    3 * d as u64 + 17
}

/// The products of an iteration: what one multiplier would take, a clock each.
pub fn products(objective: Objective, d: usize) -> u64 {
    let d = d as u64;
    match objective {
        Objective::Rosenbrock => 4 * (d - 1),
        Objective::Quadratic => 2 * d,
        _ => 2 * d + 1,
    }
}
