//! A linear model `z = w . a` with a link, on streamed samples `(a, t)`: least squares (identity),
//! logistic regression (sigmoid), and the quantized perceptron (few output levels).
//!
//! | link | output `y` | value |
//! |---|---|---|
//! | identity | `z` | `(y - t)^2 / 2` |
//! | sigmoid | `1 / (1 + exp(-z))` | `ln(1 + exp(z)) - t z`, the cross-entropy |
//! | levels | the nearest of `L` levels from -1 to 1 | `(y - t)^2 / 2` |
//!
//! The gradient is `(y - t) a` in each case: exact for the first two; for levels it is the
//! perceptron rule (Rosenblatt, 1958), which treats the staircase as a slope of 1.

use super::{saturate, Evaluation, Sample, Saturated, Value};

/// From the sum to the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Identity,
    Sigmoid,
    /// This many, `2..=16`; 2 is the sign, with +1 for 0.
    Levels(u32),
}

/// Entries of the sigmoid's table; one covers 1/32, the last everything from 8 on.
pub const SIGMOID_ENTRIES: usize = 256;

/// `1 / (1 + exp(-z))` and `ln(1 + exp(-z))` in UQ0.16 at `z = index / 32`, to nearest.
pub fn sigmoid_entry(index: usize) -> (u32, u32) {
    let decay = (-(index as f64) / 32.0).exp();
    let fraction = |x: f64| (x * 65536.0).round() as u32;
    (fraction(1.0 / (1.0 + decay)), fraction(decay.ln_1p()))
}

/// Level `k` of `levels`, Q4.12, to nearest.
pub fn level(k: u32, levels: u32) -> i32 {
    let y = 2.0 * f64::from(k) / f64::from(levels - 1) - 1.0;
    (y * 4096.0).round() as i32
}

/// Sum and output, Q12.20.
#[derive(Clone, Copy, Debug)]
pub struct Prediction {
    pub sum: i32,
    pub output: i32,
    /// `ln(1 + exp(-abs(z)))`, UQ0.16 (sigmoid only).
    log_term: u32,
    saturated: bool,
}

pub fn predict(link: &Link, w: &[i32], features: &[i16]) -> Prediction {
    // 40 fractional bits, 8 of them dropped from each product.
    let sum: i64 = w.iter().zip(features).map(|(&w, &a)| (i64::from(w) * i64::from(a)) >> 8).sum();
    let (sum, saturated) = saturate(sum >> 12);
    let (output, log_term) = match *link {
        Link::Identity => (sum, 0),
        Link::Sigmoid => {
            // Nearest entry: steps of 2^15 in Q12.20.
            let magnitude = i64::from(sum).abs();
            let index = ((magnitude + (1 << 14)) >> 15).min(SIGMOID_ENTRIES as i64 - 1);
            let (upper, log) = sigmoid_entry(index as usize);
            let upper = (upper << 4) as i32;
            (if sum < 0 { (1 << 20) - upper } else { upper }, log)
        }
        Link::Levels(levels) => {
            let scaled = ((i64::from(sum) + (1 << 20)) * i64::from(levels)) >> 21;
            let k = scaled.clamp(0, i64::from(levels) - 1) as u32;
            (level(k, levels) << 8, 0)
        }
    };
    Prediction { sum, output, log_term, saturated }
}

pub fn evaluate(link: &Link, w: &[i32], sample: &Sample) -> Evaluation {
    let p = predict(link, w, &sample.features);
    let (error, held) = saturate(i64::from(p.output) - (i64::from(sample.target) << 8));
    let mut saturated = Saturated { gradient: p.saturated || held, ..Default::default() };
    let mut gradient = Vec::with_capacity(w.len());
    for &a in &sample.features {
        let (g, held) = saturate((i64::from(error) * i64::from(a)) >> 12);
        saturated.gradient |= held;
        gradient.push(g);
    }
    let mut value = Value::default();
    value.add(match link {
        Link::Sigmoid => {
            let base = (i64::from(p.sum.max(0)) << 12) + (i64::from(p.log_term) << 16);
            base - i64::from(p.sum) * i64::from(sample.target)
        }
        _ => (i64::from(error) * i64::from(error)) >> 9,
    });
    saturated.value = value.saturated;
    Evaluation { gradient, value: value.sum, saturated }
}

/// The same in `f64`: value and gradient.
pub fn exact(link: &Link, w: &[f64], a: &[f64], t: f64) -> (f64, Vec<f64>) {
    let z: f64 = w.iter().zip(a).map(|(w, a)| w * a).sum();
    let y = match *link {
        Link::Identity => z,
        Link::Sigmoid => 1.0 / (1.0 + (-z).exp()),
        Link::Levels(levels) => {
            let n = f64::from(levels);
            let k = ((z + 1.0) / 2.0 * n).floor().clamp(0.0, n - 1.0);
            2.0 * k / (n - 1.0) - 1.0
        }
    };
    let value = match link {
        Link::Sigmoid => z.max(0.0) + (-z.abs()).exp().ln_1p() - t * z,
        _ => (y - t) * (y - t) / 2.0,
    };
    (value, a.iter().map(|a| (y - t) * a).collect())
}
