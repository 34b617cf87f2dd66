//! `fixlearn-lowbit`, which `fixlearn quantize` and `fixlearn pretrain` run.

use clap::{CommandFactory, Parser, Subcommand};
use fixlearn::outputs::{same, Kind, Outputs};
use fixlearn::{input, output, report, Error, Result};
use fixlearn_lowbit::checkpoint;
use fixlearn_lowbit::data::{self, Data};
use fixlearn_lowbit::file::{self, Says, HOLD_OUT, SAYS};
use fixlearn_lowbit::layers::{Input, Layers};
use fixlearn_lowbit::pretrain::{self, Part};
use fixlearn_lowbit::quantize::{self, answers, Method};
use fixlearn_lowbit::student::Bits;
use fixlearn_lowbit::{export, wrong};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Networks of few bits for fixlearn's cores.
#[derive(Parser)]
#[command(version, name = "fixlearn-lowbit", max_term_width = 100, disable_help_flag = true)]
struct Cli {
    /// Print help
    #[arg(short, long, global = true, action = clap::ArgAction::HelpShort)]
    help: Option<bool>,
    /// Print what is reported as one JSON object
    #[arg(long, global = true)]
    json: bool,
    /// Replace files that are there
    #[arg(long, global = true)]
    force: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a network of 3x3 convolutions in floating point on a table of pictures
    Pretrain(PretrainArgs),
    /// Round a trained network to 2 to 8 bits, with or without its data
    Quantize(QuantizeArgs),
}

#[derive(clap::Args)]
struct PretrainArgs {
    /// Pictures: a row each, a column a pixel, and one that says the class (.csv, .tsv, .npy)
    table: PathBuf,
    /// The column that says the class
    #[arg(long, default_value = "class")]
    target: String,
    /// The table's first line is names [default: if it looks like that]
    #[arg(long)]
    header: bool,
    /// Planes of a picture, one after the other in a row
    #[arg(long, default_value_t = 1)]
    channels: usize,
    /// Rows and columns of a picture, as 8x8 [default: a square]
    #[arg(long)]
    size: Option<String>,
    /// Bits of a sample, 1 to 8 [default: 4 for pixels up to 16, else 8]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=8))]
    input_bits: Option<u32>,
    /// Outputs of each convolution, and `pool` for 2x2 pooling; a dense layer is the last
    #[arg(long, value_delimiter = ',', default_value = "16,16,pool,32,pool")]
    network: Vec<String>,
    /// The share of the rows that is not learned from, and tested, 0 to 0.9
    #[arg(long, default_value_t = 0.2)]
    hold_out: f64,
    /// Decides what is held out, the start, and the order
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Batches that are learned from, 1 to 1000000
    #[arg(long, default_value_t = 600)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    steps: u64,
    /// Pictures of a batch, 2 to 1024
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(2..=1024))]
    batch: u64,
    /// The network to write (.safetensors)
    #[arg(short, long)]
    out: PathBuf,
    /// Go on from the checkpoint, the output's name with .checkpoint
    #[arg(long)]
    resume: bool,
}

#[derive(clap::Args)]
struct QuantizeArgs {
    /// The network (.safetensors), tensors named as PyTorch has them
    network: PathBuf,
    /// Its layer list (.json) [default: the network says it itself, as pretrain's does]
    #[arg(long, value_name = "LIST")]
    layers: Option<PathBuf>,
    /// How the numbers are found
    #[arg(long, value_enum, default_value = "attention")]
    method: Method,
    /// Bits of a weight, with a sign
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=8))]
    bits: u32,
    /// Bits of an activation [default: as --bits]
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=8))]
    activation_bits: Option<u32>,
    /// Pictures to test with: rows that pretrain held out, or all; --method data learns from the
    /// others
    #[arg(long, value_name = "TABLE")]
    data: Option<PathBuf>,
    /// The table's column that says the class
    #[arg(long, default_value = "class", requires = "data")]
    target: String,
    /// The table's first line is names [default: if it looks like that]
    #[arg(long, requires = "data")]
    header: bool,
    /// Decides every choice of a method that trains [default: 1]
    #[arg(long)]
    seed: Option<u64>,
    /// Batches that are learned from, 1 to 1000000 [default: 300]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    steps: Option<u64>,
    /// Pictures of a batch, 2 to 1024 [default: 32]
    #[arg(long, value_parser = clap::value_parser!(u64).range(2..=1024))]
    batch: Option<u64>,
    /// The network of whole numbers to write (.json)
    #[arg(short, long)]
    out: PathBuf,
    /// Go on from the checkpoint, the output's name with .checkpoint
    #[arg(long)]
    resume: bool,
}

