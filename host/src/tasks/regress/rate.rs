//! The rate and the number of passes, where they are not given: tried on the golden model.
//!
//! Every rate is tried with few passes; then the passes double, and of the best rate and its
//! neighbours the best is taken, until that gains little. A trial in which nothing was clamped is
//! better than any in which something was. What was chosen is then rehearsed on all rows, and a
//! lower rate taken while something is clamped there that the rows tried did not show. A run keeps
//! what was chosen in its plan as if it had been given, so that it is replayed and gone on with as
//! any other.

use super::data::Samples;
use crate::order::{order, Order, Passes};
use crate::Result;
use fixlearn_sim::golden::cores::gradient::{Gradient, Objective, POINT_FRACTION};
use std::ops::RangeInclusive;

/// Rates that are tried: `2^-N`.
const RATES: RangeInclusive<u32> = 1..=14;
/// Samples of the first trials, and at most those of the last.
const SHORT: u64 = 4_000;
const LONG: u64 = 100_000;
/// Passes of the first trials at most, and of the last: a pass of a few rows costs a board more
/// for what is read back at its end than for the rows.
const PASSES: (u64, u64) = (250, 1_000);
/// Rows that are tried.
const ROWS: usize = 2_000;
/// The least share of the loss that twice the passes must gain.
const GAIN: f64 = 0.002;

/// A rate `2^-rate`, and passes over all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    pub rate: u32,
    pub passes: u64,
    /// The rate that was the best of those tried, where something would be clamped with it.
    pub clamped: Option<u32>,
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
        return Ok(Choice { rate, passes, clamped: None });
    }
    let all = samples.training.len() as u64;
    let rows = samples.training.len().clamp(1, ROWS);
    // Passes over the rows that are tried, and over all: as many samples.
    let tried = |passes: u64| (passes * all).min(4 * SHORT).div_ceil(rows as u64).max(1);
    let full = |passes: u64| (passes * rows as u64).div_ceil(all.max(1)).max(1);
    let trial = |rate: u32, passes: u64| -> Result<Trial> {
        let mut state = start(rate, passes * rows as u64)?;
        for pass in 0..passes {
            for i in order(seed, pass, rows) {
                state.descend(Some(&samples.training[i]));
            }
        }
        let clamped = state.config.saturated.any();
        Ok(Trial { clamped, loss: loss(&state, samples, rows), rate })
    };
    let best = |rates: RangeInclusive<u32>, passes: u64| -> Result<Trial> {
        let mut best = Trial { clamped: true, loss: f64::INFINITY, rate: *rates.end() };
        for rate in rates {
            let trial = trial(rate, passes)?;
            if trial.beats(&best, 0.0) {
                best = trial;
            }
        }
        Ok(best)
    };
    // The run itself, as far as a run of default length goes.
    let clamps = |rate: u32, passes: u64| -> Result<bool> {
        let mut state = start(rate, passes * all)?;
        let mut left = LONG + all;
        let order = Order { vectors: samples.training.len(), seed: Some(seed) };
        for pass in 0..passes {
            for i in Passes::default().numbers(order, pass * all..(pass + 1) * all) {
                state.descend(Some(&samples.training[i]));
                left -= 1;
                if state.config.saturated.any() || left == 0 {
                    return Ok(state.config.saturated.any());
                }
            }
        }
        Ok(false)
    };
    let settled = |best: u32, passes: u64| -> Result<Choice> {
        if rate.is_none() {
            for lower in best..=best.max(*RATES.end()) {
                if !clamps(lower, passes)? {
                    let clamped = (lower > best).then_some(best);
                    return Ok(Choice { rate: lower, passes, clamped });
                }
            }
        }
        Ok(Choice { rate: best, passes, clamped: None })
    };
    let around = |middle: u32| match rate {
        Some(rate) => rate..=rate,
        None => middle.saturating_sub(1).max(*RATES.start())..=middle + 1,
    };
    let first = rate.map_or(RATES, |rate| rate..=rate);
    if let Some(passes) = passes {
        return settled(best(first, tried(passes))?.rate, passes);
    }
    let mut passes = SHORT.div_ceil(rows as u64).min(PASSES.0);
    let mut chosen = best(first, passes)?;
    while 2 * passes * rows as u64 <= LONG && 2 * passes <= PASSES.1 {
        let longer = best(around(chosen.rate), 2 * passes)?;
        if !longer.beats(&chosen, GAIN) {
            break;
        }
        (chosen, passes) = (longer, 2 * passes);
    }
    settled(chosen.rate, full(passes))
}

/// What a rate came to.
struct Trial {
    clamped: bool,
    loss: f64,
    rate: u32,
}

impl Trial {
    /// It alone was not clamped, or both were alike and its loss is less by more than this share.
    fn beats(&self, other: &Self, share: f64) -> bool {
        (self.clamped, self.loss) < (other.clamped, other.loss * (1.0 - share))
    }
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
