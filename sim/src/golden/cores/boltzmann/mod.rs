//! The deterministic Boltzmann machine with quantized connections, bit for bit: mean-field
//! learning (Peterson and Anderson, 1987; Hinton, 1989) with weights of few levels (Park, 2000 and
//! 2002).
//!
//! A vector says which units are clamped (see the [map](fixlearn_map::boltzmann)). From 0, the
//! free units settle while the temperature `T` falls in a geometric ladder, all of a sweep at once:
//!
//! ```text
//! s_i = tanh(sum of w_ij s_j / T)
//! ```
//!
//! A learned vector settles twice: in the free phase its targets are free, in the clamped phase
//! they are not. What decides is the difference of the correlations, summed over an epoch:
//!
//! ```text
//! D_ij = sum of (s_i s_j clamped - s_i s_j free)
//! ```
//!
//! At an epoch's end nothing moves if every target of every vector was reached in the free phase.
//! Otherwise, if the machine's patience is at its end, every weight is drawn anew from the noise.
//! Otherwise by the rule of levels, which is our reading of Park's, the `MOVES` weights with the
//! largest `|D|` move by one level each in its sign, of those that can; or by the rule of residues
//! every weight moves by `2^-RATE D` levels, of which its residue keeps what a level drops.
//!
//! # Formats
//! | value | format | narrowing |
//! |---|---|---|
//! | state | Q1.7, at most 127 / 128 in magnitude | |
//! | weight | a level, 8 bits, at most `HALF` in magnitude after it moved | |
//! | residue | Q0.16 of a level | level and residue saturate at `HALF` |
//! | sum | Q13.7, exact | |
//! | scaled sum | Q9.7 | `2^-SCALE` of it, to nearest, saturating |
//! | gain | UQ4.11 | times `RATIO`, UQ2.13, to nearest, at most `GAIN_MOST` |
//! | argument of tanh | Q3.6 | sum times gain, to nearest, at most 255 / 64 in magnitude |
//! | difference | Q18.14 | modulo `2^32`, which no epoch of 65,535 vectors reaches |
//! | step | Q20.16 of a level | `2^-RATE D`, to nearest |
//!
//! To nearest means halves up.

pub mod reference;
mod registers;
mod words;

pub use registers::Config;

use crate::golden::arith::xorshift64;
use fixlearn_map::boltzmann::UNITS_MOST;
use serde::{Deserialize, Serialize};

/// Fractional bits of a state.
pub const STATE_FRACTION: u32 = 7;
/// Fractional bits of a gain.
pub const GAIN_FRACTION: u32 = 11;
/// Fractional bits of the ladder's ratio.
pub const RATIO_FRACTION: u32 = 13;
/// Fractional bits of tanh's argument.
pub const ARGUMENT_FRACTION: u32 = 6;
/// Fractional bits of a difference.
pub const DIFFERENCE_FRACTION: u32 = 2 * STATE_FRACTION;
/// Bits of a weight below its level.
pub const RESIDUE_BITS: u32 = 16;

/// The states of all units, those not in use with 0.
pub type States = [i8; UNITS_MOST];

/// What a vector says of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// Nothing: the unit is free in both phases, as every hidden one.
    Free,
    /// Clamped to this state in both phases.
    Input(i8),
    /// Clamped to this state in the clamped phase alone.
    Target(i8),
}

impl Given {
    fn free_phase(self) -> Option<i8> {
        match self {
            Given::Input(state) => Some(state),
            Given::Target(_) | Given::Free => None,
        }
    }

    fn clamped_phase(self) -> Option<i8> {
        match self {
            Given::Input(state) | Given::Target(state) => Some(state),
            Given::Free => None,
        }
    }
}

/// The machine: registers and memories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boltzmann {
    pub config: Config,
    /// Units that are built in.
    pub units: usize,
    /// Lanes that are built in: they decide clocks alone.
    pub lanes: usize,
    /// The weights' levels, a row of the built size for each unit.
    pub weights: Vec<i8>,
    /// Beside each connection's weight, in its unit of `2^-16` levels.
    pub residues: Vec<i16>,
    pub differences: Vec<i32>,
    /// Written, and taken by the next write of the noise's high word.
    #[serde(skip)]
    noise_low: u32,
}

