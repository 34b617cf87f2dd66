//! The adaptive filter's map.
//!
//! A vector is a sample: `x`, which enters the delay line, and `d`, which the filter is to give;
//! two words of 16 bits, Q1.15, low byte first. An answer has 4 bytes: the filter's output `y` and
//! the error `e = d - y`, Q1.15, high byte first.
//!
#![doc = include_str!("../lms.md")]

use crate::link::PARAMETERS;
use crate::{Built, Core};

/// The built sizes, by number: taps.
pub const MOST_TAPS: usize = 0;

registers! { $ lms_registers;
    /// Taps in use.
    TAPS = 0: Setting UpTo(MOST_TAPS), Word(16);
    /// Rate `2^-rate`; from 30 on no weight moves.
    RATE = 1: Setting Range(0, 31), Word(4);
    /// Samples learned, modulo `2^32`; the next one's place in `LINE` and `OUTPUT` is this modulo
    /// 256.
    SAMPLES = 2: State Any, Word(0);
    /// Sum of the squared errors, UQ34.30, low word.
    ENERGY_LOW = 3: State Any, Word(0);
    /// Sum of the squared errors, high word.
    ENERGY_HIGH = 4: State Any, Word(0);
    /// Sticky: bit 0 output, bit 1 error, bit 2 weight was clamped.
    SATURATED = 5: State Range(0, 7), Word(0);
    /// The largest squared error of a learned sample since this was written, UQ2.30.
    PEAK = 6: State Any, Word(0);
}

memories! { $ lms_memories;
    /// The weights, Q4.28. Row 0, column: tap.
    WEIGHT = 1;
    /// The delay line: the last 256 `x`, Q1.15, in bits 15..0. Row 0, column: sample number modulo
    /// 256.
    LINE = 2;
    /// The last 256 outputs `y` in bits 31..16 and errors `e` in bits 15..0, read only. Row 0,
    /// column: sample number modulo 256.
    OUTPUT = 3;
}

/// Samples that the delay line and the outputs hold.
pub const PLACES: usize = 256;

/// The adaptive filter.
pub const CORE: Core = Core {
    number: 3,
    name: "lms",
    title: "an adaptive filter",
    registers: REGISTERS,
    memories: MEMORIES,
    acknowledgement: SAMPLES,
};

/// What an adaptive filter is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LmsBuilt {
    /// 1 to 256.
    pub taps: u16,
}

impl Built for LmsBuilt {
    const CORE: &'static Core = &CORE;

    fn size(&self, which: usize) -> u32 {
        [self.taps][which].into()
    }

    fn answer(&self) -> u8 {
        4
    }

    fn parameters(&self) -> [u8; PARAMETERS] {
        let mut b = [0; PARAMETERS];
        b[0..2].copy_from_slice(&self.taps.to_be_bytes());
        b
    }

    fn from_parameters(b: &[u8; PARAMETERS]) -> Option<Self> {
        let taps = u16::from_be_bytes([b[0], b[1]]);
        (1..=PLACES).contains(&usize::from(taps)).then_some(Self { taps })
    }
}
