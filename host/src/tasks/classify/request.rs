//! What is asked of a network, as far as it is said: the rest follows from network and images.

use super::images::Images;
use super::{usual_margin, Classify, Learning, MOST_EPOCHS};
use crate::tasks::in_registers;
use crate::{first_broken, output, Error, Result};
use fixlearn_map::network::{self as map, REGISTERS};
use fixlearn_sim::golden::arith::Rounding;
use fixlearn_sim::golden::cores::network::file::{twice, NetworkFile};
use serde::Deserialize;
use std::path::Path;

/// What is asked for; what is none follows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The last layer learns; else images are counted.
    pub learn: bool,
    pub new_classes: Vec<String>,
    pub last_bits: Option<u32>,
    pub epochs: Option<u32>,
    pub seed: Option<u64>,
    pub rate_shift: Option<u32>,
    pub rounding: Option<Rounding>,
    pub margin: Option<u32>,
}

impl Request {
    /// What the command line's parser sees to already.
    ///
    /// # Errors
    /// Naming the first option that is out of range.
    pub fn in_range(&self) -> Result<()> {
        let epochs = 1..=MOST_EPOCHS as u32;
        first_broken(&[
            (self.last_bits.is_none_or(|bits| [2, 4, 8].contains(&bits)), "--last-bits: 2, 4 or 8"),
            (self.epochs.is_none_or(|n| epochs.contains(&n)), "--epochs: 1 to 1000000"),
            (
                self.rounding != Some(Rounding::ErrorFeedback),
                "--rounding: truncate, nearest or stochastic",
            ),
        ])
        .map_err(Error::Request)?;
        in_registers(
            REGISTERS,
            &[("--rate-shift", map::RATE, self.rate_shift), ("--margin", map::MARGIN, self.margin)],
        )
    }

    /// The network as it is put on the device; `path` is what messages name.
    ///
    /// # Errors
    /// If it cannot have such weights, or so many classes.
    pub fn network(&self, path: &Path, network: NetworkFile) -> Result<NetworkFile> {
        let given = |what: String| Error::input(path, what);
        let network = match self.last_bits.or(self.learn.then_some(8)) {
            Some(bits) => network.widened(bits).map_err(|what| {
                given(format!(
                    "{what}; that is with the last layer's weights of {bits} bits, and \
                     --last-bits sets others"
                ))
            })?,
            None => network,
        };
        let new = &self.new_classes;
        if let Some(class) = twice(&[&network.classes[..], new].concat()) {
            let class = output::shown(class);
            let message = format!("--new-class: `{class}` is empty, given twice, or there");
            return Err(Error::request(message));
        }
        match new.is_empty() {
            true => Ok(network),
            false => network
                .with_classes(new)
                .map_err(|what| Error::request(format!("--new-class: {what}; give fewer"))),
        }
    }

    /// What is asked, of images that the network takes.
    ///
    /// # Errors
    /// If they are more in all than the core counts.
    pub fn plan(
        &self,
        network: NetworkFile,
        target: Option<String>,
        images: &Images,
    ) -> Result<Classify> {
        let rate_shift = self.rate_shift.unwrap_or(2);
        let epochs = u64::from(self.epochs.unwrap_or(5));
        if epochs.saturating_mul(images.pixels.len() as u64) > u64::from(u32::MAX) {
            let message = "--epochs: more than 2^32 images in all; the core does not count so far";
            return Err(Error::request(message));
        }
        let learning = self.learn.then(|| Learning {
            epochs,
            seed: self.seed.unwrap_or(1),
            rate_shift,
            rounding: self.rounding.unwrap_or(Rounding::Stochastic),
            margin: self.margin.unwrap_or_else(|| usual_margin(&network, images, rate_shift)),
        });
        let (input, columns) = (images.digest(), images.columns.clone());
        Ok(Classify { network, target, columns, input, learning })
    }
}
