//! A low-bit network: layers from a table, weights of 1 to 8 bits, activations of 1 to 8.
//!
//! ```text
//!             [layers] --> [Walk] --address--> [even bank] --x-+        (the banks change roles
//!                             |                [odd bank]      |         with every layer)
//!                             +---> [weights] -> [Unpack] -> [Products] -> [Sums]   4 lanes: Quad
//!                                   a byte a lane                            |
//!   image --> even bank             [outputs: bias, multiplier, shift]    [Chain] a lane a clock
//!                                             |                              |
//!            bank <-- [Narrow] clamp <- shift <- multiply <- bias <----------+
//!            class, scores <------------------------------------+
//!                  |
//!   activation, class, rival --> [Step], [Row], [Move] --> weights         if it learns
//! ```
//!
//! Each lane is an output: in a clock all lanes weigh the same activation. The weights of a lane
//! stand in a byte of the word, 8, 4, 2 or 1 of them. On an UltraPlus the weights are in its large
//! RAMs, and two lanes share a multiplier; sizes up to 1024 words have block RAM everywhere.
//!
//! # Formats
//! | value | format |
//! |---|---|
//! | activation, weight | 8 bits, unsigned; 8 bits, signed |
//! | sum of products, bias | 27 bits, signed, exact: 2048 products at most |
//! | score | 28 bits, signed |
//! | product with the multiplier | 43 bits, unsigned: what is below 0 is 0 |
//!
//! # Clocks, with L lanes
//! | work | clocks |
//! |---|---|
//! | a convolution of C channels to O outputs, W x H | `ceil(O / L) W H max(9 C, L)` |
//! | a dense layer of I inputs to O outputs | `ceil(O / L) max(I, L)` |
//! | a pool of C channels to W x H | `4 C W H` |
//! | beside that, a layer | L + 14 |
//! | an image, from its first beat to its result | bytes of image and class + 2 |
//! | a score of its answer | 3 |
//! | learning, with the result: a last layer of I inputs | `9 I` |
//! | `clear` | words of weights, at least activations of a bank |
//!
//! The golden model `fixlearn-sim`'s `golden::cores::network` is the specification.

mod bank;
mod chain;
mod core;
mod emit;
mod learn;
mod narrow;
mod quad;
mod registers;
mod walk;

pub use self::core::NetworkCore;
pub use bank::Bank;
pub use chain::Chain;
pub use emit::Emit;
pub use learn::{Move, Row, Step};
pub use narrow::Narrow;
pub use quad::{Products, Quad, Sums, Unpack};
pub use registers::Registers;
pub use walk::Walk;

use fixlearn_map::network::NetworkBuilt;

/// Clocks that `clear` takes: a word of each memory a clock.
pub fn clear_clocks(built: NetworkBuilt) -> u64 {
    built.words().max(built.activations()).max(256) as u64
}
