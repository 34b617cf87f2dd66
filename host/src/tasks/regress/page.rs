//! What the page of a linear model shows.

use super::data::{class_name, Samples};
use super::quality::{baseline, score, Confusion, Quality};
use super::{Regress, Score};
use crate::input::Missing;
use crate::output::rounded;
use crate::page::command::{rounding, Words};
use crate::page::plot::{Plot, Series};
use crate::page::run::{Files, Given, Paged};
use crate::page::table::{Cell, Row, Table};
use crate::page::{Part, Section};
use crate::run::Run;
use crate::task::Task;
use crate::tasks::optimize::page::{clipped, clocks, rule};
use crate::Result;
use fixlearn_hdl::design::Design;
use fixlearn_sim::golden::cores::gradient::{Config, Sample, POINT_FRACTION};

/// Points of a cloud at most.
const POINTS: usize = 2000;

impl Paged for Regress {
    fn digests(&self) -> Vec<(&'static str, String)> {
        let held_out = self.preparation.test.clone();
        let held_out = held_out.map(|digest| ("the samples that are held out", digest));
        let learned = ("the samples that are learned", self.preparation.input.clone());
        [learned].into_iter().chain(held_out).collect()
    }

    fn sections(run: &Run<Self>, samples: Option<&Samples>, _: &Given) -> Result<Vec<Section>> {
        let curve = vec![Part::Plot(scores(run)), Part::Plot(rates(run))];
        let answers = match samples {
            Some(samples) => answers(run, samples),
            None => vec![Part::Missing(
                "What it predicts for each row, beside what is there, is shown with the table that \
                 it was trained on: fixlearn report RUN TABLE."
                    .into(),
            )],
        };
        Ok(vec![
            Section::new("Result", vec![Part::Facts(facts(run, samples))]),
            Section::new("While it learned", curve),
            Section::new("Weights", vec![Part::Table(weights(run))]),
            Section::new("Predictions", answers),
        ])
    }

    fn options(run: &Run<Self>, files: &Files, words: &mut Words) {
        let (preparation, start) = (&run.plan.preparation, &run.plan.start.config);
        let options = &preparation.options;
        files.inputs().iter().for_each(|path| words.path(path));
        words.flag("--header", options.header);
        words.option("--target", &preparation.target);
        words.columns("--drop", &options.drop);
        words.columns("--features", &options.features);
        match options.missing {
            Missing::Refuse => {}
            Missing::Drop => words.option("--missing", "drop"),
            Missing::Mean => words.option("--missing", "mean"),
        }
        if let Some(class) = &options.class {
            words.option("--class", class);
        }
        words.option("--objective", options.objective.name());
        words.option("--passes", run.plan.passes);
        words.unless(1, "--seed", options.seed);
        match &options.test {
            Some(test) => {
                words.word("--test");
                words.path(test);
            }
            None => words.unless(0.2, "--hold-out", options.hold_out),
        }
        words.flag("--raw", !options.standardize);
        words.unless(1.0, "--scale", options.scale);
        if let Some(levels) = options.grey_levels {
            words.option("--grey-levels", levels);
        }
        let usual = Config::power_up();
        rule(start, "plain", usual.gradient_bits, words);
        if (start.low, start.high) != (i32::MIN, i32::MAX) {
            let step = 1_i64 << (POINT_FRACTION - start.point_bits.min(POINT_FRACTION));
            let half = (-i64::from(start.low) / step).max(1);
            words.option("--weight-bits", half.ilog2() + 1);
        }
        words.unless(2, "--levels", start.levels);
        words.unless("nearest", "--rounding", rounding(start.rounding));
        words.option("--rate-shift", start.rate);
        words.unless((start.rate + 5).min(31), "--rate-final", start.rate_most);
        if !start.adaptive || start.rate_period > 0 {
            words.option("--rate-period", start.rate_period);
        }
    }

    fn clocks(state: &Self::Core, _: &dyn Design) -> Option<u64> {
        clocks(&state.config)
    }
}

fn facts(run: &Run<Regress>, samples: Option<&Samples>) -> Vec<(String, String)> {
    let preparation = &run.plan.preparation;
    let mut facts = vec![
        ("Target".to_string(), preparation.target.clone()),
        ("Model".into(), preparation.options.objective.name().into()),
        ("Features".into(), preparation.features.len().to_string()),
        ("Samples learned".into(), run.done.to_string()),
        ("Passes asked for".into(), run.plan.passes.to_string()),
        ("First rate".into(), format!("2^-{}", run.plan.start.config.rate)),
    ];
    if let Some(Score { training, held_out, .. }) = run.curve.last() {
        let measure = preparation.measure();
        facts.push((format!("{measure}, learned rows"), rounded(*training, 4)));
        if let Some(held_out) = held_out {
            facts.push((format!("{measure}, held out"), rounded(*held_out, 4)));
        }
    }
    if let (Some(samples), Some(constant)) = (samples, preparation.constant) {
        let what = match preparation.classes {
            Some(_) => "the more frequent class alone",
            None => "the mean alone",
        };
        let targets = match samples.held_out.is_empty() {
            true => &samples.training_targets,
            false => &samples.held_out_targets,
        };
        let alone = baseline(preparation, constant, targets);
        facts.push((format!("{}, {what}", preparation.measure()), rounded(alone, 4)));
    }
    facts.extend(clipped(&run.state));
    facts
}

