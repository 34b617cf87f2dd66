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
//! 2, the registers: column is the [`register`]. Space 3, the link's [`counter`]s, read only.
//!
//! # The gradient core
//! A vector is a sample of D features and a target, 16-bit words in Q4.12, low byte first; LEARN
//! makes one iteration of each, RECALL answers the prediction (Q12.20, 4 bytes). Space 0: row is the
//! memory (0 point, 1 gradient residue, 2 point residue, 3 curvature or features, 4 centre, 5
//! gradient, read only), column the dimension. Space 2: column is the [`gradient_register`]. A write
//! to [`gradient_register::ITERATE`] makes that many iterations without samples, and is
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
/// Bits below a sample's least significant bit in a codeword.
pub const GUARD_BITS: u32 = 7;
/// The largest codeword component, 255.0 in UQ8.7.
pub const FULL_SCALE: u64 = 255 << GUARD_BITS;
/// Length of the identity.
pub const IDENTITY_BYTES: usize = 22;
/// "FXLN", the first bytes of the identity.
pub const MAGIC: [u8; 4] = *b"FXLN";
/// The vector quantizer's number in the identity.
pub const CORE_VQ: u8 = 1;
/// The gradient core's.
pub const CORE_GRADIENT: u8 = 2;

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

/// Registers of the vector quantizer.
pub mod register {
    /// Codewords in use, 1..=built.
    pub const CODEWORDS: u8 = 0;
    /// Dimensions in use, 1..=built.
    pub const DIMENSION: u8 = 1;
    /// Bit 0 squared L2 (else L1); bits 2..1 rounding (truncate, nearest, stochastic, error
    /// feedback); bit 3 frequency-sensitive; bit 4 count-based rate; bit 5 signed samples.
    pub const MODE: u8 = 2;
    /// Rate `2^-shift`, 0..=15; with count-based rates, their floor.
    pub const RATE_SHIFT: u8 = 3;
    /// Where the schedule stops.
    pub const RATE_FINAL: u8 = 4;
    /// Learned vectors per step of the rate schedule (24 bits); 0 holds the rate.
    pub const RATE_PERIOD: u8 = 5;
    pub const RATE_TIMER: u8 = 6;
    /// Neighbourhood radius in rings, 0..=255.
    pub const RADIUS: u8 = 7;
    /// Learned vectors per step of the radius schedule (24 bits); 0 holds the radius.
    pub const RADIUS_PERIOD: u8 = 8;
    pub const RADIUS_TIMER: u8 = 9;
    /// Bits 3..0: log2 of the grid's columns, 0..=8 (8: a line); bits 5..4: falloff.
    pub const GRID: u8 = 10;
    /// Win count at which all counts are halved, 2..=65535.
    pub const COUNT_CAP: u8 = 11;
    /// 1: the counts are halved at the start of the next learned vector.
    pub const HALVE: u8 = 12;
    /// State of the noise generator; the write of the high word loads both.
    pub const NOISE_LOW: u8 = 13;
    pub const NOISE_HIGH: u8 = 14;
    /// Vectors learned.
    pub const VECTORS: u8 = 15;
    /// Sum of the learned vectors' distances, 48 bits.
    pub const DISTORTION_LOW: u8 = 16;
    pub const DISTORTION_HIGH: u8 = 17;
    /// The epoch: the host's own number for this run, 0 after power-up or reset.
    pub const RUN: u8 = 18;
    /// Registers in all.
    pub const COUNT: usize = 19;
}

/// Registers of the gradient core. Formats and rules: `golden::gradient`.
pub mod gradient_register {
    /// 0 Rosenbrock, 1 quadratic bowl, 2 linear model on samples.
    pub const OBJECTIVE: u8 = 0;
    /// Dimensions in use, 1..=64.
    pub const DIMENSION: u8 = 1;
    /// Bits 1..0 rounding (truncate, nearest, stochastic, error feedback); bit 2 compensation;
    /// bit 3 adaptive rate; bits 5..4 link (identity, sigmoid, levels).
    pub const MODE: u8 = 2;
    /// Rate `2^-rate`, 0..=31.
    pub const RATE: u8 = 3;
    /// The adaptive rate's smallest exponent.
    pub const RATE_LEAST: u8 = 4;
    /// The adaptive rate's and the schedule's largest.
    pub const RATE_MOST: u8 = 5;
    /// Iterations per step of the rate schedule (24 bits); 0 holds the rate.
    pub const RATE_PERIOD: u8 = 6;
    pub const RATE_TIMER: u8 = 7;
    /// Calm iterations before the adaptive rate doubles, 1..=255.
    pub const PATIENCE: u8 = 8;
    pub const CALM: u8 = 9;
    /// Fractional bits that the quantizer keeps, 0..=20.
    pub const GRADIENT_BITS: u8 = 10;
    /// Fractional bits of the point, 0..=28.
    pub const POINT_BITS: u8 = 11;
    /// Bounds of a component, Q4.28.
    pub const LOW: u8 = 12;
    pub const HIGH: u8 = 13;
    /// Output levels of the perceptron, 2..=16.
    pub const LEVELS: u8 = 14;
    pub const ITERATIONS: u8 = 15;
    /// The last value, UQ16.32.
    pub const VALUE_LOW: u8 = 16;
    pub const VALUE_HIGH: u8 = 17;
    /// The epoch: the host's own number for this run, 0 after power-up or reset.
    pub const RUN: u8 = 18;
    /// State of the noise generator; the write of the high word loads both.
    pub const NOISE_LOW: u8 = 19;
    pub const NOISE_HIGH: u8 = 20;
    /// Sticky: bit 0 point, bit 1 gradient, bit 2 value was clamped.
    pub const SATURATED: u8 = 21;
    /// Bit 7: there was an iteration; bits 5..0 its largest component, bit 6 its sign.
    pub const LAST: u8 = 22;
    /// Writing starts this many iterations (24 bits); reading gives those left.
    pub const ITERATE: u8 = 23;
    /// Registers in all.
    pub const COUNT: usize = 24;
}

