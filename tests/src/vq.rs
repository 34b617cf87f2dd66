//! Random configurations and data for the vector quantizer, and the comparison with the golden
//! model.

use crate::bus;
use crate::runner::{failure, repeatable};
use fixlearn::device::Device;
use fixlearn::port;
use fixlearn_hdl::design::{VqDesign, VqSize};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_sim::cosim::vq::{Core, Cycles};
use fixlearn_sim::cosim::{build, Flags, Model};
use fixlearn_sim::golden::vq::{Config, Metric, Rounding, Vq, FULL_SCALE};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;

/// The design of a size with residues, at the clock and baud of the simulated board.
pub fn design(codewords: u16, dimension: u16, lanes: u8) -> VqDesign {
    let size = VqSize { codewords, dimension, lanes };
    VqDesign {
        size,
        residues: true,
        fabric: Fabric::default(),
        clock_hz: 12_000_000,
        baud: 3_000_000,
    }
}

/// A simulated board of this design with these faults on its line, open.
pub fn open_vq(design: &VqDesign, faults: &str) -> Device {
    let faults = faults.parse().expect("faults");
    let port = port::open("sim", design.baud, design, &faults).expect("a board");
    Device::open(port).expect("it answers")
}

/// A core of this design in simulation, its Verilog changed by `mutate`.
pub fn core(design: &VqDesign, mutate: impl Fn(&str) -> String) -> Core {
    let verilog = design.core_verilog().expect("the size is on offer");
    let model = build(&mutate(&verilog), Flags::default()).expect("the core verilates");
    Core::new(model, design.size.lanes.into())
}

/// Runs the runner's cases on the core; the message of the first that differs from the golden
/// model.
pub fn differs(design: &VqDesign, core: &mut Core, runner: TestRunner) -> Option<String> {
    let core = RefCell::new(core);
    failure(runner, &cases(design.size), |case| {
        compare(design, &mut core.borrow_mut(), case).map(|_| ())
    })
}

/// As many cases as [`check`] takes to notice the mutants that can be noticed.
pub const MUTATION_CASES: u32 = 300;

/// All that co-simulation asks of the core, on `count` cases that are the same in each run; the
/// first answer that is wrong.
pub fn check(design: &VqDesign, model: Model, count: u32) -> Option<String> {
    let mut core = Core::new(model, design.size.lanes.into());
    let map = bus::vq(design.size);
    bus::power_up(&map, &mut core.bus)
        .or_else(|| differs(design, &mut core, repeatable(count)))
        .or_else(|| bus::differs(&map, &mut core.bus, repeatable(count)))
}

/// A state, the vectors to run through it, and the pauses of the other side.
#[derive(Clone, Debug)]
pub struct Case {
    pub start: Vq,
    /// Samples, and whether to learn them.
    pub vectors: Vec<(Vec<u8>, bool)>,
    pub gaps: Vec<u8>,
}

/// Cases for a core of this size.
pub fn cases(size: VqSize) -> impl Strategy<Value = Case> {
    (1..=usize::from(size.codewords), 1..=usize::from(size.dimension)).prop_flat_map(
        move |(codewords, dimension)| {
            // A few levels only, half of the time: ties then happen.
            let sample = prop_oneof![any::<u8>(), prop_oneof![Just(0_u8), Just(1), Just(255)]];
            let weight = prop_oneof![
                0..=FULL_SCALE,
                prop_oneof![Just(0_u16), Just(64), Just(63), Just(FULL_SCALE)]
            ];
            let count = prop_oneof![1_u16..8, 1_u16..512, 1_u16..=u16::MAX, Just(u16::MAX - 1)];
            let counts = prop_oneof![
                4 => vec(count.clone(), codewords),
                1 => count.prop_map(move |count| std::iter::repeat_n(count, codewords).collect()),
            ];
            (
                config(codewords, dimension),
                vec(weight, codewords * dimension),
                vec(any::<u8>(), codewords * dimension),
                counts,
                vec((vec(sample, dimension), prop::bool::weighted(0.8)), 1..12),
                vec(0_u8..3, 1..7),
            )
                .prop_map(
                    move |(mut config, codebook, residues, counts, vectors, gaps)| {
                        // The cap near a count, half of the time.
                        if config.noise % 2 == 0 {
                            let count = counts[config.vectors as usize % codewords];
                            let off = (config.noise >> 1) % 4;
                            config.count_cap = count.saturating_add(off as u16).max(2);
                        }
                        let lanes = size.lanes.into();
                        let start = Vq { config, lanes, codebook, residues, counts };
                        Case { start, vectors, gaps }
                    },
                )
        },
    )
}

