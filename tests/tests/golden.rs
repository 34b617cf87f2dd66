//! The golden model's rules, one by one, against their definitions in plain arithmetic.

use fixlearn_map::vq::VqBuilt;
use fixlearn_sim::golden::arith::xorshift64;
use fixlearn_sim::golden::cores::vq::{
    round_to_sample, Config, Metric, Reference, Rounding, Vq, FULL_SCALE,
};
use fixlearn_sim::golden::Core;
use fixlearn_tests::cores::vq::cases;
use proptest::prelude::*;

const SIZE: VqBuilt = VqBuilt::narrow(16, 4, 4);

/// One codeword of one dimension.
fn single(w: u16, rounding: Rounding, rate_shift: u32) -> Vq {
    let config = Config { rounding, rate_shift, ..Config::power_up(1, 1) };
    let mut vq = Vq::new(config, 1);
    vq.codebook[0] = w;
    vq
}

/// The codeword after one step, exactly, in UQ8.7.
fn exact(w: u16, x: u8, rate_shift: u32) -> f64 {
    let step = f64::from(x) * 128.0 - f64::from(w);
    f64::from(w) + step * (-f64::from(rate_shift)).exp2()
}

proptest! {
    #[test]
    fn truncation_is_below_by_less_than_one(w in 0..=FULL_SCALE, x: u8, shift in 0_u32..=8) {
        let mut vq = single(w, Rounding::Truncate, shift);
        vq.adapt(&[x]);
        let error = exact(w, x, shift) - f64::from(vq.codebook[0]);
        prop_assert!((0.0..1.0).contains(&error), "{error}");
    }

    #[test]
    fn nearest_is_within_a_half(w in 0..=FULL_SCALE, x: u8, shift in 0_u32..=8) {
        let mut vq = single(w, Rounding::Nearest, shift);
        vq.adapt(&[x]);
        let error = exact(w, x, shift) - f64::from(vq.codebook[0]);
        prop_assert!((-0.5..0.5).contains(&error), "{error}");
    }

    #[test]
    fn stochastic_is_one_of_the_neighbours(
        w in 0..=FULL_SCALE, x: u8, shift in 0_u32..=8, noise in 1_u64..,
    ) {
        let mut vq = single(w, Rounding::Stochastic, shift);
        vq.config.noise = noise;
        vq.adapt(&[x]);
        let (got, exact) = (f64::from(vq.codebook[0]), exact(w, x, shift));
        prop_assert!(got == exact.floor() || got == exact.ceil(), "{got} for {exact}");
        prop_assert_eq!(vq.config.noise, xorshift64(noise));
    }

    /// Codeword and residue together lose nothing of a step that 8 fractional bits hold.
    #[test]
    fn error_feedback_keeps_what_it_drops(w in 0..=FULL_SCALE, e: u8, x: u8, shift in 0_u32..=8) {
        let mut vq = single(w, Rounding::ErrorFeedback, shift);
        vq.residues[0] = e;
        vq.adapt(&[x]);
        let before = exact(w, x, shift) + f64::from(e) / 256.0;
        let after = f64::from(vq.codebook[0]) + f64::from(vq.residues[0]) / 256.0;
        prop_assert_eq!(before, after);
    }

    #[test]
    fn a_codeword_never_leaves_the_range_or_passes_the_sample(
        w in 0..=FULL_SCALE, x: u8, shift in 0_u32..16, wins in 1_u16.., count_based: bool,
    ) {
        use Rounding::{ErrorFeedback, Nearest, Stochastic, Truncate};
        for rounding in [Truncate, Nearest, Stochastic, ErrorFeedback] {
            let mut vq = single(w, rounding, shift);
            vq.config.count_based = count_based;
            vq.counts[0] = wins;
            vq.adapt(&[x]);
            let (from, to) = (w.min(u16::from(x) << 7), w.max(u16::from(x) << 7));
            prop_assert!((from..=to).contains(&vq.codebook[0]));
        }
    }

    #[test]
    fn count_based_rate_is_one_over_u(wins in 1_u16..32767) {
        let mut vq = single(0, Rounding::Nearest, 15);
        vq.config.count_based = true;
        vq.counts[0] = wins - 1;
        vq.adapt(&[255]);
        let exact = 32640.0 / f64::from(wins);
        // The reciprocal has an error of at most 0.8 %: 7 bits of mantissa below the leading one.
        prop_assert!((f64::from(vq.codebook[0]) - exact).abs() <= exact * 0.0085 + 0.5);
    }

    #[test]
    fn halving_keeps_ratios_and_never_reaches_zero(
        counts in prop::collection::vec(1_u16.., 2..20),
    ) {
        let mut vq = Vq::new(Config { halve: true, ..Config::power_up(counts.len(), 1) }, 1);
        vq.counts.clone_from(&counts);
        let winner = vq.adapt(&[0]).index;
        for (i, (&now, &then)) in vq.counts.iter().zip(&counts).enumerate() {
            prop_assert_eq!(now, (then / 2).max(1) + u16::from(i == winner));
        }
    }

    #[test]
    fn signed_samples_are_unsigned_ones_moved_by_128(
        samples in prop::collection::vec(any::<u8>(), 1..60),
    ) {
        let start = Vq::new(Config { count_based: true, ..Config::power_up(4, 1) }, 1);
        let (mut plain, mut signed) = (start.clone(), start);
        signed.config.signed = true;
        for &x in &samples {
            prop_assert_eq!(plain.adapt(&[x]), signed.adapt(&[x ^ 0x80]));
        }
        prop_assert_eq!(plain.codebook, signed.codebook);
    }

    #[test]
    fn rounding_to_samples_is_to_nearest(w in 0..=FULL_SCALE) {
        let error = f64::from(w) / 128.0 - f64::from(round_to_sample(w));
        prop_assert!((-0.5..0.5).contains(&error));
    }

    /// From any state, a vector does in the model what it does in `f64`, but for rounding: the same
    /// winner, every codeword of the neighbourhood, counts and schedules.
    #[test]
    fn a_vector_does_what_it_does_in_f64(case in cases(SIZE)) {
        let mut vq = case.start.clone();
        let c = &mut vq.config;
        (c.rounding, c.signed, c.halve) = (Rounding::Nearest, false, false);
        // The reference has one clock for both schedules; its counts are not halved by integers.
        c.vectors &= 0xffff;
        c.rate_timer = c.vectors.checked_rem(c.rate_period).unwrap_or(0);
        c.radius_timer = c.vectors.checked_rem(c.radius_period).unwrap_or(0);
        // On whole samples distances are exact, and with these counts scores do not saturate.
        vq.codebook.iter_mut().for_each(|w| *w &= !127);
        vq.counts.iter_mut().for_each(|count| *count = (*count).clamp(1, 500));
        let real = |w: &u16| f64::from(*w) / 128.0;
        let codebook = vq.codebook.iter().map(real).collect();
        let mut reference = Reference::new(vq.config.clone(), codebook);
        reference.counts = vq.counts.iter().map(|&count| count.into()).collect();
        let sample = &case.vectors[0].0;
        let exact: Vec<f64> = sample.iter().map(|&x| x.into()).collect();
        prop_assert_eq!(vq.nearest(sample).index, reference.search(&exact, false));
        let before = reference.codebook.clone();
        let found = vq.adapt(sample);
        prop_assert_eq!(f64::from(found.distance), {
            let start = Reference { codebook: before.clone(), ..reference.clone() };
            start.distance(found.index, &exact)
        });
        prop_assert_eq!(found.index, reference.learn(&exact));
        let counts: Vec<f64> = vq.counts.iter().map(|&count| count.into()).collect();
        prop_assert_eq!(&counts, &reference.counts);
        let (c, r) = (&vq.config, &reference.config);
        prop_assert_eq!((c.rate_shift, c.radius, c.halve), (r.rate_shift, r.radius, r.halve));
        for (i, (w, exact_w)) in vq.codebook.iter().zip(&reference.codebook).enumerate() {
            let way = (exact[i % exact.len()] - before[i]).abs();
            // Half a step, what a step truncates, the reciprocal's error, and rates below 2^-15.
            let room = (0.5 + 1.0 / 256.0) / 128.0 + 0.0085 * (exact_w - before[i]).abs()
                + way * (-15_f64).exp2();
            prop_assert!((real(w) - exact_w).abs() <= room + 1e-9, "{i}: {} {exact_w}", real(w));
        }
    }

    /// With every rounding the codebook stays near that of `f64`, as long as winners agree.
    #[test]
    fn one_codeword_follows_the_f64_reference(
        samples in prop::collection::vec(any::<u8>(), 1..300), shift in 1_u32..8,
    ) {
        for rounding in [Rounding::Nearest, Rounding::ErrorFeedback] {
            let mut vq = single(100 << 7, rounding, shift);
            let mut reference = Reference::new(vq.config.clone(), vec![100.0]);
            for &x in &samples {
                vq.adapt(&[x]);
                reference.learn(&[f64::from(x)]);
            }
            // Each step errs by half a unit of UQ8.7; the rate forgets old errors.
            let bound = 0.5 / 128.0 * f64::from(1_u32 << shift) + 1e-9;
            let error = f64::from(vq.codebook[0]) / 128.0 - reference.codebook[0];
            prop_assert!(error.abs() <= bound, "{error} with {rounding:?}");
        }
    }
}

