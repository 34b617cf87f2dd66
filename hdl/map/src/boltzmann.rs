//! The Boltzmann machine's map.
//!
//! A vector has a byte for each visible unit. Bits 7..1 are the unit's value, -63 to 63, where 63
//! stands for almost 1; bit 0 is 1 if the unit is a target: it is clamped in the clamped phase
//! alone. -64 (the bytes 128 and 129) says that nothing is given: the unit is free in both phases.
//! An answer has a byte for each visible unit: its state in the free phase, Q1.7.
//!
#![doc = include_str!("../boltzmann.md")]

use crate::link::PARAMETERS;
use crate::{Built, Core};

/// The built sizes, by number: units.
pub const MOST_UNITS: usize = 0;

registers! { $ boltzmann_registers;
    /// Units in use, visible and hidden.
    UNITS = 0: Setting UpTo(MOST_UNITS), Built(MOST_UNITS);
    /// Visible units, the first ones; a vector's bytes for units that are not in use count for
    /// nothing.
    VISIBLE = 1: Setting UpTo(MOST_UNITS), Built(MOST_UNITS);
    /// The largest level of a weight; the levels are `2 HALF + 1`.
    HALF = 2: Setting Range(1, 127), Word(7);
    /// Bits of a sum that are dropped before the gain.
    SCALE = 3: Setting Range(0, 7), Word(0);
    /// The first gain, a level over the first temperature, UQ4.11.
    GAIN = 4: Setting Range(1, 0x7fff), Word(55);
    /// The gain's ratio from one temperature to the next, UQ2.13.
    RATIO = 5: Setting Range(0x2000, 0x7fff), Word(11_703);
    /// The largest gain, UQ4.11.
    GAIN_MOST = 6: Setting Range(1, 0x7fff), Word(878);
    /// Temperatures of the ladder.
    TEMPERATURES = 7: Setting Range(1, 31), Word(12);
    /// Sweeps at each temperature.
    SWEEPS = 8: Setting Range(1, 3), Word(1);
    /// Bit 0: 0 the weights with the largest differences move by a level, 1 every weight moves and
    /// keeps what a level drops in its residue.
    RULE = 9: Setting Range(0, 1), Word(0);
    /// Weights that move by a level at the end of an epoch.
    MOVES = 10: Setting Range(1, 15), Word(2);
    /// A weight moves by a level if the magnitude of its difference is larger, Q18.14.
    BAND = 11: Setting Range(0, 0x7fff_ffff), Word(0);
    /// The share of a difference that chance adds where the largest is looked for, `2^-CHANCE`; 31
    /// none.
    CHANCE = 12: Setting Range(0, 31), Word(31);
    /// Rate of the residues, `2^-RATE` levels for a difference of 1.
    RATE = 13: Setting Range(0, 31), Word(1);
    /// Weights are drawn evenly from `-2^(SPREAD-1)` to `2^(SPREAD-1)` levels.
    SPREAD = 14: Setting Range(0, 8), Word(2);
    /// A target is reached at this state on its side of 0, Q1.7.
    MARGIN = 15: Setting Range(0, 127), Word(64);
    /// Vectors of an epoch.
    PATTERNS = 16: Setting Range(1, 0xffff), Word(1);
    /// Epochs after which the weights are drawn anew; 0 never.
    PATIENCE = 17: Setting Range(0, 0xffff), Word(0);
    /// Vectors of this epoch so far.
    PATTERN = 18: State Range(0, 0xffff), Word(0);
    /// Vectors of this epoch of which a target was missed.
    MISSED = 19: State Range(0, 0xffff), Word(0);
    /// Epochs since the weights were drawn.
    AGE = 20: State Range(0, 0xffff), Word(0);
    /// How often weights were drawn.
    DRAWN = 21: State Any, Word(0);
    /// Vectors learned, modulo `2^32`.
    VECTORS = 22: State Any, Word(0);
    /// Vectors learned of which a target was missed, modulo `2^32`.
    WRONG = 23: State Any, Word(0);
    /// Vectors of the last whole epoch of which a target was missed.
    LAST = 24: State Range(0, 0xffff), Word(0xffff);
    /// State of the noise generator, low word; it takes effect with the high word.
    NOISE_LOW = 25: State Any, Reset::SeedLow;
    /// State of the noise generator, high word; its write loads both.
    NOISE_HIGH = 26: State Allowed::SeedHigh, Reset::SeedHigh;
}

memories! { $ boltzmann_memories;
    /// The weights' levels, in bits 7..0. Row: unit; column: the unit that it hears. Learning keeps
    /// the matrix symmetric, a host that writes it must do so.
    WEIGHT = 1 by UNITS;
    /// The residues of the weights, 2^-16 of a level, in bits 15..0. Row 0 and 1, column:
    /// connection. The connection of the units i > j is number `i (i - 1) / 2 + j`.
    RESIDUE = 2;
    /// The correlations' differences of this epoch, Q18.14. Row 0 and 1, column: connection.
    DIFFERENCE = 3;
}

/// Units that there can be.
pub const UNITS_MOST: usize = 32;

/// The deterministic Boltzmann machine.
pub const CORE: Core = Core {
    number: 4,
    name: "boltzmann",
    title: "a Boltzmann machine",
    registers: REGISTERS,
    memories: MEMORIES,
    acknowledgement: VECTORS,
};

/// What a Boltzmann machine is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BoltzmannBuilt {
    /// 4 to 32, a multiple of the lanes.
    pub units: u8,
    /// Products a clock: 4 or 8.
    pub lanes: u8,
}

impl Built for BoltzmannBuilt {
    const CORE: &'static Core = &CORE;

    fn size(&self, which: usize) -> u32 {
        [self.units][which].into()
    }

    fn answer(&self) -> u8 {
        self.units
    }

    fn parameters(&self) -> [u8; PARAMETERS] {
        let mut b = [0; PARAMETERS];
        (b[0], b[1]) = (self.units, self.lanes);
        b
    }

    fn from_parameters(b: &[u8; PARAMETERS]) -> Option<Self> {
        let (units, lanes) = (b[0], b[1]);
        let known = [4, 8].contains(&lanes) && [8, 16, 32].contains(&units);
        known.then_some(Self { units, lanes })
    }
}
