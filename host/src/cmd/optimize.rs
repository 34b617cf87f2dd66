//! `optimize`: minimizing a function.

use super::args::{help, word, PortArgs, RoundingArg, WatchArgs};
use super::printed::{rate, warning, Context, LinkReport};
use super::rule::{clamped, learned_files, objectives, same_rule, trace_file, RuleArgs};
use super::{another, learn, of_use, resumed, unchanged};
use fixlearn::outputs::Kind;
use fixlearn::run::Run;
use fixlearn::tasks::optimize::plot::Way;
use fixlearn::tasks::optimize::request::Request;
use fixlearn::tasks::optimize::rule::Rule;
use fixlearn::tasks::optimize::{mark, Mark, Optimize};
use fixlearn::{output, plot, Error, Result};
use fixlearn_map::gradient::{self as map, REGISTERS};
use fixlearn_sim::golden::cores::gradient::{Gradient, Objective, NOISE_NONE};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    rule: RuleArgs,
    /// What to minimize
    #[arg(long, value_parser = objectives(false), default_value = "rosenbrock")]
    objective: Objective,
    /// Where to start: a number for each dimension, with commas between them
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true, default_value = "-1.2,1")]
    start: Vec<f64>,
    /// Quadratic, rastrigin, griewank: where the minimum is [default: the origin]
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    centre: Vec<f64>,
    /// Quadratic: largest curvature, which is 1, over the smallest: 1 to 1000000
    #[arg(long, default_value_t = 100.0)]
    condition: f64,
    /// Iterations in all, 0 to 4294967295
    #[arg(long, default_value_t = 20_000)]
    iterations: u32,
    /// End when no component of the gradient is above this in the trace
    #[arg(long)]
    tolerance: Option<f64>,
    /// Iterations between two lines of the trace, 1 or more [default: a 200th of all, and closer at
    /// the beginning]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    every: Option<u64>,
    #[arg(long, value_parser = word(REGISTERS, map::RATE))]
    #[arg(help = help("Rate 2^-N; with the adaptive rule, at first [default: by the curvature at \
                       the start]", REGISTERS, map::RATE))]
    rate_shift: Option<u32>,
    #[arg(long, value_parser = word(REGISTERS, map::RATE_LEAST))]
    #[arg(help = help("The adaptive rate's least exponent N, so that it is at most 2^-N [default: \
                       4 below --rate-shift]", REGISTERS, map::RATE_LEAST))]
    rate_least: Option<u32>,
    #[arg(long, value_parser = word(REGISTERS, map::RATE_MOST))]
    #[arg(help = help("The adaptive rate's largest exponent N [default: 15, or --rate-shift or \
                       --rate-least if that is more]", REGISTERS, map::RATE_MOST))]
    rate_most: Option<u32>,
    /// Of dropped bits: truncate, nearest, stochastic, feedback
    #[arg(long, value_name = "HOW", value_enum, default_value = "nearest")]
    #[arg(hide_possible_values = true)]
    rounding: RoundingArg,
    /// Search with noise: from a worse point, go back to the best one
    #[arg(long)]
    keep: bool,
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, map::NOISE_WIDTH))]
    #[arg(help = help("Move each component by noise 2^(4-N) wide [default: 32, none; with \
                       --keep 1]", REGISTERS, map::NOISE_WIDTH))]
    noise_width: Option<u32>,
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, map::NOISE_PERIOD))]
    #[arg(help = help("Iterations until it halves; 0 never [default: a 16th of all]",
                      REGISTERS, map::NOISE_PERIOD))]
    noise_period: Option<u32>,
    /// Whose bits rise by one every --resolution-period iterations [possible values: gradient,
    /// point, both]
    #[arg(long, value_enum, hide_possible_values = true, requires = "resolution_period")]
    rises: Option<RisesArg>,
    /// Its period: 1 to 16777215
    #[arg(long, value_name = "N", requires = "rises")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=0xff_ffff))]
    resolution_period: Option<u32>,
    /// Decides the noise, and that of stochastic rounding
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The run file to write, with everything needed to go on and to check
    #[arg(short, long)]
    out: Option<PathBuf>,
    /// Go on from the run in --out, up to --iterations
    #[arg(long, requires = "out")]
    resume: bool,
    /// Write the trace to this file (.csv or .json)
    #[arg(long)]
    trace: Option<PathBuf>,
    /// Draw contours and path (two dimensions), or the value alone, to this file (.svg or .png)
    #[arg(long)]
    plot: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum RisesArg {
    Gradient,
    Point,
    Both,
}

