//! TSV tables: as CSV, with tabs between the cells.

use super::csv::tabs;
use super::table::Table;
use crate::Result;
use std::path::Path;

/// Reads a table; with `header` its first line is names.
///
/// # Errors
/// If rows have different lengths, or the file is no table.
pub fn read(path: &Path, bytes: &[u8], header: bool) -> Result<Table> {
    tabs(path, bytes, header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_separated_by_tabs() {
        let table = read(Path::new("a.tsv"), b"x\ty z\n1\t-2.5\n3\t4e2\n", true).expect("a table");
        assert_eq!(table.names, ["x", "y z"]);
        assert_eq!((table.columns, table.values), (2, vec![1.0, -2.5, 3.0, 400.0]));
        let path = Path::new("a.tsv");
        let four = read(path, b"1\t2\n3\tfour\n", false).and_then(|table| table.numbers(path, 1));
        let said = four.expect_err("refused");
        assert_eq!(said.to_string(), "a.tsv: line 2, column 2: `four` is not a number; mend it");
    }
}
