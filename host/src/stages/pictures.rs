//! Pictures into the codec, and out of it.

use super::file::Decoded;
use super::format::{Content, Head, Stage};
use super::learn::Source;
use crate::codec::{self, Codewords};
use crate::input::{Frames, Layout, Quantization};
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// Frames as the codec takes them.
///
/// # Errors
/// If they are more than a file holds.
pub fn source(frames: &Frames, stages: Vec<Stage>) -> Result<Source> {
    let plain = frames.quantization.is_plain();
    let about = if plain { Ok(String::new()) } else { serde_json::to_string(&frames.quantization) };
    let Frames { width, height, planes, .. } = *frames;
    let head = Head {
        content: Content::Pictures,
        width,
        height,
        planes,
        frames: frames.frames.len(),
        samples: (frames.frames.len() * width * height) as u64,
        rate: 0,
        about: about.map_err(|e| Error::request(e.to_string()))?,
        stages,
    };
    let plane = |plane: &[u8]| plane.iter().map(|&sample| i16::from(sample)).collect();
    let frame = |frame: &Vec<u8>| frame.chunks_exact((width * height).max(1)).map(plane).collect();
    Source::new(head, frames.frames.iter().map(frame))
}

/// What the samples of such a file stand for.
///
/// # Errors
/// If it does not say that.
pub fn quantization(head: &Head) -> std::result::Result<Quantization, String> {
    match head.about.as_str() {
        "" => Ok(Quantization::IDENTITY),
        text => serde_json::from_str(text)
            .ok()
            .filter(|q: &Quantization| q.validate(1).is_ok())
            .ok_or_else(|| "what its samples stand for is damaged".into()),
    }
}

/// The files of decoded frames: `name-000.png` and so on for several.
///
/// # Errors
/// If the path's ending is of no picture, or what the samples stand for is damaged.
pub fn files(path: &Path, decoded: &Decoded) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let Head { width, height, planes, .. } = &decoded.head;
    let quantization = quantization(&decoded.head).map_err(|what| Error::input(path, what))?;
    let layout = Layout::Images {
        count: decoded.frames.len(),
        width: *width,
        height: *height,
        block: 1,
        planes: *planes,
    };
    let (names, samples) = (Vec::new(), Vec::new());
    let codewords = Codewords { count: 0, dimension: 1, quantization, names, samples };
    let pixels = decoded.frames.iter().flatten().flatten();
    let pixels: Vec<u8> = pixels.map(|&sample| sample as u8).collect();
    // The number of a frame is that of the sequence, also if the others are lost.
    let first = codec::numbered(path, 0, decoded.head.frames);
    let path = if decoded.frames.len() == 1 { &first } else { path };
    codec::files(path, &layout, &codewords, &pixels)
}
