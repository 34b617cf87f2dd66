//! Minimizing a function.

pub mod page;
pub mod plot;
pub mod request;
pub mod rule;

use crate::export::{Format, Learned};
use crate::input::Scale;
use crate::task::{Input, Parts, Pause, Seen, Task};
use crate::{first_broken, Error, Result};
use fixlearn_map::gradient::GradientBuilt;
use fixlearn_sim::golden::core::{registers_fit, Core};
use fixlearn_sim::golden::cores::gradient::reference::{point_value, Reference};
use fixlearn_sim::golden::cores::gradient::{
    Config, Gradient, Last, MAX_DIMENSION, POINT_FRACTION,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::path::Path;

/// The task: where it starts, and for how long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Optimize {
    pub iterations: u64,
    /// Iterations from one mark to the next.
    pub every: u64,
    /// Marks stand closer at the beginning, where the point moves fastest.
    #[serde(default)]
    pub early: bool,
    /// It ends at the first mark whose gradient has no larger component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
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
    /// The largest component of the gradient there, in `f64`; files of earlier versions lack it.
    #[serde(default)]
    pub gradient: Option<f64>,
    pub point: Vec<f64>,
}

/// Where the state is, or the best point that it keeps: point in numbers, value in `f64`.
pub fn mark(state: &Gradient, before: Option<&Mark>) -> Mark {
    let mut reference = Reference::new(state);
    reference.point = state.best().iter().map(|&x| point_value(x)).collect();
    let point = reference.point.clone();
    let far = |from: &[f64]| {
        let squares = from.iter().zip(&point).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f64>().sqrt()
    };
    let (value, gradient) = reference.evaluate(None);
    Mark {
        iteration: state.config.iterations.into(),
        value,
        gradient: Some(gradient.iter().fold(0.0, |most: f64, g| most.max(g.abs()))),
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
    const WATCHED: &'static str = "log10 of the value, against iterations";
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

    fn start(&self, _: &(), _: &GradientBuilt) -> Result<Gradient> {
        Ok(self.start.clone())
    }

    /// The file is written twenty times on the way.
    fn pause(&self, _: &(), done: u64) -> Pause {
        let mut at = (done / self.every + 1) * self.every;
        if self.early {
            at = at.min(done + done / 8 + 1);
        }
        let share = (self.iterations / 20).max(1);
        Pause { at, save: true, keep: at / share > done / share }
    }

    fn opening(&self, state: &Gradient) -> Option<Mark> {
        Some(mark(state, None))
    }

    fn mark(&self, seen: Seen<Self>) -> Result<Option<Mark>> {
        Ok(seen.state.map(|state| mark(state, seen.before)))
    }

    fn over(&self, last: Option<&Mark>) -> bool {
        let gradient = last.and_then(|mark| mark.gradient);
        self.tolerance.zip(gradient).is_some_and(|(most, gradient)| gradient <= most)
    }

    fn watched(mark: &Mark) -> Option<(f64, f64)> {
        Some((mark.iteration as f64, Some(mark.value).filter(|f| *f > 0.0)?.log10()))
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
            (self.tolerance.is_none_or(|most| most >= 0.0), "the tolerance is negative"),
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

    fn learned(&self, state: &Gradient) -> Learned {
        point("point", state)
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

/// The exponent of a rate that fits the curvature at the start: `2^-e` is at most one over the
/// largest one there, which power iteration finds with differences of gradients, in `f64`.
///
/// A larger rate than twice that makes a descent swing along the steepest direction (Nesterov,
/// 2004, theorem 2.1.14).
pub fn rate_for(start: &Gradient) -> u32 {
    const STEP: f64 = 1e-5;
    let mut reference = Reference::new(start);
    let (point, slope) = (reference.point.clone(), reference.evaluate(None).1);
    // No axis of a symmetric function is left out.
    let mut direction: Vec<f64> = (0..point.len()).map(|i| 1.0 / (i + 1) as f64).collect();
    let mut curvature = 0.0;
    for _ in 0..100 {
        let length = direction.iter().map(|d| d * d).sum::<f64>().sqrt();
        if length == 0.0 {
            break;
        }
        direction.iter_mut().for_each(|d| *d /= length);
        reference.point = point.iter().zip(&direction).map(|(x, d)| x + STEP * d).collect();
        let moved = reference.evaluate(None).1;
        let change: Vec<f64> = moved.iter().zip(&slope).map(|(a, b)| (a - b) / STEP).collect();
        curvature = change.iter().map(|c| c * c).sum::<f64>().sqrt();
        direction = change;
    }
    // A little more than a power of two is one: differences are not exact.
    (0..31).find(|&e| f64::from(1_u32 << e) * (1.0 + 1e-3) >= curvature).unwrap_or(31)
}

/// The point, or the best one that is kept, Q4.28.
pub fn point(name: &'static str, state: &Gradient) -> Learned {
    let d = state.config.dimension;
    Learned {
        name,
        names: Vec::new(),
        format: Format { signed: true, bits: 32, fraction: POINT_FRACTION },
        scales: vec![Scale::ONE; d],
        words: state.best().iter().map(|&x| x.into()).collect(),
    }
}

/// The state to start from.
///
/// # Errors
/// If a setting is out of range: it is checked first, since the residues' widths follow from it.
pub fn begin(config: Config, point: Vec<i32>) -> Result<Gradient> {
    let mut shape = Gradient::new(Config::power_up(), vec![0; MAX_DIMENSION]);
    shape.config = config;
    registers_fit(&shape).map_err(Error::Request)?;
    let mut start = Gradient::new(shape.config, point);
    if start.config.search.keep {
        start.kept = vec![0; start.point.len()];
    }
    start.validate().map_err(Error::Request)?;
    Ok(start)
}
