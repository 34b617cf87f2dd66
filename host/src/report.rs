//! What a command prints: one line or a few, or one JSON object of a schema with a version.

use crate::{output, words, Error, Result};
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::Write;

/// Version of every report's schema; `host/docs/reports.md` describes it.
const VERSION: u32 = 1;
const FORMAT: &str = "fixlearn-report";

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    version: u32,
    command: &'a str,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// Prints a command's report: one JSON object, or the text.
///
/// # Errors
/// If it cannot be written.
pub fn print(
    command: &str,
    json: bool,
    value: &impl Serialize,
    text: impl FnOnce() -> String,
) -> Result<()> {
    self::text(&if json { object(command, value)? } else { text() })
}

/// Prints text as a command's report.
///
/// # Errors
/// If it cannot be written.
pub fn text(text: &str) -> Result<()> {
    output::say_notes();
    let said = if output::stdout_is_taken() {
        writeln!(std::io::stderr(), "{text}")
    } else {
        writeln!(std::io::stdout(), "{text}")
    };
    match said {
        // A reader that has gone away is no error of ours.
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::request(format!("the report cannot be written: {}", words(&e))))
        }
        _ => Ok(()),
    }
}

fn object(command: &str, value: &impl Serialize) -> Result<String> {
    let wrong = |e: serde_json::Error| Error::request(e.to_string());
    let fields = match serde_json::to_value(value).map_err(wrong)? {
        Value::Object(fields) => fields,
        other => Map::from_iter([("value".to_string(), other)]),
    };
    // Most readers keep the last of two fields of one name.
    if let Some(name) = ["format", "version", "command"].iter().find(|n| fields.contains_key(**n)) {
        return Err(Error::request(format!("the report of {command} has a field `{name}` twice")));
    }
    serde_json::to_string(&Report { format: FORMAT, version: VERSION, command, fields })
        .map_err(wrong)
}
