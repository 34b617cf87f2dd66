//! The sample memory: vectors that are kept, and the order in which a pass learns them.
//! [`fixlearn_map::samples`] has its page.

use super::core::Place;
use fixlearn_map::samples::{column, memory, Samples as Size};

/// The vector that step `step` of a pass learns: a permutation of the numbers 0 to `last`, by key.
/// A host may have more vectors than a device's memory, whose numbers have 24 bits at most.
///
/// ```
/// use fixlearn_sim::golden::samples::order;
/// let mut all: Vec<u32> = (0..=10).map(|step| order(1, 10, step)).collect();
/// assert_ne!(all, Vec::from_iter(0..=10));
/// all.sort();
/// assert_eq!(all, Vec::from_iter(0..=10));
/// ```
///
/// That of the page:
///
/// ```
/// use fixlearn_sim::golden::samples::order;
/// let all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(|step| order(1, 10, step));
/// assert_eq!(all, [9, 6, 8, 5, 3, 1, 0, 2, 7, 10, 4]);
/// ```
pub fn order(key: u32, last: u32, step: u32) -> u32 {
    if key == 0 {
        return step;
    }
    let mask = last.checked_ilog2().map_or(0, |top| u32::MAX >> (31 - top));
    let (mask_even, mask_odd) = (every_other(mask), every_other(mask >> 1));
    let mut index = step;
    loop {
        let (mut even, mut odd) = (every_other(index), every_other(index >> 1));
        for round in 0..8 {
            let turned = key.rotate_left(12 * round);
            let sum = even.wrapping_add(turned) & 0xffff;
            let product = (sum + (sum << 9) + (sum << 4)) & 0xffff;
            let mixed = product ^ (product >> 6) ^ (product >> 11);
            let mask = if round % 2 == 0 { mask_odd } else { mask_even };
            (even, odd) = (odd ^ (mixed & mask), even);
        }
        index = (0..16)
            .fold(0, |index, i| index | (even >> i & 1) << (2 * i) | (odd >> i & 1) << (2 * i + 1));
        if index <= last {
            return index;
        }
    }
}

/// The bits of a number at even places.
fn every_other(number: u32) -> u32 {
    (0..16).fold(0, |half, i| half | (number >> (2 * i) & 1) << i)
}

/// A sample memory. Its words are only written: nothing is said of what is read there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    size: Size,
    words: Vec<u32>,
    pub last: u32,
    pub key: u32,
    pub next: u32,
}

impl Samples {
    /// After power-up.
    pub fn power_up(size: Size) -> Self {
        Self { size, words: vec![0; size.words() as usize], last: 0, key: 0, next: 0 }
    }

    /// The registers as after power-up; of the words nothing is said.
    pub fn reset(&mut self) {
        *self = Self::power_up(self.size);
    }

    /// Whether this place is one of its memories.
    pub fn has(at: Place) -> bool {
        [memory::SAMPLES, memory::ORDER].contains(&at.memory)
    }

    /// Writes the word, and has the core learn vectors of so many bytes if it says so; false, and
    /// nothing has changed, if the address or the word is out of range.
    pub fn write(&mut self, at: Place, value: u32, bytes: usize, learn: impl FnMut(&[u8])) -> bool {
        match (at.memory, at.row, at.column) {
            (memory::SAMPLES, ..) => match self.words.get_mut(word(at)) {
                Some(word) => *word = value,
                None => return false,
            },
            (memory::ORDER, 0, column::LAST) if value <= self.size.last_max() => {
                (self.last, self.next) = (value, 0);
            }
            (memory::ORDER, 0, column::KEY) => self.key = value,
            (memory::ORDER, 0, column::NEXT) if value <= self.last => self.next = value,
            (memory::ORDER, 0, column::LEARN) if value <= self.size.last_max() => {
                self.learn(value, bytes, learn)
            }
            _ => return false,
        }
        true
    }

    /// Learns so many steps.
    fn learn(&mut self, steps: u32, bytes: usize, mut learn: impl FnMut(&[u8])) {
        for _ in 0..steps {
            let index = order(self.key, self.last, self.next) as usize;
            learn(&self.vector(index, bytes));
            self.next = if self.next == self.last { 0 } else { self.next + 1 };
        }
    }

    /// The bytes of the vector of this number; after the memory's end comes its beginning.
    fn vector(&self, index: usize, bytes: usize) -> Vec<u8> {
        let first = index * self.size.stride(bytes);
        let word = |i: usize| self.words[(first + i) % self.words.len()];
        let words = (0..bytes.div_ceil(4)).map(word);
        words.flat_map(u32::to_be_bytes).take(bytes).collect()
    }
}

/// The number of the word.
fn word(at: Place) -> usize {
    usize::from(at.row) << 8 | usize::from(at.column)
}
