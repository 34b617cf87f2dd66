//! The bars of a table: a line each at its end, and the exit status.

use std::fmt::Display;
use std::process::ExitCode;

/// The bars so far.
#[derive(Debug, Default)]
pub struct Bars {
    missed: bool,
}

impl Bars {
    /// Prints a bar's line.
    pub fn say(&mut self, name: &str, value: impl Display, goal: &str, held: bool) {
        let verdict = if held { "held" } else { "missed" };
        println!("bar {name}: {value}, wanted {goal}, {verdict}");
        self.missed |= !held;
    }

    /// 1 if one was missed.
    pub fn status(&self) -> ExitCode {
        ExitCode::from(u8::from(self.missed))
    }
}
