//! What a fusion node is asked for, as far as it is said: the rest follows from the readings.

use super::field::Readings;
use super::quantizer::{design, Merging};
use super::{Area, Fuse, Samples, Source};
use crate::run::Run;
use crate::task::{countable, Task as _};
use crate::tasks::in_registers;
use crate::{first_broken, Error, Result};
use fixlearn_map::fusion::{self as map, FusionBuilt, REGISTERS};
use serde::Deserialize;

/// What is asked for; what is none follows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub bits: u32,
    pub intervals: Option<u8>,
    pub merging: Merging,
    pub weight: u32,
    /// Places for combinations: 1024, 4096 or 16384.
    pub places: u32,
    pub passes: u64,
}

/// Samples from which quantizers are designed, at most.
const DESIGN: usize = 200_000;

impl Request {
    /// What the command line's parser sees to already.
    ///
    /// # Errors
    /// Naming the first option that is out of range.
    pub fn in_range(&self) -> Result<()> {
        in_registers(
            REGISTERS,
            &[("--bits", map::BITS, Some(self.bits)), ("--weight", map::WEIGHT, Some(self.weight))],
        )?;
        first_broken(&[
            (self.intervals.is_none_or(|n| (2..=64).contains(&n)), "--intervals: 2 to 64"),
            ([1024, 4096, 16384].contains(&self.places), "--places: 1024, 4096 or 16384"),
            ((1..=1 << 20).contains(&self.passes), "--passes: 1 to 1048576"),
        ])
        .map_err(Error::Request)
    }

    /// Intervals of a node, of a merging that is not given.
    ///
    /// # Errors
    /// If they are too few, or too many.
    pub fn intervals(&self) -> Result<usize> {
        let codewords = 1 << self.bits;
        let usual = if self.merging == Merging::None { codewords } else { 2 * codewords };
        let intervals = self.intervals.map_or(usual, usize::from);
        if intervals < codewords || self.merging == Merging::None && intervals > codewords {
            let message = match self.merging {
                Merging::None => format!("--merge none has {codewords} intervals"),
                _ => format!("give at least {codewords}, the codewords of --bits {}", self.bits),
            };
            return Err(Error::request(format!("--intervals {intervals}: {message}")));
        }
        Ok(intervals)
    }

    /// A run at its beginning, with so many intervals of a node; and the samples.
    ///
    /// # Errors
    /// If all samples are more than 32 bits count.
    pub fn begin(
        &self,
        source: Source,
        intervals: usize,
        (training, asked): (&Readings, &Readings),
    ) -> Result<(Run<Fuse>, Samples)> {
        let area = match &source {
            Source::Simulated { field, .. } => Area { offset: [0.0; 2], side: field.side },
            Source::Table { .. } => Area::of(training),
        };
        let merging = self.merging.clone();
        let quantizers = design(&training.first(DESIGN), intervals, self.bits, &merging);
        let mut plan = Fuse {
            source,
            area,
            bits: self.bits,
            weight: self.weight,
            merging,
            quantizers,
            passes: self.passes,
            input: String::new(),
        };
        let samples = plan.samples(training, asked);
        plan.input = samples.digest();
        countable(&plan, &samples)?;
        let place_bits = self.places.max(1).ilog2() as u8;
        let start = plan.start(&samples, &FusionBuilt { place_bits })?;
        Ok((Run::new(plan, start), samples))
    }
}
