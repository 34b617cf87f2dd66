//! The last layer learns.

use super::{Layer, Network};
use crate::golden::arith::{xorshift32, Rounding};
use fixlearn_map::network::kind;

/// The output of the largest score other than an output's own, of equal ones the first.
pub(super) fn rival<T: PartialOrd>(scores: &[T], own: usize) -> Option<usize> {
    let others = (0..scores.len()).filter(|&output| output != own);
    others.reduce(|best, at| if scores[at] > scores[best] { at } else { best })
}

/// A step, in levels of a weight: `x / 2^rate`, rounded.
pub fn step(x: u8, rate: u32, rounding: Rounding, noise: u32) -> i32 {
    let dither = match rounding {
        Rounding::Nearest => (1 << rate) >> 1,
        Rounding::Stochastic => (noise & ((1 << rate) - 1)) as i32,
        Rounding::Truncate | Rounding::ErrorFeedback => 0,
    };
    (i32::from(x) + dither) >> rate
}

impl Layer {
    /// A weight that moves by so many levels, and whether it was clamped.
    pub fn moved(&self, weight: i32, levels: i32) -> (i32, bool) {
        // A weight of 1 bit, -1 or 1, has the levels 0 and 1.
        let (level, (low, high)) = match self.place {
            1 => ((weight + 1) / 2, (0, 1)),
            place => (weight, (-(1 << (place - 1)), (1 << (place - 1)) - 1)),
        };
        let wanted = level + levels;
        let held = wanted.clamp(low, high);
        (if self.place == 1 { 2 * held - 1 } else { held }, held != wanted)
    }
}

impl Network {
    /// Moves the last layer's weights, by the scores that it gave to an image of this class.
    pub(super) fn adapt(&mut self, class: u8, scores: &[i32]) {
        let placed = self.placed();
        let learns = self.learns && self.config.learning == 1;
        let Some((layer, (first, _))) = placed.last().filter(|_| learns) else { return };
        let own = usize::from(class);
        let (Some(rival), Some(&score)) = (rival(scores, own), scores.get(own)) else { return };
        let wanted = i64::from(scores[rival]) + i64::from(self.config.margin);
        if layer.kind != kind::SCORES || i64::from(score) >= wanted {
            return;
        }
        let from = (placed.len() + 1) % 2;
        for i in 0..layer.channels {
            let x = self.banks[from][i % self.banks[from].len()];
            let rounding = Rounding::from_number(self.config.rounding);
            let step = step(x, self.config.rate, rounding, self.config.noise);
            for (output, levels) in [(own, step), (rival, -step)] {
                self.shift(layer, *first, (output, i), levels);
            }
            self.config.noise = xorshift32(self.config.noise);
        }
    }

    /// Moves the weight of an output for an input, in a layer whose weights begin with this word.
    fn shift(&mut self, layer: &Layer, first: usize, at: (usize, usize), levels: i32) {
        let (weight, clamped) = layer.moved(self.get(layer, first, at), levels);
        self.config.saturated |= u32::from(clamped);
        self.put(layer, first, at, weight);
    }
}
