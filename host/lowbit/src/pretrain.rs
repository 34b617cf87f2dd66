//! `pretrain`: a network in floating point, as someone would have it.

use crate::adam::{rate, Parameters};
use crate::checkpoint;
use crate::data::Data;
use crate::file::Named;
use crate::generator::start;
use crate::layers::{Input, Layer, Layers};
use crate::losses::cross_entropy;
use crate::network::{Linear, Network, Place, Step};
use crate::ops::{statistics, tensor, values, BatchNorm, Pool, EPSILON};
use candle_core::Var;
use fastrand::Rng;
use fixlearn::run::say_kept;
use fixlearn::{stop, Error, Result};
use fixlearn_map::network::MOST_INPUTS;
use fixlearn_sim::golden::cores::network::file::{FileLayer, NetworkFile, Shape, Weights, FORMAT};
use std::path::Path;

/// A layer before the last, which is dense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A convolution of so many outputs, batch norm and ReLU.
    Convolution(usize),
    /// 2x2 pooling.
    Pool,
}

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// Decides the start and the order.
    pub seed: u64,
    /// Batches.
    pub steps: u64,
    /// Pictures of a batch.
    pub batch: usize,
}

/// The rate of the first step.
const RATE: f64 = 1e-2;

/// How much of the statistics a step keeps.
const KEEP: f32 = 0.9;

/// Steps between checkpoints.
const OFTEN: u64 = 100;

/// The list of such a network.
pub fn list(input: Input, parts: &[Part], classes: Vec<String>) -> Layers {
    let mut layers = Vec::new();
    let mut number = 0;
    for part in parts {
        match part {
            Part::Convolution(_) => {
                number += 1;
                layers.push(Layer::Conv { name: format!("conv{number}") });
                let epsilon = EPSILON;
                layers.push(Layer::BatchNorm { name: format!("norm{number}"), epsilon });
                layers.push(Layer::Relu {});
            }
            Part::Pool => layers.push(Layer::Pool {}),
        }
    }
    layers.push(Layer::Dense { name: "dense".into() });
    Layers { input, layers, classes }
}

/// Looks whether a core holds such a network, whatever its weights become.
///
/// # Errors
/// In the core's words.
pub fn fits(list: &Layers, parts: &[Part]) -> std::result::Result<(), String> {
    let Input { channels, height, width, bits, .. } = list.input;
    let mut file = NetworkFile {
        format: FORMAT,
        core: fixlearn_map::network::CORE.name.into(),
        input: Shape { channels, height, width, bits },
        largest: Some(list.input.largest.into()),
        layers: Vec::new(),
        classes: list.classes.clone(),
    };
    // More inputs than a layer may have are refused, whether or not there are weights for all.
    let weights = |outputs, inputs: usize| Weights {
        outputs,
        weight_bits: 8,
        weights: vec![0; outputs * inputs.min(MOST_INPUTS + 1)],
        bias: vec![0; outputs],
        ..Weights::default()
    };
    let last = |file: &NetworkFile| file.shapes().last().copied().unwrap_or(file.input);
    for part in parts {
        let layer = match part {
            Part::Pool => FileLayer::Pool,
            Part::Convolution(outputs) => FileLayer::Conv(Weights {
                multiplier: vec![1; *outputs],
                shift: vec![0; *outputs],
                activation_bits: 8,
                ..weights(*outputs, last(&file).channels.saturating_mul(9))
            }),
        };
        file.layers.push(layer);
    }
    let dense = weights(list.classes.len(), last(&file).size());
    file.layers.push(FileLayer::Dense(dense));
    file.validate()
}

/// A network of such sizes, its weights not yet there.
fn shape(list: &Layers, parts: &[Part]) -> Network {
    let input = list.input.clone();
    let mut place = Place { height: input.height, width: input.width, channels: input.channels };
    let mut steps = Vec::new();
    let mut linear = |convolution, place: Place, terms: usize, outputs| {
        let (weights, bias) = (vec![0.0; terms * outputs], vec![0.0; outputs]);
        steps.push(Step::Linear(Linear {
            convolution,
            place,
            outputs,
            weights,
            bias,
            statistics: None,
        }));
        outputs
    };
    let mut pools = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Convolution(outputs) => {
                place.channels = linear(true, place, 9 * place.channels, *outputs);
            }
            Part::Pool => {
                pools.push((i, Step::Pool(Pool { height: place.height, width: place.width })));
                place = Place { height: place.height / 2, width: place.width / 2, ..place };
            }
        }
    }
    let terms = place.height * place.width * place.channels;
    linear(false, place, terms, list.classes.len());
    for (i, pool) in pools {
        steps.insert(i, pool);
    }
    Network { input, steps, classes: list.classes.clone() }
}

/// What is learned of a layer, and what is kept of its sums.
struct Learned {
    weights: Var,
    /// Factor and offset of its batch norm.
    norm: Option<(Var, Var)>,
    mean: Vec<f32>,
    variance: Vec<f32>,
}

