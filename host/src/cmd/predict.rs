//! `predict`: a table's rows by a linear model.

use super::args::{InputArgs, PortArgs};
use super::report::Context;
use fixlearn::outputs::Kind;
use fixlearn::run::Run;
use fixlearn::tasks::regress::{self, data, Regress};
use fixlearn::{output, Result};
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    input: InputArgs,
    /// The linear model, from regress
    #[arg(long)]
    model: PathBuf,
    /// The predictions to write (.csv)
    #[arg(long)]
    out: PathBuf,
}

#[derive(Serialize)]
struct Predicted {
    rows: usize,
    /// Against the target, where the table has it: root mean square error, or share of right ones.
    score: Option<f64>,
    measure: &'static str,
    out: String,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let input = args.input.input();
    let path = input.one()?;
    context.outputs([path, &args.model]).add("--out", &args.out, Kind::As(&["csv"]))?;
    let run = Run::<Regress>::read(&args.model)?;
    let preparation = &run.plan.preparation;
    let table = fixlearn::input::table(path, input.header)?;
    let samples = data::apply(path, &table, preparation)?;
    let mut device = args.port.line().open(&run.state)?;
    let predictions = device.holding(&run.state, |device| regress::predict(device, &samples))?;
    let mut text = String::from("prediction,output\n");
    for &p in &predictions {
        let output = f64::from(p) / f64::from(1 << 20);
        text += &format!("{},{output}\n", regress::answer(preparation, p));
    }
    output::write(&args.out, text.as_bytes())?;
    let targets = table
        .column(&preparation.target)
        .map(|at| (0..table.rows()).map(|row| table.value(row, at)).collect::<Vec<f64>>());
    let predicted = Predicted {
        rows: predictions.len(),
        score: targets.map(|t| regress::score(preparation, &predictions, &t)),
        measure: preparation.measure(),
        out: args.out.display().to_string(),
    };
    context.report(&predicted, || {
        let score = predicted.score.map(|s| format!(", {} {s:.4}", predicted.measure));
        format!("{}: {} rows{}", predicted.out, predicted.rows, score.unwrap_or_default())
    })?;
    Ok(true)
}
