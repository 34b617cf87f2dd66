//! The machine's registers: what the host sets, and what the core counts.
//! `fixlearn_map::boltzmann` is the map.

use super::{GAIN_FRACTION, RATIO_FRACTION};
use crate::golden::arith::NOISE_SEED;
use fixlearn_map::boltzmann::{self as r, BoltzmannBuilt, UNITS_MOST};
use fixlearn_map::Built;
use serde::{Deserialize, Serialize};

/// What an epoch's end brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub draws: bool,
    pub moves: bool,
}

/// Declares the registers that are a number each, and what holds them.
macro_rules! registers {
    ($($NUMBER:ident $(#[$meta:meta])* $field:ident: $kind:ty,)*) => {
        /// What the registers hold; the map says what each is.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Config {
            $($(#[$meta])* pub $field: $kind,)*
            /// State of the noise generator, not 0.
            pub noise: u64,
        }

        impl Config {
            /// The state after power-up of a machine with so many units.
            pub fn power_up(units: usize) -> Self {
                let words = BoltzmannBuilt { units: units as u8, lanes: 8 }.reset_words();
                $(let $field = words[usize::from(r::$NUMBER)] as $kind;)*
                Self { $($field,)* noise: NOISE_SEED }
            }

            /// The word of a register; 0 where there is none.
            pub(super) fn register(&self, number: u8) -> u32 {
                match number {
                    $(r::$NUMBER => self.$field as u32,)*
                    r::NOISE_LOW => self.noise as u32,
                    r::NOISE_HIGH => (self.noise >> 32) as u32,
                    _ => 0,
                }
            }

            /// Sets a register to a word that the map takes.
            pub(super) fn set_register(&mut self, number: u8, word: u32) {
                match number {
                    $(r::$NUMBER => self.$field = word as $kind,)*
                    _ => {}
                }
            }
        }
    };
}

registers! {
    UNITS units: usize,
    VISIBLE visible: usize,
    HALF half: u32,
    SCALE scale: u32,
    GAIN gain: u32,
    RATIO ratio: u32,
    GAIN_MOST gain_most: u32,
    TEMPERATURES temperatures: u32,
    SWEEPS sweeps: u32,
    RULE rule: u32,
    MOVES moves: u32,
    BAND band: u32,
    CHANCE chance: u32,
    RATE rate: u32,
    SPREAD spread: u32,
    MARGIN margin: u32,
    PATTERNS patterns: u32,
    PATIENCE patience: u32,
    PATTERN pattern: u32,
    MISSED missed: u32,
    AGE age: u32,
    DRAWN drawn: u32,
    VECTORS vectors: u32,
    WRONG wrong: u32,
    LAST last: u32,
}

impl Config {
    /// The largest word of a counter of 16 bits, at which it stays.
    const MOST: u32 = 0xffff;

    /// Counts a learned vector; what an epoch's end brings, if it is one.
    pub(super) fn count(&mut self, missed: bool) -> Option<End> {
        self.vectors = self.vectors.wrapping_add(1);
        self.wrong = self.wrong.wrapping_add(missed.into());
        self.pattern += 1;
        self.missed = (self.missed + u32::from(missed)).min(Self::MOST);
        if self.pattern < self.patterns {
            return None;
        }
        (self.pattern, self.last, self.missed) = (0, self.missed, 0);
        let fails = self.last > 0;
        self.age = (self.age + u32::from(fails)).min(Self::MOST);
        let draws = fails && self.patience > 0 && self.age >= self.patience;
        if draws {
            (self.age, self.drawn) = (0, self.drawn.wrapping_add(1));
        }
        Some(End { draws, moves: fails && !draws })
    }

    /// Sets levels and ladder: weights of `levels` levels, 3 to 255, between `-range` and `range`;
    /// the temperature falls from `hot` to `cold`, where it stays for the last quarter of the
    /// temperatures. What the gain's words cannot say is the nearest that they can.
    pub fn set_ladder(&mut self, levels: u32, range: f64, hot: f64, cold: f64) {
        self.half = (levels.clamp(3, 255) - 1) / 2;
        // As many bits of a sum as its levels need.
        self.scale = (self.half / 8 + 1).next_power_of_two().ilog2();
        let level = range / f64::from(self.half) * f64::from(1_u32 << self.scale);
        let word = |x: f64, fraction: u32| (x * f64::from(1_u32 << fraction)).round() as u32;
        let gain = |at: f64| word(level / at, GAIN_FRACTION).clamp(1, 0x7fff);
        (self.gain, self.gain_most) = (gain(hot), gain(cold));
        let falls = f64::from(self.temperatures - self.temperatures / 4).max(2.0) - 1.0;
        let ratio = (hot / cold).powf(1.0 / falls);
        self.ratio = word(ratio, RATIO_FRACTION).clamp(1 << RATIO_FRACTION, 0x7fff);
    }

    /// Whether sizes are ones that there are.
    pub(super) fn fits(&self, units: usize) -> bool {
        let some = 1..=units.min(UNITS_MOST);
        some.contains(&self.units) && some.contains(&self.visible)
    }
}