/// Connections among so many units; also the number of the first connection of the unit of that
/// number to one before it.
pub fn connections(units: usize) -> usize {
    units * units.saturating_sub(1) / 2
}

/// The connections among so many units: the later unit, the earlier one, and the number.
fn pairs(units: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (1..units).flat_map(|i| (0..i).map(move |j| (i, j, connections(i) + j)))
}

impl Boltzmann {
    /// A machine whose weights are 0.
    pub fn new(config: Config, units: usize, lanes: usize) -> Self {
        Self {
            config,
            units,
            lanes,
            weights: vec![0; units * units],
            residues: vec![0; connections(units)],
            differences: vec![0; connections(units)],
            noise_low: 0,
        }
    }

    /// The states after the ladder, from what is clamped.
    fn settle(&self, clamped: &[Option<i8>; UNITS_MOST]) -> States {
        let c = &self.config;
        let mut states = clamped.map(|state| state.unwrap_or(0));
        let mut gain = c.gain.min(c.gain_most);
        for _ in 0..c.temperatures {
            for _ in 0..c.sweeps {
                let before = states;
                for i in (0..c.units).filter(|&i| clamped[i].is_none()) {
                    let row = self.weights[i * self.units..].iter().zip(&before);
                    let products = row.map(|(&w, &s)| i32::from(w) * i32::from(s));
                    let sum = products.take(c.units).sum();
                    states[i] = response(argument(scaled(sum, c.scale), gain));
                }
            }
            gain = next_gain(gain, c.ratio, c.gain_most);
        }
        states
    }

    /// The states of the free phase: nothing changes.
    pub fn free(&self, given: &[Given; UNITS_MOST]) -> States {
        self.settle(&given.map(Given::free_phase))
    }

    /// Learns a vector; whether a target was missed.
    pub fn adapt(&mut self, given: &[Given; UNITS_MOST]) -> bool {
        let free = self.free(given);
        let held = self.settle(&given.map(Given::clamped_phase));
        let first = self.config.pattern == 0;
        for (i, j, k) in pairs(self.config.units) {
            let product = |s: &States| i32::from(s[i]) * i32::from(s[j]);
            let before = if first { 0 } else { self.differences[k] };
            self.differences[k] = before.wrapping_add(product(&held) - product(&free));
        }
        let margin = self.config.margin;
        let missed = (0..self.config.units).any(|i| match given[i] {
            Given::Target(target) => !reached(free[i], target, margin),
            Given::Input(_) | Given::Free => false,
        });
        let end = self.config.count(missed);
        if end.is_some_and(|end| end.draws) {
            self.draw();
        } else if end.is_some_and(|end| end.moves) {
            if self.config.rule == 0 {
                (0..self.config.moves).for_each(|_| self.move_largest());
            } else {
                self.move_all();
            }
        }
        missed
    }

    /// Draws every weight anew.
    pub fn draw(&mut self) {
        for (i, j, k) in pairs(self.config.units) {
            let noise = self.noise();
            self.set(i, j, k, drawn(noise as i16, self.config.spread, self.config.half));
        }
    }

    fn noise(&mut self) -> u64 {
        self.config.noise = xorshift64(self.config.noise);
        self.config.noise
    }

    fn level(&self, i: usize, j: usize) -> i8 {
        self.weights[i * self.units + j]
    }

    fn set_level(&mut self, i: usize, j: usize, level: i8) {
        self.weights[i * self.units + j] = level;
        self.weights[j * self.units + i] = level;
    }

    /// A connection's weight with its residue: both ends of it, and its number.
    fn set(&mut self, i: usize, j: usize, k: usize, weight: i32) {
        let (level, residue) = split(weight);
        self.set_level(i, j, level);
        self.residues[k] = residue;
    }

    /// The rule of residues.
    fn move_all(&mut self) {
        let (rate, half) = (self.config.rate, self.config.half);
        for (i, j, k) in pairs(self.config.units) {
            let weight = join(self.level(i, j), self.residues[k]);
            self.set(i, j, k, moved(weight, step(self.differences[k], rate), half));
        }
    }

