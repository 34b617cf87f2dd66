//! The adaptive filter: least mean squares (Widrow and Hoff, 1960).
//!
//! ```text
//!  x ---------------> [line RAM] --+              bus (32-bit words)
//!   \--- newest tap ---------------+ x_(n-i)          |
//!                                  v              [Registers]--- taps, rate, place
//!  [weight RAM] -> [Factor] --> [Multiply] --> sum --> round, clamp --> y     |
//!       ^             e ---------> |                        d - y, clamp --> e --> [output RAM]
//!       |                          v product                                  |
//!       +------- clamp <-- + <-- [Step] >> rate, round             e e --> energy
//! ```
//!
//! There is one multiplier of 16 x 16 bits. The first pass over the taps filters: a tap's weight,
//! rounded to 16 bits, times its sample, a clock each. The second, where the sample is learned,
//! moves the weights: the error times the tap's sample.
//!
//! # Formats
//! | value | format |
//! |---|---|
//! | `x`, `d`, `y`, `e` | Q1.15; `y` and `e` saturate |
//! | weight | Q4.28, saturating; what multiplies is its upper half, Q4.12, rounded |
//! | sum | Q13.27, exact for 256 taps |
//! | step of a weight | `2^-r e x`, rounded to Q4.28 |
//! | energy | UQ34.30 |
//!
//! Whatever was clamped in a learned sample sets a sticky flag: output, error, weight.
//!
//! # Clocks, with T taps in use
//! | work | clocks |
//! |---|---|
//! | a sample learned, from its beat to the core free again | 2 T + 11 |
//! | a sample answered, from its beat to its result | T + 7 |
//! | `clear` | 256 |
//!
//! The golden model `fixlearn-sim`'s `golden::cores::lms` is the specification.

mod core;
mod registers;
mod round;

pub use self::core::LmsCore;
pub use registers::Registers;
pub use round::{Factor, Step};

/// Taps that there can be: as many as a row of the bus has words, at no cost in block RAM.
pub const TAPS: u16 = 256;
