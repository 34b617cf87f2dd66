//! `pretrain`: a network in floating point.

pub use super::lowbit::{run, Args};
