//! The gradient core's rules, one by one, against their definitions in plain arithmetic.

use fixlearn_map::gradient::GradientBuilt;
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::cores::gradient::objective::linear::{self, Link};
use fixlearn_sim::golden::cores::gradient::objective::{
    griewank, quadratic, rastrigin, rosenbrock, styblinski,
};
use fixlearn_sim::golden::cores::gradient::reference::{point_value, point_word, Reference};
use fixlearn_sim::golden::cores::gradient::{
    Config, Gradient, Last, Objective, Rounding, Sample, Search, NOISE_NONE, VALUE_MAX,
};
use fixlearn_tests::cores::gradient::{cases, valley};
use proptest::prelude::*;

/// One dimension of a bowl of curvature 1 around 0: its gradient is the point's.
fn bowl(x: i32, config: Config) -> Gradient {
    Gradient::new(Config { objective: Objective::Quadratic, dimension: 1, ..config }, vec![x])
}

/// The gradient there, as a number.
fn slope(g: &Gradient) -> f64 {
    f64::from(g.evaluate(None).gradient[0]) / f64::from(1 << 20)
}

/// `floor(v * Qp + dither) / Qp`.
fn quantized(v: f64, n: u32, dither: f64) -> f64 {
    let qp = f64::from(n).exp2();
    (v * qp + dither).floor() / qp
}

