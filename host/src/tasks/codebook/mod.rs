//! Learning a codebook: the plan, its start, the learning curve, and the codebook as values.

pub mod map;
mod page;
pub mod plot;
mod request;
mod start;

use crate::export::{Format, Learned};
use crate::input::{self, Coarse, Cut, Quantization, Samples, Scale, Scaling, Selection};
use crate::order::Order;
use crate::run::Run;
use crate::task::{Input, Parts, Pause, Seen, Task};
use crate::{first_broken, output, Error, Result};
use fixlearn_map::vq::VqBuilt;
use fixlearn_sim::golden::cores::vq::{round_to_sample, Metric, Rounding, Vq, GUARD_BITS};
pub use request::{warn_of_unused, Request};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Where the first codebook comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Init {
    /// Samples drawn at random.
    Random,
    /// Samples drawn with a probability proportional to their squared distance from those drawn
    /// before (k-means++, Arthur and Vassilvitskii, 2007).
    PlusPlus,
    /// As before, but each is the best of several that are drawn so: the one that leaves the
    /// least sum of squared distances, of `2 + ln(codewords)`.
    Greedy,
    /// On the plane of the two largest principal components, the larger along the grid's longer
    /// side: a map begins unfolded (linear initialization, Kohonen, 1995).
    Plane,
}

/// What training was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub codewords: usize,
    pub passes: u64,
    /// Of these, the first ones scale distances by win counts; the rest do not.
    pub frequency_passes: u64,
    /// Decides the first codebook, the order of vectors in each pass, and how they are rounded.
    pub seed: u64,
    /// Samples are learned with so few bits; none: as they are.
    #[serde(default)]
    pub bits: Option<u8>,
    pub init: Init,
    pub metric: Metric,
    pub rounding: Rounding,
    pub count_based: bool,
    /// Win counts are set back to 1 at the start of each pass.
    #[serde(default)]
    pub fresh_counts: bool,
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
    /// What `train` does unless it is asked for something else.
    pub fn new(codewords: usize, passes: u64) -> Self {
        Self {
            codewords,
            passes,
            frequency_passes: 0,
            seed: 1,
            bits: None,
            init: Init::Greedy,
            metric: Metric::SquaredL2,
            rounding: Rounding::Nearest,
            count_based: true,
            fresh_counts: true,
            rate_shift: 15,
            rate_final: 15,
            rate_period: 0,
            radius: 0,
            radius_period: 0,
            columns_log2: 8,
            falloff: 0,
            count_cap: 65535,
        }
    }

    /// Says whether it asks for what there is; the registers' ranges are checked with the state.
    ///
    /// # Errors
    /// Naming the first setting out of range.
    pub fn validate(&self) -> std::result::Result<(), String> {
        first_broken(&[
            ((1..=256).contains(&self.codewords), "codewords: 1 to 256"),
            (self.passes <= 1 << 20, "passes: at most 1048576"),
            (self.bits.is_none_or(|bits| Coarse::BITS.contains(&bits)), "bits: 1, 2 or 4"),
        ])
    }

    /// How samples are rounded where they are learned from.
    pub fn coarse(&self) -> Option<Coarse> {
        Coarse::new(self.bits?, self.seed)
    }
}

/// The task: the plan, and what its samples stand for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Codebook {
    pub plan: Plan,
    pub quantization: Quantization,
    /// Image block in pixels; none for tables.
    pub block: Option<usize>,
    /// Colours of images are three planes; else they are turned into grey.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub colour: bool,
    /// Names of a table's columns; none if it had none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// What is taken of a table.
    #[serde(default, skip_serializing_if = "Selection::is_all")]
    pub selection: Selection,
    /// SHA-256 of the training samples.
    pub input: String,
}

/// How far the samples are from their codewords.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Vectors learned.
    pub vectors: u64,
    /// Sum of all distances since the start, modulo `2^48`.
    pub distortion: u64,
    /// Mean distance since the mark before: squared sample steps a vector with L2, sample steps
    /// with L1.
    pub mean_distance: f64,
}

/// A trained, or partly trained, codebook.
pub type Model = Run<Codebook>;

impl Codebook {
    /// Of this plan on these samples; `cut` is the images'.
    pub fn new(plan: Plan, samples: &Samples, cut: Option<Cut>) -> Self {
        let (quantization, names) = (samples.quantization.clone(), samples.names.clone());
        let (selection, input) = (samples.selection.clone(), samples.digest());
        let (block, colour) = (cut.map(|cut| cut.block), cut.is_some_and(|cut| !cut.grey));
        Self { plan, quantization, block, colour, names, selection, input }
    }

    /// Vectors from one mark to the next.
    fn interval(&self, samples: &Samples) -> u64 {
        (self.steps(samples) / 40).max(1)
    }

