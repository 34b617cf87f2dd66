//! The same machine in `f64`: weights without levels, tanh without a table. What
//! [`super::Boltzmann`] loses against it is the cost of few levels and of fixed point.

use super::{Boltzmann, Given, GAIN_FRACTION, RATIO_FRACTION};
use fixlearn_map::boltzmann::UNITS_MOST;

/// A machine of real numbers; weights are in levels.
#[derive(Clone, Debug)]
pub struct Reference {
    /// A row for each unit in use.
    pub weights: Vec<Vec<f64>>,
    differences: Vec<Vec<f64>>,
    /// Gains of the ladder, one for each temperature.
    gains: Vec<f64>,
    sweeps: u32,
    rate: f64,
    half: f64,
    margin: f64,
}

impl Reference {
    /// From where the fixed-point machine is, at an epoch's start, by the rule of residues.
    pub fn new(start: &Boltzmann) -> Self {
        let c = &start.config;
        let units = c.units;
        let row = |i: usize| {
            let weight = |j: usize| {
                let k = super::connections(i.max(j)) + i.min(j);
                let residue = if i == j { 0 } else { start.residues[k] };
                f64::from(super::join(start.level(i, j), residue)) / 65536.0
            };
            (0..units).map(weight).collect::<Vec<f64>>()
        };
        let real = |word: u32, fraction: u32| f64::from(word) / f64::from(1 << fraction);
        // A level of a scaled sum counts `2^-SCALE`.
        let most = real(c.gain_most, GAIN_FRACTION + c.scale);
        let mut gain = real(c.gain, GAIN_FRACTION + c.scale).min(most);
        let mut gains = Vec::new();
        for _ in 0..c.temperatures {
            gains.push(gain);
            gain = (gain * real(c.ratio, RATIO_FRACTION)).min(most);
        }
        Self {
            weights: (0..units).map(row).collect(),
            differences: vec![vec![0.0; units]; units],
            gains,
            sweeps: c.sweeps,
            rate: (-f64::from(c.rate)).exp2(),
            half: c.half.into(),
            margin: f64::from(c.margin) / 128.0,
        }
    }

    fn settle(&self, clamped: impl Fn(usize) -> Option<i8>) -> Vec<f64> {
        let value = |i: usize| clamped(i).map(|state| f64::from(state) / 128.0);
        let mut states: Vec<f64> =
            (0..self.weights.len()).map(|i| value(i).unwrap_or(0.0)).collect();
        for gain in &self.gains {
            for _ in 0..self.sweeps {
                let state = |(i, row): (usize, &Vec<f64>)| {
                    let sum: f64 = row.iter().zip(&states).map(|(w, s)| w * s).sum();
                    value(i).unwrap_or_else(|| (sum * gain).tanh())
                };
                states = self.weights.iter().enumerate().map(state).collect();
            }
        }
        states
    }

    /// The states of the free phase.
    pub fn free(&self, given: &[Given; UNITS_MOST]) -> Vec<f64> {
        self.settle(|i| given[i].free_phase())
    }

    /// Learns an epoch; the vectors of which a target was missed.
    pub fn epoch(&mut self, vectors: &[[Given; UNITS_MOST]]) -> usize {
        let units = self.weights.len();
        let mut missed = 0;
        self.differences.iter_mut().for_each(|row| row.fill(0.0));
        for given in vectors {
            let free = self.free(given);
            let held = self.settle(|i| given[i].clamped_phase());
            for (i, row) in self.differences.iter_mut().enumerate() {
                for (j, d) in row.iter_mut().enumerate() {
                    *d += held[i] * held[j] - free[i] * free[j];
                }
            }
            let misses = |i: usize| match given[i] {
                Given::Target(t) => free[i] * f64::from(t).signum() < self.margin,
                Given::Input(_) | Given::Free => false,
            };
            missed += usize::from((0..units).any(misses));
        }
        if missed > 0 {
            for (i, (row, differences)) in
                self.weights.iter_mut().zip(&self.differences).enumerate()
            {
                for (j, (w, d)) in row.iter_mut().zip(differences).enumerate() {
                    if i != j {
                        *w = (*w + self.rate * d).clamp(-self.half, self.half);
                    }
                }
            }
        }
        missed
    }
}
