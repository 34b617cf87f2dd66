//! The quantized-gradient optimizer, bit for bit.
//!
//! One iteration takes the gradient `g` of an [`Objective`] at the point `x` and computes
//! `x' = x - rate * Q(g)`, with `rate = 2^-e`.
//!
//! # Formats
//! | value | format |
//! |---|---|
//! | point `x` | Q4.28, on a grid of `2^-m` (`m = point_bits`), clamped to `low..=high`: `m = 12` over the whole range is the 16-bit format Q4.12, `m = 28` the 32-bit one |
//! | gradient `g` | Q12.20, saturating |
//! | value `f` | UQ16.32, saturating |
//! | sample, target | Q4.12 |
//!
//! # Rules, and where they are from
//! - Quantizer, Seok (2020, IEMEK 15(1)): `Q(v) = floor(v * Qp + 1/2) / Qp`, `Qp = 2^n`
//!   (`n = gradient_bits`). This is [`Rounding::Nearest`]; the three other roundings put another
//!   dither in the place of the 1/2: 0, uniform noise, or the residue of the component's last
//!   quantization.
//! - The second narrowing is ours: a register holds finite bits, so `rate * Q(g)` is rounded to
//!   the point's grid by the same rule. At `m >= n + e` it changes nothing, and the rule is
//!   Seok's.
//! - Compensation, Seok and Kim (2019), Seok (2020, JBE 25(2)) and US 2021/0133626: components
//!   below half a step vanish; a search vector orthogonal to the gradient's largest component
//!   makes up for what was lost. The abstracts give no formula; this is our reading. Let `k` be
//!   the largest component of `|g|`, and `r` what earlier quantizations dropped. The search
//!   vector is `s_i = Q(g_i + r_i) - Q(g_i)` for `i != k` and `s_k = 0`: it is orthogonal to
//!   component `k`, and carries exactly the quantization error of the others. A residue waits
//!   while its component is the largest. When rounding to nearest would move no component at
//!   all, progress has stalled, and component `k` is compensated too: without it, the largest
//!   component would stay below half a step for ever.
//! - Adaptive rate without an inner loop, ours after the same sources (the patent names an
//!   Armijo rule, which would evaluate `f` again within an iteration): one comparison with the
//!   iteration before. If `f` grew, or the largest component is the same one and changed its
//!   sign (the step crossed the valley), the rate halves; after `patience` iterations in a row
//!   whose largest component is the same with the same sign, it doubles.

pub mod objective;
pub mod reference;
mod search;
mod words;

pub use crate::golden::arith::Rounding;
use crate::golden::arith::{xorshift64, NOISE_SEED};
use objective::linear;
pub use objective::{Kind, Objective};
pub use search::{Search, NOISE_NONE};
use serde::{Deserialize, Serialize};

/// Fractional bits of a point.
pub const POINT_FRACTION: u32 = 28;
/// Fractional bits of a gradient.
pub const GRADIENT_FRACTION: u32 = 20;
/// Fractional bits of a sample or target.
pub const SAMPLE_FRACTION: u32 = 12;
/// Fractional bits of a value.
pub const VALUE_FRACTION: u32 = 32;
/// Fractional bits of a step before it is rounded to the point's grid; those below are truncated.
pub const STEP_FRACTION: u32 = 32;
/// The largest value.
pub const VALUE_MAX: u64 = (1 << 48) - 1;
/// Most dimensions.
pub const MAX_DIMENSION: usize = 64;

/// What the registers hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    pub objective: Objective,
    /// The link function's number in the register, which counts in linear models alone.
    #[serde(default)]
    pub link: u32,
    /// Dimensions in use, `1..=64` (Rosenbrock: from 2).
    pub dimension: usize,
    pub rounding: Rounding,
    pub compensation: bool,
    pub adaptive: bool,
    /// Rate `2^-rate`, `0..=31`.
    pub rate: u32,
    /// The adaptive rate does not rise above `2^-rate_least`.
    pub rate_least: u32,
    /// Neither the adaptive rate nor the schedule falls below `2^-rate_most`.
    pub rate_most: u32,
    /// Iterations per step of the rate schedule (24 bits); 0 holds it.
    pub rate_period: u32,
    pub rate_timer: u32,
    /// Calm iterations before the adaptive rate doubles, `1..=255`.
    pub patience: u32,
    pub calm: u32,
    /// `n`: the quantizer keeps this many fractional bits of the gradient, `0..=20`.
    pub gradient_bits: u32,
    /// `m`: the point keeps this many fractional bits, `0..=28`.
    pub point_bits: u32,
    /// Bounds of every component, Q4.28, `low <= high`.
    pub low: i32,
    pub high: i32,
    /// Output levels of the perceptron, `2..=16`.
    pub levels: u32,
    /// State of the noise generator, not 0.
    pub noise: u64,
    /// Iterations done, modulo `2^32`.
    pub iterations: u32,
    /// `f` at the last iteration's point.
    pub value: u64,
    /// The last iteration: see [`Last`].
    pub last: Last,
    pub saturated: Saturated,
    /// Files of earlier versions lack it.
    #[serde(default, skip_serializing_if = "Search::is_off")]
    pub search: Search,
}