impl Args {
    fn request(&self) -> Request {
        Request {
            moves: self.rule.moves(),
            objective: self.objective,
            start: self.start.clone(),
            centre: self.centre.clone(),
            condition: self.condition,
            iterations: self.iterations,
            tolerance: self.tolerance,
            every: self.every,
            rate_shift: self.rate_shift,
            rate_least: self.rate_least,
            rate_most: self.rate_most,
            rounding: self.rounding.into(),
            keep: self.keep,
            noise_width: self.noise_width,
            noise_period: self.noise_period,
            gradient_rises: matches!(self.rises, Some(RisesArg::Gradient | RisesArg::Both)),
            point_rises: matches!(self.rises, Some(RisesArg::Point | RisesArg::Both)),
            resolution_period: self.resolution_period.unwrap_or(0),
            seed: self.seed,
        }
    }
}

#[derive(Serialize)]
struct Optimized {
    objective: Objective,
    iterations: u64,
    point: Vec<f64>,
    value: f64,
    /// The largest component of the gradient at `point`, in `f64`.
    gradient: Option<f64>,
    /// No component of it is above the tolerance, else `2^-n`, the quantizer's step.
    converged: bool,
    /// Exponent of the last rate.
    rate: u32,
    /// What was clamped on the way: point, gradient, value.
    saturated: Vec<&'static str>,
    #[serde(flatten)]
    link: LinkReport,
    run: Option<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    args.watch.begin();
    let line = args.port.line();
    line.validate()?;
    let iterations = u64::from(args.iterations);
    let bowl = args.objective == Objective::Quadratic || args.resume;
    of_use(context, bowl, &["condition"], "--objective quadratic")?;
    let centred = [Objective::Quadratic, Objective::Rastrigin, Objective::Griewank];
    let centred = centred.contains(&args.objective) || args.resume;
    of_use(context, centred, &["centre"], "--objective quadratic, rastrigin or griewank")?;
    let noisy = args.request().search().noise_width < NOISE_NONE || args.resume;
    of_use(context, noisy, &["noise_period"], "--keep or --noise-width below 32")?;
    let noisy = noisy || args.rounding == RoundingArg::Stochastic;
    let of = "noise, so of --keep, --noise-width below 32 or --rounding stochastic";
    of_use(context, noisy, &["seed"], of)?;
    let adaptive = args.rule.is(Rule::Adaptive, args.request().default_rule()) || args.resume;
    let options = ["rate_least", "rate_most", "patience"];
    of_use(context, adaptive, &options, "--rule adaptive")?;
    let mut outputs = context.outputs::<&Path>([]);
    outputs.add_given("--out", args.out.as_deref(), Kind::Run(args.resume))?;
    learned_files(&mut outputs, args.trace.as_deref(), args.plot.as_deref())?;
    let resumed = match &args.out {
        Some(path) => resumed(args.resume, path, Run::<Optimize>::read)?.map(|run| (run, path)),
        None => None,
    };
    let mut run = match resumed {
        Some((run, path)) => {
            let asked = args.request().start()?;
            let start = &run.plan.start;
            if context.was_given("every") && args.every != Some(run.plan.every) {
                return Err(another(path, "every"));
            }
            if context.was_given("rule") && !same_rule(&start.config, &asked.config) {
                return Err(another(path, "rule"));
            }
            if context.was_given("tolerance") && run.plan.tolerance != args.tolerance {
                return Err(another(path, "tolerance"));
            }
            let renamed = [("rate_shift", "rate")];
            unchanged(context, path, &start.config, &asked.config, &renamed)?;
            unchanged(context, path, &start.config.search, &asked.config.search, &[])?;
            for (id, same) in [
                ("start", start.point == asked.point),
                ("centre", start.centre == asked.centre),
                ("condition", start.curvature == asked.curvature),
                ("rises", rises(start) == rises(&asked)),
                ("seed", start.config.noise == asked.config.noise),
            ] {
                if context.was_given(id) && !same {
                    return Err(another(path, id));
                }
            }
            run
        }
        None => args.request().begin()?,
    };
    if let Some(path) = args.out.as_deref().filter(|_| context.was_given("iterations")) {
        run.plan.iterations = iterations;
        if run.done > iterations {
            let done = run.done;
            let message = format!("has {done} iterations done already, more than --iterations");
            return Err(Error::input(path, message));
        }
    }
    let mut device = line.open(&run.state)?;
    let ended = learn(&mut device, &mut run, &(), args.out.as_deref())?;
    let last = mark(&run.state, None);
    let step = (-f64::from(run.state.config.gradient_bits)).exp2();
    let least = run.plan.tolerance.unwrap_or(step);
    let found = Optimized {
        objective: run.state.config.objective,
        iterations: last.iteration,
        point: last.point,
        value: last.value,
        gradient: last.gradient,
        converged: last.gradient.is_some_and(|gradient| gradient <= least),
        rate: last.rate,
        saturated: clamped(&run.state),
        link: ended.link(&mut device)?,
        run: args.out.as_ref().map(|p| p.display().to_string()),
    };
    context.report(&found, || {
        let point: Vec<String> = found.point.iter().map(|x| format!("{x:.8}")).collect();
        format!(
            "f = {:.4e} at ({}) after {} iterations, rate {}; {}{}{}",
            found.value,
            point.join(", "),
            found.iterations,
            rate(found.rate),
            verdict(&found, least),
            warning(&found.saturated),
            found.link.text()
        )
    })?;
    if !ended.writes(&[("--trace", &args.trace), ("--plot", &args.plot)]) {
        return ended.result();
    }
    let trace = &run.curve;
    if let Some(path) = &args.trace {
        output::write(path, &trace_file(path, trace, || points(trace))?)?;
    }
    if let Some(path) = &args.plot {
        plot::write(path, &Way { start: &run.plan.start, trace })?;
    }
    ended.result()
}

/// What rises.
fn rises(of: &Gradient) -> (bool, bool) {
    (of.config.search.gradient_rises, of.config.search.point_rises)
}

/// Whether it has converged, in words.
fn verdict(found: &Optimized, least: f64) -> String {
    let gradient = found.gradient.unwrap_or(f64::NAN);
    if found.converged {
        format!("converged: no component of the gradient is above {gradient:.1e}")
    } else {
        format!(
            "NOT converged: a component of the gradient is {gradient:.1e}, above {least:.1e}; try \
             more --iterations, another --rate-shift or more --gradient-bits"
        )
    }
}

fn points(trace: &[Mark]) -> String {
    let mut text = String::from("iteration,value,rate,step,gradient");
    for i in 0..trace.first().map_or(0, |m| m.point.len()) {
        text += &format!(",x{i}");
    }
    for m in trace {
        let gradient = m.gradient.map_or(String::new(), |g| format!("{g:e}"));
        text += &format!("\n{},{:e},{},{:e},{gradient}", m.iteration, m.value, m.rate, m.step);
        for x in &m.point {
            text += &format!(",{x}");
        }
    }
    text + "\n"
}
