//! How good a reproduction is, measured against what was given.

use super::{index_bits, Codewords};
use crate::input::Samples;
use fixlearn_sim::golden::cores::vq::Match;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeSet;

/// How good a reproduction is.
#[derive(Clone, Debug, Serialize)]
pub struct Quality {
    /// Mean squared error in squared sample steps of each column.
    pub mse: f64,
    /// Peak signal to noise, dB, the peak 255 steps; none if there is no error.
    pub psnr_db: Option<f64>,
    /// Of the indices alone.
    pub bits_per_sample: f64,
    /// Of the indices and the codebook, a byte a component.
    pub bits_per_sample_with_codebook: f64,
    /// Of the whole file: its first line, the codebook if it carries it, the indices.
    pub bits_per_sample_of_file: f64,
    /// Codewords that no vector chose.
    pub unused_codewords: usize,
    /// Values outside the range that the codebook was made for; the nearest one within stands for
    /// them.
    pub outside: usize,
    /// Of a table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
}

/// How good a column's reproduction is.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    pub name: String,
    /// Root of the mean squared error, in the units of the input.
    pub rmse: f64,
    /// Different values in the input, and of them those that have a sample of their own or share it
    /// with none before.
    pub distinct: usize,
    pub told_apart: usize,
}

impl Column {
    /// The samples tell too few of the values apart.
    pub fn is_coarse(&self) -> bool {
        2 * self.told_apart <= self.distinct.min(64)
    }
}

/// Compares the values given with their reproduction (not the padding); `file` is the length of
/// the index file in bytes.
pub fn quality(
    samples: &Samples,
    decoded: &[u8],
    codewords: &Codewords,
    found: &[Match],
    file: usize,
) -> Quality {
    let (scales, dimension) = (&samples.quantization, samples.layout.dimension().max(1));
    let error = |at: usize| samples.given(at) - scales.value(at % dimension, decoded[at]);
    // The padding is not part of the input.
    let places: Vec<usize> = (0..samples.vectors.len()).collect();
    let places = samples.layout.restore(&places);
    let steps = |&at: &usize| (error(at) / scales.of(at % dimension).scale).powi(2);
    let count = places.len().max(1) as f64;
    let mse = places.iter().map(steps).sum::<f64>() / count;
    let mut used = vec![false; codewords.count];
    for m in found {
        used[m.index] = true;
    }
    let indices = found.len() * index_bits(codewords.count);
    let columns = if samples.is_table() { columns(samples, error) } else { Vec::new() };
    let saturates = |&&at: &&usize| scales.saturates(at % dimension, samples.given(at));
    Quality {
        mse,
        psnr_db: (mse > 0.0).then(|| 10.0 * (255.0 * 255.0 / mse).log10()),
        bits_per_sample: indices as f64 / count,
        bits_per_sample_with_codebook: (indices + 8 * codewords.samples.len()) as f64 / count,
        bits_per_sample_of_file: (8 * file) as f64 / count,
        unused_codewords: used.iter().filter(|&&u| !u).count(),
        outside: places.iter().filter(saturates).count(),
        columns,
    }
}

/// Vectors that one thread counts at once: their squares' sum in a column has 32 bits.
const SHARE: usize = 1 << 14;

/// [`Quality`] of rows that are samples as they are, as they come.
pub struct Tally {
    /// Of each column: the sum of squared differences, and the samples that there were.
    columns: Vec<(u64, [bool; 256])>,
    used: Vec<bool>,
    rows: usize,
    flip: u8,
}

impl Tally {
    /// Of nothing yet.
    pub fn new(codewords: &Codewords) -> Self {
        Self {
            columns: vec![(0, [false; 256]); codewords.dimension],
            used: vec![false; codewords.count],
            rows: 0,
            flip: codewords.quantization.flip(),
        }
    }

