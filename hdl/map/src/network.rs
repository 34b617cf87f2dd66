//! The low-bit network's map: layers by a table, weights of 1 to 8 bits, activations of 1 to 8.
//!
//! A vector is an image: a byte for each input, channel by channel, row by row, and then the byte
//! of its class, which counts where it is learned and not where it is recalled. An answer has 4
//! bytes, high byte first: the class found; and then the first `SCORES` scores, 4 bytes each,
//! signed, high byte first, 0 where the network has fewer.
//!
#![doc = include_str!("../network.md")]

use crate::link::PARAMETERS;
use crate::{Built, Core};

registers! { $ network_registers;
    /// Bytes of an image.
    INPUTS = 0: Setting Range(1, 240), Word(64);
    /// Layers that are run: fewer than there are, and the last one's activations can be read.
    LAYERS = 1: Setting Range(1, MOST_LAYERS as u32), Word(1);
    /// Scores in an answer.
    SCORES = 2: Setting Range(0, 60), Word(0);
    /// Images learned, modulo `2^32`.
    IMAGES = 3: State Any, Word(0);
    /// Images learned whose class was not the one found, modulo `2^32`.
    WRONG = 4: State Any, Word(0);
    /// The class found of the last image learned.
    CLASS = 5: State Range(0, 255), Word(0);
    /// 1: the last layer learns from an image that is learned, if the core is built for that.
    LEARNING = 6: Setting Range(0, 1), Word(0);
    /// The last layer learns with a rate of `2^-RATE`.
    RATE = 7: Setting Range(0, 15), Word(2);
    /// How a step is rounded: truncate, nearest, stochastic.
    ROUNDING = 8: Setting Range(0, 2), Word(2);
    /// Weights move if the class's score is not above the next one's by as much.
    MARGIN = 9: Setting Range(0, 0x3ff_ffff), Word(0);
    /// 1: a weight that moved was clamped; writing 0 clears it.
    SATURATED = 10: State Range(0, 1), Word(0);
    /// State of the noise generator.
    NOISE = 11: State Range(1, u32::MAX), Word(crate::SEED as u32);
}

memories! { $ network_memories;
    /// The layers, two words each, row 0. The first: kind in bits 1..0, bits of a place for a
    /// weight in bits 3..2 (1, 2, 4, 8), bits of an activation less 1 in bits 6..4, width and
    /// height less 1 in bits 13..7 and 18..14, width times height in bits 31..19. The second:
    /// channels, of a dense layer inputs, less 1 in bits 10..0, outputs less 1 in bits 23..16.
    LAYER = 1;
    /// What the sums of an output are made of, two words each, outputs of all layers one after the
    /// other. The first: the bias, 27 bits, signed. The second: the multiplier in bits 15..0, the
    /// shift in bits 20..16. Row and column: twice the output's number, in bits above and below
    /// 256.
    CHANNEL = 2;
    /// The weights: a byte a lane, the first lane in the lowest one. Row and column: the word's
    /// number, in bits above and below 256.
    WEIGHT = 3;
    /// The activations of the image, and of every other layer from the second on. Row and column:
    /// as in `WEIGHT`.
    EVEN = 4;
    /// The activations of every other layer from the first on.
    ODD = 5;
}

/// Kinds of layers.
pub mod kind {
    /// Convolution 3x3, stride 1, a border of zeros.
    pub const CONV: u32 = 0;
    /// Every output from every input.
    pub const DENSE: u32 = 1;
    /// The largest of 2x2, stride 2.
    pub const POOL: u32 = 2;
    /// As dense, without narrowing: scores, and the largest one's number.
    pub const SCORES: u32 = 3;
}

/// Most layers.
pub const MOST_LAYERS: u8 = 16;
/// Most outputs of all layers.
pub const MOST_CHANNELS: usize = 256;
/// Most channels of a convolution.
pub const MOST_CONV_CHANNELS: usize = 128;
/// Most inputs of a dense layer.
pub const MOST_INPUTS: usize = 2048;
/// Most columns and rows of a layer.
pub const MOST_SIZE: (usize, usize) = (128, 32);

/// Bits of an activation, and of a weight, at most.
const OPERAND: u32 = 8;
/// Bits of a sum: as many products of the largest size as a layer has at most, and a sign.
pub const SUM_BITS: u32 = {
    let products =
        if 9 * MOST_CONV_CHANNELS > MOST_INPUTS { 9 * MOST_CONV_CHANNELS } else { MOST_INPUTS };
    let largest = products as u64 * (1 << (OPERAND - 1)) * ((1 << OPERAND) - 1);
    64 - largest.leading_zeros() + 1
};

/// The core of low-bit networks.
pub const CORE: Core = Core {
    number: 6,
    name: "network",
    title: "a low-bit network",
    registers: REGISTERS,
    memories: MEMORIES,
    acknowledgement: IMAGES,
};

/// What a core of low-bit networks is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NetworkBuilt {
    /// 8 or 16.
    pub lanes: u8,
    /// Words of weights, a byte a lane each, are `2^weight_bits`: 8 to 14.
    pub weight_bits: u8,
    /// Activations of a layer are at most `2^activation_bits`: 8 to 13.
    pub activation_bits: u8,
    /// The last layer can learn.
    pub learning: bool,
}

impl NetworkBuilt {
    /// Words of weights, a byte a lane each.
    pub fn words(self) -> usize {
        1 << self.weight_bits
    }

    /// Activations of a layer.
    pub fn activations(self) -> usize {
        1 << self.activation_bits
    }

    /// Words of 32 bits that a word of weights has on the bus.
    pub fn quads(self) -> usize {
        usize::from(self.lanes) / 4
    }
}

impl Built for NetworkBuilt {
    const CORE: &'static Core = &CORE;

    fn size(&self, which: usize) -> u32 {
        [1 << self.weight_bits, 1 << self.activation_bits][which]
    }

    fn answer(&self) -> u8 {
        4 + 4 * 60
    }

    fn parameters(&self) -> [u8; PARAMETERS] {
        let mut b = [0; PARAMETERS];
        let learning = u8::from(self.learning);
        b[..4].copy_from_slice(&[self.lanes, self.weight_bits, self.activation_bits, learning]);
        b
    }

    fn from_parameters(b: &[u8; PARAMETERS]) -> Option<Self> {
        let built =
            Self { lanes: b[0], weight_bits: b[1], activation_bits: b[2], learning: b[3] == 1 };
        let sound = matches!(built.lanes, 8 | 16)
            && (8..=14).contains(&built.weight_bits)
            && (8..=13).contains(&built.activation_bits)
            && b[3] < 2;
        sound.then_some(built)
    }
}
