//! Pictures: a file's frames, as planes of grey, or of red, green and blue.

mod animation;
mod dicom;
mod ends;
mod tiff;

use crate::{Error, Result};
use image::codecs::bmp::BmpDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::pnm::{PnmDecoder, PnmSubtype};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, Limits};
use std::io::Cursor;
use std::path::Path;

pub use dicom::is_dicom;

/// The frames of a file.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    /// 1, or 3: red, green, blue.
    pub planes: usize,
    /// At least one; its planes one after the other, each row after row.
    pub frames: Vec<Pixels>,
    /// What of it was left out, or taken otherwise than it stands there.
    pub notes: Vec<String>,
    /// The range of values that the file says is to be seen.
    pub window: Option<(f64, f64)>,
}

/// Pixels of 8 bits, or of more.
#[derive(Clone, Debug, PartialEq)]
pub enum Pixels {
    Bytes(Vec<u8>),
    Values(Vec<f32>),
}

/// The pixels that may still be read.
pub struct Room(usize);

/// The most pixels that the frames of all inputs may have together.
const MOST: usize = 1 << 28;

impl Room {
    pub fn new() -> Self {
        Self(MOST)
    }

    /// Says whether a frame of this size is one, and is left room for.
    ///
    /// # Errors
    /// If not.
    fn holds(&self, path: &Path, width: usize, height: usize) -> Result<()> {
        if width == 0 || height == 0 {
            return Err(Error::input(path, "has no pixels; give a picture of at least one"));
        }
        if width.checked_mul(height).is_none_or(|pixels| pixels > self.0) {
            let message = format!(
                "with its {width}x{height} pixels a frame, the input has more than {MOST} pixels \
                 in all; give fewer or smaller pictures"
            );
            return Err(Error::input(path, message));
        }
        Ok(())
    }

    /// A frame that it holds was read.
    fn take(&mut self, width: usize, height: usize) {
        self.0 = self.0.saturating_sub(width.saturating_mul(height));
    }
}

/// Reads a picture.
///
/// # Errors
/// If the file is no picture that can be read, is cut, or there is not the room for it.
pub fn read(path: &Path, bytes: &[u8], room: &mut Room) -> Result<Picture> {
    if is_dicom(bytes) {
        return dicom::read(path, bytes, room);
    }
    // The crate image does not know files that can be beyond 4 GB.
    if [b"II+\0", b"MM\0+"].contains(&bytes.first_chunk().unwrap_or(b"    ")) {
        return tiff::read(path, bytes, room);
    }
    let mut notes = Vec::new();
    // The file's own sample for 65535, where it is deep.
    let mut most = u32::from(u16::MAX);
    let from = Cursor::new(bytes);
    let image = match image::guess_format(bytes).map_err(unreadable(path))? {
        ImageFormat::Pnm => {
            let decoder = PnmDecoder::new(from).map_err(unreadable(path))?;
            fits(path, &decoder, room)?;
            let (image, greatest) = pnm(path, bytes)?;
            most = greatest;
            image
        }
        ImageFormat::Png => {
            let chunks = ends::png(path, bytes)?;
            let decoder = PngDecoder::with_limits(from, limits()).map_err(unreadable(path))?;
            if chunks.animated {
                return animation::apng(path, decoder, &chunks, room);
            }
            still(path, decoder, room, &mut notes)?
        }
        ImageFormat::Gif => {
            ends::gif(path, bytes)?;
            return animation::gif(path, bytes, room);
        }
        ImageFormat::Tiff => return tiff::read(path, bytes, room),
        ImageFormat::Jpeg => {
            notes.extend(behind(bytes.len() - ends::jpeg(path, bytes)?));
            let decoder = JpegDecoder::new(from).map_err(unreadable(path))?;
            still(path, decoder, room, &mut notes)?
        }
        ImageFormat::Bmp => {
            notes.extend(behind(bytes.len() - ends::bmp(path, bytes)?));
            let decoder = BmpDecoder::new(from).map_err(unreadable(path))?;
            still(path, decoder, room, &mut notes)?
        }
        format => {
            let message = format!("is {format:?}, which is not read; save it as PNG");
            return Err(Error::input(path, message));
        }
    };
    let (width, height) = (image.width() as usize, image.height() as usize);
    room.take(width, height);
    if image.color().has_alpha() && !opaque(&image) {
        notes.push(TRANSPARENT.into());
    }
    let planes = if image.color().has_color() { 3 } else { 1 };
    let deep = image.color().bytes_per_pixel() > image.color().channel_count();
    let frame = match (deep, planes) {
        (false, 1) => Pixels::Bytes(image.into_luma8().into_raw()),
        (false, _) => Pixels::Bytes(planar(image.into_rgb8().as_raw(), 3, 3)),
        (true, 1) => values(image.into_luma16().as_raw(), 1, 1),
        (true, _) => values(image.into_rgb16().as_raw(), 3, 3),
    };
    let own = |v: f32| (v * most as f32 / f32::from(u16::MAX)).round();
    let frame = match frame {
        Pixels::Values(values) if most != u32::from(u16::MAX) => {
            Pixels::Values(values.into_iter().map(own).collect())
        }
        frame => frame,
    };
    Ok(Picture { width, height, planes, frames: vec![frame], notes, window: None })
}

