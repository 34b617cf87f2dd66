//! `residual [FILE.wav|PICTURE...]`: does residual vector quantization beat plain vector
//! quantization at the same resources, as Lee (2024) found for foley sound?
//!
//! All codebooks are learned by the golden model. For each input and rate, two groups of rows:
//! quantizers of as many bits a sample and as much codebook memory as the plain one (where no whole
//! numbers give as much, less of it), and quantizers of as many bits alone. The columns: bits a
//! sample of indices and flags, bytes of codebooks on the core, products a sample of its search,
//! the quality in dB of the half that the codebooks were learned from and of the other half, and
//! the bits a sample of the learned half's file, with its codebooks, after entropy coding. Halves
//! are every other second of a sound, frame of a sequence, or strip of 24 rows of one picture.
//!
//! Of sound of two channels the left one is taken. Without an argument the inputs are a generated
//! voice and a generated angiogram.

use fixlearn::device::Device;
use fixlearn::input::{self, wav};
use fixlearn::link::open::Line;
use fixlearn::stages::choose::{encode, Encoded};
use fixlearn::stages::file::{decode, Decoded};
use fixlearn::stages::learn::{learn, search_all, Asked, Progress, Searched, Source};
use fixlearn::stages::{sound, Content, Head, Stage, KNOWN};
use fixlearn_sim::golden::cores::vq::{Config, Vq};
use fixlearn_tests::speech::{mu_law, mu_law_back, segmental_snr, snr, voice, Adpcm};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const SECONDS: usize = 24;
const FRAMES: usize = 12;
/// Rows of a picture's strips: whole blocks of all sizes here.
const STRIP: usize = 24;
const SIDE: usize = 144;
const PASSES: u64 = 10;
/// Of the blocks of two-stage quantization, in 1/1000, those that may be split.
const SHARE: u32 = 750;

/// What is coded.
enum Input {
    Sound { wav: Vec<u8>, samples: Vec<i16>, rate: u32 },
    Pictures { width: usize, height: usize, frames: Vec<Vec<u8>> },
}

impl Input {
    /// What is learned from, and what is not.
    fn halves(&self) -> Outcome<[Self; 2]> {
        let half = |odd: usize| -> Outcome<Self> {
            match self {
                Self::Sound { samples, rate, .. } => {
                    let seconds = samples.chunks(*rate as usize).skip(odd).step_by(2);
                    let samples: Vec<i16> = seconds.flatten().copied().collect();
                    if samples.is_empty() {
                        return Err("a sound needs more than a second".into());
                    }
                    Self::sound(samples, *rate)
                }
                Self::Pictures { width, height, frames } => {
                    let whole = height / STRIP * STRIP * width;
                    let (height, all): (usize, Vec<&[u8]>) = match &frames[..] {
                        [one] => (STRIP, one[..whole].chunks(STRIP * width).collect()),
                        many => (*height, many.iter().map(Vec::as_slice).collect()),
                    };
                    let frames = all.iter().skip(odd).step_by(2).map(|frame| frame.to_vec());
                    let frames: Vec<Vec<u8>> = frames.collect();
                    if frames.is_empty() {
                        return Err(format!("a picture needs {} rows", 2 * STRIP).into());
                    }
                    Ok(Self::Pictures { width: *width, height, frames })
                }
            }
        };
        Ok([half(0)?, half(1)?])
    }

    fn sound(samples: Vec<i16>, rate: u32) -> Outcome<Self> {
        let wav = wav::write(Path::new("sound"), 1, rate, samples.iter().copied())?;
        Ok(Self::Sound { wav, samples, rate })
    }

    /// In dB: the PSNR; or the SNR, and over segments.
    fn quality(&self, decoded: &Decoded) -> Outcome<Vec<f64>> {
        match self {
            Self::Sound { samples, rate, .. } => {
                let path = Path::new("sound");
                let now = samples_of(path, &sound::wav(path, decoded)?)?;
                Ok(vec![snr(samples, &now), segmental_snr(samples, &now, *rate)])
            }
            Self::Pictures { width, height, frames } => {
                let now = decoded.frames.iter().flatten().flatten();
                let was = frames.iter().flatten();
                let error = was.zip(now).map(|(&x, &y)| (i64::from(x) - i64::from(y)).pow(2));
                let error = error.sum::<i64>();
                let samples = (frames.len() * width * height) as f64;
                Ok(vec![10.0 * (65025.0 * samples / error as f64).log10()])
            }
        }
    }
}

/// A quantizer: blocks, and the codewords of its stages.
#[derive(Clone)]
struct Quantizer {
    name: String,
    stages: Vec<(usize, usize, usize)>,
    split: bool,
}

