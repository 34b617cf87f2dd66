//! The tasks: a folder each, and a line in the registry [`TASKS`].

pub mod codebook;
pub mod filter;
pub mod optimize;
pub mod regress;

use crate::link::open::Line;
use crate::run::{self, Run};
use crate::session::{self, Checked};
use crate::task::{Input, Task};
use crate::{Error, Result};
use fixlearn_map::Built;
use fixlearn_sim::golden::core::Core;
use std::path::Path;

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
        export: |path, out| {
            let run = Run::<T>::read(path)?;
            run.plan.export(&run.state, out)
        },
    }
}

/// Every task.
pub const TASKS: &[Entry] = &[
    entry::<codebook::Codebook>(),
    entry::<regress::Regress>(),
    entry::<optimize::Optimize>(),
    entry::<filter::Filter>(),
];

/// The task of the run in this file.
///
/// # Errors
/// If the file is none, or of a task that this version does not know.
pub fn of_file(path: &Path) -> Result<&'static Entry> {
    let head = run::open(path)?;
    TASKS.iter().find(|task| head.is(task.core, task.name)).ok_or_else(|| {
        let known: Vec<&str> = TASKS.iter().map(|task| task.name).collect();
        Error::input(path, format!("{}; this version knows {}", head.what(), known.join(", ")))
    })
}