const TRANSPARENT: &str = "its transparency is left out";
const TURNED: &str = "it is turned as its orientation says";

fn unreadable(path: &Path) -> impl Fn(ImageError) -> Error + '_ {
    move |e| {
        let cut = |e: &std::io::Error| e.kind() == std::io::ErrorKind::UnexpectedEof;
        let message = match e {
            ImageError::IoError(e) if cut(&e) => {
                "is shorter than its header says; save it again".into()
            }
            e => format!("not a readable image: {e}; save it again"),
        };
        Error::input(path, message)
    }
}

/// What is said of bytes that a file has behind its picture.
fn behind(bytes: usize) -> Option<String> {
    (bytes > 0).then(|| format!("the {bytes} bytes behind its picture are left out"))
}

/// So that a decoder takes no more memory than the pixels there may be need.
fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(8 * MOST as u64);
    limits
}

/// Its size is one that there is room for.
fn fits(path: &Path, decoder: &impl ImageDecoder, room: &Room) -> Result<()> {
    let (width, height) = decoder.dimensions();
    room.holds(path, width as usize, height as usize)
}

/// Decodes a picture, and turns it as it says that it is to be seen.
fn still(
    path: &Path,
    mut decoder: impl ImageDecoder,
    room: &Room,
    notes: &mut Vec<String>,
) -> Result<DynamicImage> {
    fits(path, &decoder, room)?;
    decoder.set_limits(limits()).map_err(unreadable(path))?;
    let orientation = decoder.orientation().map_err(unreadable(path))?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(unreadable(path))?;
    if orientation != Orientation::NoTransforms {
        notes.push(TURNED.into());
        image.apply_orientation(orientation);
    }
    Ok(image)
}

/// The first so many planes of pixels of so many channels, one after the other.
fn planar<T: Copy>(pixels: &[T], channels: usize, planes: usize) -> Vec<T> {
    let plane = |p| pixels.iter().skip(p).step_by(channels).copied();
    (0..planes).flat_map(plane).collect()
}

/// The same, as pixels of more than 8 bits.
fn values(pixels: &[u16], channels: usize, planes: usize) -> Pixels {
    Pixels::Values(planar(pixels, channels, planes).into_iter().map(f32::from).collect())
}

/// Every pixel hides what is behind it.
fn opaque(image: &DynamicImage) -> bool {
    image.to_rgba16().pixels().all(|pixel| pixel.0[3] == u16::MAX)
}

/// Netpbm's formats, of which one file may hold several pictures; and the greatest sample that the
/// header names.
fn pnm(path: &Path, bytes: &[u8]) -> Result<(DynamicImage, u32)> {
    let mut from = Cursor::new(bytes);
    let decoder = PnmDecoder::new(&mut from).map_err(unreadable(path))?;
    let (subtype, most) = (decoder.subtype(), decoder.header().maximal_sample());
    let samples = decoder.total_bytes() as usize;
    // The decoder makes room for whatever size the file names. A byte holds a sample, or less; or
    // eight of them.
    let most_of_a_byte = if matches!(subtype, PnmSubtype::Bitmap(_)) { 8 } else { 1 };
    if samples / most_of_a_byte > bytes.len() {
        return Err(Error::input(path, "is shorter than its header says; save it again"));
    }
    let image = DynamicImage::from_decoder(decoder).map_err(unreadable(path))?;
    let end = from.position() as usize;
    if bytes.get(end..).unwrap_or_default().iter().any(|b| !b.is_ascii_whitespace()) {
        let start = end.saturating_sub(samples);
        // One byte ends the header: of two, the second would be the first pixel.
        let two = bytes.get(start.saturating_sub(1)..=start) == Some(b"\r\n");
        let message = match two && subtype_is_binary(subtype) && end + 1 == bytes.len() {
            true => "ends the lines of its header with two bytes, CR and LF; save it with LF alone",
            false => "holds something behind its first picture; give one picture a file",
        };
        return Err(Error::input(path, message));
    }
    // The decoder lets what is beyond the greatest sample saturate.
    let raw = end.checked_sub(samples).and_then(|start| bytes.get(start..end));
    let binary = |raw: &&[u8]| raw.len() == samples && subtype_is_binary(subtype);
    let beyond = raw.filter(binary).and_then(|raw| {
        if most > 255 {
            let word = |pair: &[u8]| u32::from(u16::from_be_bytes([pair[0], pair[1]]));
            raw.chunks_exact(2).map(word).find(|&sample| sample > most)
        } else {
            raw.iter().map(|&sample| u32::from(sample)).find(|&sample| sample > most)
        }
    });
    if let Some(sample) = beyond {
        let message = format!("has a sample of {sample}, above the {most} that its header names");
        return Err(Error::input(path, message));
    }
    Ok((image, most))
}

fn subtype_is_binary(subtype: PnmSubtype) -> bool {
    use image::codecs::pnm::SampleEncoding::Binary;
    matches!(subtype, PnmSubtype::Graymap(Binary) | PnmSubtype::Pixmap(Binary))
}
