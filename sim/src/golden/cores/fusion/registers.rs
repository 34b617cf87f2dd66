//! The fusion node's registers: what the host sets, and what the core counts.
//! `fixlearn_map::fusion` is the map.

use crate::golden::arith::{with_high, with_low};
use fixlearn_map::fusion as r;
use serde::{Deserialize, Serialize};

/// What the registers hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Nodes in use, 1 to 8.
    pub nodes: u32,
    /// Bits of a codeword, 1 to 4.
    pub bits: u32,
    /// The hits' logarithm counts `2^weight` times, 0 to 3.
    pub weight: u32,
    /// Answered where nothing is feasible: `x` in the upper half.
    pub centre: u32,
    /// Samples learned, modulo `2^32`.
    pub samples: u32,
    /// Sum of the distances, UQ48.16, modulo `2^64`.
    pub error: u64,
    /// Combinations stored.
    pub stored: u32,
    /// Samples for which there was no free place.
    pub dropped: u32,
    /// Samples whose combination was not stored.
    pub unseen: u32,
}

impl Config {
    /// The state after power-up.
    pub fn power_up() -> Self {
        Self {
            nodes: 5,
            bits: 3,
            weight: 2,
            centre: 0x8000_8000,
            samples: 0,
            error: 0,
            stored: 0,
            dropped: 0,
            unseen: 0,
        }
    }

    /// Counts a learned sample by its distance from what would have been answered.
    pub(super) fn learned(&mut self, distance: u32) {
        self.samples = self.samples.wrapping_add(1);
        self.error = self.error.wrapping_add(distance.into());
    }

    /// Counts a combination that was not stored, and whether there was a free place.
    pub(super) fn unseen(&mut self, free: bool) {
        self.unseen = self.unseen.wrapping_add(1);
        let counter = if free { &mut self.stored } else { &mut self.dropped };
        *counter = counter.wrapping_add(1);
    }

    /// The word of a register; 0 where there is none.
    pub(super) fn register(&self, number: u8) -> u32 {
        match number {
            r::NODES => self.nodes,
            r::BITS => self.bits,
            r::WEIGHT => self.weight,
            r::CENTRE => self.centre,
            r::SAMPLES => self.samples,
            r::ERROR_LOW => self.error as u32,
            r::ERROR_HIGH => (self.error >> 32) as u32,
            r::STORED => self.stored,
            r::DROPPED => self.dropped,
            r::UNSEEN => self.unseen,
            _ => 0,
        }
    }

    /// Sets a register to a word that the map takes.
    pub(super) fn set_register(&mut self, number: u8, word: u32) {
        match number {
            r::NODES => self.nodes = word,
            r::BITS => self.bits = word,
            r::WEIGHT => self.weight = word,
            r::CENTRE => self.centre = word,
            r::SAMPLES => self.samples = word,
            r::ERROR_LOW => self.error = with_low(self.error, word),
            r::ERROR_HIGH => self.error = with_high(self.error, word),
            r::STORED => self.stored = word,
            r::DROPPED => self.dropped = word,
            r::UNSEEN => self.unseen = word,
            _ => {}
        }
    }
}
