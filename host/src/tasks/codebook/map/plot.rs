//! A map as a picture: U-matrix, hits, classes, and a plane for each component.

use super::{Classes, Map};
use crate::input::range;
use crate::plot::{tick, Area, Drawn, Plot, RGBColor, SANS};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Planes that are drawn, at most.
const PLANES: usize = 18;
/// Classes that are named, at most.
const NAMES: usize = 60;
/// Panels side by side, their side and what is above them, in pixels.
const ACROSS: usize = 4;
const SIDE: i32 = 208;
const TOP: i32 = 44;
const GAP: i32 = 20;

/// Colours that most who see few colours tell apart (Okabe and Ito, 2008).
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(240, 228, 66),
    RGBColor(120, 120, 120),
];

/// The picture of a map.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    map: &'a Map,
    classes: Option<&'a Classes>,
    panels: Vec<Panel>,
}

/// A grid of colours, with what its units say.
#[derive(Clone, Debug)]
struct Panel {
    title: String,
    below: String,
    cells: Vec<(RGBColor, String)>,
}

impl Plot for Sheet<'_> {
    fn size(&self) -> (u32, u32) {
        let panels = self.panels.len() + usize::from(self.map.block.is_some());
        let (across, down) = (panels.min(ACROSS) as i32, panels.div_ceil(ACROSS) as i32);
        let legend = if self.classes.is_some() { self.legend_rows() * 22 + 8 } else { 0 };
        let (width, height) = (across * (SIDE + GAP), down * (SIDE + TOP + GAP) + legend);
        ((width + GAP) as u32, (height + GAP) as u32)
    }

    fn draw(&self, area: &Area) -> Drawn {
        for (i, panel) in self.panels.iter().enumerate() {
            self.panel(area, place(i), panel)?;
        }
        if let Some(block) = self.map.block {
            self.blocks(area, place(self.panels.len()), block)?;
        }
        self.legend(area)
    }
}

/// The upper left corner of a panel.
fn place(panel: usize) -> (i32, i32) {
    let (row, column) = ((panel / ACROSS) as i32, (panel % ACROSS) as i32);
    (GAP + column * (SIDE + GAP), GAP + row * (SIDE + TOP + GAP))
}

/// From white to a dark blue.
fn shade(share: f64) -> RGBColor {
    let mix = |dark: f64| (255.0 + (dark - 255.0) * share.clamp(0.0, 1.0)).round() as u8;
    RGBColor(mix(8.0), mix(48.0), mix(107.0))
}

/// Text that is as short as a panel is wide, without what no picture can hold.
fn short(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    match text.chars().count() > 28 {
        true => text.chars().take(27).chain(['…']).collect(),
        false => text,
    }
}

impl<'a> Sheet<'a> {
    /// Of a map with so many vectors and this U-matrix in its units.
    pub fn new(map: &'a Map, hits: &[usize], far: &[f64], classes: Option<&'a Classes>) -> Self {
        Self { map, classes, panels: Self::panels(map, hits, far, classes) }
    }

    /// A panel of numbers: the least is white.
    fn shaded(title: &str, values: &[f64], unit: &str, texts: Vec<String>) -> Panel {
        let (low, high) = range(values.iter().copied());
        let colour = |value: &f64| shade((value - low) / (high - low).max(f64::MIN_POSITIVE));
        let long = (high - low) / 10.0;
        let below = match values.iter().all(|value| value.fract() == 0.0) {
            true => format!("{low} to {high}{unit}"),
            false => format!("{} to {}{unit}", tick(&low, long), tick(&high, long)),
        };
        let cells = values.iter().map(colour).zip(texts).collect();
        Panel { title: short(title), below, cells }
    }

    fn panels(map: &Map, hits: &[usize], far: &[f64], classes: Option<&Classes>) -> Vec<Panel> {
        let none = || vec![String::new(); map.grid.units];
        let shades: Vec<f64> = hits.iter().map(|&n| n as f64).collect();
        let counts = hits.iter().map(|n| n.to_string()).collect();
        let mut panels = vec![
            Self::shaded("U-matrix", far, " of the range; dark is far", none()),
            Self::shaded("hits: vectors of each unit", &shades, "; dark is many", counts),
        ];
        if let Some(classes) = classes {
            let cell = |class: &Option<usize>| match class {
                Some(class) => (COLOURS[class % COLOURS.len()], Classes::letter(*class).into()),
                None => (WHITE_CELL, String::new()),
            };
            panels.push(Panel {
                title: short(&format!("class of most vectors: {}", classes.column)),
                below: format!("purity {:.3}", classes.purity),
                cells: classes.of.iter().map(cell).collect(),
            });
        }
        if map.block.is_none() {
            for component in 0..map.dimension.min(PLANES) {
                let title = map.name(component);
                panels.push(Self::shaded(&title, &map.plane(component), "; dark is high", none()));
            }
            let more = map.dimension.saturating_sub(PLANES);
            if let Some(last) = panels.last_mut().filter(|_| more > 0) {
                last.below = format!("{more} more are not drawn");
            }
        }
        panels
    }

