//! Learning a linear model of a table on the device.

use super::data::{Preparation, Samples};
use super::device::Device;
use super::run::{Run, Task};
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
/// pass goes on from there on resuming.
///
/// # Errors
/// [`Error::Interrupted`] after `stop`, the checkpoint written; or the device's error.
pub fn regress(
    device: &mut Device,
    run: &mut Run,
    samples: &Samples,
    checkpoint: Option<&Path>,
    stop: &AtomicBool,
) -> Result<()> {
    let Task::Regress { preparation, passes, .. } = &run.task else {
        return Err(Error::request("the run is not of a table"));
    };
    let (preparation, rows) = (preparation.clone(), samples.training.len() as u64);
    let total = rows * passes;
    let bar = output::progress(total, "training");
    device.load(&run.state)?;
    let mut done = u64::from(run.state.config.iterations);
    while done < total && !stop.load(Ordering::Relaxed) {
        let pass = done / rows;
        let order = order(preparation.options.seed, pass, samples.training.len());
        for piece in order[(done % rows) as usize..].chunks(device.learn_max()) {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            device.learn(piece.iter().map(|&i| &samples.training[i]))?;
            done += piece.len() as u64;
            bar.set_position(done);
        }
        device.client.finish()?;
        device.save(&mut run.state)?;
        if done % rows == 0 {
            let mut rate = |samples: &[Sample], targets: &[f64]| -> Result<f64> {
                Ok(score(&preparation, &device.predict(samples)?, targets))
            };
            let training = rate(&samples.training, &samples.training_targets)?;
            let held_out = match samples.held_out.is_empty() {
                true => None,
                false => Some(rate(&samples.held_out, &samples.held_out_targets)?),
            };
            bar.set_message(format!("{} {training:.4}", preparation.measure()));
            let rate = run.state.config.rate;
            if let Task::Regress { trace, .. } = &mut run.task {
                trace.push(Score { pass: pass + 1, training, held_out, rate });
            }
        }
        if let Some(path) = checkpoint {
            run.write(path)?;
        }
    }
    bar.finish_and_clear();
    if done < total {
        return Err(Error::Interrupted);
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
