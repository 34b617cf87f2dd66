//! `.npy` arrays of any plain element type.

use super::ending;
use super::table::{numbers, Table};
use crate::{Error, Result};
use rayon::prelude::*;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Reads a table; its columns have no names.
///
/// # Errors
/// If the file is no array, of another element type, cut, or holds what is infinite.
pub fn read(path: &Path, bytes: &[u8], _header: bool) -> Result<Table> {
    let Elements { shape, values, texts, bytes } = elements(path, bytes)?;
    let columns = shape[1..].iter().product::<u64>() as usize;
    let notes = match shape.len() {
        ..=2 => Vec::new(),
        n => {
            let sizes: Vec<String> = shape.iter().map(u64::to_string).collect();
            vec![format!(
                "an array of {n} dimensions, {}; the first counts rows",
                sizes.join(" x ")
            )]
        }
    };
    Ok(Table { names: numbers(columns), columns, values, texts, bytes, notes, ..Table::default() })
}

/// Rows of an array of 8-bit elements, read as they are asked for.
#[derive(Debug)]
pub struct Rows {
    file: File,
    path: PathBuf,
    start: u64,
    left: usize,
    pub rows: usize,
    pub columns: usize,
    /// The elements are two's complement.
    pub signed: bool,
    /// When it was last written, where the system says.
    written: Option<SystemTime>,
}

impl Rows {
    /// Of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Of a plain file with two axes; none of anything else, which `read` knows or refuses.
    pub fn open(path: &Path) -> Option<Self> {
        let (file, head, start) = head(path)?;
        let header = npyz::NpyFile::new(&head[..]).ok()?;
        let &[rows, columns] = header.shape() else { return None };
        let descriptor = header.dtype().descr();
        let kind = descriptor.trim_matches('\'').get(1..).unwrap_or_default();
        let signed = kind == "i1";
        let length = rows.checked_mul(columns)?.checked_add(start as u64)?;
        let whole = rows > 0 && columns > 0 && file.metadata().ok()?.len() == length;
        let ours = (signed || kind == "u1") && header.order() == npyz::Order::C && whole;
        let (rows, columns) = (rows as usize, columns as usize);
        let (path, start) = (path.to_owned(), start as u64);
        let written = written(&file);
        ours.then_some(Self { file, path, start, left: rows, rows, columns, signed, written })
    }

    /// Begins with the first row again.
    ///
    /// # Errors
    /// As the file's.
    pub fn rewind(&mut self) -> Result<()> {
        self.left = self.rows;
        self.file.seek(SeekFrom::Start(self.start)).map(drop).map_err(Error::io(&self.path))
    }

    /// The next rows, so many at most; none after the last.
    ///
    /// # Errors
    /// As the file's; and if it has become shorter.
    pub fn next(&mut self, most: usize) -> Result<Option<Vec<u8>>> {
        let many = self.left.min(most);
        if many == 0 {
            return Ok(None);
        }
        let mut bytes = vec![0; many * self.columns];
        self.file.read_exact(&mut bytes).map_err(|e| self.unread(e))?;
        self.left -= many;
        Ok(Some(bytes))
    }
}

impl Rows {
    /// These rows, wherever `next` is.
    ///
    /// # Errors
    /// As `next`'s.
    pub fn at(&self, rows: Range<usize>) -> Result<Vec<u8>> {
        let mut bytes = vec![0; rows.len() * self.columns];
        self.read_at(&mut bytes, rows.start)?;
        self.unchanged()?;
        Ok(bytes)
    }

    /// The rows of these numbers, one after the other.
    ///
    /// # Errors
    /// As `next`'s.
    pub fn gather(&self, numbers: &[usize]) -> Result<Vec<u8>> {
        let mut bytes = vec![0; numbers.len() * self.columns];
        let pieces = bytes.par_chunks_mut(AT_ONCE * self.columns).zip(numbers.par_chunks(AT_ONCE));
        pieces.try_for_each(|(rows, numbers)| {
            let mut each = rows.chunks_exact_mut(self.columns).zip(numbers);
            each.try_for_each(|(row, &number)| self.read_at(row, number))
        })?;
        self.unchanged()?;
        Ok(bytes)
    }

    fn read_at(&self, bytes: &mut [u8], row: usize) -> Result<()> {
        let from = self.start + (row * self.columns) as u64;
        read_at(&self.file, bytes, from).map_err(|e| self.unread(e))
    }

    /// Who reads it twice wants the same.
    fn unchanged(&self) -> Result<()> {
        match written(&self.file) == self.written {
            true => Ok(()),
            false => {
                let message = "was written to while it was read; begin anew, without --resume";
                Err(Error::input(&self.path, message))
            }
        }
    }

    fn unread(&self, error: std::io::Error) -> Error {
        match error.kind() {
            ErrorKind::UnexpectedEof => Error::input(&self.path, SHORT),
            _ => Error::Io { path: self.path.clone(), source: error },
        }
    }
}

/// When a file was last written, where the system says.
fn written(file: &File) -> Option<SystemTime> {
    file.metadata().and_then(|there| there.modified()).ok()
}

/// Rows in places of their own that a core reads one after the other.
const AT_ONCE: usize = 128;

/// Reads what is at this place of a file.
#[cfg(unix)]
pub fn read_at(file: &File, bytes: &mut [u8], from: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, from)
}

