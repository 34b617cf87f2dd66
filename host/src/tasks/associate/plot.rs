//! The learning curve of a Boltzmann machine as a picture.

use super::Mark;
use crate::plot::{Curve, Curves};
use plotters::prelude::BLUE;

/// Patterns missed against epochs.
pub fn missed(curve: &[Mark]) -> Curves {
    let points: Vec<(f64, f64)> =
        curve.iter().map(|m| (m.epochs as f64, f64::from(m.missed))).collect();
    let most = points.iter().fold(1.0, |most: f64, p| most.max(p.1));
    let right = points.last().map_or(1.0, |p| p.0);
    Curves {
        title: "Patterns missed while learning".into(),
        x: "epochs",
        y: "patterns missed".into(),
        range: ((0.0, right), (0.0, most * 1.1)),
        decades: false,
        curves: vec![Curve { name: "missed".into(), color: BLUE, points }],
    }
}
