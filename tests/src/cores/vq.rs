//! The vector quantizer: random configurations and data, and its clocks.

use super::{built, Tested};
use crate::cosim::{core, differs, Case};
use crate::runner::{failure, random};
use fixlearn::device::Device;
use fixlearn::link::port::{simulated_board, Simulated};
use fixlearn_hdl::design::{banks, Design, VqDesign, VqSize};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_map::vq::{memory, VqBuilt};
use fixlearn_sim::cosim::{Core, Cycles};
use fixlearn_sim::golden::core::{Core as _, Place};
pub use fixlearn_sim::golden::cores::vq::Vq;
use fixlearn_sim::golden::cores::vq::{Config, Metric, Rounding, FULL_SCALE};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;

/// The design of a size with residues, at the clock and baud of the simulated board.
pub fn design(codewords: u16, dimension: u16, lanes: u16) -> VqDesign {
    let size = VqSize { codewords, dimension, lanes };
    VqDesign {
        size,
        residues: true,
        squares: true,
        fabric: Fabric::default(),
        clock_hz: 12_000_000,
        baud: 3_000_000,
    }
}

/// The core of this design must answer and learn as the golden model, in so many random cases.
///
/// # Panics
/// If it does not.
pub fn same(design: &VqDesign, count: u32) {
    let mut core = core::<Vq>(design, str::to_string);
    if let Some(difference) = differs(design, &mut core, random(count)) {
        panic!("the core differs from the golden model: {difference}");
    }
}

/// A simulated board of this design with these faults on its line, open.
pub fn open_vq(design: &dyn Design, faults: &str) -> Device<Vq> {
    let faults = faults.parse().expect("faults");
    let board = simulated_board(design, &faults, None).expect("a board");
    Device::open(Box::new(Simulated::new(board))).expect("it answers")
}

