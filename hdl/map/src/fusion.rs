//! The fusion core's map: where a source is, from the codewords of some nodes.
//!
//! A vector is a sample of 8 bytes: the codewords as one word of 32 bits, that of node 0 in the
//! lowest bits, low byte first; then the source's position, `x` and `y`, UQ0.16 of the field's
//! sides, low byte first. Where it is recalled, the position does not matter. An answer has 4
//! bytes, high byte first: `x` in bits 31..20 and `y` in bits 19..8, UQ0.12, and in bits 7..0 how
//! feasible it is.
//!
#![doc = include_str!("../fusion.md")]

use crate::link::PARAMETERS;
use crate::{Built, Core};

registers! { $ fusion_registers;
    /// Nodes in use.
    NODES = 0: Setting Range(1, MOST_NODES as u32), Word(5);
    /// Bits of a codeword.
    BITS = 1: Setting Range(1, MOST_BITS), Word(3);
    /// The logarithm of the hits counts `2^weight` times in a score, that of the count once.
    WEIGHT = 2: Setting Range(0, 3), Word(2);
    /// The answer where nothing is feasible: `x` in bits 31..16, `y` in bits 15..0, UQ0.16.
    CENTRE = 3: Setting Any, Word(0x8000_8000);
    /// Samples learned, modulo `2^32`.
    SAMPLES = 4: State Any, Word(0);
    /// Sum of the distances, along `x` plus along `y`, of learned samples from what would have been
    /// answered before they were learned, UQ48.16, low word.
    ERROR_LOW = 5: State Any, Word(0);
    /// Sum of the distances, high word.
    ERROR_HIGH = 6: State Any, Word(0);
    /// Combinations stored, modulo `2^32`.
    STORED = 7: State Any, Word(0);
    /// Learned samples for whose combination there was no free place, modulo `2^32`.
    DROPPED = 8: State Any, Word(0);
    /// Learned samples whose combination was not stored before them, modulo `2^32`.
    UNSEEN = 9: State Any, Word(0);
}

memories! { $ fusion_memories;
    /// The combinations: what is left of the codewords beside the bucket in bits 31..8, how often
    /// it was learned, at most 255, in bits 7..0; 0: a free place. Row and column: the bits of the
    /// place above and below 256; a bucket is four places that follow each other.
    COMBINATION = 1;
    /// The mean position of each: `x` in bits 31..16, `y` in bits 15..0, UQ0.16. Rows and columns
    /// as in `COMBINATION`.
    POSITION = 2;
    /// How often a codeword led nearest to the source where another had come, at most 32767. Row:
    /// node; column: the one times `2^bits`, plus the one that had come.
    HITS = 3;
}

/// Most nodes.
pub const MOST_NODES: u8 = 8;
/// Most bits of a codeword.
pub const MOST_BITS: u32 = 4;
/// Places of a bucket.
pub const WAYS: usize = 4;
/// Bits of the number of places: the fewest and the most that are built.
pub const PLACE_BITS: std::ops::RangeInclusive<u8> = 10..=14;

/// What each bit of the codewords above those of the bucket's number adds to that number, modulo
/// two.
pub const SPREAD: [u16; 24] = [
    0x9e3, 0x779, 0xb97, 0xf4a, 0x7c1, 0x5bf, 0x584, 0x76d, 0x1ce, 0x4e5, 0xb94, 0xd04, 0x9bb,
    0x133, 0x111, 0xeb3, 0xd6e, 0x8fe, 0x2a5, 0x6c3, 0x3d9, 0xa2b, 0xc5d, 0x47e,
];

/// The bucket of these codewords among `2^bits`, and what tells them from others in it.
pub fn bucket(key: u32, bits: u32) -> (u32, u32) {
    let tag = key >> bits;
    let spread = SPREAD.iter().enumerate().filter(|(i, _)| tag >> i & 1 == 1);
    let sum = spread.fold(key, |sum, (_, &add)| sum ^ u32::from(add));
    (sum & ((1 << bits) - 1), tag)
}

/// The fusion core.
pub const CORE: Core = Core {
    number: 5,
    name: "fusion",
    title: "a fusion core",
    registers: REGISTERS,
    memories: MEMORIES,
    acknowledgement: SAMPLES,
};

/// What a fusion core is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FusionBuilt {
    /// Places for combinations are `2^place_bits`: [`PLACE_BITS`].
    pub place_bits: u8,
}

impl FusionBuilt {
    /// Places for combinations.
    pub fn places(self) -> usize {
        1 << self.place_bits
    }
}

impl Built for FusionBuilt {
    const CORE: &'static Core = &CORE;

    fn size(&self, which: usize) -> u32 {
        [1 << self.place_bits][which]
    }

    fn answer(&self) -> u8 {
        4
    }

    fn parameters(&self) -> [u8; PARAMETERS] {
        let mut b = [0; PARAMETERS];
        b[0] = self.place_bits;
        b
    }

    fn from_parameters(b: &[u8; PARAMETERS]) -> Option<Self> {
        PLACE_BITS.contains(&b[0]).then_some(Self { place_bits: b[0] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bucket and tag are the key in another form: no two keys have both in common.
    #[test]
    fn a_bucket_and_its_tag_are_the_key() {
        for bits in [8, 12] {
            for i in 0..1000_u32 {
                let key = i.wrapping_mul(0x9e37_79b9);
                let (bucket, tag) = self::bucket(key, bits);
                let (zero, _) = self::bucket(tag << bits, bits);
                assert_eq!((tag << bits) | (bucket ^ zero), key);
            }
        }
    }
}