proptest! {
    /// The definition, Seok (2020): at a point grid fine enough the rule is his, exactly.
    #[test]
    fn the_step_is_rate_times_q(x in -(1_i32 << 30)..1 << 30, n in 0_u32..=18, e in 0_u32..=10) {
        for (rounding, dither) in [(Rounding::Nearest, 0.5), (Rounding::Truncate, 0.0)] {
            let config = Config { rounding, rate: e, gradient_bits: n, ..Config::power_up() };
            let mut g = bowl(x, config);
            let expected = quantized(slope(&g), n, dither) * (-f64::from(e)).exp2();
            let before = point_value(x);
            g.descend(None);
            prop_assert_eq!(before - point_value(g.point[0]), expected);
        }
    }

    #[test]
    fn stochastic_is_one_of_the_neighbours(
        x in -(1_i32 << 30)..1 << 30, n in 0_u32..=18, noise in 1_u64..,
    ) {
        let config = Config {
            rounding: Rounding::Stochastic, rate: 8, gradient_bits: n, noise, ..Config::power_up()
        };
        let mut g = bowl(x, config);
        let (low, high) = (quantized(slope(&g), n, 0.0), quantized(slope(&g), n, 1.0));
        g.descend(None);
        let step = (point_value(x) - point_value(g.point[0])) * 256.0;
        prop_assert!(step == low || step == high, "{step} is not {low} or {high}");
    }

    /// The point's own grid: the step is rounded to it, and the point stays on it.
    #[test]
    fn the_point_stays_on_its_grid(x in -(1_i32 << 30)..1 << 30, m in 0_u32..=28, e in 0_u32..=10) {
        let x = x >> (28 - m) << (28 - m);
        let rounding = Rounding::Nearest;
        let config = Config { rounding, rate: e, point_bits: m, ..Config::power_up() };
        let mut g = bowl(x, config);
        let step = slope(&g) * (-f64::from(e)).exp2();
        g.descend(None);
        prop_assert_eq!(g.point[0] & ((1 << (28 - m)) - 1), 0);
        let moved = point_value(x) - point_value(g.point[0]);
        prop_assert!((moved - step).abs() <= (-f64::from(m)).exp2() * 0.5 + 1e-9);
    }

    /// With feedback, steps and residues together lose nothing that 20 and 32 fractional bits hold.
    #[test]
    fn error_feedback_keeps_what_it_drops(
        x in -(1_i32 << 28)..1 << 28, n in 0_u32..=20, m in 4_u32..=28,
    ) {
        let config = Config {
            rounding: Rounding::ErrorFeedback, rate: 4, gradient_bits: n, point_bits: m,
            ..Config::power_up()
        };
        let mut g = bowl(x >> (28 - m) << (28 - m), config);
        let gradient = f64::from(g.evaluate(None).gradient[0]);
        let before = point_value(g.point[0]);
        g.descend(None);
        let residue = f64::from(g.gradient_residues[0]);
        let total = (gradient - residue) / f64::from(1 << 20) / 16.0;
        let kept = f64::from(g.point_residues[0]) * (-32_f64).exp2();
        prop_assert_eq!(before - point_value(g.point[0]) + kept, total);
    }

    /// The search vector is orthogonal to the largest component: it moves as by the plain rule.
    #[test]
    fn compensation_leaves_the_largest_component(case in cases(Objective::Rosenbrock)) {
        let mut plain = case.start.clone();
        plain.config.compensation = false;
        plain.config.rounding = Rounding::Nearest;
        plain.config.search = Search::default();
        (plain.config.low, plain.config.high) = (i32::MIN, i32::MAX);
        let mut compensated = plain.clone();
        compensated.config.compensation = true;
        let gradient = plain.evaluate(None).gradient;
        let before = plain.point.clone();
        plain.descend(None);
        compensated.descend(None);
        let largest = plain.config.last.component().expect("an iteration").0;
        prop_assert!(gradient.iter().all(|g| g.unsigned_abs() <= gradient[largest].unsigned_abs()));
        if plain.point != before {
            prop_assert_eq!(plain.point[largest], compensated.point[largest]);
            prop_assert_eq!(
                compensated.gradient_residues[largest],
                case.start.gradient_residues[largest]
            );
        }
    }

    #[test]
    fn no_component_leaves_its_bounds(case in cases(Objective::Quadratic)) {
        let mut g = case.start.clone();
        for _ in 0..case.iterations {
            g.descend(None);
            prop_assert!(g.point.iter().all(|x| (g.config.low..=g.config.high).contains(x)));
            prop_assert!(g.config.value <= VALUE_MAX);
        }
    }

    /// Gradients and values of the objectives are those of `f64`, to the last bits kept.
    #[test]
    fn rosenbrock_is_the_function(x in prop::collection::vec(-1.2..1.2_f64, 2..9)) {
        let words: Vec<i32> = x.iter().filter_map(|&x| point_word(x, 28)).collect();
        let x: Vec<f64> = words.iter().map(|&w| point_value(w)).collect();
        let (value, gradient) = rosenbrock::exact(&x);
        let found = rosenbrock::evaluate(&words);
        prop_assert!((found.value as f64 * (-32_f64).exp2() - value).abs() < 1e-3 * x.len() as f64);
        for (a, b) in found.gradient.iter().zip(gradient) {
            // What the offsets lose, up to 2^-25 + 2^-28, comes in 200 (1 + 2 * 1.2) times.
            prop_assert!((f64::from(*a) / f64::from(1 << 20) - b).abs() < 4e-5);
        }
    }

    #[test]
    fn styblinski_is_the_function(x in prop::collection::vec(-7.9..7.9_f64, 1..9)) {
        let words: Vec<i32> = x.iter().filter_map(|&x| point_word(x, 28)).collect();
        let x: Vec<f64> = words.iter().map(|&w| point_value(w)).collect();
        let (value, gradient) = styblinski::exact(&x);
        let found = styblinski::evaluate(&words);
        // What u loses, up to 2^-24, comes in 56 times.
        let near = 56.0 * (-24_f64).exp2() * x.len() as f64;
        prop_assert!((found.value as f64 * (-32_f64).exp2() - value).abs() < near);
        for (a, b) in found.gradient.iter().zip(gradient) {
            // And 16 times, with the last step of the gradient.
            prop_assert!((f64::from(*a) / f64::from(1 << 20) - b).abs() < 2e-6);
        }
    }

    #[test]
    fn quadratic_is_the_function(
        x in prop::collection::vec(-3.0..3.0_f64, 1..9), z in -3.0..3.0_f64,
        condition in 1.0..1e4_f64,
    ) {
        let words = |v: &[f64]| v.iter().filter_map(|&x| point_word(x, 28)).collect::<Vec<_>>();
        let (c, z) = (quadratic::curvatures(x.len(), condition), vec![z; x.len()]);
        let (value, gradient) = quadratic::exact(&x, &c, &z);
        let found = quadratic::evaluate(&words(&x), &words(&c), &words(&z));
        prop_assert!((found.value as f64 * (-32_f64).exp2() - value).abs() < 1e-5);
        for (a, b) in found.gradient.iter().zip(gradient) {
            prop_assert!((f64::from(*a) / f64::from(1 << 20) - b).abs() < 2e-6);
        }
    }

    /// What the table costs, as the modules say it, and the words' own rounding.
    #[test]
    fn rastrigin_is_the_function(
        u in prop::collection::vec(-6.9..6.9_f64, 1..9), z in -1.0..1.0_f64,
    ) {
        let words = |v: &[f64]| v.iter().filter_map(|&x| point_word(x, 28)).collect::<Vec<_>>();
        let x: Vec<f64> = u.iter().map(|u| u + z).collect();
        let centre = vec![z; x.len()];
        let (value, gradient) = rastrigin::exact(&x, &centre);
        let found = rastrigin::evaluate(&words(&x), &words(&centre));
        let near = 5.6e-5 * x.len() as f64;
        prop_assert!((found.value as f64 * (-32_f64).exp2() - value).abs() < near);
        for (a, b) in found.gradient.iter().zip(gradient) {
            prop_assert!((f64::from(*a) / f64::from(1 << 20) - b).abs() < 3.7e-4);
        }
    }

    #[test]
    fn griewank_is_the_function(u in -6.9..6.9_f64, v in -6.9..6.9_f64, z in -1.0..1.0_f64) {
        let words = |v: &[f64]| v.iter().filter_map(|&x| point_word(x, 28)).collect::<Vec<_>>();
        let (x, centre) = ([u + z, v + z], [z; 2]);
        let (value, gradient) = griewank::exact(&x, &centre);
        let found = griewank::evaluate(&words(&x), &words(&centre));
        prop_assert!((found.value as f64 * (-32_f64).exp2() - value).abs() < 1.2e-4);
        for (a, b) in found.gradient.iter().zip(gradient) {
            prop_assert!((f64::from(*a) / f64::from(1 << 20) - b).abs() < 6e-4);
        }
    }

    #[test]
    fn linear_is_the_model(
        w in prop::collection::vec(-1.0..1.0_f64, 1..12), a in -2.0..2.0_f64, t in -1.0..1.0_f64,
    ) {
        let words: Vec<i32> = w.iter().filter_map(|&x| point_word(x, 28)).collect();
        let feature = |i| ((a + i as f64 * 0.1) * 4096.0) as i16;
        let features: Vec<i16> = (0..w.len()).map(feature).collect();
        let sample = Sample { features, target: (t * 4096.0) as i16 };
        let real: Vec<f64> = sample.features.iter().map(|&f| f64::from(f) / 4096.0).collect();
        let target = f64::from(sample.target) / 4096.0;
        for (link, near) in [(Link::Identity, 1e-4), (Link::Sigmoid, 5e-3)] {
            let (value, gradient) = linear::exact(&link, &w, &real, target);
            let found = linear::evaluate(&link, &words, &sample);
            let room = near * 4.0 * (1.0 + value.abs());
            let found_value = found.value as f64 * (-32_f64).exp2();
            prop_assert!((found_value - value.max(0.0)).abs() < room * 3.0);
            for (a, b) in found.gradient.iter().zip(gradient) {
                prop_assert!((f64::from(*a) / f64::from(1 << 20) - b).abs() < near * 4.0);
            }
        }
    }

    #[test]
    fn levels_are_the_staircase(z in -3.0..3.0_f64, levels in 2_u32..=16) {
        let w = point_word(z, 20).expect("in range");
        let found = linear::predict(&Link::Levels(levels), &[w], &[1 << 12]).output;
        let k = ((point_value(w) + 1.0) / 2.0 * f64::from(levels)).floor();
        let k = k.clamp(0.0, f64::from(levels) - 1.0);
        let y = 2.0 * k / (f64::from(levels) - 1.0) - 1.0;
        prop_assert!((f64::from(found) / f64::from(1 << 20) - y).abs() <= 0.5 / 4096.0);
    }

    /// An iteration does what it does in `f64`, but for rounding, and adapts the rate alike.
    #[test]
    fn an_iteration_does_what_it_does_in_f64(
        x in prop::collection::vec(-1.2..1.2_f64, 2..7), rate in 8_u32..12, sign: bool,
        last in 0_usize..7, value in 0.0..60.0_f64, calm in 0_u32..3, bowl: bool,
    ) {
        let words: Vec<i32> = x.iter().filter_map(|&x| point_word(x, 28)).collect();
        let objective = if bowl { Objective::Quadratic } else { Objective::Rosenbrock };
        let config = Config {
            objective, dimension: x.len(), rounding: Rounding::Nearest, adaptive: true, rate,
            rate_least: 9, rate_most: 10, patience: 3, calm, last: Last::of(last % x.len(), sign),
            value: (value * 32_f64.exp2()) as u64, ..Config::power_up()
        };
        let mut g = Gradient::new(config, words);
        g.centre = g.centre.iter().enumerate().map(|(i, _)| (i as i32 - 3) << 26).collect();
        let mut reference = Reference::new(&g);
        let (exact, slopes) = reference.evaluate(None);
        reference.previous(value);
        g.descend(None);
        reference.iterate(None);
        for (a, b) in g.point.iter().zip(&reference.point) {
            prop_assert!((point_value(*a) - b).abs() < 1e-6, "{} {b}", point_value(*a));
        }
        // Unless values or components are as good as equal.
        let mut sizes: Vec<f64> = slopes.iter().map(|g| g.abs()).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        if (exact - value).abs() > 1e-2 && sizes[0] - sizes[1] > 1e-3 && sizes[0] > 1e-3 {
            let (c, r) = (&g.config, &reference.config);
            prop_assert_eq!((c.rate, c.calm, c.last), (r.rate, r.calm, r.last));
        }
    }

    /// The `f64` reference and the model adapt their rates alike while they see the same.
    #[test]
    fn the_reference_follows_the_same_schedule(period in 1_u32..50, shift in 4_u32..8) {
        let (rate, rate_period, rate_most) = (shift, period, shift + 5);
        let config = Config { rate, rate_period, rate_most, ..Config::power_up() };
        let mut g = bowl(1 << 28, config);
        let mut reference = Reference::new(&g);
        for _ in 0..100 {
            g.descend(None);
            reference.iterate(None);
            prop_assert_eq!(g.config.rate, reference.config.rate);
        }
    }
}

