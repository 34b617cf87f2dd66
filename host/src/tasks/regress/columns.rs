//! Which columns and rows of a table are learned from, and what its classes are.

use crate::input::{Mend, Table};
use crate::{output, Error, Result};
use fixlearn_sim::golden::cores::gradient::Objective;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

/// The two classes of a column: by words, or by numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Classes {
    Numbers(f64, f64),
    /// They count as 0 and 1; the first is every other class if one is learned against the rest.
    Words(String, String),
}

/// The feature columns: those that are named, or all but the target and those that are dropped.
///
/// # Errors
/// If one is no column, or is the target.
pub fn chosen(
    path: &Path,
    table: &Table,
    target: usize,
    named: &[String],
    dropped: &[String],
) -> Result<Vec<usize>> {
    for (names, option) in [(named, "--features"), (dropped, "--drop")] {
        for name in names {
            if table.find(path, name)? == target {
                let name = &table.names[target];
                let message = format!("column `{name}` is the target; {option} names it");
                return Err(Error::input(path, message));
            }
        }
    }
    let mut chosen = table.chosen(path, named, dropped)?;
    chosen.sort_unstable();
    chosen.dedup();
    chosen.retain(|&column| column != target);
    Ok(chosen)
}

/// What a target is: its number, or that of its class; NaN if it is another class.
pub fn target(
    table: &Table,
    row: usize,
    column: usize,
    words: Option<&(String, String)>,
    against_rest: bool,
) -> Option<f64> {
    if table.is_missing(row, column) {
        return None;
    }
    let Some((no, yes)) = words else { return Some(table.value(row, column)) };
    let text = table.text(row, column);
    Some(match () {
        () if text == yes.as_str() => 1.0,
        () if against_rest || text == no.as_str() => 0.0,
        () => f64::NAN,
    })
}

/// The two whole numbers that all targets are, if there are more targets than that: numbers that
/// are perhaps classes.
pub fn two_numbers<'a>(targets: impl IntoIterator<Item = &'a f64>) -> Option<(f64, f64)> {
    let (mut seen, mut count) = (Vec::new(), 0);
    for &target in targets {
        count += 1;
        if !seen.contains(&target) {
            seen.push(target);
        }
        if seen.len() > 2 || target.fract() != 0.0 {
            return None;
        }
    }
    match seen.as_slice() {
        [a, b] if count > 2 => Some((a.min(*b), a.max(*b))),
        _ => None,
    }
}

/// A column's cells that are neither numbers nor missing.
pub fn has_words(table: &Table, column: usize) -> bool {
    let word = |row| table.value(row, column).is_nan() && !table.is_missing(row, column);
    (0..table.rows()).any(word)
}

/// A row whose cell is no number, in a column that is of numbers otherwise: most of its cells are,
/// and there are more of them than two classes have.
pub fn bad_cell(table: &Table, column: usize) -> Option<usize> {
    let there: Vec<usize> =
        (0..table.rows()).filter(|&row| !table.is_missing(row, column)).collect();
    let (words, numbers): (Vec<usize>, Vec<usize>) =
        there.iter().partition(|&&row| table.value(row, column).is_nan());
    let different: BTreeSet<_> = there.iter().map(|&row| table.text(row, column)).collect();
    words.first().copied().filter(|_| numbers.len() > words.len() && different.len() > 2)
}

