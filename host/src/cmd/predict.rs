//! `predict`: a table's rows by a linear model.

use super::args::{names, MissingArg, Names, PortArgs, TableArgs};
use super::report::{line_text, Context};
use fixlearn::outputs::Kind;
use fixlearn::run::Run;
use fixlearn::tasks::regress::data::{self, Adapted};
use fixlearn::tasks::regress::quality::{answer_text, baseline, baseline_text, score, Quality};
use fixlearn::tasks::regress::{self, Regress};
use fixlearn::{output, Error, Result};
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    input: TableArgs,
    /// The linear model, from regress
    #[arg(long)]
    model: PathBuf,
    /// The predictions to write (.csv), a line a row
    #[arg(short, long)]
    out: PathBuf,
    /// Columns to copy beside the predictions, by name or number, commas between them; a name with
    /// a comma in quotes
    #[arg(long, value_name = "COLUMNS")]
    id: Vec<Names>,
    /// What to do where a value is missing; a row left out has an empty line of predictions
    /// [default: as the model was learned]
    #[arg(long, value_enum)]
    missing: Option<MissingArg>,
}

#[derive(Serialize)]
struct Predicted {
    /// Rows that have a prediction.
    rows: usize,
    /// Against the target, where the table has it: root mean square error, or share of right ones.
    score: Option<f64>,
    /// The rows that have a target.
    scored_rows: usize,
    measure: &'static str,
    /// What the mean, or the more frequent class, of the rows that were learned from scores.
    baseline: Option<f64>,
    #[serde(flatten)]
    quality: Option<Quality>,
    #[serde(flatten)]
    adapted: Adapted,
    out: String,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let input = args.input.input();
    let path = input.one()?;
    context.outputs([path, &args.model]).add("--out", &args.out, Kind::As(&["csv"]))?;
    let run = Run::<Regress>::read(&args.model)?;
    let preparation = &run.plan.preparation;
    let table = fixlearn::input::cells(path, input.header)?;
    let missing = args.missing.map_or(preparation.options.missing, Into::into);
    let (rows, adapted) = data::apply(path, &table, preparation, missing)?;
    let ids: Vec<usize> =
        names(&args.id).iter().map(|name| table.find(path, name)).collect::<Result<_>>()?;
    let mut head: Vec<&str> = ids.iter().map(|&column| table.names[column].as_str()).collect();
    head.extend(["prediction", "output"]);
    if let Some((i, name)) = head.iter().enumerate().find(|(i, name)| head[..*i].contains(name)) {
        let message = format!("--id: column {} of the answers would be `{name}` again", i + 1);
        return Err(Error::input(path, message));
    }
    let samples: Vec<_> = rows.iter().flatten().cloned().collect();
    let mut device = args.port.line().open(&run.state)?;
    table.say(path);
    if let Some(text) = adapted.text() {
        output::say(format_args!("{}: {text}", path.display()));
    }
    let predictions = device.holding(&run.state, |device| regress::predict(device, &samples))?;

    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |cells: Vec<String>| {
        writer.write_record(cells).map_err(|e| Error::input(&args.out, e.to_string()))
    };
    let named = ids.iter().map(|&column| table.names[column].clone());
    write(named.chain(["prediction".into(), "output".into()]).collect())?;
    let target = table.column(&preparation.target);
    let (mut answered, mut targets, mut no_numbers) = (Vec::new(), Vec::new(), 0_usize);
    let mut left = predictions.iter();
    for (row, sample) in rows.iter().enumerate() {
        let mut line: Vec<String> =
            ids.iter().map(|&column| table.text(row, column).into_owned()).collect();
        let prediction = sample.as_ref().and_then(|_| left.next());
        line.push(prediction.map_or(String::new(), |&p| answer_text(preparation, p)));
        let output = |&p: &i32| output::number(f64::from(p) / f64::from(1 << 20));
        line.push(prediction.map_or(String::new(), output));
        write(line)?;
        let goal = target.and_then(|at| preparation.target_of(&table, row, at));
        // A target that is another class is one that no prediction meets.
        if let (Some(&p), Some(goal)) = (prediction, goal) {
            if preparation.classes.is_some() || !goal.is_nan() {
                answered.push(p);
                targets.push(goal);
            } else {
                no_numbers += 1;
            }
        }
    }
    let text = writer.into_inner().map_err(|e| Error::input(&args.out, e.to_string()))?;
    let written = output::write(&args.out, &text);
    let unknown = targets.iter().filter(|t| preparation.is_unknown(**t)).count();
    if unknown > 0 {
        output::say(format_args!(
            "{}: rows whose class the model does not know, counted as wrong: {unknown}",
            path.display()
        ));
    }
    if no_numbers > 0 {
        output::say(format_args!(
            "{}: rows whose target is no number, and is not scored: {no_numbers}",
            path.display()
        ));
    }
    let scored = !targets.is_empty();
    let predicted = Predicted {
        rows: predictions.len(),
        score: scored.then(|| score(preparation, &answered, &targets)),
        scored_rows: targets.len(),
        measure: preparation.measure(),
        baseline: match preparation.constant {
            Some(known) if scored => Some(baseline(preparation, known, &targets)),
            _ => None,
        },
        quality: scored.then(|| Quality::new(preparation, &answered, &targets)),
        adapted,
        out: args.out.display().to_string(),
    };
    context.report(&predicted, || {
        let score = predicted.score.map(|s| {
            let more = predicted.quality.as_ref().map_or(String::new(), Quality::text);
            let beside = predicted.baseline.map(|b| baseline_text(preparation, b));
            let (of, beside) = (predicted.scored_rows, beside.unwrap_or_default());
            let s = output::rounded(s, 4);
            format!(", {} {s} on {of} with a target{more}{beside}", predicted.measure)
        });
        let line = line_text(&device.client);
        format!("{}: {} rows{}{line}", predicted.out, predicted.rows, score.unwrap_or_default())
    })?;
    written.map(|()| true)
}
