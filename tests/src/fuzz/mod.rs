//! Inputs that are almost right, and what reads them.

mod files;
mod stages;

use crate::cores::vq::{self, Vq};
use crate::sessions::{golden, Line};
use fixlearn::link::frame::{Frame, Splitter};
use fixlearn_map::link::{command, FRAME_MAX, PAYLOAD_MAX};
use fixlearn_map::vq::memory;
use fixlearn_sim::board::Board;
use std::path::{Path, PathBuf};

/// A generator of numbers below a bound.
pub struct Luck(fastrand::Rng);

impl Luck {
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0.usize(..bound.max(1))
    }

    /// The bytes with one to four faults: a bit flipped, a byte replaced, lost, doubled or
    /// inserted, a stretch cut out or copied elsewhere, the end cut off.
    pub fn spoil(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(out.len() + 1);
            let byte = self.below(256) as u8;
            match self.below(7) {
                0 if at < out.len() => out[at] ^= 1 << (byte & 7),
                1 if at < out.len() => out[at] = byte,
                2 if at < out.len() => drop(out.remove(at)),
                3 if at < out.len() => out.insert(at, out[at]),
                4 => out.insert(at, byte),
                5 => {
                    let end = (at + self.below(40)).min(out.len());
                    let piece: Vec<u8> = out.drain(at..end).collect();
                    let to = self.below(out.len() + 1);
                    if byte & 1 == 0 {
                        out.splice(to..to, piece);
                    }
                }
                _ => out.truncate(at),
            }
        }
        out
    }

    /// The bytes of a frame; half of a payload are zeros, which are what COBS is about.
    pub fn frame(&mut self) -> Vec<u8> {
        let length = match self.below(4) {
            0 => self.below(PAYLOAD_MAX + 1),
            _ => self.below(24),
        };
        let payload =
            (0..length).map(|_| (self.below(512) as u8) & (self.below(512) as u8)).collect();
        let (command, sequence) = (self.below(16) as u8, self.below(256) as u8);
        Frame { command, sequence, payload }.encode()
    }
}

/// What came of an input; a refusal says why, without the input's own numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Read,
    Refused(String),
}

/// Reads an input.
pub type Feed = Box<dyn FnMut(&[u8]) -> Outcome>;

/// Formats of pictures, which may claim any size.
const PICTURES: [&str; 6] = ["jpeg", "tiff", "bmp", "gif", "apng", "dcm"];

/// Something that reads what a wire or a file holds.
pub struct Target {
    pub name: &'static str,
    /// A good input.
    pub good: Vec<u8>,
    /// Large ones, of which each byte is read to as much as can be.
    pub dense: Vec<Vec<u8>>,
    /// Memory that an input may take besides, in bytes, by what it says of itself.
    pub besides: fn(&[u8]) -> usize,
    /// Reads one.
    ///
    /// # Panics
    /// If what was made of it breaks a promise.
    pub feed: Feed,
}

impl Target {
    /// Inputs that were worth keeping, one a line in hexadecimal.
    pub fn corpus(&self) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        folder.join(self.name).with_extension("txt")
    }

    /// Bytes that it may take beside what its input has: of a picture, those of the most pixels
    /// that the host reads.
    pub fn most(&self) -> usize {
        if PICTURES.contains(&self.name) {
            3 << 30
        } else {
            256 << 10
        }
    }

    pub fn kept(&self) -> Vec<Vec<u8>> {
        let path = self.corpus();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let byte = |pair: &[u8]| {
            let digits =
                std::str::from_utf8(pair).ok().and_then(|d| u8::from_str_radix(d, 16).ok());
            digits.unwrap_or_else(|| panic!("{}: not hexadecimal", path.display()))
        };
        text.lines().map(|line| line.as_bytes().chunks(2).map(byte).collect()).collect()
    }
}

/// Everything on the host that reads what is not its own, and a board.
pub fn targets() -> Vec<Target> {
    let mut all = vec![decoder(), board()];
    all.extend(files::targets());
    all.extend(stages::targets());
    all
}

/// The host's decoder of frames.
pub fn decoder() -> Target {
    let mut splitter = Splitter::default();
    let feed = move |bytes: &[u8]| {
        let frames = splitter.push(bytes);
        assert!(splitter.held() <= FRAME_MAX + 1, "the decoder holds more than a frame");
        assert!(frames.iter().all(|frame| frame.payload.len() <= PAYLOAD_MAX));
        let pieces = bytes.split(|&byte| byte == 0).filter(|piece| !piece.is_empty());
        let mut why: Vec<String> =
            pieces.filter_map(|piece| Some(Frame::decode(piece).err()?.to_string())).collect();
        why.dedup();
        // The next input is another one.
        splitter.push(&[0]);
        if frames.is_empty() {
            Outcome::Refused(why.join(", "))
        } else {
            Outcome::Read
        }
    };
    let dense = vec![vec![1; 1 << 18], vec![0; 1 << 18]];
    let good = Luck::new(3).frame();
    Target { name: "decoder", good, dense, besides: |_| 0, feed: Box::new(feed) }
}

/// A board, which answers as the golden model does.
fn board() -> Target {
    let design = vq::design(16, 4, 1);
    let send = |command, sequence, payload: &[u8]| {
        Frame { command, sequence, payload: payload.to_vec() }.encode()
    };
    let good = [
        send(command::IDENTIFY, 0, &[1]),
        send(command::WRITE, 0, &[memory::CODEBOOK, 0, 2, 0, 0, 1, 0x10, 0]),
        send(command::WRITE, 1, &[memory::REGISTERS, 0, 0, 2, 0, 0, 0, 9]),
        send(command::LEARN, 2, &[1, 2, 3, 4, 250, 0, 0, 9]),
        send(command::RECALL, 3, &[1, 2, 3, 4]),
        send(command::READ, 4, &[memory::CODEBOOK, 0, 0, 0, 20]),
        send(command::READ, 5, &[255, 0, 0, 0, 8]),
    ];
    let feed = move |bytes: &[u8]| {
        let mut device = golden::<Vq>(&design);
        let board = Board::new(&design).expect("it verilates").expect("the size is on offer");
        let mut line = Line::new(board);
        let mut refused = String::new();
        for piece in bytes.split_inclusive(|&byte| byte == 0) {
            let replies = line.ask(&mut device, piece).unwrap_or_else(|why| panic!("{why}"));
            for reply in replies.iter().filter(|r| r.command & 15 == command::NAK) {
                refused = format!("{:?}", reply.payload[1]);
            }
        }
        if refused.is_empty() {
            Outcome::Read
        } else {
            Outcome::Refused(refused)
        }
    };
    let (good, dense) = (good.concat(), Vec::new());
    Target { name: "board", good, dense, besides: |_| 0, feed: Box::new(feed) }
}
