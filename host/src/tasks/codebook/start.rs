//! The first codebook.

use super::map::plane;
use super::{Init, Plan};
use crate::input::{read_at, Samples};
use crate::order::{first, mix};
use crate::{output, stop, Error, Result};
use fixlearn_sim::golden::cores::vq::{Config, Vq, GUARD_BITS};
use rayon::prelude::*;
use std::borrow::Cow;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::ops::Range;

/// The state to start from: registers of this plan, codewords taken from the samples.
///
/// # Errors
/// If samples that stay in a file cannot be read.
pub fn start(plan: &Plan, samples: &Samples, lanes: usize) -> Result<Vq> {
    let dimension = samples.layout.dimension();
    let config = Config {
        metric: plan.metric,
        rounding: plan.rounding,
        frequency_sensitive: plan.frequency_passes > 0,
        count_based: plan.count_based,
        signed: samples.quantization.signed,
        rate_shift: plan.rate_shift,
        rate_final: plan.rate_final,
        rate_period: plan.rate_period,
        radius: plan.radius,
        radius_period: plan.radius_period,
        columns_log2: plan.columns_log2,
        falloff: plan.falloff,
        count_cap: plan.count_cap,
        ..Config::power_up(plan.codewords, dimension)
    };
    let mut vq = Vq::new(config, lanes);
    let flip = samples.quantization.flip();
    let first = match plan.init {
        Init::Plane => {
            vq.codebook = plane(samples, plan.codewords, 1 << plan.columns_log2)?;
            return Ok(vq);
        }
        Init::Random => first(plan.seed, u64::MAX, samples.layout.vectors(), plan.codewords),
        Init::PlusPlus => plus_plus(samples, plan.codewords, plan.seed, 1)?,
        Init::Greedy => {
            // 2 + ln(codewords), rounded down, in integers.
            let trials = 2 + plan.codewords.max(1).ilog2() as u64 * 693 / 1000;
            plus_plus(samples, plan.codewords, plan.seed, trials)?
        }
    };
    let vectors = samples.gather(&first)?;
    let from = vectors.chunks_exact(dimension).cycle();
    for (codeword, vector) in vq.codebook.chunks_exact_mut(dimension).zip(from) {
        for (w, &x) in codeword.iter_mut().zip(vector) {
            *w = u16::from(x ^ flip) << GUARD_BITS;
        }
    }
    Ok(vq)
}

/// Numbers of `many` vectors by k-means++, each the best of `trials`, in integers, so that every
/// machine draws the same.
fn plus_plus(samples: &Samples, many: usize, seed: u64, trials: u64) -> Result<Vec<usize>> {
    let vectors = samples.layout.vectors();
    let draw = |i: u64, below: u64| mix(mix(seed) ^ mix(i)) % below.max(1);
    let mut chosen = vec![draw(0, vectors as u64) as usize];
    let mut nearest = Nearest::new(samples)?;
    // Of each block, how far its vectors are from those chosen.
    let mut sums = nearest.closer(chosen[0], &chosen[..1])?.swap_remove(0);
    let bar = output::progress(many as u64, "starting");
    while chosen.len() < many {
        if stop::requested() {
            return Err(Error::Interrupted);
        }
        let (step, all) = (chosen.len() as u64, sums.iter().sum::<u64>());
        let last = chosen[chosen.len() - 1];
        if all == 0 {
            // Fewer distinct vectors than codewords.
            chosen.push(chosen.len() % vectors);
            continue;
        }
        let drawn = (0..trials)
            .map(|trial| nearest.find(&sums, draw(step + (trial << 32), all), last))
            .collect::<Result<Vec<usize>>>()?;
        let tries = nearest.closer(last, &drawn)?.into_iter().zip(drawn);
        let Some((then, best)) = tries.min_by_key(|(then, _)| then.iter().sum::<u64>()) else {
            break;
        };
        chosen.push(best);
        sums = then;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(chosen)
}

/// Vectors that are looked at together.
const BLOCK: usize = 1 << 14;
/// Blocks that are looked at side by side, and held.
const BLOCKS: usize = 8;

/// Distances that are held, 4 MiB.
const HELD: usize = 1 << 20;

/// The squared distance of each vector from the nearest of those chosen before the last one.
struct Nearest<'a> {
    samples: &'a Samples,
    kept: Kept,
}

/// Where distances are: in memory, or in a file if they are many, or the samples stay in one.
enum Kept {
    Held(Vec<u32>),
    Filed(File),
}

