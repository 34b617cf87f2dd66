//! The gradient core's commands: `optimize`, `train --core gradient`, and `check` of their runs.

use super::{report, stop_flag, InputArgs, PortArgs, RoundingArg, TrainArgs};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use fixlearn::gradient::data::{self, Options, Preparation, Samples};
use fixlearn::gradient::device::Device;
use fixlearn::gradient::regress::Score;
use fixlearn::gradient::run::{difference, validate, Mark, Run, Task};
use fixlearn::gradient::{optimize, regress};
use fixlearn::{output, picture, port, Error, Result};
use fixlearn_hdl::design::GradientDesign;
use fixlearn_sim::golden::gradient::reference::{point_value, point_word};
use fixlearn_sim::golden::gradient::{quadratic, Config, Gradient, Objective, POINT_FRACTION};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The simulated board's design.
pub const DESIGN: GradientDesign = GradientDesign { clock_hz: 12_000_000, baud: 3_000_000 };

#[derive(Clone, Copy, ValueEnum)]
pub enum RuleArg {
    /// x' = x - rate * Q(g)
    Plain,
    /// And what the quantizer dropped is made up for, orthogonally to the largest component
    Compensated,
    /// And the rate adapts from one iteration to the next
    Adaptive,
}

/// One of the objectives, by name: those that stream samples, or the functions.
fn objectives(streams: bool) -> impl TypedValueParser<Value = Objective> {
    let mine = move |o: &&Objective| o.streams() == streams;
    let names = Objective::ALL.iter().filter(mine).map(|o| o.name());
    PossibleValuesParser::new(names).map(|name| {
        // The parser lets only these names through.
        let found = Objective::ALL.iter().find(|o| o.name() == name);
        found.copied().unwrap_or(Objective::ALL[0])
    })
}

/// How the point moves.
#[derive(Args)]
pub struct RuleArgs {
    /// Default: adaptive for optimize, plain for train
    #[arg(long, value_enum)]
    rule: Option<RuleArg>,
    /// Fractional bits of the quantized gradient, n in Qp = 2^n: 0 to 20
    #[arg(long)]
    gradient_bits: Option<u32>,
    /// Fractional bits of the point: 0 to 28; 12 makes it Q4.12 in 16 bits
    #[arg(long)]
    point_bits: Option<u32>,
    /// Calm iterations before the adaptive rate doubles: 1 to 255
    #[arg(long, default_value_t = 16)]
    patience: u32,
}

impl RuleArgs {
    fn apply(&self, config: &mut Config, default: RuleArg) {
        let rule = self.rule.unwrap_or(default);
        config.compensation = !matches!(rule, RuleArg::Plain);
        config.adaptive = matches!(rule, RuleArg::Adaptive);
        config.patience = self.patience;
        config.gradient_bits = self.gradient_bits.unwrap_or(config.gradient_bits);
        config.point_bits = self.point_bits.unwrap_or(config.point_bits);
    }
}

#[derive(Args)]
pub struct OptimizeArgs {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    rule: RuleArgs,
    /// What to minimize
    #[arg(long, value_parser = objectives(false), default_value = "rosenbrock")]
    objective: Objective,
    /// Where to start: as many numbers as dimensions, as --start=-1.2,1
    #[arg(long, value_delimiter = ',', allow_negative_numbers = true, default_value = "-1.2,1")]
    start: Vec<f64>,
    /// Quadratic: where the minimum is; the origin if not given
    #[arg(long, value_delimiter = ',', allow_negative_numbers = true)]
    centre: Vec<f64>,
    /// Quadratic: largest curvature (1) over the smallest
    #[arg(long, default_value_t = 100.0)]
    condition: f64,
    #[arg(long, default_value_t = 20_000)]
    iterations: u32,
    /// Iterations between two lines of the trace
    #[arg(long)]
    every: Option<u64>,
    /// Rate 2^-SHIFT; with the adaptive rule, at first
    #[arg(long, default_value_t = 10)]
    rate_shift: u32,
    /// The adaptive rate stays at or below 2^-SHIFT
    #[arg(long, default_value_t = 6)]
    rate_least: u32,
    /// The adaptive rate stays at or above 2^-SHIFT
    #[arg(long, default_value_t = 15)]
    rate_most: u32,
    #[arg(long, value_enum, default_value = "nearest")]
    rounding: RoundingArg,
    /// The run file to write, with everything needed to go on and to check
    #[arg(long)]
    out: Option<PathBuf>,
    /// Go on from the run in --out, up to --iterations
    #[arg(long, requires = "out")]
    resume: bool,
    /// Write the trace to this file (.csv or .json)
    #[arg(long)]
    trace: Option<PathBuf>,
    /// Draw contours and path (two dimensions), or the value alone, to this file (.svg)
    #[arg(long)]
    plot: Option<PathBuf>,
}

