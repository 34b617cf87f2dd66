//! What is minimized.

use crate::network::Network;
use crate::ops::{log_softmax, moments, tensor};
use candle_core::{Result, Tensor};

/// The temperature at which scores are compared.
const TEMPERATURE: f64 = 4.0;

/// The margins between which the entropy of a disagreement is to be, as AdaDFQ has them.
const MARGINS: [f64; 2] = [0.1, 0.8];

/// Cross entropy of scores with classes, row by row.
///
/// # Errors
/// If sizes do not fit.
pub fn cross_entropy(scores: &Tensor, labels: &[usize]) -> Result<Tensor> {
    let (rows, classes) = scores.dims2()?;
    let mut ones = vec![0.0; rows * classes];
    labels.iter().enumerate().for_each(|(i, label)| ones[i * classes + label] = 1.0);
    (log_softmax(scores)? * tensor(ones, (rows, classes))?)?.sum_all()? * (-1.0 / rows as f64)
}

/// How far the student's probabilities are from the teacher's: the Kullback-Leibler divergence at a
/// temperature (Hinton et al. 2015).
///
/// # Errors
/// If sizes do not fit.
pub fn distillation(teacher: &Tensor, student: &Tensor) -> Result<Tensor> {
    let rows = teacher.dims2()?.0 as f64;
    let teacher = log_softmax(&(teacher / TEMPERATURE)?)?.detach();
    let student = log_softmax(&(student / TEMPERATURE)?)?;
    let sum = (teacher.exp()? * (teacher - student)?)?.sum_all()?;
    sum * (TEMPERATURE * TEMPERATURE / rows)
}

/// How far the sums' means and variances are from the statistics that batch norm kept, in its
/// deviations, a mean over the layers.
///
/// # Errors
/// If sizes do not fit.
pub fn statistics(network: &Network, sums: &[Tensor]) -> Result<Tensor> {
    let mut loss = Tensor::zeros((), candle_core::DType::F32, &candle_core::Device::Cpu)?;
    let mut layers = 0.0;
    for (linear, sum) in network.linear().zip(sums) {
        let Some((mean, deviation)) = &linear.statistics else { continue };
        let outputs = linear.outputs;
        // A channel that does not vary says nothing.
        let largest = deviation.iter().fold(1e-6_f32, |a, d| a.max(*d));
        let inverse: Vec<f32> = deviation.iter().map(|d| 1.0 / d.max(1e-2 * largest)).collect();
        let inverse = tensor(inverse, (1, outputs))?;
        let normal = sum.broadcast_sub(&tensor(mean.clone(), (1, outputs))?)?;
        let (mean, variance) = moments(&normal.broadcast_mul(&inverse)?)?;
        loss = ((loss + mean.sqr()?.mean_all()?)? + (variance - 1.0)?.sqr()?.mean_all()?)?;
        layers += 1.0;
    }
    loss * (1.0 / f64::max(layers, 1.0))
}

/// AdaDFQ's game: the entropy of what teacher and student disagree in is to stay between two
/// margins, and their sum and difference are to be of the class.
///
/// # Errors
/// If sizes do not fit.
pub fn margins(teacher: &Tensor, student: &Tensor, labels: &[usize]) -> Result<Tensor> {
    let (rows, classes) = teacher.dims2()?;
    let difference = (teacher - student)?;
    let p = log_softmax(&difference)?;
    let entropy = (p.exp()? * p)?.sum(1)?.affine(-1.0 / (classes as f64).ln(), 0.0)?;
    let [low, high] = MARGINS;
    let below = entropy.affine(-1.0, low)?.relu()?;
    let above = entropy.affine(1.0, -high)?.relu()?;
    let beyond = ((below + above)?.sum_all()? * (1.0 / rows as f64))?;
    let disagreement = cross_entropy(&difference, labels)?;
    let agreement = cross_entropy(&(teacher + student)?, labels)?;
    (beyond + (disagreement * 0.2)?)? + (agreement * 0.1)?
}

/// Which channels of a layer are attended to: the mean square of each, over a picture's pixels, all
/// of them a vector of length 1.
fn attention(x: &Tensor, pictures: usize) -> Result<Tensor> {
    let (rows, channels) = x.dims2()?;
    let x = x.sqr()?.reshape((pictures, rows / pictures, channels))?;
    let mean = x.mean(1)?;
    let length = (mean.sqr()?.sum_keepdim(1)? + 1e-12)?.sqrt()?;
    mean.broadcast_div(&length)
}

/// The squared distance of the student's attention to channels from the teacher's, over all hidden
/// layers with weights.
///
/// # Errors
/// If sizes do not fit.
pub fn attentions(teacher: &[Tensor], student: &[Tensor], pictures: usize) -> Result<Tensor> {
    let mut loss = Tensor::zeros((), candle_core::DType::F32, &candle_core::Device::Cpu)?;
    for (teacher, student) in teacher.iter().zip(student) {
        let teacher = attention(&teacher.relu()?, pictures)?.detach();
        let distance = (teacher - attention(student, pictures)?)?.sqr()?.sum_all()?;
        loss = (loss + distance)?;
    }
    loss * (1.0 / pictures as f64)
}