impl Quantizer {
    /// Stages of equal blocks.
    fn residual((width, height): (usize, usize), codewords: &[usize]) -> Self {
        let each: Vec<String> = codewords.iter().map(usize::to_string).collect();
        let name = format!("{}, {}", shape(width, height), each.join(" + "));
        let stages = codewords.iter().map(|&n| (width, height, n)).collect();
        Self { name, stages, split: false }
    }

    /// Large blocks, some of which are split in two.
    fn two_stage(large: (usize, usize), small: (usize, usize), codewords: [usize; 2]) -> Self {
        let (a, b) = (shape(large.0, large.1), shape(small.0, small.1));
        let name = format!("{a}, {}, split: {b}, {}", codewords[0], codewords[1]);
        let stages = vec![(large.0, large.1, codewords[0]), (small.0, small.1, codewords[1])];
        Self { name, stages, split: true }
    }

    fn memory(&self) -> usize {
        self.stages.iter().map(|(width, height, n)| width * height * n).sum()
    }

    /// Products of a squared distance a sample, where all stages are searched.
    fn products(&self) -> usize {
        self.stages.iter().map(|(.., n)| n).sum()
    }
}

fn shape(width: usize, height: usize) -> String {
    match height {
        1 => width.to_string(),
        _ => format!("{width} x {height}"),
    }
}

/// The quantizers of a rate: as much memory as the plain one, which is the first, and more.
struct Group {
    bits: f64,
    equal: Vec<Quantizer>,
    more: Vec<Quantizer>,
}

/// From the blocks of the plain quantizer, of the residual ones with as much memory (1 1/2, 2 and
/// 2 1/4 as large), and of those with 256 codewords a stage (2, 3 and 4 times).
fn group(plain: (usize, usize), equal: [(usize, usize); 3], more: [(usize, usize); 3]) -> Group {
    let [half, twice, most] = equal;
    let residual = Quantizer::residual;
    let codewords: [&[usize]; 3] = [&[128, 32], &[64, 32, 32], &[64, 16, 16, 16]];
    let sizes = [half, twice, most].into_iter().zip(codewords);
    let whole = sizes.filter(|((width, _), _)| *width > 0).map(|(at, n)| residual(at, n));
    let two_stage = Quantizer::two_stage(twice, plain, [64, 128]);
    let equal: Vec<Quantizer> =
        [residual(plain, &[256]), two_stage].into_iter().chain(whole).collect();
    let many = [[256; 4]; 3].into_iter().zip(2..).zip(more);
    let more = many.map(|((n, stages), at)| residual(at, &n[..stages])).collect();
    Group { bits: 8.0 / (plain.0 * plain.1) as f64, equal, more }
}

/// The one case in which stages of equal numbers of codewords need exactly what the plain one does:
/// 4 stages of 8 codewords on blocks twice as large as those of 64.
fn exact(plain: (usize, usize), twice: (usize, usize)) -> Group {
    let equal = vec![Quantizer::residual(plain, &[64]), Quantizer::residual(twice, &[8; 4])];
    Group { bits: 6.0 / (plain.0 * plain.1) as f64, equal, more: Vec::new() }
}

fn groups(input: &Input) -> Vec<Group> {
    match input {
        Input::Sound { .. } => {
            let line = |n| (n, 1);
            let all = |n: usize| {
                // Blocks of 4 1/2 samples there are none.
                let most = if n.is_multiple_of(4) { n * 9 / 4 } else { 0 };
                group(line(n), [n * 3 / 2, n * 2, most].map(line), [n * 2, n * 3, n * 4].map(line))
            };
            vec![all(8), all(4), all(2), exact(line(8), line(16))]
        }
        Input::Pictures { .. } => vec![
            group((4, 4), [(6, 4), (8, 4), (6, 6)], [(8, 4), (8, 6), (8, 8)]),
            group((4, 2), [(4, 3), (4, 4), (6, 3)], [(4, 4), (6, 4), (8, 4)]),
            exact((4, 2), (4, 4)),
        ],
    }
}

fn source(input: &Input, stages: Vec<Stage>) -> Outcome<Source> {
    match input {
        Input::Sound { wav, .. } => Ok(sound::source(Path::new("sound"), wav, stages)?),
        Input::Pictures { width, height, frames } => {
            let head = Head {
                content: Content::Pictures,
                width: *width,
                height: *height,
                planes: 1,
                frames: frames.len(),
                samples: (frames.len() * width * height) as u64,
                rate: 0,
                about: String::new(),
                stages,
            };
            let planes = frames.iter().map(|f| vec![f.iter().map(|&x| i16::from(x)).collect()]);
            Ok(Source::new(head, planes)?)
        }
    }
}

/// What a quantizer comes to.
struct Row {
    bits: f64,
    file_bits: f64,
    /// Of the half that it learned from, and of the other.
    learned: Vec<f64>,
    held_out: Vec<f64>,
}

