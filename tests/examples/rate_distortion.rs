//! `rate_distortion [--frames N] [--plot FILE.svg] [PICTURE...]`: bits a sample and PSNR of the
//! codecs, on the generated angiogram sequence (64 frames of 256 x 256), or on pictures of one
//! size.
//!
//! All bytes of a file count, codebooks too. What is learned is learned by the golden model; what
//! is between two sizes that were tried is taken from the line between them, upper hull alone.

use fixlearn::link::open::Line;
use fixlearn::plot::{self, Curve, Curves, RGBColor};
use fixlearn::stages::choose::{at_rate, encode, share, Encoded, LADDER};
use fixlearn::stages::learn::{compose, learn, Asked, Learned, Progress, Searched, Source};
use fixlearn::stages::{pictures, Stage, KNOWN, LINE, PLAIN};
use fixlearn::{demo, device::Device, input, output};
use fixlearn_sim::golden::cores::vq::{Config, Vq, GUARD_BITS};
use fixlearn_tests::bars::Bars;
use fixlearn_tests::kmeans::kmeans;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

type Outcome<T> = Result<T, Box<dyn Error>>;

const RATES: [f64; 7] = [0.25, 0.4, 0.5, 0.63, 0.78, 1.0, 1.5];
/// The rate of the paper.
const PAPER: f64 = 0.78;

/// Rate and PSNR.
type Point = (f64, f64);

/// A codec's points, as a table and a plot show them.
struct Codec {
    name: &'static str,
    points: Vec<Point>,
}

impl Codec {
    /// PSNR at a rate, on the upper hull of the points; none beyond them.
    fn at(&self, rate: f64) -> Option<f64> {
        let mut points = self.points.clone();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let between = |a: &Point, b: &Point| {
            let share = if b.0 > a.0 { (rate - a.0) / (b.0 - a.0) } else { 0.0 };
            a.1 + share * (b.1 - a.1)
        };
        let below = points.iter().filter(|p| p.0 <= rate);
        let above: Vec<&Point> = points.iter().filter(|p| p.0 >= rate).collect();
        let pairs = below.flat_map(|a| above.iter().map(move |b| between(a, b)));
        pairs.max_by(f64::total_cmp)
    }
}

/// What is coded, and the port of the golden model.
struct Bench {
    frames: input::Frames,
    device: Device<Vq>,
}

impl Bench {
    fn source(&self, stages: Vec<Stage>) -> Outcome<Source> {
        Ok(pictures::source(&self.frames, stages)?)
    }

    fn samples(&self) -> f64 {
        self.frames.frames.iter().map(Vec::len).sum::<usize>() as f64
    }

    fn point(&self, encoded: &Encoded) -> Point {
        (8.0 * encoded.bytes.len() as f64 / self.samples(), self.psnr(encoded))
    }

    fn psnr(&self, encoded: &Encoded) -> f64 {
        let decoded = fixlearn::stages::file::decode(&encoded.bytes).expect("its own file");
        let found = decoded.frames.iter().flatten().flatten();
        let given = self.frames.frames.iter().flatten();
        let squares = found.zip(given).map(|(a, &b)| (*a as f64 - f64::from(b)).powi(2));
        psnr(squares.sum::<f64>() / self.samples())
    }

    /// Stages learned on the core.
    fn learned(&mut self, asked: Asked) -> Outcome<(Source, Vec<Searched>)> {
        let source = self.source(asked.stages.clone())?;
        let mut progress = Progress::new(asked, &source);
        let never = AtomicBool::new(false);
        let groups = learn(&mut self.device, &source, &mut progress, &|_| Ok(()), &never)?;
        Ok((source, groups))
    }

    /// The same stages with codebooks of k-means in floating point, rounded at the end.
    fn exact(&mut self, asked: &Asked) -> Outcome<(Source, Vec<Searched>)> {
        let source = self.source(asked.stages.clone())?;
        let groups =
            compose(&mut self.device, &source, (asked.group, &asked.shares), &mut |_, lesson| {
                let stage = &asked.stages[lesson.stage];
                let flip = if stage.signed { 0x80 } else { 0 };
                let step = (lesson.step)();
                let vectors = (lesson.vectors)(step);
                let vectors: Vec<f32> = vectors.iter().map(|&x| f32::from(x ^ flip)).collect();
                let found = kmeans(&vectors, stage.dimension(), stage.codewords, 1);
                let unit = f64::from(1 << GUARD_BITS);
                let words = found.into_iter().map(|w| (w * unit).round() as u16);
                Ok(Learned::new(stage, step, words))
            })?;
        Ok((source, groups))
    }
}

fn psnr(mse: f64) -> f64 {
    10.0 * (255.0_f64.powi(2) / mse).log10()
}

