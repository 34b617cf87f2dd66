//! The wire protocol: what hdl, the simulated board and the host agree on.
//!
#![doc = include_str!("../../../host/docs/protocol.md")]

use crate::samples::Samples;

/// Version of this protocol, in the first byte of every frame: 0 to 7.
pub const VERSION: u8 = 3;
/// Marks a reply, in a frame's first byte.
pub const REPLY: u8 = 0x80;
/// Longest frame before COBS, in bytes.
pub const FRAME_MAX: usize = 254;
/// Bytes of a frame that are not payload: version and command, sequence number, CRC.
pub const FRAME_OVERHEAD: usize = 5;
/// Longest payload of a command.
pub const PAYLOAD_MAX: usize = FRAME_MAX - FRAME_OVERHEAD;
/// Most bytes of answers to one RECALL.
pub const ANSWERS_MAX: usize = 248;
/// Most words in one READ.
pub const READ_MAX: usize = 61;
/// Frames that the device can hold: the most that a host may have in flight.
pub const SLOTS: usize = 8;
/// Length of the identity.
pub const IDENTITY_BYTES: usize = 6 + PARAMETERS + 10;
/// Length of an acknowledgement.
pub const ACKNOWLEDGEMENT_BYTES: usize = 14;
/// "FXLN", the first bytes of the identity.
pub const MAGIC: [u8; 4] = *b"FXLN";
/// Bytes of the identity that the core's own type reads.
pub const PARAMETERS: usize = 16;
/// The one among them that says what the sample memory holds, and the one that says whether
/// packed vectors are unpacked.
const SAMPLES: usize = PARAMETERS - 1;
const UNPACKS: usize = PARAMETERS - 2;

numbers! { $ link_numbers;
    /// Command codes, 0 to 15.
    command {
        /// Who is there? Opens the link, if it has a payload.
        IDENTIFY = 1;
        /// Writes words.
        WRITE = 3;
        /// Learns vectors.
        LEARN = 4;
        /// Answers vectors.
        RECALL = 5;
        /// Reads words.
        READ = 6;
        /// Resets the core.
        RESET = 7;
        /// In a reply: a frame was not accepted.
        NAK = 15;
    }
    /// The memories that every device has.
    memory {
        /// The core's registers.
        REGISTERS = 0;
        /// The link's own words.
        LINK = 255;
    }
    /// Columns of the link's memory behind the counters.
    column {
        /// The first of the acknowledgement's three words.
        ACKNOWLEDGEMENT = 8;
        /// The host's own number for this run, 0 after power-up or reset.
        EPOCH = 11;
    }
}

/// Why a frame was not accepted: the payload of a negative acknowledgement.
pub mod cause {
    /// A UART stop bit was missing.
    pub const FRAMING: u8 = 1;
    /// COBS did not come out even, or the frame was too short.
    pub const ENCODING: u8 = 2;
    /// Longer than [`FRAME_MAX`](super::FRAME_MAX).
    pub const LENGTH: u8 = 3;
    /// The CRC is wrong.
    pub const CRC: u8 = 4;
    /// No slot was free.
    pub const OVERRUN: u8 = 5;
    /// Of another version of the protocol.
    pub const VERSION: u8 = 6;
    /// Not the expected sequence number.
    pub const GAP: u8 = 7;
    /// Not opened since power-up: the device has lost its state.
    pub const CLOSED: u8 = 8;
}

/// Why an accepted command did nothing.
pub mod error {
    /// None yet.
    pub const NONE: u8 = 0;
    /// No such command.
    pub const COMMAND: u8 = 1;
    /// The payload's length does not fit the command.
    pub const LENGTH: u8 = 2;
    /// An address or a value outside its range.
    pub const RANGE: u8 = 3;
}

