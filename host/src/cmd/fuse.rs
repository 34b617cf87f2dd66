//! `fuse`: learns where a source is from what quantizing nodes send.

use super::args::{help, word, PortArgs};
use super::report::{Context, LinkReport};
use super::{enough, learn, resumed, unchanged};
use fixlearn::input::cells;
use fixlearn::outputs::Kind;
use fixlearn::run::Run;
use fixlearn::task::{Input, Task};
use fixlearn::tasks::fuse::field::Field;
use fixlearn::tasks::fuse::quantizer::{design, Merging};
use fixlearn::tasks::fuse::{Area, Fuse, Samples, Source};
use fixlearn::{Error, Result};
use fixlearn_map::fusion::{self as map, FusionBuilt, MOST_NODES, REGISTERS};
use fixlearn_sim::golden::cores::fusion::{Answer, Position, Sample};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum MergeArg {
    /// An interval a codeword
    None,
    /// The interval's number modulo the number of codewords
    Fold,
    /// Those that the other nodes tell apart best
    Confusable,
    /// Those whose merging adds the least squared error
    Closest,
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    /// Readings with positions (.csv, .tsv, .npy) [default: a field is simulated]
    input: Option<PathBuf>,
    /// The table's first line is names [default: if it looks like that]
    #[arg(long, requires = "input")]
    header: bool,
    /// The table's columns of the position; all others are nodes
    #[arg(long, value_delimiter = ',', num_args = 1, default_value = "x,y", requires = "input")]
    position: Vec<String>,
    /// Nodes of the simulated field, 3 to 8
    #[arg(long, default_value_t = 5, conflicts_with = "input")]
    #[arg(value_parser = clap::value_parser!(u8).range(3..=MOST_NODES as i64))]
    nodes: u8,
    /// Noise of a reading in the simulated field, above 0
    #[arg(long, default_value_t = 0.01, conflicts_with = "input")]
    sigma: f64,
    /// Samples that are simulated, 1000 to 4000000
    #[arg(long, default_value_t = 200_000, conflicts_with = "input")]
    #[arg(value_parser = clap::value_parser!(u32).range(1000..=4_000_000))]
    samples: u32,
    /// Decides the places of nodes and sources
    #[arg(long, default_value_t = 1, conflicts_with = "input")]
    seed: u64,
    #[arg(long, default_value_t = 3, value_parser = word(REGISTERS, map::BITS))]
    #[arg(help = help("Bits of a codeword", REGISTERS, map::BITS))]
    bits: u32,
    /// Equally probable intervals that are merged, 2 to 64 [default: twice the codewords]
    #[arg(long, value_parser = clap::value_parser!(u8).range(2..=64))]
    intervals: Option<u8>,
    /// Which intervals share a codeword
    #[arg(long, value_enum, default_value = "closest")]
    merge: MergeArg,
    #[arg(long, default_value_t = 2, value_parser = word(REGISTERS, map::WEIGHT))]
    #[arg(help = help("The hits' logarithm counts 2^N times in a score", REGISTERS, map::WEIGHT))]
    weight: u32,
    /// Places for combinations, as the device has them: 1024, 4096 or 16384
    #[arg(long, default_value = "16384", value_parser = ["1024", "4096", "16384"])]
    places: String,
    /// Times that the samples are learned, 1 to 1048576
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    passes: u64,
    /// The run file to write; on the way and on Ctrl-C it is the checkpoint
    #[arg(short, long)]
    out: PathBuf,
    /// Go on from the checkpoint in --out, with its settings
    #[arg(long)]
    resume: bool,
}

/// Samples from which quantizers are designed, at most.
const DESIGN: usize = 200_000;
/// Sources of a simulated field that are asked for at the end.
const ASKED: usize = 4000;

impl Args {
    fn input(&self) -> Input {
        let paths = self.input.iter().cloned().collect();
        Input { paths, header: self.header, grey: false }
    }

    fn source(&self) -> Result<Source> {
        let Some(path) = &self.input else {
            if !(self.sigma > 0.0 && self.sigma.is_finite()) {
                return Err(Error::request("--sigma: give a number above 0"));
            }
            let field = Field::scattered(self.nodes.into(), self.sigma, self.seed);
            let (samples, seed) = (self.samples as usize, self.seed.wrapping_add(1));
            return Ok(Source::Simulated { field, samples, asked: ASKED, seed });
        };
        let table = cells(path, self.header)?;
        let [x, y] = self.position.as_slice() else {
            return Err(Error::request("--position: give two columns, as x,y"));
        };
        let (column_x, column_y) = (table.find(path, x)?, table.find(path, y)?);
        let all = table.names.iter().enumerate();
        let nodes: Vec<String> = all
            .filter(|(i, _)| *i != column_x && *i != column_y)
            .map(|(_, name)| name.clone())
            .collect();
        if !(1..=usize::from(MOST_NODES)).contains(&nodes.len()) {
            let message = format!("has {} columns beside {x} and {y}; give 1 to 8", nodes.len());
            return Err(Error::input(path, table.noted(&message)));
        }
        let position = [x.clone(), y.clone()];
        Ok(Source::Table { position, nodes, header: self.header })
    }

