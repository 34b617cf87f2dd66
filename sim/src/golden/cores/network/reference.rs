//! The network in `f64`: the same whole numbers for weights, but what a layer gives is neither
//! rounded nor, above, clamped. What [`super::file::NetworkFile`] loses against it is the cost of
//! narrowing activations. And a last layer that learns, with weights and steps that are neither
//! rounded nor clamped: what [`super::Network`] loses against it is the cost of its levels.

use super::file::{FileLayer, NetworkFile, Shape, Weights};
use super::learn::rival;

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

/// A last layer that learns: a row of weights and a bias for each class.
#[derive(Clone, Debug)]
pub struct LastLayer {
    pub rows: Vec<Vec<f64>>,
    pub bias: Vec<f64>,
}

impl LastLayer {
    /// That of a network.
    pub fn of(network: &NetworkFile) -> Self {
        let Some(FileLayer::Dense(w)) = network.layers.last() else {
            return Self { rows: Vec::new(), bias: Vec::new() };
        };
        let row = |row: &[i16]| row.iter().map(|&w| w.into()).collect();
        Self {
            rows: w.weights.chunks(w.weights.len() / w.outputs).map(row).collect(),
            bias: w.bias.iter().map(|&bias| bias.into()).collect(),
        }
    }

    /// The scores of what it is given.
    pub fn scores(&self, x: &[f64]) -> Vec<f64> {
        let sum = |row: &Vec<f64>| row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
        self.rows.iter().zip(&self.bias).map(|(row, bias)| bias + sum(row)).collect()
    }

    /// The number of the largest score, of equal ones the first.
    pub fn class(&self, x: &[f64]) -> usize {
        rival(&self.scores(x), usize::MAX).unwrap_or(0)
    }

    /// Moves the weights of the class and its rival by the gradient of the hinge (Crammer and
    /// Singer, 2001) times `rate`.
    pub fn learn(&mut self, x: &[f64], class: usize, rate: f64, margin: f64) {
        let scores = self.scores(x);
        let Some(rival) = rival(&scores, class) else { return };
        if scores[class] < scores[rival] + margin {
            for (output, rate) in [(class, rate), (rival, -rate)] {
                self.rows[output].iter_mut().zip(x).for_each(|(w, x)| *w += rate * x);
            }
        }
    }

    /// Moves all weights by the gradient of the cross entropy behind a softmax of the scores over
    /// `scale`, times `rate`: what a framework would do.
    pub fn learn_softmax(&mut self, x: &[f64], class: usize, rate: f64, scale: f64) {
        let scores = self.scores(x);
        let most = scores.iter().copied().fold(f64::MIN, f64::max);
        let powers: Vec<f64> = scores.iter().map(|z| ((z - most) / scale).exp()).collect();
        let sum: f64 = powers.iter().sum();
        for (output, row) in self.rows.iter_mut().enumerate() {
            let gradient = powers[output] / sum - f64::from(u8::from(output == class));
            row.iter_mut().zip(x).for_each(|(w, x)| *w -= rate * gradient * x);
        }
    }
}
