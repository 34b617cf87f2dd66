//! Plots: learning curves and paths, as SVG or PNG.

mod chart;
mod curves;
pub mod watch;

pub use chart::Chart;
pub use curves::{tick, Curve, Curves};
pub use plotters::style::RGBColor;

use crate::{input, output, Error, Result};
use plotters::chart::SeriesLabelPosition;
use plotters::coord::Shift;
use plotters::prelude::*;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;
use std::path::Path;

/// The endings of the files that a plot is written to.
pub const ENDINGS: &[&str] = &["svg", "png"];

/// Where a plot is drawn.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Whether it could be drawn.
pub type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

/// Something that can be drawn.
pub trait Plot {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    /// Draws it on a white area of this size.
    ///
    /// # Errors
    /// As the drawing library's.
    fn draw(&self, area: &Area) -> Drawn;
}

/// Writes a plot in the format that the path's ending names, which is one of [`ENDINGS`].
///
/// # Errors
/// If it cannot be drawn, or the file cannot be written.
pub fn write(path: &Path, plot: &impl Plot) -> Result<()> {
    let text = svg(plot)?;
    let bytes = if input::ending(path) == "png" { png(&text)? } else { text.into_bytes() };
    output::write(path, &bytes)
}

/// A plot as SVG.
///
/// # Errors
/// If it cannot be drawn.
pub fn svg(plot: &impl Plot) -> Result<String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, plot.size()).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        plot.draw(&area).map_err(failed)?;
        area.present().map_err(failed)?;
    }
    Ok(text)
}

/// The same picture as PNG, two pixels for each of the SVG's along both axes.
fn png(svg: &str) -> Result<Vec<u8>> {
    const ZOOM: f32 = 2.0;
    let mut options = usvg::Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_font_data(ttf_noto_sans::REGULAR.to_vec());
    fonts.set_sans_serif_family("Noto Sans");
    let tree = usvg::Tree::from_str(svg, &options).map_err(failed)?;
    let size = tree.size();
    let (width, height) = ((size.width() * ZOOM) as u32, (size.height() * ZOOM) as u32);
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| failed("it has no size"))?;
    resvg::render(&tree, Transform::from_scale(ZOOM, ZOOM), &mut pixels.as_mut());
    pixels.encode_png().map_err(failed)
}

fn failed(e: impl std::fmt::Display) -> Error {
    Error::request(format!("the plot cannot be drawn: {e}"))
}

/// The font's name.
pub const SANS: &str = "sans-serif";

/// The corner with the fewest of these points, whose coordinates go from 0 to 1: where the names
/// are.
pub fn free_corner(points: impl Iterator<Item = (f64, f64)> + Clone) -> SeriesLabelPosition {
    // As far as some names reach.
    let near = |x: f64, far: bool, share: f64| if far { x > 1.0 - share } else { x < share };
    let taken = |right: bool, upper: bool| {
        points.clone().filter(|&(x, y)| near(x, right, 0.28) && near(y, upper, 0.2)).count()
    };
    [
        (SeriesLabelPosition::UpperRight, taken(true, true)),
        (SeriesLabelPosition::LowerRight, taken(true, false)),
        (SeriesLabelPosition::UpperLeft, taken(false, true)),
        (SeriesLabelPosition::LowerLeft, taken(false, false)),
    ]
    .into_iter()
    .min_by_key(|(_, points)| *points)
    .map_or(SeriesLabelPosition::MiddleRight, |(corner, _)| corner)
}