/// A number as a word on the grid.
fn word(name: &str, x: f64, point_bits: u32) -> Result<i32> {
    point_word(x, point_bits.min(POINT_FRACTION)).ok_or_else(|| {
        let mut scale = 1.0;
        while (x * scale).abs() >= 8.0 && scale > 0.0 {
            scale /= 2.0;
        }
        Error::request(format!(
            "{name} {x} does not fit the point's Q4.28 (-8 to 8); scaled by {scale} it would"
        ))
    })
}

impl OptimizeArgs {
    fn start(&self) -> Result<Gradient> {
        let d = self.start.len();
        let mut config = Config {
            objective: self.objective,
            dimension: d,
            rounding: self.rounding.rounding(),
            rate: self.rate_shift,
            rate_least: self.rate_least,
            rate_most: self.rate_most,
            gradient_bits: 12,
            ..Config::power_up()
        };
        self.rule.apply(&mut config, RuleArg::Adaptive);
        if !(1.0..=1e6).contains(&self.condition) {
            return Err(Error::request("--condition: 1 to 1000000"));
        }
        if !self.centre.is_empty() && self.centre.len() != d {
            return Err(Error::request(format!(
                "--centre has {} numbers, --start {d}",
                self.centre.len()
            )));
        }
        let bits = config.point_bits;
        let point: Result<Vec<i32>> =
            self.start.iter().map(|&x| word("--start", x, bits)).collect();
        // Checked before it is made: masks are shifts by the settings.
        let mut start = Gradient {
            point: point?,
            gradient_residues: vec![0; d],
            point_residues: vec![0; d],
            curvature: vec![1 << POINT_FRACTION; d],
            centre: vec![0; d],
            config,
        };
        validate(&start).map_err(Error::Request)?;
        start = Gradient::new(start.config, start.point);
        let curvatures = quadratic::curvatures(d, self.condition);
        for (to, c) in start.curvature.iter_mut().zip(curvatures) {
            *to = word("curvature", c, POINT_FRACTION)?;
        }
        for (to, &z) in start.centre.iter_mut().zip(&self.centre) {
            *to = word("--centre", z, POINT_FRACTION)?;
        }
        Ok(start)
    }
}

#[derive(Serialize)]
struct Optimized {
    objective: Objective,
    iterations: u64,
    point: Vec<f64>,
    value: f64,
    /// Exponent of the last rate.
    rate: u32,
    saturated: bool,
    /// Time on the port's own clock, seconds.
    seconds: f64,
    run: Option<String>,
}

pub fn run_optimize(args: &OptimizeArgs, json: bool) -> Result<bool> {
    let iterations = u64::from(args.iterations);
    let mut run = match (&args.out, args.resume) {
        (Some(path), true) => Run::read(path)?,
        _ => {
            let every = args.every.unwrap_or((iterations / 200).max(1)).max(1);
            Run::new(args.start()?, Task::Optimize { iterations, every, trace: Vec::new() })
        }
    };
    match &mut run.task {
        Task::Optimize { iterations: planned, .. } => *planned = (*planned).max(iterations),
        Task::Regress { .. } => {
            return Err(Error::request("the run in --out is of a table; use `fixlearn train`"))
        }
    }
    let mut device = open(&args.port)?;
    device.check(&run.state)?;
    let stop = stop_flag()?;
    let begun = device.client.now();
    let outcome = optimize::optimize(&mut device, &mut run, args.out.as_deref(), &stop);
    if let (Err(Error::Interrupted), Some(_)) = (&outcome, &args.out) {
        say_resume(run.state.config.iterations.into(), "iterations");
    }
    outcome?;
    let Task::Optimize { trace, .. } = &run.task else {
        return Ok(false);
    };
    if let Some(path) = &args.trace {
        output::write(path, &trace_file(path, trace, || points(trace))?)?;
    }
    if let Some(path) = &args.plot {
        output::write(path, picture::path(&run.start, trace)?.as_bytes())?;
    }
    let last = optimize::mark(&run.state, None);
    let found = Optimized {
        objective: run.state.config.objective,
        iterations: last.iteration,
        point: last.point,
        value: last.value,
        rate: last.rate,
        saturated: run.state.config.saturated.any(),
        seconds: (device.client.now() - begun).as_secs_f64(),
        run: args.out.as_ref().map(|p| p.display().to_string()),
    };
    report(json, &found, || {
        let point: Vec<String> = found.point.iter().map(|x| format!("{x:.8}")).collect();
        format!(
            "f = {:.4e} at ({}) after {} iterations, rate 2^-{}{}",
            found.value,
            point.join(", "),
            found.iterations,
            found.rate,
            warning(&run.state)
        )
    })?;
    Ok(true)
}

