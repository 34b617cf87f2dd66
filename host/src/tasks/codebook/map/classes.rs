//! Labels of vectors, and which class each unit of a map is of.

use super::Map;
use crate::input::{cells, may_hold_words, Missing, Selection, Table};
use crate::task::Input;
use crate::{output, Error, Result};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The largest number that is taken for a class unasked.
const CLASSES: usize = 20;

/// Classes that have a letter each.
const LETTERS: usize = 62;

/// A label for each vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// The column's name.
    pub column: String,
    /// The classes: numbers in their order, else words in theirs.
    pub names: Vec<String>,
    /// The class of each vector.
    pub of: Vec<usize>,
}

/// The classes on a map.
#[derive(Clone, Debug, Serialize)]
pub struct Classes {
    /// The column's name.
    pub column: String,
    pub names: Vec<String>,
    /// Vectors of each class, unit by unit.
    #[serde(skip)]
    pub counts: Vec<Vec<usize>>,
    /// The class of most vectors of each unit, of equal ones the first; none without vectors.
    #[serde(skip)]
    pub of: Vec<Option<usize>>,
    /// Share of the vectors that are of their unit's class.
    pub purity: f64,
}

impl Labels {
    /// The table that may have labels, if the input is one: arrays and sounds hold numbers alone.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn table<'a>(input: &'a Input, named: Option<&str>) -> Result<Option<(&'a Path, Table)>> {
        match &input.paths[..] {
            [path] if named.is_some() || may_hold_words(path) => {
                Ok(Some((path, cells(path, input.header)?)))
            }
            _ => Ok(None),
        }
    }

    /// The column that holds labels: the one that is named, or the only one that holds words and
    /// is neither dropped nor a feature that was asked for.
    ///
    /// # Errors
    /// If the one that is named is none.
    pub fn column(
        path: &Path,
        table: &Table,
        named: Option<&str>,
        selection: &Selection,
    ) -> Result<Option<usize>> {
        if let Some(name) = named {
            return table.find(path, name).map(Some);
        }
        // A number that is mistyped makes no labels of the others.
        let words = |column: &usize| {
            let there = (0..table.rows()).filter(|&row| !table.is_missing(row, *column));
            let (mut words, mut all) = (0, 0);
            for row in there {
                let none = table.value(row, *column).is_nan();
                words += usize::from(none && !table.is_inexact(row, *column));
                all += 1;
            }
            2 * words > all
        };
        let mut found = (0..table.columns).filter(|c| !selection.names(table, *c)).filter(words);
        Ok(found.next().filter(|_| found.next().is_none()))
    }

    /// The column that looks as if its numbers were classes, if it alone does: all whole numbers
    /// from 0 or 1 to at most 20, of which none is left out.
    pub fn perhaps(table: &Table, selection: &Selection) -> Option<usize> {
        let counts = |column: &usize| {
            let values = (0..table.rows()).map(|row| table.value(row, *column));
            let mut there = [false; CLASSES + 1];
            let whole = values.map(|x| (x.fract() == 0.0).then_some(x)).all(|x| {
                let class = x.filter(|x| (0.0..=CLASSES as f64).contains(x));
                class.map(|class| there[class as usize] = true).is_some()
            });
            let most = there.iter().rposition(|&is| is).unwrap_or(0);
            whole && most > 1 && there[1..=most].iter().all(|&is| is) && table.rows() > 2 * most
        };
        let mut found = (0..table.columns).filter(|c| !selection.names(table, *c)).filter(counts);
        found.next().filter(|_| found.next().is_none())
    }

    /// A column's labels of the rows that this selection learns from.
    ///
    /// # Errors
    /// If a row has no label.
    pub fn of(path: &Path, table: &Table, column: usize, selection: &Selection) -> Result<Self> {
        let features = table.chosen(path, &selection.features, &selection.drop)?;
        let drops = selection.missing == Missing::Drop;
        let whole = |row: &usize| !drops || features.iter().all(|&f| !table.is_missing(*row, f));
        let mut texts = Vec::new();
        for row in (0..table.rows()).filter(whole) {
            if table.is_missing(row, column) {
                let place = table.place(row, column);
                let message = format!(
                    "{place}: the label is missing; fill it in, take its row out, or --drop the \
                     column"
                );
                return Err(Error::input(path, message));
            }
            texts.push(table.text(row, column).into_owned());
        }
        let mut names: Vec<String> = texts.clone();
        names.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(x), Ok(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
            _ => a.cmp(b),
        });
        names.dedup();
        let numbers: BTreeMap<&str, usize> =
            names.iter().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
        let of = texts.iter().map(|text| numbers[text.as_str()]).collect();
        let column = table.names[column].clone();
        Ok(Self { column, names, of })
    }
}

impl Classes {
    /// Where the labels of vectors lie on a map, whose units those of `winners` are.
    pub fn on(map: &Map, winners: &[u8], labels: &Labels) -> Self {
        let mut counts = vec![vec![0; labels.names.len()]; map.grid.units];
        for (&unit, &class) in winners.iter().zip(&labels.of) {
            counts[usize::from(unit)][class] += 1;
        }
        let most = |counts: &Vec<usize>| {
            let most = *counts.iter().max()?;
            counts.iter().position(|&n| n == most).filter(|_| most > 0)
        };
        let of: Vec<Option<usize>> = counts.iter().map(most).collect();
        let right: usize = counts.iter().filter_map(|counts| counts.iter().max()).sum();
        let purity = right as f64 / winners.len().max(1) as f64;
        let (column, names) = (labels.column.clone(), labels.names.clone());
        Self { column, names, counts, of, purity }
    }

    /// What stands for a class where there is no room for its name: of 62 another one each.
    pub fn letter(class: usize) -> char {
        let letters = ('a'..='z').chain('A'..='Z').chain('0'..='9');
        letters.cycle().nth(class).unwrap_or('?')
    }

    /// The column, and each letter's class.
    pub fn legend(&self) -> String {
        let named = self.names.iter().enumerate().take(LETTERS);
        let all: Vec<String> =
            named.map(|(i, name)| format!("{} {}", Self::letter(i), output::shown(name))).collect();
        let more = match self.names.len().saturating_sub(LETTERS) {
            0 => String::new(),
            more => format!(", and the same letters for {more} more"),
        };
        format!("{}: {}{more}", output::shown(&self.column), all.join(", "))
    }

    /// The names of the units' classes, as rows.
    pub fn rows(&self, map: &Map) -> Vec<Vec<Option<&str>>> {
        let names = self.of.iter().map(|class| class.map(|class| self.names[class].as_str()));
        map.grid.rows_of(&names.collect::<Vec<_>>())
    }
}
