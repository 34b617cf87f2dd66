//! A network as a `.safetensors` file, its tensors named and laid out as PyTorch has them.

use crate::layers::{Layer, Layers, MOST};
use crate::network::{Linear, Network, Place, Step};
use crate::ops::Pool;
use fixlearn::{input, Error, Result};
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::path::Path;

/// What a file of `pretrain` says beside its tensors, under this name.
pub const SAYS: &str = "fixlearn";

/// The shares of the rows that can be held out.
pub const HOLD_OUT: RangeInclusive<f64> = 0.0..=0.9;

/// The largest file that is read.
const LARGEST: u64 = 1 << 30;

/// What is said there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Says {
    /// The layer list.
    pub layers: Layers,
    /// The seed of the split into what was learned from and what was held out.
    pub seed: u64,
    /// The share of the rows that was held out.
    pub hold_out: f64,
}

/// A tensor by its name.
pub type Named = (String, Vec<usize>, Vec<f32>);

/// The bytes of a file of these tensors, which says this of itself.
///
/// # Errors
/// If a shape has another number of places than there are numbers.
pub fn bytes(tensors: &[Named], name: &str, says: String) -> Result<Vec<u8>> {
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, _, values)| values.iter().flat_map(|v| v.to_le_bytes()).collect())
        .collect();
    let wrong = |e: safetensors::SafeTensorError| Error::request(e.to_string());
    let mut views = Vec::new();
    for ((name, shape, _), bytes) in tensors.iter().zip(&bytes) {
        let view = safetensors::tensor::TensorView::new(Dtype::F32, shape.clone(), bytes);
        views.push((name.clone(), view.map_err(wrong)?));
    }
    let says = HashMap::from([(name.to_string(), says)]);
    safetensors::serialize(views, Some(says)).map_err(wrong)
}

/// A file's tensors, and what it says under a name.
pub struct Read {
    tensors: HashMap<String, (Vec<usize>, Vec<f32>)>,
    /// What it says.
    pub says: Option<String>,
}

/// Reads it.
///
/// # Errors
/// If the file is none, is cut, or its numbers are not of 32 bits.
pub fn read(path: &Path, name: &str) -> Result<Read> {
    let length = std::fs::metadata(path).map_err(Error::io(path))?.len();
    if length > LARGEST {
        return Err(Error::input(path, "has more than 1 GiB; a network here has at most that"));
    }
    let bytes = input::bytes(path)?;
    let wrong = |e: safetensors::SafeTensorError| {
        let message = format!("is no whole .safetensors file ({e}); write it anew");
        Error::input(path, message)
    };
    let (_, head) = SafeTensors::read_metadata(&bytes).map_err(wrong)?;
    let says = head.metadata().as_ref().and_then(|says| says.get(name).cloned());
    let mut tensors = HashMap::new();
    for (name, view) in SafeTensors::deserialize(&bytes).map_err(wrong)?.iter() {
        let numbers = match view.dtype() {
            Dtype::F32 => {
                let number = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                view.data().chunks_exact(4).map(number).collect()
            }
            // A counter of PyTorch's batch norm.
            Dtype::I64 if name.ends_with(".num_batches_tracked") => continue,
            other => {
                let name = fixlearn::output::shown(name);
                let message = format!("`{name}` is of {other:?}; save it as float32");
                return Err(Error::input(path, message));
            }
        };
        tensors.insert(name.to_string(), (view.shape().to_vec(), numbers));
    }
    Ok(Read { tensors, says })
}

impl Read {
    /// A tensor of this shape, of finite numbers.
    ///
    /// # Errors
    /// Saying which of it does not hold.
    pub fn tensor(&self, path: &Path, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let wrong = |message: String| Err(Error::input(path, message));
        let Some((is, numbers)) = self.tensors.get(name) else {
            return wrong(format!("has no tensor `{name}`, which the layer list asks for"));
        };
        if is != shape {
            let asked = format!("has shape {is:?}, and the layer list asks for {shape:?}");
            return wrong(format!("`{name}` {asked}; mend one of the two"));
        }
        match numbers.iter().position(|v| !v.is_finite() || v.abs() > 1e9) {
            Some(i) => wrong(format!(
                "`{name}` has {} at place {i}; give numbers of at most 1e9",
                numbers[i]
            )),
            None => Ok(numbers.clone()),
        }
    }