fn scores(run: &Run<Regress>) -> Plot {
    let measure = run.plan.preparation.measure();
    let at = run.curve.iter().map(|s| s.pass as f64).collect();
    let training = run.curve.iter().map(|s| Some(s.training)).collect();
    let mut series = vec![Series::new("learned rows", training)];
    if run.curve.iter().any(|s| s.held_out.is_some()) {
        series.push(Series::new("held out", run.curve.iter().map(|s| s.held_out).collect()));
    }
    Plot::curves("scores", "Learning curve", ("pass", measure), at, series)
}

fn rates(run: &Run<Regress>) -> Plot {
    let at = run.curve.iter().map(|s| s.pass as f64).collect();
    let rate = run.curve.iter().map(|s| Some((-f64::from(s.rate)).exp2())).collect();
    let series = vec![Series::new("rate", rate)];
    Plot { decades: true, ..Plot::curves("rates", "Learning rate", ("pass", "rate"), at, series) }
}

fn weights(run: &Run<Regress>) -> Table {
    let learned = run.plan.learned(&run.state);
    let values: Vec<f64> = learned.values().collect();
    let words = run.state.best();
    let step = (-f64::from(POINT_FRACTION)).exp2();
    let scaled: Vec<f64> = words.iter().map(|&w| f64::from(w) * step).collect();
    let weighted = &scaled[..scaled.len().saturating_sub(1)];
    let most = weighted.iter().fold(0.0, |most: f64, w| most.max(w.abs())).max(f64::MIN_POSITIVE);
    let row = |i: usize| {
        let name = learned.names.get(i).cloned().unwrap_or_default();
        let is_constant = i + 1 == scaled.len();
        let on_scale = Cell::number(scaled[i]);
        let on_scale = if is_constant { on_scale } else { on_scale.shaded(scaled[i] / most) };
        let word = Cell { is_number: true, ..Cell::word(words[i].to_string()) };
        let value = values.get(i).map_or_else(Cell::default, |&value| Cell::number(value));
        Row::new(name, vec![on_scale, value, word])
    };
    let columns = ["feature", "on the core's scale", "in the table's units", "word, Q4.28"];
    Table {
        name: "weights",
        title: "Weights".into(),
        columns: columns.map(String::from).to_vec(),
        rows: (0..scaled.len()).map(row).collect(),
        words: "On the core's scale, where features that are standardized can be compared, they \
                are shaded by their amount, negative ones in the other colour. In the table's \
                units the prediction is their sum with the features, and the constant."
            .into(),
        is_map: false,
    }
}

fn answers(run: &Run<Regress>, samples: &Samples) -> Vec<Part> {
    let preparation = &run.plan.preparation;
    let mut parts = Vec::new();
    let sets = [
        ("the rows held out", &samples.held_out, &samples.held_out_targets, ["held-out", "misses"]),
        (
            "the rows that were learned",
            &samples.training,
            &samples.training_targets,
            ["learned", "residuals"],
        ),
    ];
    for (which, rows, targets, [name, _]) in sets {
        if rows.is_empty() {
            continue;
        }
        let predict = |sample: &Sample| run.state.predict(&sample.features);
        let predictions: Vec<i32> = rows.iter().map(predict).collect();
        let quality = Quality::new(preparation, &predictions, targets);
        let score = score(preparation, &predictions, targets);
        let measure = preparation.measure();
        if let Some(confusion) = &quality.confusion {
            parts.push(Part::Table(confusion_table(name, which, confusion)));
            continue;
        }
        let step = rows.len().div_ceil(POINTS).max(1);
        let points = targets.iter().zip(&predictions).step_by(step);
        let points = points.map(|(&target, &p)| (target, preparation.value(p))).collect();
        let r2 = quality.r2.map_or(String::new(), |r2| format!(", R2 {}", rounded(r2, 4)));
        let some = if step > 1 { format!(" One row of {step} is shown.") } else { String::new() };
        let title = format!("Predicted against true, {which}");
        parts.push(Part::Plot(Plot {
            note: format!("Over {} rows: {measure} {}{r2}.{some}", rows.len(), rounded(score, 4)),
            ..Plot::cloud(name, &title, (&preparation.target, "predicted"), points)
        }));
    }
    if preparation.classes.is_some() {
        let of = [false, true].map(|second| class_name(preparation, second));
        parts.push(Part::Text(format!("The classes are {} and {}.", of[0], of[1])));
    }
    parts
}

fn confusion_table(name: &'static str, which: &str, confusion: &Confusion) -> Table {
    let row = |is: usize| {
        let all: usize = confusion.counts[is].iter().sum();
        let share = |n: usize| n as f64 / all.max(1) as f64;
        let cell = |&n: &usize| Cell::number(n as f64).shaded(share(n));
        let right = Cell {
            is_number: true,
            ..Cell::word(rounded(100.0 * share(confusion.counts[is][is]), 1))
        };
        let cells = confusion.counts[is].iter().map(cell).chain([right]).collect();
        Row::new(confusion.classes[is].clone(), cells)
    };
    let [a, b] = &confusion.classes;
    let right: usize = (0..2).map(|is| confusion.counts[is][is]).sum();
    let all: usize = confusion.counts.iter().flatten().sum();
    Table {
        name,
        title: format!("Confusion matrix, {which}"),
        columns: vec![
            "is".into(),
            format!("predicted {a}"),
            format!("predicted {b}"),
            "right, %".into(),
        ],
        rows: (0..2).map(row).collect(),
        words: format!("{right} of {all} are right. Each row is shaded by its shares."),
        is_map: false,
    }
}
