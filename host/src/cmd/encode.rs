//! `encode`: an input as indices of a codebook.

use super::args::{InputArgs, PortArgs};
use super::printed::{line_text, Context};
use super::staged::{self, StagedArgs};
use super::{of_use, say_outside};
use fixlearn::codec::{self, Codewords, Quality};
use fixlearn::device::Device;
use fixlearn::input::bytes;
use fixlearn::outputs::Kind;
use fixlearn::stages::Reader;
use fixlearn::task::Input;
use fixlearn::tasks::codebook::Model;
use fixlearn::{output, run, Error, Result};
use fixlearn_sim::golden::cores::vq::Vq;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    input: InputArgs,
    /// The codebook, from train; or a file that was encoded by stages, for its codebooks
    #[arg(long)]
    model: Option<PathBuf>,
    /// The file to write; with stages it is the checkpoint until they are learned
    #[arg(short, long)]
    out: PathBuf,
    /// Put the codebook into the index file, too, so that it is decoded without the model
    #[arg(long)]
    with_codebook: bool,
    /// Turn colours into grey, also if the model learned them
    #[arg(long)]
    grey: bool,
    #[command(flatten)]
    stages: StagedArgs,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    if args.model.is_none() && !args.stages.is_given() {
        let message = "give --model FILE, from train, or learn codebooks here with --two-stage, \
                       --stages or --residual";
        return Err(Error::request(message));
    }
    let input = Input { grey: args.grey, ..args.input.input() };
    let bytes = args.model.as_deref().map(bytes).transpose()?;
    let (path, bytes) = match args.model.as_deref().zip(bytes) {
        Some((path, bytes)) if !args.stages.is_given() && !Reader::is_file(&bytes) => (path, bytes),
        model => {
            of_use(context, false, &["with_codebook"], "index files; stages carry theirs")?;
            let (files, how) = ((model, args.out.as_path()), (args.grey, input.header));
            return staged::run(&args.stages, &args.port, &input.paths, files, how, context);
        }
    };
    let of = ["bpp", "threshold"];
    of_use(context, false, &of, "stages, so of --two-stage, --stages or a file of them")?;
    let model = Model::parse(&run::head(path, bytes)?)?;
    let inputs = input.paths.iter().map(PathBuf::as_path).chain([path]);
    context.outputs(inputs).add("--out", &args.out, Kind::Indices)?;
    let dimension = model.state.config.dimension;
    let codewords = Codewords::from(&model);
    if let Some(mut rows) = model.plan.rows(&input, dimension) {
        of_use(context, false, &["grey"], "pictures")?;
        let mut device = args.port.line().open(&model.state)?;
        let bar = output::progress(rows.rows as u64, "encoding");
        let (out, carry) = (&args.out, args.with_codebook);
        let quality = device.holding(&model.state, |device| {
            let progress = |n| bar.set_position(n as u64);
            codec::encode_rows(&mut rows, device, &codewords, out, carry, progress)
        })?;
        bar.finish_and_clear();
        return say(args, context, &quality, rows.rows, &device).map(|()| true);
    }
    let samples = model.plan.samples(&input, dimension)?;
    of_use(context, !samples.is_table(), &["grey"], "pictures")?;
    let mut device = args.port.line().open(&model.state)?;
    let bar = output::progress(samples.layout.vectors() as u64, "encoding");
    let progress = |n| bar.set_position(n as u64);
    let answers =
        device.holding(&model.state, |device| device.answers(&samples.vectors, progress))?;
    bar.finish_and_clear();
    let found = codec::matches(&answers, model.state.config.codewords, &device.client.port_name())?;
    let packed = codec::pack(&samples.layout, &codewords, &found, args.with_codebook)?;
    let written = output::write(&args.out, &packed);
    let decoded = codewords.decode(found.iter().map(|m| m.index));
    let quality = codec::quality(&samples, &decoded, &codewords, &found, packed.len());
    say_outside(quality.outside, samples.layout.samples());
    for column in quality.columns.iter().filter(|column| column.is_coarse()) {
        output::say(format_args!(
            "column `{}`: 256 steps tell {} of its {} values apart; a few far values take \
             the range",
            column.name, column.told_apart, column.distinct
        ));
    }
    say(args, context, &quality, found.len(), &device)?;
    written.map(|()| true)
}

/// Reports how good the file is, which has so many vectors.
fn say(
    args: &Args,
    context: &Context,
    quality: &Quality,
    vectors: usize,
    device: &Device<Vq>,
) -> Result<()> {
    context.report(quality, || {
        format!(
            "{}: {} vectors, PSNR {:.2} dB, {:.3} bits per sample ({:.3} with codebook, {:.3} in \
             this file), {} codewords unused{}",
            args.out.display(),
            vectors,
            quality.psnr_db.unwrap_or(f64::INFINITY),
            quality.bits_per_sample,
            quality.bits_per_sample_with_codebook,
            quality.bits_per_sample_of_file,
            quality.unused_codewords,
            line_text(&device.client)
        )
    })
}
