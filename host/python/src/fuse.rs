//! The task `fuse`, as `fixlearn fuse` does it.

use crate::call::{whole, work, Call, Came, Done};
use crate::error;
use crate::learn::learn;
use crate::line::line;
use crate::rows::{Rows, X};
use crate::runs::MODEL;
use fixlearn::input::{numbers, Table};
use fixlearn::link::open::Line;
use fixlearn::run::{self, Run};
use fixlearn::task::countable;
use fixlearn::tasks::fuse::field::Readings;
use fixlearn::tasks::fuse::quantizer::key;
use fixlearn::tasks::fuse::request::Request;
use fixlearn::tasks::fuse::{estimates, Area, Fuse, Samples, Source};
use fixlearn::{first_broken, output, Error, Result};
use fixlearn_map::fusion::MOST_NODES;
use fixlearn_sim::golden::cores::fusion::{Config, Position, Sample};
use numpy::{PyArray1, PyArrayMethods as _, PyReadonlyArray2, PyUntypedArrayMethods as _};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::Path;

fn parse(run: &[u8]) -> Result<Run<Fuse>> {
    Run::parse(&run::head(Path::new(MODEL), run.to_vec())?)
}

/// Readings, and behind them the positions.
fn with_positions(readings: &Table, positions: &[f64]) -> Table {
    let columns = readings.columns + 2;
    let rows = readings.values.chunks_exact(readings.columns).zip(positions.chunks_exact(2));
    let values = rows.flat_map(|(row, at)| row.iter().chain(at).copied()).collect();
    Table { names: numbers(columns), columns, values, ..Table::default() }
}

/// The readings of all rows, of which none is held out.
fn all(table: &Table, nodes: usize) -> Readings {
    let column = |n: usize| table.values.iter().skip(n).step_by(table.columns).copied();
    let positions = column(nodes).zip(column(nodes + 1)).map(|(x, y)| [x, y]);
    Readings {
        positions: positions.collect(),
        nodes: (0..nodes).map(|n| column(n).collect()).collect(),
    }
}

/// A run at its beginning, and its samples.
fn begin(table: &Table, asked: &Request, part: bool) -> Result<(Run<Fuse>, Samples)> {
    let (x, nodes) = (Path::new(X), table.columns - 2);
    if !(1..=usize::from(MOST_NODES)).contains(&nodes) {
        let message = format!("has {nodes} columns of readings; give 1 to {MOST_NODES}");
        return Err(Error::input(x, message));
    }
    let names = numbers(table.columns);
    let position = [names[nodes].clone(), names[nodes + 1].clone()];
    let source = Source::Table { position, nodes: names[..nodes].to_vec(), header: false };
    let (training, held_out) = match part {
        true => (all(table, nodes), Readings::default()),
        false => source.of_table(x, table)?,
    };
    if training.are_constant() {
        let message = "all readings of each node are the same; there is nothing to learn";
        return Err(Error::input(x, message));
    }
    if !(f64::MIN_POSITIVE..1e100).contains(&Area::of(&training).side) {
        let message = "the places are one alone, or beyond a usual range; give others";
        return Err(Error::input(Path::new("y"), message));
    }
    asked.begin(source, asked.intervals()?, (&training, &held_out))
}

/// More samples for what a run before has learned, in a run of its own.
fn go_on(table: &Table, asked: &Request, before: &[u8]) -> Result<(Run<Fuse>, Samples)> {
    let Run { mut plan, mut state, .. } = parse(before)?;
    let nodes = plan.quantizers.len();
    if table.columns != nodes + 2 {
        let message = format!("has {} columns; the run has {nodes} nodes", table.columns - 2);
        return Err(Error::input(Path::new(X), message));
    }
    let intervals = plan.quantizers.first().map_or(0, |of| of.codewords.len());
    first_broken(&[
        (plan.bits == asked.bits, "--bits: the node was begun with another number"),
        (intervals == asked.intervals()?, "--intervals: the node was begun with another number"),
        (plan.merging == asked.merging, "--merge: the node was begun with another"),
        (plan.weight == asked.weight, "--weight: the node was begun with another"),
        (state.combinations.len() == asked.places as usize, "--places: the node has others"),
    ])
    .map_err(Error::Request)?;
    let readings = all(table, nodes);
    let outside = readings.positions.iter().filter(|&&at| !plan.area.holds(at)).count();
    if outside > 0 {
        let places = output::count(outside, "place");
        output::say(format!("{places} outside the first call's square counted as at its edge"));
    }
    let samples = plan.samples(&readings, &Readings::default());
    plan.passes = asked.passes;
    plan.input = samples.digest();
    countable(&plan, &samples)?;
    state.config = Config { samples: 0, error: 0, dropped: 0, unseen: 0, ..state.config };
    Ok((Run::new(plan, state), samples))
}

