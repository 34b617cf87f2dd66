//! A field with nodes at known places that measure a source: simulated readings.

use fastrand::Rng;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// A square field. A source at the distance `d` from a node gives `strength / d^2` there, with `d`
/// at least 1, and noise of a normal distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    pub side: f64,
    pub strength: f64,
    /// Standard deviation of the noise.
    pub sigma: f64,
    /// Where the nodes are.
    pub nodes: Vec<[f64; 2]>,
}

/// Readings of sources at known positions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readings {
    pub positions: Vec<[f64; 2]>,
    /// Of each node, one a position.
    pub nodes: Vec<Vec<f64>>,
}

impl Readings {
    /// No node reads two different values.
    pub fn are_constant(&self) -> bool {
        self.nodes.iter().all(|values| values.windows(2).all(|pair| pair[0] == pair[1]))
    }
}

impl Field {
    /// The usual one, 10 by 10 with a source of 50, and nodes at random places.
    pub fn scattered(nodes: usize, sigma: f64, seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let side = 10.0;
        let nodes = (0..nodes).map(|_| place(&mut random, side)).collect();
        Self { side, strength: 50.0, sigma, nodes }
    }

    /// What a node would read without noise.
    pub fn exact(&self, node: usize, [x, y]: [f64; 2]) -> f64 {
        let [a, b] = self.nodes[node];
        self.strength / ((x - a).powi(2) + (y - b).powi(2)).max(1.0)
    }

    /// Readings of so many sources, each at a random place.
    pub fn simulate(&self, count: usize, seed: u64) -> Readings {
        let mut random = Rng::with_seed(seed);
        let positions: Vec<[f64; 2]> = (0..count).map(|_| place(&mut random, self.side)).collect();
        let nodes = (0..self.nodes.len()).map(|node| {
            let read = |&at: &[f64; 2]| self.exact(node, at) + self.sigma * normal(&mut random);
            positions.iter().map(read).collect()
        });
        let nodes = nodes.collect();
        Readings { positions, nodes }
    }
}

impl Readings {
    /// The first so many, or all.
    pub fn first(&self, count: usize) -> Self {
        let part = |values: &Vec<f64>| values.iter().take(count).copied().collect();
        Self {
            positions: self.positions.iter().take(count).copied().collect(),
            nodes: self.nodes.iter().map(part).collect(),
        }
    }
}

fn place(random: &mut Rng, side: f64) -> [f64; 2] {
    [side * random.f64(), side * random.f64()]
}

/// Of mean 0 and deviation 1 (Box and Muller).
fn normal(random: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (TAU * random.f64()).cos()
}
