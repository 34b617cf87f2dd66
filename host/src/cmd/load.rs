//! `load`: puts a low-bit network on a device, counts how often it is right, and lets its last
//! layer learn.

use super::args::{help, names, word, Names, PortArgs, ResidentArgs, RoundingArg, WatchArgs};
use super::printed::{Context, LinkReport};
use super::{enough, learn, of_use, resident, resumed};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::ValueEnum;
use fixlearn::outputs::Kind;
use fixlearn::run::Run;
use fixlearn::task::Input;
use fixlearn::tasks::classify::images::Images;
use fixlearn::tasks::classify::request::Request;
use fixlearn::tasks::classify::{plot as curve, read, Classify, MOST_EPOCHS};
use fixlearn::{output, plot, Error, Result};
use fixlearn_map::network::{self as map, NetworkBuilt, REGISTERS};
use fixlearn_sim::golden::core::difference;
use fixlearn_sim::golden::cores::network::file::NetworkFile;
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    watch: WatchArgs,
    /// The network, as quantize writes it (.json), or a run of load with what it learned
    network: PathBuf,
    /// Images to classify, or to learn: a table, a column a pixel, and one of the class
    #[arg(requires = "target")]
    input: Option<PathBuf>,
    /// The table's first line is names [default: if it looks like that]
    #[arg(long)]
    header: bool,
    /// The column of the class, by name or by number from 1 on
    #[arg(long, requires = "input")]
    target: Option<String>,
    /// The run file to write, for predict, check and info; on Ctrl-C it is the checkpoint
    #[arg(short, long)]
    out: Option<PathBuf>,
    /// Go on from the checkpoint in --out
    #[arg(long, requires = "out")]
    resume: bool,
    /// The last layer learns from the images, on the device; without it they are counted
    #[arg(long, requires = "input")]
    learn: bool,
    /// A class that the network does not have, to be learned; again for more, or commas between
    #[arg(long, requires = "learn", value_name = "NAMES")]
    new_class: Vec<Names>,
    /// Bits of the last layer's weights, whose lowest ones begin as 0: 2, 4, 8 [default: 8]
    #[arg(long, requires = "learn", value_name = "N", value_parser = bits)]
    last_bits: Option<u32>,
    /// Passes over the images [default: 5]
    #[arg(long, requires = "learn")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MOST_EPOCHS as i64))]
    epochs: Option<u32>,
    #[command(flatten)]
    resident: ResidentArgs,
    /// Of the images' order and of the noise [default: 1]
    #[arg(long, requires = "learn")]
    seed: Option<u64>,
    #[arg(long, requires = "learn", value_name = "N", value_parser = word(REGISTERS, map::RATE))]
    #[arg(help = help("A weight moves by activation times 2^-N [default: 2]", REGISTERS,
                      map::RATE))]
    rate_shift: Option<u32>,
    /// How that is rounded [default: stochastic]
    #[arg(long, requires = "learn", value_name = "HOW", value_parser = step_rounding())]
    rounding: Option<RoundingArg>,
    #[arg(long, requires = "learn", value_name = "N", value_parser = word(REGISTERS, map::MARGIN))]
    #[arg(help = help("Weights move if the class's score is not above the others' by N \
                       [default: by the images]", REGISTERS, map::MARGIN))]
    margin: Option<u32>,
    /// Draw the errors of each epoch to this file (.svg or .png)
    #[arg(long, requires = "learn")]
    plot: Option<PathBuf>,
}

/// How the step of a weight is rounded: without residues, that is, without feedback.
fn step_rounding() -> impl TypedValueParser<Value = RoundingArg> {
    PossibleValuesParser::new(["truncate", "nearest", "stochastic"]).map(|name| {
        // The parser lets only these names through.
        RoundingArg::from_str(&name, false).unwrap_or(RoundingArg::Stochastic)
    })
}

/// Bits of a place for a weight.
fn bits(text: &str) -> std::result::Result<u32, String> {
    text.parse().ok().filter(|bits| [2, 4, 8].contains(bits)).ok_or("give 2, 4 or 8".into())
}

#[derive(Serialize)]
struct Loaded {
    network: String,
    run: Option<String>,
    layers: usize,
    weights: usize,
    /// Multiplications of an image.
    multiplications: usize,
    lanes: u8,
    /// What was read back is what was written.
    equal: bool,
    difference: Option<String>,
    images: u32,
    wrong: u32,
    /// Share of the images whose class was found, where the last layer learns that of the last
    /// epoch, each before it was learned; null without images.
    accuracy: Option<f64>,
    /// The images of each epoch whose class was another, where the last layer learns.
    wrong_by_epoch: Vec<u32>,
    /// Of the last layer's weights, how many differ from the network's.
    moved_weights: usize,
    margin: Option<u32>,
    /// A weight was clamped.
    saturated: bool,
    #[serde(flatten)]
    link: LinkReport,
}

impl Args {
    fn input(&self) -> Input {
        let paths = self.input.clone().into_iter().collect();
        Input { paths, header: self.header, grey: false }
    }

