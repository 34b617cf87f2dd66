//! Rosenbrock's valley (1960) in `D >= 2` dimensions:
//! `f(x) = sum over i < D-1 of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2`, minimum 0 at `(1, .., 1)`.

use super::{saturate, Evaluation, Saturated, Value};

/// 1 in Q4.28.
const ONE: i64 = 1 << 28;

/// Offsets from the valley's floor `d[j] = x[j] - x[j-1]^2` in Q8.24 (`d[0] = 0`), then
/// `g[i] = 200 d[i] - 400 x[i] d[i+1] - 2 (1 - x[i])`, the last two not for the last component.
pub fn evaluate(x: &[i32]) -> Evaluation {
    let x: Vec<i64> = x.iter().map(|&x| x.into()).collect();
    let d = x.len();
    let mut offset = vec![0_i64; d];
    for j in 1..d {
        // To nearest: what is lost here comes back 200 times in the gradient.
        offset[j] = (x[j] - ((x[j - 1] * x[j - 1]) >> 28) + 8) >> 4;
    }
    let mut value = Value::default();
    for offset in &offset[1..] {
        // 100 = 25 * 4.
        value.add(25 * ((offset * offset) >> 14));
    }
    for x in &x[..d - 1] {
        let rest = one_minus(*x);
        value.add((rest * rest) >> 24);
    }
    let mut saturated = Saturated { value: value.saturated, ..Default::default() };
    let mut gradient = Vec::with_capacity(d);
    for i in 0..d {
        // x d' and 1 - x with 28 fractional bits; g / 2 = 100 (d - 2 x d') - (1 - x).
        let (across, rest) =
            if i + 1 < d { ((x[i] * offset[i + 1]) >> 24, one_minus(x[i])) } else { (0, 0) };
        let half = 100 * ((offset[i] << 4) - 2 * across) - rest;
        let (g, held) = saturate(half >> 7);
        saturated.gradient |= held;
        gradient.push(g);
    }
    Evaluation { gradient, value: value.sum, saturated }
}

/// `1 - x`, held inside 32 bits.
fn one_minus(x: i64) -> i64 {
    saturate(ONE - x).0.into()
}

/// The same in `f64`: value and gradient.
pub fn exact(x: &[f64]) -> (f64, Vec<f64>) {
    let mut value = 0.0;
    let mut gradient = vec![0.0; x.len()];
    for i in 0..x.len() - 1 {
        let (offset, rest) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
        value += 100.0 * offset * offset + rest * rest;
        gradient[i] -= 400.0 * x[i] * offset + 2.0 * rest;
        gradient[i + 1] += 200.0 * offset;
    }
    (value, gradient)
}
