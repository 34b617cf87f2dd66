//! `.npy` arrays of any plain element type.

use super::table::{numbers, Table};
use crate::{Error, Result};
use std::path::Path;

/// Reads a table; its columns have no names.
///
/// # Errors
/// If the file is no array, of another element type, cut, or holds what is infinite.
pub fn read(path: &Path, bytes: &[u8], _header: bool) -> Result<Table> {
    let (columns, values, bytes) = elements(path, bytes)?;
    Ok(Table { names: numbers(columns), columns, values, bytes, ..Table::default() })
}

/// Columns and values of an array, and whether they are 8 bits wide: its first axis counts vectors,
/// the others are one vector.
fn elements(path: &Path, bytes: &[u8]) -> Result<(usize, Vec<f64>, bool)> {
    let bad = |e: std::io::Error| {
        Error::input(path, format!("not a readable .npy file: {}", crate::unnumbered(&e)))
    };
    let short = || Error::input(path, "is shorter than its header says; save it again");
    // The crate makes room for whatever length of header the file names.
    let header = match bytes.get(6..12) {
        Some(&[1, _, a, b, ..]) => usize::from(u16::from_le_bytes([a, b])),
        Some(&[_, _, a, b, c, d]) => u32::from_le_bytes([a, b, c, d]) as usize,
        _ => 0,
    };
    if header > bytes.len() {
        return Err(short());
    }
    let file = npyz::NpyFile::new(bytes).map_err(bad)?;
    let shape = file.shape().to_vec();
    let rows = shape.first().copied().unwrap_or(0) as usize;
    // An element has a byte at least.
    let product = |sizes: &[u64]| sizes.iter().try_fold(1_u64, |all, &n| all.checked_mul(n));
    if product(&shape).is_none_or(|elements| elements > bytes.len() as u64) {
        return Err(short());
    }
    let columns = product(shape.get(1..).unwrap_or_default()).unwrap_or(0);
    if shape.is_empty() || rows == 0 || columns == 0 {
        return Err(Error::input(path, format!("has shape {shape:?}; give (vectors, dimensions)")));
    }
    let start = header + if bytes.get(6) == Some(&1) { 10 } else { 12 };
    let size = file.dtype().num_bytes().unwrap_or(1);
    let length = product(&shape).and_then(|n| (n as usize).checked_mul(size)?.checked_add(start));
    if length.is_some_and(|length| length < bytes.len()) {
        return Err(Error::input(path, "holds more than its header says; save it again"));
    }
    let fortran = file.order() == npyz::Order::Fortran;
    let descriptor = file.dtype().descr();
    let kind = descriptor.trim_matches('\'').get(1..).unwrap_or_default().to_string();
    let values: std::io::Result<Vec<f64>> = match kind.as_str() {
        "b1" => file.into_vec::<bool>().map(|v| v.into_iter().map(f64::from).collect()),
        "u1" => file.into_vec::<u8>().map(reals),
        "i1" => file.into_vec::<i8>().map(reals),
        "u2" => file.into_vec::<u16>().map(reals),
        "i2" => file.into_vec::<i16>().map(reals),
        "u4" => file.into_vec::<u32>().map(reals),
        "i4" => file.into_vec::<i32>().map(reals),
        "u8" => file.into_vec::<u64>().map(|v| v.into_iter().map(|x| x as f64).collect()),
        "i8" => file.into_vec::<i64>().map(|v| v.into_iter().map(|x| x as f64).collect()),
        "f2" => file.into_vec::<half::f16>().map(|v| v.into_iter().map(f64::from).collect()),
        "f4" => file.into_vec::<f32>().map(reals),
        "f8" => file.into_vec::<f64>(),
        _ => {
            let message =
                format!("has element type {descriptor}; save numbers, as float32 or int16");
            return Err(Error::input(path, message));
        }
    };
    let mut values = values.map_err(bad)?;
    let whole = kind.ends_with('8') && !kind.starts_with('f');
    if let Some(at) = values.iter().position(|v| whole && v.abs() > EXACT) {
        let columns = columns as usize;
        let message = format!(
            "row {}, column {}: a whole number above 2^53 loses its last digits; save float64, or \
             smaller numbers",
            at / columns + 1,
            at % columns + 1
        );
        return Err(Error::input(path, message));
    }
    if fortran {
        values = by_rows(&values, &shape);
    }
    if let Some(at) = values.iter().position(|v| v.is_infinite()) {
        let columns = columns as usize;
        return Err(Error::input(
            path,
            format!("row {}, column {}: not a finite number", at / columns + 1, at % columns + 1),
        ));
    }
    Ok((columns as usize, values, kind == "u1" || kind == "i1"))
}

/// The largest whole number up to which `f64` has every one.
const EXACT: f64 = (1_u64 << 53) as f64;

fn reals<T: Into<f64>>(values: Vec<T>) -> Vec<f64> {
    values.into_iter().map(Into::into).collect()
}

/// From Fortran's order, the first axis the fastest, to the last axis the fastest.
fn by_rows(values: &[f64], shape: &[u64]) -> Vec<f64> {
    let place = |mut at: usize| {
        // Axis by axis from the last, with its stride.
        let mut stride = values.len();
        shape.iter().rev().fold(0, |sum, &axis| {
            let axis = axis as usize;
            stride /= axis;
            let index = at % axis;
            at /= axis;
            sum + index * stride
        })
    };
    (0..values.len()).map(|at| values[place(at)]).collect()
}
