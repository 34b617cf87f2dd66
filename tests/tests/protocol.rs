//! The page of the wire protocol: its numbers are the code's, and its example frames are what the
//! specification answers, and the simulated boards.
//!
//! `FIXLEARN_RENEW=1 cargo test --release -p fixlearn-tests --test protocol` writes the examples
//! anew.

use fixlearn::link::frame::Frame;
use fixlearn_hdl::design::{self, Design, Target};
use fixlearn_map::link::{cause, command, error, memory, VERSION};
use fixlearn_map::{gradient, lms, vq};
use fixlearn_sim::board::Board;
use fixlearn_sim::golden::cores::{gradient::Gradient, lms::Lms, vq::Vq};
use fixlearn_sim::golden::link::{crc24, Hear};
use fixlearn_tests::sessions::{golden, Line};
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- examples -->\n";
const END: &str = "<!-- end of examples -->\n";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/docs/protocol.md")
}

fn page() -> String {
    std::fs::read_to_string(path()).expect("the page")
}

/// Something that a host sends, and why.
struct Step {
    title: &'static str,
    wire: Vec<u8>,
    /// Before COBS, with its CRC, if it is a frame at all.
    frame: Option<Vec<u8>>,
}

/// What a frame is before COBS.
fn bytes(command: u8, sequence: u8, payload: &[u8]) -> Vec<u8> {
    let message = [&[command | VERSION << 4, sequence], payload].concat();
    [&message[..], &crc24(&message)].concat()
}

fn step(title: &'static str, command: u8, sequence: u8, payload: &[u8]) -> Step {
    let wire = Frame { command, sequence, payload: payload.to_vec() }.encode();
    Step { title, wire, frame: Some(bytes(command, sequence, payload)) }
}

/// A frame with this first byte and no payload.
fn other(title: &'static str, first: u8, sequence: u8) -> Step {
    let message = [first, sequence];
    let frame = [&message[..], &crc24(&message)].concat();
    let wire = [cobs::encode_vec(&frame), vec![0]].concat();
    Step { title, wire, frame: Some(frame) }
}

fn damaged(title: &'static str, command: u8, sequence: u8, spoil: fn(&mut Vec<u8>)) -> Step {
    let mut wire = step(title, command, sequence, &[]).wire;
    spoil(&mut wire);
    Step { title, wire, frame: None }
}

/// Words to this place, as the payload of a WRITE.
fn words(memory: u8, column: u8, words: &[u32]) -> Vec<u8> {
    let place = [memory, 0, 0, column];
    place.into_iter().chain(words.iter().flat_map(|word| word.to_be_bytes())).collect()
}

fn quantizer() -> Vec<Step> {
    use command::{IDENTIFY, LEARN, READ, RECALL, RESET, WRITE};
    let vectors = [10, 20, 90, 110, 12, 22];
    let codebook = words(vq::memory::CODEBOOK, 0, &[16 << 7, 16 << 7, 100 << 7, 100 << 7]);
    let two = words(memory::REGISTERS, vq::CODEWORDS, &[2, 2]);
    let refused = words(memory::REGISTERS, vq::MODE, &[8, 16, 3]);
    vec![
        step("LEARN before the link is opened: CLOSED", LEARN, 0, &vectors[..2]),
        step("IDENTIFY opens it; its number may be any", IDENTIFY, 7, &[1]),
        step("WRITE: registers CODEWORDS = 2, DIMENSION = 2", WRITE, 0, &two),
        step(
            "WRITE: memory CODEBOOK, 16.0, 16.0 and in the next row 100.0, 100.0",
            WRITE,
            1,
            &codebook,
        ),
        step("WRITE: the epoch", WRITE, 2, &words(memory::LINK, 11, &[0x00c0_ffee])),
        step(
            "LEARN: three vectors; 3 are learned, and the sum of distances is 304",
            LEARN,
            3,
            &vectors,
        ),
        step("LEARN again, as if the answer had been lost: a duplicate", LEARN, 3, &vectors),
        step("RECALL: two vectors; each winner, and its distance", RECALL, 4, &vectors[..4]),
        step("READ: memory CODEBOOK, 4 words", READ, 5, &[vq::memory::CODEBOOK, 0, 0, 0, 4]),
        step("READ of no words: LENGTH", READ, 6, &[vq::memory::CODEBOOK, 0, 0, 0, 0]),
        step("RECALL of a part of a vector: LENGTH", RECALL, 7, &vectors[..1]),
        step("IDENTIFY with a payload clears the error", IDENTIFY, 8, &[1]),
        step("WRITE: MODE = 8, RATE_SHIFT = 16, RATE_FINAL = 3: RANGE", WRITE, 8, &refused),
        step("READ: only the word in the middle was refused", READ, 9, &[0, 0, 0, vq::MODE, 3]),
        step("A command that there is not: COMMAND", 2, 10, &[]),
        step("RESET ahead of the expected number: GAP", RESET, 12, &[]),
        step("RESET ahead once more: no answer", RESET, 13, &[]),
        step("READ in sequence: the counters", READ, 11, &[memory::LINK, 0, 0, 0, 8]),
        damaged("RESET with a bit flipped: CRC", RESET, 12, |wire| wire[1] ^= 0x40),
        damaged("RESET without its last byte: ENCODING", RESET, 12, |wire| {
            wire.remove(wire.len() - 2);
        }),
        other("IDENTIFY with the version 2: VERSION", 0x20 | IDENTIFY, 9),
        step("A reply: no answer", IDENTIFY | 0x80, 9, &[]),
        step("RESET", RESET, 12, &[]),
        step("IDENTIFY without a payload: the epoch is 0, the number goes on", IDENTIFY, 10, &[]),
    ]
}

