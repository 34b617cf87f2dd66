//! Samples of 8 bits: what they stand for, how they are laid out, and images cut into blocks.

use super::table::{range, Table};
use super::{Coarse, Frames, Rows, Selection};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// What a sample stands for: `value = offset + scale * sample`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    pub offset: f64,
    pub scale: f64,
}

impl Scale {
    pub const ONE: Self = Self { offset: 0.0, scale: 1.0 };

    /// From the least to the greatest value in at most 255 steps; whole numbers, if there are no
    /// more of them, in steps of which they are multiples.
    fn fit(values: impl Iterator<Item = f64> + Clone) -> Self {
        let (low, high) = range(values.clone());
        let range = high - low;
        let scale = if range <= 0.0 {
            1.0
        } else if range <= 255.0 && values.clone().all(|v| v.fract() == 0.0) {
            1.0 / (255.0 / range).floor()
        } else {
            range / 255.0
        };
        Self { offset: low, scale }
    }

    /// Can be divided by, and all that samples stand for are numbers.
    fn usable(&self) -> bool {
        let ends = [-128.0, 255.0].map(|sample| self.offset + sample * self.scale);
        ends.iter().all(|end| end.is_finite()) && self.scale.is_normal() && self.scale > 0.0
    }
}

/// How values are scaled to samples.
#[derive(Clone, Copy, Debug)]
pub enum Scaling<'a> {
    /// Each column of a table by its own range.
    ByColumn,
    /// All values alike.
    Common,
    /// Of pictures: the values from the first to the second in 255 steps.
    Window(f64, f64),
    /// As a model does.
    As(&'a Quantization),
}

impl Scaling<'_> {
    /// Whether values of 8 bits, two's complement if `signed`, are samples as they are, and then
    /// whether those have a sign; `below` says whether a value is below 0.
    fn plain(self, signed: bool, below: impl FnOnce() -> Result<bool>) -> Result<Option<bool>> {
        Ok(match self {
            Self::Window(..) => None,
            Self::As(given) if !given.is_plain() || given.signed && !signed => None,
            Self::As(given) if given.signed || !signed => Some(given.signed),
            // With something below 0 they are signed, else as they would be without a sign.
            _ if signed => Some(below()?).filter(|&below| !(below && matches!(self, Self::As(_)))),
            _ => Some(false),
        })
    }
}

/// How samples stand for values, the sample two's complement if `signed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantization {
    pub offset: f64,
    pub scale: f64,
    pub signed: bool,
    /// Of each column, in place of the common one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Scale>,
}

impl Quantization {
    /// Samples are the values.
    pub const IDENTITY: Self = Self { offset: 0.0, scale: 1.0, signed: false, columns: Vec::new() };

    /// The plainest that holds all values: as they are if whole and in 0..=255 or -128..=127,
    /// else the range from the least to the greatest in 255 steps.
    pub fn common(values: &[f64]) -> Self {
        let whole = values.iter().all(|v| v.fract() == 0.0);
        let (low, high) = range(values.iter().copied());
        if whole && (-128.0..0.0).contains(&low) && high <= 127.0 {
            Self { signed: true, ..Self::IDENTITY }
        } else if whole {
            Self::between(low, high)
        } else {
            Self::steps(low, high)
        }
    }

    /// The same of whole numbers from `low` to `high`, if none is negative.
    pub(super) fn between(low: f64, high: f64) -> Self {
        if low >= 0.0 && high <= 255.0 {
            Self::IDENTITY
        } else {
            Self::steps(low, high)
        }
    }

    /// From the one to the other in 255 steps.
    pub fn steps(low: f64, high: f64) -> Self {
        let scale = if high > low { (high - low) / 255.0 } else { 1.0 };
        Self { offset: low, scale, ..Self::IDENTITY }
    }