#[test]
fn the_rate_halves_when_the_value_grows_and_doubles_when_calm() {
    // A rate of 4 on curvature 1 overshoots: the value grows and the sign flips.
    let config = Config {
        adaptive: true,
        rate: 2,
        rate_least: 0,
        rate_most: 20,
        patience: 3,
        ..Config::power_up()
    };
    let mut g = bowl(1 << 28, config);
    g.curvature[0] = i32::MAX;
    g.descend(None);
    assert_eq!(g.config.rate, 2, "nothing to compare with yet");
    g.descend(None);
    assert_eq!(g.config.rate, 3, "a step of 2 crosses the bowl");
    let mut calm = bowl(1 << 28, Config { rate: 9, ..g.config.clone() });
    calm.config.last = Last::default();
    let rates: Vec<u32> = (0..8)
        .map(|_| {
            calm.descend(None);
            calm.config.rate
        })
        .collect();
    assert_eq!(rates, [9, 9, 9, 8, 8, 8, 7, 7]);
}

/// The early vanishing that compensation is for: where every component is below half a step, the
/// plain rule stands still for ever; with compensation the value falls below a tenth.
#[test]
fn vanished_components_come_back() {
    for n in [4, 6, 8, 10] {
        let run = |compensation| {
            let mut g = valley(n, compensation, false);
            for _ in 0..30_000 {
                g.descend(None);
            }
            let before = g.point.clone();
            g.descend(None);
            (Reference::new(&g).evaluate(None).0, g.point == before)
        };
        let (plain, compensated) = (run(false), run(true));
        assert!(plain.0 >= 10.0 * compensated.0, "n = {n}: {plain:?}, {compensated:?}");
    }
}