fn main() -> ExitCode {
    // One order of all sums. Nothing else runs yet that could read the environment.
    std::env::set_var("RAYON_NUM_THREADS", "1");
    fixlearn::arguments::enter(Cli::command(), std::env::args_os(), |cli: Cli, _| {
        let Cli { json, force, command, .. } = cli;
        match command {
            Command::Pretrain(args) => args.run(json, force),
            Command::Quantize(args) => args.run(json, force),
        }
    })
}

/// A digest of what a run reads and is asked for.
fn digest(paths: &[&Path], settings: &impl Serialize) -> Result<String> {
    let mut hash = Sha256::new();
    for path in paths {
        hash.update(input::bytes(path)?);
    }
    let settings = serde_json::to_string(settings).map_err(|e| Error::request(e.to_string()))?;
    Ok(format!("{} {settings}", fixlearn_sim::hex(hash.finalize())))
}

/// The checkpoint's place, if it is as `--resume` and `--force` say, and no input.
fn checkpoint_of(out: &Path, resume: bool, force: bool, inputs: &[&Path]) -> Result<PathBuf> {
    let place = checkpoint::place(out);
    if inputs.iter().any(|input| same(input, &place)) {
        let message = "the checkpoint would replace an input; choose another --out";
        return Err(Error::input(&place, message));
    }
    if place.is_dir() {
        let message = "is a folder, where the checkpoint would be; choose another --out";
        return Err(Error::input(&place, message));
    }
    match (place.exists(), resume) {
        (false, true) => {
            Err(Error::input(&place, "there is no checkpoint to go on from; leave out --resume"))
        }
        (true, false) if !force => Err(Error::input(
            &place,
            "is a checkpoint already; --resume goes on from it, --force begins anew",
        )),
        _ => Ok(place),
    }
}

/// How many of the answers are right.
fn accuracy(answers: &[usize], labels: &[usize]) -> Option<f64> {
    let right = answers.iter().zip(labels).filter(|(a, b)| a == b).count();
    (!labels.is_empty()).then(|| right as f64 / labels.len() as f64)
}

fn percent(accuracy: Option<f64>) -> String {
    accuracy.map_or("not tested".into(), |a| format!("{:.2} %", 100.0 * a))
}

#[derive(Serialize)]
struct Pretrained {
    out: String,
    weights: usize,
    rows: usize,
    tested: usize,
    accuracy: Option<f64>,
    steps: u64,
    seconds: f64,
}

impl PretrainArgs {
    fn run(&self, json: bool, force: bool) -> Result<bool> {
        let start = Instant::now();
        if !HOLD_OUT.contains(&self.hold_out) {
            return Err(Error::request("--hold-out: give a share from 0 to 0.9"));
        }
        let parts = self.parts()?;
        let mut outputs = Outputs::new([&self.table], force);
        outputs.add("--out", &self.out, Kind::As(&["safetensors"]))?;
        let place = checkpoint_of(&self.out, self.resume, force, &[&self.table])?;
        let pixels = data::read(&self.table, self.header, &self.target)?;
        let input = self.input(&pixels)?;
        let list = pretrain::list(input.clone(), &parts, pixels.classes());
        let data = pixels.samples(&self.table, &input, &list.classes)?;
        list.ends().map_err(|what| Error::input(&self.table, what))?;
        pretrain::fits(&list, &parts).map_err(|what| {
            Error::request(format!(
                "no core holds the network: {what}; --network gives the outputs of each \
                 convolution and `pool`, as 16,16,pool,32,pool"
            ))
        })?;
        let (learned, held) = data.split(self.hold_out, self.seed);
        if learned.images.is_empty() {
            return Err(Error::input(&self.table, "no row is left to learn from; give more"));
        }
        let Self { steps, batch, .. } = *self;
        let settings = digest(
            &[&self.table],
            &(&list, &self.network, self.seed, self.hold_out, steps, batch),
        )?;
        let bar = output::progress(steps, "training");
        let training = pretrain::Training { seed: self.seed, steps, batch: batch as usize };
        let run = (place.as_path(), settings.as_str(), self.resume);
        let tensors =
            pretrain::train(&list, &parts, &learned, training, run, |step| bar.set_position(step))?;
        bar.finish_and_clear();
        let says = Says { layers: list.clone(), seed: self.seed, hold_out: self.hold_out };
        let says = serde_json::to_string(&says).map_err(|e| Error::request(e.to_string()))?;
        output::write(&self.out, &file::bytes(&tensors, SAYS, says)?)?;
        checkpoint::remove(&place)?;
        let network = file::read(&self.out, SAYS)?.network(&self.out, &list)?;
        let weights = network.tensors().map_err(wrong)?;
        let answers = answers(&network, &held.images, |p| Ok(network.scores(p, &weights)?.0))?;
        let done = Pretrained {
            out: self.out.display().to_string(),
            weights: network.linear().map(|linear| linear.weights.len()).sum(),
            rows: data.images.len(),
            tested: held.images.len(),
            accuracy: accuracy(&answers, &held.labels),
            steps,
            seconds: start.elapsed().as_secs_f64(),
        };
        report::print("pretrain", json, &done, || {
            format!(
                "{}: {} weights, {} of {} rows that were held out ({:.0} s)",
                done.out,
                done.weights,
                percent(done.accuracy),
                done.tested,
                done.seconds
            )
        })?;
        Ok(true)
    }

