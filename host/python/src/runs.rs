//! Run files of any task.

use crate::error;
use fixlearn::tasks::{self, Entry};
use fixlearn::{input, output, run, Error};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::{Path, PathBuf};

/// What messages call a run that is held.
pub const MODEL: &str = "model";

/// The entry of a run, which is to be of this task.
fn entry(path: &Path, bytes: Vec<u8>, task: &str) -> fixlearn::Result<(&'static Entry, run::Head)> {
    let (entry, head) = tasks::of_head(path, run::head(path, bytes)?)?;
    match entry.name == task {
        true => Ok((entry, head)),
        false => Err(Error::input(path, format!("{}, not `{task}`", head.what()))),
    }
}

/// The bytes of a run file of this task, which is whole.
#[pyfunction]
fn run_read<'py>(py: Python<'py>, path: PathBuf, task: &str) -> PyResult<Bound<'py, PyBytes>> {
    let read = || {
        let bytes = input::bytes(&path)?;
        let (entry, head) = entry(&path, bytes.clone(), task)?;
        (entry.info)(&head).map(|_| bytes)
    };
    Ok(PyBytes::new(py, &read().map_err(error::plain)?))
}

/// Writes a run file: whole, or not at all.
#[pyfunction]
fn run_write(py: Python<'_>, run: &[u8], path: PathBuf) -> PyResult<()> {
    py.detach(|| output::write(&path, run)).map_err(error::plain)
}

/// What a run has learned, as an `.npy` file's bytes.
#[pyfunction]
fn run_learned<'py>(py: Python<'py>, run: &[u8], task: &str) -> PyResult<Bound<'py, PyBytes>> {
    let learned = || {
        let (entry, head) = entry(Path::new(MODEL), run.to_vec(), task)?;
        (entry.export)(&head, Path::new("learned.npy"))
    };
    Ok(PyBytes::new(py, &learned().map_err(error::plain)?))
}

/// What a run says of itself, as JSON.
#[pyfunction]
fn run_info(run: &[u8], task: &str) -> PyResult<String> {
    let info = || {
        let (entry, head) = entry(Path::new(MODEL), run.to_vec(), task)?;
        (entry.info)(&head)
    };
    serde_json::to_string(&info().map_err(error::plain)?).map_err(error::json)
}

/// A number as tables and messages have it: by this name a class is meant.
#[pyfunction]
fn number(x: f64) -> String {
    output::number(x)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(run_read, module)?)?;
    module.add_function(wrap_pyfunction!(run_write, module)?)?;
    module.add_function(wrap_pyfunction!(run_learned, module)?)?;
    module.add_function(wrap_pyfunction!(run_info, module)?)?;
    module.add_function(wrap_pyfunction!(number, module)?)
}