    /// The rule of levels: the weight with the largest difference moves; of equals the first.
    fn move_largest(&mut self) {
        let (band, half) = (self.config.band, self.config.half as i8);
        let (mut most, mut found) = (0, None);
        for (i, j, k) in pairs(self.config.units) {
            let chance = chance(self.differences[k], self.noise(), self.config.chance);
            let difference = self.differences[k];
            let size = difference.unsigned_abs();
            let level = self.level(i, j);
            let can = if difference > 0 { level < half } else { level > -half };
            if can && size > band && chance > most {
                (most, found) = (chance, Some((i, j, k)));
            }
        }
        if let Some((i, j, k)) = found {
            self.set_level(i, j, self.level(i, j) + self.differences[k].signum() as i8);
            self.differences[k] = 0;
        }
    }
}

/// A sum without its last `scale` bits (Q9.7): to nearest, saturating.
pub fn scaled(sum: i32, scale: u32) -> i16 {
    let rounded = (((2 * sum) >> scale) + 1) >> 1;
    rounded.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

/// tanh's argument, Q3.6, of a scaled sum and a gain: to nearest, saturating at both ends alike.
pub fn argument(sum: i16, gain: u32) -> i16 {
    let product = i32::from(sum) * gain as i32;
    ((product + (1 << 11)) >> 12).clamp(-255, 255) as i16
}

/// tanh of an argument, Q1.7, by a table of its magnitude: to nearest, at most 127.
pub fn response(argument: i16) -> i8 {
    let size = TANH[usize::from(argument.unsigned_abs())] as i8;
    if argument < 0 {
        -size
    } else {
        size
    }
}

/// The next gain of the ladder: to nearest, at most the largest.
pub fn next_gain(gain: u32, ratio: u32, most: u32) -> u32 {
    ((gain * ratio + (1 << (RATIO_FRACTION - 1))) >> RATIO_FRACTION).min(most)
}

/// Whether a state is on its target's side of 0, by the margin at least.
pub fn reached(state: i8, target: i8, margin: u32) -> bool {
    let towards = if target < 0 { -i32::from(state) } else { i32::from(state) };
    towards >= margin as i32
}

/// The step of a weight, `2^-16` of a level, for a difference: to nearest.
pub fn step(difference: i32, rate: u32) -> i64 {
    (((i64::from(difference) << 3) >> rate) + 1) >> 1
}

/// A weight after a step, both in `2^-16` of a level, saturating at the largest level.
pub fn moved(weight: i32, step: i64, half: u32) -> i32 {
    let most = i64::from(half) << RESIDUE_BITS;
    (i64::from(weight) + step).clamp(-most, most) as i32
}

/// A weight of 16 bits of noise, saturating at the largest level.
pub fn drawn(noise: i16, spread: u32, half: u32) -> i32 {
    moved(0, i64::from(noise) << spread, half)
}

/// Level and residue of a weight: the level is the nearest.
pub fn split(weight: i32) -> (i8, i16) {
    (((weight + (1 << (RESIDUE_BITS - 1))) >> RESIDUE_BITS) as i8, weight as i16)
}

/// The weight of a level and a residue.
pub fn join(level: i8, residue: i16) -> i32 {
    (i32::from(level) << RESIDUE_BITS) + i32::from(residue)
}

/// What a difference competes with: its size, and up to `2^-chance` of it from the noise.
pub fn chance(difference: i32, noise: u64, chance: u32) -> u64 {
    let size = difference.unsigned_abs();
    u64::from(size) + u64::from((size >> chance) & (noise >> 32) as u32)
}

/// tanh, Q1.7, of arguments of 0 to 255 in steps of `2^-6`.
pub const TANH: [u8; 256] = [
    0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 29, 31, 33, 35, 37, 39, 41, 42, 44, 46,
    48, 49, 51, 53, 54, 56, 58, 59, 61, 62, 64, 65, 67, 68, 70, 71, 72, 74, 75, 76, 78, 79, 80, 81,
    82, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 97, 98, 99, 100, 101, 101, 102,
    103, 104, 104, 105, 106, 106, 107, 107, 108, 109, 109, 110, 110, 111, 111, 112, 112, 113, 113,
    113, 114, 114, 115, 115, 115, 116, 116, 117, 117, 117, 118, 118, 118, 118, 119, 119, 119, 120,
    120, 120, 120, 120, 121, 121, 121, 121, 122, 122, 122, 122, 122, 122, 123, 123, 123, 123, 123,
    123, 124, 124, 124, 124, 124, 124, 124, 124, 125, 125, 125, 125, 125, 125, 125, 125, 125, 125,
    125, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
];
