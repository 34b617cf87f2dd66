//! The adaptive filter, bit for bit: least mean squares (Widrow and Hoff, 1960).
//!
//! A sample is `x`, which enters the delay line, and `d`, which the filter is to give. With the
//! weights `w`, which move by the rate `2^-r`:
//!
//! ```text
//! y   = sum of w_i x_(n-i), i = 0 .. taps - 1
//! e   = d - y
//! w_i = w_i + 2^-r e x_(n-i)
//! ```
//!
//! # Formats
//! | value | format | narrowing |
//! |---|---|---|
//! | `x`, `d` | Q1.15 | |
//! | weight | Q4.28 | the step, `2^-r e x`, is rounded to nearest; the sum saturates |
//! | weight as it multiplies | Q4.12 | the upper half, rounded to nearest, saturating |
//! | sum | Q13.27, exact | |
//! | `y` | Q1.15 | the sum rounded to nearest, saturating |
//! | `e` | Q1.15 | saturating |
//! | energy | UQ34.30 | sum of `e^2`, modulo `2^64` |
//!
//! To nearest means halves up. The 16 bits of a weight below those that multiply are its guard
//! bits: an update of less than one step of Q4.12 is kept there and counts when enough of them have
//! come, where it would vanish in a weight of 16 bits. A rate of `2^-30` or less freezes the
//! filter: no product of two samples is then as large as half a step of a weight.

pub mod reference;
mod registers;
mod words;

pub use registers::{Config, Saturated};

use fixlearn_map::lms::PLACES;
use serde::{Deserialize, Serialize};

/// Fractional bits of samples, outputs and errors.
pub const SAMPLE_FRACTION: u32 = 15;
/// Fractional bits of a weight.
pub const WEIGHT_FRACTION: u32 = 28;
/// Bits of a weight below those that multiply.
pub const GUARD_BITS: u32 = 16;
/// Fractional bits of the energy.
pub const ENERGY_FRACTION: u32 = 2 * SAMPLE_FRACTION;
/// Most taps.
pub const MAX_TAPS: usize = PLACES;

/// What enters the filter, Q1.15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Into the delay line.
    pub x: i16,
    /// What the output is to be.
    pub d: i16,
}

/// What comes out of it, Q1.15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub y: i16,
    /// `d - y`.
    pub e: i16,
}

/// The filter: registers and memories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lms {
    pub config: Config,
    /// Q4.28; as many as are built in, of which the first `config.taps` are in use.
    pub weights: Vec<i32>,
    /// The last `x`, each in the place of its number modulo [`PLACES`].
    pub line: Vec<i16>,
    /// The last answers to learned samples, as words, in the same places; none, or absent, where
    /// the state was loaded and a device may have another. They are no part of a run.
    #[serde(skip)]
    outputs: Vec<Option<u32>>,
}

impl Lms {
    /// A filter that has heard nothing and whose weights are 0.
    pub fn new(config: Config) -> Self {
        Self { weights: vec![0; MAX_TAPS], line: vec![0; PLACES], outputs: Vec::new(), config }
    }

    /// `x_(n-i)`, where `x` is the newest.
    fn delayed(&self, x: i16, i: usize) -> i16 {
        match i {
            0 => x,
            _ => self.line[place(self.config.samples.wrapping_sub(i as u32))],
        }
    }

    /// The answer to a sample, and whether output and error were clamped.
    fn answer(&self, sample: Sample) -> (Answer, [bool; 2]) {
        let taps = self.weights.iter().take(self.config.taps).enumerate();
        let product =
            |(i, &w): (usize, &i32)| i64::from(factor(w)) * i64::from(self.delayed(sample.x, i));
        let (y, clamped) = output(taps.map(product).sum());
        let (e, too) = error(sample.d, y);
        (Answer { y, e }, [clamped, too])
    }

    /// The answer to a sample, without learning: nothing changes.
    pub fn filter(&self, sample: Sample) -> Answer {
        self.answer(sample).0
    }

    /// Learns a sample; the answer to it before its weights move.
    pub fn adapt(&mut self, sample: Sample) -> Answer {
        let (answer, [output, error]) = self.answer(sample);
        let mut weight = false;
        for i in 0..self.config.taps.min(self.weights.len()) {
            let step = step(answer.e, self.delayed(sample.x, i), self.config.rate);
            let (next, clamped) = moved(self.weights[i], step);
            self.weights[i] = next;
            weight |= clamped;
        }
        let now = place(self.config.samples);
        self.line[now] = sample.x;
        self.outputs.resize(PLACES, None);
        self.outputs[now] = Some(answer.word());
        self.config.count(answer, Saturated { output, error, weight });
        answer
    }
}

/// Where the sample of this number stands in the delay line, and its answer in the outputs.
pub fn place(sample: u32) -> usize {
    sample as usize % PLACES
}

/// The part of a weight that multiplies: Q4.12 of Q4.28, to nearest, saturating.
pub fn factor(weight: i32) -> i16 {
    let rounded = (i64::from(weight) + (1 << (GUARD_BITS - 1))) >> GUARD_BITS;
    rounded.min(i16::MAX.into()) as i16
}

/// The output of a sum (Q13.27): to nearest, saturating; whether it had to.
pub fn output(sum: i64) -> (i16, bool) {
    narrow((sum + (1 << 11)) >> 12)
}

/// `d - y`, saturating; whether it had to.
pub fn error(d: i16, y: i16) -> (i16, bool) {
    narrow(i64::from(d) - i64::from(y))
}

fn narrow(wide: i64) -> (i16, bool) {
    let clamped = wide.clamp(i16::MIN.into(), i16::MAX.into());
    (clamped as i16, clamped != wide)
}

/// `2^-rate e x` as a step of a weight, Q4.28: to nearest.
pub fn step(e: i16, x: i16, rate: u32) -> i64 {
    // Q2.30 has two fractional bits more than a weight.
    let shift = rate + 2;
    (i64::from(e) * i64::from(x) + (1 << (shift - 1))) >> shift
}

/// A weight after a step, saturating; whether it had to.
pub fn moved(weight: i32, step: i64) -> (i32, bool) {
    let next = i64::from(weight) + step;
    let clamped = next.clamp(i32::MIN.into(), i32::MAX.into());
    (clamped as i32, clamped != next)
}

/// `e^2`, UQ2.30.
pub fn square(e: i16) -> u32 {
    u32::from(e.unsigned_abs()).pow(2)
}