    fn parts(&self) -> Result<Vec<Part>> {
        let part = |word: &String| match (word.as_str(), word.parse()) {
            ("pool", _) => Ok(Part::Pool),
            (_, Ok(outputs @ 1..=128)) => Ok(Part::Convolution(outputs)),
            _ => Err(Error::request(format!(
                "--network: `{}` is neither `pool` nor a number of outputs from 1 to 128",
                output::shown(word)
            ))),
        };
        self.network.iter().map(part).collect()
    }

    fn input(&self, pixels: &data::Pixels) -> Result<Input> {
        let channels = self.channels;
        if channels == 0 {
            return Err(Error::request("--channels: give at least 1"));
        }
        let size = pixels.size() / channels;
        let (height, width) = match &self.size {
            Some(size) => {
                let sizes = size
                    .split_once('x')
                    .and_then(|(h, w)| Some((h.parse().ok()?, w.parse().ok()?)));
                sizes.ok_or_else(|| Error::request("--size: give rows and columns, as 8x8"))?
            }
            None => {
                let side = size.isqrt();
                if side * side != size {
                    let message = format!("{size} pixels are no square; give --size, as 8x8");
                    return Err(Error::input(&self.table, message));
                }
                (side, side)
            }
        };
        let largest = pixels.largest() as f32;
        let bits = self.input_bits.unwrap_or(if largest <= 16.0 { 4 } else { 8 });
        Ok(Input { channels, height, width, bits, largest })
    }
}

#[derive(Serialize)]
struct Quantized {
    out: String,
    method: String,
    weight_bits: u32,
    activation_bits: u32,
    weights: usize,
    tested: usize,
    /// Of the network that was given.
    float_accuracy: Option<f64>,
    /// Of the network of whole numbers.
    accuracy: Option<f64>,
    /// Pictures of which it says another class than the rounded network in floating point.
    differing: usize,
    steps: u64,
    seconds: f64,
}