/// What was clamped, in words.
fn warning(state: &Gradient) -> String {
    let s = state.config.saturated;
    let names = [(s.point, "point"), (s.gradient, "gradient"), (s.value, "value")];
    let held: Vec<&str> = names.iter().filter(|(set, _)| *set).map(|&(_, name)| name).collect();
    if held.is_empty() {
        String::new()
    } else {
        format!("; SATURATED on the way: {}", held.join(", "))
    }
}

fn say_resume(done: u64, what: &str) {
    eprintln!(
        "fixlearn: interrupted after {done} {what}; go on with the same command and --resume"
    );
}

fn open(args: &PortArgs) -> Result<Device> {
    Device::open(port::open(&args.port, args.baud, &DESIGN)?)
}

fn trace_file<T: Serialize>(
    path: &Path,
    trace: &[T],
    csv: impl FnOnce() -> String,
) -> Result<Vec<u8>> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("json") => serde_json::to_vec(trace).map_err(|e| Error::request(e.to_string())),
        Some("csv") => Ok(csv().into_bytes()),
        _ => Err(Error::input(path, "traces are written as .csv or .json")),
    }
}

fn points(trace: &[Mark]) -> String {
    let mut text = String::from("iteration,value,rate,step");
    for i in 0..trace.first().map_or(0, |m| m.point.len()) {
        text += &format!(",x{i}");
    }
    for m in trace {
        text += &format!("\n{},{:e},{},{:e}", m.iteration, m.value, m.rate, m.step);
        for x in &m.point {
            text += &format!(",{x}");
        }
    }
    text + "\n"
}

fn scores(trace: &[Score]) -> String {
    let mut text = String::from("pass,training,held_out,rate\n");
    for s in trace {
        let held_out = s.held_out.map_or(String::new(), |x| x.to_string());
        text += &format!("{},{},{held_out},{}\n", s.pass, s.training, s.rate);
    }
    text
}

/// A linear model of a table.
#[derive(Args)]
pub struct RegressionArgs {
    /// Gradient: the column to predict, by name or number
    #[arg(long)]
    target: Option<String>,
    /// Gradient: the model
    #[arg(long, value_parser = objectives(true), default_value = "least-squares")]
    objective: Objective,
    /// Gradient: share of the rows that are held out
    #[arg(long, default_value_t = 0.2)]
    hold_out: f64,
    /// Gradient: take features as they are, not to mean 0 and variance 1
    #[arg(long)]
    raw: bool,
    /// Gradient: features (and a regression's target) times this
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Gradient: features in this many levels between the table's extremes, 2 to 4096
    #[arg(long)]
    grey_levels: Option<u32>,
    /// Gradient: bits of a weight, sign included, 1 to 32; the rest of the range is cut off
    #[arg(long)]
    weight_bits: Option<u32>,
    /// Gradient: output levels of the perceptron, 2 (sign) to 16
    #[arg(long, default_value_t = 2)]
    levels: u32,
    /// Gradient: draw the learning curve to this file (.svg)
    #[arg(long)]
    plot: Option<PathBuf>,
    /// Gradient: write the learning curve to this file (.csv or .json)
    #[arg(long)]
    trace: Option<PathBuf>,
}

impl RegressionArgs {
    /// Something of a regression was asked for.
    pub fn asked(&self) -> bool {
        self.target.is_some()
            || self.grey_levels.is_some()
            || self.weight_bits.is_some()
            || self.plot.is_some()
            || self.trace.is_some()
    }

