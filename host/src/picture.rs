//! Pictures: grey images, the codebook as a mosaic, the learning curve.

use crate::model::Model;
use crate::{Error, Result};
use image::{ExtendedColorType, ImageEncoder};
use plotters::prelude::*;
use std::path::Path;

/// A grey image in the format that the path's ending names: PNG or PGM.
pub fn encode(path: &Path, pixels: &[u8], width: usize, height: usize) -> Result<Vec<u8>> {
    let (w, h) = (width as u32, height as u32);
    let mut bytes = Vec::new();
    let result = match crate::data::ending(path).as_str() {
        "png" => image::codecs::png::PngEncoder::new(&mut bytes).write_image(
            pixels,
            w,
            h,
            ExtendedColorType::L8,
        ),
        "pgm" => image::codecs::pnm::PnmEncoder::new(&mut bytes)
            .with_subtype(image::codecs::pnm::PnmSubtype::Graymap(
                image::codecs::pnm::SampleEncoding::Binary,
            ))
            .write_image(pixels, w, h, ExtendedColorType::L8),
        _ => return Err(Error::input(path, "images are written as .png or .pgm")),
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
    const ZOOM: usize = 8;
    let c = &model.vq.config;
    let (w, h) = match model.block {
        Some(block) => (block, block),
        None => (c.dimension, 1),
    };
    let flip = model.quantization.flip();
    let mut blocks = Vec::with_capacity(c.codewords * w * h * ZOOM * ZOOM);
    for i in 0..c.codewords {
        let word: Vec<u8> = model.decoded(i).map(|s| s ^ flip).collect();
        for y in 0..h * ZOOM {
            blocks.extend((0..w * ZOOM).map(|x| word[y / ZOOM * w + x / ZOOM]));
        }
    }
    let across = if h == 1 { 1 } else { (c.codewords as f64).sqrt().ceil() as usize };
    sheet(&blocks, w * ZOOM, h * ZOOM, across)
}

/// Mean distortion per sample against vectors learned, SVG.
pub fn curve(model: &Model) -> Result<String> {
    let failed = |e: String| Error::request(format!("the plot cannot be drawn: {e}"));
    let d = model.vq.config.dimension as f64;
    let points: Vec<(f64, f64)> =
        model.history.iter().map(|&(n, distance)| (n as f64, distance / d)).collect();
    let right = points.last().map_or(1.0, |p| p.0).max(1.0);
    let top = points.iter().map(|p| p.1).fold(0.0, f64::max).max(1e-9) * 1.05;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (720, 400)).into_drawing_area();
        area.fill(&WHITE).map_err(|e| failed(e.to_string()))?;
        let mut chart = ChartBuilder::on(&area)
            .caption("Distortion while learning", ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(0.0..right, 0.0..top)
            .map_err(|e| failed(e.to_string()))?;
        chart
            .configure_mesh()
            .x_desc("vectors learned")
            .y_desc("mean distortion a sample")
            .x_label_formatter(&|v| format!("{v:.0}"))
            .y_label_formatter(&|v| format!("{v:.0}"))
            .draw()
            .map_err(|e| failed(e.to_string()))?;
        chart
            .draw_series(LineSeries::new(points, BLUE.stroke_width(2)))
            .map_err(|e| failed(e.to_string()))?;
        area.present().map_err(|e| failed(e.to_string()))?;
    }
    Ok(svg)
}
