//! `report`: a run as a page.

use super::beside;
use super::printed::Context;
use fixlearn::build::report::Report;
use fixlearn::outputs::Kind;
use fixlearn::page::run::{file_of, Given};
use fixlearn::page::{self, Figure};
use fixlearn::task::Input;
use fixlearn::{input, output, run, stages, tasks, Error, Result};
use serde::Serialize;
use std::path::PathBuf;

/// The page is one file (.html) that loads nothing: it works from a disk and without a network.
/// What needs the input is shown if it is given; else the page says what that would be.
#[derive(clap::Args)]
pub struct Args {
    /// The run, finished or not; or the folder that demo wrote
    run: PathBuf,
    /// What it was trained on: then originals, residuals, confusion and the like are shown, too
    input: Vec<PathBuf>,
    /// A table's first line is names [default: if it looks like that]
    #[arg(long)]
    header: bool,
    /// The column of classes of what a map was made of, by name or number [default: the only column
    /// of words]
    #[arg(long, value_name = "COLUMN", requires = "input")]
    labels: Option<String>,
    /// The folder of a build: its resources, clocks and Fmax
    #[arg(long, value_name = "FOLDER")]
    build: Option<PathBuf>,
    /// The page to write [default: the run's name with .html]
    #[arg(short, long)]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Reported {
    run: String,
    task: &'static str,
    page: String,
    bytes: usize,
    figures: Vec<Figure>,
    /// What is not there, and what it needs.
    missing: Vec<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let path = file_of(&args.run)?;
    let bytes = input::bytes(&path)?;
    stages::learn::Progress::not_one(&path, &bytes)?;
    if stages::Reader::is_file(&bytes) {
        let message = "is a file of stages, not a run, and has no page; `fixlearn info` says what \
                       it holds, `fixlearn decode` gives its pictures";
        return Err(Error::input(&path, message));
    }
    let (task, head) = tasks::of_head(&path, run::head(&path, bytes)?)?;
    let out = beside(&args.out, &path, "html", "--out: name the page")?;
    let mut outputs = context.outputs([&path].into_iter().chain(&args.input));
    outputs.add("--out", &out, Kind::As(&["html"]))?;
    let build = args.build.as_deref().map(Report::read).transpose()?;
    let input = Input { paths: args.input.clone(), header: args.header, grey: false };
    let labels = args.labels.as_deref();
    let given = Given { input: &input, build: build.as_ref(), labels, made_by: None };
    let page = (task.page)(&head, &given)?;
    let html = page::render(&page);
    output::write(&out, html.as_bytes())?;
    let reported = Reported {
        run: path.display().to_string(),
        task: task.name,
        page: out.display().to_string(),
        bytes: html.len(),
        figures: page.figures(),
        missing: page.missing(),
    };
    context.report(&reported, || {
        let missing = match reported.missing.as_slice() {
            [] => String::new(),
            some => format!("\n{}", some.join("\n")),
        };
        format!(
            "{}: {} of {}, {} bytes{missing}",
            reported.page,
            output::count(reported.figures.len(), "figure"),
            reported.run,
            reported.bytes
        )
    })?;
    Ok(true)
}
