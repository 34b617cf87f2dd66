//! `encode` with stages: learned over the sequence, and searched, on the core.

use super::args::PortArgs;
use super::printed::Context;
use super::{of_use, say_outside};
use clap::ArgGroup;
use fixlearn::input::{Quantization, Scaling};
use fixlearn::outputs::Kind;
use fixlearn::stages::choose::{self, Encoded};
use fixlearn::stages::learn::{self, Asked, Learned, Progress, Searched, Source};
use fixlearn::stages::{
    file, pictures, sound, vectors, Content, Reader, Stage, KNOWN, LINE, MOST_STAGES,
};
use fixlearn::tasks::codebook::Model;
use fixlearn::{input, output, run, stop, Error, Result};
use fixlearn_hdl::cores::vq::SEARCH_CLOCKS;
use fixlearn_sim::golden::cores::vq::{Config, Vq, GUARD_BITS};
use serde::Serialize;
use std::cell::Cell;
use std::path::{Path, PathBuf};

/// A composition of quantizers.
#[derive(clap::Args)]
#[command(group = ArgGroup::new("composition")
    .args(["two_stage", "stages", "residual"]).conflicts_with("model"))]
pub struct StagedArgs {
    /// Learn blocks of 8x8, and parts of 4x4 where those are not good enough; with --bpp also
    /// 4x2 and 2x1
    #[arg(long, help_heading = "Stages")]
    pub two_stage: bool,
    /// Stages as WIDTHxHEIGHT:CODEWORDS, the largest first: 8x8:256,4x4:256,2x2:64
    #[arg(long, value_delimiter = ',', value_parser = stage, help_heading = "Stages")]
    pub stages: Vec<(usize, usize, usize)>,
    /// As many stages, each of all that is left: of 4x4 pixels, of --dimension samples of sound, or
    /// of a table's rows
    #[arg(long, value_name = "STAGES", help_heading = "Stages")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=8))]
    pub residual: Option<u8>,
    /// Samples of sound in a vector, 1 to 256 [default: 8]
    #[arg(long, value_name = "N", help_heading = "Stages", requires = "residual")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=256))]
    pub dimension: Option<u16>,
    /// Code the indices of --model, from train, by their neighbours' and the last frame's
    #[arg(long, help_heading = "Stages", requires = "model", conflicts_with = "composition")]
    pub compress: bool,
    /// Codewords of a stage at most [default: 256; with --two-stage, so many that a codebook takes
    /// an eighth of the file at most]
    #[arg(long, value_name = "N", help_heading = "Stages", requires = "composition")]
    #[arg(value_parser = clap::value_parser!(u16).range(2..=256))]
    pub codewords: Option<u16>,
    /// Split blocks until the file has this many bits a sample, within 2 %
    #[arg(long, value_name = "BITS", help_heading = "Stages", conflicts_with = "threshold")]
    pub bpp: Option<f64>,
    /// Split a block if that saves more squared error than this a bit [default: 4]
    #[arg(long, value_name = "T", help_heading = "Stages")]
    pub threshold: Option<f64>,
    /// Times that every block is learned [default: 10]
    #[arg(long, value_name = "N", help_heading = "Stages", requires = "composition")]
    #[arg(value_parser = clap::value_parser!(u64).range(0..=1 << 20))]
    pub passes: Option<u64>,
    /// First passes that scale distances by win counts [default: 1]
    #[arg(long, value_name = "N", help_heading = "Stages", requires = "composition")]
    pub frequency_passes: Option<u64>,
    /// Frames that share codebooks; the next ones learn on from them [default: all]
    #[arg(long, value_name = "FRAMES", help_heading = "Stages", requires = "composition")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub group: Option<u32>,
    /// Decides first codebooks and the order of blocks [default: 1]
    #[arg(long, value_name = "N", help_heading = "Stages", requires = "composition")]
    pub seed: Option<u64>,
    /// Pixels' values that the 256 steps are of [default: DICOM's, or all]
    #[arg(long, value_name = "LOW,HIGH", value_parser = super::args::window)]
    #[arg(allow_hyphen_values = true, help_heading = "Stages", requires = "composition")]
    pub window: Option<(f64, f64)>,
    /// Go on from the checkpoint in --out
    #[arg(long, help_heading = "Stages", requires = "composition")]
    pub resume: bool,
}

