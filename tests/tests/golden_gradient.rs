//! The gradient core's rules, one by one, against their definitions in plain arithmetic.

use fixlearn_sim::golden::gradient::linear::{self, Link};
use fixlearn_sim::golden::gradient::reference::{point_value, point_word, Reference};
use fixlearn_sim::golden::gradient::{
    quadratic, rosenbrock, Config, Gradient, Objective, Rounding, Sample, VALUE_MAX,
};
use fixlearn_tests::gradient::{cases, valley};
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
            g.iterate(None);
            prop_assert_eq!(before - point_value(g.point[0]), expected);
        }
    }

    #[test]
    fn stochastic_is_one_of_the_neighbours(x in -(1_i32 << 30)..1 << 30, n in 0_u32..=18, noise in 1_u64..) {
        let config = Config {
            rounding: Rounding::Stochastic, rate: 8, gradient_bits: n, noise, ..Config::power_up()
        };
        let mut g = bowl(x, config);
        let (low, high) = (quantized(slope(&g), n, 0.0), quantized(slope(&g), n, 1.0));
        g.iterate(None);
        let step = (point_value(x) - point_value(g.point[0])) * 256.0;
        prop_assert!(step == low || step == high, "{step} is not {low} or {high}");
    }

    /// The point's own grid: the step is rounded to it, and the point stays on it.
    #[test]
    fn the_point_stays_on_its_grid(x in -(1_i32 << 30)..1 << 30, m in 0_u32..=28, e in 0_u32..=10) {
        let x = x >> (28 - m) << (28 - m);
        let config = Config { rounding: Rounding::Nearest, rate: e, point_bits: m, ..Config::power_up() };
        let mut g = bowl(x, config);
        let step = slope(&g) * (-f64::from(e)).exp2();
        g.iterate(None);
        prop_assert_eq!(g.point[0] & ((1 << (28 - m)) - 1), 0);
        let moved = point_value(x) - point_value(g.point[0]);
        prop_assert!((moved - step).abs() <= (-f64::from(m)).exp2() * 0.5 + 1e-9);
    }

    /// With feedback, steps and residues together lose nothing that 20 and 32 fractional bits hold.
    #[test]
    fn error_feedback_keeps_what_it_drops(x in -(1_i32 << 28)..1 << 28, n in 0_u32..=20, m in 4_u32..=28) {
        let config = Config {
            rounding: Rounding::ErrorFeedback, rate: 4, gradient_bits: n, point_bits: m,
            ..Config::power_up()
        };
        let mut g = bowl(x >> (28 - m) << (28 - m), config);
        let gradient = f64::from(g.evaluate(None).gradient[0]);
        let before = point_value(g.point[0]);
        g.iterate(None);
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
        (plain.config.low, plain.config.high) = (i32::MIN, i32::MAX);
        let mut compensated = plain.clone();
        compensated.config.compensation = true;
        let gradient = plain.evaluate(None).gradient;
        let before = plain.point.clone();
        plain.iterate(None);
        compensated.iterate(None);
        let largest = plain.config.last.expect("an iteration").0;
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
            g.iterate(None);
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
    fn quadratic_is_the_function(
        x in prop::collection::vec(-3.0..3.0_f64, 1..9), z in -3.0..3.0_f64, condition in 1.0..1e4_f64,
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

    #[test]
    fn linear_is_the_model(
        w in prop::collection::vec(-1.0..1.0_f64, 1..12), a in -2.0..2.0_f64, t in -1.0..1.0_f64,
    ) {
        let words: Vec<i32> = w.iter().filter_map(|&x| point_word(x, 28)).collect();
        let features: Vec<i16> = (0..w.len()).map(|i| ((a + i as f64 * 0.1) * 4096.0) as i16).collect();
        let sample = Sample { features, target: (t * 4096.0) as i16 };
        let real: Vec<f64> = sample.features.iter().map(|&f| f64::from(f) / 4096.0).collect();
        let target = f64::from(sample.target) / 4096.0;
        for (link, near) in [(Link::Identity, 1e-4), (Link::Sigmoid, 5e-3)] {
            let (value, gradient) = linear::exact(&link, &w, &real, target);
            let found = linear::evaluate(&link, &words, &sample);
            let room = near * 4.0 * (1.0 + value.abs());
            prop_assert!((found.value as f64 * (-32_f64).exp2() - value.max(0.0)).abs() < room * 3.0);
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

    /// The `f64` reference and the model adapt their rates alike while they see the same.
    #[test]
    fn the_reference_follows_the_same_schedule(period in 1_u32..50, shift in 4_u32..8) {
        let config = Config { rate: shift, rate_period: period, rate_most: shift + 5, ..Config::power_up() };
        let mut g = bowl(1 << 28, config);
        let mut reference = Reference::new(&g);
        for _ in 0..100 {
            g.iterate(None);
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
    g.iterate(None);
    assert_eq!(g.config.rate, 2, "nothing to compare with yet");
    g.iterate(None);
    assert_eq!(g.config.rate, 3, "a step of 2 crosses the bowl");
    let mut calm = bowl(1 << 28, Config { rate: 9, ..g.config.clone() });
    calm.config.last = None;
    let rates: Vec<u32> = (0..8)
        .map(|_| {
            calm.iterate(None);
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
                g.iterate(None);
            }
            let before = g.point.clone();
            g.iterate(None);
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
        g.iterate(None);
        exact.iterate(None);
    }
    let distance = |x: &[f64]| x.iter().map(|x| (x - 1.0).powi(2)).sum::<f64>().sqrt();
    let found = distance(&Reference::new(&g).point);
    let bound = (2.0 * (-12_f64).exp2()).max(distance(&exact.point));
    assert!(found <= bound, "{found} is above {bound}");
}
