//! Training: the plan, the order of vectors, the loop, and the replay on the golden model.

use crate::data::Samples;
use crate::device::{self, Device};
use crate::model::Model;
use crate::{first_broken, output, Error, Result};
use fixlearn_sim::golden::vq::{Config, Metric, Rounding, Vq, GUARD_BITS};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where the first codebook comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Init {
    /// Samples drawn at random.
    Random,
    /// Samples drawn with a probability proportional to their squared distance from those drawn
    /// before (k-means++, Arthur and Vassilvitskii, 2007).
    PlusPlus,
}

/// What training was asked for. With the samples, it decides every bit of the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub codewords: usize,
    pub passes: u64,
    /// Of these, the first ones scale distances by win counts; the rest do not.
    pub frequency_passes: u64,
    /// Decides the first codebook and the order of vectors in each pass.
    pub seed: u64,
    pub init: Init,
    pub metric: Metric,
    pub rounding: Rounding,
    pub count_based: bool,
    pub rate_shift: u32,
    pub rate_final: u32,
    pub rate_period: u32,
    pub radius: usize,
    pub radius_period: u32,
    pub columns_log2: u32,
    pub falloff: u32,
    pub count_cap: u16,
}

impl Plan {
    /// # Errors
    /// Naming the first setting out of range.
    pub fn validate(&self) -> std::result::Result<(), String> {
        let rules = [
            ((1..=256).contains(&self.codewords), "codewords: 1 to 256"),
            (self.passes <= 1 << 20, "passes: at most 1048576"),
            (self.rate_shift < 16 && self.rate_final < 16, "rate shift: 0 to 15"),
            (self.rate_period < 1 << 24 && self.radius_period < 1 << 24, "period: below 16777216"),
            (self.radius < 256, "radius: 0 to 255"),
            (self.columns_log2 <= 8, "grid columns: 1 to 256, a power of two"),
            (self.falloff < 4, "falloff: 0 to 3"),
            (self.count_cap >= 2, "count cap: 2 to 65535"),
        ];
        first_broken(&rules)
    }

    /// The state to start from: registers of this plan, codewords taken from the samples.
    pub fn start(&self, samples: &Samples, lanes: usize) -> Vq {
        let dimension = samples.layout.dimension();
        let config = Config {
            metric: self.metric,
            rounding: self.rounding,
            frequency_sensitive: self.frequency_passes > 0,
            count_based: self.count_based,
            signed: samples.quantization.signed,
            rate_shift: self.rate_shift,
            rate_final: self.rate_final,
            rate_period: self.rate_period,
            radius: self.radius,
            radius_period: self.radius_period,
            columns_log2: self.columns_log2,
            falloff: self.falloff,
            count_cap: self.count_cap,
            ..Config::power_up(self.codewords, dimension)
        };
        let mut vq = Vq::new(config, lanes);
        let flip = samples.quantization.flip();
        let first = match self.init {
            Init::Random => order(self.seed, u64::MAX, samples.layout.vectors()),
            Init::PlusPlus => plus_plus(samples, self.codewords, self.seed),
        };
        for (codeword, &from) in vq.codebook.chunks_exact_mut(dimension).zip(first.iter().cycle()) {
            for (w, &x) in codeword.iter_mut().zip(samples.vector(from)) {
                *w = u16::from(x ^ flip) << GUARD_BITS;
            }
        }
        vq
    }

    /// The registers for a pass, from those at its start.
    pub fn enter_pass(&self, config: &mut Config, pass: u64) {
        config.frequency_sensitive = pass < self.frequency_passes;
    }
}

/// splitmix64's output function: a hash of 64 bits.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Numbers of `many` vectors by k-means++, in integers, so that every machine draws the same.
fn plus_plus(samples: &Samples, many: usize, seed: u64) -> Vec<usize> {
    let flip = samples.quantization.flip();
    let square = |(&x, &y): (&u8, &u8)| u64::from((x ^ flip).abs_diff(y ^ flip)).pow(2);
    let distance = |a: usize, b: usize| -> u64 {
        samples.vector(a).iter().zip(samples.vector(b)).map(square).sum()
    };
    let vectors = samples.layout.vectors();
    let draw = |i: usize, below: u64| mix(mix(seed) ^ mix(i as u64)) % below.max(1);
    let mut chosen = vec![draw(0, vectors as u64) as usize];
    let mut nearest = vec![u64::MAX; vectors];
    while chosen.len() < many {
        let last = chosen[chosen.len() - 1];
        for (i, d) in nearest.iter_mut().enumerate() {
            *d = (*d).min(distance(i, last));
        }
        let mut left = draw(chosen.len(), nearest.iter().sum());
        let next = nearest.iter().position(|&d| {
            let here = left < d;
            left = left.wrapping_sub(d);
            here
        });
        // All distances are 0: fewer distinct vectors than codewords.
        chosen.push(next.unwrap_or(chosen.len() % vectors));
    }
    chosen
}

