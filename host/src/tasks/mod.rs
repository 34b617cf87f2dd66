//! The tasks: a folder each, and a line in the registry [`TASKS`].

pub mod associate;
pub mod classify;
pub mod codebook;
pub mod filter;
pub mod fuse;
pub mod optimize;
pub mod regress;

use crate::link::open::Line;
use crate::page::run::{Given, Paged};
use crate::page::{self, Page};
use crate::run::{self, Head, Run};
use crate::selftest::{self, Test};
use crate::session::{self, Checked};
use crate::task::{Input, Task};
use crate::{export, Error, Result};
use fixlearn_map::{Built, Register};
use fixlearn_sim::golden::core::Core;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::path::Path;

/// What can be done with a run of any task.
pub struct Entry {
    pub name: &'static str,
    pub core: &'static str,
    pub command: &'static str,
    /// A step takes a vector.
    pub streams: bool,
    /// The run against the golden model, and against the device on a line.
    pub check: fn(&Head, &Input, Option<&Line>, u64) -> Result<Checked>,
    /// What was learned, in the format of the second path's ending.
    pub export: fn(&Head, &Path) -> Result<Vec<u8>>,
    /// What the run says of itself.
    pub info: fn(&Head) -> Result<Info>,
    /// The run as a page.
    pub page: fn(&Head, &Given) -> Result<Page>,
    /// The first difference from the golden model of a device that learns random vectors.
    pub selftest: Test,
}

/// What a run says of itself.
#[derive(Clone, Debug, Serialize)]
pub struct Info {
    pub task: &'static str,
    pub core: &'static str,
    /// The smallest size of the core that goes on from it, which is that of `--port golden`.
    pub size: Option<String>,
    /// The command that makes such a run.
    pub made_by: &'static str,
    /// Steps done, and what a step is.
    pub done: u64,
    pub unit: &'static str,
    /// Entries of the learning curve.
    pub marks: usize,
    /// Vectors that each pass learns first, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resident: Option<usize>,
    pub plan: Value,
    /// The words of the core's registers, by name, in the order of the map.
    #[serde(serialize_with = "as_map")]
    pub registers: Vec<(&'static str, u32)>,
}

impl Info {
    /// Every setting, by the names that lead to it.
    pub fn settings(&self) -> Vec<(String, String)> {
        let mut settings = Vec::new();
        flat("", &self.plan, &mut settings);
        settings
    }

    /// The registers as text.
    pub fn words(&self) -> Vec<(String, String)> {
        self.registers.iter().map(|(name, word)| (name.to_string(), word.to_string())).collect()
    }
}

/// Every value within, by the names that lead to it.
fn flat(name: &str, value: &Value, to: &mut Vec<(String, String)>) {
    const MOST: usize = 60;
    if let Value::Object(fields) = value {
        for (field, value) in fields {
            let dot = if name.is_empty() { "" } else { "." };
            flat(&format!("{name}{dot}{field}"), value, to);
        }
        return;
    }
    let mut text = match value {
        Value::Null => "-".into(),
        Value::String(text) => text.escape_debug().to_string(),
        other => other.to_string(),
    };
    if text.chars().count() > MOST {
        text = text.chars().take(MOST).chain("...".chars()).collect();
    }
    to.push((name.into(), text));
}

fn as_map<S: Serializer>(
    words: &[(&'static str, u32)],
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    to.collect_map(words.iter().copied())
}

const fn entry<T: Paged>() -> Entry {
    Entry {
        selftest: selftest::learned::<T::Core>,
        name: T::NAME,
        core: <T::Core as Core>::Built::CORE.name,
        command: T::COMMAND,
        streams: T::STREAMS,
        check: |head, input, line, stride| {
            let run = Run::<T>::parse(head)?;
            let data = run.plan.load(input, head.path())?;
            let mut device = line.map(|line| line.open(&run.state)).transpose()?;
            session::check(&run, &data, device.as_mut(), stride)
        },
        export: |head, out| {
            let run = Run::<T>::parse(head)?;
            export::bytes(&run.plan.learned(&run.state), out)
        },
        info: info::<T>,
        page: |head, given| {
            let info = info::<T>(head)?;
            page::run::page::<T>(head, given, info.settings(), info.words())
        },
    }
}

fn info<T: Task>(head: &Head) -> Result<Info> {
    let run = Run::<T>::parse(head)?;
    let plan = serde_json::to_value(&run.plan);
    let registers = <T::Core as Core>::Built::CORE.registers.iter();
    Ok(Info {
        task: T::NAME,
        core: <T::Core as Core>::Built::CORE.name,
        size: Line::new("golden").size_for(&run.state),
        made_by: T::COMMAND,
        done: run.done,
        unit: T::STEP,
        marks: run.curve.len(),
        resident: run.resident,
        plan: plan.map_err(|e| Error::input(head.path(), e.to_string()))?,
        registers: registers.map(|r| (r.name, run.state.register(r.number))).collect(),
    })
}

/// Every task.
pub const TASKS: &[Entry] = &[
    entry::<codebook::Codebook>(),
    entry::<regress::Regress>(),
    entry::<optimize::Optimize>(),
    entry::<filter::Filter>(),
    entry::<associate::Associate>(),
    entry::<fuse::Fuse>(),
    entry::<classify::Classify>(),
];

/// Says whether words that were given are in the ranges of these registers.
///
/// # Errors
/// Naming the first option that is out of range.
pub fn in_registers(registers: &[Register], words: &[(&str, u8, Option<u32>)]) -> Result<()> {
    for &(option, number, word) in words {
        let register = registers.get(usize::from(number));
        let (least, most) = register.and_then(Register::bounds).unwrap_or((0, u32::MAX));
        if word.is_some_and(|word| !(least..=most).contains(&word)) {
            return Err(Error::request(format!("{option}: {least} to {most}")));
        }
    }
    Ok(())
}

/// The self-test of a device with the core of this number.
pub fn selftest(core: u8) -> Option<Test> {
    let known = fixlearn_map::CORES.iter().find(|known| known.number == core)?;
    TASKS.iter().find(|task| task.core == known.name).map(|task| task.selftest)
}

/// The run in this file, and its task.
///
/// # Errors
/// If the file is none, or of a task that this version does not know.
pub fn of_file(path: &Path) -> Result<(&'static Entry, Head)> {
    of_head(path, run::open(path)?)
}

/// The same of a head that was read there.
///
/// # Errors
/// If it is of a task that this version does not know.
pub fn of_head(path: &Path, head: Head) -> Result<(&'static Entry, Head)> {
    let entry = TASKS.iter().find(|task| head.is(task.core, task.name)).ok_or_else(|| {
        let known: Vec<&str> = TASKS.iter().map(|task| task.name).collect();
        Error::input(path, format!("{}; this version knows {}", head.what(), known.join(", ")))
    })?;
    Ok((entry, head))
}
