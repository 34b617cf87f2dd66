//! `quantize`: a trained network to few bits.

pub use super::lowbit::{run, Args};
