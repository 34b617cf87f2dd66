//! `optimize`: minimizing a function.

use super::gradient::{objectives, open, trace_file, warning, RuleArg, RuleArgs};
use super::{report, resumed, say_checkpoint, stop_flag, LinkReport, PortArgs, RoundingArg};
use clap::Args;
use fixlearn::gradient::optimize;
use fixlearn::gradient::run::{begin, Mark, Run, Task};
use fixlearn::{output, picture, Error, Result};
use fixlearn_sim::golden::gradient::reference::point_word;
use fixlearn_sim::golden::gradient::{quadratic, Config, Gradient, Objective, POINT_FRACTION};
use serde::Serialize;
use std::path::PathBuf;

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
        let mut start = begin(config, point?)?;
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
    #[serde(flatten)]
    link: LinkReport,
    run: Option<String>,
}

pub fn run_optimize(args: &OptimizeArgs, json: bool) -> Result<bool> {
    let iterations = u64::from(args.iterations);
    let resumed = match &args.out {
        Some(path) => resumed(args.resume, path, Run::read)?,
        None => None,
    };
    let mut run = match resumed {
        Some(run) => run,
        None => {
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
    device.client.stop = stop.clone();
    let begun = device.client.now();
    let outcome = optimize::optimize(&mut device, &mut run, args.out.as_deref(), &stop);
    if let (Err(e), Some(path)) = (&outcome, &args.out) {
        run.write(path)?;
        say_checkpoint(e, path, run.state.config.iterations.into(), "iterations");
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
        link: LinkReport::new(&mut device.client, begun)?,
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
