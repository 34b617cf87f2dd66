//! The demonstration: a generated angiogram sequence, learned on a simulated board behind a real
//! serial port, checked bit for bit, and shown.

use crate::codec::{self, Codewords, Quality};
use crate::device::Device;
use crate::export;
use crate::input::{from_pixels, Cut, Samples};
use crate::link::inside::Inside;
use crate::link::port::{open_pty, simulated_board, Port, Serial};
use crate::page::command::Words;
use crate::page::run::{page_of, Given};
use crate::page::{self, Page};
use crate::task::{Input, Task};
use crate::tasks::codebook::plot::distortion;
use crate::tasks::codebook::{Codebook, Model, Plan};
use crate::{output, picture, plot, session, tasks, Error, Result};
use fixlearn_hdl::design::Design;
use fixlearn_sim::board::Faults;
use fixlearn_sim::golden::arith::xorshift64;
use fixlearn_sim::golden::core::difference;
use fixlearn_sim::golden::cores::vq::{Match, Vq};
use serde::Serialize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// Frames of the sequence and their size in pixels.
pub const FRAMES: usize = 8;
pub const SIDE: usize = 128;

struct Segment {
    from: (f64, f64),
    to: (f64, f64),
    radius: f64,
    /// Length of vessel before this segment: when the dye gets here.
    before: f64,
}

/// A coronary tree seen from the side: it beats once in the sequence while contrast dye runs
/// down its branches. Grey, `frames` images of `side` x `side`, the same on every machine.
pub fn angiogram(frames: usize, side: usize) -> Vec<u8> {
    let mut segments = Vec::new();
    grow(&mut segments, (0.52, 0.04), 1.45, 0.2, 0.026, 0.0, 0);
    let longest = segments.iter().map(|s| s.before + 0.2).fold(0.0, f64::max);
    let mut pixels = Vec::with_capacity(frames * side * side);
    let mut noise = 0x2545_f491_4f6c_dd1d_u64;
    for frame in 0..frames {
        let phase = frame as f64 / frames.max(1) as f64;
        let beat = 1.0 - 0.1 * (std::f64::consts::TAU * phase).sin();
        let front = (phase * 1.4 + 0.15) * longest;
        for y in 0..side {
            for x in 0..side {
                let (px, py) = (x as f64 / side as f64, y as f64 / side as f64);
                // The heart contracts towards its middle.
                let (qx, qy) = (0.5 + (px - 0.5) / beat, 0.5 + (py - 0.5) / beat);
                let mut absorbed = 0.0_f64;
                for s in &segments {
                    let (distance, along) = near(s, (qx, qy));
                    let length = ((s.to.0 - s.from.0).powi(2) + (s.to.1 - s.from.1).powi(2)).sqrt();
                    let dye = ((front - s.before - along * length) / 0.08).clamp(0.0, 1.0);
                    let edge = ((s.radius - distance) / 0.008 + 0.5).clamp(0.0, 1.0);
                    absorbed = absorbed.max(edge * dye * (s.radius / 0.026).sqrt());
                }
                let tissue = 176.0 - 60.0 * ((px - 0.45).powi(2) + (py - 0.55).powi(2))
                    + 14.0 * (9.0 * px + 2.0 * py).sin();
                noise = xorshift64(noise);
                let grain = (noise >> 58) as f64 / 10.0 - 3.2;
                pixels.push((tissue - 120.0 * absorbed + grain).clamp(0.0, 255.0) as u8);
            }
        }
    }
    pixels
}

fn grow(
    segments: &mut Vec<Segment>,
    from: (f64, f64),
    angle: f64,
    length: f64,
    radius: f64,
    before: f64,
    depth: u32,
) {
    let to = (from.0 + length * angle.cos(), from.1 + length * angle.sin());
    segments.push(Segment { from, to, radius, before });
    if depth == 5 {
        return;
    }
    let turn = 0.42 - 0.03 * f64::from(depth);
    for (side, share) in [(-1.0, 0.86), (1.0, 0.7)] {
        let bend = angle + side * turn + 0.1 * f64::from(depth % 2);
        grow(segments, to, bend, length * share, radius * 0.74, before + length, depth + 1);
    }
}

/// Distance to the segment's axis, and how far along it the nearest point is, 0 to 1.
fn near(s: &Segment, p: (f64, f64)) -> (f64, f64) {
    let (dx, dy) = (s.to.0 - s.from.0, s.to.1 - s.from.1);
    let along = ((p.0 - s.from.0) * dx + (p.1 - s.from.1) * dy) / (dx * dx + dy * dy);
    let along = along.clamp(0.0, 1.0);
    let (ex, ey) = (p.0 - s.from.0 - along * dx, p.1 - s.from.1 - along * dy);
    ((ex * ex + ey * ey).sqrt(), along)
}

/// What the demonstration found.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub port: String,
    pub vectors: u64,
    /// The trained state equals the golden model's in every bit.
    pub equal_to_golden: bool,
    pub quality: Quality,
    pub directory: String,
}

