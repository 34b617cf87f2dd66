//! Griewank's function (1981) in two dimensions around a centre `z`,
//! `G(v) = 1 + (v[0]^2 + v[1]^2) / 4000 - cos(v[0]) cos(v[1] / sqrt(2))`, at
//! `v[i] = 2 pi sqrt(i + 1) u[i]`, `u = x - z`, and times [`FACTOR`]: `u` from -8 to 8 is `v[0]`
//! from -50 to 50 and `v[1]` from -71 to 71. The minimum is 0, at the centre, among some 500
//! others.
//!
//! The product of two cosines is half the sum of those of sum and difference, so that nothing is
//! divided, and the only products are the table's: with `p = u[0] + u[1]`, `m = u[0] - u[1]` and
//! half the factor `h`, the function is
//! `u[0]^2 / 8 + u[1]^2 / 4 + h (1 - cos(2 pi p)) + h (1 - cos(2 pi m))`. In more dimensions it
//! would be a cosine for each choice of signs: there are none but two.

use super::wave::Wave;
use super::{offsets, Evaluation, Saturated, Value};
use std::f64::consts::{PI, TAU};
use std::sync::LazyLock;

/// What Griewank's value is multiplied by: `125 / pi^2`.
pub const FACTOR: f64 = 125.0 / (PI * PI);

/// Half the factor with 32 fractional bits, those of the table.
const HALF: i64 = ((FACTOR / 2.0 * 65_536.0 + 0.5) as i64) << 16;

static WAVE: LazyLock<Wave> = LazyLock::new(|| Wave::new(FACTOR / 2.0));

/// `u[i]` is clamped to Q4.28. The value's terms are the squares, and then the cosines of `p` and
/// `m`; with the slopes `P` and `M` there, the gradient is `u[0] / 4 + P + M` and
/// `u[1] / 2 + P - M`. It never leaves its format.
pub fn evaluate(x: &[i32], centre: &[i32]) -> Evaluation {
    let mut value = Value::default();
    let mut saturated = Saturated::default();
    let offsets = offsets(x, centre, &mut saturated);
    let [u, v] = [0, 1].map(|i| offsets.get(i).copied().unwrap_or(0));
    value.add((i64::from(u) * i64::from(u)) >> 27);
    value.add((i64::from(v) * i64::from(v)) >> 26);
    let (p, m) = (u.wrapping_add(v), u.wrapping_sub(v));
    for phase in [p, m] {
        value.add(HALF + (-WAVE.cosine(phase) >> 2));
    }
    let (plus, minus) = (WAVE.slope(p), WAVE.slope(m));
    let first = (i64::from(u) >> 10) + ((plus + minus) >> 11);
    let second = (i64::from(v) >> 9) + ((plus - minus) >> 11);
    saturated.value = value.saturated;
    Evaluation { gradient: vec![first as i32, second as i32], value: value.sum, saturated }
}

/// The same in `f64`, by Griewank's formula: value and gradient.
pub fn exact(x: &[f64], centre: &[f64]) -> (f64, Vec<f64>) {
    let scales = [TAU, TAU * 2_f64.sqrt()];
    let v: Vec<f64> = (0..2).map(|i| scales[i] * (x[i] - centre[i])).collect();
    let rates = [1.0, 1.0 / 2_f64.sqrt()];
    let angles = [0, 1].map(|i| rates[i] * v[i]);
    let bowl = (v[0] * v[0] + v[1] * v[1]) / 4000.0;
    let value = 1.0 + bowl - angles[0].cos() * angles[1].cos();
    let slope = |i: usize| {
        let wave = rates[i] * angles[i].sin() * angles[1 - i].cos();
        FACTOR * scales[i] * (v[i] / 2000.0 + wave)
    };
    (FACTOR * value, vec![slope(0), slope(1)])
}
