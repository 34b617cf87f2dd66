//! What a minimization is asked for, as far as it is said: the rest follows from it.

use super::rule::{words_in_range, Moves, Rule};
use super::{begin, rate_for, Optimize};
use crate::run::Run;
use crate::{first_broken, output, Error, Result};
use fixlearn_map::gradient as map;
use fixlearn_sim::golden::arith::Rounding;
use fixlearn_sim::golden::cores::gradient::objective::quadratic;
use fixlearn_sim::golden::cores::gradient::reference::point_word;
use fixlearn_sim::golden::cores::gradient::{
    Config, Gradient, Objective, Search, NOISE_NONE, POINT_FRACTION,
};
use serde::Deserialize;

/// What is asked for; what is none follows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub moves: Moves,
    pub objective: Objective,
    pub start: Vec<f64>,
    pub centre: Vec<f64>,
    pub condition: f64,
    pub iterations: u32,
    pub tolerance: Option<f64>,
    pub every: Option<u64>,
    pub rate_shift: Option<u32>,
    pub rate_least: Option<u32>,
    pub rate_most: Option<u32>,
    pub rounding: Rounding,
    pub keep: bool,
    pub noise_width: Option<u32>,
    pub noise_period: Option<u32>,
    pub gradient_rises: bool,
    pub point_rises: bool,
    /// Iterations for each bit that rises; 0 if none does.
    pub resolution_period: u32,
    pub seed: u64,
}

/// A number as a word on the grid.
fn grid_word(name: &str, x: f64, point_bits: u32) -> Result<i32> {
    point_word(x, point_bits.min(POINT_FRACTION)).ok_or_else(|| {
        if !x.is_finite() || x.abs() < 8.0 {
            let most = 8.0 - (-f64::from(point_bits.min(POINT_FRACTION))).exp2();
            let x = output::number(x);
            return Error::request(format!("{name} {x}: give a number from -8 to {most}"));
        }
        let mut scale = 1.0;
        while (x * scale).abs() >= 8.0 && scale > 0.0 {
            scale /= 2.0;
        }
        let (x, scale) = (output::number(x), output::number(scale));
        Error::request(format!(
            "{name} {x} does not fit the point's Q4.28 (-8 to 8); scaled by {scale} it would"
        ))
    })
}

impl Request {
    /// The adaptive rate's largest exponent.
    ///
    /// # Errors
    /// If what was given leaves it no range, or the first rate is out of it.
    fn rate_most(&self) -> Result<u32> {
        let Self { rate_shift, rate_least, rate_most, .. } = *self;
        let given = [("--rate-shift", rate_shift), ("--rate-least", rate_least)];
        for (option, n) in given.into_iter().filter_map(|(option, n)| Some((option, n?))) {
            if let Some(most) = rate_most.filter(|&most| n > most) {
                let message = format!(
                    "{option} {n} is above --rate-most {most}, the adaptive rate's largest exponent"
                );
                return Err(Error::request(message));
            }
        }
        if let (Some(n), Some(least)) = (rate_shift, rate_least) {
            if n < least {
                let message = format!(
                    "--rate-shift {n} is below --rate-least {least}, the adaptive rate's least \
                     exponent"
                );
                return Err(Error::request(message));
            }
        }
        let more = rate_shift.unwrap_or(0).max(rate_least.unwrap_or(0));
        Ok(rate_most.unwrap_or(more.max(15)))
    }

    /// Of a search that drops points, the value says nothing of the rate.
    pub fn default_rule(&self) -> Rule {
        if self.keep {
            Rule::Plain
        } else {
            Rule::Adaptive
        }
    }

    /// Noise, and what rises.
    pub fn search(&self) -> Search {
        let none = Search::default();
        let noise_width = self.noise_width.unwrap_or(if self.keep { 1 } else { NOISE_NONE });
        let period = if noise_width < NOISE_NONE { self.iterations / 16 } else { 0 };
        Search {
            keep: self.keep,
            gradient_rises: self.gradient_rises,
            point_rises: self.point_rises,
            noise_width,
            noise_period: self.noise_period.unwrap_or(period.min(0xff_ffff)),
            resolution_period: self.resolution_period,
            ..none
        }
    }

