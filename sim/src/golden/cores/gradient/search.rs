//! Search beyond the nearest minimum: a point that is kept, noise whose width falls, and a
//! resolution that rises.
//!
//! - Rising resolution, Seok and Kim (arXiv 2112.13006; US 2021/0365838): `n` and `m` grow by one
//!   every so many iterations, so that the early quantization error is noise that cools. Whether
//!   that finds a global minimum is measured by `--example resolution`.
//! - Noise, ours: every component is moved by `32 - width` bits of the generator's upper word, as a
//!   signed number in Q4.28; `width` grows by one every so many iterations, so that the noise
//!   halves.
//! - The kept point, ours: an iteration that finds a larger value than the kept point's goes back
//!   to that point, and takes no step but the noise. Otherwise its point is the kept one from now
//!   on, and it descends as ever. The first iteration keeps its point.

use super::{Config, Gradient};
use fixlearn_map::gradient as r;
use serde::{Deserialize, Serialize};

/// The width at which there is no noise.
pub const NOISE_NONE: u32 = 32;

/// The registers of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// The best point is kept.
    pub keep: bool,
    /// `gradient_bits` rises.
    pub gradient_rises: bool,
    /// `point_bits` rises.
    pub point_rises: bool,
    /// The noise has 32 bits less this many, `0..=32`.
    pub noise_width: u32,
    /// Iterations until the width grows (24 bits); 0 holds it.
    pub noise_period: u32,
    pub noise_timer: u32,
    /// Iterations until the bits that rise grow (24 bits); 0 holds them.
    pub resolution_period: u32,
    pub resolution_timer: u32,
    /// Where `gradient_bits` and `point_bits` stop.
    pub gradient_most: u32,
    pub point_most: u32,
}

impl Default for Search {
    /// As after power-up: none.
    fn default() -> Self {
        Self {
            keep: false,
            gradient_rises: false,
            point_rises: false,
            noise_width: NOISE_NONE,
            noise_period: 0,
            noise_timer: 0,
            resolution_period: 0,
            resolution_timer: 0,
            gradient_most: super::GRADIENT_FRACTION,
            point_most: super::POINT_FRACTION,
        }
    }
}

impl Search {
    /// As after power-up.
    pub fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// What a component is moved by.
    pub(super) fn noise(&self, state: u64) -> i64 {
        match self.noise_width {
            width @ 0..32 => ((((state >> 32) as u32) << width) as i32 >> width).into(),
            _ => 0,
        }
    }

    pub(super) fn register(&self, number: u8) -> u32 {
        match number {
            r::SEARCH => {
                u32::from(self.keep)
                    | u32::from(self.gradient_rises) << 1
                    | u32::from(self.point_rises) << 2
            }
            r::NOISE_WIDTH => self.noise_width,
            r::NOISE_PERIOD => self.noise_period,
            r::NOISE_TIMER => self.noise_timer,
            r::RESOLUTION_PERIOD => self.resolution_period,
            r::RESOLUTION_TIMER => self.resolution_timer,
            r::RESOLUTION_MOST => self.gradient_most | self.point_most << 8,
            _ => 0,
        }
    }

    pub(super) fn set_register(&mut self, number: u8, word: u32) {
        match number {
            r::SEARCH => {
                let bit = |i: u32| word >> i & 1 == 1;
                (self.keep, self.gradient_rises, self.point_rises) = (bit(0), bit(1), bit(2));
            }
            r::NOISE_WIDTH => self.noise_width = word,
            r::NOISE_PERIOD => self.noise_period = word,
            r::NOISE_TIMER => self.noise_timer = word,
            r::RESOLUTION_PERIOD => self.resolution_period = word,
            r::RESOLUTION_TIMER => self.resolution_timer = word,
            r::RESOLUTION_MOST => {
                (self.gradient_most, self.point_most) = (word & 0xff, word >> 8);
            }
            _ => {}
        }
    }
}

/// Counts an iteration of a schedule; whether its period is over. A period of 0 never is.
pub(super) fn due(timer: &mut u32, period: u32) -> bool {
    if period == 0 {
        return false;
    }
    *timer = (*timer + 1) & 0xff_ffff;
    let due = *timer >= period;
    if due {
        *timer = 0;
    }
    due
}

impl Config {
    /// The schedules of noise and resolution, after an iteration.
    pub(super) fn rise(&mut self) {
        let s = &mut self.search;
        if due(&mut s.noise_timer, s.noise_period) {
            s.noise_width += u32::from(s.noise_width < NOISE_NONE);
        }
        if due(&mut s.resolution_timer, s.resolution_period) {
            let (gradient, point) = (self.gradient_bits, self.point_bits);
            self.gradient_bits += u32::from(s.gradient_rises && gradient < s.gradient_most);
            self.point_bits += u32::from(s.point_rises && point < s.point_most);
        }
    }
}

impl Gradient {
    /// Keeps the point, or goes back to the kept one; whether it went back. `value` is the
    /// point's.
    pub(super) fn keep(&mut self, value: u64) -> bool {
        let c = &self.config;
        if !c.search.keep {
            return false;
        }
        let d = c.dimension;
        let dropped = c.last.component().is_some() && value > c.value;
        self.kept.resize(self.point.len(), 0);
        if dropped {
            self.point[..d].copy_from_slice(&self.kept[..d]);
        } else {
            self.kept[..d].copy_from_slice(&self.point[..d]);
        }
        dropped
    }

    /// The best point that is known: the kept one, or else where the run is.
    pub fn best(&self) -> &[i32] {
        let kept = self.config.search.keep && self.config.last.component().is_some();
        self.used(if kept { &self.kept } else { &self.point })
    }
}
