//! The filter's registers: what the host sets, and what the core counts. `fixlearn_map::lms` is the
//! map.

use super::{square, Answer};
use crate::golden::arith::{with_high, with_low};
use fixlearn_map::lms as r;
use serde::{Deserialize, Serialize};

/// What the registers hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Taps in use, 1 to [`MAX_TAPS`](super::MAX_TAPS).
    pub taps: usize,
    /// Rate `2^-rate`, 0 to 31.
    pub rate: u32,
    /// Samples learned, modulo `2^32`.
    pub samples: u32,
    /// Sum of the squared errors, UQ34.30, modulo `2^64`.
    pub energy: u64,
    pub saturated: Saturated,
    /// The largest squared error of a learned sample since this was set, UQ2.30.
    #[serde(default)]
    pub peak: u32,
}

impl Config {
    /// The state after power-up.
    pub fn power_up() -> Self {
        let saturated = Saturated::default();
        Self { taps: 16, rate: 4, samples: 0, energy: 0, saturated, peak: 0 }
    }

    /// Counts a learned sample by its answer and what was clamped on the way.
    pub(super) fn count(&mut self, answer: Answer, clamped: Saturated) {
        self.samples = self.samples.wrapping_add(1);
        self.energy = self.energy.wrapping_add(square(answer.e).into());
        self.peak = self.peak.max(square(answer.e));
        self.saturated.output |= clamped.output;
        self.saturated.error |= clamped.error;
        self.saturated.weight |= clamped.weight;
    }

    /// The word of a register; 0 where there is none.
    pub(super) fn register(&self, number: u8) -> u32 {
        match number {
            r::TAPS => self.taps as u32,
            r::RATE => self.rate,
            r::SAMPLES => self.samples,
            r::ENERGY_LOW => self.energy as u32,
            r::ENERGY_HIGH => (self.energy >> 32) as u32,
            r::SATURATED => {
                let s = self.saturated;
                u32::from(s.output) | u32::from(s.error) << 1 | u32::from(s.weight) << 2
            }
            r::PEAK => self.peak,
            _ => 0,
        }
    }

    /// Sets a register to a word that the map takes.
    pub(super) fn set_register(&mut self, number: u8, word: u32) {
        match number {
            r::TAPS => self.taps = word as usize,
            r::RATE => self.rate = word,
            r::SAMPLES => self.samples = word,
            r::ENERGY_LOW => self.energy = with_low(self.energy, word),
            r::ENERGY_HIGH => self.energy = with_high(self.energy, word),
            r::SATURATED => {
                let bit = |i: u32| word >> i & 1 == 1;
                self.saturated = Saturated { output: bit(0), error: bit(1), weight: bit(2) };
            }
            r::PEAK => self.peak = word,
            _ => {}
        }
    }
}

/// Sticky flags: what was clamped in a learned sample since they were last cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saturated {
    pub output: bool,
    pub error: bool,
    pub weight: bool,
}
