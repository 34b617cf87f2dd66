//! One number against another: dots, with what they are of, as SVG that the page's style colours.

use crate::page::html::{number, text};
use crate::plot::tick;
use plotters::coord::combinators::{IntoLogRange, LogCoord};
use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use std::fmt::Write;

/// Width and height, and where the plot is in them: left, right, top, bottom.
const SIZE: (f64, f64) = (640.0, 380.0);
const AREA: (f64, f64, f64, f64) = (72.0, 620.0, 14.0, 330.0);

/// Values of which the greatest is so many times the least go by powers of ten.
const DECADES: f64 = 50.0;

/// The shapes of dots, around 0, in turn: colours are not all that tells them apart.
const SHAPES: [&str; 4] =
    ["M-4-4h8v8h-8z", "M0-5.5L5 3.5H-5z", "M0-5.5L5 0 0 5.5-5 0z", "M-5-3.5H5L0 5.5z"];

/// A dot.
#[derive(Clone, Debug)]
pub struct Dot {
    pub x: f64,
    pub y: f64,
    /// Deviations to both sides.
    pub spread: (f64, f64),
    pub colour: usize,
    pub on_front: bool,
    /// What it is of.
    pub title: String,
}

/// What an axis is of.
#[derive(Clone, Debug)]
pub struct Scale {
    pub title: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Even(f64, f64),
    Decades(f64, f64),
    /// Names, side by side.
    Names(Vec<String>),
}

impl Scale {
    /// Of numbers, with some room on both sides.
    pub fn of(title: &str, numbers: impl Iterator<Item = f64>) -> Self {
        let ends = |(low, high): (f64, f64), x: f64| (low.min(x), high.max(x));
        let (low, high) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), ends);
        let kind = if low > 0.0 && high / low >= DECADES {
            Kind::Decades(low / 1.3, high * 1.3)
        } else {
            let room = match high - low {
                0.0 => low.abs().max(1.0) * 0.05,
                range => range * 0.06,
            };
            Kind::Even(low - room, high + room)
        };
        Self { title: title.into(), kind }
    }

    /// Of these names, which have the numbers from 0 on.
    pub fn names(title: &str, names: Vec<String>) -> Self {
        Self { title: title.into(), kind: Kind::Names(names) }
    }

    /// Where a number is, from 0 to 1.
    fn place(&self, x: f64) -> f64 {
        let place = match &self.kind {
            Kind::Even(low, high) => (x - low) / (high - low),
            Kind::Decades(low, high) => (x / low).ln() / (high / low).ln(),
            Kind::Names(names) => (x + 0.5) / names.len() as f64,
        };
        place.clamp(0.0, 1.0)
    }

    /// Numbers with a mark, and what stands there.
    fn ticks(&self) -> Vec<(f64, String)> {
        let in_range = |(low, high): (f64, f64), all: Vec<f64>| {
            all.into_iter().filter(move |x| (low..=high).contains(x))
        };
        match &self.kind {
            &Kind::Even(low, high) => {
                let all = RangedCoordf64::from(low..high).key_points(7);
                in_range((low, high), all).map(|x| (x, tick(&x, high - low))).collect()
            }
            &Kind::Decades(low, high) => {
                let all = LogCoord::<f64>::from((low..high).log_scale()).key_points(7);
                in_range((low, high), all).map(|x| (x, number(x))).collect()
            }
            Kind::Names(names) => {
                // As many as fit beside each other.
                let every = names.len().div_ceil(14);
                let shown = names.iter().enumerate().step_by(every.max(1));
                shown.map(|(i, name)| (i as f64, name.chars().take(16).collect())).collect()
            }
        }
    }
}

/// A plot of dots.
#[derive(Clone, Debug)]
pub struct Scatter {
    pub x: Scale,
    pub y: Scale,
    pub dots: Vec<Dot>,
    /// Where more is better, of both axes: the front is a line; none if there is none.
    pub front: Option<(bool, bool)>,
}

