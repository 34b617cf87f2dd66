//! The tools as processes.

use crate::{Error, Result};
use std::path::Path;
use std::process::{Command, Stdio};

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
/// If it does not start, or a signal ends it: what it had said until then means nothing.
pub fn run(command: &mut Command, folder: &Path, what: &str) -> Result<Said> {
    let output = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Error::request(format!("{what} does not start: {e}")))?;
    if output.status.code().is_none() {
        return Err(Error::request(format!("{what} was stopped ({}); build again", output.status)));
    }
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(Said { status: output.status.success(), text })
}
