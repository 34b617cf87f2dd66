//! Which of a table's columns are used, and what is done where a value is missing.

use super::{Mend, Table};
use crate::{output, Error, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What is done where a value is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// The table is refused.
    #[default]
    Refuse,
    /// The row is left out.
    Drop,
    /// Its column's mean takes its place; a row without a target is left out.
    Mean,
}

impl Missing {
    /// The number in a cell, or what takes its place, which is counted; none if its row is left
    /// out.
    ///
    /// # Errors
    /// If it is no number, or missing and that is refused: `mend` says what then.
    pub fn value(
        self,
        path: &Path,
        table: &Table,
        (row, column): (usize, usize),
        mean: Option<f64>,
        means_taken: &mut usize,
        mend: Mend,
    ) -> Result<Option<f64>> {
        let value = table.value(row, column);
        if !value.is_nan() {
            return Ok(Some(value));
        }
        match (self, table.is_missing(row, column), mean) {
            (Self::Drop, true, _) => Ok(None),
            (Self::Mean, true, Some(mean)) => {
                *means_taken += 1;
                Ok(Some(mean))
            }
            _ => Err(table.left_out(path, row, column, mend)),
        }
    }
}

/// What a selection takes of a table.
pub struct Taken {
    pub table: Table,
    /// The selection that takes the same of another table.
    pub selection: Selection,
    /// The columns that are neither taken nor dropped.
    pub unused: Vec<String>,
}

/// What of a table is taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// The columns, by name or by number from 1 on; all if none is named.
    pub features: Vec<String>,
    /// Columns that are left out.
    pub drop: Vec<String>,
    pub missing: Missing,
    /// Of each column that is taken, if they stand for what is missing and are known already.
    pub means: Vec<f64>,
}

impl Selection {
    /// A column is left out, or asked for, by its name or number.
    pub fn names(&self, table: &Table, column: usize) -> bool {
        let is = |name: &String| table.column(name) == Some(column);
        self.drop.iter().chain(&self.features).any(is)
    }

    /// The table as it is.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// The columns and rows of a table that are taken. What is left out is said.
    ///
    /// # Errors
    /// If a column is not there, none is left, or a cell is no number: `mend` says what then.
    pub fn of(&self, path: &Path, table: Table, mend: Mend) -> Result<Taken> {
        if table.named {
            table.distinct(path)?;
        }
        let columns = self.columns(path, &table)?;
        let mut known = vec![false; table.columns];
        columns.iter().for_each(|&column| known[column] = true);
        for name in &self.drop {
            known[table.find(path, name)?] = true;
        }
        let unused = table.names.iter().zip(known).filter(|(_, known)| !known);
        let unused = unused.map(|(name, _)| name.clone()).collect();
        if columns.is_empty() {
            return Err(Error::input(path, "--drop leaves no column; name fewer"));
        }
        let means = match self.missing {
            Missing::Mean if self.means.is_empty() => means(path, &table, &columns)?,
            _ => self.means.clone(),
        };
        let mut values = Vec::with_capacity(table.rows() * columns.len());
        let (mut lines, mut left_out, mut filled) = (Vec::new(), 0_usize, 0_usize);
        for row in 0..table.rows() {
            let there = values.len();
            for (i, &column) in columns.iter().enumerate() {
                let (cell, mean) = ((row, column), means.get(i).copied());
                match self.missing.value(path, &table, cell, mean, &mut filled, mend)? {
                    Some(value) => values.push(value),
                    None => break,
                }
            }
            if values.len() < there + columns.len() {
                values.truncate(there);
                left_out += 1;
            } else {
                lines.extend(table.lines.get(row));
            }
        }
        if values.is_empty() {
            return Err(table.no_row(path, &columns, mend));
        }
        if left_out + filled > 0 {
            output::note(format_args!(
                "{}: values are missing: {} left out, {} taken",
                path.display(),
                output::count(left_out, "row"),
                output::count(filled, "mean")
            ));
        }
        let names: Vec<String> = columns.iter().map(|&c| table.names[c].clone()).collect();
        // By name a column is found wherever it is.
        let all = columns.len() == table.columns && !table.named;
        let features = if all { Vec::new() } else { names.clone() };
        let selection = Self { features, drop: Vec::new(), missing: self.missing, means };
        let table = Table { names, columns: columns.len(), values, lines, ..table };
        Ok(Taken { table: Table { texts: Vec::new(), ..table }, selection, unused })
    }

    /// In their order here if they are named, else in the table's.
    fn columns(&self, path: &Path, table: &Table) -> Result<Vec<usize>> {
        let by_place = !table.named && table.columns == self.features.len();
        if self.drop.is_empty() && by_place {
            return Ok((0..table.columns).collect());
        }
        table.chosen(path, &self.features, &self.drop)
    }
}

/// The mean of each column's values that are there.
fn means(path: &Path, table: &Table, columns: &[usize]) -> Result<Vec<f64>> {
    let mean = |&column: &usize| {
        let there = (0..table.rows()).map(|row| table.value(row, column)).filter(|v| !v.is_nan());
        // No sum of large values overflows.
        let (mean, count) =
            there.fold((0.0, 0.0), |(mean, n), v| (mean + (v - mean) / (n + 1.0), n + 1.0));
        if count == 0.0 {
            let name = &table.names[column];
            let message = format!("column `{name}` has no number; --drop leaves it out");
            return Err(Error::input(path, message));
        }
        Ok(mean)
    };
    columns.iter().map(mean).collect()
}
