//! The run file: JSON, versioned like the codebook's model file, complete enough to go on from it
//! and to replay it.
//!
//! | field | holds |
//! |---|---|
//! | `format`, `version`, `core` | `"fixlearn-model"`, 1, `"gradient"` |
//! | `start`, `state` | registers and memories at the beginning, and when the file was written; formats as in `golden::gradient` |
//! | `task` | what was asked for: a number of iterations, or a table with its preparation |
//! | `trace` | of an optimization: iteration, point, value, rate; of a model: pass and errors |

use super::data::Preparation;
use super::regress::Score;
use crate::model::{open, FORMAT, VERSION};
use crate::{first_broken, output, Error, Result};
use fixlearn_sim::golden::gradient::{
    Config, Gradient, GRADIENT_FRACTION, MAX_DIMENSION, POINT_FRACTION, VALUE_MAX,
};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// One line of an optimization's trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub iteration: u64,
    /// `f` at `point`, in `f64`.
    pub value: f64,
    /// The exponent: the rate is `2^-rate`.
    pub rate: u32,
    /// Length of the way from the mark before.
    pub step: f64,
    pub point: Vec<f64>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    Optimize { iterations: u64, every: u64, trace: Vec<Mark> },
    Regress { preparation: Box<Preparation>, passes: u64, trace: Vec<Score> },
}

/// A run, finished or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    format: String,
    version: u32,
    core: String,
    pub task: Task,
    pub start: Gradient,
    pub state: Gradient,
}

impl Run {
    pub fn new(start: Gradient, task: Task) -> Self {
        Self {
            format: FORMAT.into(),
            version: VERSION,
            core: "gradient".into(),
            task,
            state: start.clone(),
            start,
        }
    }

    /// # Errors
    /// If the file cannot be read, is no run of a gradient core, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        let (core, bytes) = open(path)?;
        if core != "gradient" {
            let message = format!("is of core `{core}`, not of a gradient core");
            return Err(Error::input(path, message));
        }
        let run: Self = serde_json::from_slice(&bytes)
            .map_err(|e| Error::input(path, format!("the run is damaged: {e}")))?;
        [&run.start, &run.state]
            .iter()
            .try_for_each(|state| validate(state))
            .and_then(|()| run.agree())
            .map_err(|what| Error::input(path, format!("the run is damaged: {what}")))?;
        Ok(run)
    }

    fn agree(&self) -> std::result::Result<(), String> {
        let (a, b) = (&self.start.config, &self.state.config);
        let streams = matches!(self.task, Task::Regress { .. });
        let rules = [
            (a.objective == b.objective, "the objectives disagree"),
            (a.dimension == b.dimension, "the dimensions disagree"),
            (a.objective.streams() == streams, "the objective is not the task's"),
            (a.iterations == 0, "the start is not at iteration 0"),
        ];
        first_broken(&rules)?;
        match &self.task {
            Task::Optimize { iterations, every, .. } => first_broken(&[
                (*iterations <= u64::from(u32::MAX), "iterations are above 32 bits"),
                (*every > 0, "the trace's interval is 0"),
            ]),
            Task::Regress { preparation, passes, .. } => {
                first_broken(&[(*passes <= 1 << 20, "passes are above 1048576")])?;
                preparation.validate(a.dimension)
            }
        }
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_vec(self).map_err(|e| Error::request(e.to_string()))?;
        text.push(b'\n');
        output::write(path, &text)
    }
}

/// The state to start from.
///
/// # Errors
/// If a setting is out of range: it is checked first, since the residues' widths follow from it.
pub fn begin(config: Config, point: Vec<i32>) -> Result<Gradient> {
    validate_config(&config).map_err(Error::Request)?;
    Ok(Gradient::new(config, point))
}

/// Everything that the golden model relies upon, so that no file or option can make it panic.
fn validate(state: &Gradient) -> std::result::Result<(), String> {
    let d = state.config.dimension;
    validate_config(&state.config)?;
    first_broken(&[
        (state.point.len() == d, "the point has another dimension"),
        (state.gradient_residues.len() == d, "the gradient residues have another dimension"),
        (state.point_residues.len() == d, "the point residues have another dimension"),
        (state.curvature.len() == d && state.centre.len() == d, "the bowl has another dimension"),
        (state.curvature.iter().all(|&c| c >= 0), "a curvature is negative"),
        (state.gradient_residues.iter().all(|&r| r < 1 << 20), "a gradient residue is too large"),
    ])
}

fn validate_config(c: &Config) -> std::result::Result<(), String> {
    let d = c.dimension;
    let least = c.objective.least_dimension();
    first_broken(&[
        ((least..=MAX_DIMENSION).contains(&d), "dimensions: 1 to 64, Rosenbrock's valley from 2"),
        (c.rate < 32 && c.rate_least < 32 && c.rate_most < 32, "rate: 0 to 31"),
        (c.rate_period < 1 << 24 && c.rate_timer < 1 << 24, "rate period: below 16777216"),
        ((1..=255).contains(&c.patience) && c.calm < 256, "patience: 1 to 255"),
        (c.gradient_bits <= GRADIENT_FRACTION, "gradient bits: 0 to 20"),
        (c.point_bits <= POINT_FRACTION, "point bits: 0 to 28"),
        (c.low <= c.high, "the lower bound is above the upper"),
        ((2..=16).contains(&c.levels), "levels: 2 to 16"),
        (c.noise != 0, "the noise state is 0"),
        (c.value <= VALUE_MAX, "the value is above 48 bits"),
        (c.last.is_none_or(|(i, _)| i < d), "the last component is out of range"),
    ])
}

/// The first difference between two states: which word, and its lowest differing bit.
pub fn difference(found: &Gradient, golden: &Gradient) -> Option<String> {
    let words = |name: &str, a: &[i64], b: &[i64]| {
        let at = a.iter().zip(b).position(|(a, b)| a != b)?;
        let bit = (a[at] ^ b[at]).trailing_zeros();
        Some(format!("{name} {at}, bit {bit}: {}, golden {}", a[at], b[at]))
    };
    let signed = |x: &[i32]| x.iter().map(|&x| x.into()).collect::<Vec<i64>>();
    let unsigned = |x: &[u32]| x.iter().map(|&x| x.into()).collect::<Vec<i64>>();
    words("component", &signed(&found.point), &signed(&golden.point))
        .or_else(|| {
            let (a, b) = (&found.gradient_residues, &golden.gradient_residues);
            words("gradient residue", &unsigned(a), &unsigned(b))
        })
        .or_else(|| {
            let (a, b) = (&found.point_residues, &golden.point_residues);
            words("point residue", &unsigned(a), &unsigned(b))
        })
        .or_else(|| {
            (found.config != golden.config)
                .then(|| format!("registers: {:?}, golden {:?}", found.config, golden.config))
        })
}