#[test]
fn adaptive_at_12_bits_is_near_the_minimum() {
    let mut g = valley(12, true, true);
    let mut exact = Reference::new(&valley(20, false, false));
    for _ in 0..20_000 {
        g.descend(None);
        exact.iterate(None);
    }
    let distance = |x: &[f64]| x.iter().map(|x| (x - 1.0).powi(2)).sum::<f64>().sqrt();
    let found = distance(&Reference::new(&g).point);
    let bound = (2.0 * (-12_f64).exp2()).max(distance(&exact.point));
    assert!(found <= bound, "{found} is above {bound}");
}

/// The schedule counts to its period, and stops at the largest exponent.
#[test]
fn the_rate_falls_every_period_down_to_its_least() {
    let config = Config { rate: 8, rate_period: 3, rate_most: 10, ..Config::power_up() };
    let mut g = bowl(1 << 28, config);
    let seen: Vec<(u32, u32)> = (0..12)
        .map(|_| {
            g.descend(None);
            (g.config.rate, g.config.rate_timer)
        })
        .collect();
    let timers = [1, 2, 0].into_iter().cycle();
    let rates = [8, 8, 9, 9, 9, 10, 10, 10, 10, 10, 10, 10];
    assert_eq!(seen, rates.into_iter().zip(timers).collect::<Vec<_>>());
}

