//! Learning a linear model of a table on the device.

use super::data::{Preparation, Samples};
use super::device::Device;
use super::run::{Run, Task};
use crate::device::piece;
use crate::train::order;
use crate::{output, Error, Result};
use fixlearn_sim::golden::gradient::{Gradient, Kind, Sample};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// How good the model is after some passes: root mean square error in the target's units, or
/// the share of right classes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    pub pass: u64,
    pub training: f64,
    pub held_out: Option<f64>,
    pub rate: u32,
}

/// A prediction (Q12.20) as the user's: a number, or a class's target value.
pub fn answer(preparation: &Preparation, prediction: i32) -> f64 {
    match (preparation.classes, preparation.options.objective.kind()) {
        (Some((no, yes)), Kind::Classification { threshold, .. }) => {
            if prediction >= threshold {
                yes
            } else {
                no
            }
        }
        _ => preparation.value(prediction),
    }
}

/// Scores predictions (Q12.20) against targets in their own units.
pub fn score(preparation: &Preparation, predictions: &[i32], targets: &[f64]) -> f64 {
    let n = targets.len().max(1) as f64;
    let answers = predictions.iter().map(|&p| answer(preparation, p)).zip(targets);
    if preparation.classes.is_some() {
        answers.filter(|(a, t)| a == *t).count() as f64 / n
    } else {
        (answers.map(|(a, t)| (a - t).powi(2)).sum::<f64>() / n).sqrt()
    }
}

/// Learns pass by pass until done or `stop`; after each pass the device predicts training and
/// held-out rows, and the state goes to `checkpoint`. A stop takes effect between frames; the
/// pass goes on from there on resuming. When the device loses its state, learning goes on from the
/// last one that was read back.
///
/// # Errors
/// [`Error::Interrupted`] after `stop`; or the device's error. The run is whole in either case.
pub fn regress(
    device: &mut Device,
    run: &mut Run,
    samples: &Samples,
    checkpoint: Option<&Path>,
    stop: &AtomicBool,
) -> Result<()> {
    let Task::Regress { passes, .. } = &run.task else {
        return Err(Error::request("the run is not of a table"));
    };
    let total = samples.training.len() as u64 * passes;
    let bar = output::progress(total, "training");
    if let Some(path) = checkpoint {
        run.write(path)?;
    }
    while let Err(e) = learn(device, run, samples, checkpoint, stop, &bar) {
        let Error::Reset { port } = &e else {
            return Err(e);
        };
        output::say_reset(port, run.state.config.iterations.into(), "sample");
        device.client.recover()?;
    }
    bar.finish_and_clear();
    if u64::from(run.state.config.iterations) < total {
        return Err(Error::Interrupted);
    }
    Ok(())
}

/// As [`regress`], until the device loses its state.
fn learn(
    device: &mut Device,
    run: &mut Run,
    samples: &Samples,
    checkpoint: Option<&Path>,
    stop: &AtomicBool,
    bar: &indicatif::ProgressBar,
) -> Result<()> {
    let Task::Regress { preparation, passes, .. } = &run.task else {
        return Err(Error::request("the run is not of a table"));
    };
    let (preparation, rows) = (preparation.clone(), samples.training.len() as u64);
    let total = rows * passes;
    device.load(&run.state)?;
    while u64::from(run.state.config.iterations) < total && !stop.load(Ordering::Relaxed) {
        let done = u64::from(run.state.config.iterations);
        let (pass, at) = (done / rows, (done % rows) as usize);
        let order = order(preparation.options.seed, pass, samples.training.len());
        let mut sent = 0;
        for piece in order[at..].chunks(piece(device.sample_bytes())) {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            device.learn(piece.iter().map(|&i| &samples.training[i]))?;
            sent += piece.len() as u64;
            bar.set_position(done + sent);
        }
        device.client.finish()?;
        let mut state = run.state.clone();
        device.save(&mut state)?;
        let mut reached = None;
        if (done + sent) % rows == 0 {
            let mut rate = |samples: &[Sample], targets: &[f64]| -> Result<f64> {
                Ok(score(&preparation, &device.predict(samples)?, targets))
            };
            let training = rate(&samples.training, &samples.training_targets)?;
            let held_out = match samples.held_out.is_empty() {
                true => None,
                false => Some(rate(&samples.held_out, &samples.held_out_targets)?),
            };
            bar.set_message(format!("{} {training:.4}", preparation.measure()));
            reached = Some(Score { pass: pass + 1, training, held_out, rate: state.config.rate });
        }
        run.state = state;
        if let Task::Regress { trace, .. } = &mut run.task {
            trace.extend(reached);
        }
        if let Some(path) = checkpoint {
            run.write(path)?;
        }
    }
    Ok(())
}

/// The run again on the golden model, as far as it came.
pub fn replay(run: &Run, preparation: &Preparation, samples: &Samples) -> Gradient {
    let mut golden = run.start.clone();
    let done = u64::from(run.state.config.iterations);
    let rows = samples.training.len() as u64;
    let mut at = 0;
    while at < done {
        for i in order(preparation.options.seed, at / rows, rows as usize) {
            if at == done {
                break;
            }
            golden.iterate(Some(&samples.training[i]));
            at += 1;
        }
    }
    golden
}