    /// The corners of a unit in a panel.
    fn cell(&self, (x, y): (i32, i32), unit: usize) -> [(i32, i32); 2] {
        let grid = self.map.grid;
        let of = grid.rows().max(grid.columns) as i32;
        let (row, column) = grid.place(unit);
        let at = |x: i32, i: usize| x + SIDE * i as i32 / of;
        let y = y + TOP - 20;
        [(at(x, column), at(y, row)), (at(x, column + 1), at(y, row + 1))]
    }

    fn titles(area: &Area, (x, y): (i32, i32), title: &str, below: &str) -> Drawn {
        area.draw(&Text::new(title.to_string(), (x, y), (SANS, 14).into_font()))?;
        let grey = RGBColor(90, 90, 90);
        let small = (SANS, 12).into_font().color(&grey);
        area.draw(&Text::new(below.to_string(), (x, y + TOP - 14 + SIDE), small))?;
        Ok(())
    }

    fn panel(&self, area: &Area, at: (i32, i32), panel: &Panel) -> Drawn {
        Self::titles(area, at, &panel.title, &panel.below)?;
        let longest = panel.cells.iter().map(|(_, text)| text.len()).max().unwrap_or(0);
        for (unit, (colour, text)) in panel.cells.iter().enumerate() {
            let corners = self.cell(at, unit);
            area.draw(&Rectangle::new(corners, colour.filled()))?;
            area.draw(&Rectangle::new(corners, RGBColor(200, 200, 200).stroke_width(1)))?;
            let [(left, top), (right, bottom)] = corners;
            if right - left >= 9 * longest as i32 && !text.is_empty() {
                let dark = u32::from(colour.0) + u32::from(colour.1) + u32::from(colour.2) < 380;
                let ink = if dark { WHITE } else { BLACK };
                let middle = Pos::new(HPos::Center, VPos::Center);
                let style = (SANS, 11).into_font().color(&ink).pos(middle);
                let at = ((left + right) / 2, (top + bottom) / 2);
                area.draw(&Text::new(text.clone(), at, style))?;
            }
        }
        Ok(())
    }

    /// The units as the blocks of pixels that they are.
    fn blocks(&self, area: &Area, at: (i32, i32), block: usize) -> Drawn {
        Self::titles(area, at, "units: blocks of pixels", "")?;
        for unit in 0..self.map.grid.units {
            let [(left, top), (right, bottom)] = self.cell(at, unit);
            let inner = (right - left - 1, bottom - top - 1);
            for (k, step) in self.map.unit(unit).iter().enumerate() {
                let (row, column) = ((k / block) as i32, (k % block) as i32);
                let side = block as i32;
                let from = (left + inner.0 * column / side, top + inner.1 * row / side);
                let to = (left + inner.0 * (column + 1) / side, top + inner.1 * (row + 1) / side);
                let grey = step.round() as u8;
                let pixel = RGBColor(grey, grey, grey).filled();
                area.draw(&Rectangle::new([from, to], pixel))?;
            }
        }
        Ok(())
    }

    fn legend_rows(&self) -> i32 {
        self.names().count().div_ceil(ACROSS) as i32
    }

    /// The classes' letters and names, and how many more there are than a picture has room for.
    fn names(&self) -> impl Iterator<Item = String> + '_ {
        let names = self.classes.map_or(&[][..], |classes| &classes.names);
        let named = names.iter().enumerate().take(NAMES);
        let named = named.map(|(class, name)| format!("{} {name}", Classes::letter(class)));
        let more = names.len().saturating_sub(NAMES);
        named.chain((more > 0).then(|| format!("and {more} more")))
    }

    /// The classes' names and colours, below all.
    fn legend(&self, area: &Area) -> Drawn {
        let top = self.size().1 as i32 - self.legend_rows() * 22 - 8;
        for (i, name) in self.names().enumerate() {
            let (x, y) = (place(i % ACROSS).0, top + 22 * (i / ACROSS) as i32);
            let colour = if i < NAMES { COLOURS[i % COLOURS.len()] } else { WHITE_CELL };
            area.draw(&Rectangle::new([(x, y), (x + 14, y + 14)], colour.filled()))?;
            area.draw(&Text::new(short(&name), (x + 20, y + 1), (SANS, 13).into_font()))?;
        }
        Ok(())
    }
}

/// A unit without vectors.
const WHITE_CELL: RGBColor = RGBColor(255, 255, 255);