/// What was clamped is remembered: gradient and value, and the point at its bound.
#[test]
fn flags_stay_once_they_are_set() {
    let steep = vec![i32::MAX - 4096; 2];
    let mut valley = Gradient::new(Config { rate: 31, ..Config::power_up() }, steep.clone());
    valley.descend(None);
    let flags = |g: &Gradient| {
        let s = g.config.saturated;
        assert_eq!(s.any(), s.point || s.gradient || s.value);
        (s.point, s.gradient, s.value)
    };
    assert_eq!(flags(&valley), (false, true, true));
    valley.point = vec![1 << 28; 2];
    valley.descend(None);
    assert_eq!(flags(&valley), (false, true, true), "they stay");
    // Three terms of the value, each of which its format holds: 62500, 2500 and 62500.
    let many = rosenbrock::evaluate(&[5 << 28, 0, 5 << 28, 0]);
    assert!(many.saturated.value && many.value == VALUE_MAX);
    assert!(!rosenbrock::evaluate(&[5 << 28, 0]).saturated.value);
    let mut flat = Gradient::new(Config::power_up(), vec![1 << 28; 2]);
    flat.descend(None);
    assert_eq!(flags(&flat), (false, false, false));
    // Each difference from the centre is clamped before it is a slope.
    let mut far = bowl(i32::MAX, Config { rate: 31, ..Config::power_up() });
    far.centre[0] = i32::MIN;
    far.descend(None);
    assert_eq!(flags(&far), (false, true, false));
    let mut held = bowl(1 << 28, Config { rate: 2, low: 1 << 28, ..Config::power_up() });
    held.descend(None);
    assert_eq!((held.point[0], flags(&held)), (1 << 28, (true, false, false)));
    held.centre[0] = 1 << 28;
    held.descend(None);
    assert_eq!(flags(&held), (true, false, false), "and so does this");
}

