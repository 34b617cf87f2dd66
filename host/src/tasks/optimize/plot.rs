//! An optimization's path over its function.

use super::Mark;
use crate::plot::{free_corner, tick, Area, Curve, Curves, Drawn, Plot, SANS};
use fixlearn_sim::golden::cores::gradient::reference::{point_value, Reference};
use fixlearn_sim::golden::cores::gradient::Gradient;
use plotters::prelude::*;

/// An optimization's path over the function's contours, for two dimensions, beside its value
/// against iterations.
#[derive(Clone, Debug)]
pub struct Way<'a> {
    pub start: &'a Gradient,
    pub trace: &'a [Mark],
}

/// Where a point of two dimensions is.
pub type Place = (f64, f64);

impl Plot for Way<'_> {
    fn size(&self) -> (u32, u32) {
        (if self.is_flat() { 1120 } else { 640 }, 480)
    }

    fn draw(&self, area: &Area) -> Drawn {
        if !self.is_flat() {
            return self.value().on(area);
        }
        let (left, right) = area.split_horizontally(560);
        self.contours(&left)?;
        self.value().on(&right)
    }
}

impl Way<'_> {
    fn is_flat(&self) -> bool {
        self.start.config.dimension == 2
    }

    /// The function's value, as it falls.
    fn value(&self) -> Curves {
        let last = self.trace.last().map_or(1, |m| m.iteration.max(1));
        let values = || self.trace.iter().filter(|m| m.value > 0.0);
        let low = values().map(|m| m.value).fold(f64::INFINITY, f64::min);
        let high = values().map(|m| m.value).fold(0.0, f64::max);
        // Whole decades; zeros have no place on them.
        let (low, high) = if high > 0.0 { (low, high) } else { (1e-12, 1.0) };
        let (low, high) = (low.log10().floor(), high.log10().ceil());
        let high = high.max(low + 1.0);
        Curves {
            title: "Value".into(),
            x: "iterations",
            y: "f(x)".into(),
            range: ((0.0, last as f64), (10_f64.powf(low), 10_f64.powf(high))),
            decades: true,
            curves: vec![Curve {
                name: "value".into(),
                color: BLUE,
                points: values().map(|m| (m.iteration as f64, m.value)).collect(),
            }],
        }
    }

    /// Contours at each power of 4 of the function, the path from a ring to a disc, and a cross at
    /// the minimum beside its end.
    fn contours(&self, area: &Area) -> Drawn {
        let mut function = Reference::new(self.start);
        let points = self.points();
        let range = |along: fn(&Place) -> f64| {
            let low = points.iter().map(along).fold(f64::INFINITY, f64::min);
            let high = points.iter().map(along).fold(f64::NEG_INFINITY, f64::max);
            let room = ((high - low) * 0.25).max(0.3);
            (low - room, high + room)
        };
        let ((x0, x1), (y0, y1)) = (range(|p| p.0), range(|p| p.1));
        let mut chart = ChartBuilder::on(area)
            .caption("Path", (SANS, 18))
            .margin(12)
            .margin_right(36)
            .x_label_area_size(40)
            .y_label_area_size(64)
            .build_cartesian_2d(x0..x1, y0..y1)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_desc("x0")
            .y_desc("x1")
            .x_label_formatter(&|v| tick(v, x1 - x0))
            .y_label_formatter(&|v| tick(v, y1 - y0))
            .draw()?;
        let grey = RGBColor(170, 170, 170);
        let lines = levels(&mut function, (x0, x1), (y0, y1));
        chart.draw_series(lines.into_iter().map(|l| PathElement::new(l, grey)))?;
        let (start, end) = (points.first().copied(), points.last().copied());
        let shares = points.iter().map(|p| ((p.0 - x0) / (x1 - x0), (p.1 - y0) / (y1 - y0)));
        let corner = free_corner(shares);
        chart.draw_series(LineSeries::new(points, RED.stroke_width(2)))?;
        // The cross, then the end's disc on it, which is smaller.
        if let Some(minimum) = end.and_then(|end| minimum(&mut function, end)) {
            let style = BLACK.stroke_width(2);
            let legend = move |(x, y)| Cross::new((x + 8, y), 5, style);
            chart.draw_series([Cross::new(minimum, 8, style)])?.label("minimum").legend(legend);
        }
        for (place, name, style) in
            [(start, "start", RED.stroke_width(2)), (end, "end", RED.filled())]
        {
            let mark = place.into_iter().map(|p| Circle::new(p, 4, style));
            let legend = move |(x, y)| Circle::new((x + 8, y), 4, style);
            chart.draw_series(mark)?.label(name).legend(legend);
        }
        let mut names = chart.configure_series_labels();
        names.position(corner).background_style(WHITE.mix(0.8)).draw()?;
        Ok(())
    }

    /// The path, point by point as far as the picture shows it: between the marks, of which two may
    /// be far apart, it is the golden model's, whose bits are the device's.
    pub fn points(&self) -> Vec<Place> {
        /// Beyond so many iterations the point moves little from one mark to the next.
        const MOST: u64 = 100_000;
        let place = |point: &[i32]| match point {
            [x, y, ..] => (point_value(*x), point_value(*y)),
            _ => (0.0, 0.0),
        };
        let marked = |m: &Mark| Some((*m.point.first()?, *m.point.get(1)?));
        let last = self.trace.last().map_or(0, |m| m.iteration);
        let mut golden = self.start.clone();
        let mut points = vec![place(&golden.point)];
        for _ in 0..last.min(MOST) {
            golden.descend(None);
            let (next, before) = (place(&golden.point), points[points.len() - 1]);
            if (next.0 - before.0).hypot(next.1 - before.1) > 0.002 {
                points.push(next);
            }
        }
        points.extend(self.trace.iter().filter(|m| m.iteration > MOST).filter_map(marked));
        points.extend(self.trace.last().and_then(marked));
        points
    }
}

/// The contours of a function in a rectangle: short lines.
pub fn levels(function: &mut Reference, (x0, x1): Place, (y0, y1): Place) -> Vec<Vec<Place>> {
    const CELLS: usize = 160;
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
    lines
}

/// The minimum near a point, by Newton's method with differences of gradients; none if it does not
/// lead to one.
pub fn minimum(function: &mut Reference, from: (f64, f64)) -> Option<(f64, f64)> {
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
