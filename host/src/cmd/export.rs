//! `export`: what was learned, for other programs.

use super::printed::Context;
use fixlearn::export::ENDINGS;
use fixlearn::outputs::Kind;
use fixlearn::{output, tasks, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The run whose codebook, point or weights are written
    #[arg(long)]
    model: PathBuf,
    /// The file to write: values as .npy (float64) or .csv, words with their Q-format as .h (C)
    /// or .hex ($readmemh); a row a codeword, or one row
    #[arg(short, long)]
    out: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    context.outputs([&args.model]).add("--out", &args.out, Kind::As(ENDINGS))?;
    let (task, run) = tasks::of_file(&args.model)?;
    let bytes = (task.export)(&run, &args.out)?;
    output::write(&args.out, &bytes)?;
    let out = args.out.display().to_string();
    context.report(&serde_json::json!({ "out": out, "bytes": bytes.len() }), || out.clone())?;
    Ok(true)
}