/// Predictions of each link, at the places that define them; and what streams.
#[test]
fn predictions_are_the_links() {
    let predict = |objective, w: i32, a: i16| {
        let config = Config { objective, dimension: 1, levels: 4, ..Config::power_up() };
        Gradient::new(config, vec![w]).predict(&[a])
    };
    let one = 1 << 28;
    assert_eq!(predict(Objective::LeastSquares, one, 2 << 12), 2 << 20);
    assert_eq!(predict(Objective::LeastSquares, -one, 3 << 12), -3 << 20);
    assert_eq!(predict(Objective::Logistic, 0, 1 << 12), 1 << 19, "the middle");
    assert_eq!(predict(Objective::Perceptron, one, 1 << 12), 1 << 20, "the last level");
    assert_eq!(predict(Objective::Perceptron, -one, 1 << 12), -1 << 20, "the first");
    assert_eq!(predict(Objective::Perceptron, one / 2, 1 << 12), 1 << 20, "the last from 1/2 on");
    // The table's entries cover 1/32 each, to nearest: from 1/64 on it is the second.
    let entry = |index| (linear::sigmoid_entry(index).0 << 4) as i32;
    for (z, index) in [((1 << 22) - (1 << 8), 0), (1 << 22, 1), (3 << 22, 2), (i32::MAX, 255)] {
        assert_eq!(predict(Objective::Logistic, z, 1 << 12), entry(index), "{z}");
        assert_eq!(predict(Objective::Logistic, -z, 1 << 12), (1 << 20) - entry(index), "-{z}");
    }
    let streams: Vec<bool> = Objective::ALL.iter().map(|o| o.streams()).collect();
    assert_eq!(streams.iter().filter(|&&s| s).count(), 3, "the linear models");
    assert!(!Objective::Rosenbrock.streams() && !Objective::Quadratic.streams());
}

/// Sums, errors and gradients of a linear model are clamped, each with its flag.
#[test]
fn a_linear_models_clamps_are_flagged() {
    let flagged = |d: usize, w: i32, a: i16, target: i16| {
        let sample = Sample { features: vec![a; d], target };
        let found = linear::evaluate(&Link::Identity, &vec![w; d], &sample);
        (found.saturated.gradient, found.saturated.value)
    };
    assert_eq!(flagged(64, i32::MAX, i16::MAX, 0), (true, true), "the sum");
    assert_eq!(flagged(1, 1 << 28, 1 << 12, 0), (false, false));
    assert_eq!(flagged(8, i32::MAX, i16::MAX, 0), (true, true), "the gradient and the value");
    assert_eq!(flagged(16, 1 << 28, 4 << 12, 0), (false, false));
}

/// The levels in `f64`, the curvatures of a condition, words on a grid.
#[test]
fn references_are_their_formulas() {
    let (value, gradient) = linear::exact(&Link::Levels(4), &[0.3], &[2.0], 0.5);
    // z = 0.6 is in the last but none of four steps of 1/2 from -1: 3, which stands for 1.
    assert_eq!((value, gradient), (0.125, vec![1.0]));
    assert_eq!(linear::exact(&Link::Levels(4), &[5.0], &[1.0], 0.0), (0.5, vec![1.0]), "beyond 1");
    let (value, gradient) = linear::exact(&Link::Levels(4), &[0.1], &[3.0], 1.0);
    let third = 1.0 / 3.0;
    assert!((value - (third - 1.0_f64).powi(2) / 2.0).abs() < 1e-12);
    assert!((gradient[0] - 3.0 * (third - 1.0)).abs() < 1e-12);
    let found = quadratic::curvatures(5, 1e4);
    let expected = [1.0, 1e-1, 1e-2, 1e-3, 1e-4];
    assert_eq!(found.len(), 5);
    assert!(found.iter().zip(expected).all(|(a, b)| (a / b - 1.0).abs() < 1e-12), "{found:?}");
    assert_eq!(quadratic::curvatures(1, 9.0), [1.0]);
    assert_eq!(point_word(1.0, 4), Some(1 << 28));
    assert_eq!(point_word(0.0313, 4), Some(1 << 24));
    assert_eq!((point_word(-8.0, 28), point_word(-8.1, 28)), (Some(i32::MIN), None));
    assert_eq!(point_word(8.0, 28), None);
}