/// Counters of the link, 16 bits, saturating: the first columns of its memory.
pub mod counter {
    /// Frames without damage.
    pub const FRAMES: u8 = 0;
    /// Discarded: a stop bit was missing.
    pub const FRAMING: u8 = 1;
    /// Discarded: not COBS, or too short.
    pub const ENCODING: u8 = 2;
    /// Discarded: too long.
    pub const LENGTH: u8 = 3;
    /// Discarded: wrong CRC.
    pub const CRC: u8 = 4;
    /// Discarded: no slot was free.
    pub const OVERRUN: u8 = 5;
    /// Repeated, and not executed again.
    pub const DUPLICATES: u8 = 6;
    /// Not the expected number.
    pub const GAPS: u8 = 7;
    /// Counters in all.
    pub const COUNT: usize = 8;
}

/// What a device says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The core's number.
    pub core: u8,
    /// Its built sizes, which [`Built`](crate::Built) reads.
    pub parameters: [u8; PARAMETERS],
    /// The most bytes that an answer has.
    pub answer: u8,
    /// Frames that it can hold.
    pub slots: u8,
    /// Of the design, in hertz.
    pub clock_hz: u32,
    /// Of the line.
    pub baud: u32,
    /// The sample memory, if it has one.
    pub samples: Option<Samples>,
    /// Whether it unpacks vectors.
    pub unpacks: bool,
}

impl Identity {
    /// Of a core of this build behind the link.
    pub fn of(built: &impl crate::Built, clock_hz: u32, baud: u32) -> Self {
        fn number<B: crate::Built>(_: &B) -> u8 {
            B::CORE.number
        }
        let (core, parameters, answer) = (number(built), built.parameters(), built.answer());
        let (slots, samples, unpacks) = (SLOTS as u8, None, false);
        Self { core, parameters, answer, slots, clock_hz, baud, samples, unpacks }
    }

    /// With this sample memory, or none.
    pub fn with(self, samples: Option<Samples>) -> Self {
        Self { samples, ..self }
    }

    /// The sizes of the core, if it is of this kind.
    pub fn built<B: crate::Built>(&self) -> Option<B> {
        (self.core == B::CORE.number).then(|| B::from_parameters(&self.parameters)).flatten()
    }

    /// The bytes on the wire.
    pub fn to_bytes(self) -> [u8; IDENTITY_BYTES] {
        let mut b = [0; IDENTITY_BYTES];
        let (head, rest) = b.split_at_mut(6);
        head[0..4].copy_from_slice(&MAGIC);
        head[4] = VERSION;
        head[5] = self.core;
        let (parameters, rest) = rest.split_at_mut(PARAMETERS);
        parameters.copy_from_slice(&self.parameters);
        parameters[UNPACKS] = u8::from(self.unpacks);
        parameters[SAMPLES] = self.samples.map_or(0, Samples::to_byte);
        rest[0] = self.answer;
        rest[1] = self.slots;
        rest[2..6].copy_from_slice(&self.clock_hz.to_be_bytes());
        rest[6..10].copy_from_slice(&self.baud.to_be_bytes());
        b
    }

    /// `None` if the bytes are too few or do not start with [`MAGIC`] and [`VERSION`].
    pub fn from_bytes(b: &[u8]) -> Option<Self> {
        let b = b.get(..IDENTITY_BYTES)?;
        let (head, rest) = b.split_at(6);
        if head[0..4] != MAGIC || head[4] != VERSION {
            return None;
        }
        let (parameters, rest) = rest.split_at(PARAMETERS);
        let word = |i: usize| u32::from_be_bytes([rest[i], rest[i + 1], rest[i + 2], rest[i + 3]]);
        let mut sizes: [u8; PARAMETERS] = parameters.try_into().ok()?;
        let samples = Samples::from_byte(std::mem::take(&mut sizes[SAMPLES]));
        let unpacks = std::mem::take(&mut sizes[UNPACKS]) & 1 != 0;
        Some(Self {
            core: head[5],
            parameters: sizes,
            samples,
            unpacks,
            answer: rest[0],
            slots: rest[1],
            clock_hz: word(2),
            baud: word(6),
        })
    }
}