    /// The first size of a tensor: outputs of a layer.
    fn outputs(&self, path: &Path, name: &str) -> Result<usize> {
        let outputs = self.tensors.get(name).and_then(|(shape, _)| shape.first());
        match outputs {
            Some(outputs) if (1..=MOST).contains(outputs) => Ok(*outputs),
            Some(outputs) => {
                let message = format!("`{name}` has {outputs} outputs; give 1 to {MOST}");
                Err(Error::input(path, message))
            }
            None => {
                let message = format!("has no tensor `{name}`, which the layer list asks for");
                Err(Error::input(path, message))
            }
        }
    }

    /// The network of this list, with batch norms folded.
    ///
    /// # Errors
    /// If a tensor is missing, or not as the list asks.
    pub fn network(&self, path: &Path, list: &Layers) -> Result<Network> {
        let input = list.input.clone();
        let mut place =
            Place { height: input.height, width: input.width, channels: input.channels };
        let mut steps = Vec::new();
        for layer in &list.layers {
            match layer {
                Layer::Conv { name } => {
                    let weight = format!("{name}.weight");
                    let outputs = self.outputs(path, &weight)?;
                    let shape = [outputs, place.channels, 3, 3];
                    let given = self.tensor(path, &weight, &shape)?;
                    let mut weights = vec![0.0; given.len()];
                    for (i, w) in given.iter().enumerate() {
                        let (k, c) = (i % 9, i / 9 % place.channels);
                        let output = i / 9 / place.channels;
                        weights[(k * place.channels + c) * outputs + output] = *w;
                    }
                    let linear = self.linear(path, name, true, place, outputs, weights)?;
                    steps.push(Step::Linear(linear));
                    place.channels = outputs;
                }
                Layer::Dense { name } => {
                    let weight = format!("{name}.weight");
                    let outputs = self.outputs(path, &weight)?;
                    let Place { height, width, channels } = place;
                    let (size, terms) = (height * width, height * width * channels);
                    let given = self.tensor(path, &weight, &[outputs, terms])?;
                    let mut weights = vec![0.0; given.len()];
                    for (i, w) in given.iter().enumerate() {
                        let (pixel, c) = (i % size, i / size % channels);
                        weights[(pixel * channels + c) * outputs + i / terms] = *w;
                    }
                    let linear = self.linear(path, name, false, place, outputs, weights)?;
                    steps.push(Step::Linear(linear));
                    place = Place { height: 1, width: 1, channels: outputs };
                }
                Layer::Pool {} => {
                    steps.push(Step::Pool(Pool { height: place.height, width: place.width }));
                    place = Place { height: place.height / 2, width: place.width / 2, ..place };
                }
                Layer::BatchNorm { name, epsilon } => {
                    if let Some(Step::Linear(linear)) = steps.last_mut() {
                        self.fold(path, name, *epsilon, linear)?;
                    }
                }
                Layer::Relu {} => {}
            }
        }
        if place.channels != list.classes.len() {
            let (scores, classes) = (place.channels, list.classes.len());
            let message = format!("gives {scores} scores for {classes} classes; mend the list");
            return Err(Error::input(path, message));
        }
        Ok(Network { input, steps, classes: list.classes.clone() })
    }

    fn linear(
        &self,
        path: &Path,
        name: &str,
        convolution: bool,
        place: Place,
        outputs: usize,
        weights: Vec<f32>,
    ) -> Result<Linear> {
        let bias = format!("{name}.bias");
        let bias = match self.tensors.contains_key(&bias) {
            true => self.tensor(path, &bias, &[outputs])?,
            false => vec![0.0; outputs],
        };
        Ok(Linear { convolution, place, outputs, weights, bias, statistics: None })
    }

    /// Folds a batch norm into what is before it: its mean and variance are those of the data.
    fn fold(&self, path: &Path, name: &str, epsilon: f32, linear: &mut Linear) -> Result<()> {
        let outputs = linear.outputs;
        let all = ["weight", "bias", "running_mean", "running_var"].map(|part| {
            let name = format!("{name}.{part}");
            self.tensor(path, &name, &[outputs])
        });
        let [factor, offset, mean, variance] = all;
        let (factor, offset, mean, variance) = (factor?, offset?, mean?, variance?);
        for (c, variance) in variance.iter().enumerate() {
            if *variance < 0.0 || variance + epsilon <= 0.0 {
                let message = format!(
                    "`{name}.running_var` has {variance} at place {c}; give numbers above 0"
                );
                return Err(Error::input(path, message));
            }
            let factor = factor[c] / (variance + epsilon).sqrt();
            let column = linear.weights.iter_mut().skip(c).step_by(outputs);
            column.for_each(|w| *w *= factor);
            linear.bias[c] = (linear.bias[c] - mean[c]) * factor + offset[c];
        }
        linear.statistics = Some((offset, factor.iter().map(|f| f.abs()).collect()));
        Ok(())
    }
}
