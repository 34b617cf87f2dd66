//! The learning curve of a filter as a picture.

use super::Mark;
use crate::{Error, Result};
use plotters::prelude::*;

/// Gain in dB against samples learned, SVG.
///
/// # Errors
/// If it cannot be drawn.
pub fn gains(curve: &[Mark], measure: &str) -> Result<String> {
    draw(curve, measure).map_err(|e| Error::request(format!("the plot cannot be drawn: {e}")))
}

fn draw(curve: &[Mark], measure: &str) -> std::result::Result<String, Box<dyn std::error::Error>> {
    let points: Vec<(f64, f64)> =
        curve.iter().filter_map(|m| Some((m.samples as f64, m.gain_db?))).collect();
    let low = points.iter().fold(0.0, |low: f64, p| low.min(p.1));
    let high = points.iter().fold(1.0, |high: f64, p| high.max(p.1));
    let right = points.last().map_or(1.0, |p| p.0);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (720, 400)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(0.0..right, low..high * 1.1)?;
        chart
            .configure_mesh()
            .x_desc("samples")
            .y_desc(format!("{measure} in dB"))
            .x_label_formatter(&|v| format!("{v:.0}"))
            .draw()?;
        chart.draw_series(LineSeries::new(points, BLUE.stroke_width(2)))?;
        area.present()?;
    }
    Ok(svg)
}
