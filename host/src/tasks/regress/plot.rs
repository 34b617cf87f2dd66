//! The learning curve of a linear model as a picture.

use super::Score;
use crate::plot::{Curve, Curves};
use plotters::prelude::{BLUE, RED};

/// Training and held-out error or accuracy by pass.
pub fn scores(trace: &[Score], measure: &str) -> Curves {
    let held: Vec<(f64, f64)> =
        trace.iter().filter_map(|s| Some((s.pass as f64, s.held_out?))).collect();
    let training: Vec<(f64, f64)> = trace.iter().map(|s| (s.pass as f64, s.training)).collect();
    let all = || held.iter().chain(&training).map(|p| p.1);
    let low = all().fold(f64::INFINITY, f64::min);
    let high = all().fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    let room = ((high - low) * 0.1).max(1e-3);
    let curve = |name: &str, color, points| Curve { name: name.into(), color, points };
    let mut curves = vec![curve("training", BLUE, training)];
    if !held.is_empty() {
        curves.push(curve("held out", RED, held));
    }
    let right = trace.last().map_or(1.0, |s| s.pass as f64).max(2.0);
    Curves {
        title: "Learning curve".into(),
        x: "pass",
        y: measure.into(),
        range: ((1.0, right), (low - room, high + room)),
        decades: false,
        curves,
    }
}
