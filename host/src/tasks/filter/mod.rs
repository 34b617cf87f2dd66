//! Adapting a filter: it predicts a signal, or cancels in it what a reference explains.

mod page;
pub mod plot;
pub mod signal;

use crate::device::Device;
use crate::export::{Format, Learned};
use crate::input::Scale;
use crate::order::Order;
use crate::run::Run;
use crate::task::{countable, Input, Pause, Seen, Task};
use crate::{first_broken, Error, Result};
use fixlearn_map::lms::{LmsBuilt, PLACES};
use fixlearn_sim::golden::cores::lms::{Answer, Config, Lms, MAX_TAPS, WEIGHT_FRACTION};
use serde::{Deserialize, Serialize};
use signal::{Goal, Heard, Signal, Source};
use std::path::Path;

/// The task: what is filtered, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    pub source: Source,
    /// Times that the signal is learned, from its first sample to its last.
    pub passes: u64,
    pub taps: usize,
    /// Rate `2^-rate`.
    pub rate: u32,
    /// SHA-256 of the samples.
    pub input: String,
}

/// How much of the signal is left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Samples learned.
    pub samples: u64,
    /// Sum of all squared errors, UQ34.30.
    pub energy: u64,
    /// Power of the signal over that of the error since the mark before; none where one of them
    /// is 0.
    pub gain_db: Option<f64>,
}

/// Power over power, in dB.
fn decibels(signal: u128, error: u128) -> Option<f64> {
    (signal > 0 && error > 0).then(|| 10.0 * (signal as f64 / error as f64).log10())
}

/// The largest rate with which `taps` times the power of `x` is at most an eighth: small enough
/// that the filter's own noise is some 6 % of the error's power.
pub fn usual_rate(signal: &Signal, taps: usize) -> u32 {
    let whole = 8.0 * taps as f64 * signal.input_power();
    whole.max(1.0).log2().ceil().min(29.0) as u32
}

impl Filter {
    /// A run at its beginning; a rate that is none follows from taps and power.
    ///
    /// # Errors
    /// If all samples are more than 32 bits count.
    pub fn begin(
        source: Source,
        signal: &Signal,
        (taps, passes): (usize, u64),
        rate: Option<u32>,
    ) -> Result<Run<Self>> {
        let rate = rate.unwrap_or_else(|| usual_rate(signal, taps));
        let plan = Self { source, passes, taps, rate, input: signal.digest() };
        countable(&plan, signal)?;
        let start = plan.start(signal, &LmsBuilt { taps: PLACES as u16 })?;
        Ok(Run::new(plan, start))
    }

    /// Samples before the last quarter.
    fn three_quarters(&self, signal: &Signal) -> u64 {
        let steps = self.steps(signal);
        steps - steps / 4
    }

    /// Samples from one mark to the next.
    fn interval(&self, signal: &Signal) -> u64 {
        (self.steps(signal) / 40).max(1)
    }

    /// What the gain is called.
    pub fn measure(&self) -> &'static str {
        match self.source.goal {
            Goal::Predict { .. } => "prediction gain",
            Goal::Cancel { .. } => "cancellation",
        }
    }

    /// Power of the signal over that of the error in dB: of all that a run has learned, and of its
    /// last quarter, if it has learned that.
    pub fn gains(run: &Run<Self>, signal: &Signal) -> (Option<f64>, Option<f64>) {
        let (done, energy) = (run.done, run.state.config.energy);
        let whole = decibels(signal.power(done), energy.into());
        let quarter = run.plan.three_quarters(signal);
        let at = run.curve.iter().find(|mark| mark.samples == quarter);
        let at = at.filter(|_| done == run.plan.steps(signal));
        let of_rest = at.and_then(|mark| {
            let power = signal.power(done) - signal.power(quarter);
            decibels(power, energy.saturating_sub(mark.energy).into())
        });
        (whole, of_rest)
    }

    /// Every answer of the last pass. Those to samples that were learned before this program began
    /// to listen are the golden model's: no device has them any more, and they are the same.
    pub fn answers(&self, signal: &Signal) -> Vec<Answer> {
        let Heard { from, answers } = signal.heard.borrow().clone().unwrap_or_default();
        let mut golden = self.first();
        let samples = signal.samples.iter().cycle().take(from as usize);
        let mut all: Vec<Answer> = samples.map(|&sample| golden.adapt(sample)).collect();
        all.extend(answers);
        all.split_off(all.len().saturating_sub(signal.samples.len()))
    }

    /// The golden model's answers to the last pass of so many steps, which are any device's.
    pub fn answers_of(&self, signal: &Signal, steps: u64) -> Vec<Answer> {
        let length = signal.samples.len();
        let mut golden = self.first();
        let steps = usize::try_from(steps).unwrap_or(usize::MAX);
        let (before, mut last) = (steps.saturating_sub(length), Vec::new());
        for (i, &sample) in signal.samples.iter().cycle().take(steps).enumerate() {
            let answer = golden.adapt(sample);
            if i >= before {
                last.push(answer);
            }
        }
        last
    }

    fn first(&self) -> Lms {
        Lms::new(Config { taps: self.taps, rate: self.rate, ..Config::power_up() })
    }
}

