//! What the page of a fusion node shows.

use super::field::Field;
use super::quantizer::Merging;
use super::{Fuse, Samples, Source};
use crate::output::rounded;
use crate::page::command::Words;
use crate::page::html::{number, short};
use crate::page::plot::{Plot, Series};
use crate::page::run::{Files, Given, Paged};
use crate::page::table::{Cell, Row, Table};
use crate::page::{Drawing, Part, Section};
use crate::run::Run;
use crate::Result;
use fixlearn_hdl::design::Design;
use fixlearn_sim::golden::core::Core;
use std::fmt::Write;

/// Answers that are drawn at most.
const DRAWN: usize = 300;
/// Pixels of the drawing, and of the room around it.
const SIZE: f64 = 640.0;
const ROOM: f64 = 48.0;

impl Paged for Fuse {
    fn needs_input(&self) -> bool {
        matches!(self.source, Source::Table { .. })
    }

    fn digests(&self) -> Vec<(&'static str, String)> {
        vec![("the samples", self.input.clone())]
    }

    fn sections(run: &Run<Self>, samples: Option<&Samples>, _: &Given) -> Result<Vec<Section>> {
        let answered = samples.map(|samples| answers(run, samples));
        let positions = match &answered {
            Some(answered) => vec![Part::Drawing(map(run, answered)), Part::Plot(errors(answered))],
            None => vec![Part::Missing(
                "Where the node says that sources are, beside where they are, is shown with the \
                 table that it learned: fixlearn report RUN TABLE."
                    .into(),
            )],
        };
        Ok(vec![
            Section::new("Result", vec![Part::Facts(facts(run, answered.as_deref()))]),
            Section::new("While it learned", vec![Part::Plot(distances(run))]),
            Section::new("Sources that were not learned", positions),
            Section::new("What the nodes send", vec![Part::Table(quantizers(run))]),
        ])
    }

    fn options(run: &Run<Self>, files: &Files, words: &mut Words) {
        let plan = &run.plan;
        match &plan.source {
            Source::Table { position: [x, y], header, .. } => {
                files.inputs().iter().for_each(|path| words.path(path));
                words.flag("--header", *header || files.input.header);
                words.unless("x,y", "--position", format!("{x},{y}").as_str());
            }
            Source::Simulated { field, samples, seed, .. } => {
                let first = seed.wrapping_sub(1);
                let usual = Field::scattered(field.nodes.len(), field.sigma, first);
                let share = field.side / usual.side;
                let usual: Vec<[f64; 2]> =
                    usual.nodes.iter().map(|at| at.map(|c| c * share)).collect();
                if usual == field.nodes {
                    words.unless(5, "--nodes", field.nodes.len());
                } else {
                    words.option("--field", "FIELD.csv");
                    words.unknown(
                        "FIELD.csv stands for the table of the nodes' places: they are the two \
                         columns of plan.source.simulated.field.nodes in the run's file.",
                    );
                }
                words.unless(0.01, "--sigma", field.sigma);
                words.unless(200_000, "--samples", *samples);
                words.unless(10.0, "--side", field.side);
                words.unless(50.0, "--strength", field.strength);
                words.unless(1, "--seed", first);
            }
        }
        words.unless(3, "--bits", plan.bits);
        let intervals = plan.quantizers.first().map_or(0, |q| q.codewords.len());
        let codewords = 1_usize << plan.bits;
        let (merge, usual) = match &plan.merging {
            Merging::None => ("none", codewords),
            Merging::Fold => ("fold", 2 * codewords),
            Merging::Confusable => ("confusable", 2 * codewords),
            Merging::Closest => ("closest", 2 * codewords),
            Merging::Given(_) => ("given", intervals),
        };
        words.unless(usual, "--intervals", intervals);
        words.unless("closest", "--merge", merge);
        if merge == "given" {
            words.option("--codewords", "CODEWORDS.csv");
            words.unknown(
                "CODEWORDS.csv stands for the table of the codewords: plan.merging.given in the \
                 run's file, a row a node.",
            );
        }
        words.unless(2, "--weight", plan.weight);
        words.unless(1 << 14, "--places", 1_u32 << run.state.built().place_bits);
        words.unless(1, "--passes", plan.passes);
    }

    fn clocks(state: &Self::Core, _: &dyn Design) -> Option<u64> {
        let c = &state.config;
        let combinations = 1 + u64::from(c.nodes) * ((1 << c.bits) - 1);
        Some(4 * combinations + 27)
    }
}

/// A source: where it is, and where the node says that it is.
type Answered = ([f64; 2], [f64; 2]);

fn answers(run: &Run<Fuse>, samples: &Samples) -> Vec<Answered> {
    let asked = samples.asked.iter();
    asked.map(|&(key, at)| (at, run.plan.area.place(run.state.estimate(key)))).collect()
}

fn apart((a, b): &Answered) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn facts(run: &Run<Fuse>, answered: Option<&[Answered]>) -> Vec<(String, String)> {
    let (plan, c) = (&run.plan, &run.state.config);
    let intervals = plan.quantizers.iter().map(|q| q.codewords.len()).max().unwrap_or(0);
    let mut facts = vec![
        ("Nodes".to_string(), plan.quantizers.len().to_string()),
        ("Bits of a codeword".into(), plan.bits.to_string()),
        ("Intervals of a node".into(), intervals.to_string()),
        ("Samples learned".into(), run.done.to_string()),
        ("Combinations stored".into(), c.stored.to_string()),
        ("Samples without a place".into(), c.dropped.to_string()),
    ];
    if let Some(answered) = answered {
        let count = answered.len().max(1) as f64;
        let squared = answered.iter().map(|a| apart(a).powi(2)).sum::<f64>() / count;
        facts.push(("Sources asked for".into(), answered.len().to_string()));
        facts.push(("Mean squared distance".into(), rounded(squared, 4)));
    }
    facts
}

