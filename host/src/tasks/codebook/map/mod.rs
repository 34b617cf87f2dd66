//! Kohonen maps: a codebook whose codewords, the units, lie on a grid, and what is read off it.
//!
//! Distances are Euclidean, between the exact codewords (UQ8.7) and the vectors before they are
//! rounded to 8 bits, so that they are those which another program measures on the exported
//! codebook. A distance as a share is the root of the mean of its components' squares, where the
//! range of a component, 255 steps, counts as 1.

mod choose;
mod classes;
mod grid;
pub(super) mod page;
mod plane;
pub mod plot;

pub use choose::{choose, passes, tries, usual_grid, RATES};
pub use classes::{Classes, Labels};
pub use grid::Grid;
pub(super) use plane::plane;

use super::Codebook;
use crate::export::Learned;
use crate::input::{Samples, Scale};
use crate::task::Task as _;
use crate::{output, Result};
use fixlearn_sim::golden::cores::vq::{Metric, Vq, GUARD_BITS};
use indicatif::ProgressBar;
use rayon::prelude::*;
use serde::Serialize;
use std::ops::Range;

/// Sample steps from the least to the greatest sample.
const STEPS: f64 = 255.0;

/// Vectors that are read in no time.
const QUICK: usize = 1 << 16;

/// Vectors that are looked at together.
const PIECE: usize = 1 << 12;

/// A map, in floating point.
#[derive(Clone, Debug)]
pub struct Map {
    pub grid: Grid,
    /// Components of a unit.
    pub dimension: usize,
    /// The columns' names; none if they have none.
    pub names: Vec<String>,
    /// Side of the blocks of pixels that the units are; none of a table.
    pub block: Option<usize>,
    /// Unit after unit, in sample steps, 0 to 255.
    units: Vec<f64>,
    /// What the steps of each component stand for.
    scales: Vec<Scale>,
    metric: Metric,
}

/// How well a map stands for vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Errors {
    /// Mean distance of a vector from its unit, in the values' units.
    pub quantization_error: f64,
    /// The same as a share.
    pub quantization_error_share: f64,
    /// Share of the vectors whose nearest two units do not touch, side by side or at a corner.
    pub topographic_error: f64,
    /// Mean distance, as a share, from a vector to its unit and on over the grid, by the shortest
    /// way, to the second nearest: the goodness of Kaski and Lagus (1996), less of which is better.
    pub combined_error: f64,
}

/// What vectors find on a map.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub errors: Errors,
    /// The unit of each vector.
    pub winners: Vec<u8>,
}

impl Map {
    /// What the core holds, as a map.
    pub fn new(task: &Codebook, state: &Vq) -> Self {
        let Learned { scales, words, names, .. } = task.learned(state);
        let one = f64::from(1_u32 << GUARD_BITS);
        Self {
            grid: Grid::of(&state.config),
            dimension: state.config.dimension,
            names,
            block: task.block,
            units: words.into_iter().map(|word| word as f64 / one).collect(),
            scales,
            metric: state.config.metric,
        }
    }

    /// A unit's components in sample steps.
    pub fn unit(&self, unit: usize) -> &[f64] {
        &self.units[unit * self.dimension..][..self.dimension]
    }

    /// A component of every unit, in the values' units.
    pub fn plane(&self, component: usize) -> Vec<f64> {
        let Scale { offset, scale } = self.scales[component];
        (0..self.grid.units).map(|unit| offset + scale * self.unit(unit)[component]).collect()
    }

    /// The distance in sample steps whose share is 1.
    fn whole(&self) -> f64 {
        STEPS * (self.dimension as f64).sqrt()
    }

    /// How many vectors have each unit.
    pub fn hits(&self, winners: &[u8]) -> Vec<usize> {
        let mut hits = vec![0; self.grid.units];
        winners.iter().for_each(|&unit| hits[usize::from(unit)] += 1);
        hits
    }

