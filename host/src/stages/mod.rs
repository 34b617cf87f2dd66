//! Vector quantizers composed: each stage quantizes what the ones before left of a block or of its
//! parts; all of them are learned, and searched, on the one core.
//!
//! Two-stage adaptive vector quantization is that of Joo and Choi (1991): large blocks first, and
//! those that are not good enough are split and quantized again. Residual vector quantization
//! (Juang and Gray, 1982) is the same without a choice.

pub mod choose;
mod entropy;
pub mod file;
mod format;
mod frames;
pub mod learn;
pub mod pictures;
pub mod sound;
pub mod vectors;

pub use entropy::{KNOWN, LINE, PLAIN};
pub use format::{Content, Head, Reader, Stage, MOST_STAGES};
pub use frames::{Codebook, Tree};

/// Whether a file is one of stages, or the checkpoint of one, of any version.
pub fn is_file(path: &std::path::Path) -> bool {
    let ours = |bytes: Vec<u8>| Reader::is_file(&bytes) || learn::Progress::is_file(&bytes);
    crate::input::bytes(path).is_ok_and(ours)
}
