//! The adaptive filter: its rules against exact arithmetic, what it learns, and its Verilog against
//! the golden model.

use fixlearn_hdl::cores::lms::LmsCore;
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::verilog::of;
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::cores::lms::reference::{weight_value, Reference};
use fixlearn_sim::golden::cores::lms::{
    error, factor, moved, output, square, step, Answer, Config, Lms, Sample,
};
use fixlearn_tests::cores::{design, Tested};
use fixlearn_tests::cosim::{self, compare, core, Case};
use fixlearn_tests::formal::{free, properties, proved, within, Engine};
use fixlearn_tests::runner::repeatable;
use proptest::prelude::*;

/// `rounded` is the integer nearest to `value / 2^bits`, of two the upper.
fn is_nearest(rounded: i64, value: i64, bits: u32) -> bool {
    let (twice, unit) = (2 * i128::from(value), 1_i128 << bits);
    let rounded = 2 * i128::from(rounded);
    (rounded - 1) * unit <= twice && twice < (rounded + 1) * unit
}

/// `clamped` is the number of the range that is closest to `value`.
fn is_closest(clamped: i64, value: i64, low: i64, high: i64) -> bool {
    (low..=high).contains(&clamped)
        && (clamped == value || clamped == low && value < low || clamped == high && value > high)
}

const LOW: i64 = i16::MIN as i64;
const HIGH: i64 = i16::MAX as i64;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_factor_is_the_upper_half_to_nearest(weight: i32) {
        let found = i64::from(factor(weight));
        let edge = 0x7fff_8000;
        prop_assert!(is_nearest(found, weight.into(), 16) || weight >= edge && found == HIGH);
    }

    #[test]
    fn an_output_is_the_sum_to_nearest(
        sum in -(1_i64 << 39)..1 << 39,
        small in -(1_i64 << 29)..1 << 29,
    ) {
        for sum in [sum, small] {
            let (found, clamped) = output(sum);
            let found = i64::from(found);
            let inside = is_nearest(found, sum, 12);
            let outside = sum < (LOW << 12) - (1 << 11) && found == LOW
                || sum >= (HIGH << 12) + (1 << 11) && found == HIGH;
            prop_assert!(inside || outside);
            prop_assert_eq!(clamped, !inside);
        }
    }

    #[test]
    fn an_error_is_the_difference(d: i16, y: i16) {
        let (found, clamped) = error(d, y);
        let exact = i64::from(d) - i64::from(y);
        prop_assert!(is_closest(found.into(), exact, LOW, HIGH));
        prop_assert_eq!(clamped, i64::from(found) != exact);
    }

    #[test]
    fn a_step_is_the_product_times_the_rate_to_nearest(e: i16, x: i16, rate in 0..32_u32) {
        prop_assert!(is_nearest(step(e, x, rate), i64::from(e) * i64::from(x), rate + 2));
    }

    #[test]
    fn a_weight_moves_by_its_step(weight: i32, e: i16, x: i16, rate in 0..32_u32) {
        let step = step(e, x, rate);
        let (found, clamped) = moved(weight, step);
        let exact = i64::from(weight) + step;
        prop_assert!(is_closest(found.into(), exact, i32::MIN.into(), i32::MAX.into()));
        prop_assert_eq!(clamped, i64::from(found) != exact);
    }

    #[test]
    fn a_square_is_a_square(e: i16) {
        prop_assert_eq!(i64::from(square(e)), i64::from(e) * i64::from(e));
    }

    /// A sum of products by hand, over a line that has gone round.
    #[test]
    fn taps_are_the_samples_before(
        taps in 1..20_usize,
        weights in prop::collection::vec(-(1_i32 << 26)..1 << 26, 20),
        inputs in prop::collection::vec(-9000_i16..9000, 300),
    ) {
        let mut filter = Lms::new(Config { taps, rate: 31, ..Config::power_up() });
        filter.weights[..20].copy_from_slice(&weights);
        for n in 0..inputs.len() {
            let product = |i: usize| i64::from(factor(weights[i])) * i64::from(inputs[n - i]);
            let sum: i64 = (0..taps.min(n + 1)).map(product).sum();
            let (y, _) = output(sum);
            let (e, _) = error(100, y);
            let sample = Sample { x: inputs[n], d: 100 };
            let before = filter.clone();
            prop_assert_eq!(filter.filter(sample), Answer { y, e });
            prop_assert_eq!(&filter, &before);
            prop_assert_eq!(filter.adapt(sample), Answer { y, e });
        }
        // From 2^-30 on nothing moves.
        prop_assert_eq!(&filter.weights[..20], &weights[..]);
        prop_assert_eq!(filter.config.samples, 300);
    }

    #[test]
    fn from_2_to_the_minus_30_on_no_weight_moves(e: i16, x: i16) {
        for rate in [30, 31] {
            for (e, x) in [(e, x), (i16::MIN, i16::MIN), (i16::MIN, i16::MAX)] {
                prop_assert_eq!(step(e, x, rate), 0);
            }
        }
    }

    #[test]
    fn words_are_there_and_back(x: i16, d: i16) {
        prop_assert_eq!(Sample::from_bytes(&Sample { x, d }.bytes()), Sample { x, d });
        prop_assert_eq!(Answer::from_word(Answer { y: x, e: d }.word()), Answer { y: x, e: d });
    }
}

