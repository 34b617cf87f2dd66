//! The bars of a table: a line each at its end, and the exit status.

use serde::Serialize;
use std::fmt::{self, Display};
use std::process::ExitCode;

/// What is wanted of a measurement, and whether it held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bar {
    pub name: String,
    pub value: String,
    pub wanted: String,
    pub held: bool,
}

impl Bar {
    pub fn new(name: &str, value: impl Display, wanted: &str, held: bool) -> Self {
        Self { name: name.into(), value: value.to_string(), wanted: wanted.into(), held }
    }
}

impl Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { name, value, wanted, held } = self;
        let verdict = if *held { "held" } else { "missed" };
        write!(f, "bar {name}: {value}, wanted {wanted}, {verdict}")
    }
}

/// The bars so far.
#[derive(Debug, Default)]
pub struct Bars {
    bars: Vec<Bar>,
}

impl Bars {
    /// One more, whose line is printed at the end.
    pub fn say(&mut self, name: &str, value: impl Display, goal: &str, held: bool) {
        self.bars.push(Bar::new(name, value, goal, held));
    }

    /// Prints a line for each; 1 if one was missed.
    pub fn status(&self) -> ExitCode {
        self.bars.iter().for_each(|bar| println!("{bar}"));
        ExitCode::from(u8::from(self.bars.iter().any(|bar| !bar.held)))
    }
}