fn distances(run: &Run<Fuse>) -> Plot {
    let at = run.curve.iter().map(|m| m.samples as f64).collect();
    let values = run.curve.iter().map(|m| Some(m.distance)).collect();
    let axes = ("samples", "mean distance, along x plus along y");
    let series = vec![Series::new("distance", values)];
    Plot::curves("distances", "How far answers are off", axes, at, series)
}

/// Sources by how far the answer is off: how many are nearer.
fn errors(answered: &[Answered]) -> Plot {
    let mut far: Vec<f64> = answered.iter().map(apart).collect();
    far.sort_by(f64::total_cmp);
    let step = far.len().div_ceil(400).max(1);
    let last = far.len().saturating_sub(1);
    let shown = (0..far.len()).filter(|i| i % step == 0 || *i == last);
    let share = |i: usize| Some(100.0 * (i + 1) as f64 / far.len() as f64);
    let (at, values) = shown.map(|i| (far[i], share(i))).unzip();
    let axes = ("distance", "% of the sources are nearer");
    let series = vec![Series::new("% nearer", values)];
    Plot::curves("errors", "Distances of the answers", axes, at, series)
}

fn map(run: &Run<Fuse>, answered: &[Answered]) -> Drawing {
    let area = &run.plan.area;
    let inside = SIZE - 2.0 * ROOM;
    let place = |at: [f64; 2]| {
        let share = |i: usize| ((at[i] - area.offset[i]) / area.side).clamp(-0.05, 1.05);
        (ROOM + share(0) * inside, SIZE - ROOM - share(1) * inside)
    };
    // Writing to a string does not fail.
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<rect class=\"frame\" x=\"{ROOM}\" y=\"{ROOM}\" width=\"{inside}\" \
         height=\"{inside}\"/>"
    );
    for share in [0.0, 0.5, 1.0] {
        let at = [0, 1].map(|i| area.offset[i] + share * area.side);
        let (x, y) = place(at);
        let _ = writeln!(
            svg,
            "<text class=\"x\" x=\"{x:.1}\" y=\"{}\">{}</text><text class=\"y\" x=\"{}\" \
             y=\"{:.1}\">{}</text>",
            SIZE - ROOM + 18.0,
            short(at[0]),
            ROOM - 6.0,
            y + 4.0,
            short(at[1])
        );
    }
    let step = answered.len().div_ceil(DRAWN).max(1);
    for pair in answered.iter().step_by(step) {
        let ((x, y), (u, v)) = (place(pair.0), place(pair.1));
        let _ = writeln!(
            svg,
            "<g><title>({}, {}), {} off</title><path class=\"apart\" d=\"M{x:.1} {y:.1}L{u:.1} \
             {v:.1}\"/><circle class=\"true\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/><circle \
             class=\"said\" cx=\"{u:.1}\" cy=\"{v:.1}\" r=\"3.5\"/></g>",
            rounded(pair.0[0], 3),
            rounded(pair.0[1], 3),
            rounded(apart(pair), 3)
        );
    }
    let mut nodes = 0;
    if let Source::Simulated { field, .. } = &run.plan.source {
        nodes = field.nodes.len();
        for (i, &at) in field.nodes.iter().enumerate() {
            let (x, y) = place(at);
            let _ = writeln!(
                svg,
                "<rect class=\"node\" x=\"{:.1}\" y=\"{:.1}\" width=\"10\" height=\"10\"><title>\
                 node {i}</title></rect>",
                x - 5.0,
                y - 5.0
            );
        }
    }
    let far = answered.iter().map(apart).fold(0.0, f64::max);
    let shown = answered.len().div_ceil(step);
    let squares =
        if nodes > 0 { format!(" Squares are the {nodes} nodes.") } else { String::new() };
    Drawing {
        name: "positions",
        title: "Where sources are, and where they are said to be".into(),
        svg,
        size: (SIZE as usize, SIZE as usize),
        words: format!(
            "{shown} of {} sources: a disc where each is, joined to a ring where the node says \
             that it is. The farthest answer of all is {} off.{squares}",
            answered.len(),
            rounded(far, 3)
        ),
    }
}

/// Of each node the intervals and their codewords.
fn quantizers(run: &Run<Fuse>) -> Table {
    let all = &run.plan.quantizers;
    let most = all.iter().map(|q| q.codewords.len()).max().unwrap_or(0);
    let headings = std::iter::once("node".to_string()).chain((0..most).map(|i| i.to_string()));
    let codes = f64::from((1_u32 << run.plan.bits) - 1).max(1.0);
    let row = |(i, q): (usize, &super::quantizer::Quantizer)| {
        let cells = q.codewords.iter().enumerate().map(|(k, &code)| {
            let from = k.checked_sub(1).and_then(|k| q.bounds.get(k));
            let text = match from {
                None => format!("{code}"),
                Some(bound) => format!("{code} (from {})", number(*bound)),
            };
            Cell { is_number: true, ..Cell::word(text) }.shaded(f64::from(code) / codes)
        });
        Row::new(format!("node {i}"), cells.collect())
    };
    Table {
        name: "quantizers",
        title: "Codewords of the intervals".into(),
        columns: headings.collect(),
        rows: all.iter().enumerate().map(row).collect(),
        words: "The codeword that a node sends for each interval of its readings, and where that \
                begins; intervals of one codeword are shaded alike."
            .into(),
        is_map: true,
    }
}
