//! What is asked of a core: a folder a task, and a line in the registry [`TASKS`].

pub mod codebook;
pub mod optimize;
pub mod regress;

use crate::device::Device;
use crate::link::open::Line;
use crate::link::Acknowledgement;
use crate::order::Passes;
use crate::run::{Parts, Run};
use crate::session::{self, Checked};
use crate::{Error, Result};
use fixlearn_map::Built;
use fixlearn_sim::golden::core::Core;
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Debug;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Where learning pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The number of steps that are done then.
    pub at: u64,
    /// The state is read back; settings may change after it.
    pub save: bool,
    /// And written to the checkpoint.
    pub keep: bool,
}

/// What a task sees at a pause.
pub struct Seen<'a, T: Task> {
    /// Steps done.
    pub at: u64,
    pub acknowledged: Option<Acknowledgement>,
    /// If it was read back.
    pub state: Option<&'a T::Core>,
    pub before: Option<&'a T::Mark>,
    pub data: &'a T::Data,
    pub device: &'a mut Device<T::Core>,
}

/// A task: with its data, it decides every bit of the result.
pub trait Task: Clone + Debug + Serialize + DeserializeOwned + 'static {
    type Core: Core;
    /// What is learned from.
    type Data;
    /// An entry of the learning curve.
    type Mark: Clone + Debug + Serialize + DeserializeOwned;
    /// In files.
    const NAME: &'static str;
    /// The command that makes such a run.
    const COMMAND: &'static str;
    /// What a step is, in the plural.
    const STEP: &'static str;
    /// What the progress bar says.
    const DOING: &'static str;
    /// A step takes a vector; else the core iterates by itself.
    const STREAMS: bool;

    /// Reads the data of a run again, as they were prepared.
    ///
    /// # Errors
    /// If they are other data, or cannot be read; `model` is the run's path.
    fn load(&self, input: &Input, model: &Path) -> Result<Self::Data>;

    /// Steps in all.
    fn steps(&self, data: &Self::Data) -> u64;

    /// The state to start from, on a core of these sizes.
    fn start(&self, data: &Self::Data, built: &<Self::Core as Core>::Built) -> Self::Core;

    /// Changes settings for the steps from this one on; a function of the step alone.
    fn enter(&self, _core: &mut Self::Core, _data: &Self::Data, _step: u64) {}

    /// The vectors of these steps, one after the other; all are before the next pause.
    fn vectors(&self, _data: &Self::Data, _steps: Range<u64>, _passes: &mut Passes) -> Vec<u8> {
        Vec::new()
    }

    /// The first pause after so many steps.
    fn pause(&self, data: &Self::Data, done: u64) -> Pause;

    /// The mark before the first step, if there is one.
    fn opening(&self, _state: &Self::Core) -> Option<Self::Mark> {
        None
    }

    /// The mark of a pause.
    ///
    /// # Errors
    /// As the device's.
    fn mark(&self, seen: Seen<Self>) -> Result<Option<Self::Mark>>;

    /// A mark in a few words, for the progress bar.
    fn say(mark: &Self::Mark) -> String;

    /// Says whether the plan is in range, and the state of its kind.
    ///
    /// # Errors
    /// Naming what is not.
    fn validate(&self, state: &Self::Core) -> std::result::Result<(), String>;

    /// What a file of version 1 comes to.
    fn from_version_1(old: Value) -> Option<Parts>;

    /// What was learned, in the format of the file's ending.
    ///
    /// # Errors
    /// If the ending is none that it can be written as.
    fn export(run: &Run<Self>, out: &Path) -> Result<Vec<u8>>;
}

/// Input files as a command names them.
#[derive(Clone, Debug, Default)]
pub struct Input {
    pub paths: Vec<PathBuf>,
    /// The table's first line is names.
    pub header: bool,
}

impl Input {
    /// The only one.
    ///
    /// # Errors
    /// If there are none or several.
    pub fn one(&self) -> Result<&PathBuf> {
        match self.paths.as_slice() {
            [path] => Ok(path),
            _ => Err(Error::request("give one table (.csv or .npy)")),
        }
    }
}

/// What can be done with a run of any task.
pub struct Entry {
    pub name: &'static str,
    pub core: &'static str,
    pub command: &'static str,
    /// The run at a path against the golden model, and against the device on a line.
    pub check: fn(&Path, &Input, Option<&Line>, u64) -> Result<Checked>,
    pub export: fn(&Path, &Path) -> Result<Vec<u8>>,
}

const fn entry<T: Task>() -> Entry {
    Entry {
        name: T::NAME,
        core: <T::Core as Core>::Built::CORE.name,
        command: T::COMMAND,
        check: |path, input, line, stride| {
            let run = Run::<T>::read(path)?;
            let data = run.plan.load(input, path)?;
            let mut device = line.map(|line| line.open(&run.state)).transpose()?;
            session::check(&run, &data, device.as_mut(), stride)
        },
        export: |path, out| T::export(&Run::<T>::read(path)?, out),
    }
}

/// Every task.
pub const TASKS: &[Entry] =
    &[entry::<codebook::Codebook>(), entry::<regress::Regress>(), entry::<optimize::Optimize>()];

/// The task of the run in this file.
///
/// # Errors
/// If the file is none, or of a task that this version does not know.
pub fn of_file(path: &Path) -> Result<&'static Entry> {
    let name = crate::run::task_of(path)?;
    TASKS.iter().find(|task| task.name == name).ok_or_else(|| Error::input(path, unknown(&name)))
}

fn unknown(name: &str) -> String {
    let known: Vec<&str> = TASKS.iter().map(|task| task.name).collect();
    format!("is of task `{name}`; this version knows {}", known.join(", "))
}

/// What to say of a file of this core and task where another task is wanted.
pub fn mistaken(core: &str, task: &str, wanted: &str) -> String {
    match TASKS.iter().find(|t| t.name == task && t.core == core) {
        Some(t) => {
            format!("is of task `{task}`, not `{wanted}`; `fixlearn {}` makes those", t.command)
        }
        None => unknown(task),
    }
}

/// The task of a file of version 1, which said it in other ways.
pub fn of_version_1(core: &str, task: &Value) -> &'static str {
    let kind = task.as_object().and_then(|t| t.keys().next()).map_or("", String::as_str);
    let of_core = |t: &&Entry| t.core == core && (kind.is_empty() || t.name == kind);
    TASKS.iter().find(of_core).map_or("", |t| t.name)
}
