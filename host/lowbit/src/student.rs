//! The network with rounded weights and activations: what is trained, and what is exported.

use crate::adam::Parameters;
use crate::network::{Linear, Network};
use crate::ops::{tensor, values, Quantize};
use candle_core::{Result, Tensor, Var};

/// Bits of weights and activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bits {
    /// Of weights, 2 to 8, with a sign.
    pub weights: u32,
    /// Of activations, 2 to 8, without.
    pub activations: u32,
}

/// Of a layer; they are learned, but start as the closed forms below say.
struct Rounded {
    weights: Var,
    bias: Var,
    /// One for each output; one for all of the last layer, whose scores are compared.
    scale: Var,
    /// Of what goes on; the last layer's goes nowhere.
    next: Option<Var>,
}

/// A network with rounded weights and activations.
pub struct Student {
    /// The sizes, and the numbers before rounding.
    pub network: Network,
    /// Its widths.
    pub bits: Bits,
    layers: Vec<Rounded>,
}

/// Numbers of a layer in whole numbers and scales.
pub struct Codes {
    /// By term and output.
    pub weights: Vec<f32>,
    /// In numbers as the network has them.
    pub bias: Vec<f32>,
    /// Of the weights of each output.
    pub scales: Vec<f32>,
    /// Of what goes on.
    pub next: Option<f32>,
}

impl Student {
    /// Rounds a network whose hidden layers have statistics; all that is learned is in
    /// `parameters`.
    ///
    /// # Errors
    /// If memory is short.
    pub fn new(network: &Network, bits: Bits, parameters: &mut Parameters) -> Result<Self> {
        let count = network.linear().count();
        let mut layers = Vec::new();
        for (i, linear) in network.linear().enumerate() {
            let last = i + 1 == count;
            let scales = weight_scales(linear, bits.weights, last);
            let largest = linear.weights.iter().fold(1e-6_f32, |a, w| a.max(w.abs()));
            let mean = linear.weights.iter().map(|w| w.abs()).sum::<f32>();
            let unit = (mean / linear.weights.len() as f32).max(1e-3 * largest);
            let weights = tensor(linear.weights.clone(), (linear.terms(), linear.outputs))?;
            let bias = tensor(linear.bias.clone(), (1, linear.outputs))?;
            let low = f32::NEG_INFINITY;
            let least = scales.iter().fold(f32::MAX, |a, s| a.min(*s));
            let mean_scale = scales.iter().sum::<f32>() / scales.len() as f32;
            let length = scales.len();
            let scale = tensor(scales, length)?;
            let size = deviation(linear);
            let next = match &linear.statistics {
                Some((mean, deviation)) if !last => {
                    Some(activation_scale(mean, deviation, bits.activations))
                }
                _ => None,
            };
            layers.push(Rounded {
                weights: parameters.add(format!("weights{i}"), &weights, unit, low)?,
                bias: parameters.add(format!("bias{i}"), &bias, size * 0.1, low)?,
                scale: parameters.add(format!("scale{i}"), &scale, mean_scale, least * 0.1)?,
                next: match next {
                    Some(next) => {
                        let tensor = tensor(vec![next], 1)?;
                        Some(parameters.add(format!("next{i}"), &tensor, next, next * 0.1)?)
                    }
                    None => None,
                },
            });
        }
        Ok(Self { network: network.clone(), bits, layers })
    }

    /// Scores, and what each hidden layer passes on.
    ///
    /// # Errors
    /// If sizes do not fit.
    pub fn scores(&self, pictures: &Tensor) -> Result<(Tensor, Vec<Tensor>)> {
        let code = Quantize::signed(self.bits.weights);
        let mut before = tensor(vec![self.network.input.step()], 1)?;
        let mut weights = Vec::new();
        for layer in &self.layers {
            let rounded = layer.weights.apply_op2(&layer.scale, code)?;
            // A bias counts units of the sum; of few bits they are large.
            let unit = layer.scale.broadcast_mul(&before)?.detach();
            let bias = layer.bias.as_tensor();
            let near = (bias.broadcast_div(&unit)? + 0.5)?.floor()?.broadcast_mul(&unit)?;
            let bias = (bias + (near - bias)?.detach())?;
            weights.push(Tensor::cat(&[&rounded, &bias], 0)?);
            if let Some(next) = &layer.next {
                before = next.as_tensor().clone();
            }
        }
        let code = Quantize::unsigned(self.bits.activations);
        let mut hidden = Vec::new();
        let scores = self.network.run(pictures, &weights, |i, sum| match &self.layers[i].next {
            Some(scale) => {
                let x = sum.apply_op2(scale, code)?;
                hidden.push(x.clone());
                Ok(x)
            }
            None => Ok(sum),
        })?;
        Ok((scores, hidden))
    }