impl Scatter {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (left, right, top, bottom) = AREA;
        let across = left + (right - left) * self.x.place(x);
        (across, bottom - (bottom - top) * self.y.place(y))
    }

    /// SVG for a page; `number` tells it from others there. `words` say what is to be seen.
    pub fn svg(&self, number: usize, words: &str) -> String {
        let (left, right, top, bottom) = AREA;
        let (width, height) = SIZE;
        let title = format!("{} against {}", self.y.title, self.x.title);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"t{number} \
             d{number}\"><title id=\"t{number}\">{}</title><desc id=\"d{number}\">{}</desc>\n",
            text(&title),
            text(words)
        );
        // Writing to a string does not fail.
        let _ = writeln!(
            svg,
            "<path class=\"frame\" d=\"M{left} {top}V{bottom}H{right}\"/>\
             <text class=\"name\" x=\"{}\" y=\"{}\">{}</text>\
             <text class=\"name\" transform=\"translate(14 {}) rotate(-90)\">{}</text>",
            (left + right) / 2.0,
            height - 8.0,
            text(&self.x.title),
            (top + bottom) / 2.0,
            text(&self.y.title)
        );
        for (value, label) in self.x.ticks() {
            let x = left + (right - left) * self.x.place(value);
            let _ = writeln!(
                svg,
                "<path class=\"grid\" d=\"M{x:.1} {top}V{bottom}\"/><text class=\"x\" \
                 x=\"{x:.1}\" y=\"{}\">{}</text>",
                bottom + 17.0,
                text(&label)
            );
        }
        for (value, label) in self.y.ticks() {
            let y = bottom - (bottom - top) * self.y.place(value);
            let _ = writeln!(
                svg,
                "<path class=\"grid\" d=\"M{left} {y:.1}H{right}\"/><text class=\"y\" \
                 x=\"{}\" y=\"{:.1}\">{}</text>",
                left - 7.0,
                y + 4.0,
                text(&label)
            );
        }
        if let Some(line) = self.line() {
            let _ = writeln!(svg, "<path class=\"front\" d=\"{line}\"/>");
        }
        for dot in &self.dots {
            self.dot(&mut svg, dot);
        }
        svg + "</svg>\n"
    }

    fn dot(&self, svg: &mut String, dot: &Dot) {
        let (x, y) = self.at(dot.x, dot.y);
        let mut path = String::new();
        let (across, up) = dot.spread;
        if across > 0.0 {
            let (from, to) = (self.at(dot.x - across, dot.y).0, self.at(dot.x + across, dot.y).0);
            let _ = write!(path, "M{from:.1} {y:.1}H{to:.1}");
        }
        if up > 0.0 {
            let (from, to) = (self.at(dot.x, dot.y - up).1, self.at(dot.x, dot.y + up).1);
            let _ = write!(path, "M{x:.1} {from:.1}V{to:.1}");
        }
        let (colour, front) = (dot.colour, if dot.on_front { " on" } else { "" });
        let _ =
            write!(svg, "<g class=\"dot c{colour}{front}\"><title>{}</title>", text(&dot.title));
        if !path.is_empty() {
            let _ = write!(svg, "<path class=\"spread\" d=\"{path}\"/>");
        }
        let _ = writeln!(svg, "{}</g>", shape(colour, x, y));
    }

    /// The front: up to where each of its dots reaches what no other dot does.
    fn line(&self) -> Option<String> {
        let (most_x, _) = self.front?;
        let mut dots: Vec<&Dot> = self.dots.iter().filter(|dot| dot.on_front).collect();
        dots.sort_by(|a, b| a.x.total_cmp(&b.x));
        let mut line = String::new();
        for (i, dot) in dots.iter().enumerate() {
            let (x, y) = self.at(dot.x, dot.y);
            let _ = match (i, most_x) {
                (0, _) => write!(line, "M{x:.1} {y:.1}"),
                (_, true) => write!(line, "V{y:.1}H{x:.1}"),
                (_, false) => write!(line, "H{x:.1}V{y:.1}"),
            };
        }
        (dots.len() > 1).then_some(line)
    }
}

/// A dot's shape at a place.
pub fn shape(colour: usize, x: f64, y: f64) -> String {
    match colour % (SHAPES.len() + 1) {
        0 => format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>"),
        other => {
            let path = SHAPES[other - 1];
            format!("<path d=\"{path}\" transform=\"translate({x:.1} {y:.1})\"/>")
        }
    }
}