    /// What is asked, and the images.
    fn plan(&self, network: NetworkFile) -> Result<(Classify, Images)> {
        let network = self.request().network(&self.network, network)?;
        let images = match &self.target {
            Some(target) => {
                let images = Images::read(&self.input(), &network, target)?;
                images.all_known(&self.input(), &network)?;
                images
            }
            None => Images::default(),
        };
        Ok((self.request().plan(network, self.target.clone(), &images)?, images))
    }

    fn request(&self) -> Request {
        Request {
            learn: self.learn,
            new_classes: names(&self.new_class),
            last_bits: self.last_bits,
            epochs: self.epochs,
            seed: self.seed,
            rate_shift: self.rate_shift,
            rounding: self.rounding.map(Into::into),
            margin: self.margin,
        }
    }

    /// The checkpoint to go on from.
    fn begun(&self, plan: &Classify) -> Result<Option<Run<Classify>>> {
        let Some(out) = &self.out else { return Ok(None) };
        match resumed(self.resume, out, Run::<Classify>::read)? {
            Some(mut run) => {
                let mut asked = plan.clone();
                if let (Some(was), Some(now)) = (&mut run.plan.learning, &mut asked.learning) {
                    match self.epochs {
                        Some(_) => was.epochs = now.epochs,
                        None => now.epochs = was.epochs,
                    }
                }
                if run.plan == asked {
                    return Ok(Some(run));
                }
                let message = "was begun with another network, other images or other options; \
                               leave --resume out";
                Err(Error::input(out, message))
            }
            None => Ok(None),
        }
    }
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    args.watch.begin();
    let line = args.port.line();
    line.validate()?;
    of_use(context, args.learn, &["resident"], "learning, so of --learn")?;
    let mut outputs = context.outputs([&args.network].into_iter().chain(&args.input));
    outputs.add_given("--out", args.out.as_deref(), Kind::Run(args.resume))?;
    outputs.add_given("--plot", args.plot.as_deref(), Kind::As(plot::ENDINGS))?;
    let (plan, images) = args.plan(read(&args.network)?)?;
    let begun = args.begun(&plan)?;
    let state = |built: &NetworkBuilt| plan.core(*built);
    let (mut device, fresh) = match &begun {
        Some(run) => (line.open(&run.state)?, run.state.clone()),
        None => line.open_for(state)?,
    };
    let resumed = begun.is_some();
    let run = begun.unwrap_or_else(|| Run::new(plan, fresh));
    let mut run = resident(run, &args.resident, resumed, args.out.as_deref())?;
    if let (Some(out), Some(epochs)) = (&args.out, args.epochs) {
        enough(&run, &images, out, ("epochs", epochs.into()))?;
    }
    let found = device.holding(&run.state, |device| {
        let mut found = run.state.clone();
        device.save(&mut found)?;
        Ok(found)
    })?;
    let difference = difference(&found, &run.state);
    let ended = learn(&mut device, &mut run, &images, args.out.as_deref())?;
    let (config, network) = (&run.state.config, &run.plan.network);
    let wrong_by_epoch = run.plan.wrong_by_epoch(&run.curve);
    // Of an epoch that was learned, or of all that was counted.
    let (many, wrong) = match wrong_by_epoch.last() {
        Some(&wrong) => (images.pixels.len() as u32, wrong),
        None => (config.images, config.wrong),
    };
    let learned = network.learned(&run.state);
    let loaded = Loaded {
        network: args.network.display().to_string(),
        run: args.out.as_ref().map(|out| out.display().to_string()),
        layers: network.layers.len(),
        weights: network.weights(),
        multiplications: network.multiplications(),
        lanes: run.state.lanes,
        equal: difference.is_none(),
        difference,
        images: config.images,
        wrong: config.wrong,
        accuracy: (many > 0).then(|| 1.0 - f64::from(wrong.min(many)) / f64::from(many)),
        wrong_by_epoch,
        moved_weights: network.differing(&learned),
        margin: run.plan.learning.map(|learning| learning.margin),
        saturated: config.saturated == 1,
        link: ended.link(&mut device)?,
    };
    context.report(&loaded, || {
        let Loaded { network, layers, weights, images, wrong, moved_weights, .. } = &loaded;
        let held = match &loaded.difference {
            None => "is on the device".into(),
            Some(what) => format!("is not on the device: {what}"),
        };
        let right = loaded.accuracy.map(|share| {
            let share = output::rounded(100.0 * share, 2);
            match loaded.wrong_by_epoch.len() {
                0 => format!("; of {images} images {wrong} wrong, {share} % right"),
                epochs => format!(
                    "; {} learned, {share} % right in the last, {moved_weights} weights of the \
                     last layer moved{}",
                    output::count(epochs, "epoch"),
                    if loaded.saturated { ", some were clamped" } else { "" }
                ),
            }
        });
        let (right, link) = (right.unwrap_or_default(), loaded.link.text());
        format!("{network}: {layers} layers, {weights} weights, {held}{right}{link}")
    })?;
    if let Some(path) = args.plot.as_ref().filter(|_| ended.writes(&[("--plot", &args.plot)])) {
        plot::write(path, &curve::wrong(&loaded.wrong_by_epoch))?;
    }
    let equal = loaded.equal;
    ended.result().map(|done| done && equal)
}
