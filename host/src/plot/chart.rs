//! Numbers side by side, over decades.

use super::{Area, Drawn, Plot, SANS};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Rows of numbers, a colour for each series.
#[derive(Clone, Debug)]
pub struct Chart {
    pub title: String,
    pub series: Vec<String>,
    /// What each row is of, and its number in each series, if there is one.
    pub rows: Vec<(String, Vec<Option<f64>>)>,
    /// How a number is written.
    pub label: fn(f64) -> String,
}

const COLORS: [RGBColor; 3] = [BLUE, RGBColor(230, 120, 0), GREEN];
/// Pixels of a bar, of what is left and right of all, and above them.
const BAR: i32 = 16;
const NAMES: i32 = 240;
const LABELS: i32 = 110;
const TOP: i32 = 56;

impl Chart {
    /// Pixels of a row.
    fn row(&self) -> i32 {
        BAR * self.series.len() as i32 + 12
    }
}

impl Plot for Chart {
    fn size(&self) -> (u32, u32) {
        (720, (TOP + self.row() * self.rows.len() as i32 + 12) as u32)
    }

    fn draw(&self, area: &Area) -> Drawn {
        let text = (SANS, 13).into_font().color(&BLACK);
        let right = text.pos(Pos::new(HPos::Right, VPos::Center));
        let left = text.pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(self.title.clone(), (12, 16), (SANS, 16).into_font()))?;
        let numbers = || self.rows.iter().flat_map(|row| row.1.iter().flatten().copied());
        let low = numbers().fold(f64::INFINITY, f64::min).log10().floor();
        let high = numbers().fold(0.0, f64::max).log10();
        let long = f64::from(720 - NAMES - LABELS) / (high - low).max(1e-9);
        for (i, (name, color)) in self.series.iter().zip(COLORS).enumerate() {
            let x = NAMES + 110 * i as i32;
            area.draw(&Rectangle::new([(x, 38), (x + 12, 50)], color.filled()))?;
            area.draw(&Text::new(name.clone(), (x + 18, 44), left.clone()))?;
        }
        for (i, (name, values)) in self.rows.iter().enumerate() {
            let top = TOP + self.row() * i as i32;
            let middle = top + self.row() / 2 - 6;
            area.draw(&Text::new(name.clone(), (NAMES - 10, middle), right.clone()))?;
            for (j, (value, color)) in values.iter().zip(COLORS).enumerate() {
                let Some(value) = *value else { continue };
                let (y, end) = (top + BAR * j as i32, ((value.log10() - low) * long) as i32);
                let corners = [(NAMES, y), (NAMES + end, y + BAR - 2)];
                area.draw(&Rectangle::new(corners, color.filled()))?;
                let at = (NAMES + end + 6, y + BAR / 2);
                area.draw(&Text::new((self.label)(value), at, left.clone()))?;
            }
        }
        Ok(())
    }
}
