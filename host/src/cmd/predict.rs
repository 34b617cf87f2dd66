//! `predict`: a table's rows by a linear model.

use super::args::{names, MissingArg, Names, PortArgs, TableArgs};
use super::of_use;
use super::printed::{line_text, Context};
use fixlearn::outputs::Kind;
use fixlearn::run::{self, Run};
use fixlearn::tasks::classify::images::{Columns, Images};
use fixlearn::tasks::classify::{self, Model};
use fixlearn::tasks::regress::data::{self, Adapted};
use fixlearn::tasks::regress::quality::{answer_text, baseline, baseline_text, score, Quality};
use fixlearn::tasks::regress::{self, Regress};
use fixlearn::{input, output, Error, Result};
use fixlearn_map::network::NetworkBuilt;
use fixlearn_sim::golden::cores::network::Answer;
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    input: TableArgs,
    /// The linear model, from regress, or the network, from load or as it was exported
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
    /// With a network: the column of the class, if there is one, by name or number
    /// [default: as it was loaded]
    #[arg(long)]
    class: Option<String>,
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
    let bytes = input::bytes(&args.model)?;
    if let Some(model) = classify::of_model(&args.model, &bytes)? {
        return classified(args, context, &model);
    }
    of_use(context, false, &["class"], "a network")?;
    let run = Run::<Regress>::parse(&run::head(&args.model, bytes)?)?;
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

#[derive(Serialize)]
struct Classified {
    rows: usize,
    /// Share of right ones, where the table has the column of the class.
    score: Option<f64>,
    scored_rows: usize,
    measure: &'static str,
    out: String,
}

/// The classes of a table's rows, and the scores of each class, by a network.
fn classified(args: &Args, context: &Context, model: &Model) -> Result<bool> {
    let network = &model.network;
    of_use(context, false, &["missing"], "a linear model")?;
    let input = args.input.input();
    let path = input.one()?;
    let table = fixlearn::input::cells(path, input.header)?;
    let ids = names(&args.id);
    let target = match &args.class {
        Some(target) => Some(target.clone()),
        // As it was loaded, if the table has it.
        None => model.target.clone().filter(|name| table.find(path, name).is_ok()),
    };
    let columns = Columns { target: target.as_deref(), copied: &ids, pixels: &model.columns };
    let images = Images::of(path, &table, network, columns)?;
    let state = |built: &NetworkBuilt| network.core(*built);
    let (mut device, state) = args.port.line().open_for(state)?;
    let vectors: Vec<u8> =
        images.pixels.iter().flat_map(|image| network.vector(image, 0)).collect();
    let answers = device.holding(&state, |device| device.recall(&vectors, |_| {}))?;
    let answers: Vec<Answer> = answers.iter().map(|bytes| Answer::from_bytes(bytes)).collect();

    let score = |name: &String| format!("score {name}");
    let head = images.names.iter().cloned().chain(["prediction".into()]);
    let head: Vec<String> = head.chain(network.classes.iter().map(score)).collect();
    let row = |(answer, copied): (&Answer, &Vec<String>)| -> Vec<String> {
        let class = network.classes.get(usize::from(answer.class)).cloned();
        let scores = answer.scores.iter().map(i32::to_string);
        copied.iter().cloned().chain([class.unwrap_or_default()]).chain(scores).collect()
    };
    let rows: Vec<Vec<String>> = answers.iter().zip(&images.copied).map(row).collect();
    output::write(&args.out, &output::csv(&head, rows.iter().map(Vec::as_slice)))?;
    let labelled = answers.len() - images.unlabelled.len();
    let known = images.classes.iter().flatten().flatten().count();
    if images.classes.is_some() && known < labelled {
        output::say(format_args!(
            "{}: rows whose class the network does not know, counted as wrong: {}",
            path.display(),
            labelled - known
        ));
    }
    let classes = images.classes.as_ref().filter(|_| labelled > 0);
    let right = classes.map(|classes| {
        let pairs = classes.iter().zip(&answers);
        pairs.filter(|(class, answer)| **class == Some(answer.class)).count()
    });
    let classified = Classified {
        rows: answers.len(),
        score: right.map(|right| right as f64 / labelled as f64),
        scored_rows: right.map_or(0, |_| labelled),
        measure: "accuracy",
        out: args.out.display().to_string(),
    };
    context.report(&classified, || {
        let score = classified.score.map(|share| {
            let of = classified.scored_rows;
            format!(", {} {} on {of}", classified.measure, output::rounded(share, 4))
        });
        let line = line_text(&device.client);
        format!("{}: {} rows{}{line}", classified.out, classified.rows, score.unwrap_or_default())
    })?;
    Ok(true)
}
