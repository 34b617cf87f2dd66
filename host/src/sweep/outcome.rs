//! What came of a job: its file.

use super::plan::Job;
use crate::output;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const FORMAT: &str = "fixlearn-sweep-job";
const VERSION: u32 = 1;

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    format: String,
    version: u32,
    /// Fixlearn's version.
    made_by: String,
    pub name: String,
    pub commands: Vec<Vec<String>>,
    /// Those of the commands that succeeded.
    pub reports: Vec<Map<String, Value>>,
    /// What the command behind them said, if it failed.
    pub error: Option<String>,
}

impl Outcome {
    /// Nothing yet.
    pub(super) fn begun(job: &Job) -> Self {
        Self {
            format: FORMAT.into(),
            version: VERSION,
            made_by: env!("CARGO_PKG_VERSION").into(),
            name: job.name.clone(),
            commands: job.commands.clone(),
            reports: Vec::new(),
            error: None,
        }
    }

    /// Takes a command's report, without what all reports have.
    pub(super) fn push(&mut self, mut report: Map<String, Value>) {
        ["format", "version", "command"].iter().for_each(|name| drop(report.remove(*name)));
        self.reports.push(report);
    }

    /// None if these bytes are no result.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let outcome: Self = serde_json::from_slice(bytes).ok()?;
        let known = outcome.format == FORMAT && outcome.version == VERSION;
        let whole = outcome.error.is_some() || outcome.reports.len() == outcome.commands.len();
        (known && whole).then_some(outcome)
    }

    /// Numbers and truths of a command's report, by name; those within others with both names and
    /// a point between them. Lists and texts are no columns.
    pub fn numbers(&self, command: usize) -> BTreeMap<String, String> {
        let mut numbers = BTreeMap::new();
        if let Some(report) = self.reports.get(command) {
            flatten("", report, &mut numbers);
        }
        numbers
    }
}

fn flatten(prefix: &str, report: &Map<String, Value>, numbers: &mut BTreeMap<String, String>) {
    for (name, value) in report {
        let name = format!("{prefix}{name}");
        match value {
            Value::Number(number) => {
                let text = match number.as_f64() {
                    Some(x) if number.is_f64() => output::number(x),
                    _ => number.to_string(),
                };
                numbers.insert(name, text);
            }
            Value::Bool(yes) => drop(numbers.insert(name, yes.to_string())),
            Value::Object(inner) => flatten(&format!("{name}."), inner, numbers),
            Value::Null | Value::String(_) | Value::Array(_) => {}
        }
    }
}