/// The order of vectors in a pass: sorted by a hash of seed, pass and number.
pub fn order(seed: u64, pass: u64, vectors: usize) -> Vec<usize> {
    let base = mix(seed.wrapping_add(mix(pass.wrapping_add(0x9e37_79b9_7f4a_7c15))));
    let mut all: Vec<usize> = (0..vectors).collect();
    all.sort_by_cached_key(|&i| (mix(base.wrapping_add(i as u64)), i));
    all
}

/// Bytes of samples for each byte of state that a checkpoint reads back: checkpoints between passes
/// take about 1 % of the line.
const CHECKPOINT_SHARE: usize = 100;

/// Trains on the device until the plan is done or `stop`. The model is read back after every
/// pass, in long passes also on the way, and written to `checkpoint`; when the device loses its
/// state, training goes on from there, to the same bits.
///
/// # Errors
/// [`Error::Interrupted`] after `stop`, the checkpoint written; or the device's error, the model as
/// it was last read back.
pub fn train(
    device: &mut Device,
    samples: &Samples,
    model: &mut Model,
    checkpoint: Option<&Path>,
    stop: &AtomicBool,
) -> Result<()> {
    let total = samples.layout.vectors() as u64 * model.plan.passes;
    let bar = output::progress(total, "training");
    if let Some(path) = checkpoint {
        model.write(path)?;
    }
    while let Err(e) = learn(device, samples, model, checkpoint, stop, &bar) {
        let Error::Reset { port } = &e else {
            return Err(e);
        };
        output::say_reset(port, model.done, "vectors");
        device.client.recover()?;
    }
    bar.finish_and_clear();
    if model.done < total {
        return Err(Error::Interrupted);
    }
    Ok(())
}

/// As [`train`], until the device loses its state.
fn learn(
    device: &mut Device,
    samples: &Samples,
    model: &mut Model,
    checkpoint: Option<&Path>,
    stop: &AtomicBool,
    bar: &indicatif::ProgressBar,
) -> Result<()> {
    let dimension = samples.layout.dimension();
    let vectors = samples.layout.vectors() as u64;
    let total = vectors * model.plan.passes;
    let interval = (total / 40).max(1);
    let state = 4 * (model.vq.codebook.len() + model.vq.counts.len());
    let stretch = (CHECKPOINT_SHARE * state).div_ceil(dimension);
    // Of a pass: sorted once, however many stretches it has.
    let mut sorted = (u64::MAX, Vec::new());
    device.load(&model.vq)?;
    while model.done < total && !stop.load(Ordering::Relaxed) {
        let (pass, at) = (model.done / vectors, (model.done % vectors) as usize);
        let mut vq = model.vq.clone();
        model.plan.enter_pass(&mut vq.config, pass);
        // The memories are as the stretch before left them.
        device.configure(&vq.config)?;
        let mut mark = (u64::from(vq.config.vectors), vq.config.distortion);
        let mut history = Vec::new();
        let mut sent = 0;
        if sorted.0 != pass {
            sorted = (pass, order(model.plan.seed, pass, vectors as usize));
        }
        let stretch = &sorted.1[at..sorted.1.len().min(at + stretch)];
        for piece in stretch.chunks(device::piece(dimension)) {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            device.learn(&samples.gather(piece))?;
            sent += piece.len() as u64;
            bar.set_position(model.done + sent);
            if let Some(ack) = device.client.progress() {
                let (now, then) = (u64::from(ack.vectors), mark.0);
                if now >= then + interval {
                    history.push(mean(now, ack.distortion, mark));
                    mark = (now, ack.distortion);
                }
            }
        }
        device.finish()?;
        device.save(&mut vq)?;
        let (now, sum) = (u64::from(vq.config.vectors), vq.config.distortion);
        if now > mark.0 {
            history.push(mean(now, sum, mark));
        }
        // All of it at once, so that an error leaves the model whole.
        model.vq = vq;
        model.done += sent;
        model.history.extend(history);
        if let Some(path) = checkpoint {
            model.write(path)?;
        }
    }
    Ok(())
}

fn mean(now: u64, sum: u64, (then, before): (u64, u64)) -> (u64, f64) {
    (now, sum.saturating_sub(before) as f64 / (now - then) as f64)
}

