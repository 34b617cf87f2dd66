//! A device beside the golden model.

use super::data::{Preparation, Samples};
use super::device::Device;
use super::run::{difference, Run};
use crate::train::order;
use crate::{output, Result};
use fixlearn_sim::golden::gradient::Gradient;

/// Runs device and golden model side by side; the first iteration at which they differ. Every
/// `stride` iterations the whole state is compared; a stretch that differs is run again one by
/// one.
pub fn compare(
    device: &mut Device,
    run: &Run,
    samples: Option<&(Preparation, Samples)>,
    stride: u64,
) -> Result<Option<(u64, String)>> {
    let mut golden = run.start.clone();
    device.load(&golden)?;
    let total = u64::from(run.state.config.iterations);
    let bar = output::progress(total, "comparing");
    let mut at = 0;
    while at < total {
        let before = golden.clone();
        let many = stride.min(total - at);
        if advance(device, &mut golden, samples, at, many)?.is_some() {
            golden = before;
            device.load(&golden)?;
            for i in at..at + many {
                if let Some(what) = advance(device, &mut golden, samples, i, 1)? {
                    return Ok(Some((i, what)));
                }
            }
            let what = "a difference that went away when repeated one by one";
            return Ok(Some((at, what.into())));
        }
        at += many;
        bar.set_position(at);
    }
    bar.finish_and_clear();
    Ok(None)
}

fn advance(
    device: &mut Device,
    golden: &mut Gradient,
    samples: Option<&(Preparation, Samples)>,
    at: u64,
    many: u64,
) -> Result<Option<String>> {
    match samples {
        None => {
            device.iterate(many as u32)?;
            for _ in 0..many {
                golden.iterate(None);
            }
        }
        Some((preparation, samples)) => {
            let rows = samples.training.len() as u64;
            let mut chosen = Vec::with_capacity(many as usize);
            let mut pass = (u64::MAX, Vec::new());
            for i in at..at + many {
                if pass.0 != i / rows {
                    let seed = preparation.options.seed;
                    pass = (i / rows, order(seed, i / rows, rows as usize));
                }
                chosen.push(&samples.training[pass.1[(i % rows) as usize]]);
            }
            device.learn(chosen.iter().copied())?;
            for sample in chosen {
                golden.iterate(Some(sample));
            }
        }
    }
    device.client.finish()?;
    let mut found = golden.clone();
    device.save(&mut found)?;
    Ok(difference(&found, golden))
}
