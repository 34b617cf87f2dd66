//! A trained network in floating point: convolutions and dense layers with their batch norms
//! folded into them, ReLU behind all but the last, and 2x2 pooling.

use crate::layers::Input;
use crate::ops::{tensor, values, Patches, Pool};
use candle_core::{Result, Tensor};

/// Where the pixels of a layer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Numbers of a pixel.
    pub channels: usize,
}

/// A convolution or a dense layer. Its weights are `terms` x `outputs`: those of a convolution by
/// the place in the patch and then by the channel, those of a dense layer by pixel and channel.
#[derive(Clone, Debug)]
pub struct Linear {
    /// 3x3, or of all values.
    pub convolution: bool,
    /// What comes in.
    pub place: Place,
    /// Channels that come out.
    pub outputs: usize,
    /// By term and output.
    pub weights: Vec<f32>,
    /// One for each output.
    pub bias: Vec<f32>,
    /// Mean and deviation of each output before ReLU, over the data that the network was trained
    /// on: its batch norm's offset and factor.
    pub statistics: Option<(Vec<f32>, Vec<f32>)>,
}

impl Linear {
    /// Weights of an output.
    pub fn terms(&self) -> usize {
        self.weights.len() / self.outputs
    }
}

/// A layer.
#[derive(Clone, Debug)]
pub enum Step {
    /// With ReLU behind it, if it is not the last.
    Linear(Linear),
    /// The largest of 2x2.
    Pool(Pool),
}

/// A network.
#[derive(Clone, Debug)]
pub struct Network {
    /// What is asked.
    pub input: Input,
    /// Its layers.
    pub steps: Vec<Step>,
    /// What the scores are of.
    pub classes: Vec<String>,
}

impl Network {
    /// The layers with weights.
    pub fn linear(&self) -> impl Iterator<Item = &Linear> {
        self.steps.iter().filter_map(|step| match step {
            Step::Linear(linear) => Some(linear),
            Step::Pool(_) => None,
        })
    }

    /// The same, to be changed.
    pub fn linear_mut(&mut self) -> impl Iterator<Item = &mut Linear> {
        self.steps.iter_mut().filter_map(|step| match step {
            Step::Linear(linear) => Some(linear),
            Step::Pool(_) => None,
        })
    }

    /// Whether every layer but the last has statistics.
    pub fn has_statistics(&self) -> bool {
        let hidden = self.linear().count() - 1;
        self.linear().take(hidden).all(|linear| linear.statistics.is_some())
    }

    /// Its weights with their biases as a last row, layer by layer.
    ///
    /// # Errors
    /// If a layer's numbers do not fit its sizes.
    pub fn tensors(&self) -> Result<Vec<Tensor>> {
        let all = |linear: &Linear| {
            let numbers = [linear.weights.as_slice(), &linear.bias].concat();
            tensor(numbers, (linear.terms() + 1, linear.outputs))
        };
        self.linear().map(all).collect()
    }

    /// Runs it on pictures, rows of a pixel each: `product` multiplies what comes to a layer with
    /// weights (patches, and 1 for the bias) by what it takes for the weights, `activation` makes
    /// of the sum what goes on.
    ///
    /// # Errors
    /// If sizes do not fit.
    pub fn run(
        &self,
        pictures: &Tensor,
        weights: &[Tensor],
        mut activation: impl FnMut(usize, Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let mut x = pictures.clone();
        let mut number = 0;
        for step in &self.steps {
            x = match step {
                Step::Pool(pool) => x.apply_op1(*pool)?,
                Step::Linear(linear) => {
                    let Place { height, width, channels } = linear.place;
                    let rows = if linear.convolution {
                        x.apply_op1(Patches { height, width, enlarge: 1 })?
                    } else {
                        let count = height * width * channels;
                        let x = x.reshape(((), count))?;
                        let ones = Tensor::ones((x.dims2()?.0, 1), x.dtype(), x.device())?;
                        Tensor::cat(&[x, ones], 1)?
                    };
                    number += 1;
                    activation(number - 1, rows.matmul(&weights[number - 1])?)?
                }
            };
        }
        Ok(x)
    }

    /// Scores, and what each layer with weights gives before ReLU.
    ///
    /// # Errors
    /// If sizes do not fit.
    pub fn scores(&self, pictures: &Tensor, weights: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)> {
        let mut sums = Vec::new();
        let last = weights.len() - 1;
        let scores = self.run(pictures, weights, |i, sum| {
            sums.push(sum.clone());
            if i < last {
                sum.relu()
            } else {
                Ok(sum)
            }
        })?;
        Ok((scores, sums))
    }

    /// Pictures of samples, pixel by pixel.
    ///
    /// # Errors
    /// If sizes do not fit.
    pub fn pictures<'a>(&self, images: impl Iterator<Item = &'a [u8]>) -> Result<Tensor> {
        let Input { channels, height, width, .. } = self.input;
        let step = self.input.step();
        let size = height * width;
        let mut to = Vec::new();
        for image in images {
            for pixel in 0..size {
                to.extend((0..channels).map(|c| f32::from(image[c * size + pixel]) * step));
            }
        }
        let rows = to.len() / channels;
        tensor(to, (rows, channels))
    }
}

/// The place of the largest score of each row; of equals the first.
///
/// # Errors
/// If it is no matrix.
pub fn classes(scores: &Tensor) -> Result<Vec<usize>> {
    let count = scores.dims2()?.1;
    let best =
        |row: &[f32]| (1..count).fold(0, |best, i| if row[i] > row[best] { i } else { best });
    Ok(values(scores)?.chunks(count).map(best).collect())
}
