//! The learning curve of a filter as a picture.

use super::signal::Signal;
use super::{decibels, Filter, Mark};
use crate::plot::{Curve, Curves};
use plotters::prelude::{BLUE, RED};

/// Gain in dB against samples learned: from one mark to the next, and of all so far.
pub fn gains(plan: &Filter, signal: &Signal, curve: &[Mark]) -> Curves {
    let of_all = |m: &Mark| decibels(signal.power(m.samples), m.energy.into());
    let points = |gain: &dyn Fn(&Mark) -> Option<f64>| -> Vec<(f64, f64)> {
        curve.iter().filter_map(|m| Some((m.samples as f64, gain(m)?))).collect()
    };
    let (part, all) = (points(&|m| m.gain_db), points(&of_all));
    let both = || part.iter().chain(&all);
    let low = both().fold(0.0, |low: f64, p| low.min(p.1));
    let high = both().fold(1.0, |high: f64, p| high.max(p.1));
    let right = curve.last().map_or(1.0, |m| m.samples as f64);
    let measure = plan.measure();
    let (first, rest) = measure.split_at(1);
    Curves {
        title: format!("{}{rest} while learning", first.to_uppercase()),
        x: "samples",
        y: format!("{measure} in dB"),
        range: ((0.0, right), (low * 1.1, high * 1.1)),
        decades: false,
        curves: vec![
            Curve { name: "of the last part".into(), color: BLUE, points: part },
            Curve { name: "of all so far".into(), color: RED, points: all },
        ],
    }
}
