//! The task `optimize`, as `fixlearn optimize` does it.

use crate::call::{work, Call, Came, Done};
use crate::error;
use crate::learn::learn;
use crate::line::line;
use crate::runs::MODEL;
use fixlearn::link::open::Line;
use fixlearn::run::{self, Run};
use fixlearn::tasks::optimize::request::Request;
use fixlearn::tasks::optimize::{mark, Optimize};
use fixlearn::{Error, Result};
use fixlearn_sim::golden::cores::gradient::Objective;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::Path;

fn minimize(asked: &Request, line: &Line, call: &Call) -> Result<Came<Vec<u8>>> {
    asked.in_range()?;
    let mut run = asked.begin()?;
    run.validate().map_err(Error::Request)?;
    let mut device = line.open(&run.state)?;
    let error = learn(&mut device, &mut run, &(), call);
    if error.is_some() && run.done == 0 {
        return Ok((None, error));
    }
    Ok((Some(run.bytes()?), error))
}

/// Minimizes a function: the run.
#[pyfunction]
fn optimize_minimize(
    py: Python<'_>,
    asked: &str,
    on: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<Done> {
    let line = line(on)?;
    let asked: Request = serde_json::from_str(asked).map_err(error::json)?;
    let job = |call: &Call| minimize(&asked, &line, call).unwrap_or_else(|e| (None, Some(e)));
    work(py, &line.port, progress, job, |py, run| Ok(PyBytes::new(py, &run).into_any().unbind()))
}

/// The function where a run came to, and the largest component of its gradient, in `f64`.
#[pyfunction]
fn optimize_value(run: &[u8]) -> PyResult<(f64, f64)> {
    let head = run::head(Path::new(MODEL), run.to_vec());
    let run = head.and_then(|head| Run::<Optimize>::parse(&head)).map_err(error::plain)?;
    let mark = mark(&run.state, None);
    Ok((mark.value, mark.gradient.unwrap_or(f64::NAN)))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let functions = Objective::ALL.iter().filter(|objective| !objective.streams());
    module.add("FUNCTIONS", functions.map(|objective| objective.name()).collect::<Vec<_>>())?;
    module.add_function(wrap_pyfunction!(optimize_minimize, module)?)?;
    module.add_function(wrap_pyfunction!(optimize_value, module)?)
}
