//! Where pictures end in their files: decoders neither miss an end nor look behind it.

use crate::{Error, Result};
use std::path::Path;

/// What the chunks of a PNG say.
pub struct Chunks {
    pub animated: bool,
    /// The picture that programs without animation show is the first frame.
    pub shown: bool,
    /// Frames of the animation.
    pub frames: usize,
}

fn cut(path: &Path) -> Error {
    Error::input(path, "is cut; save it again")
}

fn more(path: &Path) -> Error {
    Error::input(path, "holds something behind its picture; save it again")
}

/// Goes through the chunks of a PNG.
///
/// # Errors
/// If the last is not there, or something is behind it.
pub fn png(path: &Path, bytes: &[u8]) -> Result<Chunks> {
    let mut chunks = Chunks { animated: false, shown: false, frames: 0 };
    let (mut at, mut data) = (8, false);
    loop {
        let head = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>());
        let [a, b, c, d, name @ ..] = *head.ok_or_else(|| cut(path))?;
        at += 12 + u32::from_be_bytes([a, b, c, d]) as usize;
        if at > bytes.len() {
            return Err(cut(path));
        }
        match &name {
            b"acTL" => chunks.animated |= !data,
            b"fcTL" => {
                chunks.shown |= !data;
                chunks.frames += 1;
            }
            b"IDAT" => data = true,
            b"IEND" if at == bytes.len() => return Ok(chunks),
            b"IEND" => return Err(more(path)),
            _ => {}
        }
    }
}

/// Goes through the blocks of a GIF.
///
/// # Errors
/// If the last is not there, or something is behind it.
pub fn gif(path: &Path, bytes: &[u8]) -> Result<()> {
    let byte = |at: usize| bytes.get(at).copied().ok_or_else(|| cut(path));
    // A table of colours, if the flags say that there is one.
    let colours = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + colours(byte(10)?);
    loop {
        at += match byte(at)? {
            0x21 => 2,
            0x2c => 11 + colours(byte(at + 9)?),
            0x3b if at + 1 == bytes.len() => return Ok(()),
            0x3b => return Err(more(path)),
            _ => return Err(Error::input(path, "is damaged; save it again")),
        };
        // Blocks of data up to an empty one.
        while byte(at)? > 0 {
            at += 1 + usize::from(byte(at)?);
        }
        at += 1;
    }
}

/// The length of a JPEG.
///
/// # Errors
/// If its end is not there.
pub fn jpeg(path: &Path, bytes: &[u8]) -> Result<usize> {
    let mut at = 2;
    loop {
        // What is no marker is data: a byte 0xff of it is followed by 0, or is a restart.
        let next = bytes.get(at..).and_then(|rest| rest.iter().position(|&b| b == 0xff));
        at += next.ok_or_else(|| cut(path))? + 1;
        match bytes.get(at).ok_or_else(|| cut(path))? {
            0xff => {}
            0 | 1 | 0xd0..=0xd8 => at += 1,
            0xd9 => return Ok(at + 1),
            _ => {
                let length = bytes.get(at + 1..at + 3).ok_or_else(|| cut(path))?;
                at += 1 + usize::from(u16::from_be_bytes([length[0], length[1]]));
            }
        }
    }
}

/// The length of a BMP; its header may leave it out.
///
/// # Errors
/// If the file is shorter.
pub fn bmp(path: &Path, bytes: &[u8]) -> Result<usize> {
    let length = bytes.get(2..6).ok_or_else(|| cut(path))?;
    match u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize {
        0 => Ok(bytes.len()),
        length if length > bytes.len() => Err(cut(path)),
        length => Ok(length),
    }
}
