//! Which of some orders of the vectors unfolds a map best: tried on the golden model first.

use super::Map;
use crate::input::Samples;
use crate::tasks::codebook::Model;
use crate::{output, session, Error, Result};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// Vectors that a map learns for each of its units, at least (Kohonen, 1990).
const STEPS_A_UNIT: u64 = 500;

/// Passes of a short input are many; fewer than this are few for the schedules.
const LEAST_PASSES: u64 = 4;

/// Components that the units of all tries are compared with, at most, in all.
const WORK: u64 = 1 << 34;

/// Tries of a small map.
const TRIES: u64 = 16;

/// Vectors that tries are judged by, at most.
const JUDGES: usize = 1 << 12;

/// Exponents of the rates, the first and the last.
pub const RATES: (u32, u32) = (2, 6);

/// Rows and columns of a map of so many vectors, whose units are nearest to 5 times their square
/// root (Vesanto and Alhoniemi, 2000), as a ratio, of 4 x 4, 8 x 8 and 16 x 16.
pub fn usual_grid(vectors: usize) -> (usize, usize) {
    let units = 5.0 * (vectors as f64).sqrt();
    let side = match () {
        () if units < 32.0 => 4,
        () if units < 128.0 => 8,
        () => 16,
    };
    (side, side)
}

/// The passes of a map of so many units over so many vectors: 500 vectors a unit, in at least 4
/// passes.
pub fn passes(units: usize, vectors: usize) -> u64 {
    (STEPS_A_UNIT * units as u64).div_ceil((vectors as u64).max(1)).max(LEAST_PASSES)
}

/// The tries of a map whose passes take so many comparisons of components: 16, or as many as take
/// some seconds.
pub fn tries(units: usize, samples: &Samples, passes: u64) -> u64 {
    let work = units as u64 * samples.layout.samples() as u64;
    (WORK / work.saturating_mul(passes).max(1)).clamp(1, TRIES)
}

/// Of `tries` seeds from the run's on, the one whose map has the least combined error. The run is
/// at its beginning, which is on the plane: so it is of no seed.
///
/// # Errors
/// [`Error::Interrupted`] after `stop`; or if samples that stay in a file cannot be read.
pub fn choose(begun: &Model, samples: &Samples, tries: u64, stop: &AtomicBool) -> Result<u64> {
    let bar = output::progress(tries, "trying orders");
    let first = begun.plan.plan.seed;
    let one = |seed: u64| -> Result<(f64, u64)> {
        let mut run = begun.clone();
        run.plan.plan.seed = seed;
        let state = session::foresee(&run, samples, || !stop.load(Ordering::Relaxed))?;
        if stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        bar.inc(1);
        let errors = Map::new(&run.plan, &state).read(samples, JUDGES)?.errors;
        Ok((errors.combined_error, seed))
    };
    let seeds: Vec<u64> = (0..tries).map(|i| first.wrapping_add(i)).collect();
    let tried: Result<Vec<(f64, u64)>> = seeds.into_par_iter().map(one).collect();
    bar.finish_and_clear();
    let best = tried?.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    Ok(best.map_or(first, |(_, seed)| seed))
}
