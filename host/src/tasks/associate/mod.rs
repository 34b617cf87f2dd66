//! Associating columns of a table with others, by a Boltzmann machine of few levels.

mod page;
pub mod patterns;
pub mod plot;
pub mod request;

use crate::export::{Format, Learned};
use crate::input::Scale;
use crate::order::Order;
use crate::run::Run;
use crate::task::{Input, Pause, Seen, Task};
use crate::{first_broken, Error, Result};
use fixlearn_map::boltzmann::{BoltzmannBuilt, UNITS_MOST};
use fixlearn_sim::golden::cores::boltzmann::{Boltzmann, Config, DIFFERENCE_FRACTION};
use patterns::{visible, Column, Patterns, Source};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Vectors from one mark to the next, at least; always whole epochs.
const BETWEEN_MARKS: u64 = 256;

/// The task: what is associated, and by which machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Associate {
    pub source: Source,
    /// Columns that are left out.
    #[serde(default)]
    pub drop: Vec<String>,
    pub columns: Vec<Column>,
    /// Epochs at most: it ends when every target is reached.
    pub epochs: u64,
    pub hidden: usize,
    /// Levels of a weight, odd.
    pub levels: u32,
    /// Weights are between `-range` and `range`.
    pub range: f64,
    /// The first and the last temperature of the ladder.
    pub hot: f64,
    pub cold: f64,
    pub temperatures: u32,
    pub sweeps: u32,
    /// Every weight moves and keeps a residue, not the `moves` of the largest differences.
    pub residues: bool,
    pub moves: u32,
    /// What chance adds to a difference, `2^-chance` of it; 31 nothing.
    pub chance: u32,
    /// Correlations whose difference is not larger move nothing.
    pub band: f64,
    /// Rate of the residues, `2^-rate`.
    pub rate: u32,
    /// Epochs without success after which the weights are drawn anew; 0 never.
    pub patience: u32,
    pub seed: u64,
    /// SHA-256 of the patterns.
    pub input: String,
}

/// How many patterns were missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Epochs learned.
    pub epochs: u64,
    /// Patterns of the last one of which a target was missed.
    pub missed: u32,
}

impl Associate {
    pub fn units(&self) -> usize {
        visible(self.columns.len()) + self.hidden
    }

    /// What the registers are set to, of a machine with so many units built in.
    fn config(&self, built: usize, patterns: usize) -> Config {
        let mut c = Config::power_up(built);
        (c.units, c.visible) = (self.units(), visible(self.columns.len()));
        (c.temperatures, c.sweeps) = (self.temperatures, self.sweeps);
        c.set_ladder(self.levels, self.range, self.hot, self.cold);
        c.rule = self.residues.into();
        (c.moves, c.chance, c.rate) = (self.moves, self.chance, self.rate);
        let band = self.band * f64::from(1_u32 << DIFFERENCE_FRACTION);
        c.band = band.round().clamp(0.0, f64::from(i32::MAX)) as u32;
        (c.patience, c.patterns) = (self.patience, patterns as u32);
        c.noise = fastrand::Rng::with_seed(self.seed).u64(1..);
        c
    }

    /// The vectors at which the next mark is due: further apart the longer it has learned, since
    /// the state is read back with each; the same ones wherever it went on from.
    fn next_mark(patterns: &Patterns, done: u64) -> u64 {
        let epoch = (patterns.rows.len() as u64).max(1);
        let mut at = 0;
        while at <= done {
            at += BETWEEN_MARKS.max(at / 8).div_ceil(epoch) * epoch;
        }
        at
    }

    /// Epochs until every target was reached, if they were; and how often weights were drawn anew.
    pub fn solved(run: &Run<Self>) -> (Option<u64>, u32) {
        let c = &run.state.config;
        let failed = u64::from(c.age) + u64::from(c.drawn) * u64::from(c.patience);
        ((c.last == 0).then_some(failed + 1), c.drawn)
    }

    /// The largest weight.
    pub fn largest(&self, state: &Boltzmann) -> f64 {
        let most = state.weights.iter().map(|w| w.unsigned_abs()).max().unwrap_or(0);
        f64::from(most) * self.level()
    }

    /// What a level stands for.
    fn level(&self) -> f64 {
        self.range / f64::from((self.levels - 1) / 2)
    }
}

