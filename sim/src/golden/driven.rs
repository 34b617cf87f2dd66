//! What the link's model drives: words, vectors and answers.

use super::core::{Core, Place};
use fixlearn_map::Built;

/// What a device has behind its link: a golden model, or a core in simulation.
pub trait Driven: Send {
    type Built: Built;

    /// As after power-up.
    fn reset(&mut self, built: &Self::Built);

    /// The word there; none where nothing is said of what is read.
    fn word(&mut self, at: Place) -> Option<u32>;

    /// Writes the word; false, and nothing has changed, if the address or the word is out of
    /// range.
    fn set(&mut self, at: Place, word: u32) -> bool;

    /// Words of a row of this memory.
    fn row(&mut self, memory: u8) -> usize;

    /// Bytes of a vector, and of an answer to one.
    fn sizes(&mut self) -> [usize; 2];

    /// Learns a vector.
    fn take(&mut self, vector: &[u8]);

    /// Learns whole vectors.
    fn take_all(&mut self, vectors: &[u8]);

    /// The answer to a vector; empty if it is not specified.
    fn answer(&mut self, vector: &[u8]) -> Vec<u8>;

    /// The answers to whole vectors; what is not specified is 0.
    fn answers(&mut self, vectors: &[u8]) -> Vec<u8>;

    /// Clocks since power-up, of what has them.
    fn clocks(&self) -> Option<u64> {
        None
    }
}

impl<C: Core> Driven for C {
    type Built = C::Built;

    fn reset(&mut self, built: &Self::Built) {
        *self = C::power_up(built);
    }

    fn word(&mut self, at: Place) -> Option<u32> {
        self.read(at)
    }

    fn set(&mut self, at: Place, word: u32) -> bool {
        self.write(at, word)
    }

    fn row(&mut self, memory: u8) -> usize {
        self.columns(memory)
    }

    fn sizes(&mut self) -> [usize; 2] {
        [self.vector_bytes(), self.answer_bytes()]
    }

    fn take(&mut self, vector: &[u8]) {
        self.learn(vector);
    }

    fn take_all(&mut self, vectors: &[u8]) {
        self.learn_all(vectors);
    }

    fn answer(&mut self, vector: &[u8]) -> Vec<u8> {
        self.recall(vector)
    }

    fn answers(&mut self, vectors: &[u8]) -> Vec<u8> {
        self.recall_all(vectors)
    }
}