/// Reads what is at this place of a file.
#[cfg(not(unix))]
pub fn read_at(file: &File, bytes: &mut [u8], from: u64) -> std::io::Result<()> {
    // Whoever reads by position moves the file's own.
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock();
    let mut file = file;
    file.seek(SeekFrom::Start(from)).and_then(|_| file.read_exact(bytes))
}

/// A plain file, its first bytes, and where its header ends; none of anything else.
fn head(path: &Path) -> Option<(File, Vec<u8>, usize)> {
    // To open a named pipe is to wait for who writes to it.
    let plain = std::fs::metadata(path).is_ok_and(|there| there.is_file());
    if !plain || ending(path) != "npy" {
        return None;
    }
    let (mut file, mut head) = (File::open(path).ok()?, Vec::new());
    file.by_ref().take(HEADER).read_to_end(&mut head).ok()?;
    // The crate makes room for whatever length of header the file names.
    let start = Some(start(&head)).filter(|&start| start <= head.len())?;
    Some((file, head, start))
}

/// Columns of an array, as its header says.
pub fn columns(path: &Path) -> Option<usize> {
    let (_, head, _) = head(path)?;
    let header = npyz::NpyFile::new(&head[..]).ok()?;
    let sizes = header.shape().get(1..)?;
    sizes.iter().try_fold(1_u64, |all, &n| all.checked_mul(n))?.try_into().ok()
}

/// Bytes within which the header of a plain array ends.
const HEADER: u64 = 1 << 16;
const SHORT: &str = "is shorter than its header says; save it again";

/// Where the header says that the elements begin.
fn start(bytes: &[u8]) -> usize {
    match bytes.get(6..12) {
        Some(&[1, _, a, b, ..]) => 10 + usize::from(u16::from_le_bytes([a, b])),
        Some(&[_, _, a, b, c, d]) => (u32::from_le_bytes([a, b, c, d]) as usize).saturating_add(12),
        _ => 0,
    }
}

/// An array: its first axis counts vectors, the others are one vector.
struct Elements {
    shape: Vec<u64>,
    values: Vec<f64>,
    /// Those that `values` cannot hold, by their place in it; there they are NaN.
    texts: Vec<(usize, Box<str>)>,
    /// They are 8 bits wide.
    bytes: bool,
}

fn elements(path: &Path, bytes: &[u8]) -> Result<Elements> {
    let bad = |e: std::io::Error| {
        Error::input(path, format!("not a readable .npy file: {}", crate::unnumbered(&e)))
    };
    let short = || Error::input(path, SHORT);
    // The crate makes room for whatever length of header the file names.
    let start = start(bytes);
    if start > bytes.len() {
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
        let message = match shape.len() {
            0 | 1 => format!("has shape {shape:?}; give (vectors, dimensions)"),
            _ => format!("has shape {shape:?}, so that there is nothing in it; give some rows"),
        };
        return Err(Error::input(path, message));
    }
    let size = file.dtype().num_bytes().unwrap_or(1);
    let length = product(&shape).and_then(|n| (n as usize).checked_mul(size)?.checked_add(start));
    if length.is_none_or(|length| length > bytes.len()) {
        return Err(short());
    }
    if length.is_some_and(|length| length < bytes.len()) {
        return Err(Error::input(path, "holds more than its header says; save it again"));
    }
    let fortran = file.order() == npyz::Order::Fortran;
    let descriptor = file.dtype().descr();
    let kind = descriptor.trim_matches('\'').get(1..).unwrap_or_default().to_string();
    let mut texts = Vec::new();
    let mut whole = |values: Vec<i128>| -> Vec<f64> {
        let values = if fortran { by_rows(&values, &shape) } else { values };
        let exact = |(at, value): (usize, i128)| match value as f64 {
            real if real as i128 == value => real,
            _ => {
                texts.push((at, value.to_string().into_boxed_str()));
                f64::NAN
            }
        };
        values.into_iter().enumerate().map(exact).collect()
    };
    let values: std::io::Result<Vec<f64>> = match kind.as_str() {
        "b1" => file.into_vec::<bool>().map(|v| v.into_iter().map(f64::from).collect()),
        "u1" => file.into_vec::<u8>().map(reals),
        "i1" => file.into_vec::<i8>().map(reals),
        "u2" => file.into_vec::<u16>().map(reals),
        "i2" => file.into_vec::<i16>().map(reals),
        "u4" => file.into_vec::<u32>().map(reals),
        "i4" => file.into_vec::<i32>().map(reals),
        "u8" => file.into_vec::<u64>().map(|v| whole(v.into_iter().map(i128::from).collect())),
        "i8" => file.into_vec::<i64>().map(|v| whole(v.into_iter().map(i128::from).collect())),
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
    if fortran && !matches!(kind.as_str(), "u8" | "i8") {
        values = by_rows(&values, &shape);
    }
    if let Some(at) = values.iter().position(|v| v.is_infinite()) {
        let columns = columns as usize;
        return Err(Error::input(
            path,
            format!("row {}, column {}: not a finite number", at / columns + 1, at % columns + 1),
        ));
    }
    Ok(Elements { shape, values, texts, bytes: kind == "u1" || kind == "i1" })
}

fn reals<T: Into<f64>>(values: Vec<T>) -> Vec<f64> {
    values.into_iter().map(Into::into).collect()
}

/// From Fortran's order, the first axis the fastest, to the last axis the fastest.
fn by_rows<T: Copy>(values: &[T], shape: &[u64]) -> Vec<T> {
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
