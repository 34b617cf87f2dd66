//! The tools as processes.

use crate::{output, stop, Error, Result};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a program said.
pub struct Said {
    /// It ended well.
    pub status: bool,
    /// Both of its outputs.
    pub text: String,
}

impl Said {
    /// The line to show when it failed.
    pub fn error_line(&self) -> String {
        let line = self.text.lines().find(|l| l.contains("ERROR"));
        line.or(self.text.lines().last()).unwrap_or("no message").trim().to_string()
    }
}

/// Runs it in this folder to its end.
///
/// # Errors
/// If it does not start, or a signal ends it: what it had said until then means nothing;
/// [`Error::Interrupted`] if the user wishes to end.
pub fn run(command: &mut Command, folder: &Path, what: &str) -> Result<Said> {
    let output = output(command.current_dir(folder), what, Ends::AtOnce, &AtomicBool::new(false))?;
    if output.status.code().is_none() {
        return Err(Error::request(format!("{what} was stopped ({}); build again", output.status)));
    }
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(Said { status: output.status.success(), text })
}

/// How a process is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Whatever it does.
    AtOnce,
    /// By itself, and with what it has started, as a program of fixlearn does when it is asked to.
    ByItself,
}

/// Runs it to its end, which comes early if the user or `halt` wishes so.
///
/// # Errors
/// If it does not start; [`Error::Interrupted`] if it was to end early.
pub fn output(
    command: &mut Command,
    what: &str,
    ends: Ends,
    halt: &AtomicBool,
) -> Result<std::process::Output> {
    output::detail(|| {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        output::typed(&words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>())
    });
    let not_started =
        |e| Error::request(format!("{what} does not start: {}", crate::unnumbered(&e)));
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_started)?;
    // Both outputs are taken while it runs; a wish to end ends it.
    let ended = AtomicBool::new(false);
    let early = || stop::requested() || halt.load(Ordering::Relaxed);
    let id = child.id();
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) && !early() {
                std::thread::sleep(Duration::from_millis(20));
            }
            if !ended.load(Ordering::Relaxed) {
                end(id, ends);
            }
        });
        let output = child.wait_with_output();
        ended.store(true, Ordering::Relaxed);
        output
    });
    if early() {
        return Err(Error::Interrupted);
    }
    output.map_err(not_started)
}

/// Ends a process.
fn end(id: u32, ends: Ends) {
    #[cfg(unix)]
    {
        use nix::sys::signal::{kill, Signal};
        let signal = match ends {
            Ends::AtOnce => Signal::SIGKILL,
            Ends::ByItself => Signal::SIGTERM,
        };
        let _ = kill(nix::unistd::Pid::from_raw(id as i32), signal);
    }
    #[cfg(not(unix))]
    let _ = (id, ends);
}
