//! Tables for linear models: a target column, rows held out, features scaled to Q4.12.

use super::columns::{self, Classes};
use crate::input::{self, Mend, Missing, Table};
use crate::order::order;
use crate::{first_broken, output, Error, Result};
use fixlearn_sim::golden::cores::gradient::{Kind, Objective, Sample, SAMPLE_FRACTION};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// The least [`Options::scale`] that can be asked for.
pub const LEAST_SCALE: f64 = 1e-6;

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
    /// Feature columns that are left out.
    #[serde(default)]
    pub drop: Vec<String>,
    /// The only feature columns; all others if there are none.
    #[serde(default)]
    pub features: Vec<String>,
    #[serde(default)]
    pub missing: Missing,
    /// This class is learned against the rest.
    #[serde(default)]
    pub class: Option<String>,
    /// Rows held out are those of this file.
    #[serde(default)]
    pub test: Option<PathBuf>,
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
    /// What they are called, if they are words; the values are then 0 and 1.
    #[serde(default)]
    pub words: Option<(String, String)>,
    /// Each feature's mean, which is taken where a value is missing, if that was asked for.
    #[serde(default)]
    pub means: Vec<f64>,
    /// The mean of the targets to learn from, or their more frequent class: what says nothing
    /// answers. Files of earlier versions lack it.
    #[serde(default)]
    pub constant: Option<f64>,
    /// SHA-256 of the training samples.
    pub input: String,
    /// SHA-256 of the held-out samples, if they are of another file.
    #[serde(default)]
    pub test: Option<String>,
}

impl Preparation {
    /// What the code relies upon; `dimension` is the point's.
    pub fn validate(&self, dimension: usize) -> std::result::Result<(), String> {
        let good = |&(mean, deviation): &(f64, f64)| usable(mean) && is_scale(deviation);
        let rules = [
            (self.features.len() + 1 == dimension, "the features have another dimension"),
            (self.scales.len() == dimension, "the scales have another dimension"),
            (self.scales.iter().all(good), "a scale is not positive"),
            (
                self.means.len() == if self.fills() { self.features.len() } else { 0 },
                "the means have another dimension",
            ),
            (self.means.iter().all(|&mean| usable(mean)), "a mean is no number"),
            (self.constant.is_none_or(f64::is_finite), "the constant is no number"),
            (self.words.is_none() || self.classes.is_some(), "words are of classes alone"),
            ((0.0..1.0).contains(&self.options.hold_out), "the share held out is not 0 to 1"),
            (
                self.classes.is_some() == (self.measure() == "accuracy"),
                "the classes are not the objective's",
            ),
        ];
        first_broken(&rules)
    }

    /// A feature's mean over the rows that were learned from, if it is known.
    fn mean(&self, feature: usize) -> Option<f64> {
        let standardized = self.options.standardize && self.options.grey_levels.is_none();
        let scale = self.scales.get(feature).filter(|_| standardized);
        self.means.get(feature).copied().or(scale.map(|&(mean, _)| mean))
    }

    /// What a score is: `accuracy` or `rmse`.
    pub fn measure(&self) -> &'static str {
        match self.options.objective.kind() {
            Kind::Classification { .. } => "accuracy",
            _ => "rmse",
        }
    }

    fn fills(&self) -> bool {
        self.options.missing == Missing::Mean
    }

    /// The target of a row: a number, or its class's; none if it is missing.
    pub fn target_of(&self, table: &Table, row: usize, column: usize) -> Option<f64> {
        let against_rest = self.options.class.is_some();
        columns::target(table, row, column, self.words.as_ref(), against_rest)
    }

    /// A target is none of a classification's classes.
    pub fn is_unknown(&self, target: f64) -> bool {
        self.classes.is_some_and(|(no, yes)| target != no && target != yes)
    }

    /// A prediction, Q12.20, in the target's own units.
    pub fn value(&self, prediction: i32) -> f64 {
        let (mean, deviation) = self.scales.last().copied().unwrap_or((0.0, 1.0));
        mean + deviation * f64::from(prediction) / f64::from(1 << 20)
    }
}

