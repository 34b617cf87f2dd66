//! The task `codebook`, as `fixlearn train` and `fixlearn encode` do it.

use crate::call::{whole, work, Call, Came, Done};
use crate::error;
use crate::learn::{learn, resident};
use crate::line::line;
use crate::rows::{room, Held, Rows, X};
use crate::runs::MODEL;
use fixlearn::codec;
use fixlearn::device::Device;
use fixlearn::input::{Quantization, Samples, Scaling};
use fixlearn::link::open::Line;
use fixlearn::order::Passes;
use fixlearn::run::{self, Run};
use fixlearn::tasks::codebook::{warn_of_unused, Codebook, Model, Plan, Request};
use fixlearn::{stop, Error, Result};
use fixlearn_sim::golden::cores::vq::{round_to_sample, Match, Metric, Vq};
use numpy::{PyArray1, PyArray2, PyArrayMethods as _, PyUntypedArrayMethods as _};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Deserialize;
use std::borrow::Cow;
use std::path::Path;

/// What is asked for besides the plan.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    request: Request,
    /// Vectors that each pass learns first.
    resident: Option<u64>,
    /// The values that the 256 steps are of.
    window: Option<(f64, f64)>,
    common_scale: bool,
    /// The winners of all vectors are asked for, once it is learned.
    labels: bool,
}

/// A run, and the winners' numbers.
type Learned = (Vec<u8>, Option<Vec<i64>>);

fn parse(run: &[u8]) -> Result<Model> {
    Model::parse(&run::head(Path::new(MODEL), run.to_vec())?)
}

/// What is learned, and from what state on.
fn begin(
    held: Held,
    asked: &Asked,
    before: Option<Model>,
    resume: bool,
) -> Result<(Model, Samples)> {
    match before {
        None => {
            let plan = asked.request.plan()?;
            let scaling = match asked.window {
                Some((low, high)) if !(low < high && (high - low).is_finite()) => {
                    return Err(Error::request("--window: give two numbers, the less first"))
                }
                Some((low, high)) => Scaling::Window(low, high),
                None if asked.common_scale => Scaling::Common,
                None => Scaling::ByColumn,
            };
            let samples = held.samples(&Default::default(), scaling)?;
            let samples = match plan.coarse() {
                Some(coarse) => samples.rounded(coarse)?,
                None => samples,
            };
            let vectors = samples.layout.vectors() as u64 * plan.passes;
            let task = Codebook::new(asked.request.scheduled(plan, vectors), &samples, None);
            let mut model = Model::begin(task, &samples)?;
            model.resident = resident(asked.resident)?;
            model.validate().map_err(Error::Request)?;
            Ok((model, samples))
        }
        Some(mut model) => {
            let samples = scaled(held, &model)?;
            let samples = Samples { coarse: model.plan.plan.coarse(), ..samples };
            let same = samples.digest() == model.plan.input;
            if resume {
                if !same {
                    return Err(Error::input(Path::new(X), "is another input than that of fit"));
                }
                model.plan.plan.passes = asked.request.plan()?.passes;
                return Ok((model, samples));
            }
            // A run of its own, which begins with the state that there is.
            let plan = Plan { passes: 1, fresh_counts: false, ..model.plan.plan.clone() };
            let task = Codebook { plan, input: samples.digest(), ..model.plan };
            Ok((Run::new(task, model.state), samples))
        }
    }
}

/// The rows as the model's samples.
fn scaled(held: Held, model: &Model) -> Result<Samples> {
    let dimension = model.state.config.dimension;
    let has = held.columns();
    if has != dimension && model.plan.selection.is_all() {
        let message = format!("has {has} columns, and the model {dimension} dimensions");
        return Err(Error::input(Path::new(X), message));
    }
    held.samples(&model.plan.selection, Scaling::As(&model.plan.quantization))
}

