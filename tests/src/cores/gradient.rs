//! The gradient core: random configurations and data, its clocks and tables.

use super::Tested;
use crate::cores::vq::period;
use crate::cosim::Case;
use fixlearn_hdl::cores::gradient::{Entry, OBJECTIVES};
use fixlearn_hdl::design::Design;
use fixlearn_map::gradient::{memory, GradientBuilt};
use fixlearn_sim::cosim::{Core, Cycles};
use fixlearn_sim::golden::core::Place;
pub use fixlearn_sim::golden::cores::gradient::Gradient;
use fixlearn_sim::golden::cores::gradient::{
    Config, Last, Objective, Rounding, Sample, Saturated, Search, VALUE_MAX,
};
use proptest::collection::vec;
use proptest::prelude::*;

impl Tested for Gradient {
    const SIZE: &'static str = "all";
    const MUTATION_CASES: u32 = 700;
    const NETLISTS: [(&'static str, u32); 2] = [("linear", 30), ("all", 50)];

    /// Of every objective that is built in.
    fn cases(built: &GradientBuilt) -> BoxedStrategy<Case<Self>> {
        let built = *built;
        let mine = move |o: &&Objective| built.objectives >> o.numbers().0 & 1 == 1;
        let all: Vec<_> = Objective::ALL.iter().filter(mine).map(|&o| cases(o).boxed()).collect();
        let on = move |mut case: Case<Self>| {
            if !built.searches() {
                case.start.config.search = Search::default();
            }
            case.start = case.start.on(&built);
            case
        };
        proptest::strategy::Union::new(all).prop_map(on).boxed()
    }

    fn clocks(before: &Self, _: &dyn Design, _: u32, learn: bool) -> Cycles {
        let d = before.config.dimension;
        let result = if learn { clocks(before.config.objective, d) } else { predict_clocks(d) };
        Cycles { result, update: 0 }
    }

    fn formula(state: &Self) -> u64 {
        clocks(state.config.objective, state.config.dimension)
    }

    fn clear_clocks(_: &GradientBuilt) -> u64 {
        128
    }

    /// The last gradient.
    fn also_read(state: &Self) -> Vec<Place> {
        let at = |column| Place { memory: memory::GRADIENT, row: 0, column };
        (0..state.config.dimension as u8).map(at).collect()
    }

    fn more(core: &mut Core<Self>) -> Option<String> {
        table_differs(core)
    }
}

/// The first prediction that differs, over every entry of the sigmoid's table, and on both sides of
/// every step between levels.
pub fn table_differs(core: &mut Core<Gradient>) -> Option<String> {
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
        let sample = Sample { features: ONE.to_vec(), target: 0 };
        let vector: Vec<u8> = sample.bytes().collect();
        let (found, _) = core.run(&vector, false, &[0]);
        let (found, expected) = (found as i32, golden.predict(&ONE));
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
pub fn cases(objective: Objective) -> impl Strategy<Value = Case<Gradient>> {
    let (least, most) = (objective.least_dimension(), objective.most_dimension());
    // The sum of 32 products of the largest factors is just within its format: what comes after it
    // saturates alone.
    let usual = prop_oneof![3 => least..=most.min(5), 1 => least..=most];
    let usual = usual.prop_flat_map(move |d| of(objective, d, word().boxed(), feature().boxed()));
    let largest = (any::<bool>(), any::<bool>()).prop_flat_map(move |(weight, feature)| {
        let weight = if weight { i32::MAX } else { i32::MIN };
        let feature = if feature { i16::MAX } else { i16::MIN };
        of(objective, most.min(32), Just(weight).boxed(), Just(feature).boxed())
    });
    prop_oneof![9 => usual, 1 => largest]
}

/// Cases of so many dimensions, whose weights and features are from these.
fn of(
    objective: Objective,
    d: usize,
    weight: BoxedStrategy<i32>,
    of_features: BoxedStrategy<i16>,
) -> impl Strategy<Value = Case<Gradient>> {
    let memories = (
        vec(weight, d),
        vec(0_u32..1 << 20, d),
        vec(any::<u32>(), d),
        vec(prop_oneof![0..=i32::MAX, Just(1 << 28)], d),
        vec(word(), d),
        vec(word(), d),
    );
    let target = prop_oneof![2 => feature(), 1 => Just(i16::MAX), 1 => Just(i16::MIN)];
    let sample = (vec(of_features, d), target);
    let sample = sample.prop_map(|(features, target)| Sample { features, target });
    let samples = vec((sample, prop::bool::weighted(0.8)), 1..8);
    (config(objective, d), memories, samples, 1_u32..8, vec(0_u8..3, 1..7)).prop_map(
        move |(config, memories, samples, iterations, gaps)| {
            let (point, gradient_residues, point_residues, curvature, centre, kept) = memories;
            let mut start = Gradient::new(config, point);
            (start.gradient_residues, start.point_residues) = (gradient_residues, point_residues);
            (start.curvature, start.centre, start.kept) = (curvature, centre, kept);
            let bytes = |(sample, learn): (Sample, bool)| (sample.bytes().collect(), learn);
            // A function iterates, a model learns from samples.
            let streams = objective.streams();
            let vectors = if streams { samples.into_iter().map(bytes).collect() } else { vec![] };
            let iterations = if streams { 0 } else { iterations };
            Case { start, vectors, iterations, gaps }
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
    let patience =
        prop_oneof![(1_u32..6, 0_u32..6), (1_u32..256, 0_u32..256), (1_u32..256, Just(255))];
    let rates = (rate, 0_u32..32, 0_u32..32, period(), patience);
    let formats = (0_u32..=20, 0_u32..=28, word(), word());
    let rest = (
        1..=u64::MAX,
        any::<u32>(),
        // Of a point that is better than the first, too.
        prop_oneof![2 => 0..=VALUE_MAX, 1 => 0..=1_u64 << 24, 1 => Just(0)],
        prop::option::of((0..dimension, any::<bool>())),
        any::<[bool; 3]>(),
        search(),
    );
    (rules, rates, formats, rest).prop_map(move |(rules, rates, formats, rest)| {
        let (rounding, compensation, adaptive, levels) = rules;
        let (rate, rate_least, rate_most, (rate_period, rate_timer), (patience, calm)) = rates;
        let (gradient_bits, point_bits, a, b) = formats;
        let (noise, iterations, value, last, [p, g, v], search) = rest;
        // Bounds that leave room, half of the time.
        let (low, high) = if noise % 2 == 0 { (i32::MIN, i32::MAX) } else { (a.min(b), a.max(b)) };
        Config {
            objective,
            link: objective.numbers().1.into(),
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
            last: last.map_or(Last::default(), |(i, negative)| Last::of(i, negative)),
            saturated: Saturated { point: p, gradient: g, value: v },
            search,
        }
    })
}

/// None half of the time; else anything, with periods that end within a case.
fn search() -> impl Strategy<Value = Search> {
    let width = prop_oneof![3 => 0_u32..=32, 1 => 28_u32..=32, 1 => Just(32)];
    let most = (0_u32..=20, 0_u32..=28);
    let any = (any::<[bool; 3]>(), width, period(), period(), most).prop_map(
        |(rules, noise_width, noise, resolution, most)| Search {
            keep: rules[0],
            gradient_rises: rules[1],
            point_rises: rules[2],
            noise_width,
            noise_period: noise.0,
            noise_timer: noise.1,
            resolution_period: resolution.0,
            resolution_timer: resolution.1,
            gradient_most: most.0,
            point_most: most.1,
        },
    );
    prop_oneof![Just(Search::default()), any]
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

/// What the core says of an objective.
fn entry(objective: Objective) -> &'static Entry {
    let number = u16::from(objective.numbers().0);
    OBJECTIVES.iter().find(|entry| entry.number == number).expect("it is built")
}

/// The clocks of an iteration in `d` dimensions: for a function from its start to the core free
/// again, for a sample from its first word to the result valid.
pub fn clocks(objective: Objective, d: usize) -> u64 {
    entry(objective).clocks.at(d)
}

/// The clocks of a prediction, from a sample's first word to the result valid.
pub fn predict_clocks(d: usize) -> u64 {
    3 * d as u64 + 17
}

/// The products of an iteration: what one multiplier would take, a clock each.
pub fn products(objective: Objective, d: usize) -> u64 {
    entry(objective).products.at(d)
}

/// Where a search begins and what it looks for, from a seed: the start in -5.12 to 5.12, the centre
/// in -1.5 to 1.5, and the noise's state.
pub struct Places {
    pub start: [f64; 2],
    pub centre: [f64; 2],
    pub noise: u64,
}

/// The places of this seed.
pub fn places(seed: u64) -> Places {
    // SplitMix64 (Steele et al., 2014).
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    };
    let noise = next().max(1);
    let mut within = |most: f64| ((next() >> 11) as f64 * (-52_f64).exp2() - 1.0) * most;
    Places { start: [0; 2].map(|_| within(5.12)), centre: [0; 2].map(|_| within(1.5)), noise }
}

/// A search that keeps its best point, with noise of 8 that halves nine times in so many
/// iterations.
pub fn kept_point(rate: u32, budget: u32) -> Config {
    let search =
        Search { keep: true, noise_width: 1, noise_period: budget / 10, ..Search::default() };
    Config { rounding: Rounding::Nearest, rate, search, ..Config::power_up() }
}
