//! Random sessions with a simulated board, at its UART's pins, against the golden model of the
//! link, for any core.

use crate::fuzz::Luck;
use fixlearn::link::frame::{Frame, Splitter};
use fixlearn_hdl::design::Design;
use fixlearn_map::link::{command, memory, PAYLOAD_MAX};
use fixlearn_map::{packed, samples, Access, Built};
use fixlearn_sim::board::Board;
use fixlearn_sim::golden::link::{crc24, Device, Reply};
use fixlearn_sim::golden::Core;
use proptest::collection::vec;
use proptest::prelude::*;

/// The column of the sample memory's register that starts work.
const LEARN: usize = samples::column::LEARN as usize;

/// What a host does next.
#[derive(Clone, Debug)]
pub enum Action {
    /// Frames sent in one go, as many as there are slots at most.
    Frames(Vec<Draft>),
    /// A frame with faults in its bytes, drawn from this seed.
    Damaged(Draft, u64),
    /// Bytes, and a delimiter.
    Noise(Vec<u8>),
    /// These and their CRC, as a frame is coded, whatever they are.
    Coded(Vec<u8>),
}

/// A frame before it is known where the device is.
#[derive(Clone, Debug)]
pub struct Draft {
    pub first: u8,
    /// From the sequence number that the device expects.
    pub off: i8,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    Bytes(Vec<u8>),
    /// Vectors of the dimension in use, and bytes too many.
    Vectors(u8, u8, u64),
    /// Memory, row, column, and words.
    Words(u8, u16, u8, Vec<u32>),
    /// Memory, row, column, count.
    Read(u8, u16, u8, u8),
}

impl Draft {
    /// The bytes on the wire; `alone` if no other frame is on its way.
    fn wire<C: Core>(&self, device: &Device<C>, alone: bool) -> Vec<u8> {
        let mut payload = match &self.body {
            Body::Bytes(bytes) => bytes.clone(),
            &Body::Vectors(count, more, seed) => {
                let size = device.core.vector_bytes();
                let size = device.packing.map_or(size, |packing| packing.packed(size));
                let length = usize::from(count) * size;
                let mut luck = Luck::new(seed);
                (0..length + usize::from(more)).map(|_| luck.below(256) as u8).collect()
            }
            &Body::Words(memory, row, column, ref words) => {
                // What starts work starts so little that the answer comes soon.
                let starts = |i: usize| {
                    let column = usize::from(column) + i;
                    let here = C::Built::CORE.registers.get(column);
                    memory == memory::REGISTERS && here.is_some_and(|r| r.access == Access::Start)
                        || memory == samples::memory::ORDER && column == LEARN
                };
                let words = words.iter().enumerate();
                let words = words.map(|(i, word)| if starts(i) { word % 64 } else { *word });
                let [high, low] = row.to_be_bytes();
                let place = [memory, high, low, column];
                place.into_iter().chain(words.flat_map(u32::to_be_bytes)).collect()
            }
            &Body::Read(memory, row, column, count) => {
                let [high, low] = row.to_be_bytes();
                vec![memory, high, low, column, count]
            }
        };
        payload.truncate(PAYLOAD_MAX);
        // The counter of frames counts those that wait, too.
        let counters = self.first == command::READ && payload.first() == Some(&memory::LINK);
        if counters && !alone {
            payload[0] = memory::REGISTERS;
        }
        let sequence = device.expected.wrapping_add(self.off as u8);
        Frame { command: self.first, sequence, payload }.encode()
    }
}

/// Sessions.
pub fn sessions() -> impl Strategy<Value = Vec<Action>> {
    let draft = || (draft(), off()).prop_map(|(draft, off)| Draft { off, ..draft });
    let action = prop_oneof![
        6 => vec(draft(), 1).prop_map(Action::Frames),
        2 => vec(draft(), 2..=8).prop_map(Action::Frames),
        2 => (draft(), 1..=u64::MAX).prop_map(|(draft, seed)| Action::Damaged(draft, seed)),
        1 => vec(any::<u8>(), 0..300).prop_map(Action::Noise),
        1 => prop_oneof![vec(any::<u8>(), 0..4), vec(any::<u8>(), 248..258)]
            .prop_map(Action::Coded),
    ];
    let open = Draft { first: command::IDENTIFY, off: 0, body: Body::Bytes(vec![1]) };
    // Most sessions begin by opening the link.
    (prop::bool::weighted(0.9), vec(action, 1..25)).prop_map(move |(opens, mut actions)| {
        if opens {
            actions.insert(0, Action::Frames(vec![open.clone()]));
        }
        actions
    })
}

/// Where the sequence number goes: as it should, repeated, ahead, anywhere.
fn off() -> impl Strategy<Value = i8> {
    prop_oneof![8 => Just(0_i8), 1 => -3_i8..0, 1 => 1_i8..4, 1 => any::<i8>()]
}

