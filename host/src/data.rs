//! Inputs: images cut into blocks, `.npy` arrays and CSV tables, quantized to 8-bit samples.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// How samples stand for values: `value = offset + scale * sample`, the sample two's complement
/// if `signed`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantization {
    pub offset: f64,
    pub scale: f64,
    pub signed: bool,
}

impl Quantization {
    /// Samples are the values.
    pub const IDENTITY: Self = Self { offset: 0.0, scale: 1.0, signed: false };

    /// The plainest that holds all values: as they are if whole and in 0..=255 or -128..=127,
    /// else the range from the least to the greatest in 255 steps.
    fn fit(values: &[f64]) -> Self {
        let whole = values.iter().all(|v| v.fract() == 0.0);
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if whole && low >= 0.0 && high <= 255.0 {
            Self::IDENTITY
        } else if whole && low >= -128.0 && high <= 127.0 {
            Self { signed: true, ..Self::IDENTITY }
        } else {
            let scale = if high > low { (high - low) / 255.0 } else { 1.0 };
            Self { offset: low, scale, signed: false }
        }
    }

    /// The sample's byte; values outside the range saturate.
    pub fn sample(&self, value: f64) -> u8 {
        let level = ((value - self.offset) / self.scale).round();
        if self.signed {
            level.clamp(-128.0, 127.0) as i8 as u8
        } else {
            level.clamp(0.0, 255.0) as u8
        }
    }

    /// What turns a sample into the core's unsigned one, and back, by exclusive or.
    pub fn flip(&self) -> u8 {
        if self.signed {
            0x80
        } else {
            0
        }
    }

    /// The value that a sample stands for.
    pub fn value(&self, sample: u8) -> f64 {
        let level = if self.signed { f64::from(sample as i8) } else { f64::from(sample) };
        self.offset + self.scale * level
    }

    /// The value of a codeword component in UQ8.7; a signed one is offset by 128.
    pub fn value_of_codeword(&self, w: u16) -> f64 {
        let level = f64::from(w) / 128.0 - if self.signed { 128.0 } else { 0.0 };
        self.offset + self.scale * level
    }
}

/// How vectors are laid out in the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Layout {
    /// Images of one size, cut into `block` x `block` pixels from the top left; at the right and
    /// the bottom the edge is repeated.
    Images { count: usize, width: usize, height: usize, block: usize },
    /// Rows of a table.
    Table { rows: usize, columns: usize },
}

impl Layout {
    pub fn vectors(&self) -> usize {
        match *self {
            Self::Images { count, width, height, block } => {
                count * width.div_ceil(block) * height.div_ceil(block)
            }
            Self::Table { rows, .. } => rows,
        }
    }

    pub fn dimension(&self) -> usize {
        match *self {
            Self::Images { block, .. } => block * block,
            Self::Table { columns, .. } => columns,
        }
    }

    /// Samples in the input: pixels or table cells.
    pub fn samples(&self) -> usize {
        match *self {
            Self::Images { count, width, height, .. } => count * width * height,
            Self::Table { rows, columns } => rows * columns,
        }
    }

    /// Calls `visit(place in the input, place in the vectors)` for every sample.
    fn places(&self, mut visit: impl FnMut(usize, usize)) {
        match *self {
            Self::Images { count, width, height, block } => {
                let across = width.div_ceil(block);
                let blocks = across * height.div_ceil(block);
                for i in 0..count {
                    for y in 0..height {
                        for x in 0..width {
                            let cell = i * blocks + (y / block) * across + x / block;
                            let inside = (y % block) * block + x % block;
                            visit((i * height + y) * width + x, cell * block * block + inside);
                        }
                    }
                }
            }
            Self::Table { rows, columns } => (0..rows * columns).for_each(|i| visit(i, i)),
        }
    }

    /// From the order of vectors to that of the input.
    pub fn restore<T: Copy + Default>(&self, vectors: &[T]) -> Vec<T> {
        let mut plain = vec![T::default(); self.samples()];
        self.places(|at, from| plain[at] = vectors[from]);
        plain
    }
}

/// An input, ready for the core.
#[derive(Clone, Debug)]
pub struct Samples {
    /// `layout.vectors() * layout.dimension()` samples, vector after vector.
    pub vectors: Vec<u8>,
    pub layout: Layout,
    pub quantization: Quantization,
}

impl Samples {
    /// The vector of this number.
    pub fn vector(&self, index: usize) -> &[u8] {
        let d = self.layout.dimension();
        &self.vectors[index * d..(index + 1) * d]
    }

    /// The vectors of these numbers, one after the other.
    pub fn gather(&self, numbers: &[usize]) -> Vec<u8> {
        numbers.iter().flat_map(|&i| self.vector(i)).copied().collect()
    }

