//! The link as a host sees it, frame by frame, on the whole design at the UART's pins.

use fixlearn::link::frame::{Frame, Splitter};
use fixlearn_hdl::design::{Design, VqDesign};
use fixlearn_map::link::{cause, column, command, counter, error, Identity, IDENTITY_BYTES, REPLY};
use fixlearn_map::vq::{self as register, memory};
use fixlearn_sim::board::Board;
use fixlearn_sim::golden::cores::vq::{Config, Vq};
use fixlearn_tests::cores::vq::{design, open_vq};

const D: usize = 4;
const LINK: u8 = fixlearn_map::link::memory::LINK;

struct Wire {
    board: Board,
    splitter: Splitter,
}

impl Wire {
    fn new(design: &VqDesign) -> Self {
        let board = Board::new(design).expect("the board verilates").expect("the size is on offer");
        Self::open(board)
    }

    fn open(board: Board) -> Self {
        let mut wire = Self { board, splitter: Splitter::default() };
        wire.command(command::IDENTIFY, 0, &[1]);
        wire
    }

    fn small() -> Self {
        Self::new(&design(16, 4, 1))
    }

    /// Sends the bytes and gives every reply until the line has been still for 20 thousand clocks.
    fn raw(&mut self, bytes: &[u8]) -> Vec<Frame> {
        self.board.send(bytes);
        let mut frames = Vec::new();
        let mut still = 0;
        while still < 20 || self.board.unsent() > 0 {
            self.board.advance(1024);
            let heard = self.board.received();
            still = if heard.is_empty() { still + 1 } else { 0 };
            frames.extend(self.splitter.push(&heard));
        }
        frames
    }

    fn command(&mut self, command: u8, sequence: u8, payload: &[u8]) -> Frame {
        let frame = Frame { command, sequence, payload: payload.to_vec() };
        let mut replies = self.raw(&frame.encode());
        assert_eq!(replies.len(), 1, "{replies:?}");
        replies.remove(0)
    }

