//! Tables: numbers, and cells that are none.

use crate::{output, Error, Result};
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

/// What stands for a value that is not there.
const MISSING: &[&str] = &["", "na", "n/a", "nan", "null", "none", "?", "-", "."];

/// Says whether a cell stands for a value that is not there.
pub fn missing(cell: &str) -> bool {
    MISSING.contains(&cell.to_lowercase().as_str())
}

/// Says whether a cell is a whole number whose digits do not all come back from an `f64`.
pub fn inexact(cell: &str) -> bool {
    let digits = cell.trim_start_matches(['+', '-']).trim_start_matches('0');
    digits.len() > 15
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.parse().is_ok_and(|v: f64| {
            // The shortest digits that tell a number from others end in zeros.
            format!("{v:.0}") != digits && v.to_string() != digits
        })
}

/// What the command at hand can do about a cell that is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mend {
    /// It has `--drop` and `--missing`.
    Learn,
    /// It has `--missing`, with means that the model holds or not.
    Ask { means: bool },
    /// Nothing; the cell itself is to be mended.
    Cell,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The columns' names; their numbers from 1 on if the file names none.
    pub names: Vec<String>,
    pub named: bool,
    pub columns: usize,
    /// Row after row; NaN where a cell is no number.
    pub values: Vec<f64>,
    /// Its elements are 8 bits wide, which are samples as they are.
    pub bytes: bool,
    /// Cells whose text is not that of their value, by their place in `values`, in its order.
    pub texts: Vec<(usize, Box<str>)>,
    /// The line of each row in the file, if rows are lines.
    pub lines: Vec<usize>,
    /// What the file was taken for, and what of it was left out, where that is not plain.
    pub notes: Vec<String>,
}