    /// Intervals of a node, and how they are merged.
    fn merging(&self) -> Result<(usize, Merging)> {
        let codewords = 1 << self.bits;
        let merging = match self.merge {
            MergeArg::None => Merging::None,
            MergeArg::Fold => Merging::Fold,
            MergeArg::Confusable => Merging::Confusable,
            MergeArg::Closest => Merging::Closest,
        };
        let usual = if merging == Merging::None { codewords } else { 2 * codewords };
        let intervals = self.intervals.map_or(usual, usize::from);
        if intervals < codewords || merging == Merging::None && intervals > codewords {
            let message = match merging {
                Merging::None => format!("--merge none has {codewords} intervals"),
                _ => format!("give at least {codewords}, the codewords of --bits {}", self.bits),
            };
            return Err(Error::request(format!("--intervals {intervals}: {message}")));
        }
        Ok((intervals, merging))
    }

    /// A run at its beginning, or the one in --out to go on with; and the samples.
    fn begin(&self, context: &Context) -> Result<(Run<Fuse>, Samples)> {
        let input = self.input();
        if let Some(mut run) = resumed(self.resume, &self.out, Run::<Fuse>::read)? {
            let given = ["position", "nodes", "sigma", "samples", "seed", "intervals", "merge"];
            if let Some(id) = given.into_iter().chain(["places"]).find(|id| context.was_given(id)) {
                let message = format!("was begun with its own --{id}; leave it out");
                return Err(Error::input(&self.out, message));
            }
            let asked = Fuse { bits: self.bits, weight: self.weight, ..run.plan.clone() };
            unchanged(context, &self.out, &run.plan, &asked, &[])?;
            let samples = run.plan.load(&input, &self.out)?;
            if context.was_given("passes") {
                run.plan.passes = self.passes;
                enough(&run, &samples, &self.out, self.passes)?;
            }
            return Ok((run, samples));
        }
        let (intervals, merging) = self.merging()?;
        let source = self.source()?;
        let (training, asked) = source.read(&input)?;
        let area = match &source {
            Source::Simulated { field, .. } => Area { offset: [0.0; 2], side: field.side },
            Source::Table { .. } => Area::of(&training),
        };
        let quantizers = design(&training.first(DESIGN), intervals, self.bits, &merging);
        let mut plan = Fuse {
            source,
            area,
            bits: self.bits,
            weight: self.weight,
            quantizers,
            passes: self.passes,
            input: String::new(),
        };
        let samples = plan.samples(&training, &asked);
        plan.input = samples.digest();
        if plan.steps(&samples) > u64::from(u32::MAX) {
            return Err(Error::request("--passes: samples times passes are above 32 bits"));
        }
        let places: u32 = self.places.parse().unwrap_or(1 << 14);
        let start = plan.start(&samples, &FusionBuilt { place_bits: places.ilog2() as u8 });
        Ok((Run::new(plan, start), samples))
    }
}

#[derive(Serialize)]
struct Fused {
    run: String,
    samples: usize,
    passes: u64,
    nodes: usize,
    bits: u32,
    /// Intervals of a node, merged into `2^bits` codewords.
    intervals: usize,
    /// Combinations that are stored, that were lost, and that came and were not stored yet.
    stored: u32,
    dropped: u32,
    unseen: u32,
    asked: usize,
    /// Mean squared distance of the answers for `asked` samples that were not learned, in the
    /// positions' units squared; null if learning is not done.
    squared_error: Option<f64>,
    #[serde(flatten)]
    link: LinkReport,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let line = args.port.line();
    line.validate()?;
    let mut outputs = context.outputs(args.input().paths);
    outputs.add("--out", &args.out, Kind::Run(args.resume))?;
    let (mut run, samples) = args.begin(context)?;
    let mut device = line.open(&run.state)?;
    let ended = learn(&mut device, &mut run, &samples, Some(&args.out))?;
    let plan = &run.plan;
    let squared_error = match run.done == plan.steps(&samples) {
        true => {
            let asked = samples.asked.iter();
            let sample = |&(key, _): &(u32, _)| Sample { key, at: Position { x: 0, y: 0 } };
            let vectors: Vec<u8> = asked.flat_map(|asked| sample(asked).bytes()).collect();
            let answers = device.recall(&vectors, |_| {})?;
            let squared = |(answer, (_, at)): (Vec<u8>, &(u32, [f64; 2]))| {
                let word = answer.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
                let place = plan.area.place(Answer::from_word(word));
                (place[0] - at[0]).powi(2) + (place[1] - at[1]).powi(2)
            };
            let sum: f64 = answers.into_iter().zip(&samples.asked).map(squared).sum();
            Some(sum / samples.asked.len().max(1) as f64)
        }
        false => None,
    };
    let config = &run.state.config;
    let fused = Fused {
        run: args.out.display().to_string(),
        samples: samples.training.len(),
        passes: run.done / (samples.training.len() as u64).max(1),
        nodes: plan.quantizers.len(),
        bits: plan.bits,
        intervals: plan.quantizers.iter().map(|q| q.codewords.len()).max().unwrap_or(0),
        stored: config.stored,
        dropped: config.dropped,
        unseen: config.unseen,
        asked: samples.asked.len(),
        squared_error,
        link: ended.link(&mut device)?,
    };
    context.report(&fused, || {
        let error = squared_error.map_or("not known yet".into(), |e| format!("{e:.4}"));
        format!(
            "{}: squared error {error} over {} samples; {} combinations, {} lost{}",
            fused.run,
            fused.asked,
            fused.stored,
            fused.dropped,
            fused.link.text()
        )
    })?;
    ended.result()
}
