//! Minimizing a function.

use crate::task::{Input, Parts, Pause, Seen, Task};
use crate::{first_broken, output, Error, Result};
use fixlearn_map::gradient::GradientBuilt;
use fixlearn_sim::golden::core::{registers_fit, Core};
use fixlearn_sim::golden::cores::gradient::reference::Reference;
use fixlearn_sim::golden::cores::gradient::{Config, Gradient, Last, MAX_DIMENSION};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::path::Path;

/// The task: where it starts, and for how long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Optimize {
    pub iterations: u64,
    /// Iterations from one mark to the next.
    pub every: u64,
    pub start: Gradient,
}

/// Where the point is.
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

/// Where the state is: point in numbers, value in `f64`.
pub fn mark(state: &Gradient, before: Option<&Mark>) -> Mark {
    let reference = Reference::new(state);
    let point = reference.point.clone();
    let far = |from: &[f64]| {
        let squares = from.iter().zip(&point).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f64>().sqrt()
    };
    Mark {
        iteration: state.config.iterations.into(),
        value: reference.evaluate(None).0,
        rate: state.config.rate,
        step: before.map_or(0.0, |m| far(&m.point)),
        point,
    }
}

impl Task for Optimize {
    type Core = Gradient;
    type Data = ();
    type Mark = Mark;
    const NAME: &'static str = "optimize";
    const COMMAND: &'static str = "optimize";
    const STEP: &'static str = "iterations";
    const DOING: &'static str = "minimizing";
    const STREAMS: bool = false;

    fn load(&self, input: &Input, model: &Path) -> Result<()> {
        match input.paths.first() {
            None => Ok(()),
            Some(path) => {
                let model = model.display();
                Err(Error::input(path, format!("is not needed: {model} is of an optimization")))
            }
        }
    }

    fn steps(&self, _: &()) -> u64 {
        self.iterations
    }

    fn start(&self, _: &(), _: &GradientBuilt) -> Gradient {
        self.start.clone()
    }

    /// The file is written twenty times on the way.
    fn pause(&self, _: &(), done: u64) -> Pause {
        let at = (done / self.every + 1) * self.every;
        let share = (self.iterations / 20).max(1);
        Pause { at, save: true, keep: at / share > done / share }
    }

    fn opening(&self, state: &Gradient) -> Option<Mark> {
        Some(mark(state, None))
    }

    fn mark(&self, seen: Seen<Self>) -> Result<Option<Mark>> {
        Ok(seen.state.map(|state| mark(state, seen.before)))
    }

    fn say(mark: &Mark) -> String {
        format!("f {:.3e}, rate 2^-{}", mark.value, mark.rate)
    }

    fn validate(&self, state: &Gradient) -> std::result::Result<(), String> {
        let (a, b) = (&self.start.config, &state.config);
        registers_fit(&self.start)?;
        self.start.validate()?;
        first_broken(&[
            (a.objective == b.objective, "the objectives disagree"),
            (a.dimension == b.dimension, "the dimensions disagree"),
            (!a.objective.streams(), "the objective is not the task's"),
            (a.iterations == 0, "the start is not at iteration 0"),
            (self.iterations <= u64::from(u32::MAX), "iterations are above 32 bits"),
            (self.every > 0, "the marks' interval is 0"),
        ])
    }

    fn from_version_1(old: Value) -> Option<Parts> {
        let task = old["task"].get(Self::NAME)?;
        let (start, state) = (state_of_1(&old["start"])?, state_of_1(&old["state"])?);
        let plan = json!({
            "iterations": task["iterations"], "every": task["every"], "start": start,
        });
        let done = state["config"]["iterations"].as_u64()?;
        Some(Parts { plan, done, curve: task["trace"].clone(), state })
    }

    fn export(&self, state: &Gradient, out: &Path) -> Result<Vec<u8>> {
        npy(state, out)
    }
}

/// A state as version 1 wrote it: the last component was a pair, or nothing.
pub fn state_of_1(old: &Value) -> Option<Value> {
    let mut state = old.clone();
    let last = state.get("config")?.get("last")?;
    let last = match (last[0].as_u64(), last[1].as_bool()) {
        (Some(component), Some(negative)) => Last::of(component as usize, negative),
        _ => Last::default(),
    };
    state["config"]["last"] = json!(last);
    Some(state)
}

/// The point as `.npy`, 1 x D.
pub fn npy(state: &Gradient, out: &Path) -> Result<Vec<u8>> {
    let point = Reference::new(state).point;
    let values = point.iter().map(|&x| x as f32);
    output::npy(1, point.len(), values).map_err(Error::io(out))
}

/// The state to start from.
///
/// # Errors
/// If a setting is out of range: it is checked first, since the residues' widths follow from it.
pub fn begin(config: Config, point: Vec<i32>) -> Result<Gradient> {
    let mut shape = Gradient::new(Config::power_up(), vec![0; MAX_DIMENSION]);
    shape.config = config;
    registers_fit(&shape).map_err(Error::Request)?;
    let start = Gradient::new(shape.config, point);
    start.validate().map_err(Error::Request)?;
    Ok(start)
}
