//! The same learning in `f64`: no rounding, no saturation, no caps. What [`super::Vq`] loses
//! against it is the cost of fixed point.

use super::{Config, Metric};

/// Frequency-sensitive competitive learning (Ahalt et al., 1990) and Kohonen's map (1982).
///
/// It follows the same schedule as the fixed-point core: rates, radius, attenuation, halving.
#[derive(Clone, Debug)]
pub struct Reference {
    pub config: Config,
    /// `codewords * dimension` components.
    pub codebook: Vec<f64>,
    pub counts: Vec<f64>,
}

impl Reference {
    pub fn new(config: Config, codebook: Vec<f64>) -> Self {
        let counts = vec![1.0; config.codewords];
        Self { config, codebook, counts }
    }

    /// Squared or absolute distance to one codeword.
    pub fn distance(&self, index: usize, sample: &[f64]) -> f64 {
        let d = self.config.dimension;
        let pairs = sample.iter().zip(&self.codebook[index * d..(index + 1) * d]);
        match self.config.metric {
            Metric::L1 => pairs.map(|(x, w)| (x - w).abs()).sum(),
            Metric::SquaredL2 => pairs.map(|(x, w)| (x - w) * (x - w)).sum(),
        }
    }

    /// Index of the lowest score.
    pub fn search(&self, sample: &[f64], scaled: bool) -> usize {
        let score = |i: usize| {
            let scale = if scaled { self.counts[i] } else { 1.0 };
            self.distance(i, sample) * scale
        };
        let mut best = (0, f64::INFINITY);
        for i in 0..self.config.codewords {
            let s = score(i);
            if s < best.1 {
                best = (i, s);
            }
        }
        best.0
    }

    /// One vector; returns the winner.
    pub fn learn(&mut self, sample: &[f64]) -> usize {
        if self.config.halve {
            for count in &mut self.counts {
                *count = (*count / 2.0).max(1.0);
            }
        }
        let winner = self.search(sample, self.config.frequency_sensitive);
        self.counts[winner] += 1.0;
        let wins = self.counts[winner];
        self.config.halve = wins >= f64::from(self.config.count_cap);
        let floor = (-f64::from(self.config.rate_shift)).exp2();
        let rate = if self.config.count_based { (1.0 / wins).max(floor) } else { floor };

        let d = self.config.dimension;
        let columns = 1_usize << self.config.columns_log2;
        for i in 0..self.config.codewords {
            let rows = (i / columns).abs_diff(winner / columns);
            let ring = rows.max((i % columns).abs_diff(winner % columns));
            if ring > self.config.radius {
                continue;
            }
            let attenuation = match self.config.falloff {
                0 => 0.0,
                f => (ring << (f - 1)) as f64,
            };
            let rate = rate * (-attenuation).exp2();
            for (w, x) in self.codebook[i * d..(i + 1) * d].iter_mut().zip(sample) {
                *w += rate * (x - *w);
            }
        }
        self.schedule();
        winner
    }

    fn schedule(&mut self) {
        let c = &mut self.config;
        c.vectors = c.vectors.wrapping_add(1);
        if c.rate_period > 0
            && c.vectors.is_multiple_of(c.rate_period)
            && c.rate_shift < c.rate_final
        {
            c.rate_shift += 1;
        }
        if c.radius_period > 0 && c.vectors.is_multiple_of(c.radius_period) {
            c.radius = c.radius.saturating_sub(1);
        }
    }
}
