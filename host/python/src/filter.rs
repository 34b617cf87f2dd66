//! The task `filter`, as `fixlearn filter` does it.

use crate::call::{work, Call, Came, Done};
use crate::error;
use crate::learn::learn;
use crate::line::line;
use crate::runs::MODEL;
use fixlearn::input::{numbers, Table};
use fixlearn::link::open::Line;
use fixlearn::run::{self, Run};
use fixlearn::tasks::filter::signal::{Goal, Heard, Source};
use fixlearn::tasks::filter::Filter;
use fixlearn::tasks::in_registers;
use fixlearn::{first_broken, Error, Result};
use fixlearn_map::lms::{self as map, PLACES, REGISTERS};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    taps: usize,
    rate_shift: Option<u32>,
    passes: u64,
    delay: usize,
}

/// A run, and of the last pass the errors and the outputs, in the signal's units.
type Filtered = (Vec<u8>, Vec<f64>, Vec<f64>);

fn in_range(asked: &Asked) -> Result<()> {
    first_broken(&[
        ((1..=PLACES).contains(&asked.taps), "--taps: 1 to 256"),
        (asked.delay > 0, "--delay: at least 1"),
        ((1..=1 << 20).contains(&asked.passes), "--passes: 1 to 1048576"),
    ])
    .map_err(Error::Request)?;
    in_registers(REGISTERS, &[("--rate-shift", map::RATE, asked.rate_shift)])
}

fn fit(
    (signal, reference): (Vec<f64>, Option<Vec<f64>>),
    (asked, line): (&Asked, &Line),
    before: Option<&[u8]>,
    call: &Call,
) -> Result<Came<Filtered>> {
    in_range(asked)?;
    let columns = 1 + usize::from(reference.is_some());
    let goal = match reference {
        None => Goal::Predict { delay: asked.delay },
        Some(_) => Goal::Cancel { column: Some("2".into()) },
    };
    let values = match reference {
        None => signal,
        Some(reference) => signal.into_iter().zip(reference).flat_map(|(d, x)| [d, x]).collect(),
    };
    let table = Table { names: numbers(columns), columns, values, ..Table::default() };
    let column = (columns > 1).then(|| "1".into());
    let source = Source { column, goal, header: false };
    let signal = source.of_table(Path::new("signal"), &table, None, None)?;
    let mut run = Filter::begin(source, &signal, (asked.taps, asked.passes), asked.rate_shift)?;
    if let Some(before) = before {
        let before = Run::<Filter>::parse(&run::head(Path::new(MODEL), before.to_vec())?)?;
        if before.plan.taps != asked.taps {
            return Err(Error::request("--taps: the filter was begun with another number"));
        }
        // The weights go on; the signal begins anew.
        run.state.weights = before.state.weights;
    }
    run.validate().map_err(Error::Request)?;
    signal.heard.replace(Some(Heard { from: 0, answers: Vec::new() }));
    let mut device = line.open(&run.state)?;
    let error = learn(&mut device, &mut run, &signal, call);
    if error.is_some() && run.done == 0 {
        return Ok((None, error));
    }
    let heard = signal.heard.take().unwrap_or_default().answers;
    let last = &heard[heard.len().saturating_sub(signal.samples.len())..];
    let value = |word: i16| f64::from(word) / 32768.0 * signal.full_scale;
    let errors = last.iter().map(|answer| value(answer.e)).collect();
    let outputs = last.iter().map(|answer| value(answer.y)).collect();
    Ok((Some((run.bytes()?, errors, outputs)), error))
}

/// Adapts a filter to a signal: `(run, errors, outputs)`.
#[pyfunction]
#[pyo3(signature = (signal, reference, asked, on, before, progress))]
fn filter_fit(
    py: Python<'_>,
    signal: PyReadonlyArray1<'_, f64>,
    reference: Option<PyReadonlyArray1<'_, f64>>,
    asked: &str,
    on: &str,
    before: Option<&[u8]>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Done> {
    let line = line(on)?;
    let asked: Asked = serde_json::from_str(asked).map_err(error::json)?;
    let held = |array: PyReadonlyArray1<'_, f64>| -> Vec<f64> {
        array.as_array().iter().copied().collect()
    };
    let (signal, reference) = (held(signal), reference.map(held));
    if let Some(many) = reference.as_ref().map(Vec::len).filter(|&many| many != signal.len()) {
        let what = format!("reference has {many} samples, the signal {}", signal.len());
        return Err(error::plain(Error::request(what)));
    }
    let job = |call: &Call| {
        fit((signal, reference), (&asked, &line), before, call).unwrap_or_else(|e| (None, Some(e)))
    };
    work(py, &line.port, progress, job, |py, (run, errors, outputs)| {
        let arrays = [errors, outputs].map(|array| PyArray1::from_vec(py, array));
        let [errors, outputs] = arrays;
        Ok((PyBytes::new(py, &run), errors, outputs).into_pyobject(py)?.into_any().unbind())
    })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(filter_fit, module)?)
}
