//! `train`: a codebook.

use super::args::{
    help, names, word, ColumnArgs, InputArgs, PortArgs, ResidentArgs, RoundingArg, WatchArgs,
};
use super::printed::{passes, Context, LinkReport};
use super::{another, before_learning, enough, learn, of_use, resident, resumed, unchanged};
use clap::ValueEnum;
use fixlearn::input::{self, Coarse, Cut, Quantization, Samples, Scaling, Selection};
use fixlearn::outputs::Kind;
use fixlearn::task::{Input, Task};
use fixlearn::tasks::codebook::{warn_of_unused, Codebook, Init, Model, Plan, Request};
use fixlearn::{output, Error, Result};
use fixlearn_map::vq::{self, REGISTERS};
use fixlearn_sim::golden::cores::vq::Metric;
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    input: InputArgs,
    /// The model file to write, and the checkpoint of each pass and of Ctrl-C
    #[arg(short, long)]
    out: PathBuf,
    /// Go on from the checkpoint in --out, with its settings
    #[arg(long)]
    resume: bool,
    /// Side of an image block, 1 to 8 pixels; 4 is 16 dimensions
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = side())]
    block: usize,
    #[command(flatten)]
    table: ColumnArgs,
    /// Turn colours into grey [default: learn red, green and blue]
    #[arg(long)]
    grey: bool,
    /// Pixels' values that the 256 steps are of [default: DICOM's, or all]
    #[arg(long, value_name = "LOW,HIGH", value_parser = super::args::window)]
    #[arg(allow_hyphen_values = true)]
    window: Option<(f64, f64)>,
    /// Scale a table's columns alike [default: each by its range, not bytes]
    #[arg(long)]
    common_scale: bool,
    /// Learn 1, 2 or 4 bits a sample, rounded at random [default: all 8]
    #[arg(long, value_name = "N", value_parser = coarse)]
    bits: Option<u8>,
    #[command(flatten)]
    resident: ResidentArgs,
    /// Codewords, 1 to 256
    #[arg(long, value_name = "N", default_value_t = 64)]
    codewords: usize,
    /// Times that every vector is learned, 0 to 1048576
    #[arg(long, value_name = "N", default_value_t = 10)]
    passes: u64,
    /// First passes that scale distances by win counts
    #[arg(value_name = "N", long, default_value_t = 0)]
    frequency_passes: u64,
    /// Decides the first codebook and the order of vectors
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// First codebook: random, plus-plus, greedy or plane
    #[arg(long, value_enum, default_value = "greedy", hide_possible_values = true)]
    init: InitArg,
    /// Distance: l1, or l2 squared
    #[arg(long, value_enum, default_value = "l2", hide_possible_values = true)]
    metric: MetricArg,
    /// Of updates: truncate, nearest, stochastic, feedback
    #[arg(long, value_enum, default_value = "nearest", hide_possible_values = true)]
    rounding: RoundingArg,
    /// Rates by power of two, not 1/u after u wins [default: for maps]
    #[arg(long)]
    fixed_rate: bool,
    /// Win counts go on from pass to pass, in place of beginning at 1 in each
    #[arg(long)]
    keep_counts: bool,
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, vq::RATE_SHIFT))]
    #[arg(help = said("Rate 2^-N, its floor if by count [default: 15; kept or fixed 8, maps 2]",
                      vq::RATE_SHIFT))]
    rate_shift: Option<u32>,
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, vq::RATE_FINAL))]
    #[arg(help = said("Exponent at the end [default: --rate-shift, maps 6]", vq::RATE_FINAL))]
    rate_final: Option<u32>,
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, vq::RATE_PERIOD))]
    #[arg(help = said("Vectors per halving, 0 holds it [default: by the run]", vq::RATE_PERIOD))]
    rate_period: Option<u32>,
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = word(REGISTERS, vq::RADIUS))]
    #[arg(help = help("Neighbourhood radius in rings", REGISTERS, vq::RADIUS))]
    radius: u32,
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, vq::RADIUS_PERIOD))]
    #[arg(help = said("Vectors per step, 0 holds it [default: by the run]", vq::RADIUS_PERIOD))]
    radius_period: Option<u32>,
    /// Columns of the grid, a power of two up to 256, a line
    #[arg(long, value_name = "N", default_value_t = 256)]
    columns: u32,
    /// 0: all rings alike; 1, 2, 3: each a half, a quarter, a 16th of the one inside [default: 0,
    /// maps 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=3))]
    falloff: Option<u32>,
    #[arg(long, value_name = "N", default_value_t = 65535)]
    #[arg(value_parser = word(REGISTERS, vq::COUNT_CAP))]
    #[arg(help = help("Win count at which all are halved", REGISTERS, vq::COUNT_CAP))]
    count_cap: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum InitArg {
    Random,
    PlusPlus,
    Greedy,
    Plane,
}