/// Reads what the device has answered since it was asked last.
fn listen(device: &mut Device<Lms>, signal: &Signal, at: u64) -> Result<()> {
    let mut heard = signal.heard.borrow_mut();
    let Some(Heard { from, answers }) = heard.as_mut() else {
        return Ok(());
    };
    let mut next = *from + answers.len() as u64;
    while next < at {
        let place = Lms::output_at(next as u32);
        let count = (PLACES - usize::from(place.column)).min((at - next) as usize);
        let words = device.client.read(place, PLACES, count)?;
        answers.extend(words.into_iter().map(Answer::from_word));
        next += count as u64;
    }
    Ok(())
}

impl Task for Filter {
    type Core = Lms;
    type Data = Signal;
    type Mark = Mark;
    const NAME: &'static str = "filter";
    const COMMAND: &'static str = "filter";
    const STEP: &'static str = "samples";
    const DOING: &'static str = "filtering";
    const WATCHED: &'static str = "gain in dB, against samples";
    const STREAMS: bool = true;

    fn load(&self, input: &Input, model: &Path) -> Result<Signal> {
        let signal = self.source.read(&input.paths)?;
        if signal.digest() != self.input {
            return Err(Error::input(model, "was made of another signal"));
        }
        Ok(signal)
    }

    fn steps(&self, signal: &Signal) -> u64 {
        signal.samples.len() as u64 * self.passes
    }

    fn start(&self, _: &Signal, _: &LmsBuilt) -> Result<Lms> {
        Ok(self.first())
    }

    fn order(&self, signal: &Signal) -> Order {
        Order { vectors: signal.samples.len(), seed: None }
    }

    fn gather(&self, signal: &Signal, numbers: &[usize]) -> Result<Vec<u8>> {
        Ok(numbers.iter().flat_map(|&i| signal.samples[i].bytes()).collect())
    }

    /// Where someone listens, no later than the device's 256 answers are full.
    fn pause(&self, signal: &Signal, done: u64) -> Pause {
        let next = |every: u64| (done / every + 1) * every;
        let mut at = next(self.interval(signal));
        let quarter = self.three_quarters(signal);
        if quarter > done {
            at = at.min(quarter);
        }
        if signal.heard.borrow().is_some() {
            at = at.min(next(PLACES as u64));
        }
        Pause { at, save: false, keep: false }
    }

    fn mark(&self, seen: Seen<Self>) -> Result<Option<Mark>> {
        let Seen { at, acknowledged, before, data, device, .. } = seen;
        listen(device, data, at)?;
        let (from, energy) = before.map_or((0, 0), |mark| (mark.samples, mark.energy));
        let due = at.is_multiple_of(self.interval(data))
            || at == self.three_quarters(data)
            || at == self.steps(data);
        Ok(acknowledged.filter(|_| due && at > from).map(|now| {
            let error = now.value.wrapping_sub(energy);
            let gain_db = decibels(data.power(at) - data.power(from), error.into());
            Mark { samples: at, energy: now.value, gain_db }
        }))
    }

    fn watched(mark: &Mark) -> Option<(f64, f64)> {
        Some((mark.samples as f64, mark.gain_db?))
    }

    fn say(mark: &Mark) -> String {
        mark.gain_db.map_or("no error".into(), |gain| format!("{gain:.1} dB"))
    }

    fn validate(&self, state: &Lms) -> std::result::Result<(), String> {
        let delay = match self.source.goal {
            Goal::Predict { delay } => delay,
            Goal::Cancel { .. } => 1,
        };
        first_broken(&[
            ((1..=MAX_TAPS).contains(&self.taps), "the taps are not 1 to 256"),
            (state.config.taps == self.taps, "the plan has another number of taps"),
            (self.rate <= 31, "the rate is not 2^-0 to 2^-31"),
            (delay > 0, "the delay is 0"),
            (self.passes <= 1 << 20, "passes are above 1048576"),
        ])
    }

    /// The weights, Q4.28: that of the newest sample first.
    fn learned(&self, state: &Lms) -> Learned {
        Learned {
            name: "weights",
            names: Vec::new(),
            format: Format { signed: true, bits: 32, fraction: WEIGHT_FRACTION },
            scales: vec![Scale::ONE; self.taps],
            words: state.weights.iter().take(self.taps).map(|&w| w.into()).collect(),
        }
    }
}
