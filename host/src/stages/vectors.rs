//! Rows of a table of 8 bits into the codec, and out of it.

use super::file::Decoded;
use super::format::{Content, Head, Stage};
use super::learn::Source;
use crate::input::{numbers, Layout, Quantization, Samples, Table};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Rows in a frame.
pub const STRETCH: usize = 256;

/// What samples stand for, and the columns' names if they have any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub quantization: Quantization,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl About {
    /// What a file of a table says.
    ///
    /// # Errors
    /// If it does not say what its samples stand for.
    pub fn of(head: &Head) -> std::result::Result<Self, String> {
        let about: Self = serde_json::from_str(&head.about).map_err(|e| {
            format!("does not say what its samples stand for: {e}; encode it again")
        })?;
        let (names, columns) = (about.names.len(), head.width);
        about.quantization.validate(columns).map_err(|what| format!("is damaged: {what}"))?;
        match names == 0 || names == columns {
            true => Ok(about),
            false => Err(format!("is damaged: {names} names of {columns} columns")),
        }
    }
}

/// The rows of a table; the first stage's blocks are as wide as they are.
///
/// # Errors
/// If it is no table, or these are no stages of it.
pub fn source(samples: &Samples, stages: Vec<Stage>) -> Result<Source> {
    let Layout::Table { rows, columns } = samples.layout else {
        return Err(Error::request("pictures are coded as pictures, not as vectors"));
    };
    if columns > 256 {
        return Err(Error::request(format!(
            "the table has {columns} columns; a block holds at most 256 of them"
        )));
    }
    let about = About { quantization: samples.quantization.clone(), names: samples.names.clone() };
    let about = serde_json::to_string(&about).unwrap_or_default();
    let head = Head {
        content: Content::Vectors,
        width: columns,
        height: STRETCH,
        planes: 1,
        frames: rows.div_ceil(STRETCH),
        samples: (rows * columns) as u64,
        rate: 0,
        about,
        stages,
    };
    let whole = head.stages.first().is_some_and(|s| (s.width, s.height) == (columns, 1));
    if !(rows > 0 && whole && !head.stages[0].signed) {
        return Err(Error::request(format!(
            "stages of this table begin with blocks of {columns} x 1, not signed"
        )));
    }
    let flip = samples.quantization.flip();
    let row = |row: usize| samples.vector(row.min(rows - 1)).iter();
    let stretch = |frame: usize| (frame * STRETCH..(frame + 1) * STRETCH).flat_map(row);
    let frames = (0..head.frames)
        .map(|frame| vec![stretch(frame).map(|byte| i16::from(byte ^ flip)).collect()]);
    let frames: Vec<Vec<Vec<i16>>> = frames.collect();
    Source::new(head, frames)
}

/// The values of what was decoded: all rows, or those before the damage.
///
/// # Errors
/// If it is no table, or does not say what its samples stand for.
pub fn table(decoded: &Decoded) -> std::result::Result<Table, String> {
    let head = &decoded.head;
    let columns = head.width;
    if head.content != Content::Vectors || head.planes != 1 {
        return Err("holds no table; name the output by what it is".into());
    }
    let About { quantization, names } = About::of(head)?;
    let named = !names.is_empty();
    let samples = decoded.frames.iter().flatten().flatten();
    let samples = samples.take(usize::try_from(head.samples).unwrap_or(usize::MAX));
    // What was decoded is within 8 bits.
    let value = |(at, &sample): (usize, &i16)| {
        quantization.value(at % columns, sample as u8 ^ quantization.flip())
    };
    let values = samples.enumerate().map(value).collect();
    let names = match named {
        true => names,
        false => numbers(columns),
    };
    Ok(Table { names, named, columns, values, ..Table::default() })
}