/// A stage's width, height and codewords.
fn stage(text: &str) -> std::result::Result<(usize, usize, usize), String> {
    let parts = text.split_once(':').and_then(|(block, codewords)| {
        let (width, height) = block.split_once('x')?;
        Some((width.parse().ok()?, height.parse().ok()?, codewords.parse().ok()?))
    });
    parts
        .filter(|(width, height, codewords)| {
            (1..=256_usize).contains(width)
                && (1..=256_usize).contains(height)
                && (1..=256).contains(&(width * height))
                && (2..=256_usize).contains(codewords)
        })
        .ok_or_else(|| "give WIDTHxHEIGHT:CODEWORDS, at most 256 samples and codewords".into())
}

/// The default of `--threshold`.
const THRESHOLD: f64 = 4.0;

impl StagedArgs {
    /// It is asked for.
    pub fn is_given(&self) -> bool {
        self.two_stage || !self.stages.is_empty() || self.residual.is_some() || self.compress
    }

    /// The stages for so many samples, whose residual vectors are such blocks; of sound, the first
    /// one is signed, too.
    fn stages(&self, samples: usize, block: (usize, usize), sound: bool) -> Result<Vec<Stage>> {
        let listed: Vec<(usize, usize, usize)> = match self.residual {
            Some(many) => vec![(block.0, block.1, 256); many.into()],
            None if self.two_stage => {
                choose::LADDER[..if self.bpp.is_some() { 4 } else { 2 }].to_vec()
            }
            None => self.stages.clone(),
        };
        for pair in listed.windows(2) {
            let ((w, h, _), (v, g, _)) = (pair[0], pair[1]);
            if w % v != 0 || h % g != 0 {
                let message = format!("--stages: a block of {w}x{h} has no parts of {v}x{g}");
                return Err(Error::request(message));
            }
        }
        if listed.len() > MOST_STAGES {
            return Err(Error::request(format!("--stages: at most {MOST_STAGES}")));
        }
        // Unless it is said, a codebook is an eighth of the bits at most.
        let most = |dimension: usize| match self.codewords {
            Some(most) => most.into(),
            None if self.two_stage => {
                let bytes = samples as f64 * self.bpp.unwrap_or(0.5) / 64.0;
                1 << ((bytes / dimension as f64).max(16.0).log2() as usize).min(8)
            }
            None => 256,
        };
        let split = self.residual.is_none();
        let stage = |(i, (width, height, codewords)): (usize, (usize, usize, usize))| {
            let (signed, split) = (i > 0 || sound, split && i > 0);
            let codewords = codewords.min(most(width * height));
            Stage { width, height, codewords, signed, split, contexts: KNOWN }
        };
        Ok(listed.into_iter().enumerate().map(stage).collect())
    }

    fn asked(&self, stages: Vec<Stage>, frames: usize) -> Asked {
        Asked {
            shares: (0..stages.len()).map(|stage| choose::share(stage, self.bpp)).collect(),
            stages,
            passes: self.passes.unwrap_or(10),
            frequency_passes: self.frequency_passes.unwrap_or(1),
            group: self.group.map_or(frames, |group| group as usize),
            seed: self.seed.unwrap_or(1),
            radius: 0,
        }
    }
}

#[derive(Serialize)]
struct Report {
    file: String,
    frames: usize,
    samples: u64,
    bytes: usize,
    bits_per_sample: f64,
    /// With the greatest sample as the peak; of sound, of the signal itself.
    psnr_db: Option<f64>,
    snr_db: Option<f64>,
    threshold: Option<f64>,
    codebook_bytes: usize,
    frame_bytes: usize,
    stages: Vec<StageReport>,
}

#[derive(Serialize)]
struct StageReport {
    block: [usize; 2],
    codewords: usize,
    /// Blocks with an index of this stage, in all frames and planes.
    blocks: u64,
    /// Clocks that the core takes to find a block's codeword, and those of the search alone: a
    /// beat of its lanes for each codeword.
    clocks: u64,
    search_clocks: u64,
}

