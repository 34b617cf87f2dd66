//! `sweep`: other commands at every point of some axes.

use super::printed::Context;
use fixlearn::arguments;
use fixlearn::output::{self, count};
use fixlearn::sweep::{page, run_all, submit, Ended, Folder, Job, Plan, Status};
use fixlearn::sweep::{Submission, Table, Use, Work};
use fixlearn::{Error, Result};
use serde::Serialize;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// What is no job: it needs a device, runs without an end, or reports no numbers.
const NO_JOBS: [&str; 9] =
    ["sweep", "flash", "board", "boards", "ports", "doctor", "demo", "verify", "help"];

/// What the sweep gives, or what makes no sense in a job's own new folder.
const OWN: [&str; 7] = ["--json", "--port", "--force", "--resume", "--help", "-h", "--version"];

#[derive(clap::Args)]
#[command(after_help = "\
A plan names axes and the commands that are run at every point of them:

  [axes]
  codewords = [16, 64, 256]
  seed = [1, 2, 3]
  [files]
  picture = \"photo.png\"
  [jobs]
  quality = [\"train {picture} --codewords {codewords} --seed {seed} --out m.json\",
             \"encode {picture} --model m.json --out i.idx\"]
  board = \"build --board hx8k --size {codewords}x16x8 --out bitstream\"
  [goals]
  \"encode.psnr_db\" = \"most\"
  \"build.luts\" = \"least\"

The folder gets sweep.csv, a row a point, sweep.html with the trade-offs plotted, and what each job
wrote. Jobs that are done are not done again, also of a changed plan. The golden model learns.")]
pub struct Args {
    /// The plan, a file of TOML
    plan: PathBuf,
    /// The folder to write; with jobs that are done the sweep goes on
    #[arg(short, long)]
    out: PathBuf,
    /// Jobs to run at a time [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Run the jobs again that failed
    #[arg(long)]
    retry: bool,
    /// Say what would be run, and run nothing
    #[arg(long, conflicts_with_all = ["slurm", "gather", "job"])]
    list: bool,
    /// Run nothing: write table and page of what is there
    #[arg(long, conflicts_with_all = ["slurm", "job", "retry", "jobs"])]
    gather: bool,
    /// Run the jobs I, I + N, I + 2N and so on, as a task of an array does
    #[arg(long, value_name = "I/N", value_parser = share, conflicts_with_all = ["slurm", "jobs"])]
    job: Option<(usize, usize)>,
    /// Submit the jobs to Slurm as a job array
    #[arg(long, help_heading = "Slurm", conflicts_with = "jobs")]
    slurm: bool,
    /// Wait for the array's end, and write table and page
    #[arg(long, help_heading = "Slurm", requires = "slurm")]
    wait: bool,
    /// Give this to sbatch, as --slurm-option=--partition=long; may be given several times
    #[arg(long, help_heading = "Slurm", requires = "slurm", value_name = "OPTION")]
    #[arg(allow_hyphen_values = true)]
    slurm_option: Vec<String>,
    /// Tasks of the array at most, among which the jobs are dealt; Slurm's usual limit is 1000
    #[arg(long, help_heading = "Slurm", requires = "slurm", value_name = "N")]
    #[arg(default_value = "1000")]
    tasks: NonZeroUsize,
}

/// `I/N`, I below N.
fn share(text: &str) -> std::result::Result<(usize, usize), String> {
    let numbers = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    numbers
        .filter(|(i, n)| i < n)
        .ok_or_else(|| "give two numbers, as 0/8: the task, from 0 on, of so many".into())
}

/// What came of it.
#[derive(Serialize)]
struct Summary {
    out: PathBuf,
    points: usize,
    jobs: usize,
    #[serde(flatten)]
    ended: Ended,
    /// Only where table and page are written.
    #[serde(flatten)]
    points_of: Option<PointsOf>,
    /// The array's number.
    slurm: Option<String>,
}

/// The points of each status, and where that is written.
#[derive(Serialize)]
struct PointsOf {
    done: usize,
    failed: usize,
    missing: usize,
    csv: PathBuf,
    page: PathBuf,
}

/// Says what of fixlearn runs for a job's words.
fn checker() -> impl FnMut(&[String]) -> std::result::Result<Vec<String>, String> {
    let mut line = arguments::lenient(super::command());
    move |words: &[String]| {
        let name = words.first().map_or("", String::as_str);
        if NO_JOBS.contains(&name) {
            return Err(format!("`{name}` is no job; `fixlearn sweep --help` shows some"));
        }
        let is = |word: &str, option: &str| {
            word.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        };
        if let Some(own) = OWN.iter().find(|own| words.iter().any(|word| is(word, own))) {
            return Err(format!("{own} is not for a job; leave it out"));
        }
        let all = ["fixlearn".to_string()].into_iter().chain(words.iter().cloned());
        let all = super::expand(all.map(Into::into));
        arguments::takes(&mut line, all)?;
        let mut run = words.to_vec();
        let command = line.find_subcommand(name);
        let port = command.and_then(|c| c.get_arguments().find(|arg| arg.get_id() == "port"));
        // Where a command learns on a device, it learns on the golden model.
        if port.is_some_and(|port| !port.get_default_values().is_empty()) {
            run.extend(["--port", "golden"].map(String::from));
        }
        run.push("--json".into());
        Ok(run)
    }
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let plan = Plan::read(&args.plan)?;
    let work = plan.work(&mut checker())?;
    Folder::fits(&args.out)?;
    if args.list {
        return list(args, &plan, &work, context);
    }
    let what_for = match (args.gather, args.job) {
        (true, _) => Use::Reading,
        (_, Some(_)) => Use::Beside,
        _ => Use::Alone,
    };
    let folder = Folder::open(&args.out, what_for)?;
    let mut summary = Summary {
        out: folder.path().to_owned(),
        points: plan.points.len(),
        jobs: work.jobs.len(),
        ended: Ended::default(),
        points_of: None,
        slurm: None,
    };
    if args.gather {
        return gather(&plan, &work, &folder, summary, context);
    }
    let open = open(args, &work, Some(&folder));
    if args.slurm {
        return farm(args, &plan, &work, folder, &open, summary, context);
    }
    let jobs: Vec<&Job> = open.iter().map(|&i| &work.jobs[i]).collect();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let at_a_time = match args.job {
        Some(_) => 1,
        None => args.jobs.map_or(processors, usize::from),
    };
    output::say_notes();
    summary.ended = run_all(&folder, &jobs, at_a_time, plan.keep).inspect_err(|e| {
        if matches!(e, Error::Interrupted) {
            output::say("interrupted; what is done is kept, and the same command goes on");
        }
    })?;
    if args.job.is_some() {
        let Ended { run, failed } = summary.ended;
        context.report(&summary, || format!("{} run, {failed} failed", count(run, "job")))?;
        return Ok(failed == 0);
    }
    gather(&plan, &work, &folder, summary, context)
}

/// The numbers of the jobs that this call is to run: those without a result, and with `--retry`
/// those that failed.
fn open(args: &Args, work: &Work, folder: Option<&Folder>) -> Vec<usize> {
    let mine = |i: usize| args.job.is_none_or(|(share, shares)| i % shares == share);
    let is_open = |job: &Job| match folder.and_then(|folder| folder.outcome(job)) {
        Some(outcome) => args.retry && outcome.error.is_some(),
        None => true,
    };
    (0..work.jobs.len()).filter(|&i| mine(i) && is_open(&work.jobs[i])).collect()
}

/// Says what would be run.
fn list(args: &Args, plan: &Plan, work: &Work, context: &Context) -> Result<bool> {
    // Without a folder nothing is done.
    let there = Folder::is_one(&args.out);
    let folder = there.then(|| Folder::open(&args.out, Use::Reading)).transpose()?;
    let jobs: Vec<&Job> =
        open(args, work, folder.as_ref()).into_iter().map(|i| &work.jobs[i]).collect();
    let (points, ended) = (plan.points.len(), work.jobs.len() - jobs.len());
    let listed = serde_json::json!({ "points": points, "jobs": jobs, "jobs_ended": ended });
    context.report(&listed, || {
        let all = jobs.iter().flat_map(|job| &job.commands);
        let all = all.map(|words| format!("fixlearn {}", output::typed(words)));
        let ended = if ended > 0 { format!("; {ended} more have ended") } else { String::new() };
        let head = format!("{}, {}{ended}", count(points, "point"), count(jobs.len(), "job"));
        [head].into_iter().chain(all).collect::<Vec<_>>().join("\n")
    })?;
    Ok(true)
}

/// Writes table and page of what is there.
fn gather(
    plan: &Plan,
    work: &Work,
    folder: &Folder,
    mut summary: Summary,
    context: &Context,
) -> Result<bool> {
    let table = Table::gather(plan, work, folder);
    let (csv, html) = (folder.path().join("sweep.csv"), folder.path().join("sweep.html"));
    output::write(&csv, &table.csv())?;
    output::write(&html, page(&table).as_bytes())?;
    let done = table.count(Status::Done);
    for column in table.unknown_goals().filter(|_| done > 0) {
        output::note(format_args!(
            "no report has {column}, of which [goals] speaks; the first line of sweep.csv has what \
             there is"
        ));
    }
    let (failed, missing) = (table.count(Status::Failed), table.count(Status::Missing));
    let (shown, page) = (html.display().to_string(), html);
    summary.points_of = Some(PointsOf { done, failed, missing, csv, page });
    let run = summary.ended.run;
    context.report(&summary, || {
        let mut line = format!(
            "{}: {done} done, {failed} failed, {missing} missing; {} run now",
            count(plan.points.len(), "point"),
            count(run, "job")
        );
        if missing > 0 {
            line += "; `fixlearn sweep` without --gather runs what is missing";
        }
        format!("{line}\nlook at {shown}")
    })?;
    Ok(failed + missing == 0)
}

/// Submits what is open to Slurm.
fn farm(
    args: &Args,
    plan: &Plan,
    work: &Work,
    folder: Folder,
    open: &[usize],
    mut summary: Summary,
    context: &Context,
) -> Result<bool> {
    if open.is_empty() {
        return gather(plan, work, &folder, summary, context);
    }
    let tasks = work.jobs.len().min(args.tasks.get());
    let mut numbers: Vec<usize> = open.iter().map(|job| job % tasks).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let path = folder.path().to_owned();
    // Its tasks run jobs there.
    drop(folder);
    let folder = Folder::open(&path, Use::Reading)?;
    let submission = Submission {
        plan: &args.plan,
        numbers: &numbers,
        tasks,
        options: &args.slurm_option,
        retry: args.retry,
        wait: args.wait,
    };
    let id = submit(&submission, &folder)?;
    summary.slurm = Some(id.clone());
    if args.wait {
        return gather(plan, work, &folder, summary, context);
    }
    context.report(&summary, || {
        format!(
            "array {id}: {} in {}; when it has ended, type the same with --gather in place of \
             --slurm",
            count(open.len(), "job"),
            count(numbers.len(), "task")
        )
    })?;
    Ok(true)
}