    /// The U-matrix: the mean distance of each unit from its neighbours, as a share (Ultsch, 1990).
    pub fn u_matrix(&self) -> Vec<f64> {
        let mean = |unit| {
            let (mut sum, mut count) = (0.0, 0_u32);
            for other in self.grid.neighbours(unit) {
                sum += distance(self.unit(unit), self.unit(other));
                count += 1;
            }
            sum / f64::from(count.max(1)) / self.whole()
        };
        (0..self.grid.units).map(mean).collect()
    }

    /// What some of the vectors find, all of them if `most` are not fewer: evenly spread ones.
    ///
    /// # Errors
    /// If samples that stay in a file cannot be read.
    pub fn read(&self, samples: &Samples, most: usize) -> Result<Reading> {
        let vectors = samples.layout.vectors();
        let every = vectors.div_ceil(most.max(1)).max(1);
        let (ways, whole) = (self.ways(), self.whole());
        let pieces: Vec<Range<usize>> =
            (0..vectors).step_by(PIECE).map(|at| at..vectors.min(at + PIECE)).collect();
        let bar = match vectors > QUICK {
            true => output::progress(vectors as u64, "reading the map"),
            false => ProgressBar::hidden(),
        };
        let read = |piece: &Range<usize>| -> Result<(Vec<u8>, [f64; 4])> {
            let (values, mut winners, mut sums) =
                (self.steps(samples, piece)?, Vec::new(), [0.0; 4]);
            for (vector, _) in values
                .chunks_exact(self.dimension)
                .zip(piece.clone())
                .filter(|(_, number)| number.is_multiple_of(every))
            {
                let (first, second) = self.nearest_two(vector);
                let share = distance(vector, self.unit(first)) / whole;
                sums[0] += self.in_units(vector, self.unit(first));
                sums[1] += share;
                sums[2] += f64::from(u8::from(!self.grid.touch(first, second)));
                sums[3] += share + ways[first * self.grid.units + second] / whole;
                winners.push(first as u8);
            }
            bar.inc(piece.len() as u64);
            Ok((winners, sums))
        };
        let read: Result<Vec<(Vec<u8>, [f64; 4])>> = pieces.par_iter().map(read).collect();
        bar.finish_and_clear();
        let (mut winners, mut sums) = (Vec::new(), [0.0; 4]);
        for (some, of) in read? {
            winners.extend(some);
            sums.iter_mut().zip(of).for_each(|(sum, x)| *sum += x);
        }
        let mean = sums.map(|sum| sum / winners.len().max(1) as f64);
        let errors = Errors {
            quantization_error: mean[0],
            quantization_error_share: mean[1],
            topographic_error: mean[2],
            combined_error: mean[3],
        };
        Ok(Reading { errors, winners })
    }

    /// Vectors in sample steps, before they were rounded.
    fn steps(&self, samples: &Samples, piece: &Range<usize>) -> Result<Vec<f64>> {
        let d = self.dimension;
        if samples.given.is_empty() {
            let flip = samples.quantization.flip();
            return Ok(samples.piece(piece.clone())?.iter().map(|x| f64::from(x ^ flip)).collect());
        }
        let step = |(i, value): (usize, &f64)| {
            let Scale { offset, scale } = self.scales[i % d];
            (value - offset) / scale
        };
        Ok(samples.given[piece.start * d..piece.end * d].iter().enumerate().map(step).collect())
    }

    /// The units nearest and second nearest to a vector by the core's metric; of equal ones that
    /// with the lowest number. One unit alone is both.
    fn nearest_two(&self, vector: &[f64]) -> (usize, usize) {
        let mut best = [(f64::INFINITY, 0); 2];
        for unit in 0..self.grid.units {
            let pairs = vector.iter().zip(self.unit(unit));
            let far = match self.metric {
                Metric::L1 => pairs.map(|(x, w)| (x - w).abs()).sum::<f64>(),
                Metric::SquaredL2 => pairs.map(|(x, w)| (x - w) * (x - w)).sum(),
            };
            if far < best[0].0 {
                best = [(far, unit), best[0]];
            } else if far < best[1].0 {
                best[1] = (far, unit);
            }
        }
        let second = if best[1].0.is_finite() { best[1].1 } else { best[0].1 };
        (best[0].1, second)
    }