/// A component of exactly half a step is one step, to nearest, in the gradient's format and on the
/// point's grid: it does not vanish, and what compensation would feed back stays.
#[test]
fn a_half_does_not_vanish() {
    let compensated = |gradient_bits, point_bits, x| {
        let config = Config {
            compensation: true,
            rounding: Rounding::Nearest,
            rate: 4,
            gradient_bits,
            point_bits,
            ..Config::power_up()
        };
        let mut g = bowl(x, config);
        let residues = (g.gradient_residues[0], g.point_residues[0]);
        g.descend(None);
        (g.point[0] != x, (g.gradient_residues[0], g.point_residues[0]) == residues)
    };
    // The gradient is x with 20 fractional bits; at a rate of 2^-4 the step has 32 in x / 2^0.
    assert_eq!(compensated(4, 28, 1 << 23), (true, true), "half of 2^-4");
    assert!(!compensated(4, 28, (1 << 23) - (1 << 8)).1, "less than half of it: fed back");
    assert_eq!(compensated(20, 12, 1 << 19), (true, true), "a step of half of 2^-12");
    assert!(!compensated(20, 12, (1 << 19) - (1 << 8)).1, "less than that");
}

/// Each component goes to the minimum on its side of the ridge at 0.156731: the lower one is the
/// function's 0.
#[test]
fn styblinski_has_two_minima() {
    let start = [1.0, 0.15, 0.16, -6.0].map(|x| point_word(x, 28).expect("in range"));
    let config =
        Config { objective: Objective::Styblinski, dimension: 4, rate: 6, ..Config::power_up() };
    let mut descent = Gradient::new(config, start.to_vec());
    for _ in 0..2000 {
        descent.descend(None);
    }
    let ends: Vec<f64> = descent.point.iter().map(|&x| point_value(x)).collect();
    for (end, at) in ends.iter().zip([2.746803, -2.903534, 2.746803, -2.903534]) {
        assert!((end - at).abs() < 1e-5, "{ends:?}");
    }
    let value = descent.config.value as f64 * (-32_f64).exp2();
    assert!((value - 2.0 * 14.136717).abs() < 1e-4, "{value}");
}

/// Noise is so many bits of the generator's upper word, with their sign, and none from 32 on.
#[test]
fn noise_halves_with_its_width() {
    let moved = |noise_width, noise| {
        let search = Search { noise_width, ..Search::default() };
        let config = Config { rate: 31, gradient_bits: 0, noise, search, ..Config::power_up() };
        let mut g = bowl(0, config);
        g.descend(None);
        g.point[0]
    };
    for (high, width, expected) in [
        (0x7fff_ffff_u64, 0, i32::MAX),
        (0x8000_0000, 0, i32::MIN),
        (0x8000_0001, 1, 1),
        (0x4000_0000, 1, -(1 << 30)),
        (0x0000_0003, 29, 3),
        (0xffff_fffc, 29, -4),
        (0xffff_ffff, 31, -1),
        (0xffff_ffff, 32, 0),
    ] {
        assert_eq!(moved(width, high << 32), expected, "{high:#x} at {width}");
    }
}