impl Table {
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns.max(1)
    }

    pub fn value(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    /// What a cell says.
    pub fn text(&self, row: usize, column: usize) -> Cow<'_, str> {
        let at = row * self.columns + column;
        match self.texts.binary_search_by_key(&at, |(at, _)| *at) {
            Ok(i) => (&*self.texts[i].1).into(),
            Err(_) => output::number(self.values[at]).into(),
        }
    }

    /// A cell's value is not there.
    pub fn is_missing(&self, row: usize, column: usize) -> bool {
        self.value(row, column).is_nan() && missing(&self.text(row, column))
    }

    /// A cell is a whole number that `f64` does not hold.
    pub fn is_inexact(&self, row: usize, column: usize) -> bool {
        self.value(row, column).is_nan() && inexact(&self.text(row, column))
    }

    /// Every value of a column is missing.
    pub fn is_empty(&self, column: usize) -> bool {
        (0..self.rows()).all(|row| self.is_missing(row, column))
    }

    /// Where a cell is, as a message names it.
    pub fn place(&self, row: usize, column: usize) -> String {
        let name = match self.named {
            true => format!(" (`{}`)", self.names[column]),
            false => String::new(),
        };
        format!("{}, column {}{name}", self.line(row), column + 1)
    }

    /// Where a row is: its line in the file, if rows are lines.
    pub fn line(&self, row: usize) -> String {
        match self.lines.get(row) {
            Some(line) => format!("line {line}"),
            None => format!("row {}", row + 1),
        }
    }

    /// What is wrong with a cell that is no number.
    pub fn no_number(&self, path: &Path, row: usize, column: usize, mend: &str) -> Error {
        let place = self.place(row, column);
        if self.is_missing(row, column) {
            let text = self.text(row, column);
            let what = match text.is_empty() {
                true => "the value is missing".into(),
                // What is written there, as `NaN` or `?`.
                false => format!("`{text}` stands for a missing value"),
            };
            return Error::input(path, format!("{place}: {what}{mend}"));
        }
        let text = self.text(row, column);
        let (cell, what) = (
            output::shown(&text),
            match inexact(&text) {
                true => "a whole number above 2^53, which loses its last digits",
                false => "not a number",
            },
        );
        Error::input(path, format!("{place}: `{cell}` is {what}{mend}"))
    }

    /// The same, with how to go on.
    pub fn left_out(&self, path: &Path, row: usize, column: usize, mend: Mend) -> Error {
        let text = match (mend, self.is_missing(row, column)) {
            // Names that were not recognized are no numbers.
            (_, false) if self.may_be_names(row) => {
                "; --header says that the first line is names".into()
            }
            (Mend::Learn, true) if self.is_empty(column) => {
                format!(", as in every row; leave the column out by --drop {}", self.option(column))
            }
            (Mend::Learn, true) => {
                "; --missing drop leaves such rows out, --missing mean takes the column's mean"
                    .into()
            }
            (Mend::Learn, false) => {
                format!("; mend it, or leave the column out by --drop {}", self.option(column))
            }
            (Mend::Ask { means }, true) => format!(
                "; --missing drop leaves its line of answers empty{}",
                if means { ", --missing mean takes the feature's mean" } else { "" }
            ),
            (Mend::Ask { .. }, false) => "; mend it, or empty it and give --missing drop".into(),
            (Mend::Cell, true) => "; fill it in, or take its row out".into(),
            (Mend::Cell, false) => "; mend it".into(),
        };
        self.no_number(path, row, column, &text)
    }

    /// The row is a file's first line, which was not taken for names.
    pub fn may_be_names(&self, row: usize) -> bool {
        row == 0 && !self.named && !self.lines.is_empty()
    }

    /// A column as it is written behind an option, in a shell: its name, or its number where the
    /// name would need much care.
    fn option(&self, column: usize) -> String {
        let name = &self.names[column];
        let plain = |c: char| c.is_alphanumeric() || "_.".contains(c);
        match !name.is_empty() && name.chars().all(plain) {
            true => name.clone(),
            false => (column + 1).to_string(),
        }
    }

    /// Why each row lacks a value of one of these columns.
    pub fn no_row(&self, path: &Path, columns: &[usize], mend: Mend) -> Error {
        let message = match columns.iter().find(|&&column| self.is_empty(column)) {
            Some(&column) => format!(
                "column `{}` holds no value in any row{}",
                self.names[column],
                match mend {
                    Mend::Learn => format!("; leave it out by --drop {}", self.option(column)),
                    _ => ", and the model needs it".into(),
                }
            ),
            None if mend != Mend::Learn => "every row lacks a value that the model needs".into(),
            None => "every row lacks a value; --missing mean takes the columns' means, and --drop \
                     leaves out columns that lack many"
                .into(),
        };
        Error::input(path, message)
    }

    /// A message about the table, with what the file was taken for, where that is not plain.
    pub fn noted(&self, message: &str) -> String {
        match self.notes.is_empty() {
            true => message.into(),
            false => format!("{message} ({})", self.notes.join("; ")),
        }
    }

    /// Says what the file was taken for, where that is not plain.
    pub fn say(&self, path: &Path) {
        if !self.notes.is_empty() {
            let (path, notes) = (path.display(), self.notes.join("; "));
            let rows = output::count(self.rows(), "row");
            let columns = output::count(self.columns, "column");
            output::note(format_args!("{path}: {rows} of {columns}; {notes}"));
        }
    }

    /// A column, if every cell of it is a number.
    ///
    /// # Errors
    /// Naming the first cell that is none.
    pub fn numbers(&self, path: &Path, column: usize) -> Result<Vec<f64>> {
        let value = |row| match self.value(row, column) {
            none if none.is_nan() => Err(self.left_out(path, row, column, Mend::Cell)),
            value => Ok(value),
        };
        (0..self.rows()).map(value).collect()
    }

    /// The column of this name, else of this number, or what the table has instead.
    ///
    /// # Errors
    /// Naming the columns; or if two have the name.
    pub fn find(&self, path: &Path, name: &str) -> Result<usize> {
        if self.names.iter().filter(|n| *n == name).count() > 1 {
            self.distinct(path)?;
        }
        self.column(name).ok_or_else(|| {
            let names = self.names.join(", ");
            let message = format!("has no column `{name}`{}; it has: {names}", self.hint(name));
            Error::input(path, self.noted(&message))
        })
    }

    /// How a column that is not there may come to be: by a line of names, if there can be one.
    pub fn hint(&self, name: &str) -> &'static str {
        let number = name.bytes().all(|b| b.is_ascii_digit());
        match self.named || number || self.lines.is_empty() {
            true => "",
            false => " (names need --header)",
        }
    }

    /// The columns that are named, in that order, or all of them; without those that are dropped.
    ///
    /// # Errors
    /// If one is no column.
    pub fn chosen(&self, path: &Path, named: &[String], dropped: &[String]) -> Result<Vec<usize>> {
        let find = |names: &[String]| -> Result<Vec<usize>> {
            names.iter().map(|name| self.find(path, name)).collect()
        };
        let (named, dropped) = (find(named)?, find(dropped)?);
        for (i, column) in named.iter().enumerate() {
            let name = &self.names[*column];
            let message = match () {
                () if dropped.contains(column) => {
                    format!("--features and --drop both name `{name}`; take it out of one")
                }
                () if named[..i].contains(column) => {
                    format!("--features names `{name}` twice; name it once")
                }
                () => continue,
            };
            return Err(Error::input(path, message));
        }
        let all = if named.is_empty() { (0..self.columns).collect() } else { named };
        Ok(all.into_iter().filter(|column| !dropped.contains(column)).collect())
    }

    /// The column of this name, else of this number, counted from 1.
    pub fn column(&self, name: &str) -> Option<usize> {
        let by_name = self.names.iter().position(|n| n == name);
        by_name.or_else(|| self.numbered(name))
    }

    /// The column of this number, counted from 1.
    pub fn numbered(&self, number: &str) -> Option<usize> {
        number.parse().ok().filter(|n| (1..=self.columns).contains(n)).map(|n: usize| n - 1)
    }

    /// Says whether every name is of one column.
    ///
    /// # Errors
    /// With both places of a name that is there twice.
    pub fn distinct(&self, path: &Path) -> Result<()> {
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(self.names.len());
        for (i, name) in self.names.iter().enumerate() {
            if let Some(first) = seen.insert(name, i) {
                let message = format!(
                    "columns {} and {} are both named `{name}`; rename one",
                    first + 1,
                    i + 1
                );
                return Err(Error::input(path, message));
            }
        }
        Ok(())
    }

    /// The least and the greatest number of a column.
    pub fn range_of(&self, column: usize) -> (f64, f64) {
        range((0..self.rows()).map(|r| self.value(r, column)))
    }
}

/// The least and the greatest number.
pub fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

/// The names of columns that have none.
pub fn numbers(columns: usize) -> Vec<String> {
    (1..=columns).map(|n| n.to_string()).collect()
}
