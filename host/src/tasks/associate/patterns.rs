//! Patterns for the Boltzmann machine: a table's rows as states of units, and back.

use crate::input::{cells, Table};
use crate::{output, Error, Result};
use fixlearn_map::boltzmann::UNITS_MOST;
use fixlearn_sim::golden::cores::boltzmann::Given;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The largest state of a visible unit, Q1.7; its step is 2.
pub const FULL: i8 = 126;

/// Where patterns come from. With the file it decides every bit of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// So many inputs, and whether an odd number of them is 1; 2 are the exclusive or.
    Parity(usize),
    /// A table's rows; the columns that are to be associated with the others.
    Table { targets: Vec<String>, header: bool },
}

impl std::str::FromStr for Source {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        let inputs = match name {
            "xor" => Some(2),
            _ => (2..=8).find(|n| name == format!("parity{n}")),
        };
        match inputs {
            Some(inputs @ 2..=8) => Ok(Self::Parity(inputs)),
            _ => Err("xor, or parity2 to parity8".into()),
        }
    }
}

/// A column, and what its unit's states stand for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub target: bool,
    /// What -1 and 1 stand for.
    pub ends: [f64; 2],
    /// The same, of a column of two words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<[String; 2]>,
}

impl Column {
    /// Of this column of a table: numbers between its least and its greatest, or two words.
    fn new(path: &Path, table: &Table, at: usize, target: bool) -> Result<Self> {
        let name = table.names[at].clone();
        let wrong = |what: String| Error::input(path, format!("column `{name}` {what}"));
        let there = || (0..table.rows()).filter(|&row| !table.is_missing(row, at));
        let mut words: Vec<String> = Vec::new();
        let is_number = |row: usize| table.value(row, at).is_finite();
        if there().next().is_none() {
            return Err(wrong("has no values; leave it out with --drop".into()));
        }
        let (mut ends, mut two) = (table.range_of(at), None);
        if !there().all(is_number) {
            for row in there() {
                let word = table.text(row, at).into_owned();
                if word.parse::<f64>().is_ok() && !is_number(row) {
                    return Err(table.no_number(path, row, at, "mend it, or leave it empty"));
                }
                if !words.contains(&word) {
                    words.push(word);
                }
                if words.len() > 2 {
                    return Err(wrong(
                        "has more than two words, and a unit holds two; make it a column of 0 and \
                         1 for each, or leave it out with --drop"
                            .into(),
                    ));
                }
            }
            words.sort();
            if let [low, high] = words.as_slice() {
                two = Some([low.clone(), high.clone()]);
            }
            ends = (0.0, 1.0);
        }
        if target && (ends.0 >= ends.1 || words.len() == 1) {
            return Err(wrong("is the same in every row: there is nothing to learn".into()));
        }
        if words.len() == 1 {
            return Err(wrong("has one word; leave it out with --drop".into()));
        }
        if !(ends.1 - ends.0).is_finite() {
            return Err(wrong("has numbers beyond a usual range; scale it".into()));
        }
        Ok(Self { name, target, ends: [ends.0, ends.1], words: two })
    }

    /// It stands for something.
    pub fn is_sound(&self) -> bool {
        let [low, high] = self.ends;
        let words = self.words.as_ref().is_none_or(|[low, high]| low < high);
        words && (high - low).is_finite() && low <= high && (!self.target || low < high)
    }

    /// The state of a cell; none where nothing is given, or nothing that is known.
    fn state(&self, table: &Table, row: usize, at: usize) -> Option<i8> {
        if table.is_missing(row, at) {
            return None;
        }
        let share = match &self.words {
            Some(words) => words.iter().position(|w| *w == table.text(row, at))? as f64,
            None => {
                let value = table.value(row, at);
                let [low, high] = self.ends;
                match value.is_finite() {
                    true if high > low => ((value - low) / (high - low)).clamp(0.0, 1.0),
                    true => 1.0,
                    false => return None,
                }
            }
        };
        Some(2 * ((share - 0.5) * f64::from(FULL)).round() as i8)
    }

