//! The wire protocol: what hdl, the simulated board and the host agree on.
//!
//! # Frames
//! A frame is COBS-encoded and ends with `0x00`; its decoded length is 5 to 254 bytes:
//!
//! | bytes | field |
//! |---|---|
//! | 1 | bit 7 set in a reply; bits 6..4 [`VERSION`]; bits 3..0 [`command`] |
//! | 1 | sequence number |
//! | n | payload |
//! | 3 | CRC-24/INTERLAKEN of all before it, high byte first |
//!
//! All integers are big-endian. The line is 8N1.
//!
//! # Sequence
//! Except IDENTIFY, which any sequence number opens, a command is executed when its sequence
//! number is the expected one, which then grows by one modulo 256. Up to 127 behind it is a
//! duplicate: RECALL and READ, which change nothing, are answered anew; any other is answered by
//! an acknowledgement and not executed again. Anything else is a gap: it is dropped, and the
//! first of a run is answered by a negative acknowledgement that names the expected number, as is
//! every damaged frame. A host that has sent IDENTIFY goes on with the number that it names.
//! Between RECALL or READ and a command that changes state, wait for the reply.
//!
//! # Power-up and epoch
//! From power-up until an IDENTIFY with a payload opens the link, every other command is refused
//! with the cause CLOSED, so that a device which was reset behind the host's back executes nothing
//! of a run that it has forgotten. The host writes its own number to the register RUN when the
//! state that it has loaded is complete: the epoch. IDENTIFY names it; 0 is a device that lost its
//! state, another number one that someone else has used.
//!
//! # In flight
//! The device holds [`SLOTS`] frames, the one being executed among them, and drops what comes on
//! top (cause OVERRUN). Replies come in the order of frames, so that the reply to a frame says
//! that all before it have left their slots. After a negative acknowledgement, send everything
//! from the expected number on again, unchanged: copies sent earlier may still be executed.
//! Frames may be cut anew only after an IDENTIFY sent behind the last copy is answered, since
//! that answer says what was executed. It carries the sequence number of the question.
//!
//! # Commands
//! | command | payload | reply payload after the expected sequence number (1 byte) |
//! |---|---|---|
//! | IDENTIFY 1 | -, or 1 byte: open | [`Identity`], [`IDENTITY_BYTES`] bytes, acknowledgement, epoch (4) |
//! | CONFIGURE 2 | space 2, row 0, first register, words | acknowledgement |
//! | WRITE 3 | space, row, column, words | acknowledgement |
//! | LEARN 4 | vectors of D bytes | acknowledgement |
//! | RECALL 5 | at most [`RECALL_MAX`] vectors of D bytes | for each: index (1), distance (3) |
//! | READ 6 | space, row, column, count (1 to [`READ_MAX`]) | words |
//! | RESET 7 | - | acknowledgement |
//! | NAK 15 | (reply only) | [`cause`] (1) |
//!
//! Acknowledgement: free slots for frames (1), last [`error`] since opening (1), vectors learned
//! (4), distortion low word (4), distortion high word (4).
//!
//! A word has 4 bytes. Of a space's byte only bits 1..0 count. [`space`] 0, the codebook: row is the
//! codeword, column the dimension, the column wraps at D into the next row; a word is residue (bits
//! 23..16) and codeword (UQ8.7, bits 14..0). Space 1, the win counts: column is the codeword. Space
//! 2, the registers: column is the register ([`vq`](crate::vq)). Space 3, the link's [`counter`]s, read only.
//!
//! # The gradient core
//! A vector is a sample of D features and a target, 16-bit words in Q4.12, low byte first; LEARN
//! makes one iteration of each, RECALL answers the prediction (Q12.20, 4 bytes). Space 0: row is the
//! memory (0 point, 1 gradient residue, 2 point residue, 3 curvature or features, 4 centre, 5
//! gradient, read only), column the dimension. Space 2: column is the register ([`gradient`](crate::gradient)).
//! A write to [`ITERATE`](crate::gradient::ITERATE) makes that many iterations without samples, and is
//! acknowledged when they are done. In an acknowledgement, iterations stand in the place of the
//! vectors learned, and the last value (UQ16.32) in that of the distortion.

