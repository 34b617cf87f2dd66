//! The task `classify`, as `fixlearn load` and `fixlearn predict` do it.

use crate::call::{whole, work, Call, Came, Done};
use crate::error;
use crate::learn::{learn, resident};
use crate::line::line;
use crate::rows::{Rows, Target, X};
use crate::runs::MODEL;
use fixlearn::input::Table;
use fixlearn::link::open::Line;
use fixlearn::run::Run;
use fixlearn::task::Input;
use fixlearn::tasks::classify::images::{Columns, Images};
use fixlearn::tasks::classify::request::Request;
use fixlearn::tasks::classify::{of_model, parse, read};
use fixlearn::{Error, Result};
use fixlearn_map::network::NetworkBuilt;
use fixlearn_sim::golden::cores::network::file::NetworkFile;
use fixlearn_sim::golden::cores::network::Answer;
use numpy::{PyArray1, PyArrayMethods as _};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Deserialize;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    request: Request,
    resident: Option<u64>,
}

/// What a table of images is called in an input that no file is.
fn images() -> Input {
    Input { paths: vec![X.into()], ..Input::default() }
}

/// The network in these bytes: of a run, or as it was exported.
fn network(bytes: &[u8]) -> Result<NetworkFile> {
    match of_model(Path::new(MODEL), bytes)? {
        Some(model) => Ok(model.network),
        None => parse(Path::new(MODEL), bytes),
    }
}

fn fit(
    table: &Table,
    (asked, line): (&Asked, &Line),
    bytes: &[u8],
    call: &Call,
) -> Result<Came<Vec<u8>>> {
    asked.request.in_range()?;
    let network = asked.request.network(Path::new(MODEL), network(bytes)?)?;
    let target = table.names[table.columns - 1].clone();
    let columns = Columns { target: Some(&target), ..Columns::default() };
    let learned = Images::of(Path::new(X), table, &network, columns)?;
    learned.all_known(&images(), &network)?;
    let plan = asked.request.plan(network, Some(target.clone()), &learned)?;
    let (mut device, fresh) = line.open_for(|built: &NetworkBuilt| plan.core(*built))?;
    let mut run = Run::new(plan, fresh);
    run.resident = resident(asked.resident)?;
    run.validate().map_err(Error::Request)?;
    let error = learn(&mut device, &mut run, &learned, call);
    if error.is_some() && run.done == 0 {
        return Ok((None, error));
    }
    Ok((Some(run.bytes()?), error))
}

/// The bytes of a network's file, or of a run that has one.
#[pyfunction]
fn network_read<'py>(py: Python<'py>, path: PathBuf) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = || {
        read(&path)?;
        fixlearn::input::bytes(&path)
    };
    Ok(PyBytes::new(py, &bytes().map_err(error::plain)?))
}

/// What a network is, as it has learned: its file as JSON.
#[pyfunction]
fn network_file(model: &[u8]) -> PyResult<String> {
    serde_json::to_string(&network(model).map_err(error::plain)?).map_err(error::json)
}

/// The last layer learns from images, or they are counted: the run.
#[pyfunction]
#[pyo3(signature = (x, y, names, target, model, asked, on, progress))]
#[allow(clippy::too_many_arguments)]
fn network_fit(
    py: Python<'_>,
    x: Rows<'_>,
    y: Target<'_>,
    names: Option<Vec<String>>,
    target: Option<String>,
    model: &[u8],
    asked: &str,
    on: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<Done> {
    let line = line(on)?;
    let asked: Asked = serde_json::from_str(asked).map_err(error::json)?;
    let table = y.beside(x.held(names)?.table(), target)?;
    let job =
        |call: &Call| fit(&table, (&asked, &line), model, call).unwrap_or_else(|e| (None, Some(e)));
    work(py, &line.port, progress, job, |py, run| Ok(PyBytes::new(py, &run).into_any().unbind()))
}

/// What the device answers to each image: `(classes, scores)`, numbers of classes, and the scores
/// of all of them.
#[pyfunction]
fn network_answers(
    py: Python<'_>,
    x: Rows<'_>,
    names: Option<Vec<String>>,
    model: &[u8],
    on: &str,
) -> PyResult<Done> {
    let line = line(on)?;
    let table = x.held(names)?.table();
    let answers = || -> Result<(Vec<i64>, Vec<i64>, usize)> {
        let network = network(model)?;
        let images = Images::of(Path::new(X), &table, &network, Columns::default())?;
        let (mut device, state) = line.open_for(|built: &NetworkBuilt| network.core(*built))?;
        let vectors: Vec<u8> =
            images.pixels.iter().flat_map(|image| network.vector(image, 0)).collect();
        let found = device.holding(&state, |device| device.recall(&vectors, |_| {}))?;
        let found: Vec<Answer> = found.iter().map(|bytes| Answer::from_bytes(bytes)).collect();
        let scores = found.iter().flat_map(|answer| &answer.scores);
        let scores = scores.map(|&score| score.into()).collect();
        let classes = found.iter().map(|answer| answer.class.into()).collect();
        Ok((classes, scores, network.classes.len()))
    };
    work(
        py,
        &line.port,
        None,
        |_| whole(answers()),
        |py, (classes, scores, columns)| {
            let rows = classes.len();
            let scores = PyArray1::from_vec(py, scores).reshape([rows, columns])?;
            Ok((PyArray1::from_vec(py, classes), scores).into_pyobject(py)?.into_any().unbind())
        },
    )
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(network_read, module)?)?;
    module.add_function(wrap_pyfunction!(network_file, module)?)?;
    module.add_function(wrap_pyfunction!(network_fit, module)?)?;
    module.add_function(wrap_pyfunction!(network_answers, module)?)
}
