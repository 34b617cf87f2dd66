//! `decode`: indices as images or a table.

use super::printed::Context;
use fixlearn::codec::{self, Codewords};
use fixlearn::outputs::Kind;
use fixlearn::stages::learn::Progress;
use fixlearn::stages::{file, pictures, sound, vectors, Content, Reader};
use fixlearn::tasks::codebook::Model;
use fixlearn::{input, output, Error, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// An index file from encode
    indices: PathBuf,
    /// The codebook that it was encoded with, if the file does not carry it
    #[arg(long)]
    model: Option<PathBuf>,
    /// The file to write, sound as .wav; several images become NAME-000 and so on
    #[arg(short, long)]
    out: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let bytes = input::bytes(&args.indices)?;
    if Reader::is_file(&bytes) {
        return staged(args, &bytes, context);
    }
    Progress::not_one(&args.indices, &bytes)?;
    let model = args.model.as_deref().map(Model::read).transpose()?;
    let given = model.as_ref().map(Codewords::from);
    let (layout, codewords, indices) = codec::unpack(&args.indices, &bytes, given)?;
    let decoded = codewords.decode(indices.into_iter());
    let files = codec::files(&args.out, &layout, &codewords, &decoded)?;
    write(args, &files, context)?;
    Ok(true)
}

/// A file of stages: its frames, as far as it is whole.
fn staged(args: &Args, bytes: &[u8], context: &Context) -> Result<bool> {
    let wrong = |message: String| Error::input(&args.indices, message);
    if args.model.is_some() {
        return Err(wrong("carries its codebooks; leave out --model".into()));
    }
    let decoded = file::decode(bytes).map_err(wrong)?;
    let (there, all) = (decoded.frames.len(), decoded.head.frames);
    if there == 0 && all > 0 {
        return Err(wrong("is damaged before its first frame; encode it again".into()));
    }
    let files = match decoded.head.content {
        Content::Pictures => pictures::files(&args.out, &decoded)?,
        Content::Sound => vec![(args.out.clone(), sound::wav(&args.out, &decoded)?)],
        Content::Vectors => {
            let table = vectors::table(&decoded).map_err(wrong)?;
            vec![(args.out.clone(), codec::written(&args.out, &table, |v, _| v.to_string())?)]
        }
    };
    write(args, &files, context)?;
    if decoded.whole {
        return Ok(true);
    }
    Err(wrong(match there == all {
        true => "is cut or damaged behind its last frame; all frames are written".into(),
        false => format!("is damaged: frames 1 to {there} of {all} are written, the rest is lost"),
    }))
}

/// Writes the files, and reports them.
fn write(args: &Args, files: &[(PathBuf, Vec<u8>)], context: &Context) -> Result<()> {
    let mut outputs = context.outputs(args.model.iter().chain([&args.indices]));
    for (path, _) in files {
        outputs.add("--out", path, Kind::As(&["png", "pgm", "ppm", "csv", "npy", "wav"]))?;
    }
    for (path, bytes) in files {
        output::write(path, bytes)?;
    }
    let names: Vec<String> = files.iter().map(|(p, _)| p.display().to_string()).collect();
    context.report(&serde_json::json!({ "files": names }), || names.join("\n"))
}
