//! Styblinski and Tang's function (1990), above its minimum:
//! `f(x) = sum of (x[i]^4 - 16 x[i]^2 + 5 x[i]) / 2 - m`, where `m` is the least that a term can
//! be. The minimum is 0, at -2.903534 in every dimension; each dimension has a second, at 2.746803,
//! that is 14.14 higher, and descent ends in the one on whose side of 0.156731 it begins.

use super::{Evaluation, Saturated, Value};

/// What is added to `u^2 / 2 + 5 x / 2`, which is a term and 32, so that its minimum is 0.
const LIFT: f64 = 7.166_165_703_771_412;

/// `u[i] = x[i]^2 - 8` in Q8.24; the gradient is `2 x u + 5/2`, the value's terms
/// `u^2 / 2 + 5 x / 2`, lifted. No gradient leaves its format.
pub fn evaluate(x: &[i32]) -> Evaluation {
    let mut value = Value::default();
    let mut gradient = Vec::with_capacity(x.len());
    for &x in x {
        let x = i64::from(x);
        let u = ((x * x) >> 32) - (8 << 24);
        value.add(((u * u) >> 17) + 40 * x + (LIFT * (32_f64).exp2()) as i64);
        gradient.push((((x * u) >> 31) + (5 << 19)) as i32);
    }
    let saturated = Saturated { value: value.saturated, ..Default::default() };
    Evaluation { gradient, value: value.sum, saturated }
}

/// The same in `f64`: value and gradient.
pub fn exact(x: &[f64]) -> (f64, Vec<f64>) {
    let term = |x: &f64| (x * x - 8.0).powi(2) / 2.0 + 2.5 * x + LIFT;
    (x.iter().map(term).sum(), x.iter().map(|x| 2.0 * x * (x * x - 8.0) + 2.5).collect())
}