/// Bits of a sample, as indices and flags of fixed lengths.
fn fixed_bits(source: &Source, encoded: &Encoded) -> f64 {
    let head = &source.head;
    let (width, height) = head.padded();
    let bits = |(stage, &blocks): (&Stage, &u64)| blocks as f64 * (stage.codewords as f64).log2();
    let indices: f64 = head.stages.iter().zip(&encoded.blocks).map(bits).sum();
    let pairs = head.stages.windows(2).zip(&encoded.blocks);
    let flags: u64 = pairs.filter(|(pair, _)| pair[1].split).map(|(_, blocks)| blocks).sum();
    (indices + flags as f64) / (width * height * head.planes * head.frames) as f64
}

/// The finest that is within these bits.
fn within(source: &Source, groups: &[Searched], bits: f64) -> Outcome<Encoded> {
    let (mut low, mut high) = (-10.0, 40.0);
    let mut best = encode(&source.head, groups, f64::INFINITY)?;
    if source.head.stages.iter().all(|stage| !stage.split) {
        return Ok(best);
    }
    for _ in 0..14 {
        let middle: f64 = (low + high) / 2.0;
        let encoded = encode(&source.head, groups, middle.exp2())?;
        if fixed_bits(source, &encoded) > bits {
            low = middle;
        } else {
            (high, best) = (middle, encoded);
        }
    }
    Ok(best)
}

fn run([first, second]: &[Input; 2], quantizer: &Quantizer, bits: f64) -> Outcome<Row> {
    let stages = quantizer.stages.iter().enumerate().map(|(i, &(width, height, codewords))| {
        let signed = i > 0 || matches!(first, Input::Sound { .. });
        Stage { width, height, codewords, signed, split: i > 0 && quantizer.split, contexts: KNOWN }
    });
    let stages: Vec<Stage> = stages.collect();
    let shares = vec![1000, if quantizer.split { SHARE } else { 1000 }, 1000, 1000];
    let learned = source(first, stages.clone())?;
    let other = source(second, stages.clone())?;
    let asked = Asked {
        stages,
        passes: PASSES,
        frequency_passes: 0,
        group: learned.head.frames,
        shares: shares.clone(),
        seed: 1,
        radius: 0,
    };
    let mut device = device()?;
    let mut progress = Progress::new(asked, &learned);
    let stop = AtomicBool::new(false);
    let groups = learn(&mut device, &learned, &mut progress, &|_| Ok(()), &stop)?;
    let encoded = within(&learned, &groups, bits)?;
    let groups = search_all(&mut device, &other, &progress.done, &shares)?;
    let unseen = within(&other, &groups, bits)?;
    let samples = learned.head.samples as f64 * learned.head.planes as f64;
    Ok(Row {
        bits: fixed_bits(&learned, &encoded),
        file_bits: 8.0 * encoded.bytes.len() as f64 / samples,
        learned: first.quality(&decode(&encoded.bytes)?)?,
        held_out: second.quality(&decode(&unseen.bytes)?)?,
    })
}

fn device() -> Outcome<Device<Vq>> {
    let line = Line::new("golden");
    Ok(line.open(&Vq::new(Config::power_up(256, 64), 1))?)
}

/// The samples of a file's channels in turn.
fn samples_of(path: &Path, bytes: &[u8]) -> Outcome<Vec<i16>> {
    let values = wav::read(path, bytes, false)?.values;
    Ok(values.iter().map(|v| (v * 32768.0).round() as i16).collect())
}

fn say(name: &str, bits: f64, memory: usize, products: usize, quality: &[&[f64]], file: f64) {
    let quality = quality.concat();
    let quality: String = quality.iter().map(|q| format!("{q:8.2}")).collect();
    println!("  {name:32}{bits:6.3}{memory:7}{products:6}{quality}{file:8.3}");
}

