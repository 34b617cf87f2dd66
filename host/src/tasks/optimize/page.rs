//! What the page of an optimization shows.

use super::plot::{levels, minimum, Place, Way};
use super::{Mark, Optimize};
use crate::output::{number, rounded};
use crate::page::command::{rounding, Words};
use crate::page::plot::{Plot, Series};
use crate::page::run::{Files, Given, Paged};
use crate::page::table::{Cell, Row, Table};
use crate::page::{html, Drawing, Part, Section};
use crate::run::Run;
use crate::Result;
use fixlearn_hdl::cores::gradient::OBJECTIVES;
use fixlearn_hdl::design::Design;
use fixlearn_sim::golden::cores::gradient::objective::quadratic;
use fixlearn_sim::golden::cores::gradient::reference::{point_value, point_word, Reference};
use fixlearn_sim::golden::cores::gradient::{
    Config, Gradient, Objective, NOISE_NONE, POINT_FRACTION,
};
use std::fmt::Write;

/// Pixels of the drawing of the path, and of the room beside it for axes.
const SIZE: f64 = 640.0;
const ROOM: f64 = 56.0;
/// Points of a path that is drawn at most.
const POINTS: usize = 2000;
/// Seeds that are tried to find the one that a run began with.
const SEEDS: u64 = 1 << 20;

impl Paged for Optimize {
    fn needs_input(&self) -> bool {
        false
    }

