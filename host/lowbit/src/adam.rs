//! Adam (Kingma and Ba 2015), whose state can be written and read.

use crate::file::{Named, Read};
use crate::ops::{tensor, values};
use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, Var};
use std::path::Path;

/// Numbers that are learned.
pub struct Parameter {
    name: String,
    /// In the graph.
    pub var: Var,
    /// What a step is relative to.
    unit: f32,
    /// None falls below this.
    least: f32,
    mean: Vec<f32>,
    square: Vec<f32>,
}

/// All of one optimizer.
#[derive(Default)]
pub struct Parameters {
    all: Vec<Parameter>,
    steps: i32,
}

/// The rates at which the means forget.
const FORGET: [f32; 2] = [0.9, 0.99];

impl Parameters {
    /// One more; its step is `unit` times the rate, and it stays above `least`.
    ///
    /// # Errors
    /// If memory is short.
    pub fn add(&mut self, name: String, start: &Tensor, unit: f32, least: f32) -> Result<Var> {
        let count = start.elem_count();
        let (mean, square) = (vec![0.0; count], vec![0.0; count]);
        let var = Var::from_tensor(start)?;
        self.all.push(Parameter { name, var: var.clone(), unit, least, mean, square });
        Ok(var)
    }

    /// A step against the gradients; what has none stays.
    ///
    /// # Errors
    /// If a gradient is no `f32`.
    pub fn step(&mut self, gradients: &GradStore, rate: f64) -> Result<()> {
        self.steps += 1;
        let [a, b] = FORGET;
        let (first, second) = (1.0 - a.powi(self.steps), 1.0 - b.powi(self.steps));
        for parameter in &mut self.all {
            let Some(gradient) = gradients.get(&parameter.var) else { continue };
            let gradient = values(gradient)?;
            if !gradient.iter().all(|g| g.is_finite()) {
                candle_core::bail!("its numbers grow without end; scale its weights down");
            }
            let mut now = values(&parameter.var)?;
            let rate = rate as f32 * parameter.unit;
            let state = parameter.mean.iter_mut().zip(&mut parameter.square);
            for ((x, g), (mean, square)) in now.iter_mut().zip(&gradient).zip(state) {
                *mean = a * *mean + (1.0 - a) * g;
                *square = b * *square + (1.0 - b) * g * g;
                let step = *mean / first / ((*square / second).sqrt() + 1e-8);
                *x = (*x - rate * step).max(parameter.least);
            }
            parameter.var.set(&tensor(now, parameter.var.shape().clone())?)?;
        }
        Ok(())
    }

    /// All of the state, as tensors whose names begin with `start`.
    ///
    /// # Errors
    /// If memory is short.
    pub fn save(&self, start: &str, to: &mut Vec<Named>) -> Result<()> {
        to.push((format!("{start}.steps"), vec![1], vec![self.steps as f32]));
        for p in &self.all {
            let count = p.mean.len();
            let parts =
                [("now", values(&p.var)?), ("mean", p.mean.clone()), ("square", p.square.clone())];
            for (part, numbers) in parts {
                to.push((format!("{start}.{}.{part}", p.name), vec![count], numbers));
            }
        }
        Ok(())
    }

    /// Goes on from what was saved.
    ///
    /// # Errors
    /// If something is missing, or of another size.
    pub fn load(&mut self, path: &Path, start: &str, from: &Read) -> fixlearn::Result<()> {
        self.steps = from.tensor(path, &format!("{start}.steps"), &[1])?[0] as i32;
        for p in &mut self.all {
            let count = p.mean.len();
            let part =
                |part: &str| from.tensor(path, &format!("{start}.{}.{part}", p.name), &[count]);
            let (now, mean, square) = (part("now")?, part("mean")?, part("square")?);
            (p.mean, p.square) = (mean, square);
            let set = tensor(now, p.var.shape().clone()).and_then(|now| p.var.set(&now));
            set.map_err(crate::wrong)?;
        }
        Ok(())
    }
}

/// The rate of a step: half a wave of a cosine, from `first` down to 0.
pub fn rate(first: f64, step: u64, steps: u64) -> f64 {
    first * 0.5 * (1.0 + (std::f64::consts::PI * step as f64 / steps.max(1) as f64).cos())
}
