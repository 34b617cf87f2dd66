//! The gradient core's map.
//!
//! A vector is a sample: a word of 16 bits for each dimension, and one for the target, Q4.12, low
//! byte first. An answer has 4 bytes: the prediction, Q12.20.
//!
#![doc = include_str!("../gradient.md")]

use crate::link::PARAMETERS;
use crate::{Built, Core, Register};

/// The built sizes, by number: a bit for each objective.
pub const OBJECTIVES: usize = 0;
/// Dimensions.
pub const MOST_DIMENSION: usize = 1;

registers! { $ gradient_registers;
    /// 0 Rosenbrock, 1 quadratic bowl, 2 linear model on samples, 3 Styblinski and Tang's
    /// function, 4 Rastrigin's, 5 Griewank's in two dimensions.
    OBJECTIVE = 0: Setting BitOf(OBJECTIVES), LowestBitOf(OBJECTIVES);
    /// Dimensions in use.
    DIMENSION = 1: Setting UpTo(MOST_DIMENSION), Word(2);
    /// Bits 1..0 rounding (truncate, nearest, stochastic, error feedback); bit 2 compensation;
    /// bit 3 adaptive rate; bits 5..4 link function (identity, sigmoid, levels).
    MODE = 2: Setting Fields(&[(4, 15), (2, 2)]), Word(0);
    /// Rate `2^-rate`.
    RATE = 3: State Range(0, 31), Word(10);
    /// The adaptive rate's smallest exponent.
    RATE_LEAST = 4: Setting Range(0, 31), Word(0);
    /// The adaptive rate's and the schedule's largest exponent.
    RATE_MOST = 5: Setting Range(0, 31), Word(31);
    /// Iterations per step of the rate schedule; 0 holds the rate.
    RATE_PERIOD = 6: Setting Range(0, 0xff_ffff), Word(0);
    /// Iterations since the last step of the rate schedule.
    RATE_TIMER = 7: State Range(0, 0xff_ffff), Word(0);
    /// Calm iterations before the adaptive rate doubles.
    PATIENCE = 8: Setting Range(1, 255), Word(16);
    /// Calm iterations so far.
    CALM = 9: State Range(0, 255), Word(0);
    /// Fractional bits that the quantizer keeps.
    GRADIENT_BITS = 10: State Range(0, 20), Word(20);
    /// Fractional bits of the point.
    POINT_BITS = 11: State Range(0, 28), Word(28);
    /// Lower bound of a component, Q4.28.
    LOW = 12: Setting Any, Word(0x8000_0000);
    /// Upper bound of a component, Q4.28.
    HIGH = 13: Setting Any, Word(0x7fff_ffff);
    /// Output levels of the perceptron.
    LEVELS = 14: Setting Range(2, 16), Word(2);
    /// Iterations done.
    ITERATIONS = 15: State Any, Word(0);
    /// The last value, UQ16.32, low word.
    VALUE_LOW = 16: State Any, Word(0);
    /// The last value, bits 47..32.
    VALUE_HIGH = 17: State Range(0, 0xffff), Word(0);
    /// State of the noise generator, low word; it takes effect with the high word.
    NOISE_LOW = 18: State Any, Reset::SeedLow;
    /// State of the noise generator, high word; its write loads both.
    NOISE_HIGH = 19: State Allowed::SeedHigh, Reset::SeedHigh;
    /// Sticky: bit 0 point, bit 1 gradient, bit 2 value was clamped.
    SATURATED = 20: State Range(0, 7), Word(0);
    /// Bit 7: there was an iteration; bits 5..0 its largest component, bit 6 its sign.
    LAST = 21: State Range(0, 255), Word(0);
    /// A write starts this many iterations, and is acknowledged when they are done; a read gives
    /// those left, over the link 0.
    ITERATE = 22: Start Range(0, 0xff_ffff), Word(0);
    /// This and those after it are of a core that was built with a search. Bit 0: the best point
    /// is kept; bit 1: GRADIENT_BITS rises, bit 2: POINT_BITS rises.
    SEARCH = 23: Setting Range(0, 7), Word(0);
    /// Each component gets noise of 32 bits less this many, Q4.28; with 32 none.
    NOISE_WIDTH = 24: State Range(0, 32), Word(32);
    /// Iterations until NOISE_WIDTH grows by 1, to 32 at most; 0 holds it.
    NOISE_PERIOD = 25: Setting Range(0, 0xff_ffff), Word(0);
    /// Iterations since it last grew.
    NOISE_TIMER = 26: State Range(0, 0xff_ffff), Word(0);
    /// Iterations until the bits that rise grow by 1; 0 holds them.
    RESOLUTION_PERIOD = 27: Setting Range(0, 0xff_ffff), Word(0);
    /// Iterations since they last grew.
    RESOLUTION_TIMER = 28: State Range(0, 0xff_ffff), Word(0);
    /// Where they stop: bits 7..0 GRADIENT_BITS, bits 15..8 POINT_BITS.
    RESOLUTION_MOST = 29: Setting Fields(&[(8, 20), (8, 28)]), Word(0x1c14);
}

memories! { $ gradient_memories;
    /// The point, Q4.28. Of this memory and those after it: row 0, column: dimension.
    POINT = 1;
    /// What the gradient's quantizer dropped.
    GRADIENT_RESIDUE = 2;
    /// What rounding to the point's grid dropped.
    POINT_RESIDUE = 3;
    /// The quadratic's curvatures; of a linear model, the last sample's features.
    CURVATURE = 4;
    /// The minimum of the quadratic, and of Rastrigin's and Griewank's functions.
    CENTRE = 5;
    /// The last gradient, read only.
    GRADIENT = 6;
    /// The best point so far, of a search that keeps it.
    KEPT = 7;
}

/// The registers of a core without a search.
const PLAIN: usize = SEARCH as usize;
/// The objectives that bring a search, a bit for each by its number: Rastrigin's and Griewank's
/// functions.
const MULTIMODAL: u16 = 1 << 4 | 1 << 5;

/// The gradient core.
pub const CORE: Core = Core {
    number: 2,
    name: "gradient",
    title: "a gradient core",
    registers: REGISTERS,
    memories: MEMORIES,
    acknowledgement: ITERATIONS,
};

/// What a gradient core is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GradientBuilt {
    /// A bit for each objective that is built in, by its number.
    pub objectives: u16,
    /// 1 to 64.
    pub dimension: u16,
}

impl GradientBuilt {
    /// Whether it has a search: a kept point, noise and a rising resolution. It comes with an
    /// objective that has many minima.
    pub fn searches(&self) -> bool {
        self.objectives & MULTIMODAL != 0
    }
}

impl Built for GradientBuilt {
    const CORE: &'static Core = &CORE;

    fn registers(&self) -> &'static [Register] {
        if self.searches() {
            REGISTERS
        } else {
            &REGISTERS[..PLAIN]
        }
    }

    fn size(&self, which: usize) -> u32 {
        [self.objectives, self.dimension][which].into()
    }

    fn answer(&self) -> u8 {
        4
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
