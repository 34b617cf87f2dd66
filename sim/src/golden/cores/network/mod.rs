//! The low-bit network, bit for bit: layers by a table, whole numbers alone.
//!
//! Activations are unsigned, weights signed. A sum is exact:
//!
//! ```text
//! sum = bias + w1 x1 + w2 x2 + ...
//! y   = clamp((sum m + half) >> shift, 0, 2^a - 1)        half = 2^(shift-1), 0 where shift is 0
//! ```
//!
//! with a multiplier and a shift of each output. The last layer's sums are scores; the class is the
//! number of the largest one, of equal ones the first.
//!
//! # Formats
//! | value | format | narrowing |
//! |---|---|---|
//! | activation | unsigned, 1 to 8 bits | rounded to nearest, halves up, and clamped |
//! | weight | 1 bit (0: -1, 1: +1), or signed in a place of 2, 4 or 8 bits | |
//! | sum of products | 27 bits, signed | exact |
//! | bias | 27 bits, signed | |
//! | score | 28 bits, signed | exact |
//! | multiplier, shift | 16 bits, unsigned; 0 to 31 | |
//!
//! # Memories
//! Image and layers stand in turns in two memories of activations, channel by channel, row by row.
//! A byte of a word of weights is a lane's, and has 8, 4, 2 weights or 1 that follow each other,
//! the first in the low bits. The lanes are outputs that follow each other: lanes' outputs are a
//! group, whose weights begin with a word of their own. Weights follow each other as torch orders
//! them: channel, row, column.
//!
//! # The last layer learns
//! With `LEARNING`, in a core that is built for it, an image that is learned with its class `k`
//! moves weights of the last layer, if that gives scores `z`: the gradient of Crammer and Singer's
//! hinge (2001) for several classes, narrowed as in the gradient core. `r` is the output of the
//! largest score other than `k`'s, of equal ones the first, `x` what the layer is given:
//!
//! ```text
//! if z_k < z_r + margin, for each i:    step = floor(x_i / 2^rate + d),
//!     w_ki = saturate(w_ki + step)      d = 0, 1/2, or noise of rate bits: rounding
//!     w_ri = saturate(w_ri - step)      towards 0, to nearest, stochastic
//! ```
//!
//! A step is in levels of the weight, which uses its whole place: -8 to 7 in one of 4 bits, and
//! of 1 bit a level is from -1 to 1. Biases stay. The noise, xorshift32, moves by one state with
//! each `i` of an image that moves weights, whatever the rounding; its low bits are used.
//!
//! [`file::NetworkFile`] is a network as a file says it, and computes it without any of these
//! memories.

pub mod file;
mod learn;
pub mod reference;
mod registers;
mod run;
mod words;

pub use registers::Config;
pub use run::{narrow, Answer, Layer};

use fixlearn_map::network::{NetworkBuilt, MOST_CHANNELS, MOST_LAYERS};
use serde::{Deserialize, Serialize};

/// Words of the table of layers.
pub const LAYER_WORDS: usize = 2 * MOST_LAYERS as usize;
/// Words of the memory of channels.
pub const CHANNEL_WORDS: usize = 2 * MOST_CHANNELS;

/// The network: registers and memories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    pub config: Config,
    /// Two words a layer.
    pub layers: Vec<u32>,
    /// Two words an output.
    pub channels: Vec<u32>,
    /// Words of 32 bits: four lanes each.
    pub weights: Vec<u32>,
    pub lanes: u8,
    pub activation_bits: u8,
    /// The last layer can learn.
    #[serde(default)]
    pub learns: bool,
    /// The activations: even layers, and odd ones. They are no state to be saved.
    #[serde(skip)]
    pub banks: [Vec<u8>; 2],
}

impl Network {
    /// One without layers, in memories of these sizes.
    pub fn new(built: NetworkBuilt) -> Self {
        let bank = || vec![0; built.activations()];
        Self {
            config: Config::power_up(),
            layers: vec![0; LAYER_WORDS],
            channels: vec![0; CHANNEL_WORDS],
            weights: vec![0; built.words() * built.quads()],
            lanes: built.lanes,
            activation_bits: built.activation_bits,
            learns: built.learning,
            banks: [bank(), bank()],
        }
    }

    fn quads(&self) -> usize {
        usize::from(self.lanes) / 4
    }

    /// Words of weights, a byte a lane.
    fn words(&self) -> usize {
        self.weights.len() / self.quads().max(1)
    }

    /// The layers that are run.
    pub fn running(&self) -> Vec<Layer> {
        let many = self.config.layers as usize;
        self.layers
            .chunks(2)
            .take(many)
            .map(|words| Layer::from_words([words[0], words[1]]))
            .collect()
    }
}
