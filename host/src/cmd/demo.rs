//! `demo`: the demonstration.

use super::printed::Context;
use fixlearn::doctor::{self, Need};
use fixlearn::{demo, output, stop, Error, Result};
use fixlearn_hdl::design::{self, Target};
use fixlearn_map::vq;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The folder to write
    #[arg(long, default_value = "fixlearn-demo")]
    out: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let tools = doctor::ensure(Need::Simulation);
    if let Err(e) = &tools {
        output::say(e);
        output::say("going on with the golden model in place of the simulated board");
    }
    let kind = design::find(vq::CORE.name).map_err(Error::Request)?;
    let parsed = kind.parse(&kind.simulated_size(), Target::SIMULATED);
    let design = parsed.map_err(Error::Request)?;
    let summary = demo::run(&args.out, design.as_ref(), tools.is_ok(), stop::flag().as_ref())?;
    context.report(&summary, || {
        format!(
            "{} vectors learned over {}: {} the golden model in every bit; PSNR {:.2} dB at {:.3} \
             bits per pixel, {} codewords unused\nlook at {}/report.html",
            summary.vectors,
            summary.port,
            if summary.equal_to_golden { "equal to" } else { "NOT equal to" },
            summary.quality.psnr_db.unwrap_or(f64::INFINITY),
            summary.quality.bits_per_sample,
            summary.quality.unused_codewords,
            summary.directory
        )
    })?;
    Ok(summary.equal_to_golden)
}