    fn read(&mut self, sequence: u8, memory: u8, column: u8, count: u8) -> Vec<u32> {
        let reply = self.command(command::READ, sequence, &[memory, 0, 0, column, count]);
        assert_eq!(reply.command, command::READ | 0x80);
        reply.payload[1..].chunks(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect()
    }
}

/// The error of an acknowledgement.
fn error_of(reply: &Frame) -> u8 {
    reply.payload[2]
}

fn vectors_of(reply: &Frame) -> u32 {
    u32::from_be_bytes([reply.payload[3], reply.payload[4], reply.payload[5], reply.payload[6]])
}

/// Vectors of the built dimension.
fn learn(sequence: u8, vectors: usize) -> Frame {
    let payload = (0..vectors * D).map(|i| (i * 31) as u8).collect();
    Frame { command: command::LEARN, sequence, payload }
}

#[test]
fn identity_is_the_design() {
    let design = design(16, 4, 1);
    let mut wire = Wire::new(&design);
    let reply = wire.command(command::IDENTIFY, 77, &[]);
    assert_eq!((reply.command, reply.sequence), (command::IDENTIFY | 0x80, 77));
    assert_eq!(reply.payload[0], 0, "the expected sequence number");
    assert_eq!(Identity::from_bytes(&reply.payload[1..]), Some(design.identity()));
}

#[test]
fn a_damaged_frame_changes_nothing_and_is_refused() {
    let mut wire = Wire::small();
    let good = learn(0, 3).encode();
    let before = wire.read(0, memory::CODEBOOK, 0, 61);
    for at in 0..good.len() - 1 {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        if bad[at] == 0 {
            continue;
        }
        let mut frame = learn(1, 3).encode();
        frame[at] ^= 0x10;
        let replies = wire.raw(&frame);
        assert_eq!(replies.len(), 1, "byte {at}: {replies:?}");
        assert_eq!(replies[0].command, command::NAK | 0x80, "byte {at}");
        assert_eq!(replies[0].payload[0], 1, "it names the expected number");
        assert!([cause::CRC, cause::ENCODING].contains(&replies[0].payload[1]));
    }
    assert_eq!(wire.read(1, memory::CODEBOOK, 0, 61), before);
    assert_eq!(wire.read(2, memory::REGISTERS, register::VECTORS, 1), [0]);
}

#[test]
fn a_repeated_frame_is_answered_and_not_applied_again() {
    let mut wire = Wire::small();
    let first = wire.command(command::LEARN, 0, &learn(0, 5).payload);
    let again = wire.command(command::LEARN, 0, &learn(0, 5).payload);
    assert_eq!((vectors_of(&first), vectors_of(&again)), (5, 5));
    assert_eq!((first.payload[0], again.payload[0]), (1, 1));
    assert_eq!(wire.read(1, LINK, counter::DUPLICATES, 1), [1]);
}

#[test]
fn a_gap_is_refused_once_and_names_what_is_expected() {
    let mut wire = Wire::small();
    let mut bytes = Vec::new();
    for sequence in [3, 4, 5] {
        bytes.extend(learn(sequence, 1).encode());
    }
    let replies = wire.raw(&bytes);
    assert_eq!(replies.len(), 1);
    assert_eq!(replies[0].command, command::NAK | 0x80);
    assert_eq!(replies[0].payload, [0, cause::GAP]);
    assert_eq!(vectors_of(&wire.command(command::LEARN, 0, &learn(0, 1).payload)), 1);
    assert_eq!(wire.read(1, LINK, counter::GAPS, 1), [3]);
}

#[test]
fn sequence_numbers_wrap() {
    let mut wire = Wire::small();
    for i in 0..300_u32 {
        let reply = wire.command(command::LEARN, i as u8, &learn(0, 1).payload);
        assert_eq!(vectors_of(&reply), i + 1);
    }
}

#[test]
fn garbage_then_a_delimiter_then_a_good_frame() {
    let mut wire = Wire::small();
    let garbage: Vec<u8> = (0..2000_u32).map(|i| (i * i % 255 + 1) as u8).collect();
    wire.raw(&garbage);
    let replies = wire.raw(&[0]);
    assert_eq!(replies.len(), 1);
    assert_eq!(replies[0].payload[1], cause::LENGTH);
    assert_eq!(error_of(&wire.command(command::LEARN, 0, &learn(0, 1).payload)), error::NONE);
}

#[test]
fn what_makes_no_sense_is_an_error_and_does_nothing() {
    let mut wire = Wire::small();
    let cases: [(u8, &[u8], u8); 13] = [
        (0x0e, &[], error::COMMAND),
        (command::LEARN, &[], error::LENGTH),
        (command::LEARN, &[1, 2, 3], error::LENGTH),
        (command::RECALL, &[1; 7], error::LENGTH),
        (command::READ, &[1, 0, 0, 0, 0], error::LENGTH),
        (command::READ, &[1, 0, 0, 0, 62], error::LENGTH),
        (command::READ, &[1, 0, 0, 1], error::LENGTH),
        (command::WRITE, &[1, 0, 0, 0, 1, 2, 3], error::LENGTH),
        (command::WRITE, &[1, 0, 16, 0, 0, 0, 0, 1], error::RANGE),
        (command::WRITE, &[1, 1, 0, 0, 0, 0, 0, 1], error::RANGE),
        (command::WRITE, &[3, 0, 0, 0, 0, 0, 0, 1], error::RANGE),
        (command::WRITE, &[LINK, 0, 0, 0, 0, 0, 0, 1], error::RANGE),
        (command::WRITE, &[0, 0, 0, register::CODEWORDS, 0, 0, 0, 17], error::RANGE),
    ];
    for (i, (command, payload, expected)) in cases.into_iter().enumerate() {
        let sequence = 2 * i as u8;
        wire.command(command::IDENTIFY, 0, &[1]);
        let reply = wire.command(command, sequence, payload);
        assert_eq!(error_of(&reply), expected, "case {i}");
        assert_eq!(wire.read(sequence + 1, memory::REGISTERS, register::CODEWORDS, 1), [16]);
    }
}

#[test]
fn reset_is_power_up() {
    let mut wire = Wire::small();
    wire.command(command::WRITE, 0, &[0, 0, 0, register::CODEWORDS, 0, 0, 0, 9]);
    wire.command(command::LEARN, 1, &learn(0, 20).payload);
    wire.command(command::RESET, 2, &[]);
    let mut fresh = Wire::small();
    for (memory, count) in [(memory::REGISTERS, 18), (memory::CODEBOOK, 61), (memory::COUNTS, 16)] {
        let mut after = Vec::new();
        for (wire, sequence) in [(&mut wire, 3 + memory), (&mut fresh, memory)] {
            after.push(wire.read(sequence, memory, 0, count));
        }
        assert_eq!(after[0], after[1], "memory {memory}");
    }
}

#[test]
fn recall_is_the_golden_models() {
    let mut wire = Wire::small();
    let mut golden = Vq::new(Config::power_up(16, D), 1);
    let frame = learn(0, 40);
    for sample in frame.payload.chunks(D) {
        golden.adapt(sample);
    }
    wire.command(command::LEARN, 0, &frame.payload);
    let reply = wire.command(command::RECALL, 1, &frame.payload);
    for (sample, b) in frame.payload.chunks(D).zip(reply.payload[1..].chunks(4)) {
        let expected = golden.nearest(sample);
        assert_eq!(usize::from(b[0]), expected.index);
        assert_eq!(u32::from_be_bytes([0, b[1], b[2], b[3]]), expected.distance);
    }
}

#[test]
fn every_baud_from_115200_to_3m() {
    for baud in [115_200, 230_400, 921_600, 1_000_000, 2_000_000, 3_000_000] {
        let mut wire = Wire::new(&VqDesign { baud, ..design(16, 4, 1) });
        wire.board.send(&learn(0, 8).encode());
        let mut frames = Vec::new();
        for _ in 0..100 {
            wire.board.advance(1024);
            let heard = wire.board.received();
            frames.extend(wire.splitter.push(&heard));
        }
        assert_eq!(frames.len(), 1, "{baud} baud");
        assert_eq!(vectors_of(&frames[0]), 8, "{baud} baud");
    }
}

/// The line stays low for longer than a byte: one framing error, one refusal, then all is well.
#[test]
fn a_break_is_a_framing_error() {
    let mut wire = Wire::small();
    let frame = learn(0, 4).encode();
    wire.board.send(&frame[..6]);
    wire.board.advance(1024);
    wire.board.hold_low(400);
    let replies = wire.raw(&frame);
    assert_eq!(replies.len(), 1, "{replies:?}");
    assert_eq!(replies[0].payload, [0, cause::FRAMING]);
    assert_eq!(vectors_of(&wire.command(command::LEARN, 0, &learn(0, 4).payload)), 4);
    assert_eq!(wire.read(1, LINK, counter::FRAMING, 1), [1]);
}

#[test]
fn waves_show_the_uart_and_the_core() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("board.vcd");
    let board = Board::traced(&design(16, 4, 1), &path).expect("it verilates").expect("on offer");
    let mut wire = Wire::open(board);
    assert_eq!(vectors_of(&wire.command(command::LEARN, 0, &learn(0, 1).payload)), 1);
    drop(wire);
    let text = std::fs::read_to_string(path).expect("waves");
    for name in [" rx ", "codeword", "best_score"] {
        assert!(text.contains(name), "no {name}");
    }
    assert!(text.lines().filter(|l| l.starts_with('#')).count() > 10_000, "every clock is there");
}

