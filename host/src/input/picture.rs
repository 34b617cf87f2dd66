//! Grey pictures.

use crate::{Error, Result};
use image::codecs::pnm::{PnmDecoder, PnmSubtype};
use image::{DynamicImage, ImageDecoder, ImageFormat};
use std::io::Cursor;
use std::path::Path;

/// A picture in grey.
pub struct Picture {
    /// Row after row; 8 bits wide unless `deep`.
    pub pixels: Vec<u16>,
    pub width: usize,
    pub height: usize,
    /// With more than 8 bits a pixel.
    pub deep: bool,
    /// The file's own sample for 65535, where it is deep.
    pub most: u32,
    /// What of it was left out.
    pub notes: Vec<&'static str>,
}

/// The last chunk of a PNG, with its checksum.
const PNG_END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

/// Reads a picture in grey.
///
/// # Errors
/// If the file is no picture that can be read, or holds more than one.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Picture> {
    let unreadable = |e| Error::input(path, format!("not a readable image: {e}"));
    let mut most = u16::MAX.into();
    let image = match image::guess_format(bytes).map_err(unreadable)? {
        ImageFormat::Pnm => {
            let (image, greatest) = pnm(path, bytes)?;
            most = greatest;
            image
        }
        ImageFormat::Png if !bytes.ends_with(PNG_END) => {
            let message = "holds something behind its picture, or is cut; save it again";
            return Err(Error::input(path, message));
        }
        ImageFormat::Png if bytes.windows(4).any(|chunk| chunk == b"acTL") => {
            let message = "is an animation; give one picture a file";
            return Err(Error::input(path, message));
        }
        format => image::load_from_memory_with_format(bytes, format).map_err(unreadable)?,
    };
    if image.width() == 0 || image.height() == 0 {
        return Err(Error::input(path, "has no pixels; give a picture of at least one"));
    }
    let mut notes = Vec::new();
    if image.color().has_alpha() && !opaque(&image) {
        notes.push("its transparency is left out");
    }
    if image.color().has_color() {
        notes.push("its colours are turned into grey");
    }
    let (width, height) = (image.width() as usize, image.height() as usize);
    let deep = image.color().bytes_per_pixel() > image.color().channel_count();
    let pixels = if deep {
        image.into_luma16().into_raw()
    } else {
        image.into_luma8().into_raw().into_iter().map(u16::from).collect()
    };
    Ok(Picture { pixels, width, height, deep, most, notes })
}

/// Every pixel hides what is behind it.
fn opaque(image: &DynamicImage) -> bool {
    image.to_rgba16().pixels().all(|pixel| pixel.0[3] == u16::MAX)
}

/// Netpbm's formats, of which one file may hold several pictures; and the greatest sample that the
/// header names.
fn pnm(path: &Path, bytes: &[u8]) -> Result<(DynamicImage, u32)> {
    let unreadable = |e| Error::input(path, format!("not a readable image: {e}"));
    let mut from = Cursor::new(bytes);
    let decoder = PnmDecoder::new(&mut from).map_err(unreadable)?;
    let (subtype, most) = (decoder.subtype(), decoder.header().maximal_sample());
    let samples = decoder.total_bytes() as usize;
    // The decoder makes room for whatever size the file names. A byte holds a sample, or less; or
    // eight of them.
    let most_of_a_byte = if matches!(subtype, PnmSubtype::Bitmap(_)) { 8 } else { 1 };
    if samples / most_of_a_byte > bytes.len() {
        return Err(Error::input(path, "is shorter than its header says; save it again"));
    }
    let image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    let end = from.position() as usize;
    if bytes.get(end..).unwrap_or_default().iter().any(|b| !b.is_ascii_whitespace()) {
        let message = "holds something behind its first picture; give one picture a file";
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