#[derive(Clone, Copy, ValueEnum)]
enum MetricArg {
    L1,
    L2,
}

impl Args {
    /// The input, with what is asked of a table.
    fn samples(&self, input: &Input, scaling: Scaling) -> Result<Samples> {
        let ColumnArgs { drop, features, missing } = &self.table;
        let (drop, features, missing) = (names(drop), names(features), (*missing).into());
        let selection = Selection { drop, features, missing, means: Vec::new() };
        input::load_rows(&input.paths, self.cut(), input.header, &selection, scaling)
    }

    fn cut(&self) -> Cut {
        Cut { block: self.block, grey: self.grey }
    }

    fn request(&self) -> Request {
        Request {
            codewords: self.codewords,
            passes: self.passes,
            frequency_passes: self.frequency_passes,
            seed: self.seed,
            bits: self.bits,
            init: match self.init {
                InitArg::Random => Init::Random,
                InitArg::PlusPlus => Init::PlusPlus,
                InitArg::Greedy => Init::Greedy,
                InitArg::Plane => Init::Plane,
            },
            metric: match self.metric {
                MetricArg::L1 => Metric::L1,
                MetricArg::L2 => Metric::SquaredL2,
            },
            rounding: self.rounding.into(),
            fixed_rate: self.fixed_rate,
            keep_counts: self.keep_counts,
            rate_shift: self.rate_shift,
            rate_final: self.rate_final,
            rate_period: self.rate_period,
            radius: self.radius,
            radius_period: self.radius_period,
            columns: self.columns,
            falloff: self.falloff,
            count_cap: self.count_cap,
        }
    }
}

fn said(text: &str, number: u8) -> String {
    help(text, REGISTERS, number)
}

/// The bits that samples can be rounded to.
fn coarse(text: &str) -> std::result::Result<u8, String> {
    let bits = text.parse().ok().filter(|bits| Coarse::BITS.contains(bits));
    bits.ok_or_else(|| "give 1, 2 or 4".into())
}

/// The sides of blocks whose vectors a core can take.
pub fn side() -> impl clap::builder::TypedValueParser<Value = usize> {
    clap::builder::RangedU64ValueParser::<usize>::new().range(1..=8)
}

