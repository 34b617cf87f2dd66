//! Arrays of numpy: rows of 8 bits as they are, all others as a table.

use fixlearn::input::{self, Samples, Scaling, Selection, Table};
use fixlearn::{output, Result};
use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;
use std::borrow::Cow;
use std::path::Path;

/// What messages call an array.
pub const X: &str = "X";

/// An array of two axes.
pub enum Rows<'py> {
    Bytes(PyReadonlyArray2<'py, u8>),
    Signed(PyReadonlyArray2<'py, i8>),
    Singles(PyReadonlyArray2<'py, f32>),
    Doubles(PyReadonlyArray2<'py, f64>),
}

impl<'py> FromPyObject<'_, 'py> for Rows<'py> {
    type Error = PyErr;

    fn extract(any: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(array) = any.extract() {
            return Ok(Self::Doubles(array));
        }
        if let Ok(array) = any.extract() {
            return Ok(Self::Bytes(array));
        }
        if let Ok(array) = any.extract() {
            return Ok(Self::Singles(array));
        }
        let signed = any.extract().map(Self::Signed);
        signed.map_err(|_| {
            let what = "X: give an array of two axes, of uint8, int8, float32 or float64";
            PyValueError::new_err(what)
        })
    }
}

/// Room for so many elements.
///
/// # Errors
/// If there is not so much memory.
pub fn room<V>(length: usize) -> PyResult<Vec<V>> {
    let mut room = Vec::new();
    let there = room.try_reserve_exact(length);
    there.map_err(|_| PyMemoryError::new_err(format!("no memory for {length} elements")))?;
    Ok(room)
}

/// Arrays of the same size that are made of one: a table, its columns, and their samples.
const COPIES: usize = 3;

fn collected<V>(length: usize, elements: impl Iterator<Item = V>) -> PyResult<Vec<V>> {
    drop(room::<V>(length.saturating_mul(COPIES))?);
    let mut all = room(length)?;
    all.extend(elements);
    Ok(all)
}

/// What an array holds, for work beside Python.
pub struct Held<'a> {
    columns: usize,
    names: Option<Vec<String>>,
    cells: Cells<'a>,
}

enum Cells<'a> {
    Bytes(Cow<'a, [u8]>),
    Signed(Vec<u8>),
    Values(Vec<f64>),
}

impl Rows<'_> {
    /// Its elements, row after row; those of 8 bits stay where they are, if they are so there.
    pub fn held(&self, names: Option<Vec<String>>) -> PyResult<Held<'_>> {
        let (shape, cells) = match self {
            Self::Bytes(array) => {
                // Fortran's order is contiguous, too.
                let there = array.as_slice().ok().filter(|_| array.is_c_contiguous());
                let bytes = match there {
                    Some(there) => Cow::from(there),
                    None => collected(array.len(), array.as_array().iter().copied())?.into(),
                };
                (array.shape(), Cells::Bytes(bytes))
            }
            Self::Signed(array) => {
                let bytes = collected(array.len(), array.as_array().iter().map(|&b| b as u8))?;
                (array.shape(), Cells::Signed(bytes))
            }
            Self::Singles(array) => {
                let values = array.as_array();
                let values = collected(array.len(), values.iter().copied().map(f64::from))?;
                (array.shape(), Cells::Values(values))
            }
            Self::Doubles(array) => {
                let values = collected(array.len(), array.as_array().iter().copied())?;
                (array.shape(), Cells::Values(values))
            }
        };
        let (rows, columns) = (shape[0], shape[1]);
        if rows == 0 || columns == 0 {
            let what = format!("X has shape ({rows}, {columns}); give some rows and columns");
            return Err(PyValueError::new_err(what));
        }
        if let Some(names) = names.as_ref().filter(|names| names.len() != columns) {
            let what = format!("X has {columns} columns and {} names", names.len());
            return Err(PyValueError::new_err(what));
        }
        Ok(Held { columns, names, cells })
    }
}

impl Held<'_> {
    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn rows(&self) -> usize {
        let elements = match &self.cells {
            Cells::Bytes(bytes) => bytes.len(),
            Cells::Signed(bytes) => bytes.len(),
            Cells::Values(values) => values.len(),
        };
        elements / self.columns.max(1)
    }

    /// The bytes of vectors that are samples as they are.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.cells {
            Cells::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// As samples.
    ///
    /// # Errors
    /// If it holds what no sample can stand for.
    pub fn samples(self, selection: &Selection, scaling: Scaling) -> Result<Samples> {
        let Self { columns, names, cells } = self;
        let (bytes, signed) = match cells {
            Cells::Bytes(bytes) if selection.is_all() => (bytes.into_owned(), false),
            Cells::Signed(bytes) if selection.is_all() => (bytes, true),
            cells => {
                let table = Self { columns, names, cells }.table();
                return input::of_table(Path::new(X), table, selection, scaling);
            }
        };
        match Samples::of_bytes(bytes, columns, signed, scaling) {
            Ok(samples) => Ok(Samples { names: names.unwrap_or_default(), ..samples }),
            Err(bytes) => {
                let cells = if signed { Cells::Signed(bytes) } else { Cells::Bytes(bytes.into()) };
                let table = Self { columns, names, cells }.table();
                input::of_table(Path::new(X), table, selection, scaling)
            }
        }
    }

    /// As a table.
    pub fn table(self) -> Table {
        let bytes = !matches!(self.cells, Cells::Values(_));
        let values = match self.cells {
            Cells::Values(values) => values,
            Cells::Bytes(bytes) => bytes.iter().copied().map(f64::from).collect(),
            Cells::Signed(bytes) => bytes.iter().map(|&byte| f64::from(byte as i8)).collect(),
        };
        let (named, columns) = (self.names.is_some(), self.columns);
        let names = self.names.unwrap_or_else(|| input::numbers(columns));
        Table { names, named, columns, values, bytes, ..Table::default() }
    }
}

/// What rows are to be: numbers, or words.
#[derive(FromPyObject)]
pub enum Target<'py> {
    Numbers(PyReadonlyArray1<'py, f64>),
    Words(Vec<String>),
}

impl Target<'_> {
    /// The table with this as its last column, which has this name, or its number.
    pub fn beside(self, table: Table, name: Option<String>) -> PyResult<Table> {
        let (columns, rows) = (table.columns + 1, table.rows());
        let (goals, words) = match self {
            Self::Numbers(array) => (array.as_array().to_vec(), Vec::new()),
            Self::Words(words) => {
                // A number is one only if its text is how a table says it.
                let number = |word: &String| {
                    let number = word.parse().ok();
                    number.filter(|&n: &f64| output::number(n) == *word).unwrap_or(f64::NAN)
                };
                (words.iter().map(number).collect(), words)
            }
        };
        if goals.len() != rows {
            let what = format!("X has {rows} rows, and y {}", goals.len());
            return Err(PyValueError::new_err(what));
        }
        let row = |row: usize| {
            let cells = &table.values[row * table.columns..(row + 1) * table.columns];
            cells.iter().copied().chain([goals[row]])
        };
        let values = (0..rows).flat_map(row).collect();
        let text = |(row, word): (usize, String)| {
            goals[row].is_nan().then(|| (row * columns + columns - 1, word.into_boxed_str()))
        };
        let texts = words.into_iter().enumerate().filter_map(text).collect();
        let mut names = table.names;
        names.push(name.unwrap_or_else(|| columns.to_string()));
        let (named, bytes) = (table.named, false);
        Ok(Table { names, named, columns, values, bytes, texts, ..Table::default() })
    }
}
