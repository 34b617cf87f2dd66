//! Sound: `.wav` files as tables, a column a channel, in units of full scale.

use super::table::{numbers, Table};
use crate::{output, Error, Result};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::io::Cursor;
use std::path::Path;

fn open<'a>(path: &Path, bytes: &'a [u8]) -> Result<WavReader<&'a [u8]>> {
    WavReader::new(bytes).map_err(|e| {
        let what = match e {
            hound::Error::Unsupported => "of a kind that is not read".into(),
            hound::Error::IoError(_) => "shorter than its header says".into(),
            hound::Error::FormatError(why) => why.into(),
            other => other.to_string(),
        };
        let message = format!(
            "not a readable .wav file: {what}; save it with 8, 16 or 24 bits of PCM, or 32 bits \
             of floating point"
        );
        Error::input(path, message)
    })
}

/// How many bytes are behind the chunks of a file; its header's length says where these end.
fn behind(bytes: &[u8]) -> usize {
    let length = bytes.get(4..8).map_or([0; 4], |b| [b[0], b[1], b[2], b[3]]);
    let end = 8 + u64::from(u32::from_le_bytes(length)).next_multiple_of(2);
    // What is written as a stream names no length.
    match length {
        [0, 0, 0, 0] | [255, 255, 255, 255] => 0,
        _ => (bytes.len() as u64).saturating_sub(end) as usize,
    }
}

/// Reads 8, 16 and 24 bits of PCM, and 32 bits of floating point, of one or two channels.
pub fn read(path: &Path, bytes: &[u8], _header: bool) -> Result<Table> {
    let mut wav = open(path, bytes)?;
    let surplus = behind(bytes);
    if surplus > 0 {
        let behind = output::count(surplus, "byte");
        let message = format!("holds {behind} behind its sound; save it again");
        return Err(Error::input(path, message));
    }
    let WavSpec { channels, bits_per_sample: bits, sample_format, .. } = wav.spec();
    let bad = |e: hound::Error| match e {
        hound::Error::IoError(_) => {
            Error::input(path, "is shorter than its header says; save it again")
        }
        e => Error::input(path, format!("is damaged: {e}; save it again")),
    };
    let values: Vec<f64> = match (sample_format, bits) {
        (SampleFormat::Int, 8 | 16 | 24) => {
            let unit = f64::from(1_i32 << (bits - 1));
            let values = wav.samples::<i32>().map(|s| s.map(|s| f64::from(s) / unit));
            values.collect::<std::result::Result<_, _>>().map_err(bad)?
        }
        (SampleFormat::Float, 32) => {
            let values = wav.samples::<f32>().map(|s| s.map(f64::from));
            values.collect::<std::result::Result<_, _>>().map_err(bad)?
        }
        _ => {
            let message = format!(
                "has {bits} bits a sample; save it with 8, 16 or 24 bits of PCM, or 32 \
                                   bits of floating point"
            );
            return Err(Error::input(path, message));
        }
    };
    let columns = usize::from(channels);
    let names = match columns {
        1 => numbers(1),
        2 => ["left", "right"].map(String::from).to_vec(),
        _ => {
            let message = format!("has {columns} channels; save it with one or two");
            return Err(Error::input(path, message));
        }
    };
    if let Some(at) = values.iter().position(|v| !v.is_finite()) {
        let message = format!("sample {} is not a finite number", at / columns + 1);
        return Err(Error::input(path, message));
    }
    Ok(Table { names, named: columns == 2, columns, values, ..Table::default() })
}

/// Samples a second; none of another kind of file.
///
/// # Errors
/// If the file cannot be read.
pub fn sample_rate(path: &Path) -> Result<Option<u32>> {
    if super::ending(path) != "wav" {
        return Ok(None);
    }
    rate(path, &super::bytes(path)?).map(Some)
}

/// The greatest rate of two channels whose bytes a second a file can say.
const FASTEST: u32 = u32::MAX / 4;

/// Samples a second of the file's bytes.
///
/// # Errors
/// If it is none, or has a rate that none has.
pub fn rate(path: &Path, bytes: &[u8]) -> Result<u32> {
    match open(path, bytes)?.spec().sample_rate {
        rate @ 1..=FASTEST => Ok(rate),
        rate => {
            let message = format!("says that it has {rate} samples a second; save it again");
            Err(Error::input(path, message))
        }
    }
}

/// A file of 16 bits from the samples of its channels in turn; `path` is where it will be.
///
/// # Errors
/// If it would be too long for its format, or has a rate that none has.
pub fn write(
    path: &Path,
    channels: usize,
    sample_rate: u32,
    samples: impl IntoIterator<Item = i16>,
) -> Result<Vec<u8>> {
    if !(1..=FASTEST).contains(&sample_rate) {
        let message = format!("cannot be written: it has {sample_rate} samples a second");
        return Err(Error::input(path, message));
    }
    let bad = |e: hound::Error| Error::input(path, format!("cannot be written: {e}"));
    let (channels, sample_format) = (channels as u16, SampleFormat::Int);
    let spec = WavSpec { channels, sample_rate, bits_per_sample: 16, sample_format };
    let mut bytes = Vec::new();
    let mut wav = WavWriter::new(Cursor::new(&mut bytes), spec).map_err(bad)?;
    for sample in samples {
        wav.write_sample(sample).map_err(bad)?;
    }
    wav.finalize().map_err(bad)?;
    Ok(bytes)
}