/// Version of this protocol, in the first byte of every frame: 0 to 7.
pub const VERSION: u8 = 2;
/// Marks a reply, in a frame's first byte.
pub const REPLY: u8 = 0x80;
/// Longest frame before COBS, in bytes.
pub const FRAME_MAX: usize = 254;
/// Bytes of a frame that are not payload: version and command, sequence number, CRC.
pub const FRAME_OVERHEAD: usize = 5;
/// Longest payload of a command.
pub const PAYLOAD_MAX: usize = FRAME_MAX - FRAME_OVERHEAD;
/// Most vectors in one RECALL.
pub const RECALL_MAX: usize = 62;
/// Most words in one READ.
pub const READ_MAX: usize = 61;
/// Frames that the device can hold: the most that a host may have in flight.
pub const SLOTS: usize = 8;
/// Length of the identity.
pub const IDENTITY_BYTES: usize = 6 + PARAMETERS + 9;
/// "FXLN", the first bytes of the identity.
pub const MAGIC: [u8; 4] = *b"FXLN";
/// Bytes of the identity that the core's own type reads.
pub const PARAMETERS: usize = 7;

/// Command codes, 0 to 15.
pub mod command {
    pub const IDENTIFY: u8 = 1;
    pub const CONFIGURE: u8 = 2;
    pub const WRITE: u8 = 3;
    pub const LEARN: u8 = 4;
    pub const RECALL: u8 = 5;
    pub const READ: u8 = 6;
    pub const RESET: u8 = 7;
    pub const NAK: u8 = 15;
}

/// Why a frame was not accepted: the payload of a negative acknowledgement.
pub mod cause {
    /// A UART stop bit was missing.
    pub const FRAMING: u8 = 1;
    /// COBS did not come out even, or the frame was too short.
    pub const ENCODING: u8 = 2;
    /// Longer than [`FRAME_MAX`](super::FRAME_MAX).
    pub const LENGTH: u8 = 3;
    pub const CRC: u8 = 4;
    /// No slot was free.
    pub const OVERRUN: u8 = 5;
    pub const VERSION: u8 = 6;
    /// Not the expected sequence number.
    pub const GAP: u8 = 7;
    /// Not opened since power-up: the device has lost its state.
    pub const CLOSED: u8 = 8;
}

/// Why an accepted command did nothing.
pub mod error {
    pub const NONE: u8 = 0;
    /// No such command.
    pub const COMMAND: u8 = 1;
    /// The payload's length does not fit the command.
    pub const LENGTH: u8 = 2;
    /// An address or a value outside its range.
    pub const RANGE: u8 = 3;
}

/// Address spaces of WRITE and READ.
pub mod space {
    pub const CODEBOOK: u8 = 0;
    pub const COUNTS: u8 = 1;
    pub const REGISTERS: u8 = 2;
    pub const COUNTERS: u8 = 3;
}

/// Counters of the link, 16 bits, saturating.
pub mod counter {
    pub const FRAMES: u8 = 0;
    pub const FRAMING: u8 = 1;
    pub const ENCODING: u8 = 2;
    pub const LENGTH: u8 = 3;
    pub const CRC: u8 = 4;
    pub const OVERRUN: u8 = 5;
    pub const DUPLICATES: u8 = 6;
    pub const GAPS: u8 = 7;
    pub const COUNT: usize = 8;
}

/// What a device says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The core's number.
    pub core: u8,
    /// Its built sizes, which [`Built`](crate::Built) reads.
    pub parameters: [u8; PARAMETERS],
    pub slots: u8,
    pub clock_hz: u32,
    pub baud: u32,
}

impl Identity {
    /// Of a core of this build behind the link.
    pub fn of(built: &impl crate::Built, clock_hz: u32, baud: u32) -> Self {
        fn number<B: crate::Built>(_: &B) -> u8 {
            B::CORE.number
        }
        let (core, parameters) = (number(built), built.parameters());
        Self { core, parameters, slots: SLOTS as u8, clock_hz, baud }
    }

    /// The sizes of the core, if it is of this kind.
    pub fn built<B: crate::Built>(&self) -> Option<B> {
        (self.core == B::CORE.number).then(|| B::from_parameters(&self.parameters)).flatten()
    }

    /// The bytes on the wire: magic, protocol version, core, its parameters, slots, clock and
    /// baud.
    pub fn to_bytes(self) -> [u8; IDENTITY_BYTES] {
        let mut b = [0; IDENTITY_BYTES];
        let (head, rest) = b.split_at_mut(6);
        head[0..4].copy_from_slice(&MAGIC);
        head[4] = VERSION;
        head[5] = self.core;
        let (parameters, rest) = rest.split_at_mut(PARAMETERS);
        parameters.copy_from_slice(&self.parameters);
        rest[0] = self.slots;
        rest[1..5].copy_from_slice(&self.clock_hz.to_be_bytes());
        rest[5..9].copy_from_slice(&self.baud.to_be_bytes());
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
        Some(Self {
            core: head[5],
            parameters: parameters.try_into().ok()?,
            slots: rest[0],
            clock_hz: word(1),
            baud: word(5),
        })
    }
}