    /// What a component is called: by its column.
    fn name(&self, component: usize) -> String {
        let name = self.names.get(component).cloned();
        name.unwrap_or_else(|| format!("column {}", component + 1))
    }

    /// The distance of two vectors of sample steps, in the values' units.
    fn in_units(&self, a: &[f64], b: &[f64]) -> f64 {
        let parts = || a.iter().zip(b).zip(&self.scales).map(|((a, b), of)| (a - b) * of.scale);
        let squares = parts().map(|part| part * part).sum::<f64>();
        // What is too large or too small to be squared.
        if squares.is_normal() {
            squares.sqrt()
        } else {
            parts().fold(0.0, f64::hypot)
        }
    }

    /// The shortest way over the grid from each unit to each, in sample steps (Floyd, 1962).
    fn ways(&self) -> Vec<f64> {
        let n = self.grid.units;
        let mut ways = vec![f64::INFINITY; n * n];
        for a in 0..n {
            ways[a * n + a] = 0.0;
            for b in self.grid.neighbours(a) {
                ways[a * n + b] = distance(self.unit(a), self.unit(b));
            }
        }
        for over in 0..n {
            let on = ways[over * n..][..n].to_vec();
            for from in ways.chunks_exact_mut(n) {
                let to = from[over];
                from.iter_mut().zip(&on).for_each(|(way, on)| *way = way.min(to + on));
            }
        }
        ways
    }
}