/// Prints the rows of an input; by how much the best residual quantizer is better than the plain
/// one with the same bits and memory, and with the same bits, of each rate.
fn table(name: &str, input: &Input) -> Outcome<Vec<(f64, f64, Option<f64>)>> {
    let quality = match input {
        Input::Sound { .. } => "     SNR   segm.  others   segm.",
        Input::Pictures { .. } => "    PSNR  others",
    };
    println!("{name}\n  {:32}{:>6}{:>7}{:>6}{quality}{:>8}", "", "bits", "bytes", "prod.", "file");
    let halves = input.halves()?;
    let reference = |name: &str, bits, code: &dyn Fn(&[i16]) -> Vec<i16>| {
        let quality = |half: &Input| match half {
            Input::Sound { samples, rate, .. } => {
                let now = code(samples);
                vec![snr(samples, &now), segmental_snr(samples, &now, *rate)]
            }
            Input::Pictures { .. } => Vec::new(),
        };
        let [first, second] = halves.each_ref().map(quality);
        say(name, bits, 0, 0, &[&first, &second], bits);
    };
    if matches!(input, Input::Sound { .. }) {
        let law = |x: &[i16]| x.iter().map(|&x| mu_law_back(mu_law(x))).collect();
        reference("mu-law (G.711)", 8.0, &law);
        reference("ADPCM (IMA)", 4.0, &|x| {
            let (mut coder, mut decoder) = (Adpcm::default(), Adpcm::default());
            x.iter().map(|&x| decoder.decode(coder.encode(x))).collect()
        });
    }
    let mut found = Vec::new();
    for Group { bits, equal, more } in groups(input) {
        assert!(equal.iter().all(|q| q.memory() <= equal[0].memory()), "as much memory");
        let all: Vec<&Quantizer> = equal.iter().chain(&more).collect();
        // Two at once, as they do not depend on each other.
        let rows: Vec<Outcome<Row>> = std::thread::scope(|scope| {
            let (all, inputs) = (&all, &halves);
            let halves = [0, 1].map(|half| {
                scope.spawn(move || {
                    let mine = all.iter().skip(half).step_by(2);
                    mine.map(|quantizer| run(inputs, quantizer, bits)).collect::<Vec<_>>()
                })
            });
            let [even, odd] = halves.map(|half| half.join().expect("rows").into_iter());
            let mut turns = [even, odd];
            (0..all.len()).filter_map(|i| turns[i % 2].next()).collect()
        });
        let rows: Vec<Row> = rows.into_iter().collect::<Outcome<_>>()?;
        for (i, (quantizer, row)) in all.iter().zip(&rows).enumerate() {
            match i {
                0 => println!(" {bits} bits a sample and at most {} bytes", quantizer.memory()),
                i if i == equal.len() => println!(" {bits} bits a sample"),
                _ => {}
            }
            let Row { bits, file_bits, learned, held_out } = row;
            let (memory, products) = (quantizer.memory(), quantizer.products());
            say(&quantizer.name, *bits, memory, products, &[learned, held_out], *file_bits);
        }
        let best = |from: usize, to: usize| {
            let rows = all[from..to].iter().zip(&rows[from..to]);
            let residual =
                rows.filter(|(quantizer, _)| !quantizer.split && quantizer.stages.len() > 1);
            residual.map(|(_, row)| row.held_out[0]).fold(f64::NEG_INFINITY, f64::max)
        };
        let plain = rows[0].held_out[0];
        let alone = (!more.is_empty()).then(|| best(equal.len(), all.len()) - plain);
        found.push((bits, best(1, equal.len()) - plain, alone));
    }
    Ok(found)
}

fn inputs(paths: &[PathBuf]) -> Outcome<Vec<(String, Input)>> {
    if paths.is_empty() {
        let samples = voice(SECONDS);
        let pixels = fixlearn::demo::angiogram(FRAMES, SIDE);
        let frames = pixels.chunks(SIDE * SIDE).map(<[u8]>::to_vec).collect();
        return Ok(vec![
            ("voice".into(), Input::sound(samples, 16000)?),
            ("angiogram".into(), Input::Pictures { width: SIDE, height: SIDE, frames }),
        ]);
    }
    let one = |path: &PathBuf| -> Outcome<(String, Input)> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if input::ending(path) == "wav" {
            let wav = std::fs::read(path)?;
            let (table, rate) = (wav::read(path, &wav, false)?, wav::rate(path, &wav)?);
            let left = table.values.iter().step_by(table.columns);
            let samples = left.map(|v| (v * 32768.0).round() as i16).collect();
            return Ok((name, Input::sound(samples, rate)?));
        }
        let pictures = input::frames(std::slice::from_ref(path), true, None)?;
        let input::Frames { width, height, frames, .. } = pictures;
        Ok((name, Input::Pictures { width, height, frames }))
    };
    paths.iter().map(one).collect()
}

/// Less than this, in dB, is no difference.
const SAME: f64 = 0.1;

fn main() -> Outcome<()> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let mut found = Vec::new();
    for (name, input) in inputs(&paths)? {
        found.extend(table(&name, &input)?.into_iter().map(|row| (name.clone(), row)));
    }
    println!("the best residual quantizer beside the plain one, on what was not learned from");
    for (name, (bits, equal, alone)) in found {
        let verdict = |what: &str, gain: f64| {
            let word = match gain {
                gain if gain >= SAME => "confirmed",
                gain if gain <= -SAME => "refuted",
                _ => "no difference",
            };
            println!("verdict {name}, {bits} bits a sample{what}: {gain:+.2} dB, {word}");
        };
        verdict(" and as much memory", equal);
        if let Some(alone) = alone {
            verdict(" and more memory", alone);
        }
    }
    Ok(())
}
