//! `cargo verify`: builds every test, runs the tests side by side, each in a process of its own,
//! and says how long each part took.

use super::printed::Context;
use fixlearn::doctor::{self, Need};
use fixlearn::{output, stop, Error, Result};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read, Seek};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{mpsc, Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub struct Args {
    /// Only the shortest tests, of a minute in all, by tests/times.txt
    #[arg(long)]
    quick: bool,
    /// Tests that run side by side; by default as many as there are processors
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// If every test passes, write tests/times.txt anew
    #[arg(long, conflicts_with = "quick")]
    record: bool,
}

/// Seconds that `--quick` has for the tests, on each of the processors.
const QUICK: f64 = 60.0;

/// Seconds that a test is taken for that is not in [`TIMES`].
const SHORT: f64 = 0.5;

/// A test that runs longer is ended, and has failed.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Seconds of each test that took more than one; the longest start first.
const TIMES: &str = "tests/times.txt";

/// What is run in a process of its own: a test, a library's unit tests, or the examples in the
/// documentation.
struct Unit {
    /// `folder/file::test`, or the name of the library.
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    /// Where it runs.
    folder: PathBuf,
    /// Seconds that it took when [`TIMES`] was written.
    expected: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Passed,
    Failed,
    TimedOut,
}

#[derive(Serialize)]
struct Done {
    name: String,
    seconds: f64,
    outcome: Outcome,
    #[serde(skip)]
    output: String,
}

#[derive(Serialize)]
struct Summary {
    passed: bool,
    quick: bool,
    jobs: usize,
    seconds: f64,
    build_seconds: f64,
    left_out: usize,
    /// In the order in which they ended.
    tests: Vec<Done>,
}

/// Builds and runs the tests; did they all pass?
pub fn run(args: &Args, context: &Context) -> Result<bool> {
    doctor::ensure(Need::Proofs)?;
    let processes = Processes::default();
    let watched = processes.clone();
    std::thread::spawn(move || {
        while !stop::requested() {
            std::thread::sleep(Duration::from_millis(20));
        }
        watched.stop();
    });
    let start = Instant::now();
    let root = root()?;
    let times = times(&root.join(TIMES))?;
    let Some(programs) = build(&processes)? else {
        return Ok(false);
    };
    let build_seconds = start.elapsed().as_secs_f64();
    let jobs = args.jobs.or(std::thread::available_parallelism().ok()).map_or(1, usize::from);
    let mut units = units(&programs, &root)?;
    units.iter_mut().for_each(|unit| unit.expected = times.get(&unit.name).copied());
    let all = units.len();
    if args.quick {
        shortest(&mut units, QUICK * jobs as f64);
    }
    let left_out = all - units.len();
    // A test without a time is a new one, which may be long.
    let key = |unit: &Unit| unit.expected.unwrap_or(f64::INFINITY);
    units.sort_by(|a, b| key(a).total_cmp(&key(b)));
    let tests = run_all(&processes, units, jobs)?;
    let summary = Summary {
        passed: tests.iter().all(|test| test.outcome == Outcome::Passed),
        quick: args.quick,
        jobs,
        seconds: start.elapsed().as_secs_f64(),
        build_seconds,
        left_out,
        tests,
    };
    if args.record && summary.passed {
        output::write(&root.join(TIMES), record(&summary.tests).as_bytes())?;
    }
    context.report(&summary, || table(&summary))?;
    Ok(summary.passed)
}

/// Keeps the shortest, as many as take so many seconds in all.
fn shortest(units: &mut Vec<Unit>, seconds: f64) {
    let expected = |unit: &Unit| unit.expected.unwrap_or(SHORT);
    units.sort_by(|a, b| expected(a).total_cmp(&expected(b)));
    let mut sum = 0.0;
    let fits = |unit: &&Unit| {
        sum += expected(unit);
        sum <= seconds
    };
    let count = units.iter().take_while(fits).count();
    units.truncate(count);
}

/// The processes that run now, by the number of their group; Ctrl-C ends them all.
#[derive(Clone, Default)]
struct Processes(Arc<Mutex<Running>>);

#[derive(Default)]
struct Running {
    stopped: bool,
    groups: BTreeSet<u32>,
}

impl Processes {
    fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        let mut running = self.lock();
        running.stopped = true;
        running.groups.iter().copied().for_each(end);
    }

    /// Starts it in a group of its own, in which the processes that it starts are, too.
    fn start(&self, command: &mut Command) -> Result<Child> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut running = self.lock();
        if running.stopped {
            return Err(Error::Interrupted);
        }
        let child = command.stdin(Stdio::null()).spawn().map_err(|e| {
            let program = command.get_program().to_string_lossy();
            Error::request(format!("{program} cannot be started: {e}"))
        })?;
        running.groups.insert(child.id());
        Ok(child)
    }

    /// Waits for its end, ends what it has started and left running, and says whether it succeeded.
    /// After `limit` it is ended.
    fn wait(&self, child: &mut Child, limit: Option<Duration>) -> Result<Outcome> {
        let start = Instant::now();
        let mut outcome = Outcome::Failed;
        let status = loop {
            match (child.try_wait(), limit) {
                (Ok(None), Some(limit)) if start.elapsed() > limit => {
                    outcome = Outcome::TimedOut;
                    end(child.id());
                }
                (Ok(None), _) => {}
                (status, _) => break status,
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut running = self.lock();
        end(child.id());
        running.groups.remove(&child.id());
        let status = status.map_err(|e| Error::request(format!("a test is lost: {e}")))?;
        match status {
            _ if running.stopped => Err(Error::Interrupted),
            Some(status) if status.success() => Ok(Outcome::Passed),
            _ => Ok(outcome),
        }
    }
}

/// Ends every process of a group, if there are any.
fn end(group: u32) {
    #[cfg(unix)]
    {
        use nix::sys::signal::{killpg, Signal};
        let _ = killpg(nix::unistd::Pid::from_raw(group as i32), Signal::SIGKILL);
    }
    #[cfg(not(unix))]
    let _ = group;
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments);
    cargo
}

