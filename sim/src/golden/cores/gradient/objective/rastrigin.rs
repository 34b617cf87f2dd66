//! Rastrigin's function (1974) around a centre `z`:
//! `f(x) = sum of u[i]^2 + 10 (1 - cos(2 pi u[i]))`, `u = x - z`. The minimum is 0, at the centre;
//! near every other whole `u` there is one more, and a descent ends in the one that it begins near.
//!
//! Cosine and sine are the table's of [`Wave`]: the value's term is at most 5.5e-5 off, a
//! gradient's component 3.6e-4.

use super::wave::Wave;
use super::{offsets, Evaluation, Saturated, Value};
use std::sync::LazyLock;

static WAVE: LazyLock<Wave> = LazyLock::new(|| Wave::new(10.0));

/// `u[i]` is clamped to Q4.28. The value's terms are `u^2`, and then `10 - 10 cos(2 pi u)`; the
/// gradient is `2 u + 20 pi sin(2 pi u)`, and never leaves its format.
pub fn evaluate(x: &[i32], centre: &[i32]) -> Evaluation {
    let mut value = Value::default();
    let mut saturated = Saturated::default();
    let offsets = offsets(x, centre, &mut saturated);
    for &u in &offsets {
        value.add((i64::from(u) * i64::from(u)) >> 24);
    }
    for &u in &offsets {
        value.add((10 << 32) + (-WAVE.cosine(u) >> 2));
    }
    let slope = |&u: &i32| ((i64::from(u) >> 7) + (WAVE.slope(u) >> 11)) as i32;
    saturated.value = value.saturated;
    Evaluation { gradient: offsets.iter().map(slope).collect(), value: value.sum, saturated }
}

/// The same in `f64`: value and gradient.
pub fn exact(x: &[f64], centre: &[f64]) -> (f64, Vec<f64>) {
    let turn = std::f64::consts::TAU;
    let offsets: Vec<f64> = x.iter().zip(centre).map(|(x, z)| x - z).collect();
    let term = |u: &f64| u * u + 10.0 * (1.0 - (turn * u).cos());
    let slope = |u: &f64| 2.0 * u + 10.0 * turn * (turn * u).sin();
    (offsets.iter().map(term).sum(), offsets.iter().map(slope).collect())
}