proptest! {
    /// Of any sizes, groups of codewords that are not whole and more than 128 dimensions among
    /// them: the same bits as vector by vector.
    #[test]
    fn many_vectors_at_once_are_one_after_the_other(case in sizes().prop_flat_map(cases)) {
        let vectors = case.vectors.iter().map(|(vector, _)| &vector[..]);
        let vectors: Vec<u8> = vectors.collect::<Vec<_>>().concat();
        let (mut plain, mut fast) = (case.start.clone(), case.start);
        for (vector, _) in &case.vectors {
            plain.learn(vector);
        }
        fast.learn_all(&vectors);
        prop_assert_eq!(&plain, &fast);
        let answers: Vec<u8> = case.vectors.iter().flat_map(|(v, _)| plain.recall(v)).collect();
        prop_assert_eq!(answers, fast.recall_all(&vectors));
    }
}

fn sizes() -> impl Strategy<Value = VqBuilt> {
    (1_u16..=256, 1_u16..=256, 0_u32..5)
        .prop_map(|(codewords, dimension, lanes)| VqBuilt::narrow(codewords, dimension, 1 << lanes))
}

/// The farthest that there is: 256 dimensions of 255, 24 bits.
#[test]
fn the_greatest_distance_is_exact() {
    for metric in [Metric::L1, Metric::SquaredL2] {
        for (w, x) in [(0, 255), (FULL_SCALE, 0), (FULL_SCALE, 1), (FULL_SCALE, 255)] {
            let config = Config { metric, ..Config::power_up(33, 256) };
            let mut vq = Vq::new(config, 8);
            vq.codebook.fill(w);
            assert_eq!(vq.recall_all(&[x; 256]), vq.recall(&[x; 256]), "{metric:?} {w} {x}");
        }
    }
}