/// Runs it; the files are in `directory` afterwards. Without `simulated`, the golden model stands
/// in for the board.
///
/// # Errors
/// If a tool, the port or the directory fails. A difference from the golden model is no error
/// here: the summary tells.
pub fn run(
    directory: &Path,
    design: &dyn Design,
    simulated: bool,
    stop: &AtomicBool,
) -> Result<Summary> {
    std::fs::create_dir_all(directory).map_err(Error::io(directory))?;
    let pixels = angiogram(FRAMES, SIDE);
    let samples = from_pixels(&pixels, SIDE, SIDE, 4);
    let identity = design.identity();
    if !simulated {
        let port = Box::new(Inside::golden::<Vq>(&identity)?);
        let (model, found, equal) = learn(directory, &samples, port, stop)?;
        let port = "the golden model".to_string();
        return show(directory, &samples, &pixels, &model, &found, equal, port);
    }
    let board = simulated_board(design, &Faults::default(), None)?;
    let pty = open_pty(None)?;
    let path = pty.path().display().to_string();
    let over = Arc::new(AtomicBool::new(false));
    let server = std::thread::spawn({
        let over = over.clone();
        move || pty.serve(board, &over)
    });
    let port = Serial::open(&path, identity.baud);
    let result = port.and_then(|port| learn(directory, &samples, Box::new(port), stop));
    over.store(true, Ordering::Relaxed);
    let _ = server.join();
    let (model, found, equal) = result?;
    show(directory, &samples, &pixels, &model, &found, equal, path)
}

type Learned = (Model, Vec<Match>, bool);

fn learn(
    directory: &Path,
    samples: &Samples,
    port: Box<dyn Port>,
    stop: &AtomicBool,
) -> Result<Learned> {
    let mut device = Device::<Vq>::open(port)?;
    let task = Codebook::new(Plan::new(64, 4), samples, Some(Cut { block: 4, grey: true }));
    let start = task.start(samples, &device.built())?;
    let mut model = Model::new(task, start.clone());
    session::learn(&mut device, &mut model, samples, &|_, _| Ok(()), stop)?;
    let (answers, codewords) =
        (device.answers(&samples.vectors, |_| {})?, model.state.config.codewords);
    let found = codec::matches(&answers, codewords, &device.client.port_name())?;
    let golden = session::replay(&model.plan, &start, samples, model.done, model.passes())?;
    let recalled = found.iter().enumerate().all(|(i, m)| *m == golden.nearest(samples.vector(i)));
    let equal = recalled && difference(&model.state, &golden).is_none();
    model.write(&directory.join("model.json"))?;
    Ok((model, found, equal))
}

fn show(
    directory: &Path,
    samples: &Samples,
    pixels: &[u8],
    model: &Model,
    found: &[Match],
    equal: bool,
    port: String,
) -> Result<Summary> {
    let codewords = Codewords::from(model);
    let indices = codec::pack(&samples.layout, &codewords, found, true)?;
    output::write(&directory.join("indices.idx"), &indices)?;
    let decoded = codewords.decode(found.iter().map(|m| m.index));
    let quality = codec::quality(samples, &decoded, &codewords, found, indices.len());
    let plain = samples.layout.restore(&decoded);
    for (name, (pixels, w, h)) in [
        ("original.png", picture::sheet(pixels, SIDE, SIDE, 4)),
        ("decoded.png", picture::sheet(&plain, SIDE, SIDE, 4)),
        ("codebook.png", picture::mosaic(model)),
    ] {
        let path = directory.join(name);
        output::write(&path, &picture::encode(&path, &pixels, w, h, 1)?)?;
    }
    let curve = plot::svg(&distortion(model))?;
    output::write(&directory.join("distortion.svg"), curve.as_bytes())?;
    let npy = directory.join("codebook.npy");
    output::write(&npy, &export::bytes(&model.plan.learned(&model.state), &npy)?)?;
    let page = page_of_demo(directory, samples, model, equal, &port)?;
    output::write(&directory.join("report.html"), page::render(&page).as_bytes())?;
    Ok(Summary {
        port,
        vectors: model.done,
        equal_to_golden: equal,
        quality,
        directory: directory.display().to_string(),
    })
}

/// The run's page, with the frames that it learned, and whether it is the golden model's.
fn page_of_demo(
    directory: &Path,
    samples: &Samples,
    model: &Model,
    equal: bool,
    port: &str,
) -> Result<Page> {
    let (task, head) = tasks::of_file(&directory.join("model.json"))?;
    let (info, input) = ((task.info)(&head)?, Input::default());
    let mut command = Words::default();
    ["fixlearn", "demo", "--out"].iter().for_each(|word| command.word(*word));
    command.path(directory);
    let given = Given { input: &input, build: None, labels: None, made_by: Some(command.shell()) };
    let (settings, words) = (info.settings(), info.words());
    let mut page = page_of(model, &head, Some(samples), &given, settings, words)?;
    let verdict = match equal {
        true => "equal to the golden model in every bit",
        false => "NOT equal to the golden model",
    };
    page.title = "The demo: a codebook learned over UART".into();
    page.lead = format!(
        "A generated angiogram of {FRAMES} frames, learned on {port} in fixed point: codebook and \
         answers are {verdict}."
    );
    Ok(page)
}