/// Memories of the gradient core: rows of space 0.
pub mod memory {
    pub const POINT: u8 = 0;
    pub const GRADIENT_RESIDUE: u8 = 1;
    pub const POINT_RESIDUE: u8 = 2;
    /// The quadratic's curvatures; of a linear model, the last sample's features.
    pub const CURVATURE: u8 = 3;
    pub const CENTRE: u8 = 4;
    /// Read only.
    pub const GRADIENT: u8 = 5;
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
    pub core: Core,
    pub slots: u8,
    pub clock_hz: u32,
    pub baud: u32,
}

/// The core that a device has, and its built size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Core {
    Vq(VqIdentity),
    Gradient(GradientIdentity),
    /// A number that this version does not know.
    Other(u8),
}

/// Of a vector quantizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VqIdentity {
    pub max_codewords: u16,
    pub max_dimension: u16,
    pub lanes: u8,
    pub guard_bits: u8,
    /// Residues are built in, so that error feedback is available.
    pub residues: bool,
}

/// Of a gradient core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GradientIdentity {
    /// A bit for each objective that is built in, by its number.
    pub objectives: u16,
    pub max_dimension: u16,
}

impl Core {
    /// What to call it.
    pub fn name(self) -> String {
        match self {
            Core::Vq(_) => "a vector quantizer".into(),
            Core::Gradient(_) => "a gradient core".into(),
            Core::Other(number) => format!("core number {number}, unknown to this version"),
        }
    }
}

impl Identity {
    /// The bytes on the wire: magic, protocol version, core, sizes, clock and baud.
    pub fn to_bytes(self) -> [u8; IDENTITY_BYTES] {
        let mut b = [0; IDENTITY_BYTES];
        b[0..4].copy_from_slice(&MAGIC);
        b[4] = VERSION;
        match self.core {
            Core::Vq(vq) => {
                b[5] = CORE_VQ;
                b[6..8].copy_from_slice(&vq.max_codewords.to_be_bytes());
                b[8..10].copy_from_slice(&vq.max_dimension.to_be_bytes());
                b[10] = vq.lanes;
                b[11] = vq.guard_bits;
                b[12] = u8::from(vq.residues);
            }
            Core::Gradient(gradient) => {
                b[5] = CORE_GRADIENT;
                b[6..8].copy_from_slice(&gradient.objectives.to_be_bytes());
                b[8..10].copy_from_slice(&gradient.max_dimension.to_be_bytes());
            }
            Core::Other(number) => b[5] = number,
        }
        b[13] = self.slots;
        b[14..18].copy_from_slice(&self.clock_hz.to_be_bytes());
        b[18..22].copy_from_slice(&self.baud.to_be_bytes());
        b
    }

    /// `None` if the bytes are too few or do not start with [`MAGIC`] and [`VERSION`].
    pub fn from_bytes(b: &[u8]) -> Option<Self> {
        if b.len() < IDENTITY_BYTES || b[0..4] != MAGIC || b[4] != VERSION {
            return None;
        }
        let u16_at = |i: usize| u16::from_be_bytes([b[i], b[i + 1]]);
        let u32_at = |i: usize| u32::from_be_bytes([b[i], b[i + 1], b[i + 2], b[i + 3]]);
        let core = match b[5] {
            CORE_VQ => Core::Vq(VqIdentity {
                max_codewords: u16_at(6),
                max_dimension: u16_at(8),
                lanes: b[10],
                guard_bits: b[11],
                residues: b[12] != 0,
            }),
            CORE_GRADIENT => {
                Core::Gradient(GradientIdentity { objectives: u16_at(6), max_dimension: u16_at(8) })
            }
            number => Core::Other(number),
        };
        Some(Self { core, slots: b[13], clock_hz: u32_at(14), baud: u32_at(18) })
    }
}