/// Encodes by stages, of codebooks that are learned or given.
pub fn run(
    args: &StagedArgs,
    port: &PortArgs,
    paths: &[PathBuf],
    (model, out): (Option<(&Path, Vec<u8>)>, &Path),
    (grey, header): (bool, bool),
    context: &Context,
) -> Result<bool> {
    if args.bpp.is_some_and(|bits| !(bits > 0.0 && bits.is_finite())) {
        return Err(Error::request("--bpp: a positive number of bits a sample"));
    }
    if args.threshold.is_some_and(|t| !(t >= 0.0 && t.is_finite())) {
        return Err(Error::request("--threshold: a number, 0 or more"));
    }
    let inputs = paths.iter().map(PathBuf::as_path).chain(model.as_ref().map(|(path, _)| *path));
    context.outputs(inputs).add("--out", out, Kind::Encoding(args.resume))?;
    let given = model.map(|(path, bytes)| codebooks(path, bytes, args)).transpose()?;
    let source = read(args, paths, given.as_ref(), (grey, header), context)?;
    if let Some(given) = &given {
        given.say_planes(source.head.planes);
    }
    let splits = source.head.stages.iter().any(|stage| stage.split);
    of_use(context, splits, &["bpp", "threshold"], "stages into which blocks are split")?;
    let asked = args.asked(source.head.stages.clone(), source.frames.len());
    let largest = asked.stages.iter().map(Stage::dimension).max().unwrap_or(1);
    let codewords = asked.stages.iter().map(|s| s.codewords).max().unwrap_or(2);
    let line = port.line();
    line.validate()?;
    let mut progress = match super::resumed(args.resume, out, checkpoint)? {
        Some(progress) if progress.input != source.digest() => {
            return Err(Error::input(out, "is a checkpoint of another input; leave out --resume"));
        }
        Some(progress) if progress.asked != asked => {
            let message = format!(
                "was begun with another {}; give the same, or leave out --resume",
                progress.asked.differs(&asked)
            );
            return Err(Error::input(out, message));
        }
        Some(progress) => progress,
        None => Progress::new(asked.clone(), &source),
    };
    let mut device = line.open(&Vq::new(Config::power_up(codewords, largest), 1))?;
    let groups: Vec<Searched> = match given {
        Some(Given { learned, .. }) => {
            learn::search_all(&mut device, &source, &learned, &asked.shares)?
        }
        None => {
            let kept = Cell::new(false);
            let keep = |progress: &Progress| {
                if !output::is_special(out) {
                    progress.write(out)?;
                    kept.set(true);
                }
                Ok(())
            };
            let learned = learn::learn(&mut device, &source, &mut progress, &keep, &stop::flag());
            if let Err(e) = &learned {
                say_kept(e, out, kept.get());
            }
            learned?
        }
    };
    let encoded = match args.bpp {
        Some(bits) => choose::at_rate(&source.head, &groups, bits).map_err(|e| {
            let is_there = progress.is_begun() && !output::is_special(out);
            let there = if is_there { "; what was learned is in --out" } else { "" };
            Error::request(format!("{e}{there}"))
        })?,
        None => choose::encode(&source.head, &groups, args.threshold.unwrap_or(THRESHOLD))?,
    };
    output::write(out, &encoded.bytes)?;
    let lanes = usize::from(device.built().lanes);
    report(&source, &encoded, lanes, out, context)
}

/// Pictures, sound or a table, as the codec takes them.
fn read(
    args: &StagedArgs,
    paths: &[PathBuf],
    given: Option<&Given>,
    (grey, header): (bool, bool),
    context: &Context,
) -> Result<Source> {
    let message = "no input; name pictures, sound or a table";
    let first = paths.first().ok_or_else(|| Error::request(message))?;
    input::known(first)?;
    let sound = input::ending(first) == "wav";
    let picture = input::is_picture(first);
    of_use(context, picture, &["grey", "window"], "pictures")?;
    if args.two_stage && !picture {
        let other = if sound { "--residual 3 or --stages 8x1:64,4x1:128" } else { "--residual 3" };
        let message = format!("--two-stage is of pictures; give {other}");
        return Err(Error::request(message));
    }
    of_use(context, sound, &["dimension"], "sound")?;
    of_use(context, !picture && !sound, &["header"], "tables")?;
    let content = match (picture, sound) {
        (true, _) => Content::Pictures,
        (_, true) => Content::Sound,
        _ => Content::Vectors,
    };
    given.map_or(Ok(()), |given| given.is_of(content))?;
    let stages = |samples, block, sound| match given {
        Some(given) => Ok(given.stages.clone()),
        None => args.stages(samples, block, sound),
    };
    if picture {
        let scaling = match (given, args.window) {
            (Some(given), _) => Scaling::As(&given.quantization),
            (None, Some((low, high))) => Scaling::Window(low, high),
            (None, None) => Scaling::Common,
        };
        let frames = input::scaled(paths, grey || given.is_some_and(|given| given.grey), scaling)?;
        let size = frames.frames.iter().map(Vec::len).sum();
        if given.is_some() {
            let beyond = |&&v: &&f32| frames.quantization.saturates(0, v.into());
            say_outside(frames.values.iter().flatten().filter(beyond).count(), size);
        }
        return pictures::source(&frames, stages(size, (4, 4), false)?);
    }
    if paths.len() > 1 {
        return Err(Error::input(first, "is no picture: give one sound or table at a time"));
    }
    if sound {
        let bytes = input::bytes(first)?;
        let block = (args.dimension.unwrap_or(8).into(), 1);
        return sound::source(first, &bytes, stages(bytes.len(), block, true)?);
    }
    let cut = input::Cut { block: 1, grey: false };
    let all = Default::default();
    let scaling = given.map_or(Scaling::ByColumn, |given| Scaling::As(&given.quantization));
    let samples = input::load(paths, cut, header, &all, scaling)?;
    let columns = samples.layout.dimension();
    if let Some(given) = given {
        given.has(columns)?;
        let beyond = |&(i, &v): &(usize, &f64)| samples.quantization.saturates(i % columns, v);
        let outside = samples.given.iter().enumerate().filter(beyond).count();
        say_outside(outside, samples.layout.samples());
    }
    let block = (columns, 1);
    vectors::source(&samples, stages(samples.vectors.len(), block, false)?)
}

