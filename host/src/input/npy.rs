//! `.npy` arrays of any plain element type.

use super::table::{numbers, Table};
use crate::{Error, Result};
use std::path::Path;

/// Reads a table; its columns have no names.
///
/// # Errors
/// If the file is no array, of another element type, cut, or holds what is no finite number.
pub fn read(path: &Path, bytes: &[u8], _header: bool) -> Result<Table> {
    let (columns, values) = elements(path, bytes)?;
    Ok(Table { names: numbers(columns), named: false, columns, values })
}

/// Columns and values of an array: its first axis counts vectors, the others are one vector.
fn elements(path: &Path, bytes: &[u8]) -> Result<(usize, Vec<f64>)> {
    let bad = |e: std::io::Error| Error::input(path, format!("not a readable .npy file: {e}"));
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
    if shape.len() < 2 || rows == 0 || columns == 0 {
        return Err(Error::input(path, format!("has shape {shape:?}; give (vectors, dimensions)")));
    }
    if file.order() == npyz::Order::Fortran {
        return Err(Error::input(path, "is in Fortran order; save numpy.ascontiguousarray of it"));
    }
    let descriptor = file.dtype().descr();
    let values: std::io::Result<Vec<f64>> = match descriptor.trim_matches('\'') {
        "|u1" => file.into_vec::<u8>().map(|v| v.into_iter().map(f64::from).collect()),
        "|i1" => file.into_vec::<i8>().map(|v| v.into_iter().map(f64::from).collect()),
        "<i2" => file.into_vec::<i16>().map(|v| v.into_iter().map(f64::from).collect()),
        "<u2" => file.into_vec::<u16>().map(|v| v.into_iter().map(f64::from).collect()),
        "<i4" => file.into_vec::<i32>().map(|v| v.into_iter().map(f64::from).collect()),
        "<i8" => file.into_vec::<i64>().map(|v| v.into_iter().map(|x| x as f64).collect()),
        "<f4" => file.into_vec::<f32>().map(|v| v.into_iter().map(f64::from).collect()),
        "<f8" => file.into_vec::<f64>(),
        other => {
            let message = format!("has element type {other}; convert to uint8, int8 or float32");
            return Err(Error::input(path, message));
        }
    };
    let values = values.map_err(bad)?;
    if let Some(at) = values.iter().position(|v| !v.is_finite()) {
        let columns = columns as usize;
        return Err(Error::input(
            path,
            format!("row {}, column {}: not a finite number", at / columns, at % columns),
        ));
    }
    Ok((columns as usize, values))
}