    /// SHA-256 of layout and samples, as hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{:?} {:?}", self.layout, self.quantization.signed));
        hash.update(&self.vectors);
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// Reads the inputs: one table, or images of one size. `quantization` is that of a model to
/// follow; without one it is fitted to the data.
///
/// # Errors
/// If a file cannot be read, is not what its ending says, or holds what no sample can stand for.
pub fn load(
    paths: &[PathBuf],
    block: usize,
    header: bool,
    quantization: Option<Quantization>,
) -> Result<Samples> {
    let Some(first) = paths.first() else {
        return Err(Error::request("no input; name images of one size, or one table"));
    };
    match ending(first).as_str() {
        "png" | "pgm" | "pnm" | "ppm" => images(paths, block),
        "npy" | "csv" => {
            if paths.len() > 1 {
                return Err(Error::request("give one table at a time (several images are fine)"));
            }
            let Table { columns, values, .. } = table(first, header)?;
            let quantization = quantization.unwrap_or_else(|| Quantization::fit(&values));
            Ok(Samples {
                vectors: values.iter().map(|&v| quantization.sample(v)).collect(),
                layout: Layout::Table { rows: values.len() / columns, columns },
                quantization,
            })
        }
        _ => Err(Error::input(first, "not a kind of input; give .png, .pgm, .npy or .csv")),
    }
}

pub(crate) fn ending(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

fn images(paths: &[PathBuf], block: usize) -> Result<Samples> {
    if !(1..=16).contains(&block) {
        return Err(Error::request(format!("blocks of {block} pixels; give 1 to 16")));
    }
    let mut pixels = Vec::new();
    let mut size = None;
    for path in paths {
        let bytes = std::fs::read(path).map_err(Error::io(path))?;
        let image = image::load_from_memory(&bytes)
            .map_err(|e| Error::input(path, format!("not a readable image: {e}")))?
            .into_luma8();
        let dimensions = (image.width() as usize, image.height() as usize);
        match size {
            None => size = Some(dimensions),
            Some(s) if s == dimensions => {}
            Some((w, h)) => {
                return Err(Error::input(
                    path,
                    format!(
                        "is {}x{} pixels, the images before it {w}x{h}; give one size at a time",
                        dimensions.0, dimensions.1
                    ),
                ))
            }
        }
        pixels.extend_from_slice(image.as_raw());
    }
    let (width, height) = size.unwrap_or((0, 0));
    Ok(from_pixels(&pixels, width, height, block))
}

/// Cuts grey images of one size, one after the other in `pixels`, into blocks.
pub fn from_pixels(pixels: &[u8], width: usize, height: usize, block: usize) -> Samples {
    let frame = (width * height).max(1);
    let layout = Layout::Images { count: pixels.len() / frame, width, height, block };
    let (across, down) = (width.div_ceil(block), height.div_ceil(block));
    let mut vectors = Vec::with_capacity(layout.vectors() * block * block);
    for image in pixels.chunks_exact(frame) {
        for cell in 0..across * down {
            for inside in 0..block * block {
                let y = (cell / across * block + inside / block).min(height - 1);
                let x = (cell % across * block + inside % block).min(width - 1);
                vectors.push(image[y * width + x]);
            }
        }
    }
    Samples { vectors, layout, quantization: Quantization::IDENTITY }
}

/// Columns and values of an array: its first axis counts vectors, the others are one vector.
fn npy(path: &Path) -> Result<(usize, Vec<f64>)> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
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
    let file = npyz::NpyFile::new(&bytes[..]).map_err(bad)?;
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

/// A table of numbers.
#[derive(Clone, Debug)]
pub struct Table {
    /// The columns' names; their numbers from 1 on if the file names none.
    pub names: Vec<String>,
    pub named: bool,
    pub columns: usize,
    /// Row after row.
    pub values: Vec<f64>,
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
        by_name.or_else(|| {
            name.parse().ok().filter(|n| (1..=self.columns).contains(n)).map(|n: usize| n - 1)
        })
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

/// Reads a `.csv` or `.npy` table.
///
/// # Errors
/// If the file is neither, holds nothing, or a cell is not a finite number: its line and column.
pub fn table(path: &Path, header: bool) -> Result<Table> {
    let table = match ending(path).as_str() {
        "csv" => csv(path, header)?,
        "npy" => {
            let (columns, values) = npy(path)?;
            Table { names: numbers(columns), named: false, columns, values }
        }
        _ => return Err(Error::input(path, "tables are .npy or .csv")),
    };
    if table.values.is_empty() {
        return Err(Error::input(path, "holds no numbers"));
    }
    Ok(table)
}

fn numbers(columns: usize) -> Vec<String> {
    (1..=columns).map(|n| n.to_string()).collect()
}

fn csv(path: &Path, header: bool) -> Result<Table> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(header)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(&bytes[..]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_put_back_are_the_image(w in 1_usize..20, h in 1_usize..20, block in 1_usize..6) {
            let pixels: Vec<u8> = (0..2 * w * h).map(|i| (i * 7) as u8).collect();
            let samples = from_pixels(&pixels, w, h, block);
            prop_assert_eq!(samples.vectors.len(), samples.layout.vectors() * block * block);
            prop_assert_eq!(samples.layout.restore(&samples.vectors), pixels);
        }

        #[test]
        fn quantization_is_within_half_a_step(values in prop::collection::vec(-1e6..1e6, 2..50)) {
            let q = Quantization::fit(&values);
            for v in values {
                let back = q.value(q.sample(v));
                prop_assert!((back - v).abs() <= q.scale * 0.5001);
            }
        }
    }
}
