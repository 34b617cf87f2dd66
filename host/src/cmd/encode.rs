//! `encode`: an input as indices of a codebook.

use super::args::{InputArgs, PortArgs};
use super::report::Context;
use fixlearn::outputs::Kind;
use fixlearn::tasks::codebook::Model;
use fixlearn::{codec, output, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    input: InputArgs,
    /// The codebook, from train
    #[arg(long)]
    model: PathBuf,
    /// The index file to write
    #[arg(long)]
    out: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let input = args.input.input();
    let inputs = input.paths.iter().chain([&args.model]);
    context.outputs(inputs).add("--out", &args.out, Kind::Indices)?;
    let model = Model::read(&args.model)?;
    let dimension = model.state.config.dimension;
    let samples = model.plan.samples(&input, dimension)?;
    let mut device = args.port.line().open(&model.state)?;
    let bar = output::progress(samples.layout.vectors() as u64, "encoding");
    let progress = |n| bar.set_position(n as u64);
    let answers =
        device.holding(&model.state, |device| device.recall(&samples.vectors, progress))?;
    bar.finish_and_clear();
    let found = codec::matches(answers, &model)?;
    let packed = codec::pack(&samples.layout, model.state.config.codewords, &found)?;
    output::write(&args.out, &packed)?;
    let decoded = codec::decode(&model, found.iter().map(|m| m.index));
    let quality = codec::quality(&samples, &decoded, &model, &found);
    context.report(&quality, || {
        format!(
            "{}: {} vectors, PSNR {:.2} dB, {:.3} bits per sample, {} codewords unused",
            args.out.display(),
            found.len(),
            quality.psnr_db.unwrap_or(f64::INFINITY),
            quality.bits_per_sample,
            quality.unused_codewords
        )
    })?;
    Ok(true)
}
