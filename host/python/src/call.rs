//! Work beside Python: on a thread of its own, the interpreter released. Meanwhile the caller's
//! thread hears signals, and says how far the work is.

use crate::error::{self, panicked};
use fixlearn::output::Listener;
use fixlearn::{stop, Error, Result};
use indicatif::ProgressBar;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use serde::Serialize;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// From one look at signals and progress to the next.
const LOOK: Duration = Duration::from_millis(50);

/// A call that is at work.
#[derive(Default)]
pub struct Call {
    pub stop: Arc<AtomicBool>,
    learns: AtomicBool,
    bar: Mutex<Option<ProgressBar>>,
    mark: Mutex<Option<String>>,
    lines: Mutex<Vec<String>>,
}

impl Call {
    /// From here on a bar is that of learning.
    pub fn learns(&self) {
        self.learns.store(true, Ordering::Relaxed);
    }

    /// The last mark of the learning curve.
    pub fn mark(&self, mark: Option<&impl Serialize>) {
        *held(&self.mark) = mark.and_then(|mark| serde_json::to_string(mark).ok());
    }

    /// Steps done, all steps, and the last mark as JSON.
    fn progress(&self) -> Option<(u64, u64, Option<String>)> {
        let bar = held(&self.bar);
        let bar = bar.as_ref()?;
        Some((bar.position(), bar.length().unwrap_or(0), held(&self.mark).clone()))
    }
}

fn held<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    /// The call that this thread works for.
    static CALL: RefCell<Option<Arc<Call>>> = const { RefCell::new(None) };
}

/// Gives what the library says to the call that it works for.
pub struct Caller;

impl Listener for Caller {
    fn line(&self, text: String) {
        let _ = CALL.try_with(|call| {
            if let Some(call) = call.borrow().as_ref() {
                held(&call.lines).push(text);
            }
        });
    }

    fn bar(&self, bar: &ProgressBar) {
        let _ = CALL.try_with(|call| {
            let call = call.borrow();
            for call in call.iter().filter(|call| call.learns.load(Ordering::Relaxed)) {
                *held(&call.bar) = Some(bar.clone());
            }
        });
    }
}

/// What a call came to, as Python has it: a value, an error, the lines that were said.
pub type Done = (Option<Py<PyAny>>, Option<Py<PyAny>>, Vec<String>);

/// What came of work: a value, perhaps an error that came after it.
pub type Came<V> = (Option<V>, Option<Error>);

/// Work of which nothing is left if it fails.
pub fn whole<V>(result: Result<V>) -> Came<V> {
    match result {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error)),
    }
}

/// Does the work; `progress(done, total, mark)` is called meanwhile, and at its end. A signal's or
/// the callback's exception stops it.
pub fn work<V: Send>(
    py: Python<'_>,
    port: &str,
    progress: Option<Py<PyAny>>,
    job: impl FnOnce(&Call) -> Came<V> + Send,
    turned: impl FnOnce(Python<'_>, V) -> PyResult<Py<PyAny>>,
) -> PyResult<Done> {
    let call = Arc::new(Call::default());
    let mut last = None;
    let (ended, mut raised) = py.detach(|| {
        let ((ends, end), mut raised) = (channel::<()>(), None);
        let ended = std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                // Dropped at the end of the work, also if it panics.
                let _ends = ends;
                CALL.set(Some(call.clone()));
                stop::heed(call.stop.clone());
                job(&call)
            });
            while end.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let looked = Python::try_attach(|py| {
                    py.check_signals()?;
                    tell(py, progress.as_ref(), &call, &mut last)
                });
                match looked {
                    Some(Ok(())) => {}
                    Some(Err(e)) => {
                        call.stop.store(true, Ordering::Relaxed);
                        raised.get_or_insert(e);
                    }
                    // The interpreter ends and does not wait for this thread, which has nowhere
                    // to go back to: the process takes it along.
                    None => loop {
                        std::thread::park();
                    },
                }
            }
            worker.join()
        });
        (ended, raised)
    });
    let (value, error) = ended.map_err(|panic| panicked(&*panic))?;
    if raised.is_none() {
        raised = tell(py, progress.as_ref(), &call, &mut last).err();
    }
    let raised = raised.or_else(|| error.map(|error| error::python(port, error)));
    let value = value.map(|value| turned(py, value)).transpose()?;
    let lines = held(&call.lines).iter().map(|line| error::parameters(line)).collect();
    Ok((value, raised.map(|e| e.into_value(py).into_any()), lines))
}

/// Calls back, if there is something new to say.
fn tell(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    call: &Call,
    last: &mut Option<(u64, u64, Option<String>)>,
) -> PyResult<()> {
    let (Some(progress), Some(now)) = (progress, call.progress()) else { return Ok(()) };
    if last.as_ref() == Some(&now) {
        return Ok(());
    }
    let mark = now.2.as_deref().map(|mark| from_json(py, mark)).transpose()?;
    *last = Some(now.clone());
    progress.call1(py, (now.0, now.1, mark)).map(drop)
}

/// A JSON text as Python's objects.
pub fn from_json(py: Python<'_>, text: &str) -> PyResult<Py<PyAny>> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(error::json)?;
    of_json(py, &value)
}

fn of_json(py: Python<'_>, value: &serde_json::Value) -> PyResult<Py<PyAny>> {
    use serde_json::Value;
    Ok(match value {
        Value::Null => py.None(),
        Value::Bool(b) => b.into_pyobject(py)?.to_owned().into_any().unbind(),
        Value::Number(n) => match (n.as_u64(), n.as_i64()) {
            (Some(n), _) => n.into_pyobject(py)?.into_any().unbind(),
            (_, Some(n)) => n.into_pyobject(py)?.into_any().unbind(),
            _ => n.as_f64().into_pyobject(py)?.into_any().unbind(),
        },
        Value::String(s) => s.into_pyobject(py)?.into_any().unbind(),
        Value::Array(all) => {
            let all: PyResult<Vec<_>> = all.iter().map(|value| of_json(py, value)).collect();
            PyList::new(py, all?)?.into_any().unbind()
        }
        Value::Object(all) => {
            let dict = PyDict::new(py);
            for (name, value) in all {
                dict.set_item(name, of_json(py, value)?)?;
            }
            dict.into_any().unbind()
        }
    })
}
