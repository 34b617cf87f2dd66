//! Kohonen's competitive-learning vector quantizer.
//!
//! ```text
//!            samples (L a beat)                          bus (32-bit words)
//!                  |                                         |
//!              [x buffer]                               [Registers]--- rates, radius, metric
//!                  |                                         |
//!   +-- x --- [Lane 0..L] -- abs(x - round(w)) --> [Distance] --> [Winner] --> index, distance
//!   |         codebook RAM                         squares, sum    count * distance, minimum
//!   |         w |     ^
//!   |   [Turns] v     | write back
//!   +-------> [Update 0..U]  w + ((x - w) * gain >> ..) <- [Neighbourhood] <- [Gain] <- counts
//! ```
//!
//! The lanes search, one dimension each a clock. U update units serve them in L / U turns; see
//! [`Fabric`](crate::fabric::Fabric) for how many there are, and of what the products are made.
//!
//! # Formats
//! | value | format |
//! |---|---|
//! | sample | 8 bits, unsigned, or signed when mode bit 5 is set (its sign bit is then flipped) |
//! | codeword | UQ8.7: 8 integer and 7 guard bits, saturating at 0 and 255.0 (32640) |
//! | residue | UQ0.8 of a codeword step, beside the codeword, for error feedback |
//! | distance | 24 bits: sum of `abs(x - round(w))` or of its square, exact |
//! | score | 32 bits: win count times distance, saturating |
//! | win count | 16 bits, starts at 1, saturating; all are halved once one reaches the cap |
//! | rate | `R / 512 * 2^-e`, `R` in 257..=512, `e` in 0..=15 |
//!
//! # Cycles, with C = ceil(D / L) beats and T = L / U turns
//! | phase | clocks |
//! |---|---|
//! | clear | 256, or a lane's codebook if that is longer |
//! | load | C |
//! | search | N * C + 12, result valid in the last |
//! | update, radius 0 | C * T + 7 |
//! | update, K codewords in the neighbourhood's box | K * C * T + 7 |
//!
//! # Rules
//! Winner: Kohonen (1982), nearest codeword, ties to the lowest index. Frequency-sensitive
//! scaling: Ahalt, Krishnamurthy, Chen and Melton, "Competitive learning algorithms for vector
//! quantization", Neural Networks 3 (1990). Count-based rates `1/u`: MacQueen (1967).
//! `fixlearn-sim`'s `golden::vq` is the specification.

/// Clocks of a search beyond its beats: from the last one to the winner.
pub const SEARCH_CLOCKS: u64 = 12;
/// Clocks of an update beyond its codewords' turns.
pub const UPDATE_CLOCKS: u64 = 7;

mod core;
mod distance;
mod gain;
mod lane;
mod neighbourhood;
mod registers;
mod turns;
mod update;
pub mod wide;
mod winner;

pub use self::core::VqCore;
pub use distance::Distance;
pub use gain::{reciprocal_mantissa, Gain};
pub use lane::{CodebookRam, Deviation, Lane};
pub use neighbourhood::{Neighbourhood, Span};
pub use registers::Registers;
pub use turns::Turns;
pub use update::Update;
pub use winner::Winner;