    /// What a state stands for, of numbers.
    pub fn value(&self, state: i8) -> f64 {
        let share = (f64::from(state) / f64::from(FULL)).clamp(-1.0, 1.0) / 2.0 + 0.5;
        self.ends[0] + share * (self.ends[1] - self.ends[0])
    }

    /// What a state stands for, as a cell.
    pub fn cell(&self, state: i8) -> String {
        match &self.words {
            Some([low, high]) => if state < 0 { low } else { high }.clone(),
            None => output::number(self.value(state)),
        }
    }
}

/// What is learned from.
#[derive(Clone, Debug, PartialEq)]
pub struct Patterns {
    pub columns: Vec<Column>,
    /// By row: what is given of each column.
    pub rows: Vec<Vec<Given>>,
    /// The cells as they stood, by row; none of a task without a table.
    pub cells: Vec<Vec<String>>,
}

/// Units of the columns, and one that is always 1.
pub fn visible(columns: usize) -> usize {
    columns + 1
}

impl Source {
    /// Reads the patterns of a machine with so many hidden units.
    ///
    /// # Errors
    /// If a file is given to a task that has none or the other way round; if it cannot be read,
    /// lacks a target, or has more rows or columns than a machine takes.
    pub fn read(&self, paths: &[PathBuf], dropped: &[String], hidden: usize) -> Result<Patterns> {
        let most = UNITS_MOST - 1 - hidden.min(UNITS_MOST - 1);
        match (self, paths) {
            (Self::Parity(inputs), []) if *inputs < most => Ok(parity(*inputs)),
            (Self::Parity(_), []) => {
                Err(Error::request(format!("--hidden {hidden} leaves {most} columns; take fewer")))
            }
            (Self::Parity(_), [path, ..]) => Err(Error::input(
                path,
                "is not needed: the patterns are those of a task, as --task names it; leave it out",
            )),
            (Self::Table { targets, header }, [path]) => {
                let table = cells(path, *header)?;
                let patterns = learned(path, &table, (targets, dropped), most)?;
                table.say(path);
                Ok(patterns)
            }
            (Self::Table { .. }, _) => {
                Err(Error::request("give one table (.csv, .tsv or .npy), or --task xor"))
            }
        }
    }
}

fn parity(inputs: usize) -> Patterns {
    let column = |i: usize| Column {
        name: if i < inputs { (i + 1).to_string() } else { "odd".into() },
        target: i == inputs,
        ends: [0.0, 1.0],
        words: None,
    };
    let state = |on: bool| if on { FULL } else { -FULL };
    let row = |pattern: usize| {
        let inputs = (0..inputs).map(|i| Given::Input(state(pattern >> i & 1 == 1)));
        let odd = pattern.count_ones() % 2 == 1;
        inputs.chain([Given::Target(state(odd))]).collect()
    };
    Patterns {
        columns: (0..=inputs).map(column).collect(),
        rows: (0..1 << inputs).map(row).collect(),
        cells: Vec::new(),
    }
}

