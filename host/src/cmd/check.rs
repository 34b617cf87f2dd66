//! `check`: a run of any task against the golden model, and against a device.

use super::args::{InputArgs, LineArgs};
use super::printed::Context;
use fixlearn::link::open::Line;
use fixlearn::{tasks, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// The run to check
    #[arg(long)]
    model: PathBuf,
    /// Also learn again on sim, core, golden, auto or a serial port, comparing the state on the way
    #[arg(long, help_heading = "Line")]
    port: Option<String>,
    /// As --port sim, on what build put into this folder: the bitstream, decoded (HX8K), or the
    /// routed netlist (ECP5)
    #[arg(long, value_name = "DIR", conflicts_with = "port", help_heading = "Line")]
    bitstream: Option<PathBuf>,
    /// Steps between two comparisons, 1 or more
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..))]
    stride: u64,
    #[command(flatten)]
    line: LineArgs,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let simulated = args.bitstream.as_ref().map(|_| "sim");
    let port = args.port.as_deref().or(simulated);
    let line = match port {
        Some(port) => Some(Line { bitstream: args.bitstream.clone(), ..args.line.on(port) }),
        None => args.line.none()?,
    };
    line.as_ref().map_or(Ok(()), Line::validate)?;
    let (task, run) = tasks::of_file(&args.model)?;
    let checked = (task.check)(&run, &args.input.input(), line.as_ref(), args.stride)?;
    context.report(&checked, || {
        let (steps, unit) = (checked.steps, checked.unit);
        let mut lines = Vec::new();
        if checked.equal {
            lines.push(format!("equal to the golden model in every bit after {steps} {unit}"));
        }
        if let Some(what) = &checked.file {
            lines.push(format!("the file differs from the golden model: {what}"));
        }
        if let Some(d) = &checked.device {
            lines.push(format!(
                "the device differs from the golden model at step {} ({unit}), clock {}: {}",
                d.step, d.clock, d.what
            ));
        }
        if let Some(why) = &checked.other_bits {
            lines.push(format!(
                "file and device were each compared with a golden model of their own: the file \
                 {why}"
            ));
        }
        lines.join("\n")
    })?;
    Ok(checked.equal)
}