/// The workspace's folder.
fn root() -> Result<PathBuf> {
    let mut command = cargo(&["locate-project", "--workspace", "--message-format", "plain"]);
    let done = command
        .output()
        .map_err(|e| Error::request(format!("cargo cannot be started: {e}; is it installed?")))?;
    let path = PathBuf::from(String::from_utf8_lossy(&done.stdout).trim());
    match path.parent() {
        Some(folder) if done.status.success() && folder.join("tests").is_dir() => Ok(folder.into()),
        _ => Err(Error::request("verify runs in fixlearn's source folder; change to it")),
    }
}

/// The recorded times; none if there is no file.
fn times(path: &Path) -> Result<HashMap<String, f64>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(e) => return Err(Error::io(path)(e)),
    };
    let read = |line: &str| -> Option<(String, f64)> {
        let (seconds, name) = line.split_once(' ')?;
        Some((name.to_string(), seconds.parse().ok()?))
    };
    text.lines()
        .enumerate()
        .map(|(i, line)| {
            let wrong = || Error::input(path, format!("line {}: no seconds and name", i + 1));
            read(line).ok_or_else(wrong)
        })
        .collect()
}

/// The lines of [`TIMES`], the longest first.
fn record(tests: &[Done]) -> String {
    let mut long: Vec<&Done> = tests.iter().filter(|test| test.seconds > 1.0).collect();
    long.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    long.iter().map(|test| format!("{:.0} {}\n", test.seconds, test.name)).collect()
}

/// A program of tests.
struct Program {
    path: PathBuf,
    /// `folder/file` of an integration test, or the name of the library.
    name: String,
    /// Its package's folder.
    folder: PathBuf,
    integration: bool,
}

/// Builds the programs, without the examples; none if that fails, for which cargo says why.
fn build(processes: &Processes) -> Result<Option<Vec<Program>>> {
    let mut command = cargo(&["test", "--release", "--workspace", "--lib", "--bins", "--tests"]);
    command.args(["--no-run", "--message-format", "json-render-diagnostics"]);
    let mut child = processes.start(command.stdout(Stdio::piped()))?;
    let lines = child.stdout.take().map(|out| BufReader::new(out).lines());
    let programs = lines.into_iter().flatten().map_while(|line| line.ok()).filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(&line).ok()?;
        let path = message["executable"].as_str()?;
        let source = Path::new(message["target"]["src_path"].as_str()?);
        let word = |path: Option<&Path>| Some(path?.file_stem()?.to_str()?.to_string());
        let integration = message["target"]["kind"][0] == "test";
        let name = if integration {
            format!("{}/{}", word(source.parent())?, word(Some(source))?)
        } else {
            message["target"]["name"].as_str()?.to_string()
        };
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
        let test = message["profile"]["test"] == true;
        test.then(|| Program { path: path.into(), name, folder, integration })
    });
    let programs = programs.collect();
    let outcome = processes.wait(&mut child, None)?;
    Ok((outcome == Outcome::Passed).then_some(programs))
}