fn stages(listed: &[(usize, usize, usize)], split: bool, contexts: u8) -> Vec<Stage> {
    let stage = |(i, &(width, height, codewords)): (usize, &(usize, usize, usize))| {
        let (signed, split) = (i > 0, split && i > 0);
        Stage { width, height, codewords, signed, split, contexts }
    };
    listed.iter().enumerate().map(stage).collect()
}

fn asked(stages: Vec<Stage>, shares: Vec<u32>, radius: usize) -> Asked {
    // All frames share their codebooks.
    let group = usize::MAX;
    Asked { stages, passes: 8, frequency_passes: 1, group, shares, seed: 1, radius }
}

/// The shares of `encode --bpp`.
fn shares(rate: f64) -> Vec<u32> {
    (0..LADDER.len()).map(|stage| share(stage, Some(rate))).collect()
}

/// JPEG of every plane by itself, at all qualities.
fn jpeg(frames: &input::Frames) -> Outcome<Vec<Point>> {
    let (width, height) = (frames.width as u32, frames.height as u32);
    let planes: Vec<&[u8]> =
        frames.frames.iter().flat_map(|f| f.chunks_exact(frames.width * frames.height)).collect();
    let mut points = Vec::new();
    for quality in (2..=98).step_by(2) {
        let (mut bytes, mut squares) = (0, 0.0);
        for plane in &planes {
            let mut file = Vec::new();
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality).encode(
                plane,
                width,
                height,
                image::ExtendedColorType::L8,
            )?;
            bytes += file.len();
            let back = image::load_from_memory(&file)?.into_luma8();
            let pairs = back.as_raw().iter().zip(*plane);
            squares += pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>();
        }
        let samples = (planes.len() * frames.width * frames.height) as f64;
        points.push((8.0 * bytes as f64 / samples, psnr(squares / samples)));
    }
    Ok(points)
}

/// Plain vector quantization: four shapes of blocks, 16 to 256 codewords.
const SHAPES: [(usize, usize); 4] = [(8, 8), (4, 4), (4, 2), (2, 2)];
const SIZES: [usize; 5] = [16, 32, 64, 128, 256];

