//! Encoding to indices and back, and the index file.
//!
//! An index file is one line of JSON ([`Head`]); then the codebook, if the file carries it, a byte
//! a component, codeword after codeword; then the indices, `bits` each, packed from the high end
//! of each byte.

mod codewords;
mod files;
mod packer;
mod quality;
mod stream;

pub use codewords::Codewords;
pub use files::{files, numbered, written};
pub use quality::{quality, Quality};
pub use stream::encode_rows;

use crate::input::{self, Layout};
use crate::link::client::AGAIN;
use crate::{output, Error, Result};
use bitvec::prelude::*;
use fixlearn_sim::golden::cores::vq::Match;
use packer::Packer;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Version of the index file. Files of version 1 name no codebook, those of version 2 have no
/// coloured images.
pub const VERSION: u32 = 3;
const FORMAT: &str = "fixlearn-indices";

/// The first line of an index file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    format: String,
    version: u32,
    pub layout: Layout,
    /// Bits of an index.
    pub bits: usize,
    /// Of the codebook, as [`Codewords::digest`].
    #[serde(default)]
    pub sha256: String,
    /// SHA-256 of the layout and of all that follows the line.
    #[serde(default)]
    pub content: String,
    /// The codebook, if the file carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codebook: Option<Codewords>,
}

/// Bits that number `codewords` codewords.
pub fn index_bits(codewords: usize) -> usize {
    (codewords.max(2) - 1).ilog2() as usize + 1
}

/// What the device at this port answered to vectors, with so many codewords in use.
///
/// # Errors
/// If it names a codeword that there is not.
pub fn matches(answers: &[u8], codewords: usize, port: &str) -> Result<Vec<Match>> {
    let known = |answer| Match::from_answer(answer).filter(|m| m.index < codewords);
    let found: Option<Vec<Match>> = answers.chunks(4).map(known).collect();
    found.ok_or_else(|| Error::Port {
        port: port.into(),
        message: format!("the device named a codeword that is none of the {codewords}; {AGAIN}"),
    })
}

/// The bytes of an index file; with `carry` the codebook is among them.
///
/// # Errors
/// If the codebook is no JSON.
pub fn pack(
    layout: &Layout,
    codewords: &Codewords,
    found: &[Match],
    carry: bool,
) -> Result<Vec<u8>> {
    let failed = |e: std::io::Error| Error::request(e.to_string());
    let mut packer = Packer::new(layout, codewords, carry, Vec::new()).map_err(failed)?;
    packer.push(found).map_err(failed)?;
    let (rest, content) = packer.end().map_err(failed)?;
    let mut bytes = head(layout, codewords, content, carry)?;
    bytes.extend(rest);
    Ok(bytes)
}

