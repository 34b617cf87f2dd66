//! Minimizing a function on the device.

use super::device::Device;
use super::run::{Mark, Run, Task};
use crate::{output, Error, Result};
use fixlearn_sim::golden::gradient::reference::Reference;
use fixlearn_sim::golden::gradient::Gradient;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

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
/// mark, and writing it to `checkpoint` now and then.
///
/// # Errors
/// [`Error::Interrupted`] after `stop`; or the device's error.
pub fn optimize(
    device: &mut Device,
    run: &mut Run,
    checkpoint: Option<&Path>,
    stop: &AtomicBool,
) -> Result<()> {
    let Task::Optimize { iterations, every, trace } = &mut run.task else {
        return Err(Error::request("the run is not an optimization"));
    };
    let (total, every) = (*iterations, (*every).max(1));
    let bar = output::progress(total, "minimizing");
    device.load(&run.state)?;
    if trace.is_empty() {
        trace.push(mark(&run.state, None));
    }
    let mut done = u64::from(run.state.config.iterations);
    while done < total && !stop.load(Ordering::Relaxed) {
        let many = every.min(total - done);
        device.iterate(many as u32)?;
        device.save(&mut run.state)?;
        done += many;
        let next = mark(&run.state, trace.last());
        bar.set_position(done);
        bar.set_message(format!("f {:.3e}, rate 2^-{}", next.value, next.rate));
        trace.push(next);
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

/// The run again on the golden model, as far as it came.
pub fn replay(run: &Run) -> Gradient {
    let mut golden = run.start.clone();
    for _ in 0..run.state.config.iterations {
        golden.iterate(None);
    }
    golden
}
