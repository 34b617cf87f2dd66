//! `quantize`: the methods.

use crate::adam::{rate, Parameters};
use crate::checkpoint;
use crate::closed;
use crate::data::Data;
use crate::export;
use crate::generator::Generator;
use crate::losses::{attentions, cross_entropy, distillation, margins, statistics};
use crate::network::{classes, Network};
use crate::ops::values;
use crate::student::{Bits, Student};
use candle_core::Tensor;
use fastrand::Rng;
use fixlearn::run::say_kept;
use fixlearn::{stop, Error, Result};
use std::path::Path;

/// How the rounded network comes to its numbers; each has what the one before it has, but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Method {
    /// Each number to the nearest, with the scale of the least squared error
    Rounding,
    /// Ranges of weights made equal first (Nagel et al. 2019)
    Equalization,
    /// Biases corrected, too (the same)
    Correction,
    /// Trained on a generator's pictures (as AdaDFQ, Qian et al. 2023), from rounding on
    Generator,
    /// The generator has as few bits (Baek et al. 2024)
    Aware,
    /// Attention to channels is distilled, too (the same): the full method
    Attention,
    /// Trained on the real data, which the others do without: the upper bound
    Data,
}

impl Method {
    /// Whether it needs what batch norm kept.
    pub fn needs_statistics(self) -> bool {
        self != Method::Data
    }

    fn generates(self) -> bool {
        (Method::Generator..=Method::Attention).contains(&self)
    }
}

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// What is done.
    pub method: Method,
    /// To how many bits.
    pub bits: Bits,
    /// Decides every choice.
    pub seed: u64,
    /// Steps of the rounded network.
    pub steps: u64,
    /// Pictures of a batch.
    pub batch: usize,
}

/// The rate of the rounded network's first step, relative to the size of what is stepped.
const RATE: f64 = 1e-2;

/// The same of the generator.
const GENERATOR_RATE: f64 = 1.5e-2;

/// What the distance of attentions counts beside that of scores.
const ATTENTION: f64 = 0.03;

/// What the generator's pictures being of their class counts beside the margins.
const CLASS: f64 = 0.1;

/// What their statistics count.
const STATISTICS: f64 = 5.0;

/// Steps between checkpoints.
const OFTEN: u64 = 100;

/// Pictures from which statistics are taken where batch norm kept none.
const MEASURED: usize = 512;

impl Training {
    /// Steps in all: the generator has a part of its own before.
    pub fn total(&self) -> u64 {
        match self.method {
            m if m < Method::Generator => 0,
            m if m.generates() => self.steps + self.alone(),
            _ => self.steps,
        }
    }

    /// Steps of the generator alone.
    fn alone(&self) -> u64 {
        self.steps / 3
    }
}

/// Rounds a network; `data` is what may be learned from.
///
/// # Errors
/// If it is interrupted, with a checkpoint, or the checkpoint cannot be read or written.
pub fn run(
    mut network: Network,
    data: Option<&Data>,
    training: &Training,
    (path, settings, resume): (&Path, &str, bool),
    progress: impl FnMut(u64),
) -> Result<Student> {
    let wrong = crate::wrong;
    if !network.has_statistics() {
        let Some(data) = data.filter(|_| !training.method.needs_statistics()) else {
            let message = "the network has no batch norm behind each hidden layer, whose \
                           statistics this method needs; give --method data and --data";
            return Err(Error::request(message));
        };
        measure(&mut network, data).map_err(wrong)?;
    }
    let method = training.method;
    if [Method::Equalization, Method::Correction].contains(&method) {
        closed::equalize(&mut network);
    }
    let mut parameters = Parameters::default();
    let student = Student::new(&network, training.bits, &mut parameters).map_err(wrong)?;
    // What no core can hold is said before anything is trained.
    export::file(&student)?;
    if method == Method::Correction {
        closed::correct(&student).map_err(wrong)?;
    }
    if training.total() > 0 {
        let mut random = Rng::with_seed(crate::seed(training.seed, 2, 0));
        let bits = (method > Method::Generator).then_some(training.bits.weights);
        let mut own = Parameters::default();
        let (input, classes) = (&network.input, network.classes.len());
        let generator = Generator::new(input, classes, bits, &mut random, &mut own);
        let weights = network.tensors().map_err(wrong)?;
        let generator = generator.map_err(wrong)?;
        let run = Run { network: &network, weights, student: &student, generator, training, data };
        run.train(&mut parameters, &mut own, (path, settings, resume), progress)?;
    }
    Ok(student)
}

struct Run<'a> {
    network: &'a Network,
    weights: Vec<Tensor>,
    student: &'a Student,
    generator: Generator,
    training: &'a Training,
    data: Option<&'a Data>,
}