fn optimizer() -> Vec<Step> {
    use command::{IDENTIFY, LEARN, READ, RECALL, WRITE};
    let one = 1_u32 << 28;
    let start = words(gradient::memory::POINT, 0, &[one, one.wrapping_neg()]);
    let curved = words(gradient::memory::CURVATURE, 0, &[one, one / 4]);
    let iterate = words(memory::REGISTERS, gradient::ITERATE, &[100]);
    let sample = [0x00, 0x10, 0x00, 0xf8, 0x00, 0x20];
    let rate = words(memory::REGISTERS, gradient::RATE, &[4]);
    vec![
        step("IDENTIFY", IDENTIFY, 0, &[1]),
        step("WRITE: OBJECTIVE = 1", WRITE, 0, &words(memory::REGISTERS, 0, &[1])),
        step("WRITE: RATE = 4", WRITE, 1, &rate),
        step("WRITE: memory POINT, 1 and -1", WRITE, 2, &start),
        step("WRITE: memory CURVATURE, 1 and 1/4", WRITE, 3, &curved),
        step("WRITE: ITERATE = 100; the answer comes when they are done", WRITE, 4, &iterate),
        step("READ: memory POINT", READ, 5, &[gradient::memory::POINT, 0, 0, 0, 2]),
        step("WRITE: OBJECTIVE = 2", WRITE, 6, &words(memory::REGISTERS, 0, &[2])),
        step("LEARN: the features 1 and -0.5 with the target 2", LEARN, 7, &sample),
        step("RECALL: the same sample", RECALL, 8, &sample),
        step("READ: memory POINT", READ, 9, &[gradient::memory::POINT, 0, 0, 0, 2]),
    ]
}

fn filter() -> Vec<Step> {
    use command::{IDENTIFY, LEARN, READ, RECALL, WRITE};
    let samples = [0x00, 0x40, 0x00, 0x20, 0x00, 0xc0, 0x34, 0x12];
    let two = words(memory::REGISTERS, lms::TAPS, &[2, 2]);
    vec![
        step("IDENTIFY", IDENTIFY, 0, &[1]),
        step("WRITE: registers TAPS = 2, RATE = 2", WRITE, 0, &two),
        step("LEARN: x = 0.5, d = 0.25; x = -0.5, d = 0x1234", LEARN, 1, &samples),
        step("RECALL: the second again", RECALL, 2, &samples[4..]),
        step("READ: memory WEIGHT", READ, 3, &[lms::memory::WEIGHT, 0, 0, 0, 2]),
        step("READ: memory OUTPUT", READ, 4, &[lms::memory::OUTPUT, 0, 0, 0, 2]),
    ]
}