/// A table to learn, of at most so many columns: its targets stand last.
///
/// # Errors
/// If it lacks a target, or has more rows or columns than a machine takes.
pub fn learned(
    path: &Path,
    table: &Table,
    (targets, dropped): (&[String], &[String]),
    most: usize,
) -> Result<Patterns> {
    table.distinct(path)?;
    let find = |name: &String| table.find(path, name);
    let targets = targets.iter().map(find).collect::<Result<Vec<usize>>>()?;
    if let Some((_, twice)) = targets.iter().enumerate().find(|(i, at)| targets[..*i].contains(at))
    {
        let message = format!("--target names `{}` twice; name it once", table.names[*twice]);
        return Err(Error::input(path, message));
    }
    if targets.is_empty() {
        let names = table.names.join(", ");
        let message = format!("has the columns {names}; name those to answer by --target");
        return Err(Error::input(path, table.noted(&message)));
    }
    let kept = table.chosen(path, &[], dropped)?;
    if let Some(&lost) = targets.iter().find(|at| !kept.contains(at)) {
        let message = format!("--target and --drop both name `{}`", table.names[lost]);
        return Err(Error::input(path, message));
    }
    let inputs = kept.into_iter().filter(|at| !targets.contains(at));
    let order: Vec<(usize, bool)> =
        inputs.map(|at| (at, false)).chain(targets.iter().map(|&at| (at, true))).collect();
    if order.len() > most {
        let message = format!(
            "has {} columns, and {most} beside the hidden units is what a machine takes; leave \
             some out with --drop, or take fewer --hidden",
            order.len()
        );
        return Err(Error::input(path, message));
    }
    let rows = table.rows();
    if !(1..=0xffff).contains(&rows) {
        let message = format!("has {rows} rows; an epoch has 1 to 65535");
        return Err(Error::input(path, message));
    }
    let columns = order.iter().map(|&(at, target)| Column::new(path, table, at, target));
    let columns = columns.collect::<Result<Vec<Column>>>()?;
    let places: Vec<usize> = order.iter().map(|pair| pair.0).collect();
    let there: Vec<Option<usize>> = places.iter().copied().map(Some).collect();
    Ok(Patterns { rows: given(table, &columns, &places), cells: texts(table, &there), columns })
}

/// A table to complete, of the columns of a run: what it lacks is free.
///
/// # Errors
/// If it cannot be read, or has none of the columns.
pub fn to_complete(path: &Path, columns: &[Column], header: bool) -> Result<Patterns> {
    completed(path, &cells(path, header)?, columns)
}

/// The same of a table that was read.
///
/// # Errors
/// If it has none of the columns, or a cell that the run cannot take.
pub fn completed(path: &Path, table: &Table, columns: &[Column]) -> Result<Patterns> {
    table.distinct(path)?;
    let places: Vec<Option<usize>> = columns.iter().map(|c| table.column(&c.name)).collect();
    if places.iter().all(Option::is_none) {
        let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        let message = format!("has none of the run's columns: {}", names.join(", "));
        return Err(Error::input(path, table.noted(&message)));
    }
    known(path, table, columns, &places)?;
    table.say(path);
    let left = (0..table.columns).filter(|at| !places.contains(&Some(*at)));
    let left: Vec<&str> = left.map(|at| table.names[at].as_str()).collect();
    if !left.is_empty() {
        let path = path.display();
        output::note(format_args!("{path}: not the run's, and left out: {}", left.join(", ")));
    }
    let free = |row: usize| {
        let pairs = columns.iter().zip(&places);
        let one = |(column, place): (&Column, &Option<usize>)| {
            let state = place.and_then(|at| column.state(table, row, at));
            state.map_or(Given::Free, Given::Input)
        };
        pairs.map(one).collect()
    };
    let rows = (0..table.rows()).map(free).collect();
    Ok(Patterns { rows, cells: texts(table, &places), columns: columns.to_vec() })
}

/// Says whether every cell is one that the run can take, and how many numbers are beyond it.
fn known(path: &Path, table: &Table, columns: &[Column], places: &[Option<usize>]) -> Result<()> {
    let mut beyond = 0_usize;
    for (column, at) in columns.iter().zip(places).filter_map(|(c, at)| Some((c, (*at)?))) {
        for row in (0..table.rows()).filter(|&row| !table.is_missing(row, at)) {
            let text = table.text(row, at);
            match &column.words {
                Some(words) if !words.iter().any(|word| *word == text) => {
                    let [low, high] = words;
                    let place = table.place(row, at);
                    let message = format!(
                        "{place}: `{}` is not `{low}` or `{high}`; leave the cell empty if it is \
                         unknown",
                        text.escape_debug()
                    );
                    return Err(Error::input(path, message));
                }
                None if !table.value(row, at).is_finite() => {
                    let mend = "; leave the cell empty if it is unknown";
                    return Err(table.no_number(path, row, at, mend));
                }
                None => {
                    let value = table.value(row, at);
                    beyond += usize::from(!(column.ends[0]..=column.ends[1]).contains(&value));
                }
                Some(_) => {}
            }
        }
    }
    if beyond > 0 {
        output::note(format_args!(
            "{}: {beyond} numbers are beyond those that the run has seen; the nearest stand for \
             them",
            path.display()
        ));
    }
    Ok(())
}

