//! The deterministic Boltzmann machine with quantized connections (Peterson and Anderson, 1987;
//! Park, 2000 and 2002).
//!
//! ```text
//!  x --> masks: input, target, sign                    bus (32-bit words)
//!   \                                                      |
//!    v   L lanes                                      [Registers] [Noise]
//!  [state RAM ] --+                                        |  levels, gain, ratio, rule ...
//!  [weight RAM]-> [Multiply] -> [Sum] -> [Scale] -> [Multiply] -> [Argument] -> [Tanh] --+
//!       ^  ^                                 gain -^   [Ladder]                          |
//!       |  +--- states, a unit a clock and group -----------------------------------------+
//!       |                                                         |
//!       |       s_i, s_j -> [Multiply] -> + - -> [difference RAM] |  [Reached] -> missed
//!       |                                            |            v
//!       +-- both ends <-- [Candidate] largest <------+  levels
//!       +-- both ends <-- [Move] <-- [Step] <--------+  residues, [residue RAM], or noise
//! ```
//!
//! A lane holds the states of every `L`-th unit, and the weights by which those are heard: a unit
//! hears `L` others a clock. All units of a sweep settle from the states before it, so that they
//! follow each other through the pipeline; the free and the clamped phase take turns in a sweep, so
//! that the pipeline is filled once for both.
//!
//! # Formats
//! | value | format |
//! |---|---|
//! | state | Q1.7, at most 127 / 128 in magnitude |
//! | weight | a level, 8 bits, and a residue, Q0.16 of a level |
//! | sum | Q13.7, exact; scaled to Q9.7, saturating |
//! | gain, ratio | UQ4.11, UQ2.13 |
//! | argument of tanh | sign and UQ2.6, saturating; a table of 256 words |
//! | difference | Q18.14 |
//!
//! # Clocks, with U units in use, V of them visible, N built in, in S sweeps
//! | work | clocks |
//! |---|---|
//! | settling, of F phases | `V + 5 N / L + S (F U ceil(U / L) + 8)` |
//! | a vector learned, from its beat to the core free again | settling (F = 2) `+ 4 C + 5`, with `C = U (U - 1) / 2` connections |
//! | and an epoch's end | `MOVES (C + 5)` by levels, `6 C` by residues or drawing |
//! | a vector answered, from its beat to its first result | settling (F = 1) `+ 2 min(V, 4) + 1` |
//! | `clear` | 512 |
//!
//! With 7 units, of which 6 are visible, 12 temperatures and a sweep each, this is 379 clocks a
//! vector on 8 of 32 units a clock, and 567 on 4: 132,000 vectors a second at 50 MHz, and 42,000 at
//! 24 MHz.
//!
//! The golden model `fixlearn-sim`'s `golden::cores::boltzmann` is the specification.

mod change;
mod core;
mod lane;
mod registers;
mod response;

pub use self::core::BoltzmannCore;
pub use change::{Candidate, Move, Step};
pub use lane::Lane;
pub use registers::Registers;
pub use response::{Argument, Ladder, Reached, Scale, Sum, Tanh};