/// Noise and resolution have a schedule each, and stop at their largest.
#[test]
fn width_and_bits_rise_every_period() {
    let search = Search {
        gradient_rises: true,
        point_rises: true,
        noise_width: 30,
        noise_period: 2,
        resolution_period: 3,
        gradient_most: 11,
        point_most: 14,
        ..Search::default()
    };
    let config = Config { gradient_bits: 10, point_bits: 12, search, ..Config::power_up() };
    let run = |config: &Config| -> Vec<[u32; 3]> {
        let mut g = bowl(1 << 28, config.clone());
        let mut seen = |_| {
            g.descend(None);
            [g.config.search.noise_width, g.config.gradient_bits, g.config.point_bits]
        };
        (0..9).map(&mut seen).collect()
    };
    let widths = [30, 31, 31, 32, 32, 32, 32, 32, 32];
    let bits = [[10, 12], [10, 12], [11, 13], [11, 13], [11, 13], [11, 14]];
    let bits = bits.iter().chain([&[11, 14]; 3]);
    let expected: Vec<_> = widths.iter().zip(bits).map(|(&w, b)| [w, b[0], b[1]]).collect();
    assert_eq!(run(&config), expected);
    let mut still = config.clone();
    (still.search.gradient_rises, still.search.point_rises) = (false, false);
    assert!(run(&still).iter().all(|seen| seen[1..] == [10, 12]));
    assert_eq!(NOISE_NONE, 32);
}

/// The first point is kept; a worse one is dropped, with its step, and the value stays.
#[test]
fn a_worse_point_is_dropped() {
    let search = Search { keep: true, ..Search::default() };
    let config = Config { rate: 1, rounding: Rounding::Nearest, search, ..Config::power_up() };
    let mut g = bowl(1 << 28, config);
    g.curvature[0] = i32::MAX;
    g.descend(None);
    // A curvature of 8 at a rate of 1/2 goes to -3.
    let (value, x) = (g.config.value, g.point[0]);
    assert!((point_value(x) + 3.0).abs() < 1e-5 && g.kept == [1 << 28] && g.best() == [1 << 28]);
    g.descend(None);
    assert_eq!((g.config.value, &g.point, &g.kept), (value, &vec![1 << 28], &vec![1 << 28]));
    g.config.rate = 4;
    g.descend(None);
    assert!((point_value(g.point[0]) - 0.5).abs() < 1e-5, "the same value is not worse");
    g.descend(None);
    assert!(g.config.value < value && g.kept != [1 << 28]);
}

/// A device that was built without a search takes what has none, and nothing else.
#[test]
fn a_search_needs_a_size_that_has_it() {
    let mut g = bowl(1 << 28, Config::power_up());
    let plain = GradientBuilt { objectives: 0xf, dimension: 64 };
    assert_eq!(g.check(&plain), Ok(()));
    g.config.search.noise_width = 3;
    let said = g.check(&plain).expect_err("it has none");
    assert!(said.contains("without a search") && said.contains("rastrigin"), "{said}");
    assert_eq!(g.check(&GradientBuilt { objectives: 0x1f, dimension: 64 }), Ok(()));
}

/// Most minima of Griewank's function are not its lowest; in another than two dimensions there is
/// none.
#[test]
fn griewank_has_two_dimensions() {
    let of = |dimension| {
        let config = Config { objective: Objective::Griewank, dimension, ..Config::power_up() };
        Gradient::new(config, vec![0; dimension]).validate()
    };
    assert!(of(2).is_ok() && of(1).is_err() && of(3).is_err());
    let lowest = griewank::evaluate(&[0, 0], &[0, 0]);
    let other = griewank::evaluate(&[1 << 27, 1 << 27], &[0, 0]);
    assert_eq!(lowest.value, 0);
    assert!(other.value > 1 << 28 && other.gradient.iter().all(|g| g.abs() < 1 << 19));
}
