//! Curves over one axis.

use super::{free_corner, Area, Drawn, Plot, SANS};
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

/// A curve, and what it is called.
#[derive(Clone, Debug)]
pub struct Curve {
    pub name: String,
    pub color: RGBColor,
    pub points: Vec<(f64, f64)>,
}

/// Some curves, and what their axes are.
#[derive(Clone, Debug)]
pub struct Curves {
    pub title: String,
    pub x: &'static str,
    pub y: String,
    /// The least and the greatest value of each axis.
    pub range: ((f64, f64), (f64, f64)),
    /// The second axis goes by powers of ten.
    pub decades: bool,
    /// With more than one, they are named beside the plot.
    pub curves: Vec<Curve>,
}

impl Curves {
    /// What was counted against epochs, from 0 on.
    pub fn counted(title: &str, y: &str, name: &str, points: Vec<(f64, f64)>) -> Self {
        let most = points.iter().fold(1.0, |most: f64, p| most.max(p.1));
        let right = points.last().map_or(1.0, |p| p.0);
        Self {
            title: title.into(),
            x: "epochs",
            y: y.into(),
            range: ((0.0, right), (0.0, most * 1.1)),
            decades: false,
            curves: vec![Curve { name: name.into(), color: BLUE, points }],
        }
    }

    /// Draws them on an area of any size.
    ///
    /// # Errors
    /// As the backend's.
    pub fn on(&self, area: &Area) -> Drawn {
        let (low, high) = self.range.1;
        if self.decades {
            self.over(area, (low..high).log_scale(), |v| format!("{v:.0e}"))
        } else {
            self.over(area, low..high, move |v| tick(v, high - low))
        }
    }

    fn over<Y: AsRangedCoord<Value = f64>>(
        &self,
        area: &Area,
        y: Y,
        label: impl Fn(&f64) -> String,
    ) -> Drawn
    where
        Y::CoordDescType: ValueFormatter<f64>,
    {
        let ((left, right), (low, high)) = self.range;
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, (SANS, 18))
            .margin(12)
            // The last tick's label is as wide as others.
            .margin_right(36)
            .x_label_area_size(40)
            .y_label_area_size(64)
            .build_cartesian_2d(left..right, y)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.15))
            .x_desc(self.x)
            .y_desc(&self.y)
            .x_label_formatter(&|v| tick(v, right - left))
            .y_label_formatter(&label)
            .draw()?;
        for Curve { name, color, points } in &self.curves {
            let style = color.stroke_width(2);
            chart
                .draw_series(LineSeries::new(points.iter().copied(), style))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
        }
        if self.curves.len() > 1 {
            let points = self.curves.iter().flat_map(|curve| &curve.points);
            let points =
                points.map(|p| ((p.0 - left) / (right - left), (p.1 - low) / (high - low)));
            let corner = free_corner(points);
            let mut names = chart.configure_series_labels();
            names.position(corner).background_style(WHITE.mix(0.8)).draw()?;
        }
        Ok(())
    }
}

impl Plot for Curves {
    fn size(&self) -> (u32, u32) {
        (720, 400)
    }

    fn draw(&self, area: &Area) -> Drawn {
        self.on(area)
    }
}

/// A number beside an axis of this length, with the digits that tell it from the next.
pub fn tick(value: &f64, length: f64) -> String {
    let digits = (1.0 - length.abs().log10().floor()).clamp(0.0, 9.0) as usize;
    // No -0.
    format!("{:.digits$}", value + 0.0)
}