#[derive(Serialize)]
struct Trained {
    model: String,
    vectors: u64,
    passes: u64,
    codewords: usize,
    dimension: usize,
    final_mean_distance: Option<f64>,
    /// Where it was learned, and of which size the core there is.
    port: String,
    size: Option<String>,
    #[serde(flatten)]
    link: LinkReport,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    args.watch.begin();
    let line = args.port.line();
    line.validate()?;
    let input = args.input.input();
    let map = args.radius > 0 || args.resume;
    of_use(context, map, &["radius_period", "columns", "falloff"], "maps, so of --radius")?;
    let fixed = map || args.fixed_rate || args.rate_period.is_some();
    of_use(context, fixed, &["rate_final"], "rates that fall, so of --fixed-rate")?;
    let counted = !args.fixed_rate && args.radius == 0 || args.resume;
    let by_count = "rates by win count, so neither fixed nor of a map";
    of_use(context, counted, &["keep_counts"], by_count)?;
    context.outputs(&input.paths).add("--out", &args.out, Kind::Run(args.resume))?;
    let resumed = resumed(args.resume, &args.out, Model::read)?;
    let (samples, task) = match &resumed {
        Some(model) => {
            let renamed = [
                ("fixed_rate", "count_based"),
                ("keep_counts", "fresh_counts"),
                ("columns", "columns_log2"),
            ];
            let asked = Plan { passes: model.plan.plan.passes, ..args.request().plan()? };
            unchanged(context, &args.out, &model.plan.plan, &asked, &renamed)?;
            if context.was_given("block") && model.plan.block.is_some_and(|b| b != args.block) {
                return Err(another(&args.out, "block"));
            }
            if args.grey && model.plan.colour {
                return Err(another(&args.out, "grey"));
            }
            let asked = args.window.map(|(low, high)| Quantization::steps(low, high));
            if asked.is_some_and(|asked| asked != model.plan.quantization) {
                return Err(another(&args.out, "window"));
            }
            if args.common_scale && !model.plan.quantization.columns.is_empty() {
                return Err(another(&args.out, "common_scale"));
            }
            let mut choices = ["drop", "features", "missing"].into_iter();
            let samples = match choices.find(|id| context.was_given(id)) {
                None => model.plan.load(&input, &args.out)?,
                Some(id) => {
                    let samples = args.samples(&input, Scaling::As(&model.plan.quantization))?;
                    if samples.digest() != model.plan.input {
                        // It is the choice, unless it is the input.
                        model.plan.load(&input, &args.out)?;
                        return Err(another(&args.out, id));
                    }
                    Samples { coarse: model.plan.plan.coarse(), ..samples }
                }
            };
            let (has, wants) = (samples.layout.dimension(), model.state.config.dimension);
            if has != wants {
                let message = format!("is damaged: {wants} dimensions, and its input has {has}");
                return Err(Error::input(&args.out, message));
            }
            (samples, model.plan.clone())
        }
        None => {
            let plan = args.request().plan()?;
            let scaling = match args.window {
                Some((low, high)) => Scaling::Window(low, high),
                None if args.common_scale => Scaling::Common,
                None => Scaling::ByColumn,
            };
            let samples = args.samples(&input, scaling)?;
            let samples = match plan.coarse() {
                Some(coarse) => samples.rounded(coarse)?,
                None => samples,
            };
            let cut = (!samples.is_table()).then(|| args.cut());
            of_use(context, cut.is_some(), &["block", "grey", "window"], "pictures")?;
            of_use(context, cut.is_none(), &["common_scale"], "tables")?;
            let vectors = samples.layout.vectors() as u64 * plan.passes;
            let plan = args.request().scheduled(plan, vectors);
            let task = Codebook::new(plan, &samples, cut);
            (samples, task)
        }
    };
    let begun = resumed.is_some();
    let model = match resumed {
        Some(mut model) => {
            if context.was_given("passes") {
                model.plan.plan.passes = args.passes;
                enough(&model, &samples, &args.out, ("passes", args.passes))?;
            }
            model
        }
        None => before_learning(Model::begin(task, &samples), &args.out)?,
    };
    let mut model = resident(model, &args.resident, begun, Some(&args.out))?;
    let mut device = line.open(&model.state)?;
    if args.bits.is_some() && !device.client.identity.unpacks {
        output::note(
            "the device does not unpack vectors: with --bits it learns fewer bits, and is sent 8; \
             a size with +packed is sent fewer",
        );
    }
    warn_of_unused(&samples, model.plan.plan.codewords)?;
    let other = |what: String| Error::input(&args.out, what);
    model.settle(&device.built()).map_err(other)?;
    let ended = learn(&mut device, &mut model, &samples, Some(&args.out))?;
    let trained = Trained {
        model: args.out.display().to_string(),
        vectors: model.done,
        passes: model.done / (samples.layout.vectors() as u64).max(1),
        codewords: model.plan.plan.codewords,
        dimension: samples.layout.dimension(),
        final_mean_distance: model.mean_distance(samples.layout.vectors() as u64),
        port: device.client.port_name(),
        size: device.size(),
        link: ended.link(&mut device)?,
    };
    context.report(&trained, || {
        let unit = match model.plan.plan.metric {
            Metric::L1 => "sample steps",
            Metric::SquaredL2 => "squared sample steps",
        };
        let distance = trained
            .final_mean_distance
            .map(|distance| format!("; mean distance {distance:.1} {unit}"));
        format!(
            "{}: {} codewords of {} dimensions from {} in {}{}{}",
            trained.model,
            trained.codewords,
            trained.dimension,
            output::count(samples.layout.vectors(), "vector"),
            passes(trained.passes),
            distance.unwrap_or_default(),
            trained.link.text()
        )
    })?;
    ended.result()
}
