//! What a command prints: one line or a few, or one JSON object of a schema with a version.

use fixlearn::link::client::{Client, Counters, LinkStatistics};
use fixlearn::outputs::Outputs;
use fixlearn::{Error, Result};
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// How a command was called.
pub struct Context {
    pub json: bool,
    /// Files that are there may be replaced.
    pub force: bool,
    /// The options that were given, by their names in the command's `Args`.
    pub given: Vec<String>,
    pub command: &'static str,
}

impl Context {
    /// Whether the option of this name was given.
    pub fn was_given(&self, id: &str) -> bool {
        self.given.iter().any(|given| given == id)
    }

    /// Says that the command prints something that is no report.
    ///
    /// # Errors
    /// If one is asked for.
    pub fn plain_text(&self) -> Result<()> {
        match self.json {
            true => {
                let message = format!("{} prints no report; leave --json out", self.command);
                Err(Error::request(message))
            }
            false => Ok(()),
        }
    }

    /// The outputs of a command that reads these files.
    pub fn outputs<P: AsRef<Path>>(&self, inputs: impl IntoIterator<Item = P>) -> Outputs {
        Outputs::new(inputs, self.force)
    }

    /// Prints the report: one JSON object, or the text.
    pub fn report(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        fixlearn::report::print(self.command, self.json, value, text)
    }
}

/// What a bad line has cost, in a line of its own behind a result.
pub fn line_text(client: &Client) -> String {
    client.statistics.cost().map_or(String::new(), |cost| format!("\n{cost}"))
}

/// A line each, names and values below each other.
pub fn columns(lines: &[(String, String)]) -> String {
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let line = |(name, value): &(String, String)| format!("  {name:width$}  {value}");
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// So many passes.
pub fn passes(number: u64) -> String {
    match number {
        1 => "1 pass".into(),
        number => format!("{number} passes"),
    }
}

/// What was clamped, in words behind a result.
pub fn warning(clamped: &[&str]) -> String {
    match clamped {
        [] => String::new(),
        some => format!("; SATURATED on the way: {}", some.join(", ")),
    }
}

/// A rate of `2^-shift`.
pub fn rate(shift: u32) -> String {
    if shift == 0 {
        "1".into()
    } else {
        format!("2^-{shift}")
    }
}

/// What the link did.
#[derive(Serialize)]
pub struct LinkReport {
    /// Time on the port's own clock, seconds: simulated with `sim` and `golden`.
    seconds: f64,
    /// Bytes of samples a second, and their share of what the line could carry.
    goodput: f64,
    goodput_share: f64,
    /// Damages a byte that the client has seen.
    damage: f64,
    link: LinkStatistics,
    /// None if learning was ended by an error or a signal.
    device: Option<Counters>,
    #[serde(flatten)]
    far: Far,
}

/// How far learning came.
#[derive(Clone, Copy, Serialize)]
pub struct Far {
    /// Steps done, and what a step is.
    pub done: u64,
    pub unit: &'static str,
    /// Steps in all.
    #[serde(skip)]
    pub total: u64,
    /// It was ended before its last step.
    pub interrupted: bool,
}

impl LinkReport {
    /// Of what was done since `begun`.
    pub fn new(client: &Client, begun: Duration, device: Option<Counters>, far: Far) -> Self {
        let seconds = (client.now() - begun).as_secs_f64();
        let link = client.statistics;
        let goodput = link.sample_bytes as f64 / seconds.max(1e-9);
        Self {
            seconds,
            goodput,
            goodput_share: 10.0 * goodput / f64::from(client.identity.baud.max(1)),
            damage: client.pace.seen(),
            link,
            device,
            far,
        }
    }

    /// Whether it was interrupted, and what befell the line; nothing of a line that was clean.
    pub fn text(&self) -> String {
        let Far { done, unit, total, interrupted } = self.far;
        let early = match interrupted {
            true => format!("; interrupted after {done} of {total} {unit}"),
            false => String::new(),
        };
        let Some(cost) = self.link.cost() else {
            return early;
        };
        if self.link.stored {
            return format!("{early}\n{cost}");
        }
        format!(
            "{early}\n{cost}; {:.0} bytes of samples a second, {:.1} % of what the line carries",
            self.goodput,
            100.0 * self.goodput_share
        )
    }
}
