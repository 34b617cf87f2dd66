//! TIFF, each page a frame.

use super::{planar, Picture, Pixels, Room, MOST, TRANSPARENT, TURNED};
use crate::{Error, Result};
use std::io::Cursor;
use std::path::Path;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

fn unreadable(path: &Path) -> impl Fn(TiffError) -> Error + '_ {
    move |e| Error::input(path, format!("not a readable TIFF: {e}; save it in another way"))
}

/// Reads every page but those that are smaller copies of others.
pub fn read(path: &Path, bytes: &[u8], room: &mut Room) -> Result<Picture> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = 8 * MOST;
    let decoder = Decoder::new(Cursor::new(bytes)).map_err(unreadable(path))?;
    let mut decoder = decoder.with_limits(limits);
    let mut whole: Option<Picture> = None;
    let mut copies = 0;
    loop {
        let kind = decoder.find_tag_unsigned::<u32>(Tag::NewSubfileType);
        if kind.map_err(unreadable(path))?.unwrap_or(0) & 1 == 1 {
            copies += 1;
        } else {
            let page = page(path, &mut decoder, room)?;
            match &mut whole {
                None => whole = Some(page),
                Some(whole) => join(path, whole, page)?,
            }
        }
        if !decoder.more_images() {
            break;
        }
        decoder.next_image().map_err(unreadable(path))?;
    }
    let mut whole =
        whole.ok_or_else(|| Error::input(path, "has no page but smaller copies of others"))?;
    if copies > 0 {
        whole.notes.push(format!("smaller copies of its pages are left out: {copies}"));
    }
    Ok(whole)
}

/// Puts a page behind the others.
fn join(path: &Path, whole: &mut Picture, page: Picture) -> Result<()> {
    let of = |p: &Picture| (p.width, p.height, p.planes);
    if of(whole) != of(&page) {
        let named = |p: &Picture| {
            let colours = if p.planes == 1 { "grey" } else { "colour" };
            format!("{}x{} pixels in {colours}", p.width, p.height)
        };
        let message = format!(
            "page {} has {}, the pages before it {}; give one size at a time",
            whole.frames.len() + 1,
            named(&page),
            named(whole)
        );
        return Err(Error::input(path, message));
    }
    whole.frames.extend(page.frames);
    for note in page.notes {
        if !whole.notes.contains(&note) {
            whole.notes.push(note);
        }
    }
    Ok(())
}