impl Tested for Vq {
    const SIZE: &'static str = "16x4x1+residues";
    const MUTATION_CASES: u32 = 300;
    const NETLISTS: [(&'static str, u32); 2] = [("16x16x4+residues", 40); 2];
    const MUTATION_SIZE: &'static str = "16x16x4+residues";

    fn cases(built: &VqBuilt) -> BoxedStrategy<Case<Self>> {
        cases(*built).boxed()
    }

    /// Search and update; the update walks the neighbourhood's box, cut at the edges of the grid.
    fn clocks(before: &Self, design: &dyn Design, answer: u32, learn: bool) -> Cycles {
        let config = &before.config;
        let built: VqBuilt = design.identity().built().expect("a quantizer");
        let beats = config.dimension.div_ceil(built.lanes.into()) as u64;
        let winner = (answer >> 24) as usize;
        let last = config.codewords - 1;
        let columns = 1 << config.columns_log2;
        // The box of the neighbourhood, cut at the edges of the grid.
        let side = |centre: usize, limit: usize| {
            let low = centre.saturating_sub(config.radius);
            ((centre + config.radius).min(limit) - low + 1) as u64
        };
        let rows = side(winner / columns, last / columns);
        let boxed = rows * side(winner % columns, last.min(columns - 1));
        let (search, update) = match banks(&design.size()) {
            None => {
                // The turns of an update, from what the design states for all codewords.
                let stated = design.learn_clocks(config.dimension) - 19;
                let turns = stated / beats - u64::from(built.codewords) - 1;
                // Busy a clock longer than it is before it takes the next vector.
                (config.codewords as u64 * beats + 12, boxed * beats * turns + 8)
            }
            Some(banks) => {
                let lanes = usize::from(built.search_lanes / banks);
                let one_by_one = learn && (config.frequency_sensitive || config.halve);
                let looks = match one_by_one {
                    true => config.codewords,
                    false => config.codewords.div_ceil(banks.into()),
                };
                let rows = (looks * config.dimension.div_ceil(lanes)) as u64;
                let levels = u64::from((built.search_lanes).ilog2());
                let squares = if built.squares { 2 } else { 0 };
                let scaled = if one_by_one { 4 } else { 0 };
                (rows + 8 + levels + squares + scaled, boxed * beats + 9)
            }
        };
        Cycles { result: beats + search, update: if learn { update } else { 0 } }
    }

    fn is_ahead(built: &VqBuilt) -> bool {
        built.search_lanes > built.lanes.into()
    }

    fn clear_clocks(built: &VqBuilt) -> u64 {
        let words = u64::from(built.codewords) * u64::from(built.dimension);
        (words / u64::from(built.lanes)).max(256)
    }

    fn learned(before: &Self, vector: &[u8]) -> Option<u32> {
        let found = before.clone().adapt(vector);
        Some((found.index as u32) << 24 | found.distance)
    }

    fn more(core: &mut Core<Self>) -> Option<String> {
        unused_counts_differ(core)
    }
}

/// The counts of codewords that are not in use stay when the others are halved.
fn unused_counts_differ(core: &mut Core<Vq>) -> Option<String> {
    let power_up = Config { metric: Metric::L1, ..Config::power_up(2, 1) };
    let mut start = Vq::new(Config { halve: true, count_cap: 9, ..power_up }, 1);
    start.counts = vec![8, 6];
    assert!(core.load(&start), "a state that fits");
    let count = |column| Place { memory: memory::COUNTS, row: 0, column };
    (2..4).for_each(|column| assert!(core.bus.write(count(column), 7)));
    core.run(&[0], true, &[]);
    let found = [0, 1, 2, 3].map(|column| core.bus.read(count(column)));
    (found != [5, 3, 7, 7]).then(|| format!("counts after a halving: {found:?}"))
}

/// Cases for a core of these sizes.
pub fn cases(built: VqBuilt) -> impl Strategy<Value = Case<Vq>> {
    (1..=usize::from(built.codewords), 1..=usize::from(built.dimension)).prop_flat_map(
        move |(codewords, dimension)| {
            // A few levels only, half of the time: ties then happen.
            let sample = prop_oneof![any::<u8>(), prop_oneof![Just(0_u8), Just(1), Just(255)]];
            let weight = prop_oneof![
                0..=FULL_SCALE,
                prop_oneof![Just(0_u16), Just(64), Just(63), Just(FULL_SCALE)]
            ];
            let count =
                prop_oneof![1_u16..8, 1_u16..512, 1_u16..=u16::MAX, u16::MAX - 1..=u16::MAX];
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
                // Now and then a stall that is longer than any of the pipelines.
                vec(prop_oneof![30 => 0_u8..3, 1 => 90..=u8::MAX], 1..7),
            )
                .prop_map(
                    move |(mut config, codebook, residues, counts, vectors, gaps)| {
                        // The cap near a count, half of the time.
                        if config.noise % 2 == 0 {
                            let count = counts[config.vectors as usize % codewords];
                            let off = (config.noise >> 1) % 4;
                            config.count_cap = count.saturating_add(off as u16).max(2);
                        }
                        if !built.squares {
                            config.metric = Metric::L1;
                        }
                        let mut start = Vq::new(config, built.lanes.into());
                        (start.codebook, start.residues) = (codebook, residues);
                        start.counts = counts;
                        Case { start, vectors, iterations: 0, gaps }
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

/// Runs the runner's cases as streams; the message of the first that differs.
pub fn streams_differ(
    design: &VqDesign,
    core: &mut Core<Vq>,
    runner: TestRunner,
) -> Option<String> {
    let core = RefCell::new(core);
    let built = built::<Vq>(design);
    failure(runner, &prop_oneof![cases(built), overlapping(built)], |case| {
        let mut core = core.borrow_mut();
        let mut golden = case.start.clone();
        if !core.load(&golden) {
            return Err("the core refused the state".into());
        }
        let (answers, _) = core.stream(&case.vectors, &case.gaps);
        for (i, ((vector, learn), answer)) in case.vectors.iter().zip(answers).enumerate() {
            let expected = match learn {
                true => {
                    golden.learn(vector);
                    continue;
                }
                false => golden.recall(vector),
            };
            if expected != answer.to_be_bytes() {
                return Err(format!("vector {i}: {answer:#x}, golden {expected:x?}"));
            }
        }
        core.difference(&golden).map_or(Ok(()), Err)
    })
}

/// Where a search overlaps an update: radius 0, and so many codewords that the update is through
/// when the search comes to the winner.
fn overlapping(built: VqBuilt) -> impl Strategy<Value = Case<Vq>> {
    cases(built).prop_map(move |mut case| {
        let config = &mut case.start.config;
        config.radius = 0;
        (config.halve, config.frequency_sensitive) = (false, false);
        config.count_cap = u16::MAX;
        case
    })
}