    /// Reads inputs as this codebook's samples.
    ///
    /// # Errors
    /// As [`input::load`]'s; and if the vectors have another dimension.
    pub fn samples(&self, input: &Input, dimension: usize) -> Result<Samples> {
        let wrong = |message: String| Err(Error::input(&input.paths[0], message));
        let kinds = if self.block.is_some() { "images" } else { "a table" };
        let other_kind = format!("the model was trained on {kinds}; give it such an input");
        // A large array is not read to be refused.
        let (array, whole) = (input::array_columns(&input.paths), self.selection.is_all());
        match array {
            Some(_) if self.block.is_some() => return wrong(other_kind),
            Some(has) if whole && has != dimension => return wrong(other_size(has, dimension)),
            _ => {}
        }
        let samples = self.scaled(input, input::load)?;
        if !samples.unused.is_empty() {
            let unused = samples.unused.join(", ").escape_debug().to_string();
            let path = input.paths[0].display();
            output::note(format_args!("{path}: columns that the model does not use: {unused}"));
        }
        let has = samples.layout.dimension();
        if has != dimension {
            return wrong(other_size(has, dimension));
        }
        if self.block.is_some() == samples.is_table() {
            return wrong(other_kind);
        }
        Ok(samples)
    }

    /// The input as rows that are this codebook's samples as they are; none if it is something
    /// else, or the codebook is.
    pub fn rows(&self, input: &Input, dimension: usize) -> Option<input::Rows> {
        let plain = self.quantization.is_plain() && self.selection.is_all() && self.block.is_none();
        let rows = match &input.paths[..] {
            [path] if plain => input::Rows::open(path)?,
            _ => return None,
        };
        let fits = rows.columns == dimension && rows.signed == self.quantization.signed;
        fits.then_some(rows)
    }

    /// The input, scaled as the one that was trained on.
    fn scaled(&self, input: &Input, load: Load) -> Result<Samples> {
        let grey = input.grey || !self.colour;
        let cut = Cut { block: self.block.unwrap_or(4), grey };
        let scaling = Scaling::As(&self.quantization);
        load(&input.paths, cut, input.header, &self.selection, scaling)
    }
}

/// How an input is read.
type Load = fn(&[PathBuf], Cut, bool, &Selection, Scaling) -> Result<Samples>;

fn other_size(has: usize, dimension: usize) -> String {
    format!("has vectors of {has} dimensions, the model {dimension}")
}

impl Task for Codebook {
    type Core = Vq;
    type Data = Samples;
    type Mark = Mark;
    const NAME: &'static str = "codebook";
    const COMMAND: &'static str = "train";
    const STEP: &'static str = "vectors";
    const DOING: &'static str = "training";
    const WATCHED: &'static str = "mean distance, against vectors";
    const STREAMS: bool = true;

    fn load(&self, input: &Input, model: &Path) -> Result<Samples> {
        if input.paths.is_empty() {
            return Err(Error::request("give the input that the model was trained on"));
        }
        let samples = self.scaled(input, input::load_rows)?;
        if samples.digest() != self.input {
            return Err(Error::input(
                model,
                "was trained on another input; name the one that it learned from",
            ));
        }
        Ok(Samples { coarse: self.plan.coarse(), ..samples })
    }

    fn steps(&self, samples: &Samples) -> u64 {
        samples.layout.vectors() as u64 * self.plan.passes
    }

    fn start(&self, samples: &Samples, built: &VqBuilt) -> Result<Vq> {
        start::start(&self.plan, samples, built.lanes.into())
    }

    fn enter(&self, core: &mut Vq, samples: &Samples, step: u64) {
        let vectors = (samples.layout.vectors() as u64).max(1);
        core.config.frequency_sensitive = step / vectors < self.plan.frequency_passes;
        if self.plan.fresh_counts && step.is_multiple_of(vectors) {
            core.counts.fill(1);
            core.config.halve = false;
        }
    }

    fn enters(&self, samples: &Samples, step: u64) -> bool {
        let (pass, of) = (self.order(samples).pass(step), samples.layout.vectors() as u64);
        step.is_multiple_of(of.max(1))
            && (self.plan.fresh_counts || pass == self.plan.frequency_passes)
    }

    fn order(&self, samples: &Samples) -> Order {
        Order { vectors: samples.layout.vectors(), seed: Some(self.plan.seed) }
    }

    fn gather(&self, samples: &Samples, numbers: &[usize]) -> Result<Vec<u8>> {
        samples.gather(numbers)
    }

