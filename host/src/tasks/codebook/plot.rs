//! The learning curve of a codebook as a picture.

use super::Model;
use crate::plot::{Curve, Curves};
use plotters::prelude::BLUE;

/// Mean distortion per sample against vectors learned.
pub fn distortion(model: &Model) -> Curves {
    let d = model.state.config.dimension as f64;
    let points: Vec<(f64, f64)> =
        model.curve.iter().map(|m| (m.vectors as f64, m.mean_distance / d)).collect();
    let right = points.last().map_or(1.0, |p| p.0).max(1.0);
    let top = points.iter().map(|p| p.1).fold(0.0, f64::max).max(1e-9) * 1.05;
    Curves {
        title: "Distortion while learning".into(),
        x: "vectors learned",
        y: "mean distortion a sample".into(),
        range: ((0.0, right), (0.0, top)),
        decades: false,
        curves: vec![Curve { name: "distortion".into(), color: BLUE, points }],
    }
}