/// What a call learns: of all rows if it is a part, on top of what was learned before.
fn fit(
    table: &Table,
    (asked, line): (&Request, &Line),
    (part, before): (bool, Option<&[u8]>),
    call: &Call,
) -> Result<Came<Vec<u8>>> {
    asked.in_range()?;
    let (mut run, samples) = match before {
        Some(before) => go_on(table, asked, before)?,
        None => begin(table, asked, part)?,
    };
    run.validate().map_err(Error::Request)?;
    let mut device = line.open(&run.state)?;
    let error = learn(&mut device, &mut run, &samples, call);
    if error.is_some() && run.done == 0 {
        return Ok((None, error));
    }
    Ok((Some(run.bytes()?), error))
}

/// Learns where a source is from readings: the run.
#[pyfunction]
#[pyo3(signature = (x, y, asked, on, part, before, progress))]
#[allow(clippy::too_many_arguments)]
fn fuse_fit(
    py: Python<'_>,
    x: Rows<'_>,
    y: PyReadonlyArray2<'_, f64>,
    asked: &str,
    on: &str,
    part: bool,
    before: Option<&[u8]>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Done> {
    let line = line(on)?;
    let asked: Request = serde_json::from_str(asked).map_err(error::json)?;
    let readings = x.held(None)?.table();
    if y.shape() != [readings.rows(), 2] {
        let (shape, rows) = (y.shape(), readings.rows());
        let what = format!("y has shape ({}, {}), not ({rows}, 2)", shape[0], shape[1]);
        return Err(error::plain(Error::request(what)));
    }
    let positions: Vec<f64> = y.as_array().iter().copied().collect();
    let table = with_positions(&readings, &positions);
    let job = |call: &Call| {
        fit(&table, (&asked, &line), (part, before), call).unwrap_or_else(|e| (None, Some(e)))
    };
    work(py, &line.port, progress, job, |py, run| Ok(PyBytes::new(py, &run).into_any().unbind()))
}

/// Where the device says that the source of each row's readings is.
#[pyfunction]
fn fuse_answers(py: Python<'_>, x: Rows<'_>, run: &[u8], on: &str) -> PyResult<Done> {
    let line = line(on)?;
    let readings = x.held(None)?.table();
    let answers = || -> Result<Vec<f64>> {
        let run = parse(run)?;
        let nodes = run.plan.quantizers.len();
        if readings.columns != nodes {
            let message = format!("has {} columns; the run has {nodes} nodes", readings.columns);
            return Err(Error::input(Path::new(X), message));
        }
        let sample = |row: &[f64]| {
            let key = key(&run.plan.quantizers, run.plan.bits, row.iter().copied());
            Sample { key, at: Position { x: 0, y: 0 } }
        };
        let samples: Vec<Sample> = readings.values.chunks_exact(nodes).map(sample).collect();
        let mut device = line.open(&run.state)?;
        Ok(estimates(&mut device, &run, samples.into_iter())?.into_flattened())
    };
    work(
        py,
        &line.port,
        None,
        |_| whole(answers()),
        |py, all| {
            let rows = all.len() / 2;
            Ok(PyArray1::from_vec(py, all).reshape([rows, 2])?.into_any().unbind())
        },
    )
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(fuse_fit, module)?)?;
    module.add_function(wrap_pyfunction!(fuse_answers, module)?)
}