/// What a session is with: a heading, the design, its golden model, and the steps.
type Session = (&'static str, Box<dyn Design>, Box<dyn Hear>, Vec<Step>);

fn sessions() -> Vec<Session> {
    let design = |core: &str, size: &str| {
        design::find(core).expect("a core").parse(size, Target::SIMULATED).expect("a size")
    };
    let [vq, all, taps] =
        [design("vq", "16x4x1+residues"), design("gradient", "all"), design("lms", "256")];
    let models: [Box<dyn Hear>; 3] = [
        Box::new(golden::<Vq>(vq.as_ref())),
        Box::new(golden::<Gradient>(all.as_ref())),
        Box::new(golden::<Lms>(taps.as_ref())),
    ];
    let [a, b, c] = models;
    vec![
        ("A quantizer of 16 codewords, 4 dimensions, 1 lane, with residues", vq, a, quantizer()),
        ("A gradient core with all objectives", all, b, optimizer()),
        ("An adaptive filter", taps, c, filter()),
    ]
}

/// Bytes in hex, 30 a line; lines after the first are indented.
fn hex(mark: &str, bytes: &[u8]) -> String {
    let mut text = String::new();
    for (i, line) in bytes.chunks(30).enumerate() {
        let line: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        text += &format!("{:3}{}\n", if i == 0 { mark } else { "" }, line.join(" "));
    }
    text
}

/// A reply, before COBS and on the line.
struct Answer {
    bytes: Vec<u8>,
    wire: Vec<u8>,
}

fn answer(command: u8, sequence: u8, payload: Vec<u8>) -> Answer {
    let bytes = bytes(command, sequence, &payload);
    Answer { bytes, wire: Frame { command, sequence, payload }.encode() }
}

fn say(model: &mut dyn Hear, wire: &[u8]) -> Vec<Answer> {
    let replies = wire.iter().filter_map(|&byte| model.hear_byte(byte));
    replies.map(|(command, sequence, payload)| answer(command, sequence, payload)).collect()
}

#[test]
fn the_example_frames_are_the_specifications_and_the_boards() {
    let mut text = String::new();
    for (heading, design, mut model, steps) in sessions() {
        text += &format!("\n### {heading}\n\n```text\n");
        let board = Board::new(design.as_ref()).expect("it verilates").expect("on offer");
        let mut line = Line::new(board);
        for (i, step) in steps.iter().enumerate() {
            text += &format!("{}{}\n", if i > 0 { "\n" } else { "" }, step.title);
            if let Some(frame) = &step.frame {
                text += &hex(">", frame);
            }
            text += &hex(">>", &step.wire);
            let answers = say(model.as_mut(), &step.wire);
            for answer in &answers {
                text += &hex("<", &answer.bytes);
                text += &hex("<<", &answer.wire);
            }
            let expected: Vec<Vec<u8>> = answers.into_iter().map(|answer| answer.wire).collect();
            let heard = line.say(&step.wire, expected.len());
            let heard: Vec<Vec<u8>> = heard.iter().map(Frame::encode).collect();
            assert_eq!(heard, expected, "{heading}: {}", step.title);
        }
        text += "```\n";
    }
    text += "\n";
    let page = page();
    let (before, rest) = page.split_once(BEGIN).expect("where the examples begin");
    let (examples, after) = rest.split_once(END).expect("where the examples end");
    if std::env::var_os("FIXLEARN_RENEW").is_some() {
        let renewed = [before, BEGIN, &text, END, after].concat();
        std::fs::write(path(), renewed).expect("written");
        return;
    }
    assert_eq!(examples, text, "FIXLEARN_RENEW=1 writes them anew");
}

#[test]
fn the_pages_numbers_are_the_codes() {
    let page = page();
    let rows = [
        (command::IDENTIFY, "IDENTIFY"),
        (command::WRITE, "WRITE"),
        (command::LEARN, "LEARN"),
        (command::RECALL, "RECALL"),
        (command::READ, "READ"),
        (command::RESET, "RESET"),
        (command::NAK, "NAK"),
        (cause::FRAMING, "FRAMING"),
        (cause::ENCODING, "ENCODING"),
        (cause::LENGTH, "LENGTH"),
        (cause::CRC, "CRC"),
        (cause::OVERRUN, "OVERRUN"),
        (cause::VERSION, "VERSION"),
        (cause::GAP, "GAP"),
        (cause::CLOSED, "CLOSED"),
        (error::NONE, "NONE"),
        (error::COMMAND, "COMMAND"),
        (error::LENGTH, "LENGTH"),
        (error::RANGE, "RANGE"),
    ];
    for (number, name) in rows {
        let row = format!("\n| {number} | {name} |");
        assert!(page.contains(&row), "the page has no row{row}");
    }
    assert!(page.contains(&format!("device, version {VERSION}.")));
    let check = crc24(b"123456789").map(|byte| format!("{byte:02x}")).concat();
    assert!(page.contains(&format!("`0x{check}`")));
}

/// Damaged frames that come while the device is at work are refused together, by the last one's
/// cause; after a command in sequence that came behind them, not at all.
#[test]
fn damaged_frames_are_refused_together_or_not_at_all() {
    let kind = design::find("vq").expect("a core");
    let design = kind.parse("16x4x1+residues", Target::SIMULATED).expect("a size");
    let board = Board::new(design.as_ref()).expect("it verilates").expect("on offer");
    let mut line = Line::new(board);
    line.say(&step("", command::IDENTIFY, 0, &[1]).wire, 1);
    let long = |sequence| step("", command::LEARN, sequence, &[7; 248]).wire;
    let bad = damaged("", command::RESET, 1, |wire| wire[1] ^= 0x40).wire.repeat(4);
    let short = damaged("", command::RESET, 1, |wire| {
        wire.remove(wire.len() - 2);
    });
    let refused = [&long(0)[..], &bad, &short.wire].concat();
    let said: Vec<(u8, u8, Vec<u8>)> = line
        .say(&refused, 2)
        .into_iter()
        .map(|frame| (frame.command & 15, frame.sequence, frame.payload))
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!((said[0].0, said[0].1), (command::LEARN, 0));
    assert_eq!(said[1], (command::NAK, 0, vec![1, cause::ENCODING]));
    let behind = step("", command::RESET, 2, &[]).wire;
    let passed = [&long(1)[..], &bad, &behind].concat();
    let said: Vec<u8> = line.say(&passed, 2).iter().map(|frame| frame.command & 15).collect();
    assert_eq!(said, [command::LEARN, command::RESET]);
}

/// A board whose link is open, and what it takes from a frame's end to its reply's.
struct Watch(Board);

impl Watch {
    fn new(core: &str, size: &str) -> Self {
        let design = design::find(core).expect("a core").parse(size, Target::SIMULATED);
        let board = Board::new(design.expect("a size").as_ref());
        let mut watch = Self(board.expect("it verilates").expect("on offer"));
        watch.clocks(command::IDENTIFY, 0, &[1]);
        watch
    }

    fn clocks(&mut self, command: u8, sequence: u8, payload: &[u8]) -> u64 {
        self.0.send(&step("", command, sequence, payload).wire);
        while self.0.unsent() > 0 {
            self.0.advance(64);
        }
        let begun = self.0.cycles();
        while !self.0.received().contains(&0) {
            self.0.advance(64);
            assert!(self.0.cycles() - begun < 10_000_000, "no answer");
        }
        self.0.cycles() - begun
    }
}

/// 257 bytes on the line, 4 clocks a bit, and 8,000 clocks; beside them the core's time.
#[test]
fn no_command_takes_longer_than_the_page_says() {
    use command::{IDENTIFY, LEARN, READ, RECALL, RESET, WRITE};
    let own = 257 * 10 * 4 + 8_000;
    let mut quantizer = Watch::new("vq", "16x4x1+residues");
    let one = words(memory::REGISTERS, vq::DIMENSION, &[1]);
    let counts = words(vq::memory::COUNTS, 0, &[1; 61]);
    // A beat each; every codeword moves.
    let learning = 16 + 1 + 12 + 16 + 8;
    let radius = words(memory::REGISTERS, vq::RADIUS, &[255]);
    for (sequence, (command, payload, core)) in (0..).zip([
        (WRITE, &one[..], 0),
        (WRITE, &radius, 0),
        (WRITE, &counts, 0),
        (IDENTIFY, &[][..], 0),
        (READ, &[vq::memory::COUNTS, 0, 0, 0, 61], 0),
        (RECALL, &[9; 62], 62 * 30),
        (LEARN, &[9; 249], 249 * learning),
        (RESET, &[], 256),
    ]) {
        let sequence = if sequence > 3 { sequence - 1 } else { sequence };
        let found = quantizer.clocks(command, sequence, payload);
        assert!(found <= own + core, "command {command}: {found}");
    }
    let mut optimizer = Watch::new("gradient", "all");
    let iterate = words(memory::REGISTERS, gradient::ITERATE, &[2_000]);
    let found = optimizer.clocks(WRITE, 0, &iterate);
    assert!((2_000..=own + 2_000 * (10 * 2 + 120)).contains(&found), "{found}");
}