fn page(path: &Path, decoder: &mut Decoder<Cursor<&[u8]>>, room: &mut Room) -> Result<Picture> {
    let (width, height) = decoder.dimensions().map_err(unreadable(path))?;
    let (width, height) = (width as usize, height as usize);
    room.holds(path, width, height)?;
    let color = decoder.colortype().map_err(unreadable(path))?;
    let (planes, channels, bits) = match color {
        ColorType::Gray(bits) => (1, 1, bits),
        ColorType::GrayA(bits) | ColorType::Multiband { bit_depth: bits, num_samples: 2 } => {
            (1, 2, bits)
        }
        ColorType::RGB(bits) => (3, 3, bits),
        ColorType::RGBA(bits) => (3, 4, bits),
        other => {
            let message = format!("has pixels of the kind {other:?}; save it as grey or RGB");
            return Err(Error::input(path, message));
        }
    };
    let packed = channels == 1 && matches!(bits, 1 | 2 | 4);
    let whole = matches!(bits, 8 | 16) || planes == 1 && matches!(bits, 32 | 64);
    if !(packed || whole) {
        let message = format!("has {bits} bits a sample; save it with 8 or 16");
        return Err(Error::input(path, message));
    }
    let mut notes = Vec::new();
    let turn = decoder.find_tag_unsigned::<u16>(Tag::Orientation).map_err(unreadable(path))?;
    let mut samples = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut samples).map_err(unreadable(path))?;
    room.take(width, height);
    let apart = layout.planes > 1;
    let area = width * height;
    let bytes = match samples {
        DecodingResult::U8(bytes) if packed => Ok(unpacked(&bytes, width, bits)),
        DecodingResult::U8(bytes) => Ok(bytes),
        DecodingResult::U16(s) => Err(s.into_iter().map(f32::from).collect()),
        DecodingResult::I8(s) => Err(s.into_iter().map(f32::from).collect()),
        DecodingResult::I16(s) => Err(s.into_iter().map(f32::from).collect()),
        DecodingResult::F16(s) => Err(s.into_iter().map(|v| v.to_f32()).collect()),
        DecodingResult::F32(s) => Err(s),
        DecodingResult::U32(s) => Err(s.into_iter().map(|v| v as f32).collect()),
        DecodingResult::I32(s) => Err(s.into_iter().map(|v| v as f32).collect()),
        DecodingResult::U64(s) => Err(s.into_iter().map(|v| v as f32).collect()),
        DecodingResult::I64(s) => Err(s.into_iter().map(|v| v as f32).collect()),
        DecodingResult::F64(s) => Err(s.into_iter().map(|v| v as f32).collect()),
    };
    let frame = match bytes {
        Ok(bytes) => {
            if channels > planes && clear(&bytes, channels, apart, area, u8::MAX) {
                notes.push(TRANSPARENT.into());
            }
            Pixels::Bytes(taken(bytes, channels, planes, apart, area))
        }
        Err(values) => {
            let values: Vec<f32> = values;
            if channels > planes && clear(&values, channels, apart, area, f32::from(u16::MAX)) {
                notes.push(TRANSPARENT.into());
            }
            Pixels::Values(taken(values, channels, planes, apart, area))
        }
    };
    if let Pixels::Values(values) = &frame {
        if let Some(at) = values.iter().position(|v| !v.is_finite()) {
            let (x, y) = (at % width, at / width % height);
            let message = format!("the pixel at {x}, {y} is not a finite number");
            return Err(Error::input(path, message));
        }
        if planes == 3 && values.iter().any(|v| *v < 0.0 || v.fract() != 0.0) {
            let message = "has colours that are not whole numbers; save it with 8 or 16 bits";
            return Err(Error::input(path, message));
        }
    }
    let expected = planes * area;
    let got = match &frame {
        Pixels::Bytes(bytes) => bytes.len(),
        Pixels::Values(values) => values.len(),
    };
    if got != expected {
        return Err(Error::input(path, "is cut; save it again"));
    }
    let (frame, width, height) = match turn.unwrap_or(1) {
        1 => (frame, width, height),
        turn @ 2..=8 => {
            notes.push(TURNED.into());
            let frame = match frame {
                Pixels::Bytes(bytes) => Pixels::Bytes(turned(&bytes, (width, height), turn)),
                Pixels::Values(values) => Pixels::Values(turned(&values, (width, height), turn)),
            };
            if turn > 4 {
                (frame, height, width)
            } else {
                (frame, width, height)
            }
        }
        other => {
            let message = format!("has orientation {other}, which there is not; save it again");
            return Err(Error::input(path, message));
        }
    };
    Ok(Picture { width, height, planes, frames: vec![frame], notes, window: None })
}

/// Planes as they are to be seen: of orientations above 4 the columns become rows.
fn turned<T: Copy>(planes: &[T], (width, height): (usize, usize), turn: u16) -> Vec<T> {
    let (right, bottom) = (width - 1, height - 1);
    let (across, down) = if turn > 4 { (height, width) } else { (width, height) };
    let from = |x: usize, y: usize| match turn {
        2 => (right - x, y),
        3 => (right - x, bottom - y),
        4 => (x, bottom - y),
        5 => (y, x),
        6 => (y, bottom - x),
        7 => (right - y, bottom - x),
        8 => (right - y, x),
        _ => (x, y),
    };
    let mut all = Vec::with_capacity(planes.len());
    for plane in planes.chunks_exact((width * height).max(1)) {
        for (x, y) in (0..down).flat_map(|y| (0..across).map(move |x| (x, y))) {
            let (x, y) = from(x, y);
            all.push(plane[y * width + x]);
        }
    }
    all
}

/// The planes of pixels that stand side by side, or `apart` already.
fn taken<T: Copy>(
    mut samples: Vec<T>,
    channels: usize,
    planes: usize,
    apart: bool,
    area: usize,
) -> Vec<T> {
    if apart || channels == 1 {
        samples.truncate(planes * area);
        samples
    } else {
        planar(&samples, channels, planes)
    }
}

/// The last channel is not `full` everywhere.
fn clear<T: Copy + PartialEq>(
    samples: &[T],
    channels: usize,
    apart: bool,
    area: usize,
    full: T,
) -> bool {
    let (skip, step) = if apart { ((channels - 1) * area, 1) } else { (channels - 1, channels) };
    samples.iter().skip(skip).step_by(step).any(|&sample| sample != full)
}

/// Samples of less than 8 bits, each row from a byte's beginning on, as 0 to 255.
fn unpacked(bytes: &[u8], width: usize, bits: u8) -> Vec<u8> {
    let (bits, most) = (usize::from(bits), (1_u8 << bits) - 1);
    let row = (width * bits).div_ceil(8);
    let sample = |row: &[u8], x: usize| {
        let at = x * bits;
        (row[at / 8] >> (8 - bits - at % 8) & most) * (255 / most)
    };
    bytes.chunks_exact(row).flat_map(|row| (0..width).map(move |x| sample(row, x))).collect()
}