impl Task for Associate {
    type Core = Boltzmann;
    type Data = Patterns;
    type Mark = Mark;
    const NAME: &'static str = "associate";
    const COMMAND: &'static str = "associate";
    const STEP: &'static str = "patterns";
    const DOING: &'static str = "associating";
    const WATCHED: &'static str = "patterns missed, against epochs";
    const STREAMS: bool = true;

    fn load(&self, input: &Input, model: &Path) -> Result<Patterns> {
        if let Source::Table { .. } = self.source {
            input.one()?;
        }
        let patterns = self.source.read(&input.paths, &self.drop, self.hidden)?;
        if patterns.digest() != self.input || patterns.columns != self.columns {
            return Err(Error::input(model, "was made of other patterns"));
        }
        Ok(patterns)
    }

    fn steps(&self, patterns: &Patterns) -> u64 {
        patterns.rows.len() as u64 * self.epochs
    }

    fn start(&self, patterns: &Patterns, built: &BoltzmannBuilt) -> Result<Boltzmann> {
        let units = built.units.into();
        let config = self.config(units, patterns.rows.len());
        let mut machine = Boltzmann::new(config, units, built.lanes.into());
        machine.draw();
        Ok(machine)
    }

    fn order(&self, patterns: &Patterns) -> Order {
        Order { vectors: patterns.rows.len(), seed: None }
    }

    fn gather(&self, patterns: &Patterns, numbers: &[usize]) -> Result<Vec<u8>> {
        Ok(numbers.iter().flat_map(|&i| patterns.vector(i)).collect())
    }

    /// What it has learned is read back with each mark, since the last of them ends it.
    fn pause(&self, patterns: &Patterns, done: u64) -> Pause {
        Pause { at: Self::next_mark(patterns, done), save: true, keep: false }
    }

    fn mark(&self, seen: Seen<Self>) -> Result<Option<Mark>> {
        let length = seen.data.rows.len() as u64;
        let due = seen.at.is_multiple_of(length);
        // The last word of an acknowledgement is LAST.
        Ok(seen
            .acknowledged
            .filter(|_| due)
            .map(|now| Mark { epochs: seen.at / length, missed: (now.value >> 32) as u32 }))
    }

    fn over(&self, last: Option<&Mark>) -> bool {
        last.is_some_and(|mark| mark.missed == 0)
    }

    fn watched(mark: &Mark) -> Option<(f64, f64)> {
        Some((mark.epochs as f64, mark.missed.into()))
    }

    fn say(mark: &Mark) -> String {
        format!("{} patterns missed", mark.missed)
    }

    fn validate(&self, state: &Boltzmann) -> std::result::Result<(), String> {
        let usual = |x: f64| (1e-3..=1e3).contains(&x);
        let c = &state.config;
        // What the core counts is not the plan's.
        let asked = Config {
            pattern: c.pattern,
            missed: c.missed,
            age: c.age,
            drawn: c.drawn,
            vectors: c.vectors,
            wrong: c.wrong,
            last: c.last,
            noise: c.noise,
            ..self.config(state.units, c.patterns as usize)
        };
        first_broken(&[
            ((3..=255).contains(&self.levels) && self.levels % 2 == 1, "levels are not 3 to 255"),
            (self.columns.len() < UNITS_MOST && self.units() <= UNITS_MOST, "units are above 32"),
            (usual(self.range) && usual(self.hot) && usual(self.cold), "the ladder is not usual"),
            (self.cold <= self.hot, "the ladder does not fall"),
            ((0.0..=65535.0).contains(&self.band), "the band is not 0 to 65535"),
            ((1..=0xffff).contains(&self.epochs), "epochs are not 1 to 65535"),
            (self.columns.iter().all(Column::is_sound), "a column is damaged"),
            (asked == *c, "the registers are not those of the plan"),
        ])
    }

    /// The weights, a row a unit: the one that is always 1, the columns in their order, and the
    /// hidden ones.
    fn learned(&self, state: &Boltzmann) -> Learned {
        let units = self.units();
        let rows = state.weights.chunks(state.units.max(1)).take(units);
        Learned {
            name: "weights",
            names: Vec::new(),
            format: Format { signed: true, bits: 8, fraction: 0 },
            scales: vec![Scale { offset: 0.0, scale: self.level() }; units],
            words: rows.flat_map(|row| row.iter().take(units)).map(|&w| w.into()).collect(),
        }
    }
}
