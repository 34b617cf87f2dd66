//! Quantized gradients: `x' = x - rate * Q(g)`, with compensation and an adaptive rate.
//!
//! ```text
//!  samples ---------> [Evaluator]  point in, valid/ready        bus (32-bit words)
//!                      point, datum, scratch RAMs                    |
//!                      [MultiplyWide] <-> [Objectives]          [Registers]--- rate, bits, bounds
//!   +---- point ----->     |                                         |
//!   |                      v gradient out, valid/ready, twice        |
//!   |     1. survey: [Largest] k = argmax abs(g); would anything move?
//!   |     2. update: + dither --> Q --> >> rate --> + dither --> grid --> x - step --> clamp
//!   |                [residue RAM]      [Narrow]   [residue RAM]             |
//!   +-- [point RAM] <--------------------------------------------------------+
//! ```
//!
//! A core with an objective that has many minima has a search: the best point is kept in a RAM
//! beside the point's, and is what the update begins from if the point was worse; every component
//! gets noise whose width halves every so many iterations; and the bits of gradient and point rise.
//! Without such an objective, synthesis leaves it out.
//!
//! # Formats
//! | value | format |
//! |---|---|
//! | point | Q4.28, 32 bits; on a grid of `2^-m`, `m` in 0..=28, between a lower and an upper bound: `m = 12` is the 16-bit format Q4.12 |
//! | gradient | Q12.20, saturating; the quantizer keeps `n` fractional bits, 0..=20: `Qp = 2^n` |
//! | residues | what each narrowing dropped: 20 and 32 bits, unsigned |
//! | value | UQ16.32, saturating |
//! | sample, target | Q4.12, 16 bits |
//! | prediction | Q12.20 |
//! | rate | `2^-e`, `e` in 0..=31 |
//!
//! Whatever was clamped sets a sticky flag: point, gradient, value.
//!
//! # Clocks in D dimensions
//! An iteration takes the clocks that [`OBJECTIVES`] says of its objective. A prediction takes
//! 3 D + 17 from a sample's first word to its result, and D products. `clear` takes 128 clocks. D
//! clocks each take the point to the objective, the survey and the update; the rest are the
//! objective's passes and the pipelines' ends, 10 clocks a pass.
//!
//! # Rules
//! Quantizer and descent: Seok (2020). Compensation by a search vector orthogonal to the
//! gradient's largest component, and the adaptive rate: our reading of Seok and Kim (2019), Seok
//! (2020) and US 2021/0133626. `fixlearn-sim`'s `golden::gradient` is the specification; it gives
//! each formula and says which part is whose.

mod core;
mod evaluator;
mod largest;
mod narrow;
mod objective;
mod registers;
mod sequencer;

pub use self::core::GradientCore;
pub use evaluator::Evaluator;
pub use largest::Largest;
pub use narrow::{Narrow, RateShift, Settle};
pub use objective::*;
pub use registers::Registers;
pub use sequencer::Sequencer;
