//! `load`: puts a low-bit network on a device, and counts how often it is right.

use super::args::PortArgs;
use super::report::{Context, LinkReport};
use super::{learn, resumed};
use fixlearn::outputs::Kind;
use fixlearn::run::Run;
use fixlearn::task::Input;
use fixlearn::tasks::classify::images::Images;
use fixlearn::tasks::classify::{read, Classify};
use fixlearn::{output, Error, Result};
use fixlearn_map::network::NetworkBuilt;
use fixlearn_sim::golden::core::difference;
use fixlearn_sim::golden::cores::network::file::NetworkFile;
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    /// The network, as quantize writes it (.json)
    network: PathBuf,
    /// Images to classify: a table, a column a pixel, and one of the class
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
    /// Share of the images whose class was found; null without images.
    accuracy: Option<f64>,
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
        let images = match &self.target {
            Some(target) => {
                let images = Images::read(&self.input(), &network, target)?;
                images.all_known(&self.input(), &network)?;
                images
            }
            None => Images::default(),
        };
        let input = images.digest();
        Ok((Classify { network, target: self.target.clone(), input }, images))
    }

    /// The checkpoint to go on from.
    fn begun(&self, plan: &Classify) -> Result<Option<Run<Classify>>> {
        let Some(out) = &self.out else { return Ok(None) };
        match resumed(self.resume, out, Run::<Classify>::read)? {
            Some(run) if run.plan != *plan => {
                let message = "was begun with another network or other images; leave --resume out";
                Err(Error::input(out, message))
            }
            run => Ok(run),
        }
    }
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let line = args.port.line();
    line.validate()?;
    let mut outputs = context.outputs([&args.network].into_iter().chain(&args.input));
    outputs.add_given("--out", args.out.as_deref(), Kind::Run(args.resume))?;
    let (plan, images) = args.plan(read(&args.network)?)?;
    let begun = args.begun(&plan)?;
    let state = |built: &NetworkBuilt| plan.network.core(*built);
    let (mut device, fresh) = match &begun {
        Some(run) => (line.open(&run.state)?, run.state.clone()),
        None => line.open_for(state)?,
    };
    let mut run = begun.unwrap_or_else(|| Run::new(plan, fresh));
    let found = device.holding(&run.state, |device| {
        let mut found = run.state.clone();
        device.save(&mut found)?;
        Ok(found)
    })?;
    let difference = difference(&found, &run.state);
    let ended = learn(&mut device, &mut run, &images, args.out.as_deref())?;
    let (config, network) = (&run.state.config, &run.plan.network);
    let images = config.images;
    let right = f64::from(images.saturating_sub(config.wrong));
    let loaded = Loaded {
        network: args.network.display().to_string(),
        run: args.out.as_ref().map(|out| out.display().to_string()),
        layers: network.layers.len(),
        weights: network.weights(),
        multiplications: network.multiplications(),
        lanes: run.state.lanes,
        equal: difference.is_none(),
        difference,
        images,
        wrong: config.wrong,
        accuracy: (images > 0).then(|| right / f64::from(images)),
        link: ended.link(&mut device)?,
    };
    context.report(&loaded, || {
        let Loaded { network, layers, weights, images, wrong, .. } = &loaded;
        let held = match &loaded.difference {
            None => "is on the device".into(),
            Some(what) => format!("is not on the device: {what}"),
        };
        let right = loaded.accuracy.map(|share| {
            let share = output::rounded(100.0 * share, 2);
            format!("; of {images} images {wrong} wrong, {share} % right")
        });
        let (right, link) = (right.unwrap_or_default(), loaded.link.text());
        format!("{network}: {layers} layers, {weights} weights, {held}{right}{link}")
    })?;
    let equal = loaded.equal;
    ended.result().map(|done| done && equal)
}
