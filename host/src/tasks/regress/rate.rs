//! The rate and the number of passes, where they are not given: tried on the golden model.
//!
//! Every rate is tried with few passes; then the passes double, and of the best rate and its
//! neighbours the best is taken, until that gains little. A run keeps what was chosen in its plan
//! as if it had been given, so that it is replayed and gone on with as any other.

use super::data::Samples;
use crate::order::order;
use crate::Result;
use fixlearn_sim::golden::cores::gradient::{Gradient, Objective, POINT_FRACTION};

/// Rates that are tried: `2^-N`.
const RATES: std::ops::RangeInclusive<u32> = 1..=14;
/// Samples of the first trials, and at most those of the last.
const SHORT: u64 = 4_000;
const LONG: u64 = 100_000;
/// Rows that are tried.
const ROWS: usize = 2_000;
/// The least share of the loss that twice the passes must gain.
const GAIN: f64 = 0.002;

/// A rate `2^-rate`, and passes over all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    pub rate: u32,
    pub passes: u64,
}

/// Chooses what is `None`; `start` makes the first state of a rate for so many samples.
///
/// # Errors
/// As `start`'s.
pub fn choose(
    samples: &Samples,
    seed: u64,
    rate: Option<u32>,
    passes: Option<u64>,
    start: impl Fn(u32, u64) -> Result<Gradient>,
) -> Result<Choice> {
    if let (Some(rate), Some(passes)) = (rate, passes) {
        return Ok(Choice { rate, passes });
    }
    let all = samples.training.len() as u64;
    let rows = samples.training.len().clamp(1, ROWS);
    // Passes over the rows that are tried, and over all: as many samples.
    let tried = |passes: u64| (passes * all).min(4 * SHORT).div_ceil(rows as u64).max(1);
    let full = |passes: u64| (passes * rows as u64).div_ceil(all.max(1)).max(1);
    let loss = |rate: u32, passes: u64| -> Result<f64> {
        let mut state = start(rate, passes * rows as u64)?;
        for pass in 0..passes {
            for i in order(seed, pass, rows) {
                state.descend(Some(&samples.training[i]));
            }
        }
        Ok(loss(&state, samples, rows))
    };
    let best = |rates: &mut dyn Iterator<Item = u32>, passes: u64| -> Result<(f64, u32)> {
        let mut best = (f64::INFINITY, *RATES.end());
        for rate in rates {
            let loss = loss(rate, passes)?;
            if loss < best.0 {
                best = (loss, rate);
            }
        }
        Ok(best)
    };
    let around = |middle: u32| {
        let near = middle.saturating_sub(1).max(*RATES.start())..=middle + 1;
        near.filter(move |n| rate.is_none_or(|rate| rate == *n))
    };
    let mut first = RATES.chain(rate).filter(|n| rate.is_none_or(|rate| rate == *n));
    let Some(mut passes) = passes.is_none().then(|| SHORT.div_ceil(rows as u64)) else {
        let passes = passes.unwrap_or(1);
        return Ok(Choice { rate: best(&mut first, tried(passes))?.1, passes });
    };
    let (mut least, mut chosen) = best(&mut first, passes)?;
    while 2 * passes * rows as u64 <= LONG {
        let (loss, rate) = best(&mut around(chosen), 2 * passes)?;
        if loss >= least * (1.0 - GAIN) {
            break;
        }
        (least, chosen, passes) = (loss, rate, 2 * passes);
    }
    Ok(Choice { rate: chosen, passes: full(passes) })
}

/// The mean loss of the first rows; of logistic regression with the squares of the weights, as
/// other programs have them by default, since classes that can be told apart leave it no minimum.
fn loss(state: &Gradient, samples: &Samples, rows: usize) -> f64 {
    let value = |sample| state.evaluate(Some(sample)).value as f64 / 2.0_f64.powi(32);
    let mean = samples.training[..rows].iter().map(value).sum::<f64>() / rows as f64;
    if state.config.objective != Objective::Logistic {
        return mean;
    }
    // The last weight is the constant's.
    let weights = &state.point[..state.config.dimension.max(1) - 1];
    let squares = |&w: &i32| (f64::from(w) / f64::from(1 << POINT_FRACTION)).powi(2);
    let penalty = weights.iter().map(squares).sum::<f64>();
    mean + penalty / (2.0 * samples.training.len() as f64)
}
