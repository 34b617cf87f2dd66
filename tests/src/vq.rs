//! Random configurations and data for the vector quantizer, and the comparison with the golden
//! model.

use fixlearn::device::Device;
use fixlearn::port;
use fixlearn_hdl::design::{VqDesign, VqSize};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_sim::cosim::vq::{Core, Cycles};
use fixlearn_sim::cosim::{build, Flags};
use fixlearn_sim::golden::vq::{Config, Metric, Rounding, Vq, FULL_SCALE};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
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

/// Runs `count` random cases on the core; the message of the first that differs from the golden
/// model.
pub fn differs(size: VqSize, core: Core, count: u32) -> Option<String> {
    let core = RefCell::new(core);
    let config = ProptestConfig { cases: count, failure_persistence: None, ..Default::default() };
    let result = TestRunner::new(config).run(&cases(size), |case| {
        compare(&mut core.borrow_mut(), &case).map(|_| ()).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => None,
        Err(TestError::Fail(why, case)) => Some(format!("{why}\n{case:#?}")),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
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
            let count = prop_oneof![1_u16..8, 1_u16..=u16::MAX, Just(u16::MAX - 1)];
            (
                config(codewords, dimension),
                vec(weight, codewords * dimension),
                vec(any::<u8>(), codewords * dimension),
                vec(count, codewords),
                vec((vec(sample, dimension), prop::bool::weighted(0.8)), 1..12),
                vec(0_u8..3, 1..7),
            )
                .prop_map(
                    move |(config, codebook, residues, counts, vectors, gaps)| {
                        let lanes = size.lanes.into();
                        let start = Vq { config, lanes, codebook, residues, counts };
                        Case { start, vectors, gaps }
                    },
                )
        },
    )
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
    let rates = (0_u32..16, 0_u32..16, 0_u32..4, 0_u32..4);
    let rings = (0_usize..5, 0_u32..4, 0_u32..4, 0_u32..9, 0_u32..4);
    let rest = (prop_oneof![2_u16..10, 2..=u16::MAX], 1..=u64::MAX, any::<u32>(), 0_u64..1 << 48);
    (rules, rates, rings, rest).prop_map(move |(rules, rates, rings, rest)| {
        let (metric, rounding, [frequency_sensitive, count_based, signed, halve]) = rules;
        let (rate_shift, rate_final, rate_period, rate_timer) = rates;
        let (radius, radius_period, radius_timer, columns_log2, falloff) = rings;
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

/// Runs the case on both; the first difference, and otherwise the cycles of each vector that ran
/// without pauses at radius 0, with whether it was learned.
pub fn compare(core: &mut Core, case: &Case) -> Result<Vec<(bool, Cycles)>, String> {
    let mut golden = case.start.clone();
    if !core.load(&golden) {
        return Err("the core refused the state".into());
    }
    let mut cycles = Vec::new();
    for (i, (sample, learn)) in case.vectors.iter().enumerate() {
        let at_winner_only = golden.config.radius == 0;
        let (found, took) = core.run(sample, golden.config.signed, *learn, &case.gaps);
        let expected = if *learn { golden.learn(sample) } else { golden.recall(sample) };
        if found != expected {
            return Err(format!("vector {i}: {found:?}, golden {expected:?}"));
        }
        if let Some(difference) = core.difference(&golden) {
            return Err(format!("vector {i}: {difference}"));
        }
        if at_winner_only && case.gaps.iter().all(|&g| g == 0) {
            cycles.push((*learn, took));
        }
    }
    Ok(cycles)
}
