//! What a linear model is asked for, as far as it is said: the rest follows from the table.

use super::data::{Options, Preparation, Samples, LEAST_SCALE};
use super::{rate, Regress};
use crate::run::Run;
use crate::tasks::optimize::begin;
use crate::tasks::optimize::rule::{words_in_range, Moves, Rule};
use crate::{first_broken, Error, Result};
use fixlearn_map::gradient as map;
use fixlearn_sim::golden::arith::Rounding;
use fixlearn_sim::golden::cores::gradient::{Config, Gradient, Objective, POINT_FRACTION};
use serde::Deserialize;

/// What is asked for; what is none follows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub moves: Moves,
    pub passes: Option<u64>,
    pub weight_bits: Option<u32>,
    pub levels: u32,
    pub rounding: Rounding,
    pub rate_shift: Option<u32>,
    pub rate_final: Option<u32>,
    pub rate_period: Option<u32>,
}

/// A run at its beginning.
pub struct Begun {
    pub run: Run<Regress>,
    /// The rate that was the best of those tried, where something would be clamped with it.
    pub clamped: Option<u32>,
}

impl Options {
    /// Says whether what was asked for is in range.
    ///
    /// # Errors
    /// Naming the first option that is not.
    pub fn in_range(&self) -> Result<()> {
        first_broken(&[
            ((0.0..1.0).contains(&self.hold_out), "--hold-out: 0 to less than 1"),
            ((LEAST_SCALE..=1e6).contains(&self.scale), "--scale: 0.000001 to 1000000"),
            (self.grey_levels.is_none_or(|g| (2..=4096).contains(&g)), "--grey-levels: 2 to 4096"),
        ])
        .map_err(Error::Request)
    }
}

impl Request {
    /// What the command line's parser sees to already.
    ///
    /// # Errors
    /// Naming the first option that is out of range.
    pub fn in_range(&self) -> Result<()> {
        self.moves.in_range()?;
        words_in_range(&[
            ("--levels", map::LEVELS, Some(self.levels)),
            ("--rate-shift", map::RATE, self.rate_shift),
            ("--rate-final", map::RATE_MOST, self.rate_final),
            ("--rate-period", map::RATE_PERIOD, self.rate_period),
        ])?;
        first_broken(&[
            (self.passes.is_none_or(|n| n <= 1 << 20), "--passes: 0 to 1048576"),
            (self.weight_bits.is_none_or(|b| (1..=32).contains(&b)), "--weight-bits: 1 to 32"),
        ])
        .map_err(Error::Request)
    }

    /// Bounds of a weight of so many bits, two's complement, with this step.
    fn bounds(&self, point_bits: u32) -> Result<(i32, i32)> {
        let Some(bits) = self.weight_bits else {
            return Ok((i32::MIN, i32::MAX));
        };
        let step = 1_i64 << (POINT_FRACTION - point_bits.min(POINT_FRACTION));
        let half = 1_i64 << (bits - 1);
        let bound = |x: i64| {
            i32::try_from(x).map_err(|_| {
                Error::request(format!(
                    "weights of {bits} bits with {point_bits} fractional ones exceed Q4.28; \
                     --point-bits {} would fit",
                    bits.saturating_sub(4)
                ))
            })
        };
        Ok((bound(-half * step)?, bound((half - 1) * step)?))
    }

    /// The first state; `total` is the number of samples to come.
    ///
    /// # Errors
    /// If a setting is out of range.
    pub fn start(
        &self,
        objective: Objective,
        dimension: usize,
        rate: u32,
        total: u64,
    ) -> Result<Gradient> {
        let mut config = Config {
            objective,
            dimension,
            rounding: self.rounding,
            rate,
            rate_most: self.rate_final.unwrap_or((rate + 5).min(31)),
            levels: self.levels,
            ..Config::power_up()
        };
        self.moves.apply(&mut config, Rule::Plain);
        // Not given: the halvings spread evenly over the samples.
        let halvings = u64::from(config.rate_most.saturating_sub(config.rate)) + 1;
        config.rate_period = match self.rate_period {
            Some(period) => period,
            None if config.adaptive => 0,
            None => (total / halvings).clamp(1, 0xff_ffff) as u32,
        };
        (config.low, config.high) = self.bounds(config.point_bits)?;
        begin(config, vec![0; dimension])
    }

    /// A run at its beginning, of a table that is prepared.
    ///
    /// # Errors
    /// As [`Request::start`]'s.
    pub fn begin(&self, preparation: Preparation, samples: &Samples) -> Result<Begun> {
        let Options { objective, seed, .. } = preparation.options;
        let dimension = preparation.features.len() + 1;
        let start = |rate, total| self.start(objective, dimension, rate, total);
        let rate::Choice { rate, passes, clamped } =
            rate::choose(samples, seed, self.rate_shift, self.passes, start)?;
        let start = start(rate, passes * samples.training.len() as u64)?;
        let plan = Regress { preparation, passes, start: start.clone() };
        Ok(Begun { run: Run::new(plan, start), clamped })
    }
}
