//! A command line again, from what a run was asked for.

use fixlearn_sim::golden::arith::Rounding;
use std::fmt::Display;
use std::path::Path;

/// The words of a command, as a shell is given them.
#[derive(Clone, Debug, Default)]
pub struct Words {
    words: Vec<String>,
    /// What a run does not know of its command.
    pub unknown: Vec<String>,
}

impl Words {
    /// A word as it stands.
    pub fn word(&mut self, word: impl Into<String>) {
        self.words.push(word.into());
    }

    /// A file: one whose name begins as an option does is told from it.
    pub fn path(&mut self, path: &Path) {
        let text = path.display().to_string();
        self.words.push(if text.starts_with('-') { format!("./{text}") } else { text });
    }

    /// An option with its value.
    pub fn option(&mut self, name: &str, value: impl Display) {
        let value = value.to_string();
        match value.starts_with('-') {
            true => self.words.push(format!("{name}={value}")),
            false => self.words.extend([name.into(), value]),
        }
    }

    /// The same where it is another than what the command takes by itself.
    pub fn unless<V: Display + PartialEq>(&mut self, usual: V, name: &str, value: V) {
        if value != usual {
            self.option(name, value);
        }
    }

    /// An option without a value, if it was given.
    pub fn flag(&mut self, name: &str, given: bool) {
        if given {
            self.words.push(name.into());
        }
    }

    /// Columns, with commas between them, in quotes where a name needs them.
    pub fn columns(&mut self, name: &str, columns: &[String]) {
        if columns.is_empty() {
            return;
        }
        let mut line = csv::WriterBuilder::new().from_writer(Vec::new());
        // Writing to memory does not fail.
        let _ = line.write_record(columns);
        let line = line.into_inner().unwrap_or_default();
        self.option(name, String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']));
    }

    /// What stands for something that a run does not know.
    pub fn unknown(&mut self, what: impl Into<String>) {
        self.unknown.push(what.into());
    }

    /// As it is typed.
    pub fn shell(&self) -> String {
        let quoted = |word: &String| match shlex::try_quote(word) {
            Ok(word) => word.into_owned(),
            // A zero byte cannot be typed.
            Err(_) => word.escape_debug().to_string(),
        };
        self.words.iter().map(quoted).collect::<Vec<_>>().join(" ")
    }
}

/// How fractional bits are dropped, as commands say it.
pub fn rounding(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::Truncate => "truncate",
        Rounding::Nearest => "nearest",
        Rounding::Stochastic => "stochastic",
        Rounding::ErrorFeedback => "feedback",
    }
}
