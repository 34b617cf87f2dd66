//! Classifying images by a low-bit network: the network comes from a file, and the core counts how
//! often it is right.

pub mod images;
mod page;
pub mod plot;
pub mod request;

use crate::export::{Format, Learned};
use crate::input::{self, Scale};
use crate::order::Order;
use crate::run::{self, Run};
use crate::task::{Input, Pause, Seen, Task};
use crate::{first_broken, output, Error, Result};
use fixlearn_map::network::{NetworkBuilt, MARGIN, REGISTERS};
use fixlearn_sim::golden::arith::Rounding;
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::cores::network::file::{FileLayer, NetworkFile};
use fixlearn_sim::golden::cores::network::{Config, Network};
use images::Images;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// The task: which network, on which images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classify {
    pub network: NetworkFile,
    /// The column of the class; none where no images are counted.
    pub target: Option<String>,
    /// The names of the columns of pixels; none where the table has none. Earlier files lack it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// SHA-256 of the images and their classes.
    pub input: String,
    /// How the last layer learns from them; none where they are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning: Option<Learning>,
}

/// Most epochs of a run.
pub const MOST_EPOCHS: u64 = 1_000_000;

/// How the last layer learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learning {
    /// Passes over the images, each in an order of its own.
    pub epochs: u64,
    /// Of that order, and of the noise.
    pub seed: u64,
    /// The rate is `2^-rate_shift`.
    pub rate_shift: u32,
    pub rounding: Rounding,
    /// In the scores' unit.
    pub margin: u32,
}

impl Learning {
    fn apply(&self, config: &mut Config) {
        config.learning = 1;
        config.rate = self.rate_shift;
        config.rounding = self.rounding.number();
        config.margin = self.margin;
        config.noise = fastrand::Rng::with_seed(self.seed).u32(1..);
    }
}

/// How often it was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub images: u64,
    /// Of all of them, whose class was another.
    pub wrong: u32,
}

/// The network in a file, as it was exported, or as a run learned it.
///
/// # Errors
/// If the file cannot be read, is none, or says what no core computes.
pub fn read(path: &Path) -> Result<NetworkFile> {
    let bytes = input::bytes(path)?;
    match of_model(path, &bytes)? {
        Some(model) => Ok(model.network),
        None if run::is_run(path, bytes.clone()) => {
            // Why it is none of `load`'s, or that it is damaged.
            run::head(path, bytes.clone())?;
            let message = "is a run of another task; give what `quantize` or `load` writes";
            Err(Error::input(path, message))
        }
        None => parse(path, &bytes),
    }
}

/// The network of these bytes, as it was exported.
///
/// # Errors
/// If they are none, or say what no core computes.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<NetworkFile> {
    let network: NetworkFile = serde_json::from_slice(bytes).map_err(|e| {
        let message = format!("is no network: {e}; give the file that `fixlearn quantize` writes");
        Error::input(path, message)
    })?;
    network.validate().map_err(|what| Error::input(path, what))?;
    Ok(network)
}

/// A network, and how its images stand in a table, where that is known.
#[derive(Clone, Debug)]
pub struct Model {
    pub network: NetworkFile,
    /// The column of the class.
    pub target: Option<String>,
    /// The columns of pixels.
    pub columns: Vec<String>,
}

/// The network of a model's bytes: of a run, or as it was exported. None if they are of something
/// else.
///
/// # Errors
/// If they are a network, and damaged.
pub fn of_model(path: &Path, bytes: &[u8]) -> Result<Option<Model>> {
    if let Ok(head) = run::head(path, bytes.to_vec()) {
        if !head.is("network", Classify::NAME) {
            return Ok(None);
        }
        let Run { plan, state, .. } = Run::<Classify>::parse(&head)?;
        let network = plan.network.learned(&state);
        return Ok(Some(Model { network, target: plan.target, columns: plan.columns }));
    }
    let value: Option<Value> = serde_json::from_slice(bytes).ok();
    let is_network = value.is_some_and(|v| v["core"] == "network" && v.get("layers").is_some());
    match is_network {
        true => {
            let network = parse(path, bytes)?;
            Ok(Some(Model { network, target: None, columns: Vec::new() }))
        }
        false => Ok(None),
    }
}

/// The margin that is taken where none is given: what four updates move a score by, by the mean
/// square of what the last layer is given.
pub fn usual_margin(network: &NetworkFile, images: &Images, rate_shift: u32) -> u32 {
    let squares = |image: &Vec<u8>| {
        let given = network.forward(image).activations.pop();
        let given = given.as_ref().unwrap_or(image);
        given.iter().map(|&x| u64::from(x).pow(2)).sum::<u64>()
    };
    let bar = output::progress(images.pixels.len() as u64, "images, to choose the margin");
    let squares = images.pixels.iter().inspect(|_| bar.inc(1)).map(squares).sum::<u64>();
    bar.finish_and_clear();
    let mean = squares / images.pixels.len().max(1) as u64;
    let most = REGISTERS[usize::from(MARGIN)].bounds().map_or(u32::MAX, |(_, most)| most);
    ((4 * mean) >> rate_shift).min(most.into()) as u32
}

impl Classify {
    /// Images from one mark to the next: an epoch, or of images that are counted a twentieth.
    fn interval(&self, images: &Images) -> u64 {
        let many = images.pixels.len() as u64;
        if self.learning.is_some() { many } else { many / 20 }.max(1)
    }

