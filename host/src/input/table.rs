//! Tables of numbers.

use crate::{Error, Result};
use std::path::Path;

/// A table of numbers.
#[derive(Clone, Debug)]
pub struct Table {
    /// The columns' names; their numbers from 1 on if the file names none.
    pub names: Vec<String>,
    pub named: bool,
    pub columns: usize,
    /// Row after row.
    pub values: Vec<f64>,
    /// Its elements are 8 bits wide, which are samples as they are.
    pub bytes: bool,
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
        for (i, name) in self.names.iter().enumerate() {
            if let Some(first) = self.names[..i].iter().position(|n| n == name) {
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

    /// The least and the greatest value of a column.
    pub fn range_of(&self, column: usize) -> (f64, f64) {
        range((0..self.rows()).map(|r| self.value(r, column)))
    }

    /// The least and the greatest value outside a column.
    pub fn range(&self, without: usize) -> (f64, f64) {
        let others = self.values.iter().enumerate().filter(|(i, _)| i % self.columns != without);
        range(others.map(|(_, &v)| v))
    }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

/// The names of columns that have none.
pub fn numbers(columns: usize) -> Vec<String> {
    (1..=columns).map(|n| n.to_string()).collect()
}
