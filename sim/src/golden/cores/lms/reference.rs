//! The adaptive filter in `f64`: no rounding, no saturation. What [`super::Lms`] loses against it
//! is the cost of fixed point.

use super::{Lms, WEIGHT_FRACTION};
use std::collections::VecDeque;

/// A filter of real numbers; samples are in units of full scale.
#[derive(Clone, Debug)]
pub struct Reference {
    pub weights: Vec<f64>,
    /// The last `x`, the newest first, as many as there are weights.
    line: VecDeque<f64>,
    rate: f64,
}

impl Reference {
    /// From where the fixed-point filter is, with its rate.
    pub fn new(start: &Lms) -> Self {
        let taps = start.config.taps;
        let delayed = (1..=taps).map(|i| f64::from(start.delayed(0, i)) / 32768.0);
        Self {
            weights: start.weights.iter().take(taps).map(|&w| weight_value(w)).collect(),
            line: delayed.collect(),
            rate: (-f64::from(start.config.rate)).exp2(),
        }
    }

    /// Learns a sample; output and error before the weights move.
    pub fn adapt(&mut self, x: f64, d: f64) -> (f64, f64) {
        self.line.pop_back();
        self.line.push_front(x);
        let y: f64 = self.weights.iter().zip(&self.line).map(|(w, x)| w * x).sum();
        let e = d - y;
        for (w, x) in self.weights.iter_mut().zip(&self.line) {
            *w += self.rate * e * x;
        }
        (y, e)
    }
}

/// A weight as a number.
pub fn weight_value(w: i32) -> f64 {
    f64::from(w) / f64::from(1 << WEIGHT_FRACTION)
}