    /// The images of each epoch that were wrong, where the last layer learns.
    pub fn wrong_by_epoch(&self, curve: &[Mark]) -> Vec<u32> {
        let before = std::iter::once(0).chain(curve.iter().map(|mark| mark.wrong));
        let each = curve.iter().zip(before).map(|(mark, before)| mark.wrong.wrapping_sub(before));
        each.filter(|_| self.learning.is_some()).collect()
    }

    /// The core that has the network, before it learns.
    ///
    /// # Errors
    /// As [`NetworkFile::core`]'s.
    pub fn core(&self, built: NetworkBuilt) -> std::result::Result<Network, String> {
        let mut core = self.network.core(built)?;
        if let Some(learning) = &self.learning {
            learning.apply(&mut core.config);
        }
        Ok(core)
    }
}

impl Task for Classify {
    type Core = Network;
    type Data = Images;
    type Mark = Mark;
    const NAME: &'static str = "classify";
    const COMMAND: &'static str = "load";
    const STEP: &'static str = "images";
    const DOING: &'static str = "classifying";
    const WATCHED: &'static str = "images wrong in an epoch, against images";
    const STREAMS: bool = true;

    fn load(&self, input: &Input, model: &Path) -> Result<Images> {
        let images = match &self.target {
            Some(target) => {
                let images = Images::read(input, &self.network, target)?;
                images.all_known(input, &self.network)?;
                images
            }
            None => match input.paths.first() {
                Some(path) => {
                    return Err(Error::input(path, "is not needed: no images were counted"))
                }
                None => Images::default(),
            },
        };
        match images.digest() == self.input {
            true => Ok(images),
            false => Err(Error::input(model, "was made of other images")),
        }
    }

    fn steps(&self, images: &Images) -> u64 {
        images.pixels.len() as u64 * self.learning.map_or(1, |learning| learning.epochs)
    }

    fn start(&self, _: &Images, built: &NetworkBuilt) -> Result<Network> {
        // None of its sizes holds the network where this is empty.
        Ok(self.core(*built).unwrap_or_else(|_| Network::new(*built)))
    }

    fn order(&self, images: &Images) -> Order {
        Order { vectors: images.pixels.len(), seed: self.learning.map(|learning| learning.seed) }
    }

    fn gather(&self, images: &Images, numbers: &[usize]) -> Result<Vec<u8>> {
        let vector = |&i: &usize| self.network.vector(&images.pixels[i], images.class(i));
        Ok(numbers.iter().flat_map(vector).collect())
    }

    fn pause(&self, images: &Images, done: u64) -> Pause {
        let every = self.interval(images);
        Pause {
            at: (done / every + 1) * every,
            save: self.learning.is_some(),
            keep: self.learning.is_some(),
        }
    }

    fn mark(&self, seen: Seen<Self>) -> Result<Option<Mark>> {
        // Not at a checkpoint on the way.
        let due =
            seen.at.is_multiple_of(self.interval(seen.data)) || seen.at == self.steps(seen.data);
        // The second word of an acknowledgement is WRONG.
        Ok(seen
            .acknowledged
            .filter(|_| due && seen.before.is_none_or(|mark| seen.at > mark.images))
            .map(|now| Mark { images: seen.at, wrong: now.value as u32 }))
    }

    fn watched(mark: &Mark) -> Option<(f64, f64)> {
        Some((mark.images as f64, mark.wrong.into()))
    }

    fn say(mark: &Mark) -> String {
        format!("{} wrong", mark.wrong)
    }

    fn agrees(
        &self,
        done: u64,
        curve: &[Mark],
        state: &Network,
    ) -> std::result::Result<(), String> {
        let none = Mark { images: 0, wrong: 0 };
        let before = std::iter::once(&none).chain(curve);
        let rises = before.zip(curve).all(|(a, b)| {
            let more = b.images.saturating_sub(a.images);
            b.images > a.images && b.wrong >= a.wrong && u64::from(b.wrong - a.wrong) <= more
        });
        let last = curve.last().unwrap_or(&none);
        let counted = &state.config;
        let epoch = curve.first().map_or(done + 1, |mark| mark.images).max(1);
        let whole = self.learning.is_none() || curve.len() as u64 == done / epoch;
        first_broken(&[
            (done == u64::from(counted.images), "the images done are not those that were counted"),
            (rises && last.images <= done, "the learning curve does not rise to its end"),
            (last.wrong <= counted.wrong, "the learning curve has more that were wrong"),
            (whole, "the learning curve does not have every epoch"),
        ])
    }

    fn validate(&self, state: &Network) -> std::result::Result<(), String> {
        let epochs =
            self.learning.is_none_or(|learning| (1..=MOST_EPOCHS).contains(&learning.epochs));
        first_broken(&[(epochs, "the epochs are out of range")])?;
        self.network.validate()?;
        let Config { images, wrong, class, saturated, noise, .. } = state.config;
        let mut asked = Config { images, wrong, class, ..self.core(state.built())?.config };
        if self.learning.is_some() {
            (asked.saturated, asked.noise) = (saturated, noise);
        }
        first_broken(&[(asked == state.config, "the registers are not those of the plan")])
    }

    /// The weights of all layers, one after the other, as the file has them.
    fn learned(&self, state: &Network) -> Learned {
        let network = self.network.learned(state);
        let weights = network.layers.iter().filter_map(|layer| match layer {
            FileLayer::Conv(w) | FileLayer::Dense(w) => Some(&w.weights),
            FileLayer::Pool => None,
        });
        Learned {
            name: "weights",
            names: Vec::new(),
            format: Format { signed: true, bits: 8, fraction: 0 },
            scales: vec![Scale::ONE],
            words: weights.flatten().map(|&w| w.into()).collect(),
        }
    }
}
