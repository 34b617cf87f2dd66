//! Pictures: grey images, the codebook as a mosaic, the learning curve.

use crate::tasks::codebook::Model;
use crate::tasks::optimize::Mark;
use crate::tasks::regress::Score;
use crate::{Error, Result};
use fixlearn_sim::golden::cores::gradient::reference::Reference;
use fixlearn_sim::golden::cores::gradient::Gradient;
use image::{ExtendedColorType, ImageEncoder};
use plotters::prelude::*;
use std::path::Path;

/// A grey image in the format that the path's ending names: PNG or PGM.
///
/// # Errors
/// If it names another.
pub fn encode(path: &Path, pixels: &[u8], width: usize, height: usize) -> Result<Vec<u8>> {
    written(path, pixels, width, height, ExtendedColorType::L8)
}

/// The same with 16 bits a pixel.
///
/// # Errors
/// If it names another.
pub fn encode_deep(path: &Path, pixels: &[u16], width: usize, height: usize) -> Result<Vec<u8>> {
    if crate::input::ending(path) == "pgm" {
        // The crate writes 8 bits only.
        let mut bytes = format!("P5 {width} {height} 65535\n").into_bytes();
        bytes.extend(pixels.iter().flat_map(|p| p.to_be_bytes()));
        return Ok(bytes);
    }
    let bytes: Vec<u8> = pixels.iter().flat_map(|p| p.to_ne_bytes()).collect();
    written(path, &bytes, width, height, ExtendedColorType::L16)
}