/// Nothing but IDENTIFY is carried out between power-up and opening; a power cycle closes again.
#[test]
fn a_device_that_was_not_opened_does_nothing() {
    let mut wire = Wire::small();
    let epoch = [LINK, 0, 0, column::EPOCH, 1, 2, 3, 4];
    wire.command(command::WRITE, 0, &epoch);
    let epoch_of = |reply: &Frame| reply.payload[reply.payload.len() - 4..].to_vec();
    assert_eq!(epoch_of(&wire.command(command::IDENTIFY, 9, &[])), [1, 2, 3, 4]);
    wire.board.power_cycle();
    // The number that it expects, a duplicate, a gap.
    for sequence in [0, 250, 1] {
        let reply = wire.command(command::LEARN, sequence, &learn(0, 1).payload);
        assert_eq!(
            (reply.command, &reply.payload[..]),
            (command::NAK | 0x80, &[0, cause::CLOSED][..])
        );
    }
    // A question without a payload does not open it.
    assert_eq!(epoch_of(&wire.command(command::IDENTIFY, 9, &[])), [0; 4]);
    let reply = wire.command(command::LEARN, 0, &learn(0, 1).payload);
    assert_eq!(reply.payload, [0, cause::CLOSED]);
    wire.command(command::IDENTIFY, 9, &[1]);
    assert_eq!(vectors_of(&wire.command(command::LEARN, 0, &learn(0, 1).payload)), 1);
}

/// A question does not hide an error that the host has not heard of yet; opening clears it.
#[test]
fn errors_last_until_the_link_is_opened_anew() {
    let mut wire = Wire::small();
    wire.command(command::LEARN, 0, &[1]);
    let error_in = |reply: &Frame| reply.payload[1 + IDENTITY_BYTES + 1];
    assert_eq!(error_in(&wire.command(command::IDENTIFY, 1, &[])), error::LENGTH);
    assert_eq!(error_of(&wire.command(command::LEARN, 1, &learn(0, 1).payload)), error::LENGTH);
    assert_eq!(error_in(&wire.command(command::IDENTIFY, 2, &[1])), error::NONE);
    assert_eq!(error_of(&wire.command(command::LEARN, 2, &learn(0, 1).payload)), error::NONE);
}

/// Several frames in flight keep the line to the board busy at 3 Mbaud.
#[test]
fn streaming_fills_the_line() {
    let mut device = open_vq(&design(64, 16, 8), "");
    device.load(&Vq::new(Config::power_up(64, 16), 8)).expect("it loads");
    let (begun, before) = (device.client.now(), device.client.statistics.bytes);
    device.learn(vec![123; 16 * 3000]).expect("it learns");
    device.finish().expect("it answers");
    let seconds = (device.client.now() - begun).as_secs_f64();
    let share = 10.0 * (device.client.statistics.bytes - before) as f64 / 3e6 / seconds;
    println!("line busy {:.1} % of {seconds:.4} s", 100.0 * share);
    assert!(share >= 0.95, "the line is busy {share:.3} of the time");
    assert_eq!(device.client.statistics.resent, 0);
}

/// What echoes is not answered: two devices, or a terminal, would answer each other for ever.
#[test]
fn a_frame_with_the_reply_bit_is_dropped_without_an_answer() {
    let mut wire = Wire::small();
    let Frame { command, sequence, payload } = learn(0, 2);
    let echo = Frame { command: command | REPLY, sequence, payload }.encode();
    assert_eq!(wire.raw(&echo), []);
    assert_eq!(vectors_of(&wire.command(command::LEARN, 0, &learn(0, 1).payload)), 1);
    assert_eq!(wire.read(1, LINK, counter::GAPS, 1), [0]);
}
