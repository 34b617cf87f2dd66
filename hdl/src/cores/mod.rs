//! The cores, a folder each. Its page, with diagram, formats and clocks, is its `mod.rs`; what
//! every core has in common is [`core`](crate::core).

pub mod boltzmann;
pub mod fusion;
pub mod gradient;
pub mod lms;
pub mod network;
pub mod vq;
