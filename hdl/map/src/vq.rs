//! The vector quantizer's map.
//!
//! A vector has a byte for each dimension. An answer has 4 bytes: the winner's index (1) and its
//! distance (3).
//!
#![doc = include_str!("../vq.md")]

use crate::link::PARAMETERS;
use crate::{Built, Core};

/// The built sizes, by number: codewords.
pub const MOST_CODEWORDS: usize = 0;
/// Dimensions.
pub const MOST_DIMENSION: usize = 1;
/// The bits of MODE that mean something.
pub const MODES: usize = 2;

registers! { $ vq_registers;
    /// Codewords in use.
    CODEWORDS = 0: Setting UpTo(MOST_CODEWORDS), Built(MOST_CODEWORDS);
    /// Dimensions in use.
    DIMENSION = 1: Setting UpTo(MOST_DIMENSION), Built(MOST_DIMENSION);
    /// Bit 0 squared L2 (else L1); bits 2..1 rounding (truncate, nearest, stochastic, error
    /// feedback); bit 3 frequency-sensitive; bit 4 count-based rate; bit 5 signed samples.
    MODE = 2: Setting Allowed::BitsOf(MODES), Reset::BitsOf(1, MODES);
    /// Rate `2^-shift`; with count-based rates, their floor.
    RATE_SHIFT = 3: State Range(0, 15), Word(4);
    /// Where the schedule stops.
    RATE_FINAL = 4: Setting Range(0, 15), Word(4);
    /// Learned vectors per step of the rate schedule; 0 holds the rate.
    RATE_PERIOD = 5: Setting Range(0, 0xff_ffff), Word(0);
    /// Vectors since the last step of the rate schedule.
    RATE_TIMER = 6: State Range(0, 0xff_ffff), Word(0);
    /// Neighbourhood radius in rings.
    RADIUS = 7: State Range(0, 255), Word(0);
    /// Learned vectors per step of the radius schedule; 0 holds the radius.
    RADIUS_PERIOD = 8: Setting Range(0, 0xff_ffff), Word(0);
    /// Vectors since the last step of the radius schedule.
    RADIUS_TIMER = 9: State Range(0, 0xff_ffff), Word(0);
    /// Bits 3..0: log2 of the grid's columns (8: a line); bits 5..4: falloff.
    GRID = 10: Setting Fields(&[(4, 8), (2, 3)]), Word(8);
    /// Win count at which all counts are halved.
    COUNT_CAP = 11: Setting Range(2, 0xffff), Word(0xffff);
    /// 1: the counts are halved at the start of the next learned vector.
    HALVE = 12: State Range(0, 1), Word(0);
    /// State of the noise generator, low word; it takes effect with the high word.
    NOISE_LOW = 13: State Any, Reset::SeedLow;
    /// State of the noise generator, high word; its write loads both.
    NOISE_HIGH = 14: State Allowed::SeedHigh, Reset::SeedHigh;
    /// Vectors learned.
    VECTORS = 15: State Any, Word(0);
    /// Sum of the learned vectors' distances, low word.
    DISTORTION_LOW = 16: State Any, Word(0);
    /// Sum of the learned vectors' distances, bits 47..32.
    DISTORTION_HIGH = 17: State Range(0, 0xffff), Word(0);
}

memories! { $ vq_memories;
    /// Row: codeword; column: dimension. Residue in bits 23..16, codeword (UQ8.7) in bits 14..0.
    CODEBOOK = 1 by DIMENSION;
    /// Win counts: row 0, column: codeword. 1 to 65535.
    COUNTS = 2;
}

/// Bits below a sample's least significant bit in a codeword.
pub const GUARD_BITS: u32 = 7;
/// The largest codeword component, 255.0 in UQ8.7.
pub const FULL_SCALE: u32 = 255 << GUARD_BITS;

/// The vector quantizer.
pub const CORE: Core = Core {
    number: 1,
    name: "vq",
    title: "a vector quantizer",
    registers: REGISTERS,
    memories: MEMORIES,
    acknowledgement: VECTORS,
};

/// What a vector quantizer is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VqBuilt {
    /// A power of two, 2 to 256.
    pub codewords: u16,
    /// A power of two, 1 to 256.
    pub dimension: u16,
    /// Components of a beat, which share a state of the noise generator: a power of two, 1 to 16.
    pub lanes: u8,
    /// Residues are built in, so that error feedback is available.
    pub residues: bool,
    /// Components that a search compares in a clock: `lanes`, or more of a wide core; a power of
    /// two to 4096.
    pub search_lanes: u16,
    /// Squares are built in, so that squared L2 is available; else L1 alone.
    pub squares: bool,
}

impl VqBuilt {
    /// With residues and squares; as many lanes for a beat as for the search.
    pub const fn narrow(codewords: u16, dimension: u16, lanes: u8) -> Self {
        let search_lanes = lanes as u16;
        Self { codewords, dimension, lanes, residues: true, search_lanes, squares: true }
    }
}

impl Built for VqBuilt {
    const CORE: &'static Core = &CORE;

    fn size(&self, which: usize) -> u32 {
        let modes = if self.squares { 63 } else { 62 };
        [self.codewords, self.dimension, modes][which].into()
    }

    fn answer(&self) -> u8 {
        4
    }

    fn parameters(&self) -> [u8; PARAMETERS] {
        let mut b = [0; PARAMETERS];
        b[0..2].copy_from_slice(&self.codewords.to_be_bytes());
        b[2..4].copy_from_slice(&self.dimension.to_be_bytes());
        b[4] = self.lanes;
        b[5] = GUARD_BITS as u8;
        b[6] = u8::from(self.residues);
        b[7] = (self.search_lanes / u16::from(self.lanes)).ilog2() as u8;
        b[8] = u8::from(!self.squares);
        b
    }

    fn from_parameters(b: &[u8; PARAMETERS]) -> Option<Self> {
        let codewords = u16::from_be_bytes([b[0], b[1]]);
        let dimension = u16::from_be_bytes([b[2], b[3]]);
        let (lanes, guard_bits, residues, wider, plain) = (b[4], b[5], b[6], b[7], b[8]);
        let sizes = [codewords, dimension, lanes.into()];
        let powers = sizes.iter().all(|n| n.is_power_of_two() && *n <= 256);
        let known = powers && lanes <= 16 && u32::from(guard_bits) == GUARD_BITS;
        (known && residues < 2 && wider <= 8 && plain < 2).then(|| Self {
            codewords,
            dimension,
            lanes,
            residues: residues == 1,
            search_lanes: u16::from(lanes) << wider,
            squares: plain == 0,
        })
    }
}
