//! `info`: what a run's file says of itself.

use super::report::Context;
use fixlearn::tasks::{self, Info};
use fixlearn::Result;
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The run, finished or not
    #[arg(long)]
    model: PathBuf,
}

#[derive(Serialize)]
struct Report {
    model: String,
    /// Of the file's format.
    file_version: u32,
    #[serde(flatten)]
    info: Info,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let (task, run) = tasks::of_file(&args.model)?;
    let (model, file_version) = (args.model.display().to_string(), run.version());
    let report = Report { model, file_version, info: (task.info)(&run)? };
    let Info { task, core, made_by, done, unit, marks, plan, registers } = &report.info;
    context.report(&report, || {
        let mut lines = vec![
            format!(
                "{}: task {task} on core {core}, made by `fixlearn {made_by}`",
                args.model.display()
            ),
            format!("{done} {unit} done, {marks} marks in the learning curve"),
        ];
        let settings = plan.as_object().into_iter().flatten();
        lines.extend(settings.map(|(name, value)| format!("{name}: {value}")));
        lines.extend(registers.iter().map(|(name, word)| format!("{name} = {word}")));
        lines.join("\n")
    })?;
    Ok(true)
}
