//! Classifying images by a low-bit network: the network comes from a file, and the core counts how
//! often it is right.

pub mod images;

use crate::export::{Format, Learned};
use crate::input::Scale;
use crate::order::{in_turn, Passes};
use crate::run::{self, Run};
use crate::task::{Input, Pause, Seen, Task};
use crate::{first_broken, Error, Result};
use fixlearn_map::network::NetworkBuilt;
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::cores::network::file::{FileLayer, NetworkFile};
use fixlearn_sim::golden::cores::network::{Config, Network};
use images::Images;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::Range;
use std::path::Path;

/// The task: which network, on which images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classify {
    pub network: NetworkFile,
    /// The column of the class; none where no images are counted.
    pub target: Option<String>,
    /// SHA-256 of the images and their classes.
    pub input: String,
}

/// How often it was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub images: u64,
    /// Of all of them, whose class was another.
    pub wrong: u32,
}

/// The network in a file, as it was exported.
///
/// # Errors
/// If the file cannot be read, is none, or says what no core computes.
pub fn read(path: &Path) -> Result<NetworkFile> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let network = parse(path, &bytes);
    if network.is_err() && run::is_run(path, bytes) {
        let message = "is a run, not a network; give the file that `fixlearn quantize` writes";
        return Err(Error::input(path, message));
    }
    network
}

fn parse(path: &Path, bytes: &[u8]) -> Result<NetworkFile> {
    let network: NetworkFile = serde_json::from_slice(bytes).map_err(|e| {
        let message = format!("is no network: {e}; give the file that `fixlearn quantize` writes");
        Error::input(path, message)
    })?;
    network.validate().map_err(|what| Error::input(path, what))?;
    Ok(network)
}

/// The network of a model's bytes: of a run, or as it was exported. With it the column of the
/// class. None if they are of something else.
///
/// # Errors
/// If they are a network, and damaged.
pub fn of_model(path: &Path, bytes: &[u8]) -> Result<Option<(NetworkFile, Option<String>)>> {
    if let Ok(head) = run::head(path, bytes.to_vec()) {
        if !head.is("network", Classify::NAME) {
            return Ok(None);
        }
        let plan = Run::<Classify>::parse(&head)?.plan;
        return Ok(Some((plan.network, plan.target)));
    }
    let value: Option<Value> = serde_json::from_slice(bytes).ok();
    let is_network = value.is_some_and(|v| v["core"] == "network" && v.get("layers").is_some());
    match is_network {
        true => Ok(Some((parse(path, bytes)?, None))),
        false => Ok(None),
    }
}

impl Classify {
    /// The core that has the network; none of its sizes holds it where that is empty.
    fn core(&self, built: NetworkBuilt) -> Network {
        self.network.core(built).unwrap_or_else(|_| Network::new(built))
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
        images.pixels.len() as u64
    }

    fn start(&self, _: &Images, built: &NetworkBuilt) -> Network {
        self.core(*built)
    }

    fn vectors(&self, images: &Images, steps: Range<u64>, _: &mut Passes) -> Vec<u8> {
        let each = in_turn(images.pixels.len(), steps);
        each.flat_map(|i| self.network.vector(&images.pixels[i], images.class(i))).collect()
    }

    fn pause(&self, images: &Images, done: u64) -> Pause {
        let every = (self.steps(images) / 20).max(1);
        Pause { at: (done / every + 1) * every, save: false, keep: false }
    }

    fn mark(&self, seen: Seen<Self>) -> Result<Option<Mark>> {
        // The second word of an acknowledgement is WRONG.
        Ok(seen
            .acknowledged
            .filter(|_| seen.before.is_none_or(|mark| seen.at > mark.images))
            .map(|now| Mark { images: seen.at, wrong: now.value as u32 }))
    }

    fn say(mark: &Mark) -> String {
        format!("{} wrong", mark.wrong)
    }

    fn validate(&self, state: &Network) -> std::result::Result<(), String> {
        self.network.validate()?;
        let asked = self.network.core(state.built())?.config;
        let counted = Config {
            images: state.config.images,
            wrong: state.config.wrong,
            class: state.config.class,
            ..asked
        };
        first_broken(&[(counted == state.config, "the registers are not those of the plan")])
    }

    /// The weights of all layers, one after the other, as the file has them.
    fn learned(&self, _: &Network) -> Learned {
        let layers = self.network.layers.iter();
        let weights = layers.filter_map(|layer| match layer {
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
