//! Encoding to indices and back, and the index file.
//!
//! An index file is one line of JSON ([`Head`]) and then the indices, `bits` each, packed from
//! the high end of each byte.

use crate::input::{Layout, Samples};
use crate::tasks::codebook::Model;
use crate::{output, Error, Result};
use bitvec::prelude::*;
use fixlearn_sim::golden::cores::vq::Match;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Version of the index file.
pub const VERSION: u32 = 1;
const FORMAT: &str = "fixlearn-indices";

/// The first line of an index file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    format: String,
    version: u32,
    pub layout: Layout,
    /// Bits of an index.
    pub bits: usize,
}

/// Bits that number `codewords` codewords.
pub fn index_bits(codewords: usize) -> usize {
    (codewords.max(2) - 1).ilog2() as usize + 1
}

/// What a device answered to each vector, checked against the model.
///
/// # Errors
/// If it names a codeword that the model lacks.
pub fn matches(answers: Vec<Vec<u8>>, model: &Model) -> Result<Vec<Match>> {
    let codewords = model.state.config.codewords;
    let known = |answer: Vec<u8>| Match::from_answer(&answer).filter(|m| m.index < codewords);
    let found: Option<Vec<Match>> = answers.into_iter().map(known).collect();
    found.ok_or_else(|| {
        Error::request(format!("the device named a codeword that is none of the {codewords}"))
    })
}

/// The bytes of an index file.
pub fn pack(layout: &Layout, codewords: usize, found: &[Match]) -> Result<Vec<u8>> {
    let bits = index_bits(codewords);
    let head = Head { format: FORMAT.into(), version: VERSION, layout: layout.clone(), bits };
    let mut bytes = serde_json::to_vec(&head).map_err(|e| Error::request(e.to_string()))?;
    bytes.push(b'\n');
    let mut packed: BitVec<u8, Msb0> = BitVec::with_capacity(found.len() * bits);
    for m in found {
        packed.extend_from_bitslice(&(m.index as u16).view_bits::<Msb0>()[16 - bits..]);
    }
    packed.set_uninitialized(false);
    bytes.extend_from_slice(packed.as_raw_slice());
    Ok(bytes)
}

/// Whether this is an index file, of any version.
pub fn is_file(path: &Path) -> bool {
    let head = std::fs::read(path).ok().and_then(|bytes| {
        let line = bytes.split(|&b| b == b'\n').next()?;
        serde_json::from_slice::<serde_json::Value>(line).ok()
    });
    head.is_some_and(|head| head["format"] == FORMAT)
}

/// Layout and indices of an index file for this model.
///
/// # Errors
/// If the file is none, is of another version, is too short, or does not fit the model.
pub fn unpack(path: &Path, model: &Model) -> Result<(Layout, Vec<usize>)> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let no_file = || Error::input(path, "not a fixlearn index file; `fixlearn encode` makes one");
    let end = bytes.iter().position(|&b| b == b'\n').ok_or_else(no_file)?;
    let head: Head = serde_json::from_slice(&bytes[..end]).map_err(|_| no_file())?;
    if head.format != FORMAT {
        return Err(no_file());
    }
    if head.version != VERSION {
        let message =
            format!("has version {}; this fixlearn reads version {VERSION}", head.version);
        return Err(Error::input(path, message));
    }
    let packed = bytes[end + 1..].view_bits::<Msb0>();
    let area = match head.layout {
        Layout::Images { count, width, height, block } => {
            let cell = if (1..=16).contains(&block) { Some(block * block) } else { None };
            cell.and_then(|c| count.checked_mul(width)?.checked_mul(height)?.checked_mul(c))
        }
        Layout::Table { rows, columns } => rows.checked_mul(columns),
    };
    let fits = area.is_some_and(|area| area > 0)
        && head.bits == index_bits(model.state.config.codewords)
        && head.layout.dimension() == model.state.config.dimension;
    if !fits {
        return Err(Error::input(path, "was not encoded with this model"));
    }
    let vectors = head.layout.vectors();
    let bytes = vectors.checked_mul(head.bits).map(|bits| bits.div_ceil(8));
    if bytes.is_none_or(|bytes| 8 * bytes > packed.len()) {
        return Err(Error::input(path, "ends before its last index; encode it again"));
    }
    if bytes.is_some_and(|bytes| 8 * bytes < packed.len()) {
        let message = "holds more than the indices of its layout; it is damaged, encode it again";
        return Err(Error::input(path, message));
    }
    let indices: Vec<usize> =
        packed.chunks_exact(head.bits).take(vectors).map(|b| b.load_be::<usize>()).collect();
    if indices.iter().any(|&i| i >= model.state.config.codewords) {
        return Err(Error::input(path, "holds an index that the model lacks"));
    }
    Ok((head.layout, indices))
}

