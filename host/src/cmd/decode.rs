//! `decode`: indices as images or a table.

use super::report::Context;
use fixlearn::outputs::Kind;
use fixlearn::tasks::codebook::Model;
use fixlearn::codec::{self, Codewords};
use fixlearn::{output, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// An index file from encode
    indices: PathBuf,
    /// The codebook that it was encoded with, if the file does not carry it
    #[arg(long)]
    model: Option<PathBuf>,
    /// The file to write; several images become NAME-000 and so on
    #[arg(short, long)]
    out: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let model = args.model.as_deref().map(Model::read).transpose()?;
    let given = model.as_ref().map(Codewords::from);
    let (layout, codewords, indices) = codec::unpack(&args.indices, given)?;
    let decoded = codewords.decode(indices.into_iter());
    let files = codec::files(&args.out, &layout, &codewords, &decoded)?;
    let mut outputs = context.outputs(args.model.iter().chain([&args.indices]));
    for (path, _) in &files {
        outputs.add("--out", path, Kind::As(&["png", "pgm", "ppm", "csv", "npy"]))?;
    }
    for (path, bytes) in &files {
        output::write(path, bytes)?;
    }
    let names: Vec<String> = files.iter().map(|(p, _)| p.display().to_string()).collect();
    context.report(&serde_json::json!({ "files": names }), || names.join("\n"))?;
    Ok(true)
}