/// What there is to run.
fn units(programs: &[Program], root: &Path) -> Result<Vec<Unit>> {
    let mut units = vec![Unit {
        name: "examples in the documentation".into(),
        program: cargo(&[]).get_program().into(),
        arguments: ["test", "--release", "--workspace", "--doc"].map(String::from).into(),
        folder: root.to_owned(),
        expected: None,
    }];
    for Program { path, name, folder, integration } in programs {
        let unit = |test: Option<&str>| Unit {
            name: test.map_or_else(|| name.clone(), |test| format!("{name}::{test}")),
            program: path.clone(),
            arguments: test.map_or_else(Vec::new, |test| vec!["--exact".into(), test.into()]),
            folder: folder.clone(),
            expected: None,
        };
        if !integration {
            units.push(unit(None));
            continue;
        }
        let list = Command::new(path).args(["--list", "--format", "terse"]).output();
        let list = list.map_err(Error::io(path))?;
        let text = String::from_utf8_lossy(&list.stdout);
        units.extend(text.lines().filter_map(|l| l.strip_suffix(": test")).map(|t| unit(Some(t))));
    }
    Ok(units)
}

/// Runs it; what it says, in the order in which it says it.
fn run_one(processes: &Processes, unit: Unit) -> Result<Done> {
    let start = Instant::now();
    let failed = || Error::io(&unit.program);
    let mut file = tempfile::tempfile().map_err(failed())?;
    let mut command = Command::new(&unit.program);
    command
        .args(&unit.arguments)
        .current_dir(&unit.folder)
        .env("CARGO_MANIFEST_DIR", &unit.folder)
        .stdout(file.try_clone().map_err(failed())?)
        .stderr(file.try_clone().map_err(failed())?);
    let mut child = processes.start(&mut command)?;
    let outcome = processes.wait(&mut child, Some(LIMIT))?;
    let mut output = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut output)).map_err(failed())?;
    let output = String::from_utf8_lossy(&output).into_owned();
    Ok(Done { name: unit.name, seconds: start.elapsed().as_secs_f64(), outcome, output })
}

/// Runs all, the last first, `jobs` at a time; what a failing one says goes to stderr at once.
fn run_all(processes: &Processes, units: Vec<Unit>, jobs: usize) -> Result<Vec<Done>> {
    let bar = output::progress(units.len() as u64, "tests");
    let queue = Mutex::new(units);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let (sender, receiver) = mpsc::channel();
    let tests = std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(unit) = next() {
                    if sender.send(run_one(processes, unit)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let each = |done: Result<Done>| {
            let done = done?;
            if done.outcome != Outcome::Passed {
                bar.suspend(|| eprintln!("{}\n{} failed", done.output, done.name));
            }
            bar.inc(1);
            Ok(done)
        };
        let tests = receiver.iter().map(each).collect::<Result<Vec<_>>>();
        // On an error the rest is not waited for.
        if tests.is_err() {
            processes.stop();
        }
        tests
    });
    bar.finish_and_clear();
    tests
}

/// Seconds of each part and of the longest tests, and what failed.
fn table(summary: &Summary) -> String {
    let mut parts: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    for test in &summary.tests {
        let part = parts.entry(test.name.split("::").next().unwrap_or("")).or_default();
        *part = (part.0 + 1, part.1 + test.seconds);
    }
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by(|a, b| b.1 .1.total_cmp(&a.1 .1));
    let mut longest: Vec<&Done> = summary.tests.iter().collect();
    longest.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    let mut lines = vec![format!("{:>8.1} s  build", summary.build_seconds)];
    lines.extend(parts.iter().map(|(name, (count, seconds))| {
        let count = if *count > 1 { format!(", {count} tests") } else { String::new() };
        format!("{seconds:>8.1} s  {name}{count}")
    }));
    lines.push("the longest tests:".into());
    let line = |test: &&Done| format!("{:>8.1} s  {}", test.seconds, test.name);
    lines.extend(longest.iter().take(10).map(line));
    let failed: Vec<&Done> =
        summary.tests.iter().filter(|test| test.outcome != Outcome::Passed).collect();
    lines.extend(failed.iter().map(|test| match test.outcome {
        Outcome::TimedOut => format!("{} ran longer than {} s", test.name, LIMIT.as_secs()),
        _ => format!("{} failed", test.name),
    }));
    if summary.left_out > 0 {
        lines.push(format!("{} long tests were left out", summary.left_out));
    }
    lines.push(format!(
        "{} of {} passed, {} at a time, in {:.0} s with the build",
        summary.tests.len() - failed.len(),
        summary.tests.len(),
        summary.jobs,
        summary.seconds
    ));
    lines.join("\n")
}
