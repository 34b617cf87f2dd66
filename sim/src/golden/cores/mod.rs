//! The cores' golden models, a folder each.

pub mod boltzmann;
pub mod fusion;
pub mod gradient;
pub mod lms;
pub mod network;
pub mod vq;