fn draft() -> impl Strategy<Value = Draft> {
    let place = (
        prop_oneof![
            8 => 0_u8..8,
            2 => packed::memory::DOOR..=samples::memory::ORDER,
            1 => Just(memory::LINK),
            1 => any::<u8>()
        ],
        prop_oneof![8 => Just(0_u16), 8 => 0_u16..17, 1 => 0_u16..256, 1 => any::<u16>()],
        prop_oneof![6 => 0_u8..20, 1 => any::<u8>()],
    );
    let near = (0_u32..32, 0_u32..3).prop_map(|(bit, off)| (1_u32 << bit).wrapping_add(off) - 1);
    let word = prop_oneof![3 => near, 4 => 0_u32..20, 1 => any::<u32>()];
    let words = (place.clone(), vec(word, 0..6))
        .prop_map(|((memory, row, column), words)| Body::Words(memory, row, column, words));
    let read = (place, prop_oneof![5 => 1_u8..20, 1 => any::<u8>()])
        .prop_map(|((memory, row, column), count)| Body::Read(memory, row, column, count));
    let vectors = (
        prop_oneof![4 => 1_u8..8, 1 => 0_u8..70],
        prop_oneof![6 => Just(0_u8), 1 => any::<u8>()],
        1..=u64::MAX,
    )
        .prop_map(|(count, more, seed)| Body::Vectors(count, more, seed));
    let bytes = vec(any::<u8>(), 0..12).prop_map(Body::Bytes);
    prop_oneof![
        3 => (Just(command::LEARN), vectors.clone()),
        2 => (Just(command::RECALL), vectors.clone()),
        3 => (Just(command::WRITE), words.clone()),
        2 => (Just(command::WRITE), words.clone().prop_map(|body| match body {
            Body::Words(_, _, column, words) => Body::Words(memory::REGISTERS, 0, column, words),
            other => other,
        })),
        3 => (Just(command::READ), read.clone()),
        1 => (
            Just(command::IDENTIFY),
            prop_oneof![Just(vec![]), Just(vec![1])].prop_map(Body::Bytes),
        ),
        1 => (Just(command::RESET), Just(Body::Bytes(vec![]))),
        // Any command, with its body or another's; a reply.
        2 => (
            prop_oneof![6 => 0_u8..16, 1 => 128_u8..144],
            prop_oneof![vectors, words, read, bytes],
        ),
    ]
    .prop_map(|(first, body)| Draft { first, off: 0, body })
}

/// The golden model of such a board, after power-up.
pub fn golden<C: Core>(design: &dyn Design) -> Device<C> {
    let identity = design.identity();
    let built = identity.built::<C::Built>().expect("its own core");
    Device::power_up(&identity.to_bytes(), built)
}

/// Runs the session on a board of this design that was just powered up; the first answer that is
/// not the golden model's. `heard` is told of every answer.
pub fn differs<C: Core>(
    design: &dyn Design,
    board: Board,
    session: &[Action],
    mut heard: impl FnMut(&Reply),
) -> Result<(), String> {
    let mut device = golden::<C>(design);
    let mut line = Line::new(board);
    for (i, action) in session.iter().enumerate() {
        let pieces: Vec<Vec<u8>> = match action {
            Action::Frames(drafts) => {
                let mut after = device.clone();
                let mut bytes = Vec::new();
                for draft in drafts {
                    let wire = draft.wire(&after, drafts.len() == 1);
                    wire.iter().for_each(|&byte| drop(after.hear(byte)));
                    bytes.extend(wire);
                }
                vec![bytes]
            }
            // What may be more than one frame is sent frame by frame: how many answers damaged
            // frames get depends on when the device looks.
            Action::Damaged(draft, seed) => {
                let damaged = Luck::new(*seed).spoil(&draft.wire(&device, true));
                damaged.split_inclusive(|&byte| byte == 0).map(<[u8]>::to_vec).collect()
            }
            Action::Coded(bytes) => {
                let mut wire = cobs::encode_vec(&[&bytes[..], &crc24(bytes)].concat());
                wire.push(0);
                vec![wire]
            }
            Action::Noise(bytes) => {
                let mut bytes = bytes.clone();
                bytes.push(0);
                bytes.split_inclusive(|&byte| byte == 0).map(<[u8]>::to_vec).collect()
            }
        };
        for bytes in pieces {
            let replies =
                line.ask(&mut device, &bytes).map_err(|why| format!("action {i}: {why}"))?;
            replies.iter().for_each(&mut heard);
        }
    }
    Ok(())
}

/// Is this the reply?
fn answers(found: &Frame, expected: &Reply) -> bool {
    found.command == expected.command
        && found.sequence == expected.sequence
        && found.payload.len() == expected.payload.len()
        && found.payload.iter().zip(&expected.payload).all(|(f, e)| e.is_none_or(|e| *f == e))
}

/// The line to a board.
pub struct Line {
    board: Board,
    splitter: Splitter,
    replies: Vec<Frame>,
}

impl Line {
    pub fn new(board: Board) -> Self {
        Self { board, splitter: Splitter::default(), replies: Vec::new() }
    }

    /// Says it to the board and to the golden model; the replies, unless they differ.
    pub fn ask<C: Core>(
        &mut self,
        device: &mut Device<C>,
        bytes: &[u8],
    ) -> Result<Vec<Reply>, String> {
        let expected: Vec<Reply> = bytes.iter().filter_map(|&byte| device.hear(byte)).collect();
        let found = self.say(bytes, expected.len());
        let same = found.len() == expected.len()
            && found.iter().zip(&expected).all(|(f, e)| answers(f, e));
        same.then_some(()).ok_or_else(|| {
            format!("said {bytes:02x?}\nheard {found:02x?}\nexpected {expected:02x?}")
        })?;
        Ok(expected)
    }

    /// Says it; what is answered once so many replies are there and a little time has gone by, or
    /// long after the last.
    pub fn say(&mut self, bytes: &[u8], replies: usize) -> Vec<Frame> {
        self.board.send(bytes);
        let mut still = 0;
        while self.board.unsent() > 0 || still < if self.replies.len() < replies { 1000 } else { 4 }
        {
            self.board.advance(1024);
            let heard = self.board.received();
            still = if heard.is_empty() { still + 1 } else { 0 };
            self.replies.extend(self.splitter.push(&heard));
        }
        std::mem::take(&mut self.replies)
    }
}
