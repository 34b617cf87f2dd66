//! Tables for linear models: a target column, rows held out, features scaled to Q4.12.

use crate::input::Table;
use crate::order::order;
use crate::{first_broken, Error, Result};
use fixlearn_sim::golden::cores::gradient::{Kind, Objective, Sample, SAMPLE_FRACTION};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;

/// How a table becomes samples. With the table it decides every bit of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    pub objective: Objective,
    /// Share of the rows that are held out, `0.0..1.0`.
    pub hold_out: f64,
    /// Decides which rows, and the order of the others in each pass.
    pub seed: u64,
    /// Features (and a regression's target) to mean 0 and variance 1 over the training rows.
    pub standardize: bool,
    /// Then times this.
    pub scale: f64,
    /// Instead: features from the table's least to its greatest value, in this many levels from
    /// 0 to 1.
    pub grey_levels: Option<u32>,
    /// The table's first line is names.
    pub header: bool,
    /// Of each class the same share is held out. Runs of earlier versions drew from all rows.
    #[serde(default)]
    pub stratify: bool,
}

/// The options, and what they came to on a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    pub options: Options,
    pub target: String,
    /// Columns used, by name; a constant 1 follows them.
    pub features: Vec<String>,
    /// Columns that do not vary over the training rows.
    pub dropped: Vec<String>,
    /// `value = mean + deviation * word`, a pair a feature, then the target.
    pub scales: Vec<(f64, f64)>,
    /// A classification's two target values.
    pub classes: Option<(f64, f64)>,
    /// SHA-256 of the training samples.
    pub input: String,
}

impl Preparation {
    /// What the code relies upon; `dimension` is the point's.
    pub fn validate(&self, dimension: usize) -> std::result::Result<(), String> {
        let good = |&(mean, deviation): &(f64, f64)| usable(mean) && is_scale(deviation);
        let rules = [
            (self.features.len() + 1 == dimension, "the features have another dimension"),
            (self.scales.len() == dimension, "the scales have another dimension"),
            (self.scales.iter().all(good), "a scale is not positive"),
            ((0.0..1.0).contains(&self.options.hold_out), "the share held out is not 0 to 1"),
            (
                self.classes.is_some() == (self.measure() == "accuracy"),
                "the classes are not the objective's",
            ),
        ];
        first_broken(&rules)
    }

    /// What a score is: `accuracy` or `rmse`.
    pub fn measure(&self) -> &'static str {
        match self.options.objective.kind() {
            Kind::Classification { .. } => "accuracy",
            _ => "rmse",
        }
    }

    /// A prediction, Q12.20, in the target's own units.
    pub fn value(&self, prediction: i32) -> f64 {
        let (mean, deviation) = self.scales.last().copied().unwrap_or((0.0, 1.0));
        mean + deviation * f64::from(prediction) / f64::from(1 << 20)
    }
}

/// Training and held-out samples, with their targets in their own units.
#[derive(Clone, Debug)]
pub struct Samples {
    pub training: Vec<Sample>,
    pub training_targets: Vec<f64>,
    pub held_out: Vec<Sample>,
    pub held_out_targets: Vec<f64>,
}

impl Samples {
    /// What a constant scores on the rows held out, or on those learned from if none are: the mean
    /// of those learned from (root mean square error), or their most frequent class (accuracy).
    pub fn baseline(&self, classes: bool) -> f64 {
        let known = &self.training_targets;
        let asked = if self.held_out_targets.is_empty() { known } else { &self.held_out_targets };
        let count = asked.len().max(1) as f64;
        if classes {
            // There are two.
            let first = known.first().copied().unwrap_or(0.0);
            let is_most = 2 * known.iter().filter(|t| **t == first).count() >= known.len();
            let right = asked.iter().filter(|t| (**t == first) == is_most).count();
            return right as f64 / count;
        }
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        (asked.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / count).sqrt()
    }
}