fn written(
    path: &Path,
    pixels: &[u8],
    width: usize,
    height: usize,
    kind: ExtendedColorType,
) -> Result<Vec<u8>> {
    let (w, h) = (width as u32, height as u32);
    let mut bytes = Vec::new();
    let result = match crate::input::ending(path).as_str() {
        "png" => image::codecs::png::PngEncoder::new(&mut bytes).write_image(pixels, w, h, kind),
        "pgm" => image::codecs::pnm::PnmEncoder::new(&mut bytes)
            .with_subtype(image::codecs::pnm::PnmSubtype::Graymap(
                image::codecs::pnm::SampleEncoding::Binary,
            ))
            .write_image(pixels, w, h, kind),
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
    let across = if h == 1 { 1 } else { (c.codewords as f64).sqrt().ceil() as usize };
    sheet(&blocks, w * ZOOM, h * ZOOM, across)
}

/// Mean distortion per sample against vectors learned, SVG.
pub fn curve(model: &Model) -> Result<String> {
    let failed = |e: String| Error::request(format!("the plot cannot be drawn: {e}"));
    let d = model.state.config.dimension as f64;
    let points: Vec<(f64, f64)> =
        model.curve.iter().map(|m| (m.vectors as f64, m.mean_distance / d)).collect();
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

fn failed(e: impl std::fmt::Display) -> Error {
    Error::request(format!("the plot cannot be drawn: {e}"))
}

/// A logarithmic curve that zeros do not break.
fn decades(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .filter(|v| *v > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(l, h), v| (l.min(v), h.max(v)));
    if high > 0.0 {
        (low, high.max(low * 10.0))
    } else {
        (1e-12, 1.0)
    }
}

/// An optimization's path over the function's contours, for two dimensions, beside its value
/// against iterations, SVG.
pub fn path(start: &Gradient, trace: &[Mark]) -> Result<String> {
    let mut svg = String::new();
    {
        let flat = start.config.dimension == 2;
        let width = if flat { 1120 } else { 640 };
        let area = SVGBackend::with_string(&mut svg, (width, 480)).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        let curve = if flat {
            let (left, right) = area.split_horizontally(560);
            contours(&left, start, trace)?;
            right
        } else {
            area.clone()
        };
        let last = trace.last().map_or(1, |m| m.iteration.max(1));
        let (low, high) = decades(trace.iter().map(|m| m.value));
        let mut chart = ChartBuilder::on(&curve)
            .caption("Value", ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(0.0..last as f64, (low..high).log_scale())
            .map_err(failed)?;
        chart
            .configure_mesh()
            .x_desc("iterations")
            .y_desc("f(x)")
            .x_label_formatter(&|v| format!("{v:.0}"))
            .y_label_formatter(&|v| format!("{v:.0e}"))
            .draw()
            .map_err(failed)?;
        let points = trace.iter().filter(|m| m.value > 0.0);
        let points = points.map(|m| (m.iteration as f64, m.value));
        chart.draw_series(LineSeries::new(points, BLUE.stroke_width(2))).map_err(failed)?;
        area.present().map_err(failed)?;
    }
    Ok(svg)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// Contours at each power of 4 of the function, the path from a ring to a disc, and a cross at the
/// minimum beside its end.
fn contours(area: &Area, start: &Gradient, trace: &[Mark]) -> Result<()> {
    const CELLS: usize = 160;
    let mut function = Reference::new(start);
    let at = |axis: usize| {
        let along = |m: &Mark| m.point.get(axis).copied().unwrap_or(0.0);
        let low = trace.iter().map(along).fold(f64::INFINITY, f64::min);
        let high = trace.iter().map(along).fold(f64::NEG_INFINITY, f64::max);
        let room = ((high - low) * 0.25).max(0.3);
        (low - room, high + room)
    };
    let ((x0, x1), (y0, y1)) = (at(0), at(1));
    let mut chart = ChartBuilder::on(area)
        .caption("Path", ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(x0..x1, y0..y1)
        .map_err(failed)?;
    chart.configure_mesh().x_desc("x0").y_desc("x1").draw().map_err(failed)?;
    let place = |i: usize, j: usize| {
        let share = |k: usize| k as f64 / CELLS as f64;
        (x0 + (x1 - x0) * share(i), y0 + (y1 - y0) * share(j))
    };
    let mut level = |i: usize, j: usize| {
        let (x, y) = place(i, j);
        function.point = vec![x, y];
        function.evaluate(None).0.max(1e-12).log(4.0)
    };
    let grid: Vec<Vec<f64>> =
        (0..=CELLS).map(|i| (0..=CELLS).map(|j| level(i, j)).collect()).collect();
    let mut lines = Vec::new();
    for i in 0..CELLS {
        for j in 0..CELLS {
            // The cell's two triangles; each level crosses a triangle in one line at most.
            let corner = |a: usize, b: usize| (place(i + a, j + b), grid[i + a][j + b]);
            for triangle in [[(0, 0), (1, 0), (0, 1)], [(1, 1), (1, 0), (0, 1)]] {
                let corners = triangle.map(|(a, b)| corner(a, b));
                let low = corners.iter().map(|c| c.1).fold(f64::INFINITY, f64::min);
                let high = corners.iter().map(|c| c.1).fold(f64::NEG_INFINITY, f64::max);
                for step in low.ceil() as i32..=high.floor() as i32 {
                    let ends = crossings(&corners, f64::from(step));
                    if ends.len() == 2 {
                        lines.push(ends);
                    }
                }
            }
        }
    }
    let grey = RGBColor(170, 170, 170);
    chart.draw_series(lines.into_iter().map(|l| PathElement::new(l, grey))).map_err(failed)?;
    let points: Vec<(f64, f64)> =
        trace.iter().filter_map(|m| Some((*m.point.first()?, *m.point.get(1)?))).collect();
    let (start, end) = (points.first().copied(), points.last().copied());
    chart.draw_series(LineSeries::new(points, RED.stroke_width(2))).map_err(failed)?;
    let say = |text: &str, style: ShapeStyle| (text.to_string(), style);
    for (place, (text, style)) in
        [(start, say("start", RED.stroke_width(2))), (end, say("end", RED.filled()))]
    {
        let ring = place.into_iter().map(|p| Circle::new(p, 5, style));
        let legend = move |(x, y)| Circle::new((x + 8, y), 4, style);
        chart.draw_series(ring).map_err(failed)?.label(text).legend(legend);
    }
    if let Some(minimum) = end.and_then(|end| minimum(&mut function, end)) {
        let style = BLACK.stroke_width(2);
        let cross = [Cross::new(minimum, 6, style)];
        let legend = move |(x, y)| Cross::new((x + 8, y), 4, style);
        chart.draw_series(cross).map_err(failed)?.label("minimum").legend(legend);
    }
    let labels = chart.configure_series_labels().background_style(WHITE.mix(0.8)).draw();
    labels.map_err(failed)
}

/// The minimum near a point, by Newton's method with differences of gradients; none if it does not
/// lead to one.
fn minimum(function: &mut Reference, from: (f64, f64)) -> Option<(f64, f64)> {
    const STEP: f64 = 1e-6;
    let mut slope = |x: f64, y: f64| {
        function.point = vec![x, y];
        let gradient = function.evaluate(None).1;
        (gradient[0], gradient[1])
    };
    let (mut x, mut y) = from;
    for _ in 0..50 {
        let (g, along_x, along_y) = (slope(x, y), slope(x + STEP, y), slope(x, y + STEP));
        let (a, b) = ((along_x.0 - g.0) / STEP, (along_y.0 - g.0) / STEP);
        let d = (along_y.1 - g.1) / STEP;
        let determinant = a * d - b * b;
        if a <= 0.0 || determinant <= 0.0 {
            return None;
        }
        let (dx, dy) = ((d * g.0 - b * g.1) / determinant, (a * g.1 - b * g.0) / determinant);
        (x, y) = (x - dx, y - dy);
        if dx.hypot(dy) < 1e-7 {
            return Some((x, y));
        }
    }
    None
}

/// Where a level crosses a triangle's sides.
fn crossings(corners: &[((f64, f64), f64); 3], level: f64) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    for (a, b) in [(0, 1), (1, 2), (2, 0)] {
        let ((p, low), (q, high)) = (corners[a], corners[b]);
        if (low < level) != (high < level) {
            let t = (level - low) / (high - low);
            found.push((p.0 + t * (q.0 - p.0), p.1 + t * (q.1 - p.1)));
        }
    }
    found
}

/// Training and held-out error or accuracy by pass, SVG.
pub fn scores(trace: &[Score], measure: &str) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (720, 400)).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        let all = || trace.iter().flat_map(|s| s.held_out.into_iter().chain([s.training]));
        let low = all().fold(f64::INFINITY, f64::min);
        let high = all().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        let room = ((high - low) * 0.1).max(1e-3);
        let right = trace.last().map_or(1.0, |s| s.pass as f64).max(2.0);
        let mut chart = ChartBuilder::on(&area)
            .caption("Learning curve: training blue, held out red", ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(1.0..right, low - room..high + room)
            .map_err(failed)?;
        chart
            .configure_mesh()
            .x_desc("pass")
            .y_desc(measure)
            .x_label_formatter(&|v| format!("{v:.0}"))
            .draw()
            .map_err(failed)?;
        let training = trace.iter().map(|s| (s.pass as f64, s.training));
        chart.draw_series(LineSeries::new(training, BLUE.stroke_width(2))).map_err(failed)?;
        let held = trace.iter().filter_map(|s| Some((s.pass as f64, s.held_out?)));
        chart.draw_series(LineSeries::new(held, RED.stroke_width(2))).map_err(failed)?;
        area.present().map_err(failed)?;
    }
    Ok(svg)
}
