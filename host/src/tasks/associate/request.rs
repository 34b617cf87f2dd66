//! What is asked of a Boltzmann machine, as far as it is said: the rest follows from the patterns.

use super::patterns::{Patterns, Source};
use super::Associate;
use crate::run::Run;
use crate::task::Task as _;
use crate::tasks::in_registers;
use crate::{first_broken, Error, Result};
use fixlearn_map::boltzmann::{self as map, BoltzmannBuilt, REGISTERS, UNITS_MOST};
use serde::Deserialize;

/// What is asked for; what is none follows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub hidden: usize,
    pub levels: u32,
    pub range: f64,
    pub hot: f64,
    pub cold: f64,
    pub temperatures: u32,
    pub sweeps: u32,
    /// Every weight keeps a residue; else those of the largest differences move by a level.
    pub residues: bool,
    pub moves: Option<u32>,
    pub chance: Option<u32>,
    pub band: Option<f64>,
    pub rate_shift: Option<u32>,
    pub patience: Option<u32>,
    pub epochs: u64,
    pub seed: u64,
}

impl Request {
    /// Says whether what is asked for is in range.
    ///
    /// # Errors
    /// Naming the first option that is not.
    pub fn in_range(&self) -> Result<()> {
        let usual = |x: f64| (1e-3..=1e3).contains(&x);
        first_broken(&[
            (self.hidden <= 30, "--hidden: 0 to 30"),
            (
                (3..=255).contains(&self.levels) && self.levels % 2 == 1,
                "--levels: an odd number, 3 to 255",
            ),
            (usual(self.range), "--range: 0.001 to 1000"),
            (usual(self.hot), "--hot: 0.001 to 1000"),
            (usual(self.cold), "--cold: 0.001 to 1000"),
            (
                self.band.is_none_or(|band| (0.0..=65535.0).contains(&band)),
                "--band: a number, 0 to 65535",
            ),
            (self.cold <= self.hot, "--cold: at most --hot"),
            ((1..=0xffff).contains(&self.epochs), "--epochs: 1 to 65535"),
        ])
        .map_err(Error::Request)?;
        in_registers(
            REGISTERS,
            &[
                ("--temperatures", map::TEMPERATURES, Some(self.temperatures)),
                ("--sweeps", map::SWEEPS, Some(self.sweeps)),
                ("--moves", map::MOVES, self.moves),
                ("--chance", map::CHANCE, self.chance),
                ("--rate-shift", map::RATE, self.rate_shift),
                ("--patience", map::PATIENCE, self.patience),
            ],
        )
    }

    /// The plan for these patterns.
    pub fn plan(&self, source: Source, drop: Vec<String>, patterns: &Patterns) -> Associate {
        // An epoch of eight patterns has a rate of a half.
        let rows = patterns.rows.len() as f64;
        let usual_rate = 1 + (rows / 8.0).log2().ceil().max(0.0) as u32;
        let restarts = if let Source::Parity(_) = source { 100 } else { 0 };
        Associate {
            source,
            drop,
            columns: patterns.columns.clone(),
            epochs: self.epochs,
            hidden: self.hidden,
            levels: self.levels,
            range: self.range,
            hot: self.hot,
            cold: self.cold,
            temperatures: self.temperatures,
            sweeps: self.sweeps,
            residues: self.residues,
            moves: self.moves.unwrap_or(2),
            chance: self.chance.unwrap_or(3),
            band: self.band.unwrap_or(0.0),
            rate: self.rate_shift.unwrap_or(usual_rate),
            patience: self.patience.unwrap_or(restarts),
            seed: self.seed,
            input: patterns.digest(),
        }
    }
}

impl Associate {
    /// A run at its beginning.
    ///
    /// # Errors
    /// None that patterns have which were read.
    pub fn begin(self, patterns: &Patterns) -> Result<Run<Self>> {
        let built = BoltzmannBuilt { units: UNITS_MOST as u8, lanes: 8 };
        let start = self.start(patterns, &built)?;
        Ok(Run::new(self, start))
    }
}
