//! Animations, their frames as they are to be seen one after the other.

use super::ends::Chunks;
use super::{limits, planar, unreadable, Picture, Pixels, Room, TRANSPARENT};
use crate::{Error, Result};
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, Frames, ImageDecoder};
use std::io::Cursor;
use std::path::Path;

/// An animated PNG.
pub fn apng(
    path: &Path,
    decoder: PngDecoder<Cursor<&[u8]>>,
    chunks: &Chunks,
    room: &mut Room,
) -> Result<Picture> {
    let (size, color) = (decoder.dimensions(), decoder.color_type());
    if color.bytes_per_pixel() > color.channel_count() {
        let message = "is an animation of more than 8 bits a pixel; give its frames as pictures";
        return Err(Error::input(path, message));
    }
    let planes = if color.has_color() { 3 } else { 1 };
    let decoder = decoder.apng().map_err(unreadable(path))?;
    let mut picture = frames(path, decoder.into_frames(), size, planes, room)?;
    if picture.frames.len() != chunks.frames {
        let (has, says) = (chunks.frames, picture.frames.len());
        let message = format!("is damaged: its header names {says} frames, and it has {has}");
        return Err(Error::input(path, message));
    }
    if !chunks.shown {
        picture.notes.push("its picture that is none of the animation is left out".into());
    }
    Ok(picture)
}

/// A GIF, with one frame or several.
pub fn gif(path: &Path, bytes: &[u8], room: &mut Room) -> Result<Picture> {
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(unreadable(path))?;
    decoder.set_limits(limits()).map_err(unreadable(path))?;
    let size = decoder.dimensions();
    frames(path, decoder.into_frames(), size, 3, room)
}

fn frames(
    path: &Path,
    mut all: Frames,
    (width, height): (u32, u32),
    planes: usize,
    room: &mut Room,
) -> Result<Picture> {
    let (width, height) = (width as usize, height as usize);
    let (mut frames, mut notes) = (Vec::new(), Vec::new());
    loop {
        room.holds(path, width, height)?;
        let Some(frame) = all.next() else { break };
        let frame = frame.map_err(unreadable(path))?.into_buffer();
        room.take(width, height);
        if notes.is_empty() && frame.pixels().any(|pixel| pixel.0[3] < u8::MAX) {
            notes.push(TRANSPARENT.into());
        }
        frames.push(Pixels::Bytes(planar(frame.as_raw(), 4, planes)));
    }
    if frames.is_empty() {
        return Err(Error::input(path, "has no frames; give a picture of at least one"));
    }
    Ok(Picture { width, height, planes, frames, notes, window: None })
}