/// Prepares a table.
///
/// # Errors
/// If the target is no column, a classification has not two classes, too few rows or too many
/// columns are there, or a value does not fit Q4.12; then with the scale that would fit.
pub fn prepare(
    path: &Path,
    table: &Table,
    target: &str,
    options: &Options,
) -> Result<(Preparation, Samples)> {
    table.distinct(path)?;
    let at = table.column(target).ok_or_else(|| {
        let names = table.names.join(", ");
        let hint = if table.named { "" } else { " (names need --header)" };
        Error::input(path, format!("has no column `{target}`{hint}; it has: {names}"))
    })?;
    let rows = table.rows();
    if let Some((i, value)) = table.values.iter().enumerate().find(|(_, v)| !usable(**v)) {
        let (row, column) = (i / table.columns + 1, &table.names[i % table.columns]);
        let message = format!(
            "row {row}, column `{column}`: {value:e} cannot be scaled; numbers are 0, or from \
             1e-100 to 1e100"
        );
        return Err(Error::input(path, message));
    }
    let (held_out_rows, training) = split(table, at, options);
    if training.len() < 2 {
        return Err(Error::input(path, format!("has {rows} rows; at least 2 are needed to learn")));
    }
    let constant = |column: usize| {
        let first = table.value(training[0], column);
        training.iter().all(|&row| table.value(row, column) == first)
    };
    if constant(at) {
        let message = format!(
            "column `{target}` is {} in every row to learn from; there is nothing to learn",
            table.value(training[0], at)
        );
        return Err(Error::input(path, message));
    }

    let (classes, goals) = match options.objective.kind() {
        Kind::Classification { targets, .. } => {
            (Some(two_classes(path, table, at, target)?), targets)
        }
        _ => (None, (0.0, 0.0)),
    };
    let mut scales = Vec::new();
    let mut features = Vec::new();
    let mut dropped = Vec::new();
    let (low, high) = table.range(at);
    for column in (0..table.columns).filter(|&c| c != at) {
        if constant(column) {
            dropped.push(column);
            continue;
        }
        let (mean, deviation) = moments(training.iter().map(|&r| table.value(r, column)));
        features.push(column);
        scales.push(match options.grey_levels {
            Some(_) => (low, high - low),
            None if options.standardize => (mean, deviation / options.scale),
            None => (0.0, 1.0 / options.scale),
        });
    }
    if features.is_empty() || features.len() + 1 > 64 {
        let message = format!("has {} features that vary; 1 to 63 are possible", features.len());
        return Err(Error::input(path, message));
    }
    // The constant is part of the dimension; the last pair is the target's.
    scales.push(match classes {
        Some(_) => (0.0, 1.0),
        None if options.standardize => {
            let (mean, deviation) = moments(training.iter().map(|&r| table.value(r, at)));
            (mean, deviation / options.scale)
        }
        None => (0.0, 1.0 / options.scale),
    });

    let unusable = scales.iter().position(|&(_, deviation)| !is_scale(deviation));
    if let Some(column) = unusable.map(|i| features.get(i).copied().unwrap_or(at)) {
        let message = format!(
            "column `{}` varies too little, or too much, to be scaled; write it in other units",
            table.names[column]
        );
        return Err(Error::input(path, message));
    }

    let sample = |row: usize| -> Result<Sample> {
        let mut words = Vec::with_capacity(features.len() + 1);
        for (&column, &scale) in features.iter().zip(&scales) {
            let value = feature(table.value(row, column), scale, options);
            words.push(Sample::word(value).ok_or_else(|| {
                misfit(path, table, row, column, value, worst(table, &features, &scales), options)
            })?);
        }
        words.push(1 << SAMPLE_FRACTION);
        let raw = table.value(row, at);
        let goal = match classes {
            Some((no, _)) if raw == no => goals.0,
            Some(_) => goals.1,
            None => (raw - scales[features.len()].0) / scales[features.len()].1,
        };
        let target = Sample::word(goal).ok_or_else(|| {
            let (mean, deviation) = scales[features.len()];
            let (low, high) = table.range_of(at);
            let most = ((low - mean) / deviation).abs().max(((high - mean) / deviation).abs());
            misfit(path, table, row, at, goal, most, options)
        })?;
        Ok(Sample { features: words, target })
    };
    let part = |rows: &[usize]| -> Result<(Vec<Sample>, Vec<f64>)> {
        let samples = rows.iter().map(|&r| sample(r)).collect::<Result<_>>()?;
        Ok((samples, rows.iter().map(|&r| table.value(r, at)).collect()))
    };
    let (held_out, held_out_targets) = part(&held_out_rows)?;
    let (training, training_targets) = part(&training)?;
    let name = |&c: &usize| table.names[c].clone();
    let preparation = Preparation {
        options: options.clone(),
        target: table.names[at].clone(),
        features: features.iter().map(name).collect(),
        dropped: dropped.iter().map(name).collect(),
        scales,
        classes,
        input: digest(&training),
    };
    Ok((preparation, Samples { training, training_targets, held_out, held_out_targets }))
}