/// The decoded samples, vector after vector.
pub fn decode(model: &Model, indices: impl Iterator<Item = usize>) -> Vec<u8> {
    indices.flat_map(|i| model.decoded(i)).collect()
}

/// How good a reproduction is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quality {
    /// Mean squared error in sample steps.
    pub mse: f64,
    /// Peak signal to noise, dB, peak 255; none if there is no error.
    pub psnr_db: Option<f64>,
    pub bits_per_sample: f64,
    /// Codewords that no vector chose.
    pub unused_codewords: usize,
}

/// Compares the input with its reproduction, sample by sample of the input (not the padding).
pub fn quality(samples: &Samples, decoded: &[u8], model: &Model, found: &[Match]) -> Quality {
    let flip = samples.quantization.flip();
    let (a, b) = (samples.layout.restore(&samples.vectors), samples.layout.restore(decoded));
    let square = |(&x, &y): (&u8, &u8)| {
        let e = f64::from(x ^ flip) - f64::from(y ^ flip);
        e * e
    };
    let mse = a.iter().zip(&b).map(square).sum::<f64>() / a.len().max(1) as f64;
    let codewords = model.state.config.codewords;
    let mut used = vec![false; codewords];
    for m in found {
        used[m.index] = true;
    }
    Quality {
        mse,
        psnr_db: (mse > 0.0).then(|| 10.0 * (255.0 * 255.0 / mse).log10()),
        bits_per_sample: (found.len() * index_bits(codewords)) as f64 / a.len().max(1) as f64,
        unused_codewords: used.iter().filter(|&&u| !u).count(),
    }
}

/// The decoded files: one image or table at `path`, or `name-000.png` and so on for several.
pub fn files(
    path: &Path,
    layout: &Layout,
    model: &Model,
    decoded: &[u8],
) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let plain = layout.restore(decoded);
    match *layout {
        Layout::Images { count, width, height, .. } => {
            let one = |i: usize| {
                let pixels = &plain[i * width * height..(i + 1) * width * height];
                Ok((numbered(path, i, count), crate::picture::encode(path, pixels, width, height)?))
            };
            (0..count).map(one).collect()
        }
        Layout::Table { rows, columns } => {
            let values = plain.iter().map(|&s| model.plan.quantization.value(s));
            let bytes = match crate::input::ending(path).as_str() {
                "npy" => {
                    output::npy(rows, columns, values.map(|v| v as f32)).map_err(Error::io(path))?
                }
                "csv" => {
                    let cells: Vec<String> = values.map(|v| v.to_string()).collect();
                    let lines = cells.chunks(columns.max(1)).map(|line| line.join(",") + "\n");
                    lines.collect::<String>().into_bytes()
                }
                _ => return Err(Error::input(path, "tables are written as .csv or .npy")),
            };
            Ok(vec![(path.to_owned(), bytes)])
        }
    }
}

fn numbered(path: &Path, i: usize, count: usize) -> PathBuf {
    if count == 1 {
        return path.to_owned();
    }
    // Names need not be text.
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{i:03}."));
    name.push(path.extension().unwrap_or_default());
    path.with_file_name(name)
}
