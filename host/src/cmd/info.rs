//! `info`: what a run's file says of itself.

use super::report::Context;
use fixlearn::{tasks, Error, Result};
use serde_json::{json, Value};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The run, finished or not
    #[arg(long)]
    model: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let task = tasks::of_file(&args.model)?;
    let bytes = std::fs::read(&args.model).map_err(Error::io(&args.model))?;
    let file: Value =
        serde_json::from_slice(&bytes).map_err(|e| Error::input(&args.model, e.to_string()))?;
    let (version, done, plan) = (&file["version"], &file["done"], &file["plan"]);
    let marks = file["curve"].as_array().map_or(0, Vec::len);
    let report = json!({
        "model": args.model, "version": version, "task": task.name, "core": task.core,
        "made_by": task.command, "done": done, "marks": marks, "plan": plan,
    });
    context.report(&report, || {
        let head = format!(
            "{}: task {} on core {}, made by `fixlearn {}`\n{done} steps done, {marks} marks in \
             the learning curve",
            args.model.display(),
            task.name,
            task.core,
            task.command
        );
        let settings = plan.as_object().into_iter().flatten();
        settings.fold(head, |text, (name, value)| format!("{text}\n{name}: {value}"))
    })?;
    Ok(true)
}
