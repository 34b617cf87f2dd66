//! `info`: what a run's file says of itself.

use super::report::Context;
use fixlearn::tasks::{self, Info};
use fixlearn::Result;
use serde::Serialize;
use serde_json::Value;
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
        let mut settings = Vec::new();
        flat("", plan, &mut settings);
        let registers: Vec<(String, String)> =
            registers.iter().map(|(name, word)| (name.to_string(), word.to_string())).collect();
        let done = format!("{done} {unit}, {marks} marks in the learning curve");
        [
            format!("{}: a run of `fixlearn {made_by}`", args.model.display()),
            columns(&[
                ("task".into(), task.to_string()),
                ("core".into(), core.to_string()),
                ("done".into(), done),
            ]),
            "\nSettings".into(),
            columns(&settings),
            "\nRegisters of the core".into(),
            columns(&registers),
        ]
        .join("\n")
    })?;
    Ok(true)
}

/// Every value within, by the names that lead to it.
fn flat(name: &str, value: &Value, to: &mut Vec<(String, String)>) {
    const MOST: usize = 60;
    if let Value::Object(fields) = value {
        for (field, value) in fields {
            let dot = if name.is_empty() { "" } else { "." };
            flat(&format!("{name}{dot}{field}"), value, to);
        }
        return;
    }
    let mut text = match value {
        Value::Null => "-".into(),
        Value::String(text) => text.escape_debug().to_string(),
        other => other.to_string(),
    };
    if text.chars().count() > MOST {
        text = text.chars().take(MOST).chain("...".chars()).collect();
    }
    to.push((name.into(), text));
}

/// A line each, names and values below each other.
fn columns(lines: &[(String, String)]) -> String {
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let line = |(name, value): &(String, String)| format!("  {name:width$}  {value}");
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}