impl<'a> Nearest<'a> {
    /// Farther than any vector is.
    fn new(samples: &'a Samples) -> Result<Self> {
        let vectors = samples.layout.vectors();
        let kept = match samples.file.is_none() && vectors <= HELD {
            true => Kept::Held(vec![u32::MAX; vectors]),
            false => Kept::Filed(tempfile::tempfile().map_err(unkept)?),
        };
        let mut nearest = Self { samples, kept };
        if let Kept::Filed(_) = nearest.kept {
            for block in nearest.blocks() {
                nearest.keep(&block, &vec![u32::MAX; block.len()])?;
            }
        }
        Ok(nearest)
    }

    fn blocks(&self) -> Vec<Range<usize>> {
        let vectors = self.samples.layout.vectors();
        (0..vectors).step_by(BLOCK).map(|first| first..vectors.min(first + BLOCK)).collect()
    }

    fn kept(&self, block: &Range<usize>) -> Result<Vec<u32>> {
        match &self.kept {
            Kept::Held(all) => Ok(all[block.clone()].to_vec()),
            Kept::Filed(file) => {
                let mut bytes = vec![0; 4 * block.len()];
                read_at(file, &mut bytes, 4 * block.start as u64).map_err(unkept)?;
                let words = bytes.chunks_exact(4);
                Ok(words.map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
            }
        }
    }

    fn keep(&mut self, block: &Range<usize>, distances: &[u32]) -> Result<()> {
        match &mut self.kept {
            Kept::Held(all) => all[block.clone()].copy_from_slice(distances),
            Kept::Filed(file) => {
                let bytes: Vec<u8> = distances.iter().flat_map(|d| d.to_le_bytes()).collect();
                let to = SeekFrom::Start(4 * block.start as u64);
                file.seek(to).and_then(|_| file.write_all(&bytes)).map_err(unkept)?;
            }
        }
        Ok(())
    }

    /// The samples of a block, and its distances with those from `last`.
    fn with(&self, block: &Range<usize>, last: &[u8]) -> Result<(Cow<'_, [u8]>, Vec<u32>)> {
        let (samples, mut distances) = (self.samples.piece(block.clone())?, self.kept(block)?);
        let flip = self.samples.quantization.flip();
        for (x, least) in samples.chunks_exact(last.len()).zip(&mut distances) {
            *least = distance(x, last, flip).min(*least);
        }
        Ok((samples, distances))
    }

    /// The vector at which the sum of the distances, with those from `last`, goes beyond `left`;
    /// `sums` has each block's.
    fn find(&self, sums: &[u64], mut left: u64, last: usize) -> Result<usize> {
        let last = self.samples.gather(&[last])?;
        for (block, &sum) in self.blocks().iter().zip(sums) {
            if left >= sum {
                left -= sum;
                continue;
            }
            let (_, distances) = self.with(block, &last)?;
            for (i, distance) in block.clone().zip(distances) {
                if left < u64::from(distance) {
                    return Ok(i);
                }
                left -= u64::from(distance);
            }
        }
        // Only with a file that changes meanwhile.
        Ok(0)
    }

    /// Keeps the distances with those from `last`; with those from each of `more`, too, the sum of
    /// each block.
    fn closer(&mut self, last: usize, more: &[usize]) -> Result<Vec<Vec<u64>>> {
        let (last, more) = (self.samples.gather(&[last])?, self.samples.gather(more)?);
        let flip = self.samples.quantization.flip();
        let others: Vec<&[u8]> = more.chunks_exact(last.len()).collect();
        let mut sums = vec![Vec::new(); others.len()];
        for blocks in self.blocks().chunks(BLOCKS) {
            let one = |block: &Range<usize>| {
                let (samples, distances) = self.with(block, &last)?;
                let sum = |other: &&[u8]| -> u64 {
                    let vectors = samples.chunks_exact(other.len()).zip(&distances);
                    vectors.map(|(x, &d)| u64::from(distance(x, other, flip).min(d))).sum()
                };
                Ok((others.iter().map(sum).collect::<Vec<u64>>(), distances))
            };
            let done: Result<Vec<(Vec<u64>, Vec<u32>)>> = blocks.par_iter().map(one).collect();
            for (block, (found, distances)) in blocks.iter().zip(done?) {
                self.keep(block, &distances)?;
                sums.iter_mut().zip(found).for_each(|(all, sum)| all.push(sum));
            }
        }
        Ok(sums)
    }
}

/// The squared distance of two vectors.
fn distance(a: &[u8], b: &[u8], flip: u8) -> u32 {
    let square = |(&x, &y): (&u8, &u8)| u32::from((x ^ flip).abs_diff(y ^ flip)).pow(2);
    a.iter().zip(b).map(square).sum()
}

/// Distances cannot be kept in a file.
fn unkept(error: std::io::Error) -> Error {
    Error::io(&std::env::temp_dir())(error)
}
