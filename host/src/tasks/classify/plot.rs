//! The learning curve of a network's last layer as a picture.

use crate::plot::{Curve, Curves};
use plotters::prelude::BLUE;

/// Images that were wrong against epochs.
pub fn wrong(by_epoch: &[u32]) -> Curves {
    let points: Vec<(f64, f64)> =
        (1..).zip(by_epoch).map(|(epoch, &wrong)| (f64::from(epoch), wrong.into())).collect();
    let most = points.iter().fold(1.0, |most: f64, p| most.max(p.1));
    let right = points.last().map_or(1.0, |p| p.0);
    Curves {
        title: "Images that were wrong, each before it was learned".into(),
        x: "epochs",
        y: "images".into(),
        range: ((0.0, right), (0.0, most * 1.1)),
        decades: false,
        curves: vec![Curve { name: "wrong".into(), color: BLUE, points }],
    }
}
