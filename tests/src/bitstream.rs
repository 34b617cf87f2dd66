//! Bitstreams that are built, what they answer as a simulated board, and
//! single bits of them flipped.

use fixlearn::build::bitstream::bitstream_port;
use fixlearn::build::boards;
use fixlearn::build::tools::Kind;
use fixlearn::build::{build, Outcome, Request};
use fixlearn::device::Device;
use fixlearn::link::Port;
use fixlearn_hdl::design::find;
use fixlearn_sim::golden::arith::Rounding;
use fixlearn_sim::golden::core::{difference, Core};
use fixlearn_sim::golden::cores::gradient::{self, Gradient, Objective};
use fixlearn_sim::golden::cores::lms::{self, Lms};
use fixlearn_sim::golden::cores::vq::{self, Vq};
use std::io;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

/// What is built: core, size and tools.
pub type Made = (&'static str, &'static str, Kind);

/// The smallest quantizer.
pub const QUANTIZER: Made = ("vq", "16x4x1", Kind::Native);

/// The gradient core with the quadratic objective alone, which yosys 0.23 makes too large.
pub const GRADIENT: Made = ("gradient", "quadratic", Kind::Yowasp);

/// The smallest quantizer, of a family whose native tools Debian has not.
pub const ROUTED: Made = ("vq", "16x4x1", Kind::Yowasp);

/// The filter.
pub const FILTER: Made = ("lms", "256", Kind::Native);

/// Builds the core for the board into `folder`: 24 MHz, so that there is a PLL, and four clocks a
/// bit, so that the line takes few clocks to simulate.
///
/// # Panics
/// If the tools are missing, or do not build it.
pub fn make(board: &str, (core, size, tools): Made, folder: &Path) {
    let board = boards::find(board).expect("a board");
    let (kind, size) = (find(core).expect("a core"), size.into());
    let request = Request {
        board,
        kind,
        size,
        mhz: 24.0,
        baud: 6_000_000,
        seeds: vec![1],
        tools: Some(tools),
    };
    match build(&request, folder).expect("it builds") {
        Outcome::Built(_) => {}
        other => panic!("{other:?}"),
    }
}

/// A board that falls silent after so long on its own clock: time then costs nothing, and a broken
/// board is given up soon.
struct Patience {
    port: Box<dyn Port>,
    left: Duration,
    silent: Duration,
}

impl Port for Patience {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.port.send(bytes)
    }

    fn receive(&mut self, wait: Duration) -> io::Result<Vec<u8>> {
        if let Some(left) = self.port.until(self.left) {
            return self.port.receive(wait.min(left));
        }
        self.silent += wait;
        Ok(Vec::new())
    }

    fn reopen(&mut self, wait: Duration) -> io::Result<()> {
        self.port.reopen(wait)
    }

    fn is_gone(&self) -> bool {
        self.port.is_gone()
    }

    fn now(&self) -> Duration {
        self.port.now() + self.silent
    }

    fn name(&self) -> String {
        self.port.name()
    }

    fn random(&mut self) -> u32 {
        self.port.random()
    }
}

/// What a core is asked for: from this state on it learns the vectors, iterates, and then answers
/// them.
struct Session<C> {
    start: C,
    vectors: Vec<u8>,
    iterations: u32,
}

impl<C: Core> Session<C> {
    /// What differs from the golden model at this port.
    fn differs(self, port: Box<dyn Port>) -> fixlearn::Result<Option<String>> {
        let Self { start: mut golden, vectors, iterations } = self;
        let mut device = Device::<C>::open(port)?;
        device.load(&golden)?;
        if !vectors.is_empty() {
            device.learn(vectors.clone())?;
        }
        if iterations > 0 {
            device.iterate(iterations)?;
        }
        device.finish()?;
        let each: Vec<&[u8]> = vectors.chunks(golden.vector_bytes()).collect();
        each.iter().for_each(|vector| golden.learn(vector));
        golden.iterate(iterations);
        let mut found = golden.clone();
        device.save(&mut found)?;
        if let Some(what) = difference(&found, &golden) {
            return Ok(Some(what));
        }
        if vectors.is_empty() {
            return Ok(None);
        }
        let answers = device.recall(&vectors, |_| ())?;
        let expected: Vec<_> = each.iter().map(|vector| golden.recall(vector)).collect();
        Ok((answers != expected).then(|| "it answers otherwise".into()))
    }

    /// With the bitstream in `folder` as a board, which answers for 0.05 seconds of its own clock:
    /// more than twice of what a session takes.
    fn differs_in(self, folder: &Path) -> Option<String> {
        let port = bitstream_port(folder, &Default::default()).map(|port| {
            Box::new(Patience { port, left: Duration::from_millis(50), silent: Duration::ZERO })
        });
        port.and_then(|port| self.differs(port)).unwrap_or_else(|e| Some(e.to_string()))
    }
}

