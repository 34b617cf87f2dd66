//! Gradient descent in `f64`: no quantizer, no grid, no saturation, and with it the adaptive rate
//! of the core. What [`super::Gradient`] loses against it is the cost of quantization.

use super::objective::linear::Link;
use super::{Config, Gradient};

/// A point and the rules that move it; rate, schedule and adaptation as in `config`.
#[derive(Clone, Debug)]
pub struct Reference {
    pub config: Config,
    pub point: Vec<f64>,
    pub(super) curvature: Vec<f64>,
    pub(super) centre: Vec<f64>,
    value: f64,
}

impl Reference {
    /// From where the fixed-point model is.
    pub fn new(start: &Gradient) -> Self {
        let real = |x: &[i32]| x.iter().map(|&x| point_value(x)).collect();
        Self {
            config: start.config.clone(),
            point: real(&start.point),
            curvature: real(&start.curvature),
            centre: real(&start.centre),
            value: 0.0,
        }
    }

    /// Sets the value of the iteration before the next one, which the adaptive rate looks at.
    pub fn previous(&mut self, value: f64) {
        self.value = value;
    }

    /// Value and gradient; `sample` for streamed objectives.
    pub fn evaluate(&self, sample: Option<(&[f64], f64)>) -> (f64, Vec<f64>) {
        let (a, t) = sample.unwrap_or((&[], 0.0));
        self.config.objective.exact(self, a, t)
    }

    pub(super) fn link(&self) -> Link {
        self.config.objective.link(self.config.levels)
    }

    /// `x' = x - rate * g`; the value before it.
    pub fn iterate(&mut self, sample: Option<(&[f64], f64)>) -> f64 {
        let (value, gradient) = self.evaluate(sample);
        let rate = (-f64::from(self.config.rate)).exp2();
        for (x, g) in self.point.iter_mut().zip(&gradient) {
            *x -= rate * g;
        }
        let mut largest = 0;
        for (i, g) in gradient.iter().enumerate() {
            if g.abs() > gradient[largest].abs() {
                largest = i;
            }
        }
        // The rule compares values by order only, so it is given 1 and 0 or 2 in their place.
        let mut rule = Gradient::new(self.config.clone(), Vec::new());
        rule.config.value = 1;
        let ordered = if value > self.value { 2 } else { 0 };
        rule.adapt(largest, gradient[largest] < 0.0, ordered);
        self.config = rule.config;
        self.value = value;
        value
    }
}

/// A Q4.28 word as a number.
pub fn point_value(x: i32) -> f64 {
    f64::from(x) / f64::from(1 << super::POINT_FRACTION)
}

/// The nearest Q4.28 word on the grid of `point_bits`; none if it is out of range.
pub fn point_word(x: f64, point_bits: u32) -> Option<i32> {
    let steps = (x * f64::from(point_bits).exp2()).round();
    let word = steps * f64::from(super::POINT_FRACTION - point_bits).exp2();
    (word >= f64::from(i32::MIN) && word <= f64::from(i32::MAX)).then_some(word as i32)
}
