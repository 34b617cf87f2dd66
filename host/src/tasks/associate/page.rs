//! What the page of a Boltzmann machine shows.

use super::patterns::{Patterns, Source};
use super::Associate;
use crate::page::command::Words;
use crate::page::html::number;
use crate::page::plot::{Plot, Series};
use crate::page::run::{Files, Paged};
use crate::page::table::{Cell, Row, Table};
use crate::page::{Part, Section};
use crate::run::Run;
use crate::task::Task;
use crate::Result;
use fixlearn_hdl::design::Design;
use fixlearn_map::boltzmann::BoltzmannBuilt;
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::cores::boltzmann::{connections, Given};

/// Rows whose answers a page shows at most.
const ROWS: usize = 200;

impl Paged for Associate {
    fn needs_input(&self) -> bool {
        matches!(self.source, Source::Table { .. })
    }

    fn digests(&self) -> Vec<(&'static str, String)> {
        vec![("the patterns", self.input.clone())]
    }

    fn sections(
        run: &Run<Self>,
        patterns: Option<&Patterns>,
        _: &crate::page::run::Given,
    ) -> Result<Vec<Section>> {
        let answered = patterns.map(|patterns| {
            let answers: Vec<Vec<u8>> = (0..patterns.rows.len())
                .map(|row| run.state.clone().recall(&patterns.vector(row)))
                .collect();
            (patterns, answers)
        });
        let answers = match &answered {
            Some((patterns, answers)) => vec![Part::Table(rows(patterns, answers))],
            None => vec![Part::Missing(
                "What the machine answers for each row is shown with the table that it learned: \
                 fixlearn report RUN TABLE."
                    .into(),
            )],
        };
        let right = answered.as_ref().map(|(patterns, answers)| patterns.right(answers));
        Ok(vec![
            Section::new("Result", vec![Part::Facts(facts(run, right))]),
            Section::new("While it learned", vec![Part::Plot(missed(run))]),
            Section::new("Weights", vec![Part::Table(weights(run))]),
            Section::new("Answers", answers),
        ])
    }

    fn options(run: &Run<Self>, files: &Files, words: &mut Words) {
        let plan = &run.plan;
        let mut patience = 100;
        match &plan.source {
            Source::Parity(2) => words.option("--task", "xor"),
            Source::Parity(inputs) => words.option("--task", format!("parity{inputs}")),
            Source::Table { targets, header } => {
                patience = 0;
                files.inputs().iter().for_each(|path| words.path(path));
                words.flag("--header", *header || files.input.header);
                if !targets.is_empty() {
                    words.option("--target", targets.join(","));
                }
                if !plan.drop.is_empty() {
                    words.option("--drop", plan.drop.join(","));
                }
            }
        }
        words.unless(8, "--hidden", plan.hidden);
        words.unless(15, "--levels", plan.levels);
        words.unless(1.5, "--range", plan.range);
        words.unless(8.0, "--hot", plan.hot);
        words.unless(0.5, "--cold", plan.cold);
        words.unless(12, "--temperatures", plan.temperatures);
        words.unless(1, "--sweeps", plan.sweeps);
        if plan.residues {
            words.option("--rate-shift", plan.rate);
        } else {
            words.option("--rule", "levels");
            words.unless(2, "--moves", plan.moves);
            words.unless(3, "--chance", plan.chance);
            words.unless(0.0, "--band", plan.band);
        }
        words.unless(patience, "--patience", plan.patience);
        words.unless(500, "--epochs", plan.epochs);
        words.unless(1, "--seed", plan.seed);
    }

    /// Of a pattern within an epoch: the last of one moves weights, too.
    fn clocks(state: &Self::Core, design: &dyn Design) -> Option<u64> {
        let c = &state.config;
        let built: BoltzmannBuilt = design.identity().built()?;
        let lanes = usize::from(built.lanes);
        let tokens = 2 * (c.units * c.units.div_ceil(lanes)) as u64;
        let groups = u64::from(built.units) / u64::from(built.lanes);
        let sweeps = u64::from(c.temperatures) * u64::from(c.sweeps);
        let settled = c.visible as u64 + 5 * groups + sweeps * (tokens + 8);
        Some(settled + 4 * connections(c.units) as u64 + 5)
    }

    fn of_clocks(&self) -> &'static str {
        " The last pattern of an epoch takes more: weights move then."
    }
}

