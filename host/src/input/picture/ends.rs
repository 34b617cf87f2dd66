//! Where pictures end in their files: decoders neither miss an end nor look behind it.

use crate::{Error, Result};
use flate2::{Decompress, FlushDecompress, Status};
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

/// The data of a frame of a PNG, as far as they were looked at.
struct Data {
    inflate: Decompress,
    /// Bytes of its pixels when they are unpacked.
    needs: u64,
    ended: bool,
}

impl Data {
    /// Of a frame of this width and height, of a PNG of this header.
    fn new(header: &[u8; 13], size: &[u8]) -> Option<Self> {
        let number = |at| Some(u64::from(u32::from_be_bytes(*size.get(at..)?.first_chunk()?)));
        let (width, height) = (number(0)?, number(4)?);
        let [.., depth, color, _, _, interlaced] = *header;
        let bits = u64::from(depth) * [1, 1, 3, 1, 2, 1, 4].get(usize::from(color))?;
        // A line has a byte before its pixels.
        let lines = |x: u64, y: u64, dx, dy| match width.saturating_sub(x).div_ceil(dx) {
            0 => 0,
            width => {
                let lines = height.saturating_sub(y).div_ceil(dy);
                lines.saturating_mul(1 + (width * bits).div_ceil(8))
            }
        };
        let needs = match interlaced {
            0 => lines(0, 0, 1, 1),
            // Adam7's passes: first column and line, and from each to the next.
            _ => [
                lines(0, 0, 8, 8),
                lines(4, 0, 8, 8),
                lines(0, 4, 4, 8),
                lines(2, 0, 4, 4),
                lines(0, 2, 2, 4),
                lines(1, 0, 2, 2),
                lines(0, 1, 1, 2),
            ]
            .into_iter()
            .fold(0, u64::saturating_add),
        };
        Some(Self { inflate: Decompress::new(true), needs, ended: false })
    }

    /// Says whether these, the next ones, are still of the pixels. What is damaged is for the
    /// decoder to say.
    fn fits(&mut self, mut bytes: &[u8]) -> bool {
        let mut room = [0; 1 << 13];
        while !self.ended {
            let before = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(bytes, &mut room, FlushDecompress::None);
            bytes = &bytes[(self.inflate.total_in() - before.0) as usize..];
            if self.inflate.total_out() > self.needs {
                return false;
            }
            match status {
                Ok(Status::StreamEnd) => self.ended = true,
                Ok(_) if self.inflate.total_out() > before.1 || !bytes.is_empty() => {}
                _ => return true,
            }
        }
        bytes.is_empty()
    }
}

/// Goes through the chunks of a PNG.
///
/// # Errors
/// If the last is not there, something is behind it, or data are of more than their frame's pixels.
pub fn png(path: &Path, bytes: &[u8]) -> Result<Chunks> {
    let mut chunks = Chunks { animated: false, shown: false, frames: 0 };
    let (mut at, mut data) = (8, false);
    let (mut header, mut frame): (_, Option<Data>) = (None, None);
    loop {
        let head = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>());
        let [a, b, c, d, name @ ..] = *head.ok_or_else(|| cut(path))?;
        let start = at + 8;
        at += 12 + u32::from_be_bytes([a, b, c, d]) as usize;
        if at > bytes.len() {
            return Err(cut(path));
        }
        let mut content = &bytes[start..at - 4];
        match &name {
            b"IHDR" => {
                header = content.first_chunk();
                frame = header.and_then(|header| Data::new(header, content));
            }
            b"fcTL" => {
                let size = content.get(4..).unwrap_or_default();
                frame = header.and_then(|header| Data::new(header, size));
            }
            // A number is before the data.
            b"fdAT" => content = content.get(4..).unwrap_or_default(),
            _ => {}
        }
        if matches!(&name, b"IDAT" | b"fdAT") && frame.as_mut().is_some_and(|f| !f.fits(content)) {
            let message = "holds more data than its pixels need; save it again";
            return Err(Error::input(path, message));
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
