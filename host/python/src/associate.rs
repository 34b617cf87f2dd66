//! The task `associate`, as `fixlearn associate` does it.

use crate::call::{whole, work, Call, Came, Done};
use crate::error;
use crate::learn::learn;
use crate::line::line;
use crate::rows::{Rows, X};
use crate::runs::MODEL;
use fixlearn::input::Table;
use fixlearn::link::open::Line;
use fixlearn::run::{self, Run};
use fixlearn::tasks::associate::patterns::{completed, learned, Patterns, Source};
use fixlearn::tasks::associate::request::Request;
use fixlearn::tasks::associate::Associate;
use fixlearn::{Error, Result};
use fixlearn_map::boltzmann::UNITS_MOST;
use fixlearn_sim::golden::cores::boltzmann::Given;
use numpy::{PyArray1, PyArrayMethods as _};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::Path;

fn parse(run: &[u8]) -> Result<Run<Associate>> {
    Run::parse(&run::head(Path::new(MODEL), run.to_vec())?)
}

/// The patterns of a table whose columns of these names are targets; scaled as those of a run that
/// was before, if there was one.
fn patterns(
    table: &Table,
    targets: &[String],
    hidden: usize,
    before: Option<&Run<Associate>>,
) -> Result<Patterns> {
    let most = (UNITS_MOST - 1).saturating_sub(hidden);
    let Some(before) = before else {
        return learned(Path::new(X), table, (targets, &[]), most);
    };
    let mut patterns = completed(Path::new(X), table, &before.plan.columns)?;
    for row in &mut patterns.rows {
        for (given, column) in row.iter_mut().zip(&before.plan.columns) {
            if let (true, Given::Input(state)) = (column.target, *given) {
                *given = Given::Target(state);
            }
        }
    }
    Ok(patterns)
}

fn fit(
    (table, targets): (Table, Vec<String>),
    (asked, line): (&Request, &Line),
    before: Option<&[u8]>,
    call: &Call,
) -> Result<Came<Vec<u8>>> {
    asked.in_range()?;
    let before = before.map(parse).transpose()?;
    if before.as_ref().is_some_and(|before| before.plan.hidden != asked.hidden) {
        return Err(Error::request("--hidden: the machine was begun with another number"));
    }
    let patterns = patterns(&table, &targets, asked.hidden, before.as_ref())?;
    let source = Source::Table { targets, header: table.named };
    let mut run = asked.plan(source, Vec::new(), &patterns).begin(&patterns)?;
    if let Some(before) = before {
        // A run of its own, which begins with the weights that there are.
        run.state.weights = before.state.weights;
        run.state.residues = before.state.residues;
    }
    run.validate().map_err(Error::Request)?;
    let mut device = line.open(&run.state)?;
    let error = learn(&mut device, &mut run, &patterns, call);
    if error.is_some() && run.done == 0 {
        return Ok((None, error));
    }
    Ok((Some(run.bytes()?), error))
}

/// Learns which columns go with which: the run. A value that is NaN is unknown.
#[pyfunction]
#[pyo3(signature = (x, names, targets, asked, on, before, progress))]
#[allow(clippy::too_many_arguments)]
fn associate_fit(
    py: Python<'_>,
    x: Rows<'_>,
    names: Option<Vec<String>>,
    targets: Vec<String>,
    asked: &str,
    on: &str,
    before: Option<&[u8]>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Done> {
    let line = line(on)?;
    let asked: Request = serde_json::from_str(asked).map_err(error::json)?;
    let table = x.held(names)?.table();
    let job = |call: &Call| {
        fit((table, targets), (&asked, &line), before, call).unwrap_or_else(|e| (None, Some(e)))
    };
    work(py, &line.port, progress, job, |py, run| Ok(PyBytes::new(py, &run).into_any().unbind()))
}

/// Rows with the run's columns, what is NaN completed: values of all columns, in the run's order.
#[pyfunction]
fn associate_complete(
    py: Python<'_>,
    x: Rows<'_>,
    names: Option<Vec<String>>,
    run: &[u8],
    on: &str,
) -> PyResult<Done> {
    let line = line(on)?;
    let table = x.held(names)?.table();
    let answers = || -> Result<(Vec<f64>, usize)> {
        let run = parse(run)?;
        let patterns = completed(Path::new(X), &table, &run.plan.columns)?;
        let mut device = line.open(&run.state)?;
        let vectors = patterns.vectors();
        let found = device.holding(&run.state, |device| device.recall(&vectors, |_| {}))?;
        let columns = &run.plan.columns;
        let row = |answer: &Vec<u8>| -> Vec<f64> {
            let states = patterns.states(answer).zip(columns);
            states.map(|(state, column)| column.value(state)).collect()
        };
        Ok((found.iter().flat_map(row).collect(), columns.len()))
    };
    work(
        py,
        &line.port,
        None,
        |_| whole(answers()),
        |py, (all, columns)| {
            let rows = all.len() / columns.max(1);
            Ok(PyArray1::from_vec(py, all).reshape([rows, columns])?.into_any().unbind())
        },
    )
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(associate_fit, module)?)?;
    module.add_function(wrap_pyfunction!(associate_complete, module)?)
}
