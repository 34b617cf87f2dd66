//! The same quantizer, wide: a search compares a row of every bank in a clock.
//!
//! ```text
//!      samples (U a beat)                                     bus (32-bit words)
//!            |                                                     |
//!   +--[x, two halves]--> [Bank 0..B] -> [Nearest] -> [Best] -> index, distance -> [queue of 2]
//!   |    rows of L        codewords,      of banks    count *      |
//!   |                     8 bits, trees               distance     v
//!   |                        ^ rounded              [Gain], [Neighbourhood] <- counts, [Registers]
//!   |                        |                                     |
//!   +--[samples, two halves] -> [Update 0..U]  w + ((x - w) * gain >> ..) -> [words, 23 bits]
//! ```
//!
//! Bank `b` holds codewords `b`, `b + B`, `b + 2 B` and so on, rounded to samples: the distance is
//! taken to the rounded codeword, so a search needs no more. Guard bits and residues are in the
//! words, `U` components a row, which only the update and the bus read. What is written there goes
//! to the banks two clocks later.
//!
//! Its map, its golden model and every bit of its answers are the narrow core's
//! ([`super::VqCore`]), of as many lanes as a beat has components. The narrow one stays because it
//! searches and updates one memory: with 8 to 16 lanes that is half the block RAM, and a core for
//! the smallest boards.
//!
//! # What overlaps
//! - A vector is loaded while others are searched for. Two are kept, in the halves of `x`.
//! - Two searches are on their way where nothing is learned: the next one's rows follow the last
//!   one's at once.
//! - A search begins while the last winner is still being moved, at radius 0: its rows begin
//!   behind the winner's, so that it comes there last, when the codeword is in its place. The least
//!   key (score, index) does not depend on the order. No search ever sees an old codeword, so there
//!   is nothing to turn off. With fewer slots (`ceil(N / B)`) than `9 + ceil(D / U)`, or a radius,
//!   it waits.
//! - Where scores are scaled by counts, or all counts are to be halved, a learned vector's search
//!   takes one codeword after another through the same trees, so that one multiplier and one
//!   memory of counts are enough.
//!
//! # Cycles, with C = ceil(D / L) rows and E = ceil(D / U) beats, S = ceil(N / B) slots
//! | phase | clocks |
//! |---|---|
//! | clear | 256, or N * D / U of the built sizes if that is more |
//! | load | E |
//! | search, result valid in the last | S * C + 8 + log2(B L), 2 more if squares are built in |
//! | search, one by one | N * C + 12 + log2(B L), 2 more if squares are built in |
//! | update, radius 0 | E + 9 |
//! | update, K codewords in the neighbourhood's box | K * E + 9 |
//! | from one recalled vector to the next | S * C, or E |
//! | from one learned vector to the next that overlaps | S * C + 9 + log2(B L), 2 more with squares |

mod bank;
mod best;
mod core;
mod distance;
mod memory;
mod nearest;
mod row;

pub use self::core::WideCore;
pub use bank::Bank;
pub use best::Best;
pub use distance::RowDistance;
pub use memory::{GroupedRam, Store};
pub use nearest::Nearest;
pub use row::{ActiveLanes, NewRow, RoundedRow};