    fn options(&self, seed: u64, header: bool) -> Result<Options> {
        let rules = [
            ((0.0..1.0).contains(&self.hold_out), "--hold-out: 0 to less than 1"),
            (self.scale > 0.0 && self.scale.is_finite(), "--scale: more than 0"),
            (self.grey_levels.is_none_or(|g| (2..=4096).contains(&g)), "--grey-levels: 2 to 4096"),
            (self.weight_bits.is_none_or(|b| (1..=32).contains(&b)), "--weight-bits: 1 to 32"),
        ];
        if let Some((_, what)) = rules.iter().find(|(holds, _)| !holds) {
            return Err(Error::request(*what));
        }
        Ok(Options {
            objective: self.objective,
            hold_out: self.hold_out,
            seed,
            standardize: !self.raw,
            scale: self.scale,
            grey_levels: self.grey_levels,
            header,
        })
    }

    /// Bounds of a weight of so many bits, two's complement, with this step.
    fn bounds(&self, point_bits: u32) -> Result<(i32, i32)> {
        let Some(bits) = self.weight_bits else {
            return Ok((i32::MIN, i32::MAX));
        };
        let step = 1_i64 << (POINT_FRACTION - point_bits.min(POINT_FRACTION));
        let half = 1_i64 << (bits - 1);
        let bound = |x: i64| {
            i32::try_from(x).map_err(|_| {
                Error::request(format!(
                    "weights of {bits} bits with {point_bits} fractional ones exceed Q4.28; \
                     --point-bits {} would fit",
                    bits.saturating_sub(4)
                ))
            })
        };
        Ok((bound(-half * step)?, bound((half - 1) * step)?))
    }
}

impl TrainArgs {
    /// The first state; `total` is the number of samples to come.
    fn gradient_start(&self, dimension: usize, total: u64) -> Result<Gradient> {
        let mut config = Config {
            objective: self.regression.objective,
            dimension,
            rounding: self.rounding.rounding(),
            rate: self.rate_shift,
            rate_most: self.rate_final.unwrap_or((self.rate_shift + 5).min(31)),
            levels: self.regression.levels,
            ..Config::power_up()
        };
        self.rule.apply(&mut config, RuleArg::Plain);
        // Not given: the halvings spread evenly over the samples.
        let halvings = u64::from(config.rate_most.saturating_sub(config.rate)) + 1;
        config.rate_period = match self.rate_period {
            0 if !config.adaptive => (total / halvings).clamp(1, 0xff_ffff) as u32,
            period => period,
        };
        (config.low, config.high) = self.regression.bounds(config.point_bits)?;
        let mut start = Gradient {
            point: vec![0; dimension],
            gradient_residues: vec![0; dimension],
            point_residues: vec![0; dimension],
            curvature: vec![0; dimension],
            centre: vec![0; dimension],
            config,
        };
        validate(&start).map_err(Error::Request)?;
        start = Gradient::new(start.config, start.point);
        Ok(start)
    }
}

#[derive(Serialize)]
struct Learned {
    run: String,
    objective: Objective,
    target: String,
    features: usize,
    dropped: Vec<String>,
    rows: usize,
    held_out_rows: usize,
    passes: u64,
    /// `rmse` or `accuracy`.
    measure: &'static str,
    training: Option<f64>,
    held_out: Option<f64>,
    saturated: bool,
    seconds: f64,
    link: fixlearn::client::LinkStatistics,
    device: fixlearn::client::Counters,
}

