//! Learning a linear model of a table's column.

pub mod columns;
pub mod data;
mod page;
pub mod plot;
pub mod quality;
pub mod rate;
pub mod request;

use super::optimize::{point, state_of_1};
use crate::device::Device;
use crate::export::Learned;
use crate::input::{Mend, Scale};
use crate::order::Order;
use crate::task::{Input, Parts, Pause, Seen, Task};
use crate::{first_broken, Error, Result};
use data::{constant, prepare, Preparation, Samples};
use fixlearn_map::gradient::GradientBuilt;
use fixlearn_sim::golden::cores::gradient::{Gradient, Sample};
pub use quality::score;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::path::Path;

/// The task: how the table becomes samples, and how often they are learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Regress {
    pub preparation: Preparation,
    pub passes: u64,
    pub start: Gradient,
}

/// How good the model is after some passes: root mean square error in the target's units, or
/// the share of right classes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    pub pass: u64,
    pub training: f64,
    pub held_out: Option<f64>,
    pub rate: u32,
}

/// What the model on the device predicts for each sample, Q12.20.
pub fn predict(device: &mut Device<Gradient>, samples: &[Sample]) -> Result<Vec<i32>> {
    let vectors: Vec<u8> = samples.iter().flat_map(Sample::bytes).collect();
    let answers = device.recall(&vectors, |_| {})?;
    let word = |b: Vec<u8>| b.iter().fold(0, |word, &byte| word << 8 | i32::from(byte));
    Ok(answers.into_iter().map(word).collect())
}

impl Task for Regress {
    type Core = Gradient;
    type Data = Samples;
    type Mark = Score;
    const NAME: &'static str = "regress";
    const COMMAND: &'static str = "regress";
    const STEP: &'static str = "samples";
    const DOING: &'static str = "training";
    const WATCHED: &'static str = "score of the rows learned from, against passes";
    const STREAMS: bool = true;

    fn load(&self, input: &Input, model: &Path) -> Result<Samples> {
        let path = input.one()?;
        let table = crate::input::cells(path, self.preparation.options.header)?;
        let Preparation { target, options, input, .. } = &self.preparation;
        let (mut again, samples) = prepare(path, &table, target, options, Mend::Cell)?;
        // Runs of earlier versions lack it, or have the mean of all targets.
        let all = constant(self.preparation.classes, &samples.training_targets);
        if self.preparation.constant.is_none_or(|constant| constant == all) {
            again.constant = self.preparation.constant;
        }
        if again.input != *input {
            return Err(Error::input(
                model,
                "was trained on another input; name the one that it learned from",
            ));
        }
        if again != self.preparation {
            let message = match again.test == self.preparation.test {
                true => "is damaged: its columns, scales or classes are not those of its input",
                false => "was tested on another file than that of --test now is",
            };
            return Err(Error::input(model, message));
        }
        table.say(path);
        Ok(samples)
    }

    fn steps(&self, samples: &Samples) -> u64 {
        samples.training.len() as u64 * self.passes
    }

    fn start(&self, _: &Samples, _: &GradientBuilt) -> Result<Gradient> {
        Ok(self.start.clone())
    }

    fn order(&self, samples: &Samples) -> Order {
        let seed = self.preparation.options.seed;
        Order { vectors: samples.training.len(), seed: Some(seed) }
    }

    fn gather(&self, samples: &Samples, numbers: &[usize]) -> Result<Vec<u8>> {
        Ok(numbers.iter().flat_map(|&i| samples.training[i].bytes()).collect())
    }

    fn pause(&self, samples: &Samples, done: u64) -> Pause {
        let rows = (samples.training.len() as u64).max(1);
        Pause { at: (done / rows + 1) * rows, save: true, keep: true }
    }

    /// At the end of a pass the device predicts training and held-out rows.
    fn mark(&self, seen: Seen<Self>) -> Result<Option<Score>> {
        let (data, rows) = (seen.data, seen.data.training.len() as u64);
        let Some(state) = seen.state.filter(|_| seen.at.is_multiple_of(rows.max(1))) else {
            return Ok(None);
        };
        let device = seen.device;
        let mut rate = |samples: &[Sample], targets: &[f64]| -> Result<f64> {
            Ok(score(&self.preparation, &predict(device, samples)?, targets))
        };
        let training = rate(&data.training, &data.training_targets)?;
        let held_out = match data.held_out.is_empty() {
            true => None,
            false => Some(rate(&data.held_out, &data.held_out_targets)?),
        };
        let pass = seen.at / rows.max(1);
        Ok(Some(Score { pass, training, held_out, rate: state.config.rate }))
    }

    fn watched(mark: &Score) -> Option<(f64, f64)> {
        Some((mark.pass as f64, mark.training))
    }

    fn say(score: &Score) -> String {
        format!("score {}", crate::output::rounded(score.training, 4))
    }

    fn validate(&self, state: &Gradient) -> std::result::Result<(), String> {
        let (a, b) = (&self.start.config, &state.config);
        fixlearn_sim::golden::core::registers_fit(&self.start)?;
        fixlearn_sim::golden::Core::validate(&self.start)?;
        first_broken(&[
            (a.objective == b.objective, "the objectives disagree"),
            (a.objective == self.preparation.options.objective, "the objectives disagree"),
            (a.dimension == b.dimension, "the dimensions disagree"),
            (a.objective.streams(), "the objective is not the task's"),
            (a.iterations == 0, "the start is not at iteration 0"),
            (self.passes <= 1 << 20, "passes are above 1048576"),
        ])?;
        self.preparation.validate(a.dimension)
    }

    fn from_version_1(old: Value) -> Option<Parts> {
        let task = old["task"].get(Self::NAME)?;
        let (start, state) = (state_of_1(&old["start"])?, state_of_1(&old["state"])?);
        let plan = json!({
            "preparation": task["preparation"], "passes": task["passes"], "start": start,
        });
        let done = state["config"]["iterations"].as_u64()?;
        Some(Parts { plan, done, curve: task["trace"].clone(), state })
    }

    fn learned(&self, state: &Gradient) -> Learned {
        let Preparation { features, scales, options, .. } = &self.preparation;
        let mut learned = point("weights", state);
        learned.names = features.iter().cloned().chain(["constant".into()]).collect();
        let (Some(&(mean, deviation)), None) = (scales.last(), options.grey_levels) else {
            return learned;
        };
        // From standardized features and target to what the table holds.
        let of = |&(_, feature): &(f64, f64)| Scale { offset: 0.0, scale: deviation / feature };
        let inputs = &scales[..features.len().min(scales.len())];
        learned.scales = inputs.iter().map(of).collect();
        learned.scales.push(Scale { offset: mean, scale: deviation });
        let means: f64 = learned.values().zip(inputs).map(|(weight, scale)| weight * scale.0).sum();
        if let Some(constant) = learned.scales.last_mut() {
            constant.offset -= means;
        }
        learned
    }
}