    /// The numbers of each layer.
    ///
    /// # Errors
    /// If memory is short.
    pub fn codes(&self) -> Result<Vec<Codes>> {
        let code = Quantize::signed(self.bits.weights);
        let of = |layer: &Rounded| {
            let scales = values(&layer.scale)?;
            let weights = values(&layer.weights)?;
            let weights = weights.iter().enumerate();
            Ok(Codes {
                weights: weights.map(|(i, w)| code.code(*w, scales[i % scales.len()])).collect(),
                bias: values(&layer.bias)?,
                scales,
                next: layer.next.as_ref().map(|next| values(next)).transpose()?.map(|next| next[0]),
            })
        };
        self.layers.iter().map(of).collect()
    }

    /// What rounding adds to each weight of a layer, and the scale of what comes to it, if that is
    /// a layer's.
    ///
    /// # Errors
    /// If memory is short.
    pub fn errors(&self, layer: usize) -> Result<Vec<f32>> {
        let Rounded { weights, scale, .. } = &self.layers[layer];
        let code = Quantize::signed(self.bits.weights);
        values(&(weights.apply_op2(scale, code)? - weights.as_tensor())?)
    }

    /// The scale of what a layer passes on.
    ///
    /// # Errors
    /// If memory is short.
    pub fn next(&self, layer: usize) -> Result<Option<f32>> {
        let next = self.layers[layer].next.as_ref().map(|next| values(next)).transpose()?;
        Ok(next.map(|next| next[0]))
    }

    /// Changes a layer's biases.
    ///
    /// # Errors
    /// If there are others as many.
    pub fn set_bias(&self, layer: usize, bias: Vec<f32>) -> Result<()> {
        let length = bias.len();
        self.layers[layer].bias.set(&tensor(bias, (1, length))?)
    }
}

/// The size of a layer's sums.
fn deviation(linear: &Linear) -> f32 {
    match &linear.statistics {
        Some((_, d)) => (d.iter().sum::<f32>() / d.len() as f32).max(1e-6),
        None => linear.bias.iter().fold(1e-3, |a: f32, b| a.max(b.abs())),
    }
}

/// Scales with the least squared error of rounding: one for each output, or one for all.
pub fn weight_scales(linear: &Linear, bits: u32, common: bool) -> Vec<f32> {
    let code = Quantize::signed(bits);
    let best = |weights: &[f32]| {
        let largest = weights.iter().fold(0.0_f32, |a, w| a.max(w.abs())).max(1e-6);
        let error = |scale: f32| -> f64 {
            let one = |w: &f32| f64::from(code.code(*w, scale) * scale - w).powi(2);
            weights.iter().map(one).sum()
        };
        let scales = (15..=60).map(|part| largest / code.high * part as f32 / 60.0);
        let errors = scales.map(|scale| (error(scale), scale));
        errors.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(1.0, |best| best.1)
    };
    if common {
        return vec![best(&linear.weights)];
    }
    let column = |c| linear.weights.iter().skip(c).step_by(linear.outputs).copied();
    (0..linear.outputs).map(|c| best(&column(c).collect::<Vec<_>>())).collect()
}

/// Numbers that stand for a normal distribution: its quantiles.
pub fn quantiles() -> Vec<f64> {
    const COUNT: usize = 64;
    // The distribution's integral by its logistic approximation would do, but bisection of the
    // exact one needs no constants.
    let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let steps = 16_000;
    let width = 16.0 / f64::from(steps);
    let (mut sum, mut found) = (0.0, Vec::new());
    for i in 0..steps {
        let x = -8.0 + (f64::from(i) + 0.5) * width;
        sum += density(x) * width;
        if found.len() < COUNT && sum >= (found.len() as f64 + 0.5) / COUNT as f64 {
            found.push(x);
        }
    }
    found
}

/// The scale with the least squared error of rounding what ReLU leaves of normal distributions with
/// these means and deviations.
pub fn activation_scale(mean: &[f32], deviation: &[f32], bits: u32) -> f32 {
    let code = Quantize::unsigned(bits);
    let quantiles = quantiles();
    let channels = mean.iter().zip(deviation);
    let samples: Vec<f32> = channels
        .flat_map(|(m, d)| quantiles.iter().map(move |q| (m + d * *q as f32).max(0.0)))
        .collect();
    let largest = samples.iter().fold(1e-6_f32, |a, x| a.max(*x));
    let error = |scale: f32| -> f64 {
        samples.iter().map(|x| f64::from(code.code(*x, scale) * scale - x).powi(2)).sum()
    };
    let scales = (4..=60).map(|part| largest / code.high * part as f32 / 50.0);
    let errors = scales.map(|scale| (error(scale), scale));
    errors.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(1.0, |best| best.1)
}