/// Trains, and gives the tensors.
///
/// # Errors
/// If it is interrupted, with a checkpoint, or the checkpoint cannot be read or written.
pub fn train(
    list: &Layers,
    parts: &[Part],
    data: &Data,
    training: Training,
    (path, settings, resume): (&Path, &str, bool),
    mut progress: impl FnMut(u64),
) -> Result<Vec<Named>> {
    let Training { seed, steps, batch } = training;
    let wrong = crate::wrong;
    let network = shape(list, parts);
    let mut parameters = Parameters::default();
    let mut random = Rng::with_seed(crate::seed(seed, 0, 0));
    let mut layers = Vec::new();
    let hidden = network.linear().count() - 1;
    for (i, linear) in network.linear().enumerate() {
        let start = start(&mut random, linear.terms(), linear.outputs).map_err(wrong)?;
        let low = f32::NEG_INFINITY;
        let weights = parameters.add(format!("weights{i}"), &start, 1.0, low).map_err(wrong)?;
        let mut add = |name: &str, x: f32| {
            let start = tensor(vec![x; linear.outputs], linear.outputs).map_err(wrong)?;
            parameters.add(format!("{name}{i}"), &start, 1.0, low).map_err(wrong)
        };
        let norm = match i < hidden {
            true => Some((add("factor", 1.0)?, add("offset", 0.0)?)),
            false => None,
        };
        let (mean, variance) = (vec![0.0; linear.outputs], vec![1.0; linear.outputs]);
        layers.push(Learned { weights, norm, mean, variance });
    }
    let mut first = 0;
    if resume {
        let (step, read) =
            checkpoint::load(path, (settings, steps), &mut [("learned", &mut parameters)])?;
        first = step;
        for (i, layer) in layers.iter_mut().enumerate() {
            let length = [layer.mean.len()];
            layer.mean = read.tensor(path, &format!("mean{i}"), &length)?;
            layer.variance = read.tensor(path, &format!("variance{i}"), &length)?;
        }
    }
    for step in first..steps {
        progress(step);
        if stop::requested() || (step > first && step % OFTEN == 0) {
            checkpoint::save(path, settings, step, &[("learned", &parameters)], &kept(&layers))?;
            if stop::requested() {
                say_kept(&Error::Interrupted, path, step, "steps");
                return Err(Error::Interrupted);
            }
        }
        let mut random = Rng::with_seed(crate::seed(seed, 1, step));
        let rows: Vec<usize> = (0..batch).map(|_| random.usize(..data.images.len())).collect();
        let labels: Vec<usize> = rows.iter().map(|&i| data.labels[i]).collect();
        let rate = rate(RATE, step, steps);
        let mut go = || {
            let pictures = network.pictures(rows.iter().map(|&i| data.images[i].as_slice()))?;
            // The network is trained on numbers up to 1; its file takes the table's.
            let pictures = (pictures * (1.0 / f64::from(list.input.largest)))?;
            let weights: Vec<_> = layers.iter().map(|l| l.weights.as_tensor().clone()).collect();
            let scores = network.run(&pictures, &weights, |i, sum| {
                let layer = &mut layers[i];
                let Some((factor, offset)) = &layer.norm else { return Ok(sum) };
                let (mean, variance) = statistics(&values(&sum)?, sum.dims2()?.1);
                let kept = |kept: &mut Vec<f32>, now: Vec<f32>| {
                    kept.iter_mut().zip(now).for_each(|(k, n)| *k = KEEP * *k + (1.0 - KEEP) * n);
                };
                kept(&mut layer.mean, mean);
                kept(&mut layer.variance, variance);
                sum.apply_op3(factor, offset, BatchNorm)?.relu()
            })?;
            parameters.step(&cross_entropy(&scores, &labels)?.backward()?, rate)
        };
        go().map_err(wrong)?;
    }
    progress(steps);
    named(&network, &layers, list.input.largest)
}

/// The statistics, for a checkpoint.
fn kept(layers: &[Learned]) -> Vec<Named> {
    let layers = layers.iter().enumerate();
    layers
        .flat_map(|(i, layer)| {
            let length = vec![layer.mean.len()];
            [
                (format!("mean{i}"), length.clone(), layer.mean.clone()),
                (format!("variance{i}"), length, layer.variance.clone()),
            ]
        })
        .collect()
}

/// The tensors as PyTorch has them.
fn named(network: &Network, layers: &[Learned], largest: f32) -> Result<Vec<Named>> {
    let mut to = Vec::new();
    for (i, (linear, layer)) in network.linear().zip(layers).enumerate() {
        let Linear { outputs, convolution, place, .. } = *linear;
        let Place { height, width, channels } = place;
        let numbers = values(&layer.weights).map_err(crate::wrong)?;
        let (weights, bias) = numbers.split_at(linear.terms() * outputs);
        let size = if convolution { 9 } else { height * width };
        let mut turned = Vec::with_capacity(weights.len());
        for output in 0..outputs {
            for c in 0..channels {
                let term = |k: usize| weights[(k * channels + c) * outputs + output];
                turned.extend((0..size).map(term));
            }
        }
        if i == 0 {
            turned.iter_mut().for_each(|w| *w /= largest);
        }
        let (name, shape) = match convolution {
            true => (format!("conv{}", i + 1), vec![outputs, channels, 3, 3]),
            false => ("dense".into(), vec![outputs, size * channels]),
        };
        to.push((format!("{name}.weight"), shape, turned));
        to.push((format!("{name}.bias"), vec![outputs], bias.to_vec()));
        let Some((factor, offset)) = &layer.norm else { continue };
        let (factor, offset) = (values(factor), values(offset));
        let parts = [
            ("weight", factor.map_err(crate::wrong)?),
            ("bias", offset.map_err(crate::wrong)?),
            ("running_mean", layer.mean.clone()),
            ("running_var", layer.variance.clone()),
        ];
        let name = format!("norm{}", i + 1);
        to.extend(parts.map(|(part, x)| (format!("{name}.{part}"), vec![outputs], x)));
    }
    Ok(to)
}
