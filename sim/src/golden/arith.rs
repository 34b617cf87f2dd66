//! Integer rules that several cores share: roundings and noise.

use serde::{Deserialize, Serialize};

/// How fractional bits are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rounding {
    /// Towards minus infinity.
    Truncate,
    /// To nearest, halves up.
    Nearest,
    /// Up with a probability equal to the fraction (Gupta et al., 2015).
    Stochastic,
    /// Truncate, and add what was dropped to the same component's next update (Seide et al., 2014).
    ErrorFeedback,
}

impl Rounding {
    /// Every rounding, by its number in a register.
    pub const ALL: [Rounding; 4] =
        [Rounding::Truncate, Rounding::Nearest, Rounding::Stochastic, Rounding::ErrorFeedback];

    /// Its number in a register.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// The rounding of the low two bits.
    pub fn from_number(number: u32) -> Self {
        Self::ALL[(number & 3) as usize]
    }
}

/// The noise generator's state after power-up.
pub const NOISE_SEED: u64 = fixlearn_map::SEED;

/// Marsaglia's xorshift64.
pub fn xorshift64(mut x: u64) -> u64 {
    x ^= x << 13;
    x ^= x >> 7;
    x ^ (x << 17)
}

/// Marsaglia's xorshift32, shifts 13, 17, 5.
pub fn xorshift32(mut x: u32) -> u32 {
    x ^= x << 13;
    x ^= x >> 17;
    x ^ (x << 5)
}

/// Both words of a 64-bit register pair.
pub fn pair(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// The pair with another low word.
pub fn with_low(pair: u64, low: u32) -> u64 {
    pair >> 32 << 32 | u64::from(low)
}

/// The pair with another high word.
pub fn with_high(pair: u64, high: u32) -> u64 {
    pair & 0xffff_ffff | u64::from(high) << 32
}