/// The period of a schedule and its timer: short ones, and any with the timer near the end.
pub fn period() -> impl Strategy<Value = (u32, u32)> {
    let near = |period: u32, off: u32| (period, (period + 1).saturating_sub(off));
    let long = (prop_oneof![1_u32..1 << 24, 1_u32..1 << 9], 0_u32..5);
    prop_oneof![(0_u32..4, 0_u32..4), long.prop_map(move |(period, off)| near(period, off))]
}

fn config(codewords: usize, dimension: usize) -> impl Strategy<Value = Config> {
    let metric = prop_oneof![Just(Metric::L1), Just(Metric::SquaredL2)];
    let rounding = prop_oneof![
        Just(Rounding::Truncate),
        Just(Rounding::Nearest),
        Just(Rounding::Stochastic),
        Just(Rounding::ErrorFeedback),
    ];
    let rules = (metric, rounding, any::<[bool; 4]>());
    let rates = (0_u32..16, 0_u32..16, period());
    let rings = (prop_oneof![0_usize..5, 0_usize..256], period(), 0_u32..9, 0_u32..4);
    // The low word's carry, too.
    let distortion =
        prop_oneof![0_u64..1 << 48, (1_u64..1 << 16, 0_u64..2000).prop_map(|(h, l)| (h << 32) - l)];
    let rest = (prop_oneof![2_u16..10, 2..=u16::MAX], 1..=u64::MAX, any::<u32>(), distortion);
    (rules, rates, rings, rest).prop_map(move |(rules, rates, rings, rest)| {
        let (metric, rounding, [frequency_sensitive, count_based, signed, halve]) = rules;
        let (rate_shift, rate_final, (rate_period, rate_timer)) = rates;
        let (radius, (radius_period, radius_timer), columns_log2, falloff) = rings;
        let (count_cap, noise, vectors, distortion) = rest;
        Config {
            codewords,
            dimension,
            metric,
            rounding,
            frequency_sensitive,
            count_based,
            signed,
            rate_shift,
            rate_final,
            rate_period,
            rate_timer,
            radius,
            radius_period,
            radius_timer,
            columns_log2,
            falloff,
            count_cap,
            halve,
            noise,
            vectors,
            distortion,
        }
    })
}

/// The clocks that a vector takes by the formulas of `hdl::vq`, without pauses.
pub fn clocks(design: &VqDesign, config: &Config, winner: usize, learn: bool) -> Cycles {
    let lanes = usize::from(design.size.lanes);
    let beats = config.dimension.div_ceil(lanes) as u64;
    let turns = (lanes / design.fabric.update_units(lanes)) as u64;
    let last = config.codewords - 1;
    let columns = 1 << config.columns_log2;
    // The box of the neighbourhood, cut at the edges of the grid.
    let side = |centre: usize, limit: usize| {
        let low = centre.saturating_sub(config.radius);
        ((centre + config.radius).min(limit) - low + 1) as u64
    };
    let rows = side(winner / columns, last / columns);
    let boxed = rows * side(winner % columns, last.min(columns - 1));
    let update = boxed * beats * turns + 9;
    let result = beats + config.codewords as u64 * beats + 13;
    Cycles { result, update: if learn { update } else { 0 } }
}

/// Runs the case on both; the first difference, in results, clocks or state, and otherwise the
/// clocks of each vector, with whether it was learned.
pub fn compare(
    design: &VqDesign,
    core: &mut Core,
    case: &Case,
) -> Result<Vec<(bool, Cycles)>, String> {
    let mut golden = case.start.clone();
    if !core.load(&golden) {
        return Err("the core refused the state".into());
    }
    let beats = golden.config.dimension.div_ceil(golden.lanes);
    let paused: u64 = case.gaps.iter().cycle().take(beats).map(|&gap| u64::from(gap)).sum();
    let mut cycles = Vec::new();
    for (i, (sample, learn)) in case.vectors.iter().enumerate() {
        let before = golden.config.clone();
        let (found, took) = core.run(sample, *learn, &case.gaps);
        let expected = if *learn { golden.learn(sample) } else { golden.recall(sample) };
        if found != expected {
            return Err(format!("vector {i}: {found:?}, golden {expected:?}"));
        }
        let mut clocks = clocks(design, &before, found.index, *learn);
        clocks.result += paused;
        if took != clocks {
            return Err(format!("vector {i}: {took:?}, by the formulas {clocks:?}"));
        }
        if let Some(difference) = core.difference(&golden) {
            return Err(format!("vector {i}: {difference}"));
        }
        cycles.push((*learn, took));
    }
    Ok(cycles)
}
