//! Jobs: this very program, called again, and what its reports say.

use super::folder::Folder;
use super::outcome::Outcome;
use super::plan::Job;
use crate::build::process::{self, Ends};
use crate::{output, stop, Error, Result};
use serde::Serialize;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{mpsc, Mutex, PoisonError};

/// The status of a command that was interrupted.
const INTERRUPTED: i32 = 130;

/// Failures that are said as they come; more are counted.
const SAID: usize = 10;

/// How jobs ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// So many were run to their end.
    #[serde(rename = "jobs_run")]
    pub run: usize,
    /// And so many of them failed.
    #[serde(rename = "jobs_failed")]
    pub failed: usize,
}

/// Runs the jobs, several at a time; each one's result is in the folder as soon as it is there.
///
/// # Errors
/// [`Error::Interrupted`] if the user wishes so; or if a job cannot be begun, or its result cannot
/// be written. What fails within a job is in its result.
pub fn run_all(folder: &Folder, jobs: &[&Job], at_a_time: usize, keep: bool) -> Result<Ended> {
    let program = std::env::current_exe().map_err(|e| {
        Error::request(format!("fixlearn cannot find itself: {}", crate::words(&e)))
    })?;
    let bar = output::progress(jobs.len() as u64, "jobs");
    let (next, halt, said) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(0));
    let failed = |outcome: &Outcome, why: &str| {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        *said += 1;
        let command = outcome.commands.get(outcome.reports.len());
        let line = command.map_or(String::new(), |words| output::typed(words));
        bar.suspend(|| match *said {
            1..=SAID => output::say(format_args!("{}: `{line}`: {why}", outcome.name)),
            n if n == SAID + 1 => output::say("more jobs failed; sweep.csv has why"),
            _ => {}
        });
    };
    let (sender, receiver) = mpsc::channel();
    let ended = std::thread::scope(|scope| {
        for _ in 0..at_a_time.min(jobs.len()) {
            let (sender, program) = (sender.clone(), &program);
            let (next, halt, failed, bar) = (&next, &halt, &failed, &bar);
            scope.spawn(move || {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ended = run(program, folder, job, keep, halt);
                    if let Ok(Some(outcome @ Outcome { error: Some(why), .. })) = &ended {
                        failed(outcome, why);
                    }
                    bar.inc(1);
                    if ended.is_err() {
                        halt.store(true, Ordering::Relaxed);
                    }
                    if sender.send(ended).is_err() || halt.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let (mut ended, mut error) = (Ended::default(), None);
        for one in receiver {
            match one {
                Ok(Some(outcome)) => {
                    ended.run += 1;
                    ended.failed += usize::from(outcome.error.is_some());
                }
                Ok(None) => {}
                // The others were ended because of the first.
                Err(e) => drop(error.get_or_insert(e)),
            }
        }
        error.map_or(Ok(ended), Err)
    });
    bar.finish_and_clear();
    ended
}

/// Runs a job; none if an interrupt or a signal ended one of its commands: it is as if it had not
/// begun.
fn run(
    program: &Path,
    folder: &Folder,
    job: &Job,
    keep: bool,
    halt: &AtomicBool,
) -> Result<Option<Outcome>> {
    let jobs = folder.jobs();
    let mut builder = tempfile::Builder::new();
    let prefix = format!(".{}-", job.id);
    builder.prefix(&prefix);
    // Temporary folders are private; this one is a result like any other.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let work = builder.tempdir_in(&jobs).map_err(Error::io(&jobs))?;
    let _left = stop::Left::new(work.path());
    let mut outcome = Outcome::begun(job);
    for words in &job.commands {
        let mut command = Command::new(program);
        command.args(words).current_dir(work.path());
        let done = process::output(&mut command, "fixlearn", Ends::ByItself, halt)?;
        let said = String::from_utf8_lossy(&done.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        let last = last.trim().trim_start_matches("fixlearn: ").to_string();
        let report = serde_json::from_slice(&done.stdout);
        match (done.status.code(), report) {
            (Some(0), Ok(report)) => outcome.push(report),
            (Some(0), Err(_)) => outcome.error = Some("it printed no report".into()),
            (Some(1), _) => outcome.error = Some("a check failed".into()),
            (Some(INTERRUPTED), _) => return Ok(None),
            (Some(_), _) => outcome.error = Some(last),
            // By a signal: of a farm's scheduler, or for want of memory.
            (None, _) => {
                let (name, status) = (&job.name, done.status);
                output::say(format_args!(
                    "{name}: it was ended ({status}); the same command runs it again"
                ));
                return Ok(None);
            }
        }
        if outcome.error.is_some() {
            break;
        }
    }
    if !keep {
        empty(work.path())?;
    }
    folder.take(job, work.path(), &outcome)?;
    Ok(Some(outcome))
}

/// Removes what is in a folder.
fn empty(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(Error::io(folder))? {
        let path = entry.map_err(Error::io(folder))?.path();
        let removed = match path.is_dir() && !path.is_symlink() {
            true => std::fs::remove_dir_all(&path),
            false => std::fs::remove_file(&path),
        };
        removed.map_err(Error::io(&path))?;
    }
    Ok(())
}
