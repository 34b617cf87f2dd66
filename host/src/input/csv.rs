//! CSV tables.

use super::table::{numbers, Table};
use crate::{Error, Result};
use std::path::Path;

/// Reads a table; with `header` its first line is names.
///
/// # Errors
/// If a cell is not a finite number: its line and column; if rows have different lengths.
pub fn read(path: &Path, bytes: &[u8], header: bool) -> Result<Table> {
    separated(path, bytes, header, b',')
}

/// The same, with this byte between the cells of a line.
///
/// # Errors
/// As [`read`].
pub fn separated(path: &Path, bytes: &[u8], header: bool, separator: u8) -> Result<Table> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(header)
        .delimiter(separator)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(bytes);
    let mut values = Vec::new();
    let mut columns = 0;
    let mut names = Vec::new();
    if header {
        let line = reader.headers().map_err(|e| Error::input(path, e.to_string()))?;
        names = line.iter().map(str::to_string).collect();
    }
    for record in reader.records() {
        let record = record.map_err(|e| Error::input(path, e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        columns = record.len();
        for (i, field) in record.iter().enumerate() {
            match field.parse::<f64>() {
                Ok(v) if v.is_finite() => values.push(v),
                _ => {
                    // One line, whatever a quoted field holds.
                    let field: String = field.escape_debug().take(40).collect();
                    let hint = if line == 1 { " (a line of names? add --header)" } else { "" };
                    return Err(Error::input(
                        path,
                        format!("line {line}, column {}: `{field}` is not a number{hint}", i + 1),
                    ));
                }
            }
        }
    }
    let named = !names.is_empty();
    if !named {
        names = numbers(columns);
    }
    Ok(Table { names, named, columns, values })
}
