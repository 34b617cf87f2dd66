//! The network's registers: what the host sets, and what the core counts.
//! `fixlearn_map::network` is the map.

use fixlearn_map::network as r;
use serde::{Deserialize, Serialize};

/// What the registers hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default = "Config::power_up")]
pub struct Config {
    /// Bytes of an image.
    pub inputs: u32,
    /// Layers that are run.
    pub layers: u32,
    /// Scores in an answer.
    pub scores: u32,
    /// Images learned, modulo `2^32`.
    pub images: u32,
    /// Of those, whose class was another.
    pub wrong: u32,
    /// The class of the last one.
    pub class: u32,
    /// 1: the last layer learns.
    pub learning: u32,
    /// Rate `2^-rate`.
    pub rate: u32,
    /// The number of a [`Rounding`](crate::golden::arith::Rounding), 0 to 2.
    pub rounding: u32,
    /// In the scores' unit.
    pub margin: u32,
    /// 1: a weight was clamped since this was last cleared.
    pub saturated: u32,
    /// State of the noise generator, not 0.
    pub noise: u32,
}

impl Config {
    /// The state after power-up.
    pub fn power_up() -> Self {
        Self {
            inputs: 64,
            layers: 1,
            scores: 0,
            images: 0,
            wrong: 0,
            class: 0,
            learning: 0,
            rate: 2,
            rounding: 2,
            margin: 0,
            saturated: 0,
            noise: fixlearn_map::SEED as u32,
        }
    }

    /// Counts a learned image by its class and the one that was found.
    pub(super) fn learned(&mut self, class: u8, found: u8) {
        self.images = self.images.wrapping_add(1);
        self.wrong = self.wrong.wrapping_add(u32::from(class != found));
        self.class = found.into();
    }

    /// The word of a register; 0 where there is none.
    pub(super) fn register(&self, number: u8) -> u32 {
        match number {
            r::INPUTS => self.inputs,
            r::LAYERS => self.layers,
            r::SCORES => self.scores,
            r::IMAGES => self.images,
            r::WRONG => self.wrong,
            r::CLASS => self.class,
            r::LEARNING => self.learning,
            r::RATE => self.rate,
            r::ROUNDING => self.rounding,
            r::MARGIN => self.margin,
            r::SATURATED => self.saturated,
            r::NOISE => self.noise,
            _ => 0,
        }
    }

    /// Sets a register to a word that the map takes.
    pub(super) fn set_register(&mut self, number: u8, word: u32) {
        match number {
            r::INPUTS => self.inputs = word,
            r::LAYERS => self.layers = word,
            r::SCORES => self.scores = word,
            r::IMAGES => self.images = word,
            r::WRONG => self.wrong = word,
            r::CLASS => self.class = word,
            r::LEARNING => self.learning = word,
            r::RATE => self.rate = word,
            r::ROUNDING => self.rounding = word,
            r::MARGIN => self.margin = word,
            r::SATURATED => self.saturated = word,
            r::NOISE => self.noise = word,
            _ => {}
        }
    }
}