/// Samples of another table for a model, without targets.
///
/// # Errors
/// If a feature is no column of this table, or a value does not fit Q4.12 with the model's scales.
pub fn apply(path: &Path, table: &Table, preparation: &Preparation) -> Result<Vec<Sample>> {
    table.distinct(path)?;
    // Without names columns are meant by their numbers, whatever this table's first line is.
    let named = preparation.options.header;
    let columns: Vec<usize> = preparation
        .features
        .iter()
        .map(|name| {
            let found = if named { table.column(name) } else { table.numbered(name) };
            found.ok_or_else(|| {
                let hint = if table.named { "" } else { " (names need --header)" };
                let message = format!("has no column `{name}`{hint}, which the model needs");
                Error::input(path, message)
            })
        })
        .collect::<Result<_>>()?;
    let sample = |row: usize| {
        let mut features = Vec::with_capacity(columns.len() + 1);
        for (&column, &scale) in columns.iter().zip(&preparation.scales) {
            let value = feature(table.value(row, column), scale, &preparation.options);
            features.push(Sample::word(value).ok_or_else(|| {
                let most = worst(table, &columns, &preparation.scales);
                misfit(path, table, row, column, value, most, &preparation.options)
            })?);
        }
        features.push(1 << SAMPLE_FRACTION);
        Ok(Sample { features, target: 0 })
    };
    (0..table.rows()).map(sample).collect()
}

/// Rows held out, and rows to learn from, each in the order of the seed.
fn split(table: &Table, target: usize, options: &Options) -> (Vec<usize>, Vec<usize>) {
    let mut shuffled = order(options.seed, u64::MAX, table.rows());
    let share = |rows: usize| ((rows as f64) * options.hold_out).round() as usize;
    let classes = matches!(options.objective.kind(), Kind::Classification { .. });
    if !(classes && options.stratify) {
        let training = shuffled.split_off(share(shuffled.len()).min(shuffled.len()));
        return (shuffled, training);
    }
    // Of each class its share, and at least one row is left.
    let class = |row: usize| table.value(row, target).to_bits();
    let mut sizes: HashMap<u64, usize> = HashMap::new();
    shuffled.iter().for_each(|&row| *sizes.entry(class(row)).or_default() += 1);
    let mut left: HashMap<u64, usize> =
        sizes.into_iter().map(|(class, rows)| (class, share(rows).min(rows - 1))).collect();
    shuffled.into_iter().partition(|&row| {
        let left = left.entry(class(row)).or_default();
        let held = *left > 0;
        *left = left.saturating_sub(1);
        held
    })
}

/// A number that sums and squares of a table's can be made of.
fn usable(value: f64) -> bool {
    value == 0.0 || (1e-100..=1e100).contains(&value.abs())
}

/// What a feature can be divided by.
fn is_scale(deviation: f64) -> bool {
    (1e-100..=1e100).contains(&deviation)
}

/// A feature, scaled, and in grey levels if they were asked for.
fn feature(raw: f64, (mean, deviation): (f64, f64), options: &Options) -> f64 {
    let value = (raw - mean) / deviation;
    match options.grey_levels {
        Some(levels) => {
            let steps = f64::from(levels - 1);
            (value * steps).round() / steps
        }
        None => value,
    }
}

fn two_classes(path: &Path, table: &Table, at: usize, target: &str) -> Result<(f64, f64)> {
    let mut seen: Vec<f64> = Vec::new();
    for row in 0..table.rows() {
        let value = table.value(row, at);
        if !seen.contains(&value) {
            seen.push(value);
        }
        if seen.len() > 2 {
            break;
        }
    }
    match seen.as_slice() {
        [a, b] => Ok((a.min(*b), a.max(*b))),
        _ => {
            let many = if seen.len() > 2 { "more than two values" } else { "one value only" };
            Err(Error::input(path, format!("column `{target}` has {many}; classes must be two")))
        }
    }
}

/// Mean and standard deviation.
fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

/// The largest scaled magnitude of all features.
fn worst(table: &Table, features: &[usize], scales: &[(f64, f64)]) -> f64 {
    let scaled = |(&c, &(mean, deviation)): (&usize, &(f64, f64))| {
        (0..table.rows()).map(move |r| ((table.value(r, c) - mean) / deviation).abs())
    };
    features.iter().zip(scales).flat_map(scaled).fold(0.0, f64::max)
}

fn misfit(
    path: &Path,
    table: &Table,
    row: usize,
    column: usize,
    value: f64,
    worst: f64,
    options: &Options,
) -> Error {
    let halvings = (worst / 7.999).log2().ceil().max(0.0);
    let scale = options.scale * (-halvings).exp2();
    let scaled = if options.standardize { " after standardizing" } else { "" };
    Error::input(
        path,
        format!(
            "row {}, column `{}`: {}{scaled} does not fit Q4.12 (-8 to 7.9998); --scale {} would \
             fit",
            row + 1,
            table.names[column],
            short((value * 1e4).round() / 1e4),
            short(scale)
        ),
    )
}

/// A number in few digits.
fn short(value: f64) -> String {
    if value == 0.0 || (1e-4..1e6).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

fn digest(samples: &[Sample]) -> String {
    let mut hash = Sha256::new();
    for s in samples {
        for w in s.features.iter().chain([&s.target]) {
            hash.update(w.to_le_bytes());
        }
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}
