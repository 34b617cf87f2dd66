//! The wire protocol: what hdl, the simulated board and the host agree on. This page is all that a
//! client in another language needs.
//!
//! # Line and frames
//! The line is 8N1 at the baud rate of the identity. A frame is COBS-encoded and ends with `0x00`.
//! A delimiter where there is no frame means nothing: send one before the first frame, so that
//! whatever the line held before does not become a part of it. Decoded, a frame has 5 to 254 bytes:
//!
//! | bytes | field |
//! |---|---|
//! | 1 | bit 7 set in a reply; bits 6..4 [`VERSION`]; bits 3..0 [`command`] |
//! | 1 | sequence number |
//! | n | payload, 0 to 249 bytes |
//! | 3 | CRC-24/INTERLAKEN of all before it, high byte first |
//!
//! The CRC has the polynomial 0x328b63, the initial value and the final XOR 0xffffff, and is not
//! reflected. All integers are big-endian.
//!
//! # Commands
//! | command | payload | payload of the reply after the expected sequence number (1 byte) |
//! |---|---|---|
//! | IDENTIFY 1 | nothing; or, to open the link, 1 byte or more of any value | identity (32), acknowledgement (14), epoch (4) |
//! | WRITE 3 | memory (1), row (2), column (1), 1 to 61 words | acknowledgement |
//! | LEARN 4 | vectors, at least one | acknowledgement |
//! | RECALL 5 | vectors, at least one; their answers have at most [`ANSWERS_MAX`] bytes in all | the answers |
//! | READ 6 | memory (1), row (2), column (1), count (1): 1 to 61 | so many words |
//! | RESET 7 | any | acknowledgement |
//! | NAK 15 | only in a reply | [`cause`] (1) |
//!
//! A word has 4 bytes. How long a vector and an answer are is the core's: see [`vq`](crate::vq) and
//! [`gradient`](crate::gradient). A reply has the code of its command, also where the command did
//! nothing: a failed READ or RECALL, with an error of its own, is answered by an acknowledgement in
//! the place of words or answers. An acknowledgement, 14 bytes:
//!
//! | bytes | field |
//! |---|---|
//! | 1 | free slots for frames; the frame that is answered still has its own |
//! | 1 | the last [`error`] since the link was opened or the device reset |
//! | 4 | vectors learned, or iterations |
//! | 8 | the core's sum, or value, of 64 bits: low word, high word |
//!
//! The last three words are registers of the core, which its map names
//! ([`Core::acknowledgement`](crate::Core::acknowledgement)). The identity, 32 bytes:
//!
//! | bytes | field |
//! |---|---|
//! | 4 | `FXLN` |
//! | 1 | [`VERSION`] |
//! | 1 | number of the core |
//! | 16 | its built sizes ([`Built`](crate::Built)) |
//! | 1 | the most bytes that an answer has |
//! | 1 | slots for frames |
//! | 4 | clock in Hz |
//! | 4 | baud rate |
//!
//! # Memories
//! The address of a word is its memory, row and column. [`memory`] 0 holds the core's registers, in
//! row 0, with the register's number as column. Memories 1 to 254 are the core's own; its map
//! declares them. Memory 255 is the link's, row 0: columns 0 to 7 are counters of 16 bits, which
//! saturate; 8 to 10 are the acknowledgement's words; 11 is the epoch, the only one that can be
//! written; all others read as 0.
//!
//! The words of a WRITE or READ follow each other: after a memory's last column comes column 0 of
//! the next row, modulo 65536. The last column is 255 where the map does not say that a register
//! holds the number of columns ([`Memory::columns`](crate::Memory::columns)). What a READ finds
//! where there is no word is not defined. A WRITE goes on after a word that is refused, and its
//! reply carries the error RANGE.
//!
//! # Errors of a command that was executed
//! | error | when |
//! |---|---|
//! | COMMAND | the number is none of the table's |
//! | LENGTH | a WRITE of less than 8 bytes, or not of whole words; a READ not of 5 bytes, or of none or more than 61 words; a LEARN or RECALL of none or a part of a vector; a RECALL with answers of more than 248 bytes |
//! | RANGE | a WRITE to where there is no word, or to one that cannot be written, or of a word that it does not take |
//!
//! COMMAND and LENGTH are found before anything is done. A command with an error counts as
//! executed: its sequence number is used up.
//!
//! # Sequence
//! Except IDENTIFY, which any sequence number opens and which uses none up, a command is executed
//! when its sequence number is the expected one, which then grows by one modulo 256. It is 0 at
//! power-up. Up to 127 behind it is a duplicate: RECALL and READ, which change nothing, are
//! answered anew; any other is answered by an acknowledgement and not executed again. Anything else
//! is a gap: it is dropped, and the first of a run is answered by a NAK that names the expected
//! number. A host that has sent IDENTIFY goes on with the number that it names. Between RECALL or
//! READ and a command that changes state, wait for the reply.
//!
//! A reply's second byte is the sequence number of the frame that it answers; the expected number
//! after that frame is the payload's first byte. A NAK of a frame that was damaged, or of another
//! version, carries the sequence number of the last frame before it that was neither. A frame with
//! the reply bit set is dropped without an answer; it changes nothing, and is counted as a frame.
//!
//! # Power-up, reset and epoch
//! From power-up until an IDENTIFY with a payload opens the link, every other command is refused by
//! a NAK with the cause CLOSED, so that a device which was reset behind the host's back executes
//! nothing of a run that it has forgotten. The host writes a number of its own to the epoch when
//! the state that it has loaded is complete. IDENTIFY names it; 0 is a device that lost its state,
//! another number one that someone else has used.
//!
//! RESET puts the core's registers and memories, the epoch and the last error to their state after
//! power-up. The link stays open; expected sequence number and counters stay.
//!
//! # In flight
//! The device holds [`SLOTS`] frames, the one being executed among them, and drops what comes on
//! top (cause OVERRUN). Replies come in the order of frames, so that the reply to a frame says that
//! all before it have left their slots. Every damaged frame is counted by its cause; when no frame
//! waits, the last one's cause is answered by a NAK, unless a command in sequence or a gap came
//! since. After a NAK, send everything from the expected number on again, unchanged: copies sent
//! earlier may still be executed. Frames may be cut anew only after an IDENTIFY sent behind the
//! last copy is answered, since that answer says what was executed.

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
    /// Frames that it holds.
    /// Frames that it can hold.
    pub slots: u8,
    /// Of the design, in hertz.
    pub clock_hz: u32,
    /// Of the line.
    pub baud: u32,
}

impl Identity {
    /// Of a core of this build behind the link.
    pub fn of(built: &impl crate::Built, clock_hz: u32, baud: u32) -> Self {
        fn number<B: crate::Built>(_: &B) -> u8 {
            B::CORE.number
        }
        let (core, parameters, answer) = (number(built), built.parameters(), built.answer());
        Self { core, parameters, answer, slots: SLOTS as u8, clock_hz, baud }
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
        Some(Self {
            core: head[5],
            parameters: parameters.try_into().ok()?,
            answer: rest[0],
            slots: rest[1],
            clock_hz: word(2),
            baud: word(6),
        })
    }
}