/// Training and held-out samples, with their targets in their own units and their rows.
#[derive(Clone, Debug)]
pub struct Samples {
    pub training: Vec<Sample>,
    pub training_targets: Vec<f64>,
    pub training_rows: Vec<usize>,
    pub held_out: Vec<Sample>,
    pub held_out_targets: Vec<f64>,
    /// None if they are of another file.
    pub held_out_rows: Vec<usize>,
    /// Rows of neither, since a value is missing.
    pub left_out: Vec<usize>,
    pub adapted: Adapted,
    /// The same of the file that is held out, if one is.
    pub tested: Adapted,
}

/// What was done to values, so that all of them could be used.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Adapted {
    /// Rows left out, since a value is missing.
    pub rows_left_out: usize,
    /// Missing values whose column's mean was taken.
    pub means_taken: usize,
    /// Values beyond the format's range, held at its ends, by column.
    pub held: BTreeMap<String, usize>,
    /// Columns that are dropped, since no row to learn from has a value of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub empty: Vec<String>,
}

impl Adapted {
    /// With what was done to others.
    pub fn and(mut self, other: &Self) -> Self {
        self.rows_left_out += other.rows_left_out;
        self.means_taken += other.means_taken;
        for (name, count) in &other.held {
            *self.held.entry(name.clone()).or_default() += count;
        }
        self
    }

    /// In words, if there was anything.
    pub fn text(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.rows_left_out > 0 {
            parts.push(format!("rows left out, since a value is missing: {}", self.rows_left_out));
        }
        if self.means_taken > 0 {
            parts.push(format!("missing values, their column's mean taken: {}", self.means_taken));
        }
        if !self.empty.is_empty() {
            let names = self.empty.join(", ");
            parts.push(format!("columns dropped, since no row to learn from has a value: {names}"));
        }
        if !self.held.is_empty() {
            let by: Vec<String> =
                self.held.iter().map(|(name, n)| format!("`{name}` {n}")).collect();
            parts.push(format!(
                "values beyond the format's range, held at its end: {} ({})",
                self.held.values().sum::<usize>(),
                by.join(", ")
            ));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// A word of Q4.12; beyond its range, the range's end.
    fn word(&mut self, value: f64, column: &str) -> i16 {
        Sample::word(value).unwrap_or_else(|| {
            *self.held.entry(column.into()).or_default() += 1;
            if value < 0.0 {
                i16::MIN
            } else {
                i16::MAX
            }
        })
    }
}

/// A table's columns for a model.
struct Columns<'a> {
    path: &'a Path,
    table: &'a Table,
    preparation: &'a Preparation,
    features: Vec<usize>,
    missing: Missing,
    mend: Mend,
}

impl Columns<'_> {
    /// The features of a row; none if one is missing and the row is left out for that.
    fn features(&self, row: usize, adapted: &mut Adapted) -> Result<Option<Vec<i16>>> {
        let Preparation { scales, options, .. } = self.preparation;
        let mut words = Vec::with_capacity(self.features.len() + 1);
        for (i, (&column, &scale)) in self.features.iter().zip(scales).enumerate() {
            let (cell, mean) = ((row, column), self.preparation.mean(i));
            let taken = &mut adapted.means_taken;
            let value = self.missing.value(self.path, self.table, cell, mean, taken, self.mend)?;
            let Some(value) = value else { return Ok(None) };
            words.push(adapted.word(feature(value, scale, options), &self.table.names[column]));
        }
        words.push(1 << SAMPLE_FRACTION);
        Ok(Some(words))
    }

    /// Samples of these rows with their targets, which are there.
    fn samples(
        &self,
        rows: &[usize],
        at: usize,
        adapted: &mut Adapted,
    ) -> Result<(Vec<Sample>, Vec<f64>)> {
        let p = self.preparation;
        let (mut samples, mut targets) = (Vec::new(), Vec::new());
        for &row in rows {
            let Some(features) = self.features(row, adapted)? else { continue };
            let Some(raw) = p.target_of(self.table, row, at) else { continue };
            let goal = match (p.classes, p.options.objective.kind()) {
                (Some((no, _)), Kind::Classification { targets, .. }) => {
                    if raw == no {
                        targets.0
                    } else {
                        targets.1
                    }
                }
                _ => {
                    let (mean, deviation) = p.scales.last().copied().unwrap_or((0.0, 1.0));
                    (raw - mean) / deviation
                }
            };
            samples.push(Sample { features, target: adapted.word(goal, &p.target) });
            targets.push(raw);
        }
        Ok((samples, targets))
    }
}