    fn digests(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn sections(run: &Run<Self>, _: Option<&()>, _: &Given) -> Result<Vec<Section>> {
        let mut parts = vec![Part::Plot(values(run)), Part::Plot(gradients(run))];
        parts.push(Part::Plot(rates(run)));
        let mut point = Vec::new();
        if run.plan.start.config.dimension == 2 {
            point.push(Part::Drawing(path(run)));
        }
        point.push(Part::Table(ends(run)));
        Ok(vec![
            Section::new("Result", vec![Part::Facts(facts(run))]),
            Section::new("While it descended", parts),
            Section::new("The point", point),
        ])
    }

    fn options(run: &Run<Self>, _: &Files, words: &mut Words) {
        let (plan, start) = (&run.plan, &run.plan.start);
        let c = &start.config;
        words.option("--objective", c.objective.name());
        let list = |point: &[i32]| {
            let values = point.iter().take(c.dimension).map(|&x| decimal(x, c.point_bits));
            values.collect::<Vec<_>>().join(",")
        };
        words.option("--start", list(&start.point));
        if start.centre.iter().take(c.dimension).any(|&z| z != 0) {
            words.option("--centre", list(&start.centre));
        }
        if c.objective == Objective::Quadratic {
            words.unless(100.0, "--condition", condition(start));
        }
        words.unless(20_000, "--iterations", plan.iterations);
        if let Some(tolerance) = plan.tolerance {
            words.option("--tolerance", tolerance);
        }
        if !plan.early {
            words.option("--every", plan.every);
        }
        let usual_rule = if c.search.keep { "plain" } else { "adaptive" };
        rule(c, usual_rule, 12, words);
        words.option("--rate-shift", c.rate);
        if c.adaptive {
            words.option("--rate-least", c.rate_least);
            words.option("--rate-most", c.rate_most);
        }
        words.unless("nearest", "--rounding", rounding(c.rounding));
        words.flag("--keep", c.search.keep);
        words.unless(
            if c.search.keep { 1 } else { NOISE_NONE },
            "--noise-width",
            c.search.noise_width,
        );
        if c.search.noise_width < NOISE_NONE {
            words.option("--noise-period", c.search.noise_period);
        }
        let rises = match (c.search.gradient_rises, c.search.point_rises) {
            (true, true) => Some("both"),
            (true, false) => Some("gradient"),
            (false, true) => Some("point"),
            (false, false) => None,
        };
        if let Some(rises) = rises {
            words.option("--rises", rises);
            words.option("--resolution-period", c.search.resolution_period);
        }
        if c.noise != Config::power_up().noise {
            let began = |seed: &u64| fastrand::Rng::with_seed(*seed).u64(1..) == c.noise;
            match (0..SEEDS).find(began) {
                Some(seed) => words.option("--seed", seed),
                None => words.unknown(
                    "A run keeps the noise that its --seed came to, not the seed, and it is none \
                     of the first million: give the one that you gave.",
                ),
            }
        }
    }

    fn clocks(state: &Self::Core, _: &dyn Design) -> Option<u64> {
        clocks(&state.config)
    }
}

/// The shortest number that comes to this word, on the grid of so many fractional bits.
fn decimal(word: i32, bits: u32) -> String {
    let exact = point_value(word);
    let short = (0..12).map(|digits| format!("{exact:.digits$}"));
    let bits = bits.min(POINT_FRACTION);
    let comes = |text: &String| text.parse().is_ok_and(|x| point_word(x, bits) == Some(word));
    short.into_iter().find(comes).unwrap_or_else(|| number(exact))
}

/// Clocks of an iteration of this objective.
pub fn clocks(config: &Config) -> Option<u64> {
    let number = u16::from(config.objective.numbers().0);
    let entry = OBJECTIVES.iter().find(|entry| entry.number == number)?;
    Some(entry.clocks.at(config.dimension))
}

/// Options of the rule by which a point moves.
pub fn rule(c: &Config, usual: &str, gradient_bits: u32, words: &mut Words) {
    let rule = match (c.compensation, c.adaptive) {
        (_, true) => "adaptive",
        (true, false) => "compensated",
        (false, false) => "plain",
    };
    words.unless(usual, "--rule", rule);
    words.unless(gradient_bits, "--gradient-bits", c.gradient_bits);
    words.unless(Config::power_up().point_bits, "--point-bits", c.point_bits);
    if c.adaptive {
        words.unless(16, "--patience", c.patience);
    }
}

/// What was clamped on the way, if anything was.
pub fn clipped(state: &Gradient) -> Option<(String, String)> {
    let s = state.config.saturated;
    let names = [(s.point, "point"), (s.gradient, "gradient"), (s.value, "value")];
    let names: Vec<&str> = names.iter().filter(|(set, _)| *set).map(|&(_, name)| name).collect();
    (!names.is_empty()).then(|| ("SATURATED on the way".into(), names.join(", ")))
}

/// The condition that comes to these curvatures; the usual one if it does.
fn condition(start: &Gradient) -> f64 {
    let d = start.config.dimension;
    let last = point_value(start.curvature.get(d.max(1) - 1).copied().unwrap_or(1 << 28));
    let inverse = 1.0 / last.max(f64::MIN_POSITIVE);
    let comes = |condition: &f64| {
        let words = quadratic::curvatures(d, *condition).into_iter();
        let words = words.map(|c| point_word(c, POINT_FRACTION));
        words.zip(&start.curvature).all(|(word, &curvature)| word == Some(curvature))
    };
    let digits = (0..12).map(|digits| {
        let scale = 10_f64.powi(digits);
        (inverse * scale).round() / scale
    });
    [100.0].into_iter().chain(digits).find(comes).unwrap_or(inverse)
}

fn facts(run: &Run<Optimize>) -> Vec<(String, String)> {
    let last = super::mark(&run.state, None);
    let c = &run.plan.start.config;
    let mut facts = vec![
        ("Function".to_string(), c.objective.name().to_string()),
        ("Dimensions".into(), c.dimension.to_string()),
        ("Iterations".into(), format!("{} of {}", run.done, run.plan.iterations)),
        ("f at the end".into(), html::number(last.value)),
        ("Rate at the end".into(), format!("2^-{}", last.rate)),
    ];
    if let Some(gradient) = last.gradient {
        facts.push(("Largest component of the gradient".into(), html::number(gradient)));
    }
    facts.extend(clipped(&run.state));
    facts
}

fn over(
    run: &Run<Optimize>,
    names: (&'static str, &str, &str),
    value: impl Fn(&Mark) -> Option<f64>,
) -> Plot {
    let at = run.curve.iter().map(|m| m.iteration as f64).collect();
    let (name, title, y) = names;
    let series = vec![Series::new(y, run.curve.iter().map(value).collect())];
    Plot { decades: true, ..Plot::curves(name, title, ("iteration", y), at, series) }
}

fn values(run: &Run<Optimize>) -> Plot {
    let zeros = run.curve.iter().filter(|m| m.value <= 0.0).count();
    let note = match zeros {
        0 => String::new(),
        n => format!("{n} of the values are 0 or below, and have no place on an axis of decades."),
    };
    Plot { note, ..over(run, ("values", "Value of the function", "f(x)"), |m| Some(m.value)) }
}

fn gradients(run: &Run<Optimize>) -> Plot {
    let names = ("gradients", "Largest component of the gradient", "gradient");
    over(run, names, |m| m.gradient)
}

fn rates(run: &Run<Optimize>) -> Plot {
    over(run, ("rates", "Learning rate", "rate"), |m| Some((-f64::from(m.rate)).exp2()))
}

/// Where it began and where it ended.
fn ends(run: &Run<Optimize>) -> Table {
    let c = &run.plan.start.config;
    let best = run.state.best();
    let row = |i: usize| {
        let at = |words: &[i32]| {
            words.get(i).map_or_else(Cell::default, |&x| Cell {
                is_number: true,
                ..Cell::word(rounded(point_value(x), 8))
            })
        };
        Row::new(format!("x{i}"), vec![at(&run.plan.start.point), at(best)])
    };
    Table {
        name: "point",
        title: "Start and end".into(),
        columns: ["component", "start", "end"].map(String::from).to_vec(),
        rows: (0..c.dimension).map(row).collect(),
        words: match c.search.keep {
            true => "The end is the best point that was kept.".into(),
            false => "The end is where the point is after the last iteration.".into(),
        },
        is_map: false,
    }
}

/// Contours at each power of 4 of the function, and the path.
fn path(run: &Run<Optimize>) -> Drawing {
    let way = Way { start: &run.plan.start, trace: &run.curve };
    let all = way.points();
    let step = all.len().div_ceil(POINTS).max(1);
    let last = all.len().saturating_sub(1);
    let points: Vec<Place> = all
        .iter()
        .enumerate()
        .filter(|(i, _)| i % step == 0 || *i == last)
        .map(|(_, &point)| point)
        .collect();
    let range = |along: fn(&Place) -> f64| {
        let low = points.iter().map(along).fold(f64::INFINITY, f64::min);
        let high = points.iter().map(along).fold(f64::NEG_INFINITY, f64::max);
        let room = ((high - low) * 0.25).max(0.3);
        (low - room, high + room)
    };
    let ((x0, x1), (y0, y1)) = (range(|p| p.0), range(|p| p.1));
    let inside = SIZE - ROOM - 12.0;
    let place = |(x, y): Place| {
        let x = ROOM + (x - x0) / (x1 - x0) * inside;
        let y = 12.0 + (y1 - y) / (y1 - y0) * inside;
        (x, y)
    };
    let mut svg = String::new();
    let mut function = Reference::new(&run.plan.start);
    let mut lines = String::new();
    for line in levels(&mut function, (x0, x1), (y0, y1)) {
        let ends: Vec<(i64, i64)> = line
            .into_iter()
            .map(place)
            .map(|(x, y)| ((10.0 * x) as i64, (10.0 * y) as i64))
            .collect();
        if let [a, b] = ends[..] {
            let _ = write!(lines, "M{} {}l{} {}", a.0, a.1, b.0 - a.0, b.1 - a.1);
        }
    }
    let _ = writeln!(svg, "<path class=\"contour\" transform=\"scale(0.1)\" d=\"{lines}\"/>");
    let _ = writeln!(
        svg,
        "<rect class=\"frame\" x=\"{ROOM}\" y=\"12\" width=\"{inside}\" height=\"{inside}\"/>"
    );
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (x, y) = (x0 + share * (x1 - x0), y0 + share * (y1 - y0));
        let (left, _) = place((x, y0));
        let (_, top) = place((x0, y));
        let down = SIZE - ROOM + 18.0;
        let _ = writeln!(
            svg,
            "<text class=\"x\" x=\"{left:.1}\" y=\"{down}\">{}</text><text class=\"y\" x=\"{}\" \
             y=\"{:.1}\">{}</text>",
            rounded(x, 2),
            ROOM - 6.0,
            top + 4.0,
            rounded(y, 2)
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"name\" x=\"{:.0}\" y=\"{}\">x0</text><text class=\"name\" x=\"12\" \
         y=\"{:.0}\">x1</text>",
        ROOM + inside / 2.0,
        SIZE - 8.0,
        12.0 + inside / 2.0
    );
    let way: Vec<String> =
        points.iter().map(|&point| place(point)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    // A search jumps about, and would cover its contours.
    let search = if run.plan.start.config.search.keep { " search" } else { "" };
    let _ = writeln!(svg, "<polyline class=\"path{search}\" points=\"{}\"/>", way.join(" "));
    let end = points.last().copied();
    let least = end.and_then(|end| minimum(&mut function, end));
    if let Some((x, y)) = least.map(place) {
        let _ = writeln!(
            svg,
            "<path class=\"cross\" d=\"M{:.1} {:.1}l16 16m0 -16l-16 16\"><title>minimum</title>\
             </path>",
            x - 8.0,
            y - 8.0
        );
    }
    let spoken = |(x, y): Place| format!("({}, {})", rounded(x, 4), rounded(y, 4));
    let marks: Vec<(u64, Place)> = run
        .curve
        .iter()
        .filter_map(|m| Some((m.iteration, (*m.point.first()?, *m.point.get(1)?))))
        .filter(|&(_, at)| place(at).0.is_finite() && place(at).1.is_finite())
        .collect();
    for &(iteration, at) in
        marks.iter().step_by(marks.len().div_ceil(60).max(1)).chain(marks.last())
    {
        let (x, y) = place(at);
        let _ = writeln!(
            svg,
            "<circle class=\"place\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>iteration \
             {iteration}: {}</title></circle>",
            spoken(at)
        );
    }
    let said = |point: Option<Place>| point.map_or("nowhere".into(), spoken);
    let least = least.map_or(String::new(), |at| {
        format!(" The cross is the minimum near the end, {}.", spoken(at))
    });
    Drawing {
        name: "path",
        title: "Path over the function's contours".into(),
        svg,
        size: (SIZE as usize, SIZE as usize),
        words: format!(
            "From {} to {}. Contours are at each power of 4 of the function; discs are marks of \
             the run, which say their iteration.{least}",
            said(points.first().copied()),
            said(end)
        ),
    }
}
