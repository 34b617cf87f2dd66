//! Pictures: grey images, the codebook as a mosaic.

use crate::tasks::codebook::Model;
use crate::{Error, Result};
use image::codecs::png::PngEncoder;
use image::codecs::pnm::{PnmEncoder, PnmSubtype, SampleEncoding};
use image::{ExtendedColorType, ImageEncoder};
use std::path::Path;

/// An image in the format that the path's ending names, of pixels of 1 or 3 `channels`: PNG, or
/// PGM if grey, or PPM if coloured.
///
/// # Errors
/// If it names another.
pub fn encode(
    path: &Path,
    pixels: &[u8],
    width: usize,
    height: usize,
    channels: usize,
) -> Result<Vec<u8>> {
    let kind = if channels == 3 { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
    written(path, pixels, width, height, kind)
}

/// The same with 16 bits a sample.
///
/// # Errors
/// If it names another.
pub fn encode_deep(
    path: &Path,
    pixels: &[u16],
    width: usize,
    height: usize,
    channels: usize,
) -> Result<Vec<u8>> {
    let (kind, magic) = match (channels, crate::input::ending(path).as_str()) {
        (3, "ppm") => (ExtendedColorType::Rgb16, Some("P6")),
        (3, _) => (ExtendedColorType::Rgb16, None),
        (_, "pgm") => (ExtendedColorType::L16, Some("P5")),
        _ => (ExtendedColorType::L16, None),
    };
    if let Some(magic) = magic {
        // The crate writes 8 bits only.
        let mut bytes = format!("{magic} {width} {height} 65535\n").into_bytes();
        bytes.extend(pixels.iter().flat_map(|p| p.to_be_bytes()));
        return Ok(bytes);
    }
    let bytes: Vec<u8> = pixels.iter().flat_map(|p| p.to_ne_bytes()).collect();
    written(path, &bytes, width, height, kind)
}

/// A PNG of pixels of 1 or 3 `channels`.
///
/// # Errors
/// If they are not as many as the size says.
pub fn png(pixels: &[u8], width: usize, height: usize, channels: usize) -> Result<Vec<u8>> {
    encode(Path::new("page.png"), pixels, width, height, channels)
}

fn written(
    path: &Path,
    pixels: &[u8],
    width: usize,
    height: usize,
    kind: ExtendedColorType,
) -> Result<Vec<u8>> {
    let (w, h) = (width as u32, height as u32);
    let coloured = matches!(kind, ExtendedColorType::Rgb8 | ExtendedColorType::Rgb16);
    let mut bytes = Vec::new();
    let result = match (crate::input::ending(path).as_str(), coloured) {
        ("png", _) => PngEncoder::new(&mut bytes).write_image(pixels, w, h, kind),
        ("pgm", false) => PnmEncoder::new(&mut bytes)
            .with_subtype(PnmSubtype::Graymap(SampleEncoding::Binary))
            .write_image(pixels, w, h, kind),
        ("ppm", true) => PnmEncoder::new(&mut bytes)
            .with_subtype(PnmSubtype::Pixmap(SampleEncoding::Binary))
            .write_image(pixels, w, h, kind),
        (_, false) => return Err(Error::input(path, "images are written as .png or .pgm")),
        _ => return Err(Error::input(path, "coloured images are written as .png or .ppm")),
    };
    result.map_err(|e| Error::input(path, e.to_string()))?;
    Ok(bytes)
}

/// Images of one size side by side, `across` in a row, a pixel of mid grey between them.
/// Returns pixels, width and height.
pub fn sheet(images: &[u8], width: usize, height: usize, across: usize) -> (Vec<u8>, usize, usize) {
    let count = images.len() / (width * height).max(1);
    let across = across.clamp(1, count.max(1));
    let (w, h) = (across * (width + 1) - 1, count.div_ceil(across) * (height + 1) - 1);
    let mut pixels = vec![128; w * h];
    for (i, image) in images.chunks_exact((width * height).max(1)).enumerate() {
        let (x, y) = (i % across * (width + 1), i / across * (height + 1));
        for (row, line) in image.chunks_exact(width).enumerate() {
            let at = (y + row) * w + x;
            pixels[at..at + width].copy_from_slice(line);
        }
    }
    (pixels, w, h)
}

/// The codebook, one block a codeword, each pixel 8 x 8; rows of vectors for tables.
pub fn mosaic(model: &Model) -> (Vec<u8>, usize, usize) {
    mosaic_of(model, (model.state.config.codewords as f64).sqrt().ceil() as usize)
}

/// The same with so many blocks in a row.
pub fn mosaic_of(model: &Model, across: usize) -> (Vec<u8>, usize, usize) {
    const ZOOM: usize = 8;
    let c = &model.state.config;
    let (w, h) = match model.plan.block {
        Some(block) => (block, block),
        None => (c.dimension, 1),
    };
    let flip = model.plan.quantization.flip();
    let mut blocks = Vec::with_capacity(c.codewords * w * h * ZOOM * ZOOM);
    for i in 0..c.codewords {
        let word: Vec<u8> = model.decoded(i).map(|s| s ^ flip).collect();
        for y in 0..h * ZOOM {
            blocks.extend((0..w * ZOOM).map(|x| word[y / ZOOM * w + x / ZOOM]));
        }
    }
    let across = if h == 1 { 1 } else { across };
    sheet(&blocks, w * ZOOM, h * ZOOM, across)
}