/// A row whose cell is no number, in a column of more than two values most of which are numbers
/// but for what is around or within them: units, signs of percent or money, commas.
fn decorated(table: &Table, column: usize) -> Option<usize> {
    let there = (0..table.rows()).filter(|&row| !table.is_missing(row, column));
    let texts: Vec<_> = there.map(|row| (row, table.text(row, column))).collect();
    let nearly = |text: &str| {
        let rest = text.trim_start_matches(|c: char| !c.is_alphanumeric());
        let letters = rest.chars().filter(|c| c.is_alphabetic()).count();
        rest.starts_with(|c: char| c.is_ascii_digit()) && letters <= 3
    };
    let many = texts.iter().filter(|(_, text)| nearly(text)).count();
    let different: BTreeSet<_> = texts.iter().map(|(_, text)| text).collect();
    let none =
        |(row, text): &&(usize, Cow<str>)| table.value(*row, column).is_nan() && nearly(text);
    let found = texts.iter().find(none).map(|(row, _)| *row);
    found.filter(|_| different.len() > 2 && 2 * many > texts.len())
}

/// What is wrong with such a cell.
pub fn bad(path: &Path, table: &Table, row: usize, column: usize) -> Error {
    if table.may_be_names(row) {
        return table.left_out(path, row, column, Mend::Learn);
    }
    let mend = ", as most of the column are; mend it, or empty it and give --missing drop (if \
                classes as words are meant, --class names one of them)";
    table.no_number(path, row, column, mend)
}

/// The classes of a column, or of `class` against the rest.
///
/// # Errors
/// If they are not two: naming them.
pub fn classes(
    path: &Path,
    table: &Table,
    column: usize,
    objective: Objective,
    class: Option<&str>,
) -> Result<Classes> {
    let name = &table.names[column];
    let rows = (0..table.rows()).filter(|&row| !table.is_missing(row, column));
    if let Some(row) = rows.clone().find(|&row| class.is_none() && table.is_inexact(row, column)) {
        return Err(table.no_number(path, row, column, "; mend it"));
    }
    let words = has_words(table, column);
    if !words && class.is_none() {
        let mut seen: Vec<f64> = Vec::new();
        for row in rows.clone() {
            let value = table.value(row, column);
            if !seen.contains(&value) {
                seen.push(value);
            }
            if seen.len() > 2 {
                break;
            }
        }
        if let [a, b] = seen.as_slice() {
            return Ok(Classes::Numbers(a.min(*b), a.max(*b)));
        }
    }
    if let Some(row) = bad_cell(table, column).filter(|_| class.is_none()) {
        return Err(bad(path, table, row, column));
    }
    if let Some(row) = decorated(table, column).filter(|_| class.is_none()) {
        let mend = ", nor are most of the column, though they begin with digits; mend them (if \
                    classes as words are meant, --class names one)";
        return Err(table.no_number(path, row, column, mend));
    }
    let seen: BTreeSet<String> = rows.map(|row| table.text(row, column).into_owned()).collect();
    let all: Vec<&str> = seen.iter().map(String::as_str).collect();
    match (class, all.as_slice()) {
        (Some(class), [_, _, ..]) if all.contains(&class) => {
            let no = match all.as_slice() {
                [a, b] => if *a == class { *b } else { *a }.to_string(),
                _ => format!("not {class}"),
            };
            Ok(Classes::Words(no, class.into()))
        }
        (None, [a, b]) => Ok(Classes::Words((*a).into(), (*b).into())),
        (_, classes) => {
            let some: Vec<String> = classes.iter().take(6).map(|c| output::shown(c)).collect();
            let more = if classes.len() > 6 { ", ..." } else { "" };
            let list = format!("{} ({}{more})", classes.len(), some.join(", "));
            let message = match class {
                Some(class) if classes.len() > 1 => {
                    format!("column `{name}` has no class `{class}`; it has {list}")
                }
                _ if classes.len() > 20 => format!(
                    "column `{name}` has {} different values; classes must be two, or --class \
                     names one of them",
                    classes.len()
                ),
                _ if classes.len() > 2 => format!(
                    "column `{name}` has classes: {list}; {} learns two: --class {} learns one \
                     against the rest",
                    objective.name(),
                    some.first().map_or("", String::as_str)
                ),
                _ => format!("column `{name}` has one value only: {list}; classes must be two"),
            };
            Err(Error::input(path, message))
        }
    }
}