/// Replays the first `done` vectors of the plan on the golden model.
pub fn replay(plan: &Plan, samples: &Samples, lanes: usize, done: u64) -> Vq {
    let vectors = samples.layout.vectors() as u64;
    let mut vq = plan.start(samples, lanes);
    let bar = output::progress(done, "golden");
    let mut at = 0;
    while at < done {
        let pass = at / vectors;
        plan.enter_pass(&mut vq.config, pass);
        for i in order(plan.seed, pass, vectors as usize) {
            if at == done {
                break;
            }
            vq.learn(samples.vector(i));
            at += 1;
            if at % 1024 == 0 {
                bar.set_position(at);
            }
        }
    }
    bar.finish_and_clear();
    vq
}

/// The first difference between two states of one size: which word, and its lowest differing bit.
pub fn difference(found: &Vq, golden: &Vq) -> Option<String> {
    let d = golden.config.dimension.max(1);
    let bit = |a: u64, b: u64| (a ^ b).trailing_zeros();
    for (i, (&a, &b)) in found.codebook.iter().zip(&golden.codebook).enumerate() {
        if a != b {
            return Some(format!(
                "codeword {}, dimension {}, bit {}: {a}, golden {b}",
                i / d,
                i % d,
                bit(a.into(), b.into())
            ));
        }
    }
    for (i, (&a, &b)) in found.residues.iter().zip(&golden.residues).enumerate() {
        if a != b {
            let bit = bit(a.into(), b.into());
            return Some(format!(
                "residue of codeword {}, dimension {}, bit {bit}: {a}, golden {b}",
                i / d,
                i % d
            ));
        }
    }
    for (i, (&a, &b)) in found.counts.iter().zip(&golden.counts).enumerate() {
        if a != b {
            let bit = bit(a.into(), b.into());
            return Some(format!("win count of codeword {i}, bit {bit}: {a}, golden {b}"));
        }
    }
    (found.config != golden.config)
        .then(|| format!("registers: {:?}, golden {:?}", found.config, golden.config))
}

/// Where a device first departs from the golden model.
#[derive(Clone, Debug, Serialize)]
pub struct Departure {
    /// Number of the learned vector, from 0.
    pub vector: u64,
    /// Clocks of the simulated board, or of a clock of the device's frequency, when it was seen.
    pub cycle: u64,
    pub what: String,
}

/// Learns the first `done` vectors of the plan on the device and on the golden model side by
/// side, comparing the whole state every `stride` vectors; a difference is then pinned down by
/// going through that stretch again, vector by vector.
pub fn compare(
    device: &mut Device,
    samples: &Samples,
    plan: &Plan,
    done: u64,
    stride: usize,
) -> Result<Option<Departure>> {
    let vectors = samples.layout.vectors();
    let lanes = usize::from(device.built().lanes);
    let mut golden = plan.start(samples, lanes);
    let bar = output::progress(done, "comparing");
    let mut at = 0_u64;
    device.load(&golden)?;
    while at < done {
        let pass = at / vectors as u64;
        plan.enter_pass(&mut golden.config, pass);
        device.configure(&golden.config)?;
        for stretch in order(plan.seed, pass, vectors).chunks(stride.max(1)) {
            let left = (done - at).min(stretch.len() as u64) as usize;
            let stretch = &stretch[..left];
            let before = golden.clone();
            if step(device, samples, &mut golden, stretch)?.is_some() {
                return pin_down(device, samples, before, stretch, at);
            }
            at += left as u64;
            bar.set_position(at);
        }
    }
    bar.finish_and_clear();
    Ok(None)
}

fn step(
    device: &mut Device,
    samples: &Samples,
    golden: &mut Vq,
    stretch: &[usize],
) -> Result<Option<String>> {
    device.learn(&samples.gather(stretch))?;
    device.finish()?;
    for &i in stretch {
        golden.learn(samples.vector(i));
    }
    let mut found = golden.clone();
    device.save(&mut found)?;
    Ok(difference(&found, golden))
}

fn pin_down(
    device: &mut Device,
    samples: &Samples,
    mut golden: Vq,
    stretch: &[usize],
    at: u64,
) -> Result<Option<Departure>> {
    device.load(&golden)?;
    for (i, one) in stretch.chunks(1).enumerate() {
        if let Some(what) = step(device, samples, &mut golden, one)? {
            let clock = f64::from(device.client.identity.clock_hz);
            let cycle = (device.client.now().as_secs_f64() * clock) as u64;
            return Ok(Some(Departure { vector: at + i as u64, cycle, what }));
        }
    }
    Ok(Some(Departure {
        vector: at,
        cycle: 0,
        what: "a difference that went away when repeated vector by vector".into(),
    }))
}