fn facts(run: &Run<Associate>, right: Option<(usize, usize)>) -> Vec<(String, String)> {
    let (plan, (epochs, drawn)) = (&run.plan, Associate::solved(run));
    let mut facts = vec![
        ("Columns".to_string(), plan.columns.len().to_string()),
        ("Hidden units".into(), plan.hidden.to_string()),
        ("Levels of a weight".into(), plan.levels.to_string()),
        ("Patterns learned".into(), run.done.to_string()),
        ("Largest weight".into(), number(plan.largest(&run.state))),
        ("Weights drawn anew".into(), drawn.to_string()),
    ];
    if run.done > 0 {
        let epochs = epochs.map_or("some never were".into(), |epochs| epochs.to_string());
        facts.push(("Epochs until every target was reached".into(), epochs));
    }
    if let Some((right, asked)) = right {
        facts.push((
            "Rows with every target on its side of 0".into(),
            format!("{right} of {asked}"),
        ));
    }
    facts
}

fn missed(run: &Run<Associate>) -> Plot {
    let at = run.curve.iter().map(|m| m.epochs as f64).collect();
    let missed = run.curve.iter().map(|m| Some(f64::from(m.missed))).collect();
    let series = vec![Series::new("missed", missed)];
    let axes = ("epochs", "patterns missed");
    Plot::curves("missed", "Patterns missed while it learned", axes, at, series)
}

fn weights(run: &Run<Associate>) -> Table {
    let plan = &run.plan;
    let learned = plan.learned(&run.state);
    let values: Vec<f64> = learned.values().collect();
    let columns = plan.columns.iter().map(|column| match column.target {
        true => format!("{} (target)", column.name),
        false => column.name.clone(),
    });
    let hidden = (1..=plan.hidden).map(|i| format!("hidden {i}"));
    let names: Vec<String> =
        std::iter::once("always 1".to_string()).chain(columns).chain(hidden).collect();
    let units = plan.units().max(1);
    let row =
        |(name, row): (&String, &[f64])| (name.clone(), row.iter().map(|&w| Some(w)).collect());
    let rows = names.iter().zip(values.chunks(units)).map(row).collect();
    let headings = std::iter::once("unit".to_string()).chain(names.iter().cloned()).collect();
    Table {
        words: format!(
            "Between {units} units; a weight is the same in both directions. They are shaded by \
             their amount, negative ones in the other colour."
        ),
        ..Table::shaded("weights", "Weights", headings, rows)
    }
}

/// The targets of each row, and what is answered.
fn rows(patterns: &Patterns, answers: &[Vec<u8>]) -> Table {
    let targets: Vec<usize> =
        (0..patterns.columns.len()).filter(|&i| patterns.columns[i].target).collect();
    let mut columns = vec!["row".to_string()];
    for &i in &targets {
        let name = &patterns.columns[i].name;
        columns.extend([format!("{name} is"), format!("{name} answered")]);
    }
    let row = |(i, (given, answer)): (usize, (&Vec<Given>, &Vec<u8>))| {
        let states: Vec<i8> = patterns.states(answer).collect();
        let cells = targets.iter().flat_map(|&k| {
            let state = states.get(k).copied().unwrap_or(0);
            let column = &patterns.columns[k];
            let (is, wrong) = match given[k] {
                Given::Target(target) => (column.cell(target), (target < 0) != (state < 0)),
                Given::Input(state) => (column.cell(state), false),
                Given::Free => ("–".into(), false),
            };
            let text = column.cell(state);
            let answered = match text.parse::<f64>() {
                Ok(number) => Cell::number(number),
                Err(_) => Cell::word(text),
            };
            [Cell::word(is), if wrong { answered.shaded(-1.0) } else { answered }]
        });
        Row::new((i + 1).to_string(), cells.collect())
    };
    let all = patterns.rows.iter().zip(answers).enumerate().take(ROWS);
    let (right, asked) = patterns.right(answers);
    let some = match patterns.rows.len() > ROWS {
        true => format!(" The first {ROWS} rows are shown."),
        false => String::new(),
    };
    Table {
        name: "answers",
        title: "What is answered for each row".into(),
        columns,
        rows: all.map(row).collect(),
        words: format!(
            "{right} of {asked} rows have every target on its side of 0; the others' answers are \
             shaded.{some}"
        ),
        is_map: false,
    }
}