fn main() -> Outcome<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let (mut count, mut drawing, mut paths) = (64, None, Vec::new());
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} wants a value"));
        match argument.as_str() {
            "--frames" => count = value()?.parse()?,
            "--plot" => drawing = Some(PathBuf::from(value()?)),
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let generated = paths.is_empty();
    let frames = if generated {
        let side = 256;
        let frames = demo::angiogram(count, side);
        input::Frames {
            width: side,
            height: side,
            planes: 1,
            frames: frames.chunks_exact(side * side).map(<[u8]>::to_vec).collect(),
            quantization: input::Quantization::IDENTITY,
            values: Vec::new(),
        }
    } else {
        input::frames(&paths, true, None)?
    };
    let line = Line::new("golden");
    let device = line.open(&Vq::new(Config::power_up(256, 64), 1))?;
    let mut bench = Bench { frames, device };
    let bar = output::progress((SHAPES.len() * SIZES.len() + 2 * RATES.len() + 8) as u64, "table");
    let codec = |name| Codec { name, points: Vec::new() };
    let mut plain = codec("plain, frequencies");
    let mut mixed = codec("plain, contexts");
    for (width, height) in SHAPES {
        for codewords in SIZES {
            let shape = [(width, height, codewords)];
            let (mut source, groups) =
                bench.learned(asked(stages(&shape, false, PLAIN), vec![], 0))?;
            plain.points.push(bench.point(&encode(&source.head, &groups, 0.0)?));
            source.head.stages[0].contexts = KNOWN;
            mixed.points.push(bench.point(&encode(&source.head, &groups, 0.0)?));
            bar.inc(1);
        }
    }
    let mut exact_plain = codec("plain, f64 k-means");
    let mut map = codec("Kohonen line, differences");
    let mut saved = f64::INFINITY;
    for shape in [(8, 8, 256), (4, 4, 256), (4, 2, 256)] {
        let plan = asked(stages(&[shape], false, PLAIN), vec![], 0);
        let (source, groups) = bench.exact(&plan)?;
        exact_plain.points.push(bench.point(&encode(&source.head, &groups, 0.0)?));
        let plan = Asked { radius: 64, ..plan };
        let (mut source, groups) = bench.learned(plan)?;
        let alone = encode(&source.head, &groups, 0.0)?.frame_bytes;
        source.head.stages[0].contexts = LINE;
        let encoded = encode(&source.head, &groups, 0.0)?;
        map.points.push(bench.point(&encoded));
        saved = saved.min(1.0 - encoded.frame_bytes as f64 / alone as f64);
        bar.inc(1);
    }
    let mut residual = codec("residual");
    for (many, codewords) in [(2, 16), (2, 64), (2, 256), (3, 256), (4, 256)] {
        let listed = vec![(4, 4, codewords); many];
        let (source, groups) = bench.learned(asked(stages(&listed, false, KNOWN), vec![], 0))?;
        residual.points.push(bench.point(&encode(&source.head, &groups, 0.0)?));
        bar.inc(1);
    }
    let mut two = codec("8x8 and 4x4");
    let mut four = codec("stages to 2x1");
    for rate in RATES {
        for (stage_count, codec) in [(2, &mut two), (4, &mut four)] {
            let listed = stages(&LADDER[..stage_count], true, KNOWN);
            // Two stages split all that the rate lets them.
            let shares = if stage_count == 2 { vec![1000, 1000] } else { shares(rate) };
            let (source, groups) = bench.learned(asked(listed, shares, 0))?;
            if let Ok(encoded) = at_rate(&source.head, &groups, rate) {
                codec.points.push((rate, bench.psnr(&encoded)));
            }
            bar.inc(1);
        }
    }
    let jpeg = Codec { name: "JPEG", points: jpeg(&bench.frames)? };
    bar.finish_and_clear();

    let all = [&plain, &mixed, &exact_plain, &map, &residual, &two, &four, &jpeg];
    print!("{:26}", "PSNR in dB at bits a sample");
    RATES.iter().for_each(|rate| print!(" {rate:6.2}"));
    println!();
    for codec in all {
        print!("{:27}", codec.name);
        for rate in RATES {
            match codec.at(rate) {
                Some(psnr) => print!(" {psnr:6.2}"),
                None => print!(" {:>6}", "-"),
            }
        }
        println!();
    }
    if let Some(path) = &drawing {
        draw(path, &all)?;
    }

    // The same codec from codebooks of k-means in floating point.
    let plan = asked(stages(&LADDER, true, KNOWN), shares(PAPER), 0);
    let (source, groups) = bench.exact(&plan)?;
    let exact = bench.psnr(&at_rate(&source.head, &groups, PAPER)?);
    let mut bars = Bars::default();
    let at = |codec: &Codec, rate| codec.at(rate).unwrap_or(f64::NAN);
    let ours = at(&four, PAPER);
    println!("\nstages at {PAPER} bits: {ours:.2} dB; with f64 k-means codebooks {exact:.2} dB");
    println!("above plain with the same contexts: {:.2} dB", ours - at(&mixed, PAPER));
    let over = ours - at(&plain, PAPER);
    bars.say("above the best plain VQ at 0.78", format_args!("{over:.2} dB"), "5 dB", over >= 5.0);
    let least = RATES.iter().filter(|r| **r >= 0.5).map(|&r| at(&four, r) - at(&jpeg, r));
    let least = least.filter(|d| d.is_finite()).fold(f64::INFINITY, f64::min);
    bars.say("above JPEG from 0.5 on", format_args!("{least:.2} dB"), "above 0", least > 0.0);
    let lost = exact - ours;
    bars.say("below f64 codebooks", format_args!("{lost:.2} dB"), "within 0.3 dB", lost <= 0.3);
    let fewer = 100.0 * saved;
    let goal = "30 % fewer index bytes at least";
    bars.say("differences on a line", format_args!("{fewer:.1} % fewer"), goal, fewer >= 30.0);
    Ok(bars.status())
}

/// Colours that are told apart also by who sees few of them.
const COLORS: [(u8, u8, u8); 8] = [
    (120, 120, 120),
    (0, 0, 0),
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (204, 121, 167),
    (0, 114, 178),
    (213, 94, 0),
];

fn draw(path: &std::path::Path, all: &[&Codec]) -> Outcome<()> {
    let curves = all.iter().zip(COLORS).map(|(codec, (r, g, b))| {
        let color = RGBColor(r, g, b);
        let points = RATES.iter().filter_map(|&rate| Some((rate, codec.at(rate)?))).collect();
        Curve { name: codec.name.into(), color, points }
    });
    let curves: Vec<Curve> = curves.collect();
    let values = || curves.iter().flat_map(|c| c.points.iter().map(|p| p.1));
    let low = values().fold(f64::INFINITY, f64::min).floor();
    let high = values().fold(f64::NEG_INFINITY, f64::max).ceil();
    let title = "Rate and distortion".into();
    let (x, y) = ("bits a sample", "PSNR, dB".into());
    plot::write(
        path,
        &Curves { title, x, y, range: ((0.2, 1.55), (low, high)), decades: false, curves },
    )?;
    Ok(())
}