/// The rows' bytes as they go to the device.
fn vectors<'a>(held: &'a Held, model: &Model) -> Option<&'a [u8]> {
    let Quantization { signed, .. } = model.plan.quantization;
    let plain = model.plan.quantization.is_plain() && model.plan.selection.is_all() && !signed;
    held.bytes().filter(|_| plain && held.columns() == model.state.config.dimension)
}

/// Each vector's winner and its distance, as the device answers.
fn answers(device: &mut Device<Vq>, model: &Model, vectors: &[u8]) -> Result<Vec<Match>> {
    let answers = device.holding(&model.state, |device| device.answers(vectors, |_| {}))?;
    codec::matches(&answers, model.state.config.codewords, &device.client.port_name())
}

fn fit(
    held: Held,
    (asked, line): (&Asked, &Line),
    (before, resume): (Option<&[u8]>, bool),
    call: &Call,
) -> Result<Came<Learned>> {
    let before = before.map(parse).transpose()?;
    let (mut model, samples) = begin(held, asked, before, resume)?;
    let mut device = line.open(&model.state)?;
    warn_of_unused(&samples, model.plan.plan.codewords)?;
    model.settle(&device.built()).map_err(|what| Error::input(Path::new(MODEL), what))?;
    let done = model.done;
    let error = learn(&mut device, &mut model, &samples, call);
    if error.is_some() && model.done == done {
        return Ok((None, error));
    }
    let labels = match error.is_none() && asked.labels {
        true => answers(&mut device, &model, &samples.vectors).map(Some),
        false => Ok(None),
    };
    let (labels, late) = match labels {
        Ok(labels) => (labels, None),
        Err(e) => (None, Some(e)),
    };
    let labels = labels.map(|found| found.iter().map(|m| m.index as i64).collect());
    Ok((Some((model.bytes()?, labels)), error.or(late)))
}