/// The Euclidean distance.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Layout, Quantization};
    use crate::tasks::codebook::Plan;
    use fixlearn_sim::golden::cores::vq::Config;
    use proptest::prelude::*;

    /// Vectors of bytes, which stand for themselves.
    fn samples(vectors: Vec<u8>, columns: usize) -> Samples {
        let layout = Layout::Table { rows: vectors.len() / columns, columns };
        Samples::of_bytes(vectors, columns, false, crate::input::Scaling::ByColumn)
            .map(|samples| Samples { layout, ..samples })
            .expect("bytes are samples")
    }

    fn map(units: &[u8], columns: u32, dimension: usize, samples: &Samples) -> Map {
        let codewords = units.len() / dimension;
        let task = Codebook::new(Plan::new(codewords, 1), samples, None);
        let config =
            Config { columns_log2: columns.ilog2(), ..Config::power_up(codewords, dimension) };
        let mut state = Vq::new(config, 1);
        state.codebook = units.iter().map(|&w| u16::from(w) << GUARD_BITS).collect();
        assert_eq!(task.quantization, Quantization::IDENTITY);
        Map::new(&task, &state)
    }

    #[test]
    fn errors_of_a_line_in_order_and_of_one_that_is_not() {
        let vectors = samples(vec![1, 11, 19, 30], 1);
        let errors = |units: &[u8]| {
            map(units, 256, 1, &vectors).read(&vectors, usize::MAX).expect("held").errors
        };
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        let ordered = errors(&[0, 10, 20, 30]);
        assert_eq!(ordered.quantization_error, 0.75);
        near(ordered.quantization_error_share, 0.75 / 255.0);
        assert_eq!(ordered.topographic_error, 0.0);
        near(ordered.combined_error, (0.75 + 10.0) / 255.0);
        // 0 and 10 are two apart now, and 20 and 30 are: the way leads over the one between.
        let folded = errors(&[0, 20, 10, 30]);
        assert_eq!(folded.quantization_error, 0.75);
        assert_eq!(folded.topographic_error, 0.5);
        near(folded.combined_error, (0.75 + (30.0 + 10.0 + 10.0 + 30.0) / 4.0) / 255.0);
    }

    #[test]
    fn the_u_matrix_is_the_mean_distance_from_all_that_touch() {
        let vectors = samples(vec![0, 255], 1);
        // Four units in two columns: each touches the three others.
        let map = map(&[0, 30, 60, 255], 2, 1, &vectors);
        let mean = |a: f64, b: f64, c: f64| (a + b + c) / 3.0 / 255.0;
        let wanted = [
            mean(30.0, 60.0, 255.0),
            mean(30.0, 30.0, 225.0),
            mean(60.0, 30.0, 195.0),
            mean(255.0, 225.0, 195.0),
        ];
        for (found, wanted) in map.u_matrix().iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        }
    }

    proptest! {
        /// Winners are the least distances, whatever is read at once; hits count them.
        #[test]
        fn winners_are_nearest(
            units in prop::collection::vec(any::<u8>(), 2 * 12),
            vectors in prop::collection::vec(any::<u8>(), 2 * 40),
        ) {
            let vectors = samples(vectors, 2);
            let map = map(&units, 4, 2, &vectors);
            let reading = map.read(&vectors, usize::MAX).expect("held");
            let far = |unit: usize, x: &[u8]| -> u32 {
                let of = &units[2 * unit..][..2];
                of.iter().zip(x).map(|(&a, &b)| u32::from(a.abs_diff(b)).pow(2)).sum()
            };
            for (&winner, x) in reading.winners.iter().zip(vectors.vectors.chunks(2)) {
                let least = (0..12).min_by_key(|&unit| (far(unit, x), unit));
                prop_assert_eq!(Some(usize::from(winner)), least);
            }
            prop_assert_eq!(map.hits(&reading.winners).iter().sum::<usize>(), 40);
            prop_assert!(reading.errors.combined_error >= reading.errors.quantization_error_share);
        }

        /// A unit's neighbours are those that touch it.
        #[test]
        fn neighbours_touch(units in 1_usize..70, columns in 0_u32..5) {
            let grid = Grid::of(&Config { columns_log2: columns, ..Config::power_up(units, 1) });
            for a in 0..units {
                let near: Vec<usize> = grid.neighbours(a).collect();
                for b in 0..units {
                    prop_assert_eq!(near.contains(&b), a != b && grid.touch(a, b));
                }
            }
        }

        /// The plane goes through the mean, along the larger component on its longer side, as far
        /// as 1.5 standard deviations.
        #[test]
        fn the_plane_is_along_the_larger_component(wide in 40_u8..100, narrow in 3_u8..20) {
            let (left, right) = (128 - wide, 128 + wide);
            let (up, down) = (128 - narrow, 128 + narrow);
            let vectors = samples(vec![left, 128, right, 128, 128, up, 128, down], 2);
            let words = plane(&vectors, 32, 4).expect("held");
            let at = |unit: usize, k: usize| f64::from(words[2 * unit + k]) / 128.0 - 128.0;
            // Of four vectors two are as far as `wide`: the deviation is its root of a half.
            let reach = |far: u8| 1.5 * f64::from(far) * 0.5_f64.sqrt();
            prop_assert!((at(28, 0) - reach(wide)).abs() < 0.1, "{}", at(28, 0));
            prop_assert!((at(0, 0) + reach(wide)).abs() < 0.1);
            prop_assert!((at(3, 1) - reach(narrow)).abs() < 0.1);
            prop_assert!((at(0, 1) + reach(narrow)).abs() < 0.1);
        }
    }

    #[test]
    fn a_plane_of_vectors_that_are_all_alike_is_a_point() {
        let vectors = samples([7, 9].repeat(5), 2);
        assert_eq!(plane(&vectors, 4, 2).expect("held"), [7 << 7, 9 << 7].repeat(4));
    }
}
