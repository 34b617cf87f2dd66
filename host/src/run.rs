//! The run file: what was asked of a core, how far it came, and the core's whole state. One
//! format for all tasks.
//!
//! | field | holds |
//! |---|---|
//! | `format`, `version` | `"fixlearn-model"`, [`VERSION`] |
//! | `core`, `task` | the names of both, as `"vq"` and `"codebook"` |
//! | `plan` | the task: with its data, it decides every bit of the result |
//! | `resident` | vectors that each pass learns first; missing: all |
//! | `done` | steps done: vectors, samples or iterations |
//! | `curve` | the learning curve, a mark an entry |
//! | `state` | the golden model's registers, by name, and memories |
//!
//! Files of version 1, which had a format for each core, and of version 2, which learned their
//! vectors in another order, are read, and go on as they began.

use crate::order::Passes;
use crate::task::{Parts, Task};
use crate::{input, output, Error, Result};
use fixlearn_map::Built;
use fixlearn_sim::golden::core::{registers_fit, Core};
use fixlearn_sim::golden::cores::network::file::NetworkFile;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Version of the file format.
pub const VERSION: u32 = 3;
/// The vectors that a pass may learn first.
pub const RESIDENT: std::ops::RangeInclusive<u64> = 1..=u32::MAX as u64;
const FORMAT: &str = "fixlearn-model";

/// A run, finished or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Run<T: Task> {
    format: String,
    version: u32,
    core: String,
    task: String,
    pub plan: T,
    /// Vectors that each pass learns first, which a device's sample memory can keep; none: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<usize>,
    pub done: u64,
    pub curve: Vec<T::Mark>,
    pub state: T::Core,
}

/// The first fields of a file.
#[derive(Deserialize)]
struct Fields {
    format: String,
    version: u32,
    #[serde(default)]
    core: String,
    #[serde(default)]
    task: Value,
}

/// A file, as far as every task's is alike.
pub struct Head {
    path: PathBuf,
    bytes: Vec<u8>,
    fields: Fields,
}

/// The mend of what is no run.
const MAKERS: &str =
    "fixlearn's `train`, `map`, `regress`, `optimize`, `filter`, `associate`, `fuse` and `load` \
     make one each";

/// Whether a file begins as a run does.
fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(format!("{{\"format\":\"{FORMAT}\"").as_bytes())
}

/// Whether a file is a run, whole or damaged.
pub fn is_file(path: &Path) -> bool {
    input::bytes(path).is_ok_and(|bytes| is_run(path, bytes))
}

/// The same of the bytes that were read there.
pub fn is_run(path: &Path, bytes: Vec<u8>) -> bool {
    begins(&bytes) || head(path, bytes).is_ok()
}

/// Says where the run is that an error has ended.
pub fn say_kept(error: &Error, out: &Path, done: u64, what: &str) {
    let reason = match error {
        Error::Interrupted => "interrupted",
        _ => "ended",
    };
    output::say(format_args!(
        "{reason} after {done} {what}, kept in {}; go on with the same command and \
         --resume",
        out.display()
    ));
}

fn damaged(path: &Path, what: &str) -> Error {
    let message = format!("is a run, and damaged: {what}; take an earlier copy, or learn it again");
    Error::input(path, message)
}

/// What a parser says, as one would say it to someone who does not know the format.
fn plain(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Eof => "its end is missing".into(),
        Category::Data if line > 0 => {
            format!("something is missing or out of range before line {line}, column {column}")
        }
        Category::Data => "something is missing or out of range".into(),
        _ => format!("what stands at line {line}, column {column} does not belong there"),
    }
}

/// Opens a run's file.
///
/// # Errors
/// If the file cannot be read, is no model, or is of another version.
pub fn open(path: &Path) -> Result<Head> {
    head(path, input::bytes(path)?)
}

/// The same of the bytes that were read there: a pipe gives them once.
///
/// # Errors
/// If they are no model, or of another version.
pub fn head(path: &Path, bytes: Vec<u8>) -> Result<Head> {
    let fields: Fields = serde_json::from_slice(&bytes).map_err(|e| match begins(&bytes) {
        true => damaged(path, &plain(&e)),
        false if serde_json::from_slice::<NetworkFile>(&bytes).is_ok() => {
            Error::input(path, "is a network, not a run; `fixlearn load` makes a run of it")
        }
        false => Error::input(path, format!("not a fixlearn model; {MAKERS}")),
    })?;
    if fields.format != FORMAT {
        let message = format!("is a `{}`, not a fixlearn model; {MAKERS}", fields.format);
        return Err(Error::input(path, message));
    }
    if !(1..=VERSION).contains(&fields.version) {
        let mend = if fields.version > VERSION { "use a newer one" } else { "it is damaged" };
        let message = format!(
            "is a model of version {}; this fixlearn reads 1 to {VERSION}: {mend}",
            fields.version
        );
        return Err(Error::input(path, message));
    }
    Ok(Head { path: path.into(), bytes, fields })
}

