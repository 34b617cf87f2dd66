//! A farm: the same jobs as a job array of Slurm, which does all that a scheduler does.

use super::folder::Folder;
use crate::build::process::{self, Ends};
use crate::{doctor, output, Error, Result};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

/// The script, in the sweep's folder.
const SCRIPT: &str = "slurm.sh";

/// What is to be submitted.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    /// The plan.
    pub plan: &'a Path,
    /// Numbers of the tasks that have something to do.
    pub numbers: &'a [usize],
    /// Tasks in all, among which the jobs are dealt.
    pub tasks: usize,
    /// What else sbatch is given.
    pub options: &'a [String],
    /// Jobs that failed are run again, too.
    pub retry: bool,
    /// Until every task has ended.
    pub wait: bool,
}

/// Writes the script, and gives it to sbatch; the array's number.
///
/// # Errors
/// If sbatch is missing, or refuses it.
pub fn submit(submission: &Submission, folder: &Folder) -> Result<String> {
    let sbatch = doctor::program("sbatch").ok_or_else(|| {
        Error::request("there is no sbatch here; submit where Slurm is, or leave --slurm out")
    })?;
    let own = std::env::current_exe().map_err(|e| {
        Error::request(format!("fixlearn cannot find itself: {}", crate::words(&e)))
    })?;
    let plan = std::path::absolute(submission.plan).map_err(Error::io(submission.plan))?;
    let [own, plan, out] = [own.as_path(), &plan, folder.path()].map(quoted);
    let tasks = submission.tasks;
    let retry = if submission.retry { " --retry" } else { "" };
    let script = format!(
        "#!/bin/sh\n# A task of the array: its share of the jobs that are not done.\nexec {} sweep \
         {} --out {} --job \"$SLURM_ARRAY_TASK_ID/{tasks}\"{retry}\n",
        own?, plan?, out?
    );
    let path = folder.path().join(SCRIPT);
    output::write(&path, script.as_bytes())?;
    let mut command = Command::new(sbatch);
    command
        .arg("--parsable")
        .arg(format!("--array={}", ranges(submission.numbers)))
        // Beside the script, whatever characters the folder's name has.
        .args(["--job-name=fixlearn-sweep", "--output=slurm-%A_%a.out"])
        .args(submission.wait.then_some("--wait"))
        .args(submission.options)
        .arg(SCRIPT)
        .current_dir(folder.path());
    let done = process::output(&mut command, "sbatch", Ends::AtOnce, &AtomicBool::new(false))?;
    let said = String::from_utf8_lossy(&done.stdout);
    // `number;cluster`. With --wait the status is the tasks', whose results tell more.
    let id = said.lines().next().and_then(|line| line.split(';').next()).unwrap_or("").trim();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        let said = String::from_utf8_lossy(&done.stderr);
        let line = said.lines().find(|line| line.contains("error")).or(said.lines().last());
        let line = line.unwrap_or("it said no number").trim();
        return Err(Error::request(format!("sbatch refused the array: {line}")));
    }
    Ok(id.into())
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> Result<String> {
    let text = path.to_str().ok_or_else(|| Error::input(path, "is no name in UTF-8; rename it"))?;
    let quoted = shlex::try_quote(text);
    Ok(quoted.map_err(|_| Error::input(path, "has a character that no shell takes"))?.into())
}

/// Rising numbers as sbatch takes them: `0-3,7`.
fn ranges(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    let run = |run: &[usize]| match run {
        [one] => one.to_string(),
        [first, .., last] => format!("{first}-{last}"),
        [] => String::new(),
    };
    runs.map(run).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_a_range() {
        assert_eq!(ranges(&[0, 1, 2, 3, 7, 9, 10]), "0-3,7,9-10");
        assert_eq!(ranges(&[5]), "5");
    }
}
