//! Minimizing a function on the device.

use super::device::Device;
use super::run::{Mark, Run, Task};
use crate::{output, Error, Result};
use fixlearn_sim::golden::gradient::reference::Reference;
use fixlearn_sim::golden::gradient::Gradient;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

impl Run {
    /// Adds where the state is to the trace, unless it is there.
    fn mark(&mut self) -> Option<&Mark> {
        let Task::Optimize { trace, .. } = &mut self.task else {
            return None;
        };
        let now = u64::from(self.state.config.iterations);
        if trace.last().is_none_or(|m| m.iteration != now) {
            let next = mark(&self.state, trace.last());
            trace.push(next);
        }
        trace.last()
    }
}

/// Where the state is: point in numbers, value in `f64`.
pub fn mark(state: &Gradient, before: Option<&Mark>) -> Mark {
    let reference = Reference::new(state);
    let point = reference.point.clone();
    let far = |from: &[f64]| {
        let squares = from.iter().zip(&point).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f64>().sqrt()
    };
    Mark {
        iteration: state.config.iterations.into(),
        value: reference.evaluate(None).0,
        rate: state.config.rate,
        step: before.map_or(0.0, |m| far(&m.point)),
        point,
    }
}

/// Iterates on the device until the task is done or `stop`, reading the whole state back at each
/// mark, and writing it to `checkpoint` at the beginning, twenty times on the way and at the end.
/// When the device loses its state, it goes on from the last mark.
///
/// # Errors
/// [`Error::Interrupted`] after `stop`; or the device's error, the run as at the last mark.
pub fn optimize(
    device: &mut Device,
    run: &mut Run,
    checkpoint: Option<&Path>,
    stop: &AtomicBool,
) -> Result<()> {
    let (total, every) = match &run.task {
        Task::Optimize { iterations, every, .. } => (*iterations, (*every).max(1)),
        Task::Regress { .. } => return Err(Error::request("the run is not an optimization")),
    };
    let bar = output::progress(total, "minimizing");
    let mut loaded = false;
    run.mark();
    let mut done = u64::from(run.state.config.iterations);
    let mut saved = done;
    if let Some(path) = checkpoint {
        run.write(path)?;
    }
    while done < total && !stop.load(Ordering::Relaxed) {
        let many = every.min(total - done);
        match step(device, &run.state, many as u32, loaded) {
            Ok(state) => run.state = state,
            Err(Error::Reset { port }) => {
                output::say_reset(&port, done, "iteration");
                device.client.recover()?;
                loaded = false;
                continue;
            }
            Err(e) => return Err(e),
        }
        loaded = true;
        done += many;
        bar.set_position(done);
        if let Some(mark) = run.mark() {
            bar.set_message(format!("f {:.3e}, rate 2^-{}", mark.value, mark.rate));
        }
        if let (Some(path), true) = (checkpoint, done - saved >= total / 20) {
            run.write(path)?;
            saved = done;
        }
    }
    bar.finish_and_clear();
    if let Some(path) = checkpoint {
        run.write(path)?;
    }
    if done < total {
        return Err(Error::Interrupted);
    }
    Ok(())
}

/// The state after `many` iterations more; the device has it already if it is `loaded`.
fn step(device: &mut Device, state: &Gradient, many: u32, loaded: bool) -> Result<Gradient> {
    if !loaded {
        device.load(state)?;
    }
    let mut state = state.clone();
    device.iterate(many)?;
    device.save(&mut state)?;
    Ok(state)
}

/// The run again on the golden model, as far as it came.
pub fn replay(run: &Run) -> Gradient {
    let mut golden = run.start.clone();
    for _ in 0..run.state.config.iterations {
        golden.iterate(None);
    }
    golden
}