    /// Each column, so many values from one row to the next, by its own range.
    pub fn by_column(values: &[f64], columns: usize) -> Self {
        let column = |c: usize| values.iter().skip(c).step_by(columns.max(1)).copied();
        let columns = (0..columns).map(|c| Scale::fit(column(c))).collect();
        Self { columns, ..Self::IDENTITY }
    }

    /// What the samples of a column stand for.
    pub fn of(&self, column: usize) -> Scale {
        let common = Scale { offset: self.offset, scale: self.scale };
        self.columns.get(column).copied().unwrap_or(common)
    }

    /// Samples are the values, all of them.
    pub fn is_plain(&self) -> bool {
        self.columns.is_empty() && self.of(0) == Scale::ONE
    }

    /// Says whether vectors of so many components can be read with it.
    ///
    /// # Errors
    /// Naming what is wrong.
    pub fn validate(&self, dimension: usize) -> std::result::Result<(), String> {
        crate::first_broken(&[
            (self.columns.is_empty() || self.columns.len() == dimension, "a scale is missing"),
            (self.columns.is_empty() || !self.signed, "columns with scales are not signed"),
            (
                self.of(dimension).usable() && self.columns.iter().all(Scale::usable),
                "a scale is not a positive number",
            ),
        ])
    }

    /// The sample of a column's value before it is rounded and saturated.
    fn level(&self, column: usize, value: f64) -> f64 {
        let Scale { offset, scale } = self.of(column);
        ((value - offset) / scale).round()
    }

    /// The least and the greatest sample.
    fn levels(&self) -> (f64, f64) {
        if self.signed {
            (-128.0, 127.0)
        } else {
            (0.0, 255.0)
        }
    }

    /// The sample's byte of a column's value; values outside the range saturate.
    pub fn sample(&self, column: usize, value: f64) -> u8 {
        let (least, greatest) = self.levels();
        let level = self.level(column, value).clamp(least, greatest);
        if self.signed {
            level as i8 as u8
        } else {
            level as u8
        }
    }

    /// Whether a value lies outside the range.
    pub fn saturates(&self, column: usize, value: f64) -> bool {
        let ((least, greatest), level) = (self.levels(), self.level(column, value));
        level < least || level > greatest
    }

    /// What turns a sample into the core's unsigned one, and back, by exclusive or.
    pub fn flip(&self) -> u8 {
        if self.signed {
            0x80
        } else {
            0
        }
    }

    /// The value that a column's sample stands for.
    pub fn value(&self, column: usize, sample: u8) -> f64 {
        let Scale { offset, scale } = self.of(column);
        let level = if self.signed { f64::from(sample as i8) } else { f64::from(sample) };
        offset + scale * level
    }
}

/// How vectors are laid out in the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Layout {
    /// Images of one size, cut into `block` x `block` pixels from the top left; at the right and
    /// the bottom the edge is repeated. Coloured ones have 3 planes, one after the other.
    Images {
        count: usize,
        width: usize,
        height: usize,
        block: usize,
        #[serde(default = "one", skip_serializing_if = "is_one")]
        planes: usize,
    },
    /// Rows of a table.
    Table { rows: usize, columns: usize },
}

fn one() -> usize {
    1
}

fn is_one(planes: &usize) -> bool {
    *planes == 1
}

