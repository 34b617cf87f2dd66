//! The model file: JSON, versioned, complete enough to go on training from it.
//!
//! | field | holds |
//! |---|---|
//! | `format`, `version` | `"fixlearn-model"`, [`VERSION`] |
//! | `core` | `"vq"` |
//! | `vq.config` | the registers, by name, as they were when the file was written |
//! | `vq.codebook` | codewords in UQ8.7 (divide by 128), codeword after codeword |
//! | `vq.residues`, `vq.counts` | error-feedback residues in UQ0.8 steps; win counts |
//! | `vq.lanes` | lanes of the core that trained it |
//! | `quantization` | what a sample stands for |
//! | `block` | image block, or null for tables |
//! | `plan`, `done` | the training asked for, and vectors learned so far |
//! | `input` | SHA-256 of the training samples |
//! | `history` | (vectors, mean distance since the entry before) |

use crate::data::Quantization;
use crate::train::Plan;
use crate::{first_broken, output, Error, Result};
use fixlearn_sim::golden::vq::{round_to_sample, Vq, FULL_SCALE};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the file format.
pub const VERSION: u32 = 1;
pub(crate) const FORMAT: &str = "fixlearn-model";

/// A trained, or partly trained, codebook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    format: String,
    version: u32,
    core: String,
    pub quantization: Quantization,
    pub block: Option<usize>,
    pub plan: Plan,
    pub done: u64,
    pub input: String,
    pub history: Vec<(u64, f64)>,
    pub vq: Vq,
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
    #[serde(default)]
    core: String,
}

/// Which core's model the file holds.
///
/// # Errors
/// If the file cannot be read, is no model, or is of another version.
pub fn core_of(path: &Path) -> Result<String> {
    open(path).map(|(core, _)| core)
}

/// The core, and the file's whole text.
pub(crate) fn open(path: &Path) -> Result<(String, Vec<u8>)> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let head: Head = serde_json::from_slice(&bytes)
        .map_err(|_| Error::input(path, "not a fixlearn model; `fixlearn train` makes one"))?;
    if head.format != FORMAT {
        let message = format!("is a `{}`, not a fixlearn model", head.format);
        return Err(Error::input(path, message));
    }
    if head.version != VERSION {
        let message = format!(
            "is a model of version {}; this fixlearn reads version {VERSION}: train it again",
            head.version
        );
        return Err(Error::input(path, message));
    }
    Ok((head.core, bytes))
}

impl Model {
    pub fn new(
        vq: Vq,
        plan: Plan,
        quantization: Quantization,
        block: Option<usize>,
        input: String,
    ) -> Self {
        Self {
            format: FORMAT.into(),
            version: VERSION,
            core: "vq".into(),
            quantization,
            block,
            plan,
            done: 0,
            input,
            history: Vec::new(),
            vq,
        }
    }

    /// # Errors
    /// If the file cannot be read, is no model, is of another version, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        let (core, bytes) = open(path)?;
        if core == "gradient" {
            return Err(Error::input(path, "is of a gradient core, not a codebook"));
        }
        let model: Self = serde_json::from_slice(&bytes)
            .map_err(|e| Error::input(path, format!("the model is damaged: {e}")))?;
        model
            .validate()
            .map_err(|what| Error::input(path, format!("the model is damaged: {what}")))?;
        Ok(model)
    }

    /// Everything that the code relies upon, so that no file can make it panic.
    fn validate(&self) -> std::result::Result<(), String> {
        let c = &self.vq.config;
        let size = c.codewords.checked_mul(c.dimension).unwrap_or(0);
        let rules = [
            (self.core == "vq", "the core is not vq"),
            ((1..=256).contains(&c.codewords), "codewords are not 1 to 256"),
            ((1..=256).contains(&c.dimension), "dimensions are not 1 to 256"),
            (self.vq.lanes.is_power_of_two() && self.vq.lanes <= 16, "lanes are not 1 to 16"),
            (self.vq.codebook.len() == size, "the codebook has another size"),
            (self.vq.residues.len() == size, "the residues have another size"),
            (self.vq.counts.len() == c.codewords, "the win counts have another size"),
            (self.vq.codebook.iter().all(|&w| w <= FULL_SCALE), "a codeword is above 255.0"),
            (self.vq.counts.iter().all(|&n| n > 0), "a win count is 0"),
            (c.rate_shift < 16 && c.rate_final < 16, "a rate shift is above 15"),
            (c.rate_period < 1 << 24 && c.rate_timer < 1 << 24, "a rate period is above 24 bits"),
            (c.radius < 256, "the radius is above 255"),
            (
                c.radius_period < 1 << 24 && c.radius_timer < 1 << 24,
                "a radius period is above 24 bits",
            ),
            (c.columns_log2 <= 8 && c.falloff < 4, "the grid is out of range"),
            (c.count_cap >= 2, "the count cap is below 2"),
            (c.noise != 0, "the noise state is 0"),
            (c.distortion < 1 << 48, "the distortion is above 48 bits"),
            (self.quantization.scale > 0.0, "the scale is not positive"),
            (self.quantization.signed == c.signed, "the signs disagree"),
            (self.block.is_none_or(|b| b * b == c.dimension), "the block is not the dimension"),
        ];
        first_broken(&rules).and_then(|()| self.plan.validate())
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_vec(self).map_err(|e| Error::request(e.to_string()))?;
        text.push(b'\n');
        output::write(path, &text)
    }

    /// The codebook as `.npy`: float32, codewords x dimensions, in the units of the input.
    pub fn npy(&self) -> std::io::Result<Vec<u8>> {
        let c = &self.vq.config;
        let values = self.vq.codebook.iter();
        output::npy(
            c.codewords,
            c.dimension,
            values.map(|&w| self.quantization.value_of_codeword(w) as f32),
        )
    }

    /// The codeword of this index as samples: what decoding shows.
    pub fn decoded(&self, index: usize) -> impl Iterator<Item = u8> + '_ {
        let d = self.vq.config.dimension;
        let flip = self.quantization.flip();
        self.vq.codebook[index * d..(index + 1) * d].iter().map(move |&w| round_to_sample(w) ^ flip)
    }
}
