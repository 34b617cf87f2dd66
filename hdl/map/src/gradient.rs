//! The gradient core's map.

use crate::link::PARAMETERS;
use crate::{Built, Core};

/// The built sizes, by number: a bit for each objective.
pub const OBJECTIVES: usize = 0;
/// Dimensions.
pub const MOST_DIMENSION: usize = 1;

registers! { $ gradient_registers;
    /// 0 Rosenbrock, 1 quadratic bowl, 2 linear model on samples.
    0 OBJECTIVE Setting BitOf(OBJECTIVES), LowestBitOf(OBJECTIVES);
    /// Dimensions in use.
    1 DIMENSION Setting UpTo(MOST_DIMENSION), Word(2);
    /// Bits 1..0 rounding (truncate, nearest, stochastic, error feedback); bit 2 compensation;
    /// bit 3 adaptive rate; bits 5..4 link function (identity, sigmoid, levels).
    2 MODE Setting Fields(&[(4, 15), (2, 2)]), Word(0);
    /// Rate `2^-rate`.
    3 RATE State Range(0, 31), Word(10);
    /// The adaptive rate's smallest exponent.
    4 RATE_LEAST Setting Range(0, 31), Word(0);
    /// The adaptive rate's and the schedule's largest exponent.
    5 RATE_MOST Setting Range(0, 31), Word(31);
    /// Iterations per step of the rate schedule; 0 holds the rate.
    6 RATE_PERIOD Setting Range(0, 0xff_ffff), Word(0);
    /// Iterations since the last step of the rate schedule.
    7 RATE_TIMER State Range(0, 0xff_ffff), Word(0);
    /// Calm iterations before the adaptive rate doubles.
    8 PATIENCE Setting Range(1, 255), Word(16);
    /// Calm iterations so far.
    9 CALM State Range(0, 255), Word(0);
    /// Fractional bits that the quantizer keeps.
    10 GRADIENT_BITS Setting Range(0, 20), Word(20);
    /// Fractional bits of the point.
    11 POINT_BITS Setting Range(0, 28), Word(28);
    /// Lower bound of a component, Q4.28.
    12 LOW Setting Any, Word(0x8000_0000);
    /// Upper bound of a component, Q4.28.
    13 HIGH Setting Any, Word(0x7fff_ffff);
    /// Output levels of the perceptron.
    14 LEVELS Setting Range(2, 16), Word(2);
    /// Iterations done.
    15 ITERATIONS State Any, Word(0);
    /// The last value, UQ16.32, low word.
    16 VALUE_LOW State Any, Word(0);
    /// The last value, bits 47..32.
    17 VALUE_HIGH State Range(0, 0xffff), Word(0);
    /// The epoch: the host's own number for this run, 0 after power-up or reset.
    18 RUN Setting Any, Word(0);
    /// State of the noise generator, low word; it takes effect with the high word.
    19 NOISE_LOW State Any, Reset::SeedLow;
    /// State of the noise generator, high word; its write loads both.
    20 NOISE_HIGH State Allowed::SeedHigh, Reset::SeedHigh;
    /// Sticky: bit 0 point, bit 1 gradient, bit 2 value was clamped.
    21 SATURATED State Range(0, 7), Word(0);
    /// Bit 7: there was an iteration; bits 5..0 its largest component, bit 6 its sign.
    22 LAST State Range(0, 255), Word(0);
    /// A write starts this many iterations; a read gives those left.
    23 ITERATE Start Range(0, 0xff_ffff), Word(0);
}

/// The memories: rows of space 0, a word for each dimension.
pub mod memory {
    /// The point, Q4.28.
    pub const POINT: u8 = 0;
    /// What the gradient's quantizer dropped.
    pub const GRADIENT_RESIDUE: u8 = 1;
    /// What rounding to the point's grid dropped.
    pub const POINT_RESIDUE: u8 = 2;
    /// The quadratic's curvatures; of a linear model, the last sample's features.
    pub const CURVATURE: u8 = 3;
    /// The quadratic's minimum.
    pub const CENTRE: u8 = 4;
    /// The last gradient, read only.
    pub const GRADIENT: u8 = 5;
}

/// The gradient core.
pub const CORE: Core =
    Core { number: 2, name: "gradient", title: "a gradient core", registers: REGISTERS };

/// What a gradient core is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GradientBuilt {
    /// A bit for each objective that is built in, by its number.
    pub objectives: u16,
    /// 1 to 64.
    pub dimension: u16,
}

impl Built for GradientBuilt {
    const CORE: &'static Core = &CORE;

    fn size(&self, which: usize) -> u32 {
        [self.objectives, self.dimension][which].into()
    }

    fn parameters(&self) -> [u8; PARAMETERS] {
        let mut b = [0; PARAMETERS];
        b[0..2].copy_from_slice(&self.objectives.to_be_bytes());
        b[2..4].copy_from_slice(&self.dimension.to_be_bytes());
        b
    }

    fn from_parameters(b: &[u8; PARAMETERS]) -> Option<Self> {
        let objectives = u16::from_be_bytes([b[0], b[1]]);
        let dimension = u16::from_be_bytes([b[2], b[3]]);
        let known = objectives != 0 && (1..=64).contains(&dimension);
        known.then_some(Self { objectives, dimension })
    }
}
