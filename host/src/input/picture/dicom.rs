//! DICOM, monochrome, each of its frames one.

use super::{Picture, Pixels, Room};
use crate::{Error, Result};
use dicom_dictionary_std::tags;
use dicom_object::file::ReadPreamble;
use dicom_object::OpenFileOptions;
use dicom_pixeldata::{DecodedPixelData, PixelDecoder, Rescale, VoiLutFunction, WindowLevel};
use std::path::Path;

/// The bytes are a DICOM file's, whatever its name.
pub fn is_dicom(bytes: &[u8]) -> bool {
    bytes.get(128..132) == Some(b"DICM")
}

/// An error of the libraries and its causes, one behind the other.
fn causes(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(e) = cause {
        let more = e.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = e.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unreadable<E: std::error::Error>(path: &Path) -> impl Fn(E) -> Error + '_ {
    move |e| Error::input(path, format!("not a readable DICOM file: {}", causes(&e)))
}

/// Reads the frames as values: rescaled, and black the least.
pub fn read(path: &Path, bytes: &[u8], room: &mut Room) -> Result<Picture> {
    let wrong = |message: String| Error::input(path, message);
    lengths(bytes).map_err(wrong)?;
    let object = OpenFileOptions::new()
        .read_preamble(ReadPreamble::Always)
        .from_reader(bytes)
        .map_err(unreadable(path))?;
    if object.get(tags::PIXEL_DATA).is_none() {
        return Err(wrong("holds no picture; give DICOM files with pixels".into()));
    }
    let element = |tag| object.element(tag).map_err(unreadable(path));
    let number = |tag| element(tag)?.to_int::<u32>().map_err(unreadable(path));
    let kind = element(tags::PHOTOMETRIC_INTERPRETATION)?.to_str().map_err(unreadable(path))?;
    if !kind.starts_with("MONOCHROME") || number(tags::SAMPLES_PER_PIXEL)? != 1 {
        let kind = kind.trim_end().escape_debug();
        return Err(wrong(format!("is in colour ({kind}); give a monochrome DICOM file, or PNG")));
    }
    let (width, height) = (number(tags::COLUMNS)? as usize, number(tags::ROWS)? as usize);
    let count = match object.get(tags::NUMBER_OF_FRAMES) {
        Some(count) if !count.to_str().is_ok_and(|count| count.is_empty()) => {
            number(tags::NUMBER_OF_FRAMES)? as usize
        }
        _ => 1,
    };
    room.holds(path, width, height.saturating_mul(count))?;
    let decoded = object.decode_pixel_data().map_err(|e| {
        wrong(format!("its pixels cannot be read: {}; save it without compression", causes(&e)))
    })?;
    room.take(width, height * count);
    let pixels = stored(path, &decoded, width * height * count)?;
    let scales = decoded.rescale().map_err(unreadable(path))?;
    let scale = |frame: usize| {
        let scale = scales.get(frame).or(scales.first()).copied();
        let scale = scale.unwrap_or(Rescale { slope: 1.0, intercept: 0.0 });
        let usable = scale.slope.is_finite() && scale.slope != 0.0 && scale.intercept.is_finite();
        usable.then_some(scale).ok_or_else(|| wrong("has a rescale slope of no use".into()))
    };
    let mut frames = Vec::with_capacity(count);
    for (i, frame) in pixels.chunks_exact(width * height).enumerate() {
        frames.push(rescaled(&decoded, frame, scale(i)?));
    }
    let window = window(&decoded, scale(0)?);
    let mut notes = Vec::new();
    let left = decoded.data().len() - pixels.len() * usize::from(decoded.bits_allocated() / 8);
    // Data of an odd length is filled up by a byte.
    if left > pixels.len() % 2 {
        notes.push(format!("the {left} bytes behind its pixels are left out"));
    }
    let left = [
        (tags::MODALITY_LUT_SEQUENCE, "table of values (Modality LUT)"),
        (tags::VOILUT_SEQUENCE, "table of what is to be seen (VOI LUT)"),
    ];
    for (tag, what) in left {
        if object.get(tag).is_some() {
            notes.push(format!("its {what} is left out"));
        }
    }
    if most(&decoded).is_some() {
        notes.push("its 0 is white (MONOCHROME1): values are counted from the other end".into());
    }
    Ok(Picture { width, height, planes: 1, frames, notes, window })
}

/// The stored pixels, so many.
fn stored(path: &Path, decoded: &DecodedPixelData, count: usize) -> Result<Vec<i32>> {
    let (allocated, stored) = (decoded.bits_allocated(), decoded.bits_stored());
    let lowest = (decoded.high_bit() + 1).checked_sub(stored);
    let lowest = match lowest {
        Some(lowest)
            if matches!(allocated, 8 | 16) && stored > 0 && lowest + stored <= allocated =>
        {
            u32::from(lowest)
        }
        _ => {
            let message =
                format!("has {stored} bits a pixel in {allocated}; save it with 8 or 16 bits");
            return Err(Error::input(path, message));
        }
    };
    let data = decoded.data();
    let length = count * usize::from(allocated / 8);
    if data.len() < length {
        let has = data.len();
        let message = format!("has {has} bytes of pixels, and its header names {length}");
        return Err(Error::input(path, message));
    }
    let signed = signed(decoded);
    let unused = 32 - u32::from(stored);
    let value = |raw: u32| {
        let high = raw >> lowest << unused;
        if signed {
            high as i32 >> unused
        } else {
            (high >> unused) as i32
        }
    };
    Ok(if allocated == 8 {
        data[..length].iter().map(|&byte| value(byte.into())).collect()
    } else {
        let word = |pair: &[u8]| value(u16::from_ne_bytes([pair[0], pair[1]]).into());
        data[..length].chunks_exact(2).map(word).collect()
    })
}

/// Goes through the elements: the library makes room for as many bytes as a length names before it
/// reads them.
fn lengths(bytes: &[u8]) -> std::result::Result<(), String> {
    // The kinds of value whose length has 2 bytes.
    const SHORT: &[u8] = b"AEASATCSDADSDTFLFDISLOLTPNSHSLSSSTTMUIULUS";
    const UNDEFINED: usize = u32::MAX as usize;
    let half = |at: usize| Some(usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)));
    let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    let (mut at, mut syntax, mut fragments) = (132, String::new(), false);
    while let (Some(group), Some(element)) = (half(at), half(at + 2)) {
        // After the meta group: how values are written; big-endian and deflated ones are not
        // looked at.
        let implicit = match syntax.as_str() {
            _ if group == 2 => false,
            "1.2.840.10008.1.2.2" | "1.2.840.10008.1.2.1.99" => return Ok(()),
            syntax => syntax == "1.2.840.10008.1.2",
        };
        let kind = bytes.get(at + 4..at + 6).unwrap_or_default();
        let is_item = group == 0xfffe;
        let short = SHORT.chunks(2).any(|short| short == kind);
        let (head, length) = match (implicit || is_item, short) {
            (true, _) => (8, word(at + 4)),
            (false, true) => (8, half(at + 6)),
            (false, false) => (12, word(at + 8)),
        };
        let Some(length) = length else { return Ok(()) };
        at += head;
        let pixels = (group, element) == (0x7fe0, 0x10);
        let entered = match (is_item, length) {
            // The items of pixel data are data; others, and sequences, hold elements.
            (true, _) => {
                fragments &= element != 0xe0dd;
                !fragments
            }
            // Written in another way within.
            (false, UNDEFINED) if kind == b"UN" => return Ok(()),
            (false, UNDEFINED) => {
                fragments = pixels;
                true
            }
            _ => !implicit && kind == b"SQ",
        };
        if entered {
            continue;
        }
        let value = bytes.get(at..).and_then(|rest| rest.get(..length)).ok_or_else(|| {
            let left = bytes.len().saturating_sub(at);
            format!(
                "is cut or damaged: its element ({group:04x},{element:04x}) names {length} bytes, \
                 and {left} are left"
            )
        })?;
        if (group, element) == (2, 0x10) {
            let end = |c: char| c == '\0' || c.is_whitespace();
            syntax = String::from_utf8_lossy(value).trim_end_matches(end).into();
        }
        at += length;
    }
    Ok(())
}