pub fn run_train(args: &TrainArgs, json: bool) -> Result<bool> {
    let path = one(&args.input.input)?;
    let resumed = if args.resume { Some(Run::read(&args.out)?) } else { None };
    let header = match resumed.as_ref().map(|run| &run.task) {
        Some(Task::Regress { preparation, .. }) => preparation.options.header,
        _ => args.input.header,
    };
    let table = fixlearn::data::table(path, header)?;
    let (mut run, preparation, samples) = match resumed {
        Some(run) => {
            let (preparation, samples) = prepared(&run, &args.out, path, &table)?;
            (run, preparation, samples)
        }
        None => {
            let target = args.regression.target.as_deref().ok_or_else(|| {
                Error::request("--core gradient needs --target: the column to predict")
            })?;
            let options = args.regression.options(args.seed, args.input.header)?;
            if args.passes > 1 << 20 {
                return Err(Error::request("passes: at most 1048576"));
            }
            let (preparation, samples) = data::prepare(path, &table, target, &options)?;
            let total = args.passes * samples.training.len() as u64;
            let start = args.gradient_start(preparation.features.len() + 1, total)?;
            let task = Task::Regress {
                preparation: Box::new(preparation.clone()),
                passes: args.passes,
                trace: Vec::new(),
            };
            (Run::new(start, task), preparation, samples)
        }
    };
    let mut device = open(&args.port)?;
    device.check(&run.state)?;
    let stop = stop_flag()?;
    let begun = device.client.now();
    let outcome = regress::regress(&mut device, &mut run, &samples, Some(&args.out), &stop);
    run.write(&args.out)?;
    if let Err(Error::Interrupted) = outcome {
        say_resume(run.state.config.iterations.into(), "samples");
    }
    outcome?;
    let Task::Regress { trace, passes, .. } = &run.task else {
        return Ok(false);
    };
    let measure = preparation.measure();
    if let Some(path) = &args.regression.plot {
        output::write(path, picture::scores(trace, measure)?.as_bytes())?;
    }
    if let Some(path) = &args.regression.trace {
        output::write(path, &trace_file(path, trace, || scores(trace))?)?;
    }
    let last = trace.last();
    let learned = Learned {
        run: args.out.display().to_string(),
        objective: preparation.options.objective,
        target: preparation.target.clone(),
        features: preparation.features.len(),
        dropped: preparation.dropped.clone(),
        rows: samples.training.len(),
        held_out_rows: samples.held_out.len(),
        passes: *passes,
        measure,
        training: last.map(|s| s.training),
        held_out: last.and_then(|s| s.held_out),
        saturated: run.state.config.saturated.any(),
        seconds: (device.client.now() - begun).as_secs_f64(),
        link: device.client.statistics,
        device: device.client.counters()?,
    };
    report(json, &learned, || {
        let number = |x: Option<f64>| x.map_or("-".into(), |x| format!("{x:.4}"));
        format!(
            "{}: {measure} {} on {} rows, {} on {} held out{}",
            learned.run,
            number(learned.training),
            learned.rows,
            number(learned.held_out),
            learned.held_out_rows,
            warning(&run.state)
        )
    })?;
    Ok(true)
}

fn one(input: &[PathBuf]) -> Result<&PathBuf> {
    match input {
        [path] => Ok(path),
        _ => Err(Error::request("give one table (.csv or .npy)")),
    }
}

/// The samples of a run's table, prepared as they were.
fn prepared(
    run: &Run,
    path: &Path,
    input: &Path,
    table: &fixlearn::data::Table,
) -> Result<(Preparation, Samples)> {
    let Task::Regress { preparation, .. } = &run.task else {
        return Err(Error::input(path, "is of an optimization; use `fixlearn optimize`"));
    };
    let (again, samples) = data::prepare(input, table, &preparation.target, &preparation.options)?;
    if again.input != preparation.input {
        return Err(Error::input(path, "was trained on another input"));
    }
    Ok((again, samples))
}

#[derive(Serialize)]
struct Predicted {
    rows: usize,
    /// Against the target, where the table has it: root mean square error, or share of right ones.
    score: Option<f64>,
    measure: &'static str,
    out: String,
}

pub fn run_predict(
    port: &PortArgs,
    input: &InputArgs,
    model: &Path,
    out: &Path,
    json: bool,
) -> Result<bool> {
    let run = Run::read(model)?;
    let Task::Regress { preparation, .. } = &run.task else {
        return Err(Error::input(model, "is of an optimization, which predicts nothing"));
    };
    if out.extension().and_then(|e| e.to_str()) != Some("csv") {
        return Err(Error::input(out, "predictions are written as .csv"));
    }
    let path = one(&input.input)?;
    let table = fixlearn::data::table(path, input.header)?;
    let samples = data::apply(path, &table, preparation)?;
    let mut device = open(port)?;
    device.load(&run.state)?;
    let predictions = device.predict(&samples)?;
    let mut text = String::from("prediction,output\n");
    for &p in &predictions {
        let output = f64::from(p) / f64::from(1 << 20);
        text += &format!("{},{output}\n", regress::answer(preparation, p));
    }
    output::write(out, text.as_bytes())?;
    let targets = table
        .column(&preparation.target)
        .map(|at| (0..table.rows()).map(|row| table.value(row, at)).collect::<Vec<f64>>());
    let predicted = Predicted {
        rows: predictions.len(),
        score: targets.map(|t| regress::score(preparation, &predictions, &t)),
        measure: preparation.measure(),
        out: out.display().to_string(),
    };
    report(json, &predicted, || {
        let score = predicted.score.map(|s| format!(", {} {s:.4}", predicted.measure));
        format!("{}: {} rows{}", predicted.out, predicted.rows, score.unwrap_or_default())
    })?;
    Ok(true)
}

