//! A codebook as decoding needs it.

use crate::input::Quantization;
use crate::tasks::codebook::Model;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A codebook as samples, and what they stand for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Codewords {
    pub count: usize,
    pub dimension: usize,
    pub quantization: Quantization,
    /// Names of a table's columns; none if it had none.
    pub names: Vec<String>,
    /// `count` x `dimension` bytes, codeword after codeword.
    #[serde(skip)]
    pub samples: Vec<u8>,
}

impl Codewords {
    /// SHA-256 of sizes, scales, names and samples, as hexadecimal digits.
    ///
    /// # Errors
    /// If a scale is no number.
    pub fn digest(&self) -> Result<String> {
        let mut hash = Sha256::new();
        hash.update(serde_json::to_vec(self).map_err(|e| Error::request(e.to_string()))?);
        hash.update(&self.samples);
        Ok(fixlearn_sim::hex(hash.finalize()))
    }

    /// The samples of the codeword of this index.
    pub fn codeword(&self, index: usize) -> &[u8] {
        &self.samples[index * self.dimension..(index + 1) * self.dimension]
    }

    /// The decoded samples, vector after vector.
    pub fn decode(&self, indices: impl Iterator<Item = usize>) -> Vec<u8> {
        indices.flat_map(|i| self.codeword(i).iter().copied()).collect()
    }

    /// This one with the samples that a file carries, and what follows them there.
    pub(super) fn carried(
        mut self,
        bytes: &[u8],
    ) -> std::result::Result<(Self, &[u8]), &'static str> {
        let sizes = (1..=256).contains(&self.count) && (1..=256).contains(&self.dimension);
        if !sizes || self.quantization.validate(self.dimension).is_err() {
            return Err("its codebook is none");
        }
        let length = self.count * self.dimension;
        let (samples, rest) =
            bytes.split_at_checked(length).ok_or("it ends within its codebook")?;
        self.samples = samples.to_vec();
        Ok((self, rest))
    }
}

impl From<&Model> for Codewords {
    fn from(model: &Model) -> Self {
        let c = &model.state.config;
        Self {
            count: c.codewords,
            dimension: c.dimension,
            quantization: model.plan.quantization.clone(),
            names: model.plan.names.clone(),
            samples: (0..c.codewords).flat_map(|i| model.decoded(i)).collect(),
        }
    }
}