impl Layout {
    pub fn vectors(&self) -> usize {
        match *self {
            Self::Images { count, width, height, block, planes } => {
                count * planes * width.div_ceil(block) * height.div_ceil(block)
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

    /// Samples in the input: pixels of every plane, or table cells.
    pub fn samples(&self) -> usize {
        match *self {
            Self::Images { count, width, height, planes, .. } => count * planes * width * height,
            Self::Table { rows, columns } => rows * columns,
        }
    }

    /// What a digest is of: files keep digests, so this stays as it is.
    pub fn text(&self) -> String {
        match *self {
            Self::Images { count, width, height, block, planes } => {
                let of =
                    format!("count: {count}, width: {width}, height: {height}, block: {block}");
                let planes =
                    if planes == 1 { String::new() } else { format!(", planes: {planes}") };
                format!("Images {{ {of}{planes} }}")
            }
            Self::Table { rows, columns } => {
                format!("Table {{ rows: {rows}, columns: {columns} }}")
            }
        }
    }

    /// Calls `visit(place in the input, place in the vectors)` for every sample.
    fn places(&self, mut visit: impl FnMut(usize, usize)) {
        match *self {
            Self::Images { count, width, height, block, planes } => {
                let across = width.div_ceil(block);
                let blocks = across * height.div_ceil(block);
                for i in 0..count * planes {
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
    /// `layout.vectors() * layout.dimension()` samples, vector after vector; none if they stay in
    /// a file.
    pub vectors: Vec<u8>,
    /// The file in which they stay.
    pub file: Option<Arc<Stay>>,
    /// How they are rounded where they are learned from.
    pub coarse: Option<Coarse>,
    pub layout: Layout,
    pub quantization: Quantization,
    /// The values that they stand for, where they are not the samples themselves.
    pub given: Vec<f64>,
    /// The table's columns, if it names them.
    pub names: Vec<String>,
    /// What of the table was taken.
    pub selection: Selection,
    /// Columns of the table that were neither taken nor dropped.
    pub unused: Vec<String>,
}

/// Samples that stay in their file, and are read as they are asked for.
#[derive(Debug)]
pub struct Stay {
    rows: Rows,
    digest: String,
}

/// Bytes that are read of a file at once, where all are gone through.
const PIECE: usize = 1 << 20;

impl Samples {
    /// The rows of an array of 8 bits as they are, if this scaling leaves them so: in memory if
    /// they take no more than `held` bytes, else they stay in the file, of which a digest is made.
    ///
    /// # Errors
    /// As the file's.
    pub fn of_rows(rows: Rows, scaling: Scaling, held: usize) -> Result<Option<Self>> {
        let layout = Layout::Table { rows: rows.rows, columns: rows.columns };
        let pieces = || {
            let many = (PIECE / rows.columns).max(1);
            let starts = (0..rows.rows).step_by(many);
            starts.map(move |first| first..rows.rows.min(first + many))
        };
        let below = || {
            let mut below = false;
            for piece in pieces() {
                below |= rows.at(piece)?.iter().any(|&byte| byte > 127);
            }
            Ok(below)
        };
        let Some(signed) = scaling.plain(rows.signed, below)? else { return Ok(None) };
        let (vectors, file) = if layout.samples() <= held {
            (rows.at(0..rows.rows)?, None)
        } else {
            let mut hash = begun(&layout, signed);
            for piece in pieces() {
                hash.update(rows.at(piece)?);
            }
            let digest = fixlearn_sim::hex(hash.finalize());
            (Vec::new(), Some(Arc::new(Stay { rows, digest })))
        };
        Ok(Some(Self { file, ..Self::plain(vectors, layout, signed) }))
    }

    /// Rows of 8 bits that are held, two's complement if `signed`, if this scaling leaves them as
    /// they are; else they come back.
    pub fn of_bytes(
        bytes: Vec<u8>,
        columns: usize,
        signed: bool,
        scaling: Scaling,
    ) -> std::result::Result<Self, Vec<u8>> {
        let below = || Ok(bytes.iter().any(|&byte| byte > 127));
        let Ok(Some(signed)) = scaling.plain(signed, below) else { return Err(bytes) };
        let layout = Layout::Table { rows: bytes.len() / columns.max(1), columns };
        Ok(Self::plain(bytes, layout, signed))
    }

    /// Samples that are the values.
    fn plain(vectors: Vec<u8>, layout: Layout, signed: bool) -> Self {
        Self {
            vectors,
            file: None,
            coarse: None,
            layout,
            quantization: Quantization { signed, ..Quantization::IDENTITY },
            given: Vec::new(),
            names: Vec::new(),
            selection: Selection::default(),
            unused: Vec::new(),
        }
    }

    /// These vectors, as they are learned from.
    ///
    /// # Errors
    /// If they stay in a file and cannot be read.
    pub fn piece(&self, vectors: Range<usize>) -> Result<Cow<'_, [u8]>> {
        let (d, first) = (self.layout.dimension(), vectors.start);
        let mut piece = match &self.file {
            Some(file) => file.rows.at(vectors).map(Cow::from)?,
            None => Cow::from(&self.vectors[vectors.start * d..vectors.end * d]),
        };
        if let Some(coarse) = self.coarse {
            coarse.round((first * d) as u64, piece.to_mut());
        }
        Ok(piece)
    }

    /// The vector of this number, of those that are held, as it was given.
    pub fn vector(&self, index: usize) -> &[u8] {
        let d = self.layout.dimension();
        &self.vectors[index * d..(index + 1) * d]
    }

    /// The vectors of these numbers, one after the other, as they are learned from.
    ///
    /// # Errors
    /// If they stay in a file and cannot be read.
    pub fn gather(&self, numbers: &[usize]) -> Result<Vec<u8>> {
        let d = self.layout.dimension();
        let mut all = match &self.file {
            Some(file) => file.rows.gather(numbers)?,
            None => {
                let vector = |&i: &usize| &self.vectors[i * d..(i + 1) * d];
                numbers.iter().flat_map(vector).copied().collect()
            }
        };
        if let Some(coarse) = self.coarse {
            for (vector, &number) in all.chunks_exact_mut(d).zip(numbers) {
                coarse.round((number * d) as u64, vector);
            }
        }
        Ok(all)
    }

    /// The same samples, rounded to so few bits where they are learned from. They have no sign
    /// then.
    ///
    /// # Errors
    /// If they have one, and stay in a file.
    pub fn rounded(mut self, coarse: Coarse) -> Result<Self> {
        if self.quantization.signed {
            if let Some(file) = &self.file {
                let message = "has bytes with a sign, and is too large to be held; store each \
                               plus 128 without a sign, to learn it with --bits";
                return Err(Error::input(file.rows.path(), message));
            }
            let flip = self.quantization.flip();
            self.vectors.iter_mut().for_each(|sample| *sample ^= flip);
            let Scale { offset, scale } = self.quantization.of(0);
            let offset = offset - 128.0 * scale;
            self.quantization = Quantization { offset, signed: false, ..self.quantization };
        }
        self.coarse = Some(coarse);
        Ok(self)
    }

    pub fn is_table(&self) -> bool {
        matches!(self.layout, Layout::Table { .. })
    }

    /// The value of a sample as it was given.
    pub fn given(&self, at: usize) -> f64 {
        let sample = || self.quantization.value(at % self.layout.dimension(), self.vectors[at]);
        self.given.get(at).copied().unwrap_or_else(sample)
    }

    /// SHA-256 of layout and samples, before they are rounded, as hexadecimal digits.
    pub fn digest(&self) -> String {
        if let Some(file) = &self.file {
            return file.digest.clone();
        }
        let mut hash = begun(&self.layout, self.quantization.signed);
        hash.update(&self.vectors);
        fixlearn_sim::hex(hash.finalize())
    }
}

/// A digest before its samples.
fn begun(layout: &Layout, signed: bool) -> Sha256 {
    Sha256::new().chain_update(format!("{} {signed:?}", layout.text()))
}

/// Cuts grey images of one size, one after the other in `pixels`, into blocks.
pub fn from_pixels(pixels: &[u8], width: usize, height: usize, block: usize) -> Samples {
    let frames = pixels.chunks_exact((width * height).max(1)).map(<[u8]>::to_vec).collect();
    let (quantization, values) = (Quantization::IDENTITY, Vec::new());
    from_frames(&Frames { width, height, planes: 1, frames, quantization, values }, block)
}

/// Cuts the planes of frames into blocks.
pub fn from_frames(frames: &Frames, block: usize) -> Samples {
    let Frames { width, height, planes, ref quantization, .. } = *frames;
    let vectors = frames.frames.iter().flat_map(|frame| blocks(frame, width, height, block));
    let given = frames.values.iter().flat_map(|frame| blocks(frame, width, height, block));
    Samples {
        vectors: vectors.collect(),
        file: None,
        coarse: None,
        layout: Layout::Images { count: frames.frames.len(), width, height, block, planes },
        quantization: quantization.clone(),
        given: given.map(f64::from).collect(),
        names: Vec::new(),
        selection: Selection::default(),
        unused: Vec::new(),
    }
}

/// The blocks of planes of one size.
fn blocks<T: Copy>(planes: &[T], width: usize, height: usize, block: usize) -> Vec<T> {
    let (across, down) = (width.div_ceil(block), height.div_ceil(block));
    let mut vectors = Vec::with_capacity(planes.len());
    for plane in planes.chunks_exact((width * height).max(1)) {
        for cell in 0..across * down {
            for inside in 0..block * block {
                let y = (cell / across * block + inside / block).min(height - 1);
                let x = (cell % across * block + inside % block).min(width - 1);
                vectors.push(plane[y * width + x]);
            }
        }
    }
    vectors
}

/// Scales a table.
///
/// # Errors
/// If a value, or the range of a column, is beyond what can be scaled.
pub fn from_table(
    path: &Path,
    table: Table,
    selection: Selection,
    scaling: Scaling,
) -> Result<Samples> {
    if let Some(at) = table.values.iter().position(|v| v.abs() > GREATEST) {
        let (line, column) = (table.line(at / table.columns), at % table.columns);
        let (name, value) = (&table.names[column], table.values[at]);
        let message = format!("{line}, column `{name}`: {value:e} is beyond 1e300");
        return Err(Error::input(path, message));
    }
    let Table { columns, values, names, named, bytes, .. } = table;
    let quantization = match scaling {
        Scaling::As(quantization) => quantization.clone(),
        Scaling::ByColumn if !bytes => Quantization::by_column(&values, columns),
        Scaling::Window(low, high) => Quantization::steps(low, high),
        Scaling::ByColumn | Scaling::Common => Quantization::common(&values),
    };
    if let Some(column) = (0..columns).find(|&c| !quantization.of(c).usable()) {
        let message = format!(
            "column `{}`: its values are too close to each other; write it in other units",
            names[column]
        );
        return Err(Error::input(path, message));
    }
    let vectors = values.iter().enumerate().map(|(i, &v)| quantization.sample(i % columns, v));
    Ok(Samples {
        vectors: vectors.collect(),
        file: None,
        coarse: None,
        layout: Layout::Table { rows: values.len() / columns, columns },
        quantization,
        given: values,
        names: if named { names } else { Vec::new() },
        selection,
        unused: Vec::new(),
    })
}

/// The greatest value whose distance from any other is a number.
const GREATEST: f64 = 1e300;

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
        fn quantization_is_within_half_a_step(
            values in prop::collection::vec(-1e6..1e6, 2..50),
            columns in 1_usize..4,
        ) {
            for q in [Quantization::common(&values), Quantization::by_column(&values, columns)] {
                for (i, v) in values.iter().enumerate() {
                    let column = i % columns;
                    let back = q.value(column, q.sample(column, *v));
                    prop_assert!((back - v).abs() <= q.of(column).scale * 0.5001);
                    prop_assert!(!q.saturates(column, *v));
                }
            }
        }

        #[test]
        fn few_whole_numbers_come_back_as_they_are(
            values in prop::collection::vec(-100_i32..100, 1..40),
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let q = Quantization::by_column(&values, 1);
            for v in values {
                prop_assert!((q.value(0, q.sample(0, v)) - v).abs() < 1e-9);
            }
        }
    }
}