/// Noise, even over `-1..1` times `most`, in Q1.15.
fn noise(seed: u64, most: f64) -> impl FnMut() -> i16 {
    let mut random = fastrand::Rng::with_seed(seed);
    move || ((2.0 * random.f64() - 1.0) * most * 32768.0) as i16
}

fn real(word: i16) -> f64 {
    f64::from(word) / 32768.0
}

/// An unknown system of 24 taps is found from its input and output: the weights end within a step
/// of Q4.12, in which they multiply, and the error is less than 7 steps of Q1.15.
#[test]
fn an_unknown_system_is_identified() {
    const TAPS: usize = 24;
    let system: Vec<f64> =
        (0..TAPS).map(|i| 0.6 * (-0.2 * i as f64).exp() * (0.9 * i as f64).cos()).collect();
    let mut filter = Lms::new(Config { taps: TAPS, rate: 3, ..Config::power_up() });
    let mut exact = Reference::new(&filter);
    let mut next = noise(1, 0.5);
    let mut line = vec![0.0; TAPS];
    let (mut energy, mut exact_energy) = (0.0, 0.0);
    for n in 0..20_000 {
        let x = next();
        line.pop();
        line.insert(0, real(x));
        let d: f64 = system.iter().zip(&line).map(|(w, x)| w * x).sum();
        let d = (d * 32768.0).round() as i16;
        let e = filter.adapt(Sample { x, d }).e;
        let (_, exact_e) = exact.adapt(real(x), real(d));
        if n >= 16_000 {
            energy += real(e).powi(2);
            exact_energy += exact_e.powi(2);
        }
    }
    let far = |weights: &mut dyn Iterator<Item = f64>| {
        weights.zip(&system).map(|(w, s)| (w - s).abs()).fold(0.0, f64::max)
    };
    let distance = far(&mut filter.weights.iter().map(|&w| weight_value(w)));
    let (rms, exact_rms) = ((energy / 4000.0).sqrt(), (exact_energy / 4000.0).sqrt());
    println!("distance {distance:.2e}, in f64 {:.2e}", far(&mut exact.weights.iter().copied()));
    println!("rms error {rms:.2e}, in f64 {exact_rms:.2e}");
    assert!(distance < 1.0 / 4096.0, "a weight is {distance:.2e} off");
    assert!(rms < 2.1e-4, "the error is {rms:.2e}");
    assert!(!filter.config.saturated.output && !filter.config.saturated.weight);
}

/// A sine in noise, 20 times its power, is predicted from the samples before it: the error is
/// little more than the noise, which none can predict.
#[test]
fn a_sine_in_noise_is_predicted() {
    let mut filter = Lms::new(Config { taps: 32, rate: 5, ..Config::power_up() });
    let mut next = noise(2, 0.5 * (3.0_f64 / 40.0).sqrt());
    let mut last = 0;
    let (mut power, mut left) = (0.0, 0.0);
    for n in 0..30_000 {
        let d = (0.5 * 32768.0 * (0.3 * f64::from(n)).sin()) as i16 + next();
        let e = filter.adapt(Sample { x: last, d }).e;
        last = d;
        if n >= 20_000 {
            power += real(d).powi(2);
            left += real(e).powi(2);
        }
    }
    let gain = 10.0 * (power / left).log10();
    println!("prediction gain {gain:.2} dB");
    // Sine and noise over noise: 13.2 dB are the most that there can be.
    assert!((11.5..13.3).contains(&gain), "{gain:.2} dB");
}