/// The first number of Marsaglia's generator (2003) from its usual seed.
#[test]
fn the_noise_is_marsaglias_xorshift64() {
    assert_eq!(xorshift64(88_172_645_463_325_252), 8_748_534_153_485_358_512);
}

#[test]
fn reciprocals_are_to_nearest() {
    for wins in 1_u16..=255 {
        let mut vq = single(0, Rounding::Truncate, 15);
        vq.config.count_based = true;
        vq.counts[0] = wins - 1;
        vq.adapt(&[255]);
        let scale = 1_u32 << (9 + wins.ilog2());
        let reciprocal = (f64::from(scale) / f64::from(wins)).round();
        let expected = (32640.0 * reciprocal / f64::from(scale)).floor();
        assert_eq!(f64::from(vq.codebook[0]), expected, "1 / {wins}");
    }
}

#[test]
fn counts_are_halved_once_one_reaches_the_cap() {
    let mut vq = Vq::new(Config { count_cap: 5, ..Config::power_up(1, 1) }, 1);
    let counts: Vec<u16> = (0..8)
        .map(|_| {
            vq.adapt(&[0]);
            vq.counts[0]
        })
        .collect();
    assert_eq!(counts, [2, 3, 4, 5, 3, 4, 5, 3]);
    let mut reference = Reference::new(Config { halve: true, ..vq.config }, vec![0.0]);
    reference.counts[0] = 9.0;
    reference.learn(&[0.0]);
    assert_eq!(reference.counts, [5.5]);
}

/// A host may write the largest count with no halving due.
#[test]
fn the_largest_count_saturates() {
    let mut vq = Vq::new(Config { count_based: true, ..Config::power_up(1, 1) }, 1);
    vq.counts[0] = u16::MAX;
    vq.adapt(&[255]);
    assert_eq!((vq.counts[0], vq.config.halve), (u16::MAX, true));
    // It moved by the rate's floor.
    assert_eq!(vq.codebook[0], FULL_SCALE >> 4);
    vq.adapt(&[255]);
    assert_eq!((vq.counts[0], vq.config.halve), (u16::MAX / 2 + 1, false));
}

/// The early-vanishing problem: with a small rate, truncation and nearest stall away from the
/// mean, stochastic rounding and error feedback reach it.
#[test]
fn small_updates_vanish_only_where_rounding_loses_them() {
    let end = |rounding| {
        let mut vq = single(120 << 7, rounding, 10);
        (0..60_000).for_each(|_| {
            vq.adapt(&[123]);
        });
        f64::from(vq.codebook[0]) / 128.0
    };
    assert_eq!(end(Rounding::Truncate), 120.0);
    assert_eq!(end(Rounding::Nearest), 120.0);
    assert!((end(Rounding::Stochastic) - 123.0).abs() < 0.2);
    assert!((end(Rounding::ErrorFeedback) - 123.0).abs() < 0.2);
}

/// A map on a line keeps its order: neighbours in the codebook are neighbours in the input.
#[test]
fn a_neighbourhood_orders_the_map() {
    let config = Config {
        metric: Metric::L1,
        rounding: Rounding::Nearest,
        rate_shift: 2,
        rate_final: 6,
        rate_period: 2000,
        radius: 8,
        radius_period: 1000,
        ..Config::power_up(16, 1)
    };
    let mut vq = Vq::new(config, 1);
    let mut noise = 88172645463325252;
    for w in &mut vq.codebook {
        noise = xorshift64(noise);
        *w = (noise % 32640) as u16;
    }
    for _ in 0..20_000 {
        noise = xorshift64(noise);
        vq.adapt(&[(noise >> 32) as u8]);
    }
    let ordered = vq.codebook.is_sorted() || vq.codebook.iter().rev().is_sorted();
    assert!(ordered, "{:?}", vq.codebook);
    assert_eq!(vq.config.radius, 0);
}
