//! Fusing quantized readings: where a source is, from the codewords of nodes at known places.

pub mod field;
mod page;
pub mod quantizer;
pub mod request;

use crate::device::Device;
use crate::export::{Format, Learned};
use crate::input::{cells, Scale, Table};
use crate::order::Order;
use crate::run::Run;
use crate::task::{Input, Pause, Seen, Task};
use crate::{first_broken, Error, Result};
use field::{Field, Readings};
use fixlearn_map::fusion::{bucket, FusionBuilt, MOST_BITS, MOST_NODES, WAYS};
use fixlearn_sim::golden::cores::fusion::{Answer, Config, Fusion, Position, Sample};
use quantizer::{key, Merging, Quantizer};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Where readings and positions come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A field that is simulated: sources to learn from, and those to ask for.
    Simulated { field: Field, samples: usize, asked: usize, seed: u64 },
    /// A table: the columns of the position, and of the nodes. Every tenth row is not learned.
    Table { position: [String; 2], nodes: Vec<String>, header: bool },
}

/// Where a position is in the field: `(p - offset) / side`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Area {
    pub offset: [f64; 2],
    pub side: f64,
}

/// Samples of a simulated field at most, and those that are asked for.
pub const MOST_SAMPLES: usize = 4_000_000;
pub const MOST_ASKED: usize = 4000;

/// The task: what the nodes send, and how often it is learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fuse {
    pub source: Source,
    pub area: Area,
    pub bits: u32,
    pub weight: u32,
    /// How the quantizers were designed.
    pub merging: Merging,
    /// Of each node.
    pub quantizers: Vec<Quantizer>,
    pub passes: u64,
    /// SHA-256 of the samples.
    pub input: String,
}

/// What is learned, and what is asked.
#[derive(Clone, Debug)]
pub struct Samples {
    pub training: Vec<Sample>,
    /// The codewords of a source that is not learned, and where it is.
    pub asked: Vec<(u32, [f64; 2])>,
}

/// How far answers are off while learning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub samples: u64,
    /// Sum of the distances of all samples, UQ48.16 of the side.
    pub error: u64,
    /// Mean distance since the mark before, along `x` plus along `y`, in the positions' units.
    pub distance: f64,
}

impl Source {
    pub fn nodes(&self) -> usize {
        match self {
            Self::Simulated { field, .. } => field.nodes.len(),
            Self::Table { nodes, .. } => nodes.len(),
        }
    }

    /// The readings to learn from, and those to ask for.
    ///
    /// # Errors
    /// If a file cannot be read or lacks a column.
    pub fn read(&self, input: &Input) -> Result<(Readings, Readings)> {
        match self {
            Self::Simulated { field, samples, asked, seed } => {
                if let Some(path) = input.paths.first() {
                    return Err(Error::input(path, "is not needed: the field is simulated"));
                }
                Ok((field.simulate(*samples, *seed), field.simulate(*asked, seed.wrapping_add(1))))
            }
            Self::Table { header, .. } => {
                let path = input.one()?;
                self.of_table(path, &cells(path, *header)?)
            }
        }
    }

    /// The same of a table that was read.
    ///
    /// # Errors
    /// If it lacks a column, or there is nothing to learn.
    pub fn of_table(&self, path: &Path, table: &Table) -> Result<(Readings, Readings)> {
        match self {
            Self::Simulated { .. } => {
                Err(Error::input(path, "is not needed: the field is simulated"))
            }
            Self::Table { position, nodes, .. } => {
                let column = |name: &String| -> Result<Vec<f64>> {
                    table.numbers(path, table.find(path, name)?)
                };
                let [x, y] = position;
                let (x, y) = (column(x)?, column(y)?);
                let nodes = nodes.iter().map(column).collect::<Result<Vec<_>>>()?;
                let part = |asked: bool| {
                    let rows = || (0..x.len()).filter(move |row| (row % 10 == 9) == asked);
                    let of = |values: &Vec<f64>| rows().map(|row| values[row]).collect();
                    Readings {
                        positions: rows().map(|row| [x[row], y[row]]).collect(),
                        nodes: nodes.iter().map(of).collect(),
                    }
                };
                let (training, asked) = (part(false), part(true));
                let side = Area::of(&training).side.max(Area::of(&asked).side);
                if side > 1e100 {
                    let message =
                        format!("{}, {}: positions beyond a usual range", position[0], position[1]);
                    return Err(Error::input(path, message));
                }
                let message = match Area::of(&training).side > 0.0 {
                    _ if asked.positions.is_empty() => {
                        "has fewer than 10 rows; every tenth is not learned"
                    }
                    true => {
                        table.say(path);
                        return Ok((training, asked));
                    }
                    false => "has one position alone; there is nothing to estimate",
                };
                Err(Error::input(path, message))
            }
        }
    }
}