/// Guard bits: a quiet signal is learned where weights of 16 bits would stand still.
#[test]
fn small_updates_do_not_vanish() {
    let run = |guarded: bool| {
        let mut filter = Lms::new(Config { taps: 1, rate: 0, ..Config::power_up() });
        let mut next = noise(3, 0.02);
        for _ in 0..40_000 {
            let x = next();
            filter.adapt(Sample { x, d: x / 2 });
            if !guarded {
                filter.weights[0] &= !0xffff;
            }
        }
        weight_value(filter.weights[0])
    };
    let (with, without) = (run(true), run(false));
    println!("0.5 is learned as {with:.3}, without guard bits as {without:.3}");
    assert!((with - 0.5).abs() < 0.03, "{with}");
    assert!(without < 0.1, "{without}");
}

#[test]
fn what_no_filter_can_be_is_refused() {
    let good = Lms::new(Config::power_up());
    assert_eq!(good.validate(), Ok(()));
    let refused = |change: fn(&mut Lms)| {
        let mut bad = good.clone();
        change(&mut bad);
        bad.validate().is_err()
    };
    assert!(refused(|f| f.config.taps = 0));
    assert!(refused(|f| f.config.taps = 257));
    assert!(refused(|f| f.weights.clear()));
    assert!(refused(|f| f.weights.push(0)));
    assert!(refused(|f| f.line.truncate(255)));
}

/// A mutant of the Verilog must differ from the golden model.
fn caught(from: &str, to: &str) {
    cosim::caught::<Lms>(design::<Lms>(Lms::SIZE).as_ref(), repeatable(2000), from, to);
}

#[test]
fn mutants_of_the_roundings_are_caught() {
    caught("w[15] & ~largest", "1'b0");
    caught("w[15] & ~largest", "w[15]");
    caught("halves + 31'd1", "halves");
    caught("half = 40'h800", "half = 40'h7ff");
}

#[test]
fn mutants_of_the_taps_are_caught() {
    caught("behind = registers$place - count$q", "behind = registers$place + count$q");
    caught("if (first_one$q) begin", "if (1'b0) begin");
    caught("less = taps$q - one9", "less = taps$q");
}

#[test]
fn mutants_of_the_saturation_are_caught() {
    caught("held ? {x[27]", "1'b0 ? {x[27]");
    caught("held ? {x[16]", "1'b0 ? {x[16]");
    caught("held ? {x[32]", "1'b0 ? {x[32]");
    caught("learn$q & clamp_output$held", "clamp_output$held");
}

#[test]
fn a_mutant_of_the_energy_is_caught() {
    caught("if (carry$q) begin", "if (1'b0) begin");
}

#[test]
fn the_peak_is_the_largest_squared_error() {
    let mut filter = Lms::new(Config { taps: 1, rate: 31, ..Config::power_up() });
    let mut peaks = Vec::new();
    for d in [-300, 200, i16::MIN, i16::MAX] {
        filter.adapt(Sample { x: 0, d });
        peaks.push(filter.config.peak);
    }
    assert_eq!(peaks, [90_000, 90_000, 1 << 30, 1 << 30]);
    caught("square > peak$q", "square >= energy_low$q");
    caught("square > peak$q", "square < peak$q");
}

/// The clocks of the page: exact, for any number of taps.
#[test]
fn clocks_are_those_of_the_formulas() {
    let design = design::<Lms>(Lms::SIZE);
    let mut core = core::<Lms>(design.as_ref(), str::to_string);
    for taps in [1, 2, 4, 32, 255, 256] {
        let start = Lms::new(Config { taps, ..Config::power_up() });
        let vectors = vec![(vec![1, 2, 3, 4], true), (vec![5, 6, 7, 8], false)];
        let case = Case { start, vectors, iterations: 0, gaps: vec![0] };
        let took = compare(design.as_ref(), &mut core, &case).expect("equal, in those clocks");
        let (_, learned) = took[0];
        assert_eq!(learned.result + learned.update, design.learn_clocks(taps));
    }
}

/// One result for each sample, which stays, and stays the same, until it is taken: for all time,
/// whatever the registers, memories and products are.
#[test]
fn the_handshake_is_proved() {
    let design = of(LmsCore::new(Fabric::Inferred), "lms");
    let inner = ["registers", "weights", "line", "outputs", "multiply", "move_by"];
    let names: Vec<String> = inner.iter().map(|name| format!("lms${name}")).collect();
    let design = free(&design, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let rules = properties("core.sv")
        .replace("RESULT", "result")
        .replace("LAST", "sample_valid && sample_ready");
    let mutants = [
        ("result_valid = 1'b1", "result_valid = sample_data[0]"),
        ("if (result_ready) begin", "if (1'b1) begin"),
    ];
    proved("lms", &within(&design, "lms", &rules), Engine::Unbounded, &mutants);
}
