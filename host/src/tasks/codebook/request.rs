//! What training is asked for, as far as it is said: the rest follows from it, and from the input.

use super::{Codebook, Init, Model, Plan};
use crate::input::Samples;
use crate::task::Task as _;
use crate::tasks::in_registers;
use crate::{first_broken, output, Error, Result};
use fixlearn_map::vq::{self, VqBuilt, REGISTERS};
use fixlearn_map::Register;
use fixlearn_sim::golden::cores::vq::{Metric, Rounding};
use fixlearn_sim::golden::Core as _;
use serde::Deserialize;
use std::collections::HashSet;

/// What is asked for; what is none follows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub codewords: usize,
    pub passes: u64,
    pub frequency_passes: u64,
    pub seed: u64,
    pub bits: Option<u8>,
    pub init: Init,
    pub metric: Metric,
    pub rounding: Rounding,
    /// Rates by power of two; a map that names no rate has them, too.
    pub fixed_rate: bool,
    pub keep_counts: bool,
    pub rate_shift: Option<u32>,
    pub rate_final: Option<u32>,
    pub rate_period: Option<u32>,
    pub radius: u32,
    pub radius_period: Option<u32>,
    /// Of the grid; 256 is a line.
    pub columns: u32,
    pub falloff: Option<u32>,
    pub count_cap: u32,
}

impl Request {
    /// The plan, but for schedules that depend on the length of the run.
    ///
    /// # Errors
    /// Naming the first option that is out of range.
    pub fn plan(&self) -> Result<Plan> {
        if !self.columns.is_power_of_two() || self.columns > 256 {
            return Err(Error::request("--columns: 1 to 256, a power of two"));
        }
        self.in_range()?;
        // A neighbourhood unfolds while its rates are large; by count they are small too soon.
        let map = self.radius > 0;
        let fixed = self.fixed_rate || map && self.rate_shift.is_none();
        let fresh = !fixed && !self.keep_counts;
        let rate_shift = self.rate_shift.unwrap_or(match (map, fresh) {
            (true, _) => 2,
            (_, true) => 15,
            _ => 8,
        });
        let rate_final = if map && self.rate_shift.is_none() { 6 } else { rate_shift };
        let plan = Plan {
            codewords: self.codewords,
            passes: self.passes,
            frequency_passes: self.frequency_passes,
            seed: self.seed,
            bits: self.bits,
            init: self.init,
            metric: self.metric,
            rounding: self.rounding,
            count_based: !fixed,
            fresh_counts: fresh,
            rate_shift,
            rate_final: self.rate_final.unwrap_or(rate_final),
            rate_period: self.rate_period.unwrap_or(0),
            radius: self.radius as usize,
            radius_period: self.radius_period.unwrap_or(0),
            columns_log2: self.columns.ilog2(),
            falloff: self.falloff.unwrap_or(map.into()),
            count_cap: self.count_cap as u16,
        };
        plan.validate().map_err(Error::Request)?;
        Ok(plan)
    }

    /// What the command line's parser sees to already.
    fn in_range(&self) -> Result<()> {
        let words = [
            ("--rate-shift", vq::RATE_SHIFT, self.rate_shift),
            ("--rate-final", vq::RATE_FINAL, self.rate_final),
            ("--rate-period", vq::RATE_PERIOD, self.rate_period),
            ("--radius", vq::RADIUS, Some(self.radius)),
            ("--radius-period", vq::RADIUS_PERIOD, self.radius_period),
            ("--count-cap", vq::COUNT_CAP, Some(self.count_cap)),
        ];
        in_registers(REGISTERS, &words)?;
        first_broken(&[(self.falloff.is_none_or(|falloff| falloff <= 3), "--falloff: 0 to 3")])
            .map_err(Error::Request)
    }

    /// Schedules that were not given end with the run of so many vectors.
    pub fn scheduled(&self, mut plan: Plan, vectors: u64) -> Plan {
        let period = |number: u8, steps: u64, vectors: u64| {
            let most = REGISTERS.get(usize::from(number)).and_then(Register::bounds);
            let period = vectors.checked_div(steps).unwrap_or(0);
            period.min(most.map_or(0, |bounds| bounds.1.into())) as u32
        };
        if self.rate_period.is_none() && !plan.count_based {
            let halvings = plan.rate_final.saturating_sub(plan.rate_shift).into();
            plan.rate_period = period(vq::RATE_PERIOD, halvings, vectors);
        }
        if self.radius_period.is_none() {
            plan.radius_period = period(vq::RADIUS_PERIOD, plan.radius as u64, vectors / 4 * 3);
        }
        plan
    }
}

impl Model {
    /// A run at its beginning. The device's lanes are not known yet, and count in learning alone.
    ///
    /// # Errors
    /// If samples that stay in a file cannot be read.
    pub fn begin(task: Codebook, samples: &Samples) -> Result<Self> {
        let start = task.start(samples, &VqBuilt::narrow(256, 256, 1))?;
        Ok(Self::new(task, start))
    }

    /// Goes to a device of these sizes; at its beginning it takes their lanes.
    ///
    /// # Errors
    /// If it would not go on there to the same bits.
    pub fn settle(&mut self, built: &VqBuilt) -> std::result::Result<(), String> {
        if self.done == 0 {
            self.state.lanes = built.lanes.into();
        }
        self.state.check_learning(built)
    }
}

/// Says so if there are more codewords than vectors to put them at.
///
/// # Errors
/// If samples that stay in a file cannot be read.
pub fn warn_of_unused(samples: &Samples, codewords: usize) -> Result<()> {
    const AT_ONCE: usize = 1 << 12;
    let (vectors, dimension) = (samples.layout.vectors(), samples.layout.dimension());
    let mut different: HashSet<Vec<u8>> = HashSet::new();
    for first in (0..vectors).step_by(AT_ONCE) {
        let piece = samples.piece(first..vectors.min(first + AT_ONCE))?;
        for vector in piece.chunks_exact(dimension) {
            if different.len() < codewords && !different.contains(vector) {
                different.insert(vector.to_vec());
            }
        }
        if different.len() >= codewords {
            return Ok(());
        }
    }
    output::note(format_args!(
        "the input has {}, fewer than --codewords {codewords}: some will be unused",
        output::count(different.len(), "different vector")
    ));
    Ok(())
}
