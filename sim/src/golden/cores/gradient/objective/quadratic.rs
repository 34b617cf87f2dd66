//! A quadratic bowl, `f(x) = sum of c[i] (x[i] - z[i])^2 / 2`. Its condition number is the largest
//! curvature over the smallest, as the user sets them.

use super::{offsets, Evaluation, Saturated, Value};

/// `t[i] = c[i] (x[i] - z[i])` in Q8.24; the gradient is `t`, the value's terms `t (x - z) / 2`.
pub fn evaluate(x: &[i32], curvature: &[i32], centre: &[i32]) -> Evaluation {
    let mut value = Value::default();
    let mut saturated = Saturated::default();
    let mut gradient = Vec::with_capacity(x.len());
    for (difference, &c) in offsets(x, centre, &mut saturated).into_iter().zip(curvature) {
        let slope = (i64::from(c) * i64::from(difference)) >> 32;
        gradient.push((slope >> 4) as i32);
        value.add((slope * i64::from(difference)) >> 21);
    }
    saturated.value = value.saturated;
    Evaluation { gradient, value: value.sum, saturated }
}

/// The same in `f64`.
pub fn exact(x: &[f64], curvature: &[f64], centre: &[f64]) -> (f64, Vec<f64>) {
    let terms = x.iter().zip(curvature).zip(centre);
    let gradient: Vec<f64> = terms.map(|((x, c), z)| c * (x - z)).collect();
    let value = gradient.iter().zip(x).zip(centre).map(|((g, x), z)| g * (x - z) / 2.0).sum();
    (value, gradient)
}

/// `d` curvatures from 1 down to `1 / condition`, in geometric steps.
pub fn curvatures(d: usize, condition: f64) -> Vec<f64> {
    let step = |i: usize| if d > 1 { i as f64 / (d - 1) as f64 } else { 0.0 };
    (0..d).map(|i| condition.powf(-step(i))).collect()
}