    /// Says whether there are bits left to rise.
    ///
    /// # Errors
    /// Naming those that are at their most already.
    fn can_rise(&self, start: &Config) -> Result<()> {
        let Search { gradient_rises, point_rises, gradient_most, point_most, .. } = start.search;
        for (rises, bits, most, option) in [
            (gradient_rises, start.gradient_bits, gradient_most, "--gradient-bits"),
            (point_rises, start.point_bits, point_most, "--point-bits"),
        ] {
            if rises && bits >= most {
                let message =
                    format!("--rises: {option} is {bits} from the start, the most; give fewer");
                return Err(Error::request(message));
            }
        }
        Ok(())
    }

    /// What the noise begins with; 1 is the core's own after power-up.
    fn noise(&self) -> u64 {
        match self.seed {
            1 => Config::power_up().noise,
            seed => fastrand::Rng::with_seed(seed).u64(1..),
        }
    }

    /// The first state.
    ///
    /// # Errors
    /// Naming the first option that is out of range.
    pub fn start(&self) -> Result<Gradient> {
        let d = self.start.len();
        let mut config = Config {
            objective: self.objective,
            dimension: d,
            rounding: self.rounding,
            rate: self.rate_shift.unwrap_or(0),
            rate_least: 0,
            rate_most: 31,
            gradient_bits: 12,
            noise: self.noise(),
            ..Config::power_up()
        };
        self.moves.apply(&mut config, self.default_rule());
        config.search = self.search();
        if !(1..=64).contains(&d) {
            return Err(Error::request(format!("--start has {d} numbers; give 1 to 64")));
        }
        if !self.tolerance.is_none_or(|most| most >= 0.0 && most.is_finite()) {
            return Err(Error::request("--tolerance: a number of at least 0"));
        }
        if !(1.0..=1e6).contains(&self.condition) {
            return Err(Error::request("--condition: 1 to 1000000"));
        }
        if !self.centre.is_empty() && self.centre.len() != d {
            return Err(Error::request(format!(
                "--centre has {} numbers, --start {d}",
                self.centre.len()
            )));
        }
        let bits = config.point_bits;
        let point: Result<Vec<i32>> =
            self.start.iter().map(|&x| grid_word("--start", x, bits)).collect();
        let mut start = begin(config, point?)?;
        let curvatures = quadratic::curvatures(d, self.condition);
        for (to, c) in start.curvature.iter_mut().zip(curvatures) {
            *to = grid_word("curvature", c, POINT_FRACTION)?;
        }
        for (to, &z) in start.centre.iter_mut().zip(&self.centre) {
            *to = grid_word("--centre", z, POINT_FRACTION)?;
        }
        let adaptive = start.config.adaptive;
        start.config.rate_most = if adaptive { self.rate_most()? } else { 15 };
        let most = if adaptive { start.config.rate_most } else { u32::MAX };
        let rate = self.rate_shift.unwrap_or_else(|| rate_for(&start).min(most));
        start.config.rate = rate;
        let least = rate.saturating_sub(4).min(start.config.rate_most);
        start.config.rate_least = self.rate_least.unwrap_or(least);
        Ok(start)
    }

    /// What the command line's parser sees to already.
    ///
    /// # Errors
    /// Naming the first option that is out of range.
    pub fn in_range(&self) -> Result<()> {
        self.moves.in_range()?;
        words_in_range(&[
            ("--rate-shift", map::RATE, self.rate_shift),
            ("--rate-least", map::RATE_LEAST, self.rate_least),
            ("--rate-most", map::RATE_MOST, self.rate_most),
            ("--noise-width", map::NOISE_WIDTH, self.noise_width),
            ("--noise-period", map::NOISE_PERIOD, self.noise_period),
        ])?;
        let rises = self.gradient_rises || self.point_rises;
        first_broken(&[
            (self.every != Some(0), "--every: at least 1"),
            (self.resolution_period <= 0xff_ffff, "--resolution-period: 1 to 16777215"),
            (
                rises == (self.resolution_period > 0),
                "--rises needs --resolution-period, and it that",
            ),
        ])
        .map_err(Error::Request)
    }

    /// A run at its beginning.
    ///
    /// # Errors
    /// As [`Request::start`]'s, and if there are no bits left to rise.
    pub fn begin(&self) -> Result<Run<Optimize>> {
        let iterations = u64::from(self.iterations);
        let every = self.every.unwrap_or((iterations / 200).max(1));
        let start = self.start()?;
        self.can_rise(&start.config)?;
        let (early, tolerance) = (self.every.is_none(), self.tolerance);
        let plan = Optimize { iterations, every, early, tolerance, start: start.clone() };
        Ok(Run::new(plan, start))
    }
}