/// The last iteration's largest component, bits 5..0, and its sign, bit 6, if there was an
/// iteration, bit 7.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last(pub u8);

impl Last {
    pub fn of(component: usize, negative: bool) -> Self {
        Self(0x80 | u8::from(negative) << 6 | (component as u8 & 63))
    }

    /// Component and whether it was negative; none before the first iteration.
    pub fn component(self) -> Option<(usize, bool)> {
        (self.0 & 0x80 != 0).then_some((usize::from(self.0 & 63), self.0 & 64 != 0))
    }
}

/// Sticky flags: what was clamped since they were last cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saturated {
    /// A component reached `low` or `high` and was held there.
    pub point: bool,
    /// A component of the gradient, or a prediction or error that it is made of.
    pub gradient: bool,
    pub value: bool,
}

impl Saturated {
    pub fn any(self) -> bool {
        self.point || self.gradient || self.value
    }

    fn merge(&mut self, other: Saturated) {
        self.point |= other.point;
        self.gradient |= other.gradient;
        self.value |= other.value;
    }
}

impl Config {
    /// The state after power-up.
    pub fn power_up() -> Self {
        Self {
            objective: Objective::Rosenbrock,
            link: 0,
            dimension: 2,
            rounding: Rounding::Truncate,
            compensation: false,
            adaptive: false,
            rate: 10,
            rate_least: 0,
            rate_most: 31,
            rate_period: 0,
            rate_timer: 0,
            patience: 16,
            calm: 0,
            gradient_bits: GRADIENT_FRACTION,
            point_bits: POINT_FRACTION,
            low: i32::MIN,
            high: i32::MAX,
            levels: 2,
            noise: NOISE_SEED,
            iterations: 0,
            value: 0,
            last: Last::default(),
            saturated: Saturated::default(),
            search: Search::default(),
        }
    }

    /// Mask of the gradient's bits that the quantizer drops.
    fn gradient_mask(&self) -> i64 {
        (1 << (GRADIENT_FRACTION - self.gradient_bits)) - 1
    }

    /// Mask of a step's bits that the point's grid drops.
    fn point_mask(&self) -> i64 {
        (1 << (STEP_FRACTION - self.point_bits)) - 1
    }
}

/// A sample of a streamed objective: features and what they should give, Q4.12.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub features: Vec<i16>,
    pub target: i16,
}

/// What an objective says of a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Q12.20.
    pub gradient: Vec<i32>,
    /// UQ16.32.
    pub value: u64,
    pub saturated: Saturated,
}

/// The optimizer: registers and memories, which hold as many components as they are built for;
/// those in use are `config.dimension`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gradient {
    pub config: Config,
    /// Q4.28, a component a dimension, as are the others.
    pub point: Vec<i32>,
    /// What the quantizer dropped, plus half a step: the dither of a compensated component.
    pub gradient_residues: Vec<u32>,
    /// The same of the rounding to the point's grid.
    pub point_residues: Vec<u32>,
    /// Quadratic: curvatures, Q4.28, not negative.
    pub curvature: Vec<i32>,
    /// Quadratic and Rastrigin: where the minimum is, Q4.28.
    pub centre: Vec<i32>,
    /// The best point so far, of a search that keeps it; as long as the point, or not there yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<i32>,
    /// What only a device has.
    #[serde(skip)]
    device: words::Device,
}

impl Gradient {
    /// A start: residues as if nothing had been dropped, curvatures 1, minimum at 0.
    pub fn new(config: Config, point: Vec<i32>) -> Self {
        let d = config.dimension;
        let nearest = config.rounding == Rounding::Nearest;
        let half = |mask: i64| if nearest { ((mask + 1) >> 1) as u32 } else { 0 };
        Self {
            gradient_residues: vec![half(config.gradient_mask()); d],
            point_residues: vec![half(config.point_mask()); d],
            curvature: vec![1 << POINT_FRACTION; d],
            centre: vec![0; d],
            kept: Vec::new(),
            point,
            config,
            device: words::Device::default(),
        }
    }

