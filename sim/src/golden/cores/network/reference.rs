//! The network in `f64`: the same whole numbers for weights, but what a layer gives is neither
//! rounded nor, above, clamped. What [`super::file::NetworkFile`] loses against it is the cost of
//! narrowing activations.

use super::file::{FileLayer, NetworkFile, Shape, Weights};

/// The scores of an image.
pub fn scores(network: &NetworkFile, image: &[u8]) -> Vec<f64> {
    let mut x: Vec<f64> = image.iter().map(|&x| x.into()).collect();
    for (layer, given) in network.layers.iter().zip(network.shapes()) {
        x = match layer {
            FileLayer::Pool => pool(&x, given),
            FileLayer::Conv(w) => scaled(convolve(&x, given, w), w),
            FileLayer::Dense(w) => scaled(multiply(&x, w), w),
        };
    }
    x
}

/// Sums times `multiplier / 2^shift`, above 0; the last layer's as they are.
fn scaled(sums: Vec<f64>, w: &Weights) -> Vec<f64> {
    if w.multiplier.is_empty() {
        return sums;
    }
    let each = sums.len() / w.outputs;
    let scale = |i: usize| f64::from(w.multiplier[i]) / f64::from(w.shift[i]).exp2();
    sums.iter().enumerate().map(|(i, sum)| (sum * scale(i / each)).max(0.0)).collect()
}

fn pool(x: &[f64], given: Shape) -> Vec<f64> {
    let (rows, columns) = (given.height / 2, given.width / 2);
    let places = |c: usize| {
        (0..rows).flat_map(move |r| (0..columns).map(move |k| (c * given.height + 2 * r, 2 * k)))
    };
    let at = |r: usize, k: usize| x[r * given.width + k];
    (0..given.channels)
        .flat_map(places)
        .map(|(r, k)| at(r, k).max(at(r, k + 1)).max(at(r + 1, k)).max(at(r + 1, k + 1)))
        .collect()
}

fn convolve(x: &[f64], given: Shape, w: &Weights) -> Vec<f64> {
    let (height, width) = (given.height as isize, given.width as isize);
    let value = |c: usize, r: isize, k: isize| {
        let inside = (0..height).contains(&r) && (0..width).contains(&k);
        if inside {
            x[(c as isize * height + r) as usize * given.width + k as usize]
        } else {
            0.0
        }
    };
    let mut sums = Vec::new();
    for (kernels, &bias) in w.weights.chunks(9 * given.channels).zip(&w.bias) {
        for (r, k) in (0..height).flat_map(|r| (0..width).map(move |k| (r, k))) {
            let product = |(i, &weight): (usize, &i16)| {
                let (down, right) = ((i % 9 / 3) as isize - 1, (i % 3) as isize - 1);
                f64::from(weight) * value(i / 9, r + down, k + right)
            };
            sums.push(f64::from(bias) + kernels.iter().enumerate().map(product).sum::<f64>());
        }
    }
    sums
}

fn multiply(x: &[f64], w: &Weights) -> Vec<f64> {
    let rows = w.weights.chunks(x.len().max(1)).zip(&w.bias);
    rows.map(|(row, &bias)| {
        f64::from(bias) + row.iter().zip(x).map(|(&w, x)| f64::from(w) * x).sum::<f64>()
    })
    .collect()
}
