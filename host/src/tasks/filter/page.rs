//! What the page of an adaptive filter shows.

use super::signal::{Goal, Signal};
use super::{plot, Filter};
use crate::output::rounded;
use crate::page::command::Words;
use crate::page::plot::{Plot, Series};
use crate::page::run::{Files, Given, Paged};
use crate::page::{Part, Section};
use crate::run::Run;
use crate::task::Task;
use crate::Result;
use fixlearn_hdl::design::Design;

/// Samples that a page shows, of the end of the last pass.
const SAMPLES: usize = 1000;

impl Paged for Filter {
    fn digests(&self) -> Vec<(&'static str, String)> {
        vec![("the samples", self.input.clone())]
    }

    fn sections(run: &Run<Self>, signal: Option<&Signal>, _: &Given) -> Result<Vec<Section>> {
        let mut curve = vec![Part::Plot(gains(run, signal)), Part::Plot(energies(run))];
        let mut end = Vec::new();
        match signal {
            Some(signal) if run.done == run.plan.steps(signal) && run.done > 0 => {
                end.push(Part::Plot(ends(run, signal)));
            }
            Some(_) => {
                let words = "The signal beside what was predicted is shown once the run is done.";
                end.push(Part::Missing(words.into()));
            }
            None => {
                let words = "The gain of all so far, and the signal beside what is predicted and \
                             the error, are shown with the signal: fixlearn report RUN SIGNAL.";
                curve.push(Part::Missing(words.into()));
            }
        }
        let mut sections = vec![
            Section::new("Result", vec![Part::Facts(facts(run, signal))]),
            Section::new("While it adapted", curve),
            Section::new("Taps", vec![Part::Plot(taps(run))]),
        ];
        if !end.is_empty() {
            sections.push(Section::new("Signal and error", end));
        }
        Ok(sections)
    }

    fn options(run: &Run<Self>, files: &Files, words: &mut Words) {
        let Filter { source, passes, taps, rate, .. } = &run.plan;
        let mut inputs = files.inputs().into_iter();
        inputs.next().iter().for_each(|path| words.path(path));
        words.flag("--header", source.header || files.input.header);
        if let Some(column) = &source.column {
            words.option("--column", column);
        }
        match &source.goal {
            Goal::Predict { delay } => words.unless(1, "--delay", *delay),
            Goal::Cancel { column: Some(column) } => words.option("--reference", column),
            Goal::Cancel { column: None } => {
                words.word("--reference");
                words.path(&inputs.next().unwrap_or_else(|| "REFERENCE".into()));
            }
        }
        words.unless(32, "--taps", *taps);
        words.option("--rate-shift", rate);
        words.unless(1, "--passes", *passes);
    }

    fn clocks(state: &Self::Core, design: &dyn Design) -> Option<u64> {
        Some(design.learn_clocks(state.config.taps))
    }
}

fn facts(run: &Run<Filter>, signal: Option<&Signal>) -> Vec<(String, String)> {
    let plan = &run.plan;
    let mut facts = vec![
        (
            "Task".to_string(),
            match plan.source.goal {
                Goal::Predict { delay } => format!("predict the signal, {delay} ahead"),
                Goal::Cancel { .. } => "cancel a reference in the signal".into(),
            },
        ),
        ("Taps".into(), plan.taps.to_string()),
        ("Rate".into(), format!("2^-{}", plan.rate)),
        ("Samples learned".into(), run.done.to_string()),
    ];
    let decibels = |gain: Option<f64>| gain.map_or("–".into(), |gain| format!("{gain:.2} dB"));
    if let Some(signal) = signal {
        let (all, quarter) = Filter::gains(run, signal);
        facts.push((format!("{}, all", plan.measure()), decibels(all)));
        facts.push((format!("{}, last quarter", plan.measure()), decibels(quarter)));
        facts.push(("Full scale, in the file's units".into(), signal.full_scale.to_string()));
    } else if let Some(last) = run.curve.last() {
        facts.push((format!("{}, last part", plan.measure()), decibels(last.gain_db)));
    }
    let s = run.state.config.saturated;
    let flags = [(s.output, "output"), (s.error, "error"), (s.weight, "weight")];
    let flags: Vec<&str> = flags.iter().filter(|flag| flag.0).map(|flag| flag.1).collect();
    if !flags.is_empty() {
        facts.push(("SATURATED on the way".into(), flags.join(", ")));
    }
    facts
}

fn gains(run: &Run<Filter>, signal: Option<&Signal>) -> Plot {
    let at = run.curve.iter().map(|m| m.samples as f64).collect();
    let part = run.curve.iter().map(|m| m.gain_db).collect();
    let mut series = vec![Series::new("of the last part", part)];
    if let Some(signal) = signal {
        let all = plot::gains(&run.plan, signal, &run.curve).curves.into_iter().nth(1);
        let all = all.map_or(Vec::new(), |curve| curve.points);
        let value = |samples: u64| all.iter().find(|p| p.0 == samples as f64).map(|p| p.1);
        let values = run.curve.iter().map(|m| value(m.samples)).collect();
        series.push(Series::new("of all so far", values));
    }
    let y = format!("{}, dB", run.plan.measure());
    Plot::curves("gains", "Gain while it adapted", ("samples", &y), at, series)
}

/// The power of the error from mark to mark.
fn energies(run: &Run<Filter>) -> Plot {
    let mut before = (0, 0);
    let mut mean = Vec::new();
    for mark in &run.curve {
        let count = mark.samples.saturating_sub(before.0).max(1) as f64;
        // UQ34.30.
        let sum = mark.energy.wrapping_sub(before.1) as f64 / f64::from(1 << 30);
        mean.push(Some(sum / count));
        before = (mark.samples, mark.energy);
    }
    let at = run.curve.iter().map(|m| m.samples as f64).collect();
    let series = vec![Series::new("mean squared error", mean)];
    let axes = ("samples", "mean squared error, full scale 1");
    Plot { decades: true, ..Plot::curves("errors", "Error while it adapted", axes, at, series) }
}

fn taps(run: &Run<Filter>) -> Plot {
    let weights: Vec<Option<f64>> = run.plan.learned(&run.state).values().map(Some).collect();
    let at = (0..weights.len()).map(|i| i as f64).collect();
    let series = vec![Series::new("weight", weights)];
    let axes = ("tap, samples ago", "weight");
    let plot = Plot::curves("taps", "Weights of the filter", axes, at, series);
    Plot { note: "Tap 0 is that of the newest sample.".into(), ..plot }
}

/// The end of the last pass.
fn ends(run: &Run<Filter>, signal: &Signal) -> Plot {
    let answers = run.plan.answers_of(signal, run.done);
    let from = answers.len().saturating_sub(SAMPLES);
    let of = |word: i16| Some(f64::from(word) / 32768.0 * signal.full_scale);
    let given = signal.samples[from..].iter().map(|sample| of(sample.d)).collect();
    let said = answers[from..].iter().map(|answer| of(answer.y)).collect();
    let error = answers[from..].iter().map(|answer| of(answer.e)).collect();
    let at = (from..answers.len()).map(|i| i as f64).collect();
    let series = vec![
        Series::new("signal", given),
        Series::new("output of the filter", said),
        Series::new("error", error),
    ];
    let title = "Signal, output and error at the end of the last pass";
    let axes = ("sample", "the signal's units");
    let plot = Plot::curves("signal", title, axes, at, series);
    let all = rounded(answers.len() as f64, 0);
    Plot { note: format!("The last {} of {all} samples.", answers.len() - from), ..plot }
}
