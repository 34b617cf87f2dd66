//! What a task is: what is asked of a core, step by step, and what is seen on the way.

use crate::device::Device;
use crate::export::Learned;
use crate::link::Acknowledgement;
use crate::order::Order;
use crate::{Error, Result};
use fixlearn_sim::golden::core::Core;
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Debug;
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
    ///
    /// # Errors
    /// If data that stay in a file cannot be read.
    fn start(&self, data: &Self::Data, built: &<Self::Core as Core>::Built) -> Result<Self::Core>;

    /// Changes settings for the steps from this one on; a function of the step alone.
    fn enter(&self, _core: &mut Self::Core, _data: &Self::Data, _step: u64) {}

    /// Whether [`Task::enter`] may change settings for this step.
    fn enters(&self, _data: &Self::Data, _step: u64) -> bool {
        true
    }

    /// How it goes through its vectors.
    fn order(&self, _data: &Self::Data) -> Order {
        Order::default()
    }

    /// The vectors of these numbers, one after the other.
    ///
    /// # Errors
    /// If they stay in a file and cannot be read.
    fn gather(&self, _data: &Self::Data, _numbers: &[usize]) -> Result<Vec<u8>> {
        Ok(Vec::new())
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

    /// Nothing is left to learn: it ends before its last step.
    fn over(&self, _last: Option<&Self::Mark>) -> bool {
        false
    }

    /// What [`Task::watched`] shows.
    const WATCHED: &'static str;

    /// Where a mark is on the curve of a run as it goes: how far it was, and its value.
    fn watched(mark: &Self::Mark) -> Option<(f64, f64)>;

    /// A mark in a few words, for the progress bar.
    fn say(mark: &Self::Mark) -> String;

    /// Says whether so many steps and these marks are what the state counted.
    ///
    /// # Errors
    /// Naming what is not.
    fn agrees(
        &self,
        _done: u64,
        _curve: &[Self::Mark],
        _state: &Self::Core,
    ) -> std::result::Result<(), String> {
        Ok(())
    }

    /// Says whether the plan is in range, and the state of its kind.
    ///
    /// # Errors
    /// Naming what is not.
    fn validate(&self, state: &Self::Core) -> std::result::Result<(), String>;

    /// What a file of version 1 comes to, of a task that had such files.
    fn from_version_1(_old: Value) -> Option<Parts> {
        None
    }

    /// What was learned, for other programs.
    fn learned(&self, state: &Self::Core) -> Learned;
}

/// Input files as a command names them.
#[derive(Clone, Debug, Default)]
pub struct Input {
    pub paths: Vec<PathBuf>,
    /// The table's first line is names.
    pub header: bool,
    /// Colours of pictures are turned into grey, whatever the model says.
    pub grey: bool,
}

impl Input {
    /// The only one.
    ///
    /// # Errors
    /// If there are none or several.
    pub fn one(&self) -> Result<&PathBuf> {
        match self.paths.as_slice() {
            [path] => Ok(path),
            _ => Err(Error::request("give one table (.csv, .tsv or .npy)")),
        }
    }
}

/// Says whether all steps are counted in 32 bits.
///
/// # Errors
/// If they are not.
pub fn countable<T: Task>(plan: &T, data: &T::Data) -> Result<()> {
    match plan.steps(data) > u64::from(u32::MAX) {
        true => Err(Error::request("--passes: samples times passes are above 32 bits")),
        false => Ok(()),
    }
}

/// What a file of version 1 comes to.
pub struct Parts {
    pub plan: Value,
    pub done: u64,
    pub curve: Value,
    pub state: Value,
}
