//! What the gradient core's commands share, and `check` of their runs.

use super::{report, PortArgs};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use fixlearn::gradient::check::compare;
use fixlearn::gradient::data::prepared;
use fixlearn::gradient::device::Device;
use fixlearn::gradient::run::{difference, Run, Task};
use fixlearn::gradient::{optimize, regress};
use fixlearn::{output, Error, Result};
use fixlearn_hdl::design::{GradientDesign, ALL_OBJECTIVES};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_sim::golden::gradient::reference::point_value;
use fixlearn_sim::golden::gradient::{Config, Gradient, Objective};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The simulated board's design.
pub const DESIGN: GradientDesign = GradientDesign {
    objectives: ALL_OBJECTIVES,
    fabric: Fabric::Inferred,
    clock_hz: 12_000_000,
    baud: 3_000_000,
};

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
pub fn objectives(streams: bool) -> impl TypedValueParser<Value = Objective> {
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
    pub fn apply(&self, config: &mut Config, default: RuleArg) {
        let rule = self.rule.unwrap_or(default);
        config.compensation = !matches!(rule, RuleArg::Plain);
        config.adaptive = matches!(rule, RuleArg::Adaptive);
        config.patience = self.patience;
        config.gradient_bits = self.gradient_bits.unwrap_or(config.gradient_bits);
        config.point_bits = self.point_bits.unwrap_or(config.point_bits);
    }
}

/// What was clamped, in words.
pub fn warning(state: &Gradient) -> String {
    let s = state.config.saturated;
    let names = [(s.point, "point"), (s.gradient, "gradient"), (s.value, "value")];
    let held: Vec<&str> = names.iter().filter(|(set, _)| *set).map(|&(_, name)| name).collect();
    if held.is_empty() {
        String::new()
    } else {
        format!("; SATURATED on the way: {}", held.join(", "))
    }
}

pub fn open(args: &PortArgs) -> Result<Device> {
    let mut device = Device::open(args.port(&DESIGN)?)?;
    args.line.prepare(&mut device.client);
    Ok(device)
}

pub fn trace_file<T: Serialize>(
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

/// The run's point as `.npy`.
pub fn npy(path: &Path) -> Result<Vec<u8>> {
    let run = Run::read(path)?;
    let values = run.state.point.iter().map(|&x| point_value(x) as f32);
    output::npy(1, run.state.point.len(), values).map_err(Error::io(path))
}

pub fn one(input: &[PathBuf]) -> Result<&PathBuf> {
    match input {
        [path] => Ok(path),
        _ => Err(Error::request("give one table (.csv or .npy)")),
    }
}