fn signed(decoded: &DecodedPixelData) -> bool {
    decoded.pixel_representation() as u16 == 1
}

/// A frame's values: the stored ones rescaled, and counted from the other end where 0 is white.
fn rescaled(decoded: &DecodedPixelData, frame: &[i32], scale: Rescale) -> Pixels {
    let most = most(decoded);
    let value = |&stored: &i32| {
        let stored = most.map_or(stored, |most| most - stored);
        scale.apply(stored.into())
    };
    let values: Vec<f64> = frame.iter().map(value).collect();
    if decoded.bits_stored() <= 8 && values.iter().all(|&v| f64::from(v as u8) == v) {
        Pixels::Bytes(values.into_iter().map(|v| v as u8).collect())
    } else {
        Pixels::Values(values.into_iter().map(|v| v as f32).collect())
    }
}

/// Where 0 is white: what the least and the greatest stored value add up to.
fn most(decoded: &DecodedPixelData) -> Option<i32> {
    let white = decoded.photometric_interpretation().as_str() == "MONOCHROME1";
    white.then(|| if signed(decoded) { -1 } else { (1 << decoded.bits_stored()) - 1 })
}

/// The values from black to white that the file asks to be shown, those of all frames together.
fn window(decoded: &DecodedPixelData, scale: Rescale) -> Option<(f64, f64)> {
    let windows = decoded.window().ok().flatten()?;
    let functions = decoded.voi_lut_function().ok().flatten();
    let exact = functions.and_then(<[_]>::first) == Some(&VoiLutFunction::LinearExact);
    let ends = |w: &WindowLevel| {
        let (middle, half) =
            if exact { (w.center, w.width / 2.0) } else { (w.center - 0.5, (w.width - 1.0) / 2.0) };
        (middle - half, middle + half)
    };
    let low = windows.iter().map(|w| ends(w).0).fold(f64::INFINITY, f64::min);
    let high = windows.iter().map(|w| ends(w).1).fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = match most(decoded) {
        Some(most) => {
            let sum = scale.slope * f64::from(most) + 2.0 * scale.intercept;
            (sum - high, sum - low)
        }
        None => (low, high),
    };
    (low.is_finite() && high.is_finite() && low < high).then_some((low, high))
}
