//! `info`: what a run's file says of itself.

use super::printed::{columns, Context};
use fixlearn::stages::learn::Progress;
use fixlearn::stages::{Content, Head, Reader};
use fixlearn::tasks::{self, Info};
use fixlearn::{input, run, Error, Result};
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// The run, finished or not; or a file that was encoded by stages
    #[arg(required_unless_present = "model")]
    file: Option<PathBuf>,
    /// The same, as other commands name it
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    model: Option<PathBuf>,
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
    // One of them is there.
    let Some(path) = args.file.as_deref().or(args.model.as_deref()) else {
        return Err(Error::request("name a run's file"));
    };
    let bytes = input::bytes(path)?;
    Progress::not_one(path, &bytes)?;
    if Reader::is_file(&bytes) {
        let head = Reader::new(&bytes).map_err(|what| Error::input(path, what))?.head;
        return encoded(path, &head, bytes.len(), context);
    }
    let (task, head) = tasks::of_head(path, run::head(path, bytes)?)?;
    let (model, file_version) = (path.display().to_string(), head.version());
    let report = Report { model, file_version, info: (task.info)(&head)? };
    let Info { task, core, size, made_by, done, unit, marks, resident, .. } = &report.info;
    context.report(&report, || {
        let (settings, registers) = (report.info.settings(), report.info.words());
        let resident = resident.map_or(String::new(), |n| format!(", {n} of a pass resident"));
        let done = format!("{done} {unit}{resident}, {marks} marks in the learning curve");
        [
            format!("{}: a run of `fixlearn {made_by}`", path.display()),
            columns(&[
                ("task".into(), task.to_string()),
                ("core".into(), core.to_string()),
                ("smallest size".into(), size.as_deref().unwrap_or("none on offer").into()),
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

/// What the head of an encoded file says.
fn encoded(path: &Path, head: &Head, bytes: usize, context: &Context) -> Result<bool> {
    let Head { content, width, height, planes, frames, samples, rate, .. } = head;
    let stages = head.stages.iter().map(|s| {
        let block = [s.width, s.height];
        serde_json::json!({ "block": block, "codewords": s.codewords, "split": s.split })
    });
    let report = serde_json::json!({
        "model": path.display().to_string(), "content": content, "width": width,
        "height": height, "planes": planes, "frames": frames, "samples": samples, "rate": rate,
        "bytes": bytes, "stages": stages.collect::<Vec<Value>>(),
    });
    let name = path.display();
    context.report(&report, || {
        let mut lines = vec![
            ("frames".into(), format!("{frames} of {width} x {height}, {planes} planes each")),
            ("samples".into(), format!("{samples} of each plane, {bytes} bytes in all")),
        ];
        if *content == Content::Sound {
            lines.push(("rate".into(), format!("{rate} samples a second")));
        }
        for (i, s) in head.stages.iter().enumerate() {
            let kind = if s.split { ", where a block is split" } else { "" };
            let text = format!("{} x {}, {} codewords{kind}", s.width, s.height, s.codewords);
            lines.push((format!("stage {}", i + 1), text));
        }
        format!("{name}: {content}, encoded by stages\n{}", columns(&lines))
    })?;
    Ok(true)
}