/// The first line of an index file, whose rest has this digest.
fn head(layout: &Layout, codewords: &Codewords, content: String, carry: bool) -> Result<Vec<u8>> {
    let head = Head {
        format: FORMAT.into(),
        version: if matches!(layout, Layout::Images { planes: 3, .. }) { VERSION } else { 2 },
        layout: layout.clone(),
        bits: index_bits(codewords.count),
        sha256: codewords.digest()?,
        content,
        codebook: carry.then(|| codewords.clone()),
    };
    let mut bytes = serde_json::to_vec(&head).map_err(|e| Error::request(e.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// SHA-256 of a layout and the bytes behind the first line, as hexadecimal digits.
fn content(layout: &Layout, rest: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(layout.text());
    hash.update(rest);
    fixlearn_sim::hex(hash.finalize())
}

/// Whether this is an index file, of any version.
pub fn is_file(path: &Path) -> bool {
    let head = input::bytes(path).ok().and_then(|bytes| {
        let line = bytes.split(|&b| b == b'\n').next()?;
        serde_json::from_slice::<serde_json::Value>(line).ok()
    });
    head.is_some_and(|head| head["format"] == FORMAT)
}

/// Layout, codebook and indices of an index file's bytes, which were read at `path`; the codebook
/// is the one that is given, else the one that the file carries.
///
/// # Errors
/// If the file is none, is of another version, is cut, holds what its layout does not, was encoded
/// with another codebook, or carries none and none is given.
pub fn unpack(
    path: &Path,
    bytes: &[u8],
    given: Option<Codewords>,
) -> Result<(Layout, Codewords, Vec<usize>)> {
    let wrong = |message: &str| Error::input(path, message);
    let no_file = || wrong("not a fixlearn index file; `fixlearn encode` makes one");
    let end = bytes.iter().position(|&b| b == b'\n').ok_or_else(no_file)?;
    // The version first: the fields of another one are not known.
    let line = &bytes[..end];
    let plain: serde_json::Value = serde_json::from_slice(line).map_err(|_| no_file())?;
    let version = plain["version"].as_u64().filter(|_| plain["format"] == FORMAT);
    match version {
        None => return Err(no_file()),
        Some(version) if !(1..=u64::from(VERSION)).contains(&version) => {
            let message =
                format!("has version {version}; this fixlearn reads versions 1 to {VERSION}");
            return Err(wrong(&message));
        }
        Some(_) => {}
    }
    let damaged =
        |e: serde_json::Error| wrong(&format!("is damaged, encode it again: its first line: {e}"));
    let head: Head = serde_json::from_slice(line).map_err(damaged)?;
    if head.version > 1 && head.content != content(&head.layout, &bytes[end + 1..]) {
        return Err(wrong("is damaged or cut, encode it again"));
    }
    let (carried, rest) = match head.codebook {
        None => (None, &bytes[end + 1..]),
        Some(codebook) => {
            let (codebook, rest) = codebook
                .carried(&bytes[end + 1..])
                .map_err(|what| wrong(&format!("is damaged, encode it again: {what}")))?;
            if codebook.digest()? != head.sha256 {
                return Err(wrong("is damaged: its codebook is not the one that it names"));
            }
            (Some(codebook), rest)
        }
    };
    let codewords = match given {
        Some(given) => {
            if head.version == 1 {
                output::note(format_args!(
                    "{}: of version 1, which does not name the codebook; whether this is it \
                     cannot be checked",
                    path.display()
                ));
            } else if given.digest()? != head.sha256 {
                return Err(wrong("was not encoded with this model; give the one that it was"));
            }
            given
        }
        None => carried.ok_or_else(|| {
            wrong("does not carry its codebook; give --model, or encode --with-codebook")
        })?,
    };
    if head.bits != index_bits(codewords.count) || !fits(&head.layout, codewords.dimension) {
        return Err(wrong("was not encoded with this model"));
    }
    let packed = rest.view_bits::<Msb0>();
    let vectors = head.layout.vectors();
    let bytes = vectors.checked_mul(head.bits).map(|bits| bits.div_ceil(8));
    if bytes.is_none_or(|bytes| 8 * bytes > packed.len()) {
        return Err(wrong("ends before its last index; encode it again"));
    }
    if bytes.is_some_and(|bytes| 8 * bytes < packed.len()) {
        let message = "holds more than the indices of its layout; it is damaged, encode it again";
        return Err(wrong(message));
    }
    let indices: Vec<usize> =
        packed.chunks_exact(head.bits).take(vectors).map(|b| b.load_be::<usize>()).collect();
    if indices.iter().any(|&i| i >= codewords.count) {
        return Err(wrong("holds an index that the model lacks; it is damaged, encode it again"));
    }
    Ok((head.layout, codewords, indices))
}

/// A layout of vectors of this dimension, whose sizes are sizes of something.
fn fits(layout: &Layout, dimension: usize) -> bool {
    let area = match *layout {
        Layout::Images { count, width, height, block, planes } => {
            let known = (1..=16).contains(&block) && matches!(planes, 1 | 3);
            let cell = known.then_some(block * block * planes);
            cell.and_then(|c| count.checked_mul(width)?.checked_mul(height)?.checked_mul(c))
        }
        Layout::Table { rows, columns } => rows.checked_mul(columns),
    };
    area.is_some_and(|area| area > 0) && layout.dimension() == dimension
}
