//! The sample memory: a device keeps vectors, and learns passes over them by itself.
//!
#![doc = include_str!("../../../host/docs/samples.md")]

numbers! { $ samples_numbers;
    /// The memories' numbers, the same beside every core.
    memory {
        /// The vectors' bytes, in words of 32 bits, the first byte in the high bits. Each vector
        /// begins at a multiple of [`Samples::stride`](super::Samples::stride).
        SAMPLES = 253;
        /// Which of them are learned, and in which order.
        ORDER = 254;
    }
    /// The columns of the order, in row 0.
    column {
        /// Number of the last vector; a write sets NEXT to 0.
        LAST = 0;
        /// Of the order; 0: as they are stored.
        KEY = 1;
        /// The step that is next, 0 to LAST; after LAST comes 0.
        NEXT = 2;
        /// A write learns so many steps, up to LAST's most.
        LEARN = 3;
    }
}

/// What a sample memory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Samples {
    /// It has `2^bits` words of 32 bits: 8 to 23.
    pub bits: u8,
    /// A vector begins at a multiple of `2^align` words: 0 to 7.
    pub align: u8,
}

impl Samples {
    /// The fewest and the most address bits.
    pub const BITS: std::ops::RangeInclusive<u8> = 8..=23;

    /// Of so many bytes, beside a core that takes beats of `beat` bits; none if that is no power
    /// of two, or too few or too many.
    pub fn of(bytes: u32, beat: usize) -> Option<Self> {
        let align = (beat / 32).max(1).ilog2() as u8;
        let found = Self { bits: (bytes / 4).checked_ilog2()? as u8, align };
        (found.bytes() == bytes && Self::BITS.contains(&found.bits) && found.align < found.bits)
            .then_some(found)
    }

    /// Its bytes.
    pub fn bytes(self) -> u32 {
        4 << self.bits
    }

    /// Its words.
    pub fn words(self) -> u32 {
        1 << self.bits
    }

    /// The number of the last vector that LAST takes at most.
    pub fn last_max(self) -> u32 {
        (1 << (self.bits - self.align)) - 1
    }

    /// Words from one vector to the next.
    pub fn stride(self, vector_bytes: usize) -> usize {
        vector_bytes.div_ceil(4).next_multiple_of(1 << self.align)
    }

    /// So many vectors of so many bytes fit.
    pub fn room(self, vector_bytes: usize) -> usize {
        self.words() as usize / self.stride(vector_bytes).max(1)
    }

    /// Its byte in the identity.
    pub fn to_byte(self) -> u8 {
        self.align << 5 | self.bits
    }

    /// None of a device without one.
    pub fn from_byte(byte: u8) -> Option<Self> {
        let found = Self { bits: byte & 31, align: byte >> 5 };
        (Self::BITS.contains(&found.bits) && found.align < found.bits).then_some(found)
    }
}