/// Whether every number of these cells can be scaled, and every target is one.
fn check(
    path: &Path,
    table: &Table,
    columns: &[usize],
    at: usize,
    preparation: &Preparation,
    mend: Mend,
) -> Result<()> {
    let missing = preparation.options.missing;
    // Nothing takes a target's place.
    let lacking = |row, column| match mend {
        Mend::Learn if column == at => {
            table.no_number(path, row, at, "; --missing drop leaves such rows out")
        }
        _ => table.left_out(path, row, column, mend),
    };
    for row in 0..table.rows() {
        for &column in columns.iter().chain([&at]) {
            let value = table.value(row, column);
            let word = column == at && preparation.words.is_some();
            if value.is_nan() && !word {
                if !table.is_missing(row, column) && column == at {
                    if columns::bad_cell(table, at).is_some() {
                        return Err(columns::bad(path, table, row, column));
                    }
                    let mend = "; --objective logistic learns classes";
                    return Err(table.no_number(path, row, column, mend));
                }
                if !table.is_missing(row, column) || missing == Missing::Refuse {
                    return Err(lacking(row, column));
                }
            } else if !usable(value) && !word {
                return Err(beyond(path, table, row, column));
            }
        }
        match preparation.target_of(table, row, at) {
            None if missing == Missing::Refuse => return Err(lacking(row, at)),
            Some(class) if preparation.is_unknown(class) => {
                let (place, text) = (table.place(row, at), table.text(row, at));
                let known = [class_name(preparation, false), class_name(preparation, true)];
                let message =
                    format!("{place}: `{text}` is neither `{}` nor `{}`", known[0], known[1]);
                return Err(Error::input(path, message));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What is wrong with a number that cannot be scaled.
fn beyond(path: &Path, table: &Table, row: usize, column: usize) -> Error {
    let message = format!(
        "{}, column `{}`: {:e} cannot be scaled; numbers are 0, or from 1e-100 to 1e100",
        table.line(row),
        table.names[column],
        table.value(row, column)
    );
    Error::input(path, message)
}

/// The name of a classification's first or second class.
pub fn class_name(preparation: &Preparation, second: bool) -> String {
    let pick = |(no, yes): &(String, String)| if second { yes.clone() } else { no.clone() };
    let number = |(no, yes): (f64, f64)| output::number(if second { yes } else { no });
    let words = preparation.words.as_ref().map(pick);
    words.or(preparation.classes.map(number)).unwrap_or_default()
}

/// Prepares a table; `mend` is what can be done about a cell that will not do.
///
/// # Errors
/// If a column is not there, a cell that counts is no number or missing, a classification has not
/// two classes, too few rows or too many columns are there, or much of a column does not fit
/// Q4.12; then with the scale that would fit.
pub fn prepare(
    path: &Path,
    table: &Table,
    target: &str,
    options: &Options,
    mend: Mend,
) -> Result<(Preparation, Samples)> {
    table.distinct(path)?;
    let at = table.find(path, target)?;
    if table.is_empty(at) {
        let target = &table.names[at];
        let message = format!("column `{target}`, the target, holds no value in any row");
        return Err(Error::input(path, table.noted(&message)));
    }
    let chosen = columns::chosen(path, table, at, &options.features, &options.drop)?;
    let (mut classes, mut words) = (None, None);
    match options.objective.kind() {
        Kind::Classification { .. } => {
            let class = options.class.as_deref();
            match columns::classes(path, table, at, options.objective, class)? {
                Classes::Numbers(no, yes) => classes = Some((no, yes)),
                Classes::Words(no, yes) => {
                    (classes, words) = (Some((0.0, 1.0)), Some((no, yes)));
                }
            }
        }
        _ if options.class.is_some() => {
            let message = "--class is for --objective logistic or perceptron";
            return Err(Error::request(message));
        }
        _ => {}
    }
    let mut preparation = Preparation {
        options: options.clone(),
        target: table.names[at].clone(),
        features: Vec::new(),
        dropped: Vec::new(),
        scales: Vec::new(),
        classes,
        words,
        means: Vec::new(),
        constant: None,
        input: String::new(),
        test: None,
    };
    check(path, table, &chosen, at, &preparation, mend)?;
    let is_there = |row: &usize| {
        let dropped =
            |&c: &usize| options.missing == Missing::Drop && table.value(*row, c).is_nan();
        preparation.target_of(table, *row, at).is_some() && !chosen.iter().any(dropped)
    };
    let (rows, left_out): (Vec<usize>, Vec<usize>) = (0..table.rows()).partition(is_there);
    if rows.is_empty() {
        return Err(table.no_row(path, &chosen, mend));
    }
    let class = |row: usize| preparation.target_of(table, row, at).unwrap_or(0.0).to_bits();
    let (held_out_rows, training_rows) = split(&rows, class, options);
    if training_rows.len() < 2 {
        let message = match held_out_rows.len() {
            0 => format!("has {} rows to learn from; at least 2 are needed", rows.len()),
            held => format!(
                "has {} rows, of which --hold-out {} holds out {held} and leaves {} to learn from; \
                 at least 2 are needed: hold out fewer",
                rows.len(),
                options.hold_out,
                training_rows.len()
            ),
        };
        return Err(Error::input(path, table.noted(&message)));
    }
    let goals: Vec<f64> =
        training_rows.iter().filter_map(|&row| preparation.target_of(table, row, at)).collect();
    if goals.iter().all(|goal| *goal == goals[0]) {
        let message = format!(
            "column `{}` is {} in every row to learn from; there is nothing to learn",
            preparation.target,
            table.text(training_rows[0], at)
        );
        return Err(Error::input(path, message));
    }

    let (mut features, mut empty) = (Vec::new(), Vec::new());
    let (low, high) = chosen
        .iter()
        .map(|&c| table.range_of(c))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (l, h)| (low.min(l), high.max(h)));
    for &column in &chosen {
        let there: Vec<f64> = training_rows
            .iter()
            .map(|&row| table.value(row, column))
            .filter(|value| !value.is_nan())
            .collect();
        if there.is_empty() {
            empty.push(table.names[column].clone());
        }
        if there.iter().all(|value| *value == there[0]) {
            preparation.dropped.push(table.names[column].clone());
            continue;
        }
        let mean = moments(&there, options.scale).0;
        let mut filled = there;
        filled.resize(training_rows.len(), mean);
        let (mean, deviation) = moments(&filled, options.scale);
        if options.missing == Missing::Mean {
            preparation.means.push(mean);
        }
        features.push(column);
        preparation.features.push(table.names[column].clone());
        preparation.scales.push(match options.grey_levels {
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
    preparation.scales.push(match classes {
        Some(_) => (0.0, 1.0),
        None if options.standardize => {
            let (mean, deviation) = moments(&goals, options.scale);
            (mean, deviation / options.scale)
        }
        None => (0.0, 1.0 / options.scale),
    });
    let unusable = preparation.scales.iter().position(|&(_, deviation)| !is_scale(deviation));
    if let Some(column) = unusable.map(|i| features.get(i).copied().unwrap_or(at)) {
        let message = format!(
            "column `{}` varies too little, or too much, to be scaled; write it in other units",
            table.names[column]
        );
        return Err(Error::input(path, message));
    }

    let mut adapted = Adapted { rows_left_out: left_out.len(), empty, ..Adapted::default() };
    let columns = Columns {
        path,
        table,
        preparation: &preparation,
        features,
        missing: options.missing,
        mend,
    };
    let (training, training_targets) = columns.samples(&training_rows, at, &mut adapted)?;
    fits(&columns, at, &training_rows, &adapted)?;
    let (mut held_out, mut held_out_targets) = columns.samples(&held_out_rows, at, &mut adapted)?;
    let (mut test, mut tested) = (None, Adapted::default());
    if let Some(path) = &options.test {
        let table = input::cells(path, options.header)?;
        let columns = bind(path, &table, &preparation, options.missing, mend)?;
        let at = column(path, &table, &preparation, &preparation.target)?;
        check(path, &table, &columns.features, at, &preparation, mend)?;
        let rows: Vec<usize> = (0..table.rows()).collect();
        (held_out, held_out_targets) = columns.samples(&rows, at, &mut tested)?;
        tested.rows_left_out += rows.len() - held_out.len();
        if held_out.is_empty() {
            let message = "every row lacks a value, so that none is left to test with";
            return Err(Error::input(path, table.noted(message)));
        }
        table.say(path);
        test = Some(digest(&held_out));
    }
    preparation.constant = Some(match classes {
        None => moments(&goals, options.scale).0,
        Some(_) => constant(classes, &training_targets),
    });
    preparation.input = digest(&training);
    preparation.test = test;
    let samples = Samples {
        training,
        training_targets,
        training_rows,
        held_out,
        held_out_targets,
        held_out_rows,
        left_out,
        adapted,
        tested,
    };
    Ok((preparation, samples))
}

/// The constant answer that suits these targets: their mean, or their more frequent class.
pub fn constant(classes: Option<(f64, f64)>, targets: &[f64]) -> f64 {
    match classes {
        Some((no, _)) if 2 * targets.iter().filter(|t| **t == no).count() >= targets.len() => no,
        Some((_, yes)) => yes,
        None => targets.iter().sum::<f64>() / targets.len().max(1) as f64,
    }
}

/// Says whether a column's values fit Q4.12, but for a tenth of the rows to learn from at most.
fn fits(columns: &Columns, at: usize, rows: &[usize], adapted: &Adapted) -> Result<()> {
    let Columns { path, table, preparation, .. } = *columns;
    let far = |name: &&String| adapted.held[*name] * 10 > rows.len();
    let Some(name) = adapted.held.keys().find(far) else { return Ok(()) };
    let scaled = columns.features.iter().chain([&at]).zip(&preparation.scales).flat_map(
        |(&column, &(mean, deviation))| {
            let value = move |&row: &usize| ((table.value(row, column) - mean) / deviation).abs();
            rows.iter().map(value)
        },
    );
    let options = &preparation.options;
    let halvings = (scaled.fold(0.0, f64::max) / 7.999).log2().ceil().max(0.0);
    let scale = options.scale * (-halvings).exp2();
    let mend = if scale >= LEAST_SCALE {
        format!("--scale {scale} would fit")
    } else {
        "write it in other units".into()
    };
    let message = format!(
        "column `{name}`: {} of {} values{} do not fit Q4.12 (-8 to 7.9998); {mend}",
        adapted.held[name],
        rows.len(),
        if options.standardize { " after standardizing" } else { "" },
    );
    Err(Error::input(path, message))
}

/// The column that a model means.
fn column(path: &Path, table: &Table, preparation: &Preparation, name: &str) -> Result<usize> {
    // Without names columns are meant by their numbers, whatever this table's first line is.
    let named = preparation.options.header;
    let found = if named { table.column(name) } else { table.numbered(name) };
    found.ok_or_else(|| {
        let message = format!("has no column `{name}`{}, which the model needs", table.hint(name));
        Error::input(path, table.noted(&message))
    })
}

fn bind<'a>(
    path: &'a Path,
    table: &'a Table,
    preparation: &'a Preparation,
    missing: Missing,
    mend: Mend,
) -> Result<Columns<'a>> {
    table.distinct(path)?;
    let find = |name: &String| column(path, table, preparation, name);
    let features = preparation.features.iter().map(find).collect::<Result<_>>()?;
    Ok(Columns { path, table, preparation, features, missing, mend })
}

/// Samples of another table for a model, without targets; none for a row that is left out, since
/// a value is missing.
///
/// # Errors
/// If a feature is no column of this table, or a cell is no number, or missing and refused.
pub fn apply(
    path: &Path,
    table: &Table,
    preparation: &Preparation,
    missing: Missing,
) -> Result<(Vec<Option<Sample>>, Adapted)> {
    let means = preparation.mean(0).is_some();
    if missing == Missing::Mean && !means {
        let how = if preparation.options.grey_levels.is_some() { "--grey-levels" } else { "--raw" };
        return Err(Error::request(format!(
            "--missing mean: the model holds no means, since it was learned with {how}; give \
             --missing drop, or learn it again with --missing mean"
        )));
    }
    let columns = bind(path, table, preparation, missing, Mend::Ask { means })?;
    // It is scored against the target, where the table has that.
    if let Some(at) = table.column(&preparation.target).filter(|_| preparation.words.is_none()) {
        let bad = |value: f64| !value.is_nan() && !usable(value);
        if let Some(row) = (0..table.rows()).find(|&row| bad(table.value(row, at))) {
            return Err(beyond(path, table, row, at));
        }
    }
    let mut adapted = Adapted::default();
    let mut samples = Vec::with_capacity(table.rows());
    for row in 0..table.rows() {
        let features = columns.features(row, &mut adapted)?;
        samples.push(features.map(|features| Sample { features, target: 0 }));
    }
    adapted.rows_left_out = samples.iter().filter(|s| s.is_none()).count();
    Ok((samples, adapted))
}

/// More rows for a model, scaled as those that it was learned from: all of them to learn from.
///
/// # Errors
/// As [`prepare`]'s, of a cell or a column.
pub fn prepare_more(
    path: &Path,
    table: &Table,
    preparation: &Preparation,
) -> Result<(Preparation, Samples)> {
    let mut preparation = preparation.clone();
    (preparation.options.hold_out, preparation.options.test) = (0.0, None);
    let at = column(path, table, &preparation, &preparation.target)?;
    let columns = bind(path, table, &preparation, preparation.options.missing, Mend::Cell)?;
    check(path, table, &columns.features, at, &preparation, Mend::Cell)?;
    let rows = order(preparation.options.seed, u64::MAX, table.rows());
    let mut adapted = Adapted::default();
    let (training, training_targets) = columns.samples(&rows, at, &mut adapted)?;
    adapted.rows_left_out = rows.len() - training.len();
    if training.is_empty() {
        return Err(Error::input(path, table.noted("every row lacks a value")));
    }
    (preparation.input, preparation.test) = (digest(&training), None);
    let samples = Samples {
        training,
        training_targets,
        training_rows: rows,
        held_out: Vec::new(),
        held_out_targets: Vec::new(),
        held_out_rows: Vec::new(),
        left_out: Vec::new(),
        adapted,
        tested: Adapted::default(),
    };
    Ok((preparation, samples))
}

/// Rows held out, and rows to learn from, each in the order of the seed.
fn split(
    rows: &[usize],
    class: impl Fn(usize) -> u64,
    options: &Options,
) -> (Vec<usize>, Vec<usize>) {
    let shuffled = order(options.seed, u64::MAX, rows.len());
    let mut shuffled: Vec<usize> = shuffled.into_iter().map(|i| rows[i]).collect();
    if options.test.is_some() {
        return (Vec::new(), shuffled);
    }
    let share = |rows: usize| ((rows as f64) * options.hold_out).round() as usize;
    let classes = matches!(options.objective.kind(), Kind::Classification { .. });
    if !(classes && options.stratify) {
        let training = shuffled.split_off(share(shuffled.len()).min(shuffled.len()));
        return (shuffled, training);
    }
    // Of each class its share, and at least one row is left.
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

/// Mean and standard deviation of what fits the format, times `scale`: a value beyond it does not
/// count, unless a fiftieth of them is, or the others do not vary.
fn moments(values: &[f64], scale: f64) -> (f64, f64) {
    let (mut mean, mut deviation) = of_all(values);
    let mut count = values.len();
    loop {
        let fits = |v: &&f64| ((**v - mean) / deviation * scale).abs() < 8.0;
        let near: Vec<f64> = values.iter().filter(fits).copied().collect();
        let next = of_all(&near);
        let far = values.len() - near.len();
        if near.len() >= count || far * 50 > values.len() || next.1 == 0.0 {
            return (mean, deviation);
        }
        count = near.len();
        (mean, deviation) = next;
    }
}

fn of_all(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

fn digest(samples: &[Sample]) -> String {
    let mut hash = Sha256::new();
    for s in samples {
        for w in s.features.iter().chain([&s.target]) {
            hash.update(w.to_le_bytes());
        }
    }
    fixlearn_sim::hex(hash.finalize())
}