/// The cells of these columns as they stand; empty where a value is missing, or the column.
fn texts(table: &Table, places: &[Option<usize>]) -> Vec<Vec<String>> {
    let text = |row: usize, at: &Option<usize>| match *at {
        Some(at) if !table.is_missing(row, at) => table.text(row, at).into_owned(),
        _ => String::new(),
    };
    (0..table.rows()).map(|row| places.iter().map(|at| text(row, at)).collect()).collect()
}

fn given(table: &Table, columns: &[Column], places: &[usize]) -> Vec<Vec<Given>> {
    let one = |row: usize, (column, &at): (&Column, &usize)| match column.state(table, row, at) {
        None => Given::Free,
        Some(state) if column.target => Given::Target(state),
        Some(state) => Given::Input(state),
    };
    (0..table.rows())
        .map(|row| columns.iter().zip(places).map(|pair| one(row, pair)).collect())
        .collect()
}

impl Patterns {
    /// A row as the core takes it: the unit that is always 1, then a byte a column.
    pub fn vector(&self, row: usize) -> Vec<u8> {
        let always = [Given::Input(FULL)];
        always.iter().chain(&self.rows[row]).map(|given| given.byte()).collect()
    }

    pub fn vectors(&self) -> Vec<u8> {
        (0..self.rows.len()).flat_map(|row| self.vector(row)).collect()
    }

    /// SHA-256 of all vectors, as hexadecimal digits.
    pub fn digest(&self) -> String {
        fixlearn_sim::hex(Sha256::digest(self.vectors()))
    }

    /// The states of an answer, a column each.
    pub fn states<'a>(&self, answer: &'a [u8]) -> impl Iterator<Item = i8> + 'a {
        answer.iter().skip(1).take(self.columns.len()).map(|&byte| byte as i8)
    }

    /// Rows of which every target has the right sign in these answers, of those that have targets.
    pub fn right(&self, answers: &[Vec<u8>]) -> (usize, usize) {
        let asked = |row: &&(&Vec<Given>, &Vec<u8>)| {
            row.0.iter().any(|given| matches!(given, Given::Target(_)))
        };
        let is_right = |(row, answer): &(&Vec<Given>, &Vec<u8>)| {
            row.iter().zip(self.states(answer)).all(|(given, state)| match *given {
                Given::Target(target) => (target < 0) == (state < 0),
                Given::Input(_) | Given::Free => true,
            })
        };
        let rows: Vec<_> = self.rows.iter().zip(answers).collect();
        let of = rows.iter().filter(asked).count();
        (rows.iter().filter(asked).filter(|row| is_right(row)).count(), of)
    }

    /// Answers as a table in the units of the columns, what was given as it was given.
    ///
    /// # Errors
    /// None that a table has.
    pub fn table(&self, path: &Path, answers: &[Vec<u8>]) -> Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let wrong = |e: csv::Error| Error::input(path, e.to_string());
        writer.write_record(self.columns.iter().map(|c| &c.name)).map_err(wrong)?;
        for (i, (row, answer)) in self.rows.iter().zip(answers).enumerate() {
            let states = row.iter().zip(self.states(answer));
            let cells =
                states.zip(&self.columns).enumerate().map(|(k, ((given, state), column))| {
                    match (*given, self.cells.get(i).map(|cells| &cells[k])) {
                        (Given::Input(_), Some(text)) => text.clone(),
                        (Given::Input(state), None) => column.cell(state),
                        (Given::Target(_) | Given::Free, _) => column.cell(state),
                    }
                });
            writer.write_record(cells).map_err(wrong)?;
        }
        writer.into_inner().map_err(|e| Error::input(path, e.to_string()))
    }
}