/// Learns a codebook: `(run, labels)`. `before` is a run to go on from: with other vectors, or, to
/// `resume`, with the same.
#[pyfunction]
#[pyo3(signature = (x, names, asked, on, before, resume, progress))]
#[allow(clippy::too_many_arguments)]
fn codebook_fit(
    py: Python<'_>,
    x: Rows<'_>,
    names: Option<Vec<String>>,
    asked: &str,
    on: &str,
    before: Option<&[u8]>,
    resume: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Done> {
    let line = line(on)?;
    let asked: Asked = serde_json::from_str(asked).map_err(error::json)?;
    let held = x.held(names)?;
    let job = |call: &Call| {
        fit(held, (&asked, &line), (before, resume), call).unwrap_or_else(|e| (None, Some(e)))
    };
    work(py, &line.port, progress, job, |py, (run, labels)| {
        let labels = labels.map(|labels| PyArray1::from_vec(py, labels));
        Ok((PyBytes::new(py, &run), labels).into_pyobject(py)?.into_any().unbind())
    })
}

/// Each row's winner and its distance: `(indices, distances)`.
#[pyfunction]
fn codebook_answers(
    py: Python<'_>,
    x: Rows<'_>,
    names: Option<Vec<String>>,
    run: &[u8],
    on: &str,
) -> PyResult<Done> {
    let line = line(on)?;
    let held = x.held(names)?;
    let found = || -> Result<Vec<Match>> {
        let model = parse(run)?;
        // Bytes that are samples stay where they are.
        let there = vectors(&held, &model).map(|bytes| {
            let mut device = line.open(&model.state)?;
            answers(&mut device, &model, bytes)
        });
        if let Some(found) = there {
            return found;
        }
        let samples = scaled(held, &model)?;
        let mut device = line.open(&model.state)?;
        answers(&mut device, &model, &samples.vectors)
    };
    work(
        py,
        &line.port,
        None,
        |_| whole(found()),
        |py, found: Vec<Match>| {
            let indices = found.iter().map(|m| m.index as i64).collect();
            let distances = found.iter().map(|m| f64::from(m.distance)).collect();
            let both = (PyArray1::from_vec(py, indices), PyArray1::from_vec(py, distances));
            Ok(both.into_pyobject(py)?.into_any().unbind())
        },
    )
}

/// The distances of each row from each codeword, as the core compares them; of L2 their roots.
#[pyfunction]
fn codebook_distances(
    py: Python<'_>,
    x: Rows<'_>,
    names: Option<Vec<String>>,
    run: &[u8],
) -> PyResult<Done> {
    let held = x.held(names)?;
    let model = parse(run).map_err(error::plain)?;
    let codewords = model.state.config.codewords;
    let room = room(held.rows().saturating_mul(codewords))?;
    let all = || -> Result<(Vec<f64>, usize)> {
        let found = match vectors(&held, &model) {
            Some(bytes) => distances(&model, &Cow::from(bytes), room)?,
            None => distances(&model, &scaled(held, &model)?.vectors, room)?,
        };
        Ok((found, codewords))
    };
    work(
        py,
        "golden",
        None,
        |_| whole(all()),
        |py, (all, columns)| {
            let array = PyArray1::from_vec(py, all);
            let rows = array.len() / columns.max(1);
            Ok(array.reshape([rows, columns])?.into_any().unbind())
        },
    )
}

/// Vectors between two looks whether to end.
const PIECE: usize = 1 << 12;

fn distances(model: &Model, vectors: &[u8], mut found: Vec<f64>) -> Result<Vec<f64>> {
    let (config, flip) = (&model.state.config, model.plan.quantization.flip());
    let all = (0..config.codewords).flat_map(|i| model.state.codeword(i));
    let levels: Vec<i32> = all.map(|&w| i32::from(round_to_sample(w))).collect();
    for (i, vector) in vectors.chunks_exact(config.dimension).enumerate() {
        if i.is_multiple_of(PIECE) && stop::requested() {
            return Err(Error::Interrupted);
        }
        for codeword in levels.chunks_exact(config.dimension) {
            let differences = vector.iter().zip(codeword).map(|(&x, &w)| i32::from(x ^ flip) - w);
            found.push(match config.metric {
                Metric::L1 => f64::from(differences.map(i32::abs).sum::<i32>()),
                Metric::SquaredL2 => f64::from(differences.map(|d| d * d).sum::<i32>()).sqrt(),
            });
        }
    }
    Ok(found)
}

/// The codewords as decoding shows them, a row each: samples' values.
#[pyfunction]
fn codebook_decoded<'py>(py: Python<'py>, run: &[u8]) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let model = parse(run).map_err(error::plain)?;
    let quantization = &model.plan.quantization;
    let row = |i: usize| -> Vec<f64> {
        let samples = model.decoded(i).enumerate();
        samples.map(|(column, sample)| quantization.value(column, sample)).collect()
    };
    let rows: Vec<Vec<f64>> = (0..model.state.config.codewords).map(row).collect();
    Ok(PyArray2::from_vec2(py, &rows)?)
}

/// Rows whose order can be asked for.
const MOST: usize = 1 << 28;

/// The numbers of the rows in the order in which a pass learns them.
#[pyfunction]
fn codebook_order<'py>(
    py: Python<'py>,
    run: &[u8],
    rows: usize,
    learned_pass: u64,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let model = parse(run).map_err(error::plain)?;
    if !(1..=MOST).contains(&rows) {
        return Err(error::plain(Error::request(format!("n_samples: 1 to {MOST}"))));
    }
    let order = fixlearn::order::Order { vectors: rows, seed: Some(model.plan.plan.seed) };
    let (first, mut passes): (u64, Passes) =
        (learned_pass.saturating_mul(rows as u64), model.passes());
    let numbers = passes.numbers(order, first..first.saturating_add(rows as u64));
    Ok(PyArray1::from_vec(py, numbers.into_iter().map(|n| n as i64).collect()))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(codebook_fit, module)?)?;
    module.add_function(wrap_pyfunction!(codebook_answers, module)?)?;
    module.add_function(wrap_pyfunction!(codebook_distances, module)?)?;
    module.add_function(wrap_pyfunction!(codebook_decoded, module)?)?;
    module.add_function(wrap_pyfunction!(codebook_order, module)?)
}
