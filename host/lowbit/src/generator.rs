//! The generator: pictures from noise and a class, in floating point or of few bits itself.

use crate::adam::Parameters;
use crate::layers::Input;
use crate::ops::{tensor, values, BatchNorm, Patches, Quantize};
use candle_core::{Result, Tensor, Var};
use fastrand::Rng;

/// Numbers of noise beside the class.
const NOISE: usize = 32;

/// Channels within.
const CHANNELS: usize = 16;

/// A dense layer to a picture of half the size, and two 3x3 convolutions, the first of the picture
/// made twice as large; batch norm and ReLU between, a sigmoid at the end.
pub struct Generator {
    input: Input,
    classes: usize,
    weights: [Var; 3],
    norms: [(Var, Var); 2],
    /// Of its weights and activations, if it is of few bits itself.
    bits: Option<u32>,
}

/// A normally distributed number.
pub fn normal(random: &mut Rng) -> f32 {
    let (u, v) = (1.0 - random.f64(), random.f64());
    ((-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()) as f32
}

/// A matrix of normally distributed numbers, and a row of zeros for the biases.
pub fn start(random: &mut Rng, terms: usize, outputs: usize) -> Result<Tensor> {
    let size = (2.0 / terms as f32).sqrt();
    let mut numbers: Vec<f32> = (0..terms * outputs).map(|_| normal(random) * size).collect();
    numbers.resize((terms + 1) * outputs, 0.0);
    tensor(numbers, (terms + 1, outputs))
}

impl Generator {
    /// One for this input; all that is learned is in `parameters`.
    ///
    /// # Errors
    /// If memory is short.
    pub fn new(
        input: &Input,
        classes: usize,
        bits: Option<u32>,
        random: &mut Rng,
        parameters: &mut Parameters,
    ) -> Result<Self> {
        let half = input.height.div_ceil(2) * input.width.div_ceil(2);
        let sizes = [
            (NOISE + classes, half * CHANNELS),
            (9 * CHANNELS, CHANNELS),
            (9 * CHANNELS, input.channels),
        ];
        let mut weights = Vec::new();
        for (i, (terms, outputs)) in sizes.into_iter().enumerate() {
            let start = start(random, terms, outputs)?;
            weights.push(parameters.add(format!("weights{i}"), &start, 1.0, f32::NEG_INFINITY)?);
        }
        let mut norm = |i: usize| {
            let [one, zero] = [1.0, 0.0].map(|x| tensor(vec![x; CHANNELS], CHANNELS));
            let factor = parameters.add(format!("factor{i}"), &one?, 1.0, f32::NEG_INFINITY)?;
            let offset = parameters.add(format!("offset{i}"), &zero?, 1.0, f32::NEG_INFINITY)?;
            Result::Ok((factor, offset))
        };
        let norms = [norm(0)?, norm(1)?];
        let [a, b, c] = [weights[0].clone(), weights[1].clone(), weights[2].clone()];
        Ok(Self { input: input.clone(), classes, weights: [a, b, c], norms, bits })
    }

    /// Pictures of these classes, rows of a pixel each, whose values are samples'.
    ///
    /// # Errors
    /// If memory is short.
    pub fn pictures(&self, labels: &[usize], random: &mut Rng) -> Result<Tensor> {
        let Input { height, width, bits, largest, .. } = self.input;
        let mut rows = Vec::new();
        for &label in labels {
            rows.extend((0..NOISE).map(|_| normal(random)));
            rows.extend((0..self.classes).map(|c| f32::from(c == label)));
            rows.push(1.0);
        }
        let x = tensor(rows, (labels.len(), NOISE + self.classes + 1))?;
        let [a, b, c] = &self.weights;
        let x = x.matmul(&self.rounded(a)?)?.reshape(((), CHANNELS))?;
        let x = self.passed(x, 0)?.apply_op1(Patches { height, width, enlarge: 2 })?;
        let x = self.passed(x.matmul(&self.rounded(b)?)?, 1)?;
        let x = x.apply_op1(Patches { height, width, enlarge: 1 })?.matmul(&self.rounded(c)?)?;
        // A sigmoid by the function that the library has.
        let x = ((((x * 0.5)?.tanh()? + 1.0)? * 0.5)? * f64::from(largest))?;
        x.apply_op2(&tensor(vec![self.input.step()], 1)?, Quantize::unsigned(bits))
    }

    /// Batch norm and ReLU, of few bits if the generator is.
    fn passed(&self, x: Tensor, number: usize) -> Result<Tensor> {
        let (factor, offset) = &self.norms[number];
        let x = x.apply_op3(factor, offset, BatchNorm)?.relu()?;
        let Some(bits) = self.bits else { return Ok(x) };
        let code = Quantize::unsigned(bits);
        let largest = values(&x)?.iter().fold(1e-6_f32, |a, x| a.max(*x));
        x.apply_op2(&tensor(vec![largest / code.high], 1)?, code)
    }

    /// Weights, of few bits if the generator is; biases are not.
    fn rounded(&self, weights: &Var) -> Result<Tensor> {
        let Some(bits) = self.bits else { return Ok(weights.as_tensor().clone()) };
        let code = Quantize::signed(bits);
        let (terms, outputs) = weights.dims2()?;
        let mut scales = vec![1e-6_f32; outputs];
        let numbers = values(weights)?;
        for row in numbers.chunks(outputs).take(terms - 1) {
            scales.iter_mut().zip(row).for_each(|(s, w)| *s = s.max(w.abs() / code.high));
        }
        let scales = tensor(scales, outputs)?;
        let rounded = weights.narrow(0, 0, terms - 1)?.contiguous()?.apply_op2(&scales, code)?;
        Tensor::cat(&[rounded, weights.narrow(0, terms - 1, 1)?], 0)
    }
}
