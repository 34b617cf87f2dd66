//! The fusion node: where a source is, from codewords of several nodes (after Kim, 2017).
//!
//! ```text
//!  codewords --> [Candidates] --key--> [Bucket] --place--> [combination RAM] --> same? count
//!                     |                              \---> [position RAM] ----> mean
//!                     +--pair--> [hit RAM] --> [Logarithm] ---+                  |
//!                                   count --> [Logarithm] -> [Score] > best  [Distance] < nearest
//!                                                                |               |
//!                answer: own mean, else the best one's, else the centre     hits grow by one
//!                own mean --> [Moved] by (p - m) / (count + 1) --> both RAMs
//! ```
//!
//! Nothing is multiplied. The combination that came and all that differ from it at one node are
//! looked up one after the other, the four places of a bucket each, a place a clock. On an
//! UltraPlus both tables are in its large RAMs, elsewhere in block RAMs.
//!
//! # Formats
//! | value | format |
//! |---|---|
//! | position, mean | UQ0.16; the step of a mean is rounded to nearest |
//! | count, hits | 8 and 15 bits, saturating |
//! | logarithms | UQ4.4, to base 2 |
//! | score | UQ8.4, exact |
//! | distance | UQ1.16, along `x` plus along `y` |
//! | error | UQ48.16 |
//!
//! # Clocks, with N nodes of B bits: C = 1 + N (2^B - 1), P places
//! | work | clocks |
//! |---|---|
//! | a sample learned, from its first beat to the core free again | 4 C + 27 |
//! | a sample answered, from its first beat to its result | 4 C + 7 |
//! | `clear` | P, at least 2048 |
//!
//! The golden model `fixlearn-sim`'s `golden::cores::fusion` is the specification.

mod bucket;
mod candidates;
mod core;
mod figures;
mod moved;
mod registers;

pub use self::core::FusionCore;
pub use bucket::Bucket;
pub use candidates::Candidates;
pub use figures::{Distance, Logarithm, Octaves, Score};
pub use moved::Moved;
pub use registers::Registers;

use fixlearn_map::fusion::FusionBuilt;

/// Clocks that `clear` takes: a word of each memory a clock.
pub fn clear_clocks(built: FusionBuilt) -> u64 {
    built.places().max(2048) as u64
}
