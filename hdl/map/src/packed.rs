//! Packed vectors: components of 1, 2 or 4 bits on the wire and in the sample memory, which are
//! unpacked at the core's door.
//!
#![doc = include_str!("../../../host/docs/packed.md")]

numbers! { $ packed_numbers;
    /// The memory's number, the same beside every core.
    memory {
        /// How vectors are packed.
        DOOR = 252;
    }
    /// Its columns, in row 0.
    column {
        /// The [`Packing`](super::Packing) of the vectors that come.
        PACKING = 0;
    }
}

/// How a vector's bytes are packed: so many of them in a byte, the first in the low bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Packing {
    /// `2^halvings` in a byte: 0 (8 bits each) to 3 (1 bit each).
    pub halvings: u8,
    /// A byte is its bits over and over, from 0 to 255; else zeros are above them.
    pub repeated: bool,
}

impl Packing {
    /// Every packing but none at all, the narrowest first.
    pub const ALL: [Self; 6] = [
        Self { halvings: 3, repeated: true },
        Self { halvings: 3, repeated: false },
        Self { halvings: 2, repeated: true },
        Self { halvings: 2, repeated: false },
        Self { halvings: 1, repeated: true },
        Self { halvings: 1, repeated: false },
    ];

    /// Bits of a component.
    ///
    /// ```
    /// use fixlearn_map::packed::Packing;
    /// assert_eq!(Packing::default().bits(), 8);
    /// assert_eq!(Packing::ALL.map(Packing::bits), [1, 1, 2, 2, 4, 4]);
    /// ```
    pub const fn bits(self) -> u8 {
        8 >> self.halvings
    }

    /// Bytes that `bytes` of them, 1 or more, are packed in.
    pub const fn packed(self, bytes: usize) -> usize {
        ((bytes - 1) >> self.halvings) + 1
    }

    /// The byte that these bits stand for.
    pub const fn byte(self, bits: u8) -> u8 {
        let least = match (self.repeated, self.halvings) {
            (true, 1) => 0x11,
            (true, 2) => 0x55,
            (true, 3) => 0xff,
            _ => 1,
        };
        bits * least
    }

    /// The register's word.
    pub fn word(self) -> u32 {
        u32::from(self.halvings) | u32::from(self.repeated) << 2
    }

    /// None of a word that the register does not take.
    pub fn from_word(word: u32) -> Option<Self> {
        (word < 8).then_some(Self { halvings: (word & 3) as u8, repeated: word & 4 != 0 })
    }
}