impl Run<'_> {
    fn train(
        &self,
        parameters: &mut Parameters,
        generator: &mut Parameters,
        (path, settings, resume): (&Path, &str, bool),
        mut progress: impl FnMut(u64),
    ) -> Result<()> {
        const NAMES: [&str; 2] = ["student", "generator"];
        let mut first = 0;
        let total = self.training.total();
        if resume {
            let all = &mut [(NAMES[0], &mut *parameters), (NAMES[1], &mut *generator)];
            first = checkpoint::load(path, (settings, total), all)?.0;
        }
        for step in first..total {
            progress(step);
            if stop::requested() || (step > first && step % OFTEN == 0) {
                let all = [(NAMES[0], &*parameters), (NAMES[1], &*generator)];
                checkpoint::save(path, settings, step, &all, &[])?;
                if stop::requested() {
                    say_kept(&Error::Interrupted, path, step, "steps");
                    return Err(Error::Interrupted);
                }
            }
            let done = match self.data.filter(|_| self.training.method == Method::Data) {
                Some(data) => self.real(step, data, parameters),
                None => self.generated(step, parameters, generator),
            };
            done.map_err(crate::wrong)?;
        }
        progress(total);
        Ok(())
    }

    /// A step on pictures of the data.
    fn real(&self, step: u64, data: &Data, parameters: &mut Parameters) -> candle_core::Result<()> {
        let Training { seed, steps, batch, .. } = *self.training;
        let mut random = Rng::with_seed(crate::seed(seed, 3, step));
        let rows: Vec<usize> = (0..batch).map(|_| random.usize(..data.images.len())).collect();
        let labels: Vec<usize> = rows.iter().map(|&i| data.labels[i]).collect();
        let pictures = self.network.pictures(rows.iter().map(|&i| data.images[i].as_slice()))?;
        let (teacher, _) = self.network.scores(&pictures, &self.weights)?;
        let (scores, _) = self.student.scores(&pictures)?;
        let loss = (distillation(&teacher, &scores)? + cross_entropy(&scores, &labels)?)?;
        parameters.step(&loss.backward()?, rate(RATE, step, steps))
    }

    /// A step of the generator, and one of the student on the same pictures.
    fn generated(
        &self,
        step: u64,
        parameters: &mut Parameters,
        own: &mut Parameters,
    ) -> candle_core::Result<()> {
        let Training { method, seed, steps, batch, .. } = *self.training;
        let mut random = Rng::with_seed(crate::seed(seed, 4, step));
        let classes = self.network.classes.len();
        let labels: Vec<usize> = (0..batch).map(|_| random.usize(..classes)).collect();
        let pictures = self.generator.pictures(&labels, &mut random)?;
        let (teacher, sums) = self.network.scores(&pictures, &self.weights)?;
        let class = (cross_entropy(&teacher, &labels)? * CLASS)?;
        let mut loss = (class + (statistics(self.network, &sums)? * STATISTICS)?)?;
        let alone = self.training.alone();
        if step >= alone {
            let (scores, _) = self.student.scores(&pictures)?;
            loss = (loss + margins(&teacher, &scores, &labels)?)?;
        }
        own.step(&loss.backward()?, rate(GENERATOR_RATE, step, self.training.total()))?;
        if step < alone {
            return Ok(());
        }
        let (scores, hidden) = self.student.scores(&pictures.detach())?;
        let mut loss = distillation(&teacher, &scores)?;
        if method >= Method::Attention {
            loss = (loss + (attentions(&sums, &hidden, batch)? * ATTENTION)?)?;
        }
        parameters.step(&loss.backward()?, rate(RATE, step - alone, steps))
    }
}

/// Statistics of the hidden layers over data, where batch norm kept none.
fn measure(network: &mut Network, data: &Data) -> candle_core::Result<()> {
    let pictures = network.pictures(data.images.iter().take(MEASURED).map(Vec::as_slice))?;
    let (_, sums) = network.scores(&pictures, &network.tensors()?)?;
    let hidden = sums.len() - 1;
    for (linear, sum) in network.linear_mut().zip(&sums).take(hidden) {
        let (mean, variance) = crate::ops::statistics(&values(sum)?, linear.outputs);
        linear.statistics = Some((mean, variance.iter().map(|v| v.sqrt()).collect()));
    }
    Ok(())
}

/// Pictures that are computed together where nothing is learned.
const TOGETHER: usize = 128;

/// The classes that scores say of pictures.
///
/// # Errors
/// If sizes do not fit.
pub fn answers(
    network: &Network,
    images: &[Vec<u8>],
    scores: impl Fn(&Tensor) -> candle_core::Result<Tensor>,
) -> Result<Vec<usize>> {
    let mut to = Vec::new();
    for images in images.chunks(TOGETHER) {
        let pictures = network.pictures(images.iter().map(Vec::as_slice));
        let answer = pictures.and_then(|pictures| classes(&scores(&pictures)?));
        to.extend(answer.map_err(crate::wrong)?);
    }
    Ok(to)
}
