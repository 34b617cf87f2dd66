//! Units on the plane of the two largest principal components: a map begins unfolded there.

use crate::input::Samples;
use crate::Result;
use fixlearn_sim::golden::cores::vq::{FULL_SCALE, GUARD_BITS};

/// Vectors that the components are found from, at most: evenly spread ones.
const SOME: usize = 1 << 14;

/// How far the plane reaches on either side, in standard deviations.
const REACH: f64 = 1.5;

/// Turns of the power iteration.
const TURNS: usize = 200;

/// Codewords on the plane, on a grid of so many columns whose longer side is along the larger
/// component: linear initialization (Kohonen, 1995). Additions, products, quotients and square
/// roots in one order, so that every machine finds the same.
///
/// # Errors
/// If samples that stay in a file cannot be read.
pub fn plane(samples: &Samples, codewords: usize, columns: usize) -> Result<Vec<u16>> {
    let (d, columns) = (samples.layout.dimension(), columns.min(codewords).max(1));
    let rows = codewords.div_ceil(columns);
    let (mean, mut spread) = moments(samples, d)?;
    let mut axes = [(); 2].map(|()| {
        let (axis, variance) = largest(&spread, d);
        for (i, a) in axis.iter().enumerate() {
            for (j, b) in axis.iter().enumerate() {
                spread[i * d + j] -= variance * a * b;
            }
        }
        let length = REACH * variance.max(0.0).sqrt();
        axis.into_iter().map(|a| a * length).collect::<Vec<f64>>()
    });
    if columns > rows {
        axes.swap(0, 1);
    }
    let along = |at: usize, of: usize| match of {
        0 | 1 => 0.0,
        _ => 2.0 * at as f64 / (of - 1) as f64 - 1.0,
    };
    let one = f64::from(1_u32 << GUARD_BITS);
    let mut words = Vec::with_capacity(codewords * d);
    for unit in 0..codewords {
        let (down, across) = (along(unit / columns, rows), along(unit % columns, columns));
        for k in 0..d {
            let at = mean[k] + down * axes[0][k] + across * axes[1][k];
            words.push((at * one).round().clamp(0.0, f64::from(FULL_SCALE)) as u16);
        }
    }
    Ok(words)
}

/// The mean of the samples as the core sees them, and their covariance.
fn moments(samples: &Samples, d: usize) -> Result<(Vec<f64>, Vec<f64>)> {
    let vectors = samples.layout.vectors();
    let every = vectors.div_ceil(SOME).max(1);
    let flip = samples.quantization.flip();
    let some: Vec<usize> = (0..vectors).step_by(every).collect();
    let bytes = samples.gather(&some)?;
    let (mut mean, mut spread) = (vec![0.0; d], vec![0.0; d * d]);
    let many = some.len().max(1) as f64;
    for vector in bytes.chunks_exact(d) {
        mean.iter_mut().zip(vector).for_each(|(m, x)| *m += f64::from(x ^ flip));
    }
    mean.iter_mut().for_each(|m| *m /= many);
    for vector in bytes.chunks_exact(d) {
        let from: Vec<f64> =
            vector.iter().zip(&mean).map(|(x, m)| f64::from(x ^ flip) - m).collect();
        for (row, a) in spread.chunks_exact_mut(d).zip(&from) {
            row.iter_mut().zip(&from).for_each(|(s, b)| *s += a * b);
        }
    }
    spread.iter_mut().for_each(|s| *s /= many);
    Ok((mean, spread))
}

/// The direction of the largest variance, of length 1, its largest component positive, and that
/// variance; by power iteration. No direction if there is no variance.
fn largest(spread: &[f64], d: usize) -> (Vec<f64>, f64) {
    let length = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    // No direction of a table is likely to be at right angles to it.
    let mut axis: Vec<f64> = (0..d).map(|k| 1.0 + (k * k % 7) as f64 / 8.0).collect();
    let mut variance = 0.0;
    for _ in 0..TURNS {
        let turned: Vec<f64> = spread
            .chunks_exact(d)
            .map(|row| row.iter().zip(&axis).map(|(s, a)| s * a).sum())
            .collect();
        variance = length(&turned) / length(&axis);
        if variance < 1e-9 {
            return (vec![0.0; d], 0.0);
        }
        let long = length(&turned);
        axis = turned.into_iter().map(|x| x / long).collect();
    }
    let most = axis.iter().fold(0.0_f64, |most, &x| if x.abs() > most.abs() { x } else { most });
    if most < 0.0 {
        axis.iter_mut().for_each(|x| *x = -*x);
    }
    (axis, variance)
}