    fn pause(&self, samples: &Samples, done: u64) -> Pause {
        let vectors = samples.layout.vectors() as u64;
        let next = |every: u64| (done / every + 1) * every;
        let (mark, pass) = (next(self.interval(samples)), next(vectors.max(1)));
        Pause { at: mark.min(pass), save: pass <= mark, keep: true }
    }

    fn mark(&self, seen: Seen<Self>) -> Result<Option<Mark>> {
        let due =
            seen.at.is_multiple_of(self.interval(seen.data)) || seen.at == self.steps(seen.data);
        let before = seen.before.map_or((0, 0), |m| (m.vectors, m.distortion));
        let Some(now) = seen.acknowledged.filter(|_| due && seen.at > before.0) else {
            return Ok(None);
        };
        let sum = now.value.wrapping_sub(before.1) & ((1 << 48) - 1);
        let mean_distance = sum as f64 / (seen.at - before.0) as f64;
        Ok(Some(Mark { vectors: seen.at, distortion: now.value, mean_distance }))
    }

    fn watched(mark: &Mark) -> Option<(f64, f64)> {
        Some((mark.vectors as f64, mark.mean_distance))
    }

    fn say(mark: &Mark) -> String {
        format!("distance {:.1}", mark.mean_distance)
    }

    fn validate(&self, state: &Vq) -> std::result::Result<(), String> {
        let c = &state.config;
        first_broken(&[
            (c.codewords == self.plan.codewords, "the plan has another number of codewords"),
            (self.quantization.signed == c.signed, "the signs disagree"),
            (self.block.is_none_or(|b| b * b == c.dimension), "the block is not the dimension"),
        ])
        .and_then(|()| self.quantization.validate(c.dimension))
        .and_then(|()| {
            let means = &self.selection.means;
            let whole = means.is_empty() || means.len() == c.dimension;
            first_broken(&[
                (whole && means.iter().all(|m| m.is_finite()), "a column's mean is missing"),
                (self.names.is_empty() || self.names.len() == c.dimension, "a name is missing"),
            ])
        })
        .and_then(|()| self.plan.validate())
    }

    fn from_version_1(old: Value) -> Option<Parts> {
        let mut distortion = 0_u64;
        let mut before = 0;
        let mut curve = Vec::new();
        for entry in old["history"].as_array()? {
            let (vectors, mean) = (entry[0].as_u64()?, entry[1].as_f64()?);
            let sum = mean * vectors.saturating_sub(before) as f64;
            distortion = (distortion + sum.round() as u64) & ((1 << 48) - 1);
            before = vectors;
            curve.push(json!({
                "vectors": vectors, "distortion": distortion, "mean_distance": mean,
            }));
        }
        let mut state = old["vq"].clone();
        let fields = state.as_object_mut()?;
        for size in ["codewords", "dimension"] {
            let built = fields.get("config")?.get(size)?.clone();
            fields.insert(size.into(), built);
        }
        let take = |name: &str| old.get(name).cloned();
        let plan = json!({
            "plan": take("plan")?, "quantization": take("quantization")?,
            "block": take("block")?, "input": take("input")?,
        });
        Some(Parts { plan, done: old["done"].as_u64()?, curve: Value::Array(curve), state })
    }

    /// The codewords, UQ8.7; a signed component's word is that of its value + 128.
    fn learned(&self, state: &Vq) -> Learned {
        let c = &state.config;
        let scale = |k| {
            let Scale { offset, scale } = self.quantization.of(k);
            let zero = if self.quantization.signed { 128.0 } else { 0.0 };
            Scale { offset: offset - scale * zero, scale }
        };
        Learned {
            name: "codebook",
            names: self.names.clone(),
            format: Format { signed: false, bits: 15, fraction: GUARD_BITS },
            scales: (0..c.dimension).map(scale).collect(),
            words: (0..c.codewords).flat_map(|i| state.codeword(i)).map(|&w| w.into()).collect(),
        }
    }
}

impl Model {
    /// The mean distance over the last pass, of so many vectors: since the last mark before it, or
    /// the beginning. None before anything is learned.
    pub fn mean_distance(&self, pass: u64) -> Option<f64> {
        let before = self.curve.iter().rev().find(|mark| mark.vectors + pass <= self.done);
        let (vectors, distortion) = before.map_or((0, 0), |mark| (mark.vectors, mark.distortion));
        let sum = self.state.config.distortion.wrapping_sub(distortion) & ((1 << 48) - 1);
        (self.done > vectors).then(|| sum as f64 / (self.done - vectors) as f64)
    }

    /// The codeword of this index as samples: what decoding shows.
    pub fn decoded(&self, index: usize) -> impl Iterator<Item = u8> + '_ {
        let flip = self.plan.quantization.flip();
        self.state.codeword(index).iter().map(move |&w| round_to_sample(w) ^ flip)
    }
}
