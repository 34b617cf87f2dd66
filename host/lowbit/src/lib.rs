//! Quantizes a trained network to 2 to 8 bits, with or without its data.
#![doc = include_str!("../../docs/lowbit.md")]

pub mod adam;
pub mod checkpoint;
pub mod closed;
pub mod data;
pub mod export;
pub mod file;
pub mod generator;
pub mod layers;
pub mod losses;
pub mod network;
pub mod ops;
pub mod pretrain;
pub mod quantize;
pub mod student;

/// An error of the deep-learning library, which is one of this program or of the machine.
pub fn wrong(error: candle_core::Error) -> fixlearn::Error {
    fixlearn::Error::request(format!("the network cannot be computed: {error}"))
}

/// A seed for what is done at a step, of which another step's says nothing.
pub fn seed(seed: u64, what: u64, step: u64) -> u64 {
    let mix = fixlearn::order::mix;
    mix(mix(mix(seed).wrapping_add(what)).wrapping_add(step))
}