    /// The components in use.
    fn used<'a, T>(&self, of: &'a [T]) -> &'a [T] {
        &of[..self.config.dimension.min(of.len())]
    }

    /// Value and gradient at the point. A streamed objective needs the sample.
    pub fn evaluate(&self, sample: Option<&Sample>) -> Evaluation {
        let none = Sample { features: vec![0; self.config.dimension], target: 0 };
        let sample = sample.unwrap_or(&none);
        self.config.objective.evaluate(self, sample)
    }

    /// What the model predicts for these features, Q12.20.
    pub fn predict(&self, features: &[i16]) -> i32 {
        linear::predict(&self.link(), self.used(&self.point), features).output
    }

    fn link(&self) -> linear::Link {
        self.config.objective.link(self.config.levels)
    }

    /// One iteration; what the objective said of the point before it.
    pub fn descend(&mut self, sample: Option<&Sample>) -> Evaluation {
        let seen = self.evaluate(sample);
        self.config.saturated.merge(seen.saturated);
        let largest = largest(&seen.gradient);
        let stalled = seen.gradient.iter().all(|&g| self.vanishes(g));
        let dropped = self.keep(seen.value);
        for (i, &g) in seen.gradient.iter().enumerate() {
            if dropped {
                self.perturb(i, 0);
                continue;
            }
            let feedback = self.config.rounding == Rounding::ErrorFeedback
                || self.config.compensation && (i != largest || stalled);
            self.update(i, g, feedback);
        }
        let negative = seen.gradient[largest] < 0;
        self.adapt(largest, negative, seen.value);
        if !dropped {
            self.config.value = seen.value;
        }
        self.config.rise();
        seen
    }

    /// Rounded to nearest in both places, this component would not move the point.
    fn vanishes(&self, g: i32) -> bool {
        let (mask, grid) = (self.config.gradient_mask(), self.config.point_mask());
        let quantized = (i64::from(g) + ((mask + 1) >> 1)) & !mask;
        let step = self.step(quantized);
        (step + ((grid + 1) >> 1)) & !grid == 0
    }

    /// `rate * u` with [`STEP_FRACTION`] fractional bits, those below truncated.
    fn step(&self, quantized: i64) -> i64 {
        (quantized << (STEP_FRACTION - GRADIENT_FRACTION)) >> self.config.rate
    }

    fn update(&mut self, i: usize, g: i32, feedback: bool) {
        let c = &self.config;
        let (mask, grid) = (c.gradient_mask(), c.point_mask());
        let dither = |residue: u32, noise: u32, mask: i64| {
            if feedback {
                return i64::from(residue) & mask;
            }
            match c.rounding {
                Rounding::Nearest => (mask + 1) >> 1,
                Rounding::Stochastic => i64::from(noise) & mask,
                _ => 0,
            }
        };
        let total = i64::from(g) + dither(self.gradient_residues[i], c.noise as u32, mask);
        let step = self.step(total & !mask);
        let moved = step + dither(self.point_residues[i], (c.noise >> 32) as u32, grid);
        if feedback {
            self.gradient_residues[i] = (total & mask) as u32;
            self.point_residues[i] = (moved & grid) as u32;
        }
        self.perturb(i, (moved & !grid) >> (STEP_FRACTION - POINT_FRACTION));
    }

    /// The component less its step, and the search's noise; clamped to the bounds.
    fn perturb(&mut self, i: usize, step: i64) {
        let c = &self.config;
        let next = i64::from(self.point[i]) - step + c.search.noise(c.noise);
        // With the bounds the wrong way round, what is above HIGH becomes HIGH, the rest LOW.
        let held = match next {
            _ if next > c.high.into() => c.high.into(),
            _ if next < c.low.into() => c.low.into(),
            _ => next,
        };
        self.config.saturated.point |= held != next;
        self.point[i] = held as i32;
        self.config.noise = xorshift64(self.config.noise);
    }

    fn adapt(&mut self, largest: usize, negative: bool, value: u64) {
        let c = &mut self.config;
        if let (true, Some((before, was_negative))) = (c.adaptive, c.last.component()) {
            let same = before == largest;
            if value > c.value || same && negative != was_negative {
                c.calm = 0;
                c.rate += u32::from(c.rate < c.rate_most);
            } else if same {
                c.calm += 1;
                if c.calm >= c.patience {
                    c.calm = 0;
                    c.rate -= u32::from(c.rate > c.rate_least);
                }
            } else {
                c.calm = 0;
            }
        }
        if search::due(&mut c.rate_timer, c.rate_period) {
            c.rate += u32::from(c.rate < c.rate_most);
        }
        c.last = Last::of(largest, negative);
        c.iterations = c.iterations.wrapping_add(1);
    }
}

/// The largest component; ties go to the lowest index.
fn largest(gradient: &[i32]) -> usize {
    let mut best = 0;
    for (i, g) in gradient.iter().enumerate() {
        if g.unsigned_abs() > gradient[best].unsigned_abs() {
            best = i;
        }
    }
    best
}

/// Clamps to 32 bits; whether it had to.
fn saturate(x: i64) -> (i32, bool) {
    let held = x.clamp(i32::MIN.into(), i32::MAX.into());
    (held as i32, held != x)
}

/// Adds up terms of a value, each clamped to `0..=VALUE_MAX` like their sum.
#[derive(Default)]
struct Value {
    sum: u64,
    saturated: bool,
}

impl Value {
    fn add(&mut self, term: i64) {
        let term = term.max(0) as u64;
        let sum = self.sum + term.min(VALUE_MAX);
        self.saturated |= term > VALUE_MAX || sum > VALUE_MAX;
        self.sum = sum.min(VALUE_MAX);
    }
}