impl Area {
    /// Of these positions: the least square that holds them.
    pub fn of(readings: &Readings) -> Self {
        let part = |i: usize| readings.positions.iter().map(move |p| p[i]);
        let low = |i| part(i).fold(f64::INFINITY, f64::min);
        let high = |i| part(i).fold(f64::NEG_INFINITY, f64::max);
        let side = (high(0) - low(0)).max(high(1) - low(1));
        Self { offset: [low(0), low(1)], side }
    }

    /// A position lies in the square, or on its border.
    pub fn holds(&self, at: [f64; 2]) -> bool {
        (0..2).all(|i| (0.0..=self.side).contains(&(at[i] - self.offset[i])))
    }

    fn position(&self, at: [f64; 2]) -> Position {
        let word = |i: usize| ((at[i] - self.offset[i]) / self.side * 65536.0) as u16;
        Position { x: word(0), y: word(1) }
    }

    /// Where an answer says the source is.
    pub fn place(&self, answer: Answer) -> [f64; 2] {
        let at =
            |word: u16, i: usize| self.offset[i] + (f64::from(word) + 0.5) / 4096.0 * self.side;
        [at(answer.x, 0), at(answer.y, 1)]
    }
}

impl Fuse {
    /// Readings as samples.
    pub fn samples(&self, training: &Readings, asked: &Readings) -> Samples {
        let sent = |readings: &Readings, n: usize| {
            key(&self.quantizers, self.bits, readings.nodes.iter().map(|values| values[n]))
        };
        let at = training.positions.iter().enumerate();
        let of = asked.positions.iter().enumerate();
        Samples {
            training: at
                .map(|(n, &at)| Sample { key: sent(training, n), at: self.area.position(at) })
                .collect(),
            asked: of.map(|(n, &at)| (sent(asked, n), at)).collect(),
        }
    }

    fn interval(&self, samples: &Samples) -> u64 {
        (self.steps(samples) / 40).max(1)
    }
}

/// Where the device says that each of these samples is.
///
/// # Errors
/// As the link's.
pub fn estimates(
    device: &mut Device<Fusion>,
    Run { plan, state, .. }: &Run<Fuse>,
    samples: impl Iterator<Item = Sample>,
) -> Result<Vec<[f64; 2]>> {
    let vectors: Vec<u8> = samples.flat_map(|sample| sample.bytes()).collect();
    let place = |answer: Vec<u8>| {
        let word = answer.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
        plan.area.place(Answer::from_word(word))
    };
    let answers = device.holding(state, |device| device.recall(&vectors, |_| {}))?;
    Ok(answers.into_iter().map(place).collect())
}

impl Samples {
    /// SHA-256 of what is learned and of what is asked, as hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        self.training.iter().for_each(|s| hash.update(s.bytes()));
        for (key, at) in &self.asked {
            hash.update(key.to_be_bytes());
            at.iter().for_each(|place| hash.update(place.to_be_bytes()));
        }
        fixlearn_sim::hex(hash.finalize())
    }
}

impl Task for Fuse {
    type Core = Fusion;
    type Data = Samples;
    type Mark = Mark;
    const NAME: &'static str = "fuse";
    const COMMAND: &'static str = "fuse";
    const STEP: &'static str = "samples";
    const DOING: &'static str = "counting";
    const WATCHED: &'static str = "mean distance from the source, against samples";
    const STREAMS: bool = true;

    fn load(&self, input: &Input, model: &Path) -> Result<Samples> {
        let (training, asked) = self.source.read(input)?;
        let samples = self.samples(&training, &asked);
        if samples.digest() != self.input {
            return Err(Error::input(model, "was made of other readings"));
        }
        Ok(samples)
    }

    fn steps(&self, samples: &Samples) -> u64 {
        samples.training.len() as u64 * self.passes
    }