pub fn run_check(
    input: &[PathBuf],
    path: &Path,
    port: Option<&PortArgs>,
    stride: usize,
    json: bool,
) -> Result<bool> {
    let run = Run::read(path)?;
    let samples = match &run.task {
        Task::Optimize { .. } => None,
        Task::Regress { preparation, .. } => {
            let input = one(input)?;
            let table = fixlearn::data::table(input, preparation.options.header)?;
            Some(prepared(&run, path, input, &table)?)
        }
    };
    let golden = match &samples {
        None => optimize::replay(&run),
        Some((preparation, samples)) => regress::replay(&run, preparation, samples),
    };
    let in_model = difference(&run.state, &golden);
    let on_device = match port {
        None => None,
        Some(port) => compare(&mut open(port)?, &run, samples.as_ref(), stride.max(1) as u64)?,
    };
    let equal = in_model.is_none() && on_device.is_none();
    let value = serde_json::json!({
        "equal": equal,
        "iterations": run.state.config.iterations,
        "model_differs": in_model,
        "device_differs": on_device.as_ref().map(|(at, what)| {
            serde_json::json!({ "iteration": at, "what": what })
        }),
    });
    report(json, &value, || match (&in_model, &on_device) {
        (None, None) => {
            format!("equal to the golden model after {} iterations", run.state.config.iterations)
        }
        (Some(what), _) => format!("the file differs from the golden model: {what}"),
        (None, Some((at, what))) => {
            format!("the device differs from the golden model at iteration {at}: {what}")
        }
    })?;
    Ok(equal)
}

/// Runs device and golden model side by side; the first iteration at which they differ. Every
/// `stride` iterations the whole state is compared; a stretch that differs is run again one by
/// one.
fn compare(
    device: &mut Device,
    run: &Run,
    samples: Option<&(Preparation, Samples)>,
    stride: u64,
) -> Result<Option<(u64, String)>> {
    let mut golden = run.start.clone();
    device.load(&golden)?;
    let total = u64::from(run.state.config.iterations);
    let bar = output::progress(total, "comparing");
    let mut at = 0;
    while at < total {
        let before = golden.clone();
        let many = stride.min(total - at);
        if advance(device, &mut golden, samples, at, many)?.is_some() {
            golden = before;
            device.load(&golden)?;
            for i in at..at + many {
                if let Some(what) = advance(device, &mut golden, samples, i, 1)? {
                    return Ok(Some((i, what)));
                }
            }
            let what = "a difference that went away when repeated one by one";
            return Ok(Some((at, what.into())));
        }
        at += many;
        bar.set_position(at);
    }
    bar.finish_and_clear();
    Ok(None)
}

fn advance(
    device: &mut Device,
    golden: &mut Gradient,
    samples: Option<&(Preparation, Samples)>,
    at: u64,
    many: u64,
) -> Result<Option<String>> {
    match samples {
        None => {
            device.iterate(many as u32)?;
            for _ in 0..many {
                golden.iterate(None);
            }
        }
        Some((preparation, samples)) => {
            let rows = samples.training.len() as u64;
            let mut chosen = Vec::with_capacity(many as usize);
            let mut order = (u64::MAX, Vec::new());
            for i in at..at + many {
                if order.0 != i / rows {
                    let seed = preparation.options.seed;
                    order = (i / rows, fixlearn::train::order(seed, i / rows, rows as usize));
                }
                chosen.push(&samples.training[order.1[(i % rows) as usize]]);
            }
            device.learn(chosen.iter().copied())?;
            for sample in chosen {
                golden.iterate(Some(sample));
            }
        }
    }
    device.client.finish()?;
    let mut found = golden.clone();
    device.save(&mut found)?;
    Ok(difference(&found, golden))
}

/// The run's point as `.npy`.
pub fn npy(path: &Path) -> Result<Vec<u8>> {
    let run = Run::read(path)?;
    let values = run.state.point.iter().map(|&x| point_value(x) as f32);
    output::npy(1, run.state.point.len(), values).map_err(Error::io(path))
}
