//! The task `regress`, as `fixlearn regress` and `fixlearn predict` do it.

use crate::call::{whole, work, Call, Came, Done};
use crate::error;
use crate::learn::{learn, resident};
use crate::line::line;
use crate::rows::{Rows, Target, X};
use crate::runs::MODEL;
use fixlearn::input::{Mend, Table};
use fixlearn::link::open::Line;
use fixlearn::output;
use fixlearn::run::{self, Run};
use fixlearn::tasks::regress::data::{self, Options};
use fixlearn::tasks::regress::request::{Begun, Request};
use fixlearn::tasks::regress::{predict, Regress};
use fixlearn::{Error, Result};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    request: Request,
    options: Options,
    resident: Option<u64>,
}

fn parse(run: &[u8]) -> Result<Run<Regress>> {
    Run::parse(&run::head(Path::new(MODEL), run.to_vec())?)
}

fn fit(
    table: &Table,
    (asked, line): (&Asked, &Line),
    before: Option<&[u8]>,
    call: &Call,
) -> Result<Came<Vec<u8>>> {
    let path = Path::new(X);
    let (mut run, samples) = match before.map(parse).transpose()? {
        None => {
            asked.options.in_range()?;
            asked.request.in_range()?;
            let target = table.names[table.columns - 1].clone();
            let (preparation, samples) =
                data::prepare(path, table, &target, &asked.options, Mend::Learn)?;
            let Begun { mut run, clamped } = asked.request.begin(preparation, &samples)?;
            if let Some(best) = clamped {
                let taken = run.plan.start.config.rate;
                output::note(format_args!(
                    "rate 2^-{best} is the best of those tried on some rows, and saturates on all \
                     of them; 2^-{taken} is taken"
                ));
            }
            run.resident = resident(asked.resident)?;
            (run, samples)
        }
        Some(run) => {
            // A run of its own, which begins with the state that there is.
            let (preparation, samples) = data::prepare_more(path, table, &run.plan.preparation)?;
            let mut start = run.state;
            start.config.iterations = 0;
            let plan = Regress { preparation, passes: 1, start: start.clone() };
            (Run::new(plan, start), samples)
        }
    };
    run.validate().map_err(Error::Request)?;
    let mut device = line.open(&run.state)?;
    let done = run.done;
    let error = learn(&mut device, &mut run, &samples, call);
    if error.is_some() && run.done == done {
        return Ok((None, error));
    }
    Ok((Some(run.bytes()?), error))
}

/// Learns a linear model: the run. `before` is one to go on from with other rows.
#[pyfunction]
#[pyo3(signature = (x, y, names, target, asked, on, before, progress))]
#[allow(clippy::too_many_arguments)]
fn regress_fit(
    py: Python<'_>,
    x: Rows<'_>,
    y: Target<'_>,
    names: Option<Vec<String>>,
    target: Option<String>,
    asked: &str,
    on: &str,
    before: Option<&[u8]>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Done> {
    let line = line(on)?;
    let asked: Asked = serde_json::from_str(asked).map_err(error::json)?;
    let table = y.beside(x.held(names)?.table(), target)?;
    let job = |call: &Call| {
        fit(&table, (&asked, &line), before, call).unwrap_or_else(|e| (None, Some(e)))
    };
    work(py, &line.port, progress, job, |py, run| Ok(PyBytes::new(py, &run).into_any().unbind()))
}

/// What the device predicts for each row: `(values, outputs)`, in the target's units, and as the
/// core's words, Q12.20.
#[pyfunction]
fn regress_answers(
    py: Python<'_>,
    x: Rows<'_>,
    names: Option<Vec<String>>,
    run: &[u8],
    on: &str,
) -> PyResult<Done> {
    let line = line(on)?;
    let held = x.held(names)?;
    let answers = || -> Result<(Vec<f64>, Vec<i32>)> {
        let run = parse(run)?;
        let preparation = &run.plan.preparation;
        let missing = preparation.options.missing;
        let (rows, _) = data::apply(Path::new(X), &held.table(), preparation, missing)?;
        let samples: Vec<_> = rows.into_iter().flatten().collect();
        let mut device = line.open(&run.state)?;
        let words = device.holding(&run.state, |device| predict(device, &samples))?;
        Ok((words.iter().map(|&word| preparation.value(word)).collect(), words))
    };
    work(
        py,
        &line.port,
        None,
        |_| whole(answers()),
        |py, (values, words)| {
            let both = (PyArray1::from_vec(py, values), PyArray1::from_vec(py, words));
            Ok(both.into_pyobject(py)?.into_any().unbind())
        },
    )
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(regress_fit, module)?)?;
    module.add_function(wrap_pyfunction!(regress_answers, module)?)
}