/// Says what there is to go on from after an error.
fn say_kept(error: &Error, out: &Path, kept: bool) {
    let interrupted = matches!(error, Error::Interrupted);
    let ended = if interrupted { "interrupted" } else { "ended" };
    if kept {
        output::say(format_args!(
            "{ended}, the codebooks so far kept in {}; go on with the same command and --resume",
            out.display()
        ));
    } else if interrupted {
        super::say_as_it_was(out);
    }
}

/// The checkpoint in --out.
fn checkpoint(out: &Path) -> Result<Progress> {
    let bytes = input::bytes(out)?;
    if Reader::is_file(&bytes) {
        return Err(Error::input(out, "is finished: there is nothing to go on from"));
    }
    Progress::parse(&bytes).map_err(|what| Error::input(out, what))
}

/// What a model gives.
struct Given {
    path: PathBuf,
    content: Content,
    stages: Vec<Stage>,
    learned: Vec<Learned>,
    quantization: Quantization,
    /// Of what was encoded with it.
    planes: Option<usize>,
    /// It has learned colours as grey.
    grey: bool,
}

impl Given {
    /// Says whether it is of such an input.
    fn is_of(&self, content: Content) -> Result<()> {
        if self.content == content {
            return Ok(());
        }
        let its = self.content;
        let message = format!("is of {its}, and the input is {content}; give a model of {content}");
        Err(Error::input(&self.path, message))
    }

    /// Says so if it is of frames of another number of planes.
    fn say_planes(&self, now: usize) {
        if let Some(its) = self.planes.filter(|&its| its != now) {
            let (its, now) = (output::count(its, "plane"), output::count(now, "plane"));
            let path = self.path.display();
            output::note(format_args!(
                "{path}: its codebooks were learned on {its} a frame, and code {now} now"
            ));
        }
    }

    /// Says whether it is of tables of so many columns.
    fn has(&self, columns: usize) -> Result<()> {
        match self.stages.first().map_or(0, |first| first.width) {
            its if its == columns => Ok(()),
            its => {
                let message =
                    format!("is of a table of {its} columns, and the input has {columns}");
                Err(Error::input(&self.path, message))
            }
        }
    }
}

