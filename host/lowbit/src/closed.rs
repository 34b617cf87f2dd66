//! The two closed-form steps of data-free quantization (Nagel et al. 2019).

use crate::network::{Network, Place, Step};
use crate::ops::Quantize;
use crate::student::{quantiles, Student};
use candle_core::Result;

/// Rounds of equalization; it settles within a few.
const ROUNDS: usize = 20;

/// Weight equalization: the range of each channel's weights in a layer, and of those that multiply
/// this channel in the next, are made equal, as ReLU and pooling let a factor through. With ranges
/// r and r' the channel is divided by `sqrt(r r') / r'`.
pub fn equalize(network: &mut Network) {
    for _ in 0..ROUNDS {
        let mut layers: Vec<_> = network.linear_mut().collect();
        for i in 1..layers.len() {
            let (before, after) = layers.split_at_mut(i);
            let (before, after) = (&mut before[i - 1], &mut after[0]);
            let Place { channels, .. } = after.place;
            let (from, to) = (before.outputs, after.outputs);
            // A dense layer's inputs are its channels.
            for c in 0..channels {
                let column = || (c..before.weights.len()).step_by(from);
                let rows = || (c * to..after.weights.len()).step_by(channels * to);
                let row = || rows().flat_map(|at| at..at + to);
                let r = column().fold(0.0_f32, |a, k| a.max(before.weights[k].abs()));
                let next = row().fold(0.0_f32, |a, k| a.max(after.weights[k].abs()));
                if r < 1e-9 || next < 1e-9 {
                    continue;
                }
                let factor = (r * next).sqrt() / next;
                column().for_each(|k| before.weights[k] /= factor);
                row().for_each(|k| after.weights[k] *= factor);
                before.bias[c] /= factor;
                if let Some((mean, deviation)) = &mut before.statistics {
                    mean[c] /= factor;
                    deviation[c] /= factor;
                }
            }
        }
    }
}

/// Bias correction: what rounding adds to a layer's weights, times the inputs' expectation, is
/// taken from its bias. The inputs are what ReLU, rounding and pooling (of independent pixels)
/// leave of normal distributions with the statistics of the layer before; of the first layer
/// nothing is known.
///
/// # Errors
/// If memory is short.
pub fn correct(student: &Student) -> Result<()> {
    let quantiles = quantiles();
    let mut pooled = 1;
    let mut number = 0;
    let mut before = None;
    for step in &student.network.steps {
        let Step::Linear(linear) = step else {
            pooled *= 4;
            continue;
        };
        if let Some((mean, deviation, scale)) = before.take() {
            let expected = expectation(mean, deviation, scale, pooled, &quantiles, student);
            let errors = student.errors(number)?;
            let mut bias = linear.bias.clone();
            for (k, errors) in errors.chunks(linear.outputs).enumerate() {
                let x = expected[k % expected.len()];
                bias.iter_mut().zip(errors).for_each(|(bias, error)| *bias -= error * x);
            }
            student.set_bias(number, bias)?;
        }
        pooled = 1;
        if let (Some((mean, deviation)), Some(scale)) = (&linear.statistics, student.next(number)?)
        {
            before = Some((mean, deviation, scale));
        }
        number += 1;
    }
    Ok(())
}

/// The expectation of each channel after ReLU, rounding, and the largest of `pooled`.
fn expectation(
    mean: &[f32],
    deviation: &[f32],
    scale: f32,
    pooled: i32,
    quantiles: &[f64],
    student: &Student,
) -> Vec<f32> {
    let code = Quantize::unsigned(student.bits.activations);
    let count = quantiles.len() as f64;
    // The probability that a quantile is the largest of so many.
    let below = |i: f64| (i / count).powi(pooled);
    let share = |i: usize| below(i as f64 + 1.0) - below(i as f64);
    let channel = |(m, d): (&f32, &f32)| -> f32 {
        let value = |q: f64| f64::from(code.code(m + d * q as f32, scale) * scale);
        quantiles.iter().enumerate().map(|(i, q)| share(i) * value(*q)).sum::<f64>() as f32
    };
    mean.iter().zip(deviation).map(channel).collect()
}