    fn start(&self, _: &Samples, built: &FusionBuilt) -> Result<Fusion> {
        let nodes = self.quantizers.len() as u32;
        let config = Config { nodes, bits: self.bits, weight: self.weight, ..Config::power_up() };
        Ok(Fusion::new(config, *built))
    }

    fn order(&self, samples: &Samples) -> Order {
        Order { vectors: samples.training.len(), seed: None }
    }

    fn gather(&self, samples: &Samples, numbers: &[usize]) -> Result<Vec<u8>> {
        Ok(numbers.iter().flat_map(|&i| samples.training[i].bytes()).collect())
    }

    fn pause(&self, samples: &Samples, done: u64) -> Pause {
        let every = self.interval(samples);
        Pause { at: (done / every + 1) * every, save: false, keep: false }
    }

    fn mark(&self, seen: Seen<Self>) -> Result<Option<Mark>> {
        let Seen { at, acknowledged, before, data, .. } = seen;
        let (from, error) = before.map_or((0, 0), |mark| (mark.samples, mark.error));
        let due = at.is_multiple_of(self.interval(data)) || at == self.steps(data);
        Ok(acknowledged.filter(|_| due && at > from).map(|now| {
            let whole = now.value.wrapping_sub(error) as f64 / 65536.0 * self.area.side;
            Mark { samples: at, error: now.value, distance: whole / (at - from) as f64 }
        }))
    }

    fn watched(mark: &Mark) -> Option<(f64, f64)> {
        Some((mark.samples as f64, mark.distance))
    }

    fn say(mark: &Mark) -> String {
        format!("{:.3} off", mark.distance)
    }

    fn validate(&self, state: &Fusion) -> std::result::Result<(), String> {
        let nodes = self.quantizers.len();
        let whole = |q: &Quantizer| {
            q.codewords.len() == q.bounds.len() + 1
                && q.codewords.iter().all(|&code| u32::from(code) < 1 << self.bits)
                && q.bounds.windows(2).all(|pair| pair[0] <= pair[1])
        };
        let usual = |x: f64| (1e-6..=1e6).contains(&x);
        let (nodes_there, is_usual) = match &self.source {
            Source::Simulated { field, samples, asked, .. } => {
                let places = field.nodes.iter().flatten().all(|place| place.is_finite());
                let field_is = [field.side, field.strength, field.sigma].map(usual) == [true; 3];
                let sizes =
                    (1..=MOST_SAMPLES).contains(samples) && (1..=MOST_ASKED).contains(asked);
                (field.nodes.len(), places && field_is && sizes)
            }
            Source::Table { position, nodes, .. } => (nodes.len(), position[0] != position[1]),
        };
        first_broken(&[
            (nodes_there == nodes, "there is not a quantizer for each node"),
            (is_usual, "the field is not a usual one"),
            ((1..=MOST_BITS).contains(&self.bits), "the bits are not 1 to 4"),
            ((1..=usize::from(MOST_NODES)).contains(&nodes), "the nodes are not 1 to 8"),
            (self.quantizers.iter().all(whole), "a quantizer is damaged"),
            (self.weight <= 3, "the weight is not 0 to 3"),
            (self.area.side > 0.0 && self.area.side.is_finite(), "the field has no side"),
            (self.passes <= 1 << 20, "passes are above 1048576"),
            (state.config.nodes as usize == nodes, "the plan has another number of nodes"),
            (state.config.bits == self.bits, "the plan has codewords of other bits"),
        ])
    }

    /// Of each combination that is stored its codewords, as one number, and its mean position.
    fn learned(&self, state: &Fusion) -> Learned {
        let bits = (state.combinations.len() / WAYS).trailing_zeros();
        let places = state.combinations.iter().zip(&state.positions).enumerate();
        let rows = places.filter(|(_, (word, _))| **word & 0xff > 0);
        let words = rows.flat_map(|(place, (word, mean))| {
            let above = (word >> 8) << bits;
            let key = above | (bucket(above, bits).0 ^ (place / WAYS) as u32);
            [key, mean >> 16, mean & 0xffff].map(i64::from)
        });
        let side = |i: usize| Scale { offset: self.area.offset[i], scale: self.area.side };
        Learned {
            name: "combinations",
            names: ["codewords", "x", "y"].map(String::from).to_vec(),
            format: Format { signed: false, bits: 32, fraction: 16 },
            scales: vec![Scale { offset: 0.0, scale: 65536.0 }, side(0), side(1)],
            words: words.collect(),
        }
    }
}
