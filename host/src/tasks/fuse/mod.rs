//! Fusing quantized readings: where a source is, from the codewords of nodes at known places.

pub mod field;
pub mod quantizer;