    /// Counts these, too, on all cores.
    pub fn add(&mut self, vectors: &[u8], found: &[Match], codewords: &Codewords) {
        let all_seen = self.columns.iter().all(|(_, told)| told.iter().all(|&told| told));
        let vectors = vectors.par_chunks(SHARE * codewords.dimension);
        let parts = vectors.zip(found.par_chunks(SHARE)).map(|(vectors, found)| {
            let mut part = Self::new(codewords);
            part.count(vectors, found, codewords, !all_seen);
            part
        });
        for part in parts.collect::<Vec<Self>>() {
            let pairs = self.columns.iter_mut().zip(part.columns);
            for ((squares, told), (more, others)) in pairs {
                *squares += more;
                told.iter_mut().zip(others).for_each(|(told, other)| *told |= other);
            }
            self.used.iter_mut().zip(part.used).for_each(|(used, other)| *used |= other);
            self.rows += part.rows;
        }
    }

    /// The samples that there were only if `telling`: once all were there, none is new.
    fn count(&mut self, vectors: &[u8], found: &[Match], codewords: &Codewords, telling: bool) {
        let mut sums = vec![0_u32; codewords.dimension];
        for (vector, m) in vectors.chunks_exact(codewords.dimension).zip(found) {
            let pairs = vector.iter().zip(codewords.codeword(m.index));
            for (sum, (&x, &w)) in sums.iter_mut().zip(pairs) {
                *sum += u32::from((x ^ self.flip).abs_diff(w ^ self.flip)).pow(2);
            }
            if telling {
                for ((_, told), &x) in self.columns.iter_mut().zip(vector) {
                    told[usize::from(x)] = true;
                }
            }
            self.used[m.index] = true;
        }
        for ((squares, _), sum) in self.columns.iter_mut().zip(sums) {
            *squares += u64::from(sum);
        }
        self.rows += found.len();
    }

    /// Of all that was counted; `file` is the length of the index file in bytes.
    pub fn quality(self, codewords: &Codewords, file: usize) -> Quality {
        let rows = self.rows.max(1) as f64;
        let squares: u64 = self.columns.iter().map(|column| column.0).sum();
        let count = rows * codewords.dimension as f64;
        let mse = squares as f64 / count;
        let column = |(i, (squares, told)): (usize, (u64, [bool; 256]))| {
            let told = told.iter().filter(|&&told| told).count();
            let (name, rmse) = ((i + 1).to_string(), (squares as f64 / rows).sqrt());
            Column { name, rmse, distinct: told, told_apart: told }
        };
        let indices = self.rows * index_bits(codewords.count);
        Quality {
            mse,
            psnr_db: (mse > 0.0).then(|| 10.0 * (255.0 * 255.0 / mse).log10()),
            bits_per_sample: indices as f64 / count,
            bits_per_sample_with_codebook: (indices + 8 * codewords.samples.len()) as f64 / count,
            bits_per_sample_of_file: (8 * file) as f64 / count,
            unused_codewords: self.used.iter().filter(|&&used| !used).count(),
            outside: 0,
            columns: self.columns.into_iter().enumerate().map(column).collect(),
        }
    }
}

fn columns(samples: &Samples, error: impl Fn(usize) -> f64) -> Vec<Column> {
    let dimension = samples.layout.dimension().max(1);
    let one = |c: usize| {
        let places = (c..samples.vectors.len()).step_by(dimension);
        let square: f64 = places.clone().map(|at| error(at).powi(2)).sum();
        // Equal values have equal bits, but for the zeros.
        let values = places.clone().map(|at| (samples.given(at) + 0.0).to_bits());
        let told: BTreeSet<u8> = places.clone().map(|at| samples.vectors[at]).collect();
        Column {
            name: samples.names.get(c).cloned().unwrap_or_else(|| (c + 1).to_string()),
            rmse: (square / places.count().max(1) as f64).sqrt(),
            distinct: values.collect::<BTreeSet<u64>>().len(),
            told_apart: told.len(),
        }
    };
    (0..dimension).map(one).collect()
}