/// Stages and codebooks of a model, or of a file that was encoded.
fn codebooks(path: &Path, bytes: Vec<u8>, args: &StagedArgs) -> Result<Given> {
    let wrong = |what: String| Error::input(path, what);
    if Reader::is_file(&bytes) {
        if args.compress {
            let message = "is an encoded file, whose indices are coded so already; leave out \
                           --compress";
            return Err(Error::input(path, message));
        }
        let decoded = file::decode(&bytes).map_err(wrong)?;
        if !decoded.whole {
            return Err(Error::input(path, "is damaged; its codebooks are perhaps not the last"));
        }
        let pairs = decoded.head.stages.iter().zip(&decoded.codebooks);
        let learned = pairs.map(|(stage, codebook)| {
            let words = codebook.components.iter().map(|&c| u16::from(c) << GUARD_BITS);
            Learned::new(stage, codebook.step, words)
        });
        let quantization = match decoded.head.content {
            Content::Pictures => pictures::quantization(&decoded.head).map_err(wrong)?,
            Content::Sound => Quantization::IDENTITY,
            Content::Vectors => vectors::About::of(&decoded.head).map_err(wrong)?.quantization,
        };
        return Ok(Given {
            path: path.to_owned(),
            content: decoded.head.content,
            learned: learned.collect(),
            stages: decoded.head.stages,
            quantization,
            planes: Some(decoded.head.planes),
            grey: false,
        });
    }
    let model = Model::parse(&run::head(path, bytes)?)?;
    let side = model.plan.block.ok_or_else(|| {
        Error::input(path, "was trained on a table; --compress takes a model of pictures")
    })?;
    let plan = &model.plan.plan;
    let line = plan.radius > 0 && plan.columns_log2 == 8;
    let stage = Stage {
        width: side,
        height: side,
        codewords: plan.codewords.max(2),
        signed: false,
        split: false,
        contexts: if line { LINE } else { KNOWN },
    };
    Ok(Given {
        path: path.to_owned(),
        content: Content::Pictures,
        stages: vec![stage],
        quantization: model.plan.quantization,
        planes: None,
        grey: !model.plan.colour,
        learned: vec![Learned { step: 1 << 16, state: model.state }],
    })
}

fn report(
    source: &Source,
    encoded: &Encoded,
    lanes: usize,
    out: &Path,
    context: &Context,
) -> Result<bool> {
    let head = &source.head;
    let all = head.samples * head.planes as u64;
    // Of the samples that count: a repeated edge is nothing that anyone sees.
    let decoded = file::decode(&encoded.bytes).map_err(Error::request)?;
    let line = head.padded().0;
    let (mut signal, mut error) = (0_u64, 0_u64);
    for plane in 0..head.planes {
        let rows = source.frames.iter().flat_map(|f| f[plane].chunks(line).take(head.height));
        let given = rows.flat_map(|row| &row[..head.width]);
        let found = decoded.frames.iter().flat_map(|frame| &frame[plane]);
        for (found, &given) in found.zip(given).take(head.samples as usize) {
            signal += i64::from(given).pow(2) as u64;
            error += (i64::from(*found) - i64::from(given)).pow(2) as u64;
        }
    }
    let decibel = |power: f64| (error > 0).then(|| 10.0 * (power / error as f64).log10());
    let of_sound = head.content == Content::Sound;
    let psnr_db = decibel(255.0_f64.powi(2) * all as f64).filter(|_| !of_sound);
    let snr_db = decibel(signal as f64).filter(|db| of_sound && db.is_finite());
    let stage = |(stage, &blocks): (&Stage, &u64)| {
        let beats = stage.dimension().div_ceil(lanes) as u64;
        let search_clocks = stage.codewords as u64 * beats;
        let clocks = search_clocks + beats + SEARCH_CLOCKS;
        let block = [stage.width, stage.height];
        StageReport { block, codewords: stage.codewords, blocks, clocks, search_clocks }
    };
    let bytes = encoded.bytes.len();
    let report = Report {
        file: out.display().to_string(),
        frames: decoded.frames.len(),
        samples: all,
        bytes,
        bits_per_sample: 8.0 * bytes as f64 / all as f64,
        psnr_db,
        snr_db,
        threshold: (head.stages.iter().any(|s| s.split)).then_some(encoded.threshold),
        codebook_bytes: encoded.codebook_bytes,
        frame_bytes: encoded.frame_bytes,
        stages: head.stages.iter().zip(&encoded.blocks).map(stage).collect(),
    };
    context.report(&report, || {
        let stages: Vec<String> = report
            .stages
            .iter()
            .map(|s| format!("{} of {}x{}", s.blocks, s.block[0], s.block[1]))
            .collect();
        format!(
            "{}: {} in {} bytes, of which {} are codebooks, {:.3} bits a sample, {} {:.2} dB; \
             blocks: {}",
            report.file,
            output::count(report.frames, "frame"),
            report.bytes,
            report.codebook_bytes,
            report.bits_per_sample,
            if of_sound { "SNR" } else { "PSNR" },
            report.psnr_db.or(report.snr_db).unwrap_or(f64::INFINITY),
            stages.join(", ")
        )
    })?;
    Ok(true)
}