impl QuantizeArgs {
    fn run(&self, json: bool, force: bool) -> Result<bool> {
        let start = Instant::now();
        let Self { network: path, method, .. } = self;
        let seed = self.seed();
        let (steps, batch) = (self.steps.unwrap_or(300), self.batch.unwrap_or(32));
        let bits =
            Bits { weights: self.bits, activations: self.activation_bits.unwrap_or(self.bits) };
        let training =
            quantize::Training { method: *method, bits, seed, steps, batch: batch as usize };
        let total = training.total();
        if *method == Method::Data && self.data.is_none() {
            return Err(Error::request("--method data learns from pictures; give --data"));
        }
        let of_training = [
            ("--resume", self.resume),
            ("--seed", self.seed.is_some()),
            ("--steps", self.steps.is_some()),
            ("--batch", self.batch.is_some()),
        ];
        if let Some((option, _)) = of_training.iter().find(|(_, given)| *given && total == 0) {
            let message = format!("{option} is of a method that trains; leave it out");
            return Err(Error::request(message));
        }
        let inputs = [Some(path), self.layers.as_ref(), self.data.as_ref()];
        let inputs: Vec<&Path> = inputs.into_iter().flatten().map(PathBuf::as_path).collect();
        let mut outputs = Outputs::new(&inputs, force);
        outputs.add("--out", &self.out, Kind::As(&["json"]))?;
        // Methods without steps have no checkpoint.
        let place = match total {
            0 => checkpoint::place(&self.out),
            _ => checkpoint_of(&self.out, self.resume, force, &inputs)?,
        };
        if input::ending(path) != "safetensors" {
            return Err(Error::input(path, "is no .safetensors file; networks are"));
        }
        let read = file::read(path, SAYS)?;
        let says: Option<Says> = read.says.as_deref().and_then(|s| serde_json::from_str(s).ok());
        if let Some(says) = says.as_ref().filter(|says| !HOLD_OUT.contains(&says.hold_out)) {
            let message = format!(
                "says that a share of {} was held out, which is not 0 to 0.9; write it anew",
                output::number(says.hold_out)
            );
            return Err(Error::input(path, message));
        }
        let list = self.list(says.as_ref())?;
        let network = read.network(path, &list)?;
        let (learned, tested) = self.data(&network.input, &network.classes, says.as_ref())?;
        let (mut paths, settings) = (
            vec![path.as_path()],
            &(&list, format!("{method:?}"), bits.weights, bits.activations, seed, steps, batch),
        );
        paths.extend(self.data.as_deref().filter(|_| *method == Method::Data));
        let settings = digest(&paths, settings)?;
        let bar = output::progress(total, "quantizing");
        let run = (place.as_path(), settings.as_str(), self.resume);
        let student = quantize::run(network.clone(), learned.as_ref(), &training, run, |step| {
            bar.set_position(step);
        })?;
        bar.finish_and_clear();
        let exported = export::file(&student)?;
        let text = serde_json::to_string(&exported).map_err(|e| Error::request(e.to_string()))?;
        output::write(&self.out, text.as_bytes())?;
        if total > 0 {
            checkpoint::remove(&place)?;
        }
        let weights = network.tensors().map_err(wrong)?;
        let float = answers(&network, &tested.images, |p| Ok(network.scores(p, &weights)?.0))?;
        let rounded = answers(&network, &tested.images, |p| Ok(student.scores(p)?.0))?;
        let whole: Vec<usize> =
            tested.images.iter().map(|image| exported.forward(image).class).collect();
        let done = Quantized {
            out: self.out.display().to_string(),
            method: format!("{method:?}").to_lowercase(),
            weight_bits: bits.weights,
            activation_bits: bits.activations,
            weights: exported.weights(),
            tested: tested.images.len(),
            float_accuracy: accuracy(&float, &tested.labels),
            accuracy: accuracy(&whole, &tested.labels),
            differing: whole.iter().zip(&rounded).filter(|(a, b)| a != b).count(),
            steps: total,
            seconds: start.elapsed().as_secs_f64(),
        };
        report::print("quantize", json, &done, || {
            let Quantized { out, weights, tested, .. } = &done;
            let (whole, float) = (percent(done.accuracy), percent(done.float_accuracy));
            let Bits { weights: w, activations: a } = bits;
            let (method, seconds) = (&done.method, done.seconds);
            let of = match tested {
                0 if self.data.is_some() => "not tested, no row was held out".to_string(),
                0 => "not tested; --data tests".to_string(),
                n => format!("{whole} of {n} pictures, in floating point {float}"),
            };
            format!(
                "{out}: {weights} weights of {w} bits, activations of {a}, by {method}: {of} \
                 ({seconds:.0} s)"
            )
        })?;
        Ok(true)
    }

    fn seed(&self) -> u64 {
        self.seed.unwrap_or(1)
    }

    fn list(&self, says: Option<&Says>) -> Result<Layers> {
        match (&self.layers, says) {
            (Some(path), _) => {
                let text = input::bytes(path)?;
                Layers::read(&text).map_err(|what| Error::input(path, what))
            }
            (None, Some(says)) => {
                says.layers.validate().map_err(|what| Error::input(&self.network, what))?;
                Ok(says.layers.clone())
            }
            (None, None) => {
                Err(Error::input(&self.network, "does not say its layers; give --layers"))
            }
        }
    }

    /// What is learned from, and what is tested.
    fn data(
        &self,
        input: &Input,
        classes: &[String],
        says: Option<&Says>,
    ) -> Result<(Option<Data>, Data)> {
        let Some(path) = &self.data else {
            let (images, labels, classes) = (Vec::new(), Vec::new(), classes.to_vec());
            return Ok((None, Data { images, labels, classes, largest: input.largest }));
        };
        let data = data::read(path, self.header, &self.target)?.samples(path, input, classes)?;
        let (learned, held) = match (says, self.method) {
            (Some(says), _) => data.split(says.hold_out, says.seed),
            (None, Method::Data) => data.split(0.2, self.seed()),
            (None, _) => return Ok((None, data)),
        };
        if learned.images.is_empty() {
            return Err(Error::input(path, "no row is left to learn from; give more"));
        }
        Ok((Some(learned), held))
    }
}