/// The quantizer 16x4x1 in `folder` learns and recalls at its UART's pins; what differs from the
/// golden model, or the link's complaint.
pub fn quantizer_differs(folder: &Path) -> Option<String> {
    let config = vq::Config {
        rounding: Rounding::Stochastic,
        count_based: true,
        frequency_sensitive: true,
        radius: 1,
        ..vq::Config::power_up(16, 4)
    };
    let mut start = Vq::new(config, 1);
    for (i, weight) in start.codebook.iter_mut().enumerate() {
        *weight = (i as u16).wrapping_mul(20_011) % vq::FULL_SCALE;
    }
    let vectors = (0..4 * 300_u32).map(|i| (i * i * 31 / 8) as u8).collect();
    Session { start, vectors, iterations: 0 }.differs_in(folder)
}

/// As [`quantizer_differs`], of the gradient core: a quadratic objective, iterated.
pub fn gradient_differs(folder: &Path) -> Option<String> {
    let config = gradient::Config {
        objective: Objective::Quadratic,
        dimension: 8,
        rounding: Rounding::Stochastic,
        compensation: true,
        adaptive: true,
        rate: 4,
        gradient_bits: 9,
        ..gradient::Config::power_up()
    };
    let mut start = Gradient::new(config, (0..8).map(|i| (i - 3) * 0x0765_4321).collect());
    for (i, centre) in start.centre.iter_mut().enumerate() {
        *centre = (2 - i as i32) << 26;
    }
    Session { start, vectors: Vec::new(), iterations: 500 }.differs_in(folder)
}

/// As [`quantizer_differs`], of the filter with 12 taps, some of whose outputs saturate.
pub fn filter_differs(folder: &Path) -> Option<String> {
    let mut start = Lms::new(lms::Config { taps: 12, rate: 3, ..lms::Config::power_up() });
    for (i, weight) in start.weights.iter_mut().enumerate() {
        *weight = (i as i32 - 5).wrapping_mul(0x0765_4321);
    }
    let vectors = (0..4 * 200_u32).map(|i| (i * i * 77 / 16) as u8).collect();
    Session { start, vectors, iterations: 0 }.differs_in(folder)
}

/// What the bytes of an iCE40 bitstream configure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Logic cells, wires and pins.
    Logic,
    /// Contents of block RAMs.
    Ram,
}

/// The bytes that configure something (Project IceStorm, "Bitstream File Format").
pub fn frames(bitstream: &[u8]) -> Vec<(Frame, Range<usize>)> {
    let mut found = Vec::new();
    let (mut width, mut height) = (0, 0);
    let start = bitstream.windows(4).position(|b| b == [0x7e, 0xaa, 0x99, 0x7e]);
    let mut at = start.map_or(bitstream.len(), |at| at + 4);
    // A command, the number of its bytes, and those.
    while let Some(&first) = bitstream.get(at) {
        let length = usize::from(first & 15);
        let argument = bitstream.iter().skip(at + 1).take(length);
        let argument = argument.fold(0, |word, &byte| word << 8 | usize::from(byte));
        at += 1 + length;
        match (first >> 4, argument) {
            (6, bits) => width = bits + 1,
            (7, rows) => height = rows,
            (0, what @ (1 | 3)) => {
                let bytes = width * height / 8;
                let frame = if what == 1 { Frame::Logic } else { Frame::Ram };
                found.push((frame, at..at + bytes));
                // Two zero bytes follow.
                at += bytes + 2;
            }
            (0, 6) => break,
            _ => {}
        }
    }
    found
}

/// Makes the CRC of a bitstream right: CRC-16-CCITT from 0xffff on, of all that follows the command
/// 01 05, the command 22 included.
///
/// # Panics
/// If the bitstream has no CRC.
pub fn seal(bitstream: &mut [u8]) {
    let start = bitstream.windows(2).position(|b| b == [1, 5]).expect("a reset of the CRC") + 2;
    let end = frames(bitstream).last().expect("a frame").1.end + 2;
    assert_eq!(bitstream[end], 0x22, "the CRC follows the last frame");
    let crc = bitstream[start..=end].iter().fold(0xffff_u16, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| {
            crc << 1 ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 }
        })
    });
    bitstream[end + 1..end + 3].copy_from_slice(&crc.to_be_bytes());
}

/// The build in `from` with the bitstream of it that `change` makes, in `to`.
///
/// # Panics
/// If `from` holds no build, or `to` cannot be written.
pub fn changed(from: &Path, to: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bitstream = std::fs::read(from.join("top.bin")).expect("a bitstream");
    change(&mut bitstream);
    std::fs::write(to.join("top.bin"), bitstream).expect("written");
    std::fs::copy(from.join("report.json"), to.join("report.json")).expect("copied");
}

/// Every bit that is set in such frames: its byte and its place in it.
pub fn set_bits(bitstream: &[u8], of: impl Fn(Frame) -> bool) -> Vec<(usize, u8)> {
    let frames = frames(bitstream).into_iter().filter(|&(frame, _)| of(frame));
    let bytes = frames.flat_map(|(_, range)| range);
    let bits = bytes.flat_map(|at| (0..8).map(move |bit| (at, bit)));
    bits.filter(|&(at, bit)| bitstream[at] >> bit & 1 == 1).collect()
}
