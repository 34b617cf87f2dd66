//! The learning curve of a Boltzmann machine as a picture.

use super::Mark;
use crate::plot::Curves;

/// Patterns missed against epochs.
pub fn missed(curve: &[Mark]) -> Curves {
    let points = curve.iter().map(|m| (m.epochs as f64, f64::from(m.missed))).collect();
    Curves::counted("Patterns missed while learning", "patterns missed", "missed", points)
}
