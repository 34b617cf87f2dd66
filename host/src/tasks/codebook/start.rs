//! The first codebook.

use super::{Init, Plan};
use crate::input::Samples;
use crate::order::{mix, order};
use crate::output;
use fixlearn_sim::golden::cores::vq::{Config, Vq, GUARD_BITS};

/// The state to start from: registers of this plan, codewords taken from the samples.
pub fn start(plan: &Plan, samples: &Samples, lanes: usize) -> Vq {
    let dimension = samples.layout.dimension();
    let config = Config {
        metric: plan.metric,
        rounding: plan.rounding,
        frequency_sensitive: plan.frequency_passes > 0,
        count_based: plan.count_based,
        signed: samples.quantization.signed,
        rate_shift: plan.rate_shift,
        rate_final: plan.rate_final,
        rate_period: plan.rate_period,
        radius: plan.radius,
        radius_period: plan.radius_period,
        columns_log2: plan.columns_log2,
        falloff: plan.falloff,
        count_cap: plan.count_cap,
        ..Config::power_up(plan.codewords, dimension)
    };
    let mut vq = Vq::new(config, lanes);
    let flip = samples.quantization.flip();
    let first = match plan.init {
        Init::Random => order(plan.seed, u64::MAX, samples.layout.vectors()),
        Init::PlusPlus => plus_plus(samples, plan.codewords, plan.seed, 1),
        Init::Greedy => {
            // 2 + ln(codewords), rounded down, in integers.
            let trials = 2 + plan.codewords.max(1).ilog2() as u64 * 693 / 1000;
            plus_plus(samples, plan.codewords, plan.seed, trials)
        }
    };
    for (codeword, &from) in vq.codebook.chunks_exact_mut(dimension).zip(first.iter().cycle()) {
        for (w, &x) in codeword.iter_mut().zip(samples.vector(from)) {
            *w = u16::from(x ^ flip) << GUARD_BITS;
        }
    }
    vq
}

/// Numbers of `many` vectors by k-means++, each the best of `trials`, in integers, so that every
/// machine draws the same.
fn plus_plus(samples: &Samples, many: usize, seed: u64, trials: u64) -> Vec<usize> {
    let flip = samples.quantization.flip();
    let square = |(&x, &y): (&u8, &u8)| u64::from((x ^ flip).abs_diff(y ^ flip)).pow(2);
    let distance = |a: usize, b: usize| -> u64 {
        samples.vector(a).iter().zip(samples.vector(b)).map(square).sum()
    };
    let vectors = samples.layout.vectors();
    let draw = |i: u64, below: u64| mix(mix(seed) ^ mix(i)) % below.max(1);
    let closer = |nearest: &[u64], to: usize| -> Vec<u64> {
        nearest.iter().enumerate().map(|(i, &d)| d.min(distance(i, to))).collect()
    };
    let mut chosen = vec![draw(0, vectors as u64) as usize];
    let mut nearest = closer(&vec![u64::MAX; vectors], chosen[0]);
    let bar = output::progress(many as u64, "starting");
    while chosen.len() < many {
        let step = chosen.len() as u64;
        let all: u64 = nearest.iter().sum();
        let tries = (0..trials).map(|trial| {
            let mut left = draw(step + (trial << 32), all);
            let drawn = nearest.iter().position(|&d| {
                let here = left < d;
                left = left.wrapping_sub(d);
                here
            });
            // All distances are 0: fewer distinct vectors than codewords.
            let drawn = drawn.unwrap_or(chosen.len() % vectors);
            (drawn, closer(&nearest, drawn))
        });
        let Some((best, then)) = tries.min_by_key(|(_, then)| then.iter().sum::<u64>()) else {
            break;
        };
        chosen.push(best);
        nearest = then;
        bar.inc(1);
    }
    bar.finish_and_clear();
    chosen
}
