//! Packed vectors. [`fixlearn_map::packed`] has their page.

use super::core::Place;
use fixlearn_map::packed::{column, memory, Packing};

/// The `size` bytes of a packed vector.
///
/// ```
/// use fixlearn_map::packed::Packing;
/// use fixlearn_sim::golden::packed::unpack;
/// let four = Packing { halvings: 1, repeated: true };
/// assert_eq!(unpack(four, &[0xf1, 0x02], 3), [0x11, 0xff, 0x22]);
/// ```
pub fn unpack(packing: Packing, vector: &[u8], size: usize) -> Vec<u8> {
    let (bits, each) = (packing.bits(), 1 << packing.halvings);
    let byte = |i: usize| {
        let all = vector[i / each] >> (bits as usize * (i % each));
        packing.byte(all & (0xff >> (8 - bits)))
    };
    (0..size).map(byte).collect()
}

/// Whether this place is in its memory.
pub fn has(at: Place) -> bool {
    at.memory == memory::DOOR
}

/// What a word written there says; none, and nothing changes, if address or word is out of range.
pub fn at(at: Place, word: u32) -> Option<Packing> {
    ((at.row, at.column) == (0, column::PACKING)).then(|| Packing::from_word(word)).flatten()
}

/// A vector packed: its bytes must be those that their low bits stand for.
pub fn pack(packing: Packing, vector: &[u8]) -> Vec<u8> {
    let (bits, mask) = (packing.bits(), 0xff >> (8 - packing.bits()));
    let each = vector.chunks(1 << packing.halvings);
    let byte =
        |bytes: &[u8]| bytes.iter().rfold(0_u16, |all, byte| all << bits | u16::from(byte & mask));
    each.map(|bytes| byte(bytes) as u8).collect()
}

/// The packing of the fewest bits that holds all of these bytes without loss.
///
/// ```
/// use fixlearn_sim::golden::packed::narrowest;
/// assert_eq!(narrowest(&[0, 255, 255]).bits(), 1);
/// assert_eq!(narrowest(&[0, 85, 255]).bits(), 2);
/// assert_eq!(narrowest(&[0, 84, 255]).bits(), 8);
/// ```
pub fn narrowest(vectors: &[u8]) -> Packing {
    let holds =
        |packing: &Packing, byte: u8| packing.byte(byte & (0xff >> (8 - packing.bits()))) == byte;
    let mut left = Packing::ALL.to_vec();
    for piece in vectors.chunks(4096) {
        let mut there = [false; 256];
        piece.iter().for_each(|&byte| there[usize::from(byte)] = true);
        left.retain(|packing| {
            (0..=255).all(|byte| !there[usize::from(byte)] || holds(packing, byte))
        });
        if left.is_empty() {
            break;
        }
    }
    left.first().copied().unwrap_or_default()
}