impl Head {
    /// Where it was read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Of the file's format.
    pub fn version(&self) -> u32 {
        self.fields.version
    }

    /// SHA-256 of the file, as hexadecimal digits.
    pub fn sha256(&self) -> String {
        fixlearn_sim::hex(Sha256::digest(&self.bytes))
    }

    /// It is of this core and task. Version 1 named the task by the field that described it, and
    /// the quantizer's, of which there was one, not at all.
    pub fn is(&self, core: &str, task: &str) -> bool {
        let named = match (self.fields.version, &self.fields.task) {
            (1, Value::Object(fields)) => fields.contains_key(task),
            (1, _) => true,
            (_, name) => name == task,
        };
        named && self.fields.core == core
    }

    /// Says what it is of.
    pub fn what(&self) -> String {
        let core = &self.fields.core;
        match &self.fields.task {
            Value::String(task) => format!("is of task `{task}` on core `{core}`"),
            Value::Object(fields) => match fields.keys().next() {
                Some(task) => format!("is of task `{task}` on core `{core}`"),
                None => format!("is of core `{core}`"),
            },
            _ => format!("is of core `{core}`"),
        }
    }
}

impl<T: Task> Run<T> {
    /// At its beginning.
    pub fn new(plan: T, start: T::Core) -> Self {
        Self {
            format: FORMAT.into(),
            version: VERSION,
            core: <T::Core as Core>::Built::CORE.name.into(),
            task: T::NAME.into(),
            plan,
            resident: None,
            done: 0,
            curve: Vec::new(),
            state: start,
        }
    }

    /// # Errors
    /// If the file cannot be read, is of another task, is of another version, or contradicts
    /// itself.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(&open(path)?)
    }

    /// # Errors
    /// If the file is of another task, or contradicts itself.
    pub fn parse(file: &Head) -> Result<Self> {
        let path = file.path();
        if !file.is(<T::Core as Core>::Built::CORE.name, T::NAME) {
            return Err(Error::input(path, format!("{}, not `{}`", file.what(), T::NAME)));
        }
        let damaged = |what: String| damaged(path, &what);
        let parsed: std::result::Result<Self, String> = match file.fields.version {
            1 => {
                let old: std::result::Result<Value, _> = serde_json::from_slice(&file.bytes);
                old.map_err(|e| plain(&e)).and_then(|old| {
                    let parts = T::from_version_1(old).ok_or("a field of version 1 is missing")?;
                    Self::from_parts(parts)
                })
            }
            _ => serde_json::from_slice(&file.bytes).map_err(|e| plain(&e)),
        };
        let run = parsed.map_err(damaged)?;
        run.validate().map_err(damaged)?;
        Ok(run)
    }

    fn from_parts(parts: Parts) -> std::result::Result<Self, String> {
        fn parse<V: serde::de::DeserializeOwned>(value: Value) -> std::result::Result<V, String> {
            serde_json::from_value(value).map_err(|e| plain(&e))
        }
        let mut run = Self::new(parse(parts.plan)?, parse(parts.state)?);
        (run.version, run.done, run.curve) = (2, parts.done, parse(parts.curve)?);
        Ok(run)
    }

    /// Everything that the code relies upon, so that no file can make it panic.
    ///
    /// # Errors
    /// Naming what contradicts itself, or is out of range.
    pub fn validate(&self) -> std::result::Result<(), String> {
        if self.resident.is_some_and(|resident| !RESIDENT.contains(&(resident as u64))) {
            return Err(format!("resident: {} to {}", RESIDENT.start(), RESIDENT.end()));
        }
        self.state.validate()?;
        registers_fit(&self.state)?;
        self.plan.validate(&self.state)?;
        self.plan.agrees(self.done, &self.curve, &self.state)
    }

    /// The order in which it learns its vectors.
    pub fn passes(&self) -> Passes {
        Passes::of(self.version, self.resident)
    }

    /// It ended before its last step, since nothing was left to learn.
    pub fn is_over(&self) -> bool {
        self.plan.over(self.curve.last())
    }

    /// # Errors
    /// As the file system's.
    pub fn write(&self, path: &Path) -> Result<()> {
        output::write(path, &self.bytes()?)
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// If a part of it is no JSON.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let mut text = serde_json::to_vec(self).map_err(|e| Error::request(e.to_string()))?;
        text.push(b'\n');
        Ok(text)
    }
}
