//! Samples of 8 bits: what they stand for, how they are laid out, and images cut into blocks.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How samples stand for values: `value = offset + scale * sample`, the sample two's complement
/// if `signed`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantization {
    pub offset: f64,
    pub scale: f64,
    pub signed: bool,
}

impl Quantization {
    /// Samples are the values.
    pub const IDENTITY: Self = Self { offset: 0.0, scale: 1.0, signed: false };

    /// The plainest that holds all values: as they are if whole and in 0..=255 or -128..=127,
    /// else the range from the least to the greatest in 255 steps.
    pub fn fit(values: &[f64]) -> Self {
        let whole = values.iter().all(|v| v.fract() == 0.0);
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if whole && low >= 0.0 && high <= 255.0 {
            Self::IDENTITY
        } else if whole && low >= -128.0 && high <= 127.0 {
            Self { signed: true, ..Self::IDENTITY }
        } else {
            let scale = if high > low { (high - low) / 255.0 } else { 1.0 };
            Self { offset: low, scale, signed: false }
        }
    }

    /// The sample's byte; values outside the range saturate.
    pub fn sample(&self, value: f64) -> u8 {
        let level = ((value - self.offset) / self.scale).round();
        if self.signed {
            level.clamp(-128.0, 127.0) as i8 as u8
        } else {
            level.clamp(0.0, 255.0) as u8
        }
    }

    /// What turns a sample into the core's unsigned one, and back, by exclusive or.
    pub fn flip(&self) -> u8 {
        if self.signed {
            0x80
        } else {
            0
        }
    }

    /// The value that a sample stands for.
    pub fn value(&self, sample: u8) -> f64 {
        let level = if self.signed { f64::from(sample as i8) } else { f64::from(sample) };
        self.offset + self.scale * level
    }

    /// The value of a codeword component in UQ8.7; a signed one is offset by 128.
    pub fn value_of_codeword(&self, w: u16) -> f64 {
        let level = f64::from(w) / 128.0 - if self.signed { 128.0 } else { 0.0 };
        self.offset + self.scale * level
    }
}

/// How vectors are laid out in the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Layout {
    /// Images of one size, cut into `block` x `block` pixels from the top left; at the right and
    /// the bottom the edge is repeated.
    Images { count: usize, width: usize, height: usize, block: usize },
    /// Rows of a table.
    Table { rows: usize, columns: usize },
}

impl Layout {
    pub fn vectors(&self) -> usize {
        match *self {
            Self::Images { count, width, height, block } => {
                count * width.div_ceil(block) * height.div_ceil(block)
            }
            Self::Table { rows, .. } => rows,
        }
    }

    pub fn dimension(&self) -> usize {
        match *self {
            Self::Images { block, .. } => block * block,
            Self::Table { columns, .. } => columns,
        }
    }

    /// Samples in the input: pixels or table cells.
    pub fn samples(&self) -> usize {
        match *self {
            Self::Images { count, width, height, .. } => count * width * height,
            Self::Table { rows, columns } => rows * columns,
        }
    }

    /// Calls `visit(place in the input, place in the vectors)` for every sample.
    fn places(&self, mut visit: impl FnMut(usize, usize)) {
        match *self {
            Self::Images { count, width, height, block } => {
                let across = width.div_ceil(block);
                let blocks = across * height.div_ceil(block);
                for i in 0..count {
                    for y in 0..height {
                        for x in 0..width {
                            let cell = i * blocks + (y / block) * across + x / block;
                            let inside = (y % block) * block + x % block;
                            visit((i * height + y) * width + x, cell * block * block + inside);
                        }
                    }
                }
            }
            Self::Table { rows, columns } => (0..rows * columns).for_each(|i| visit(i, i)),
        }
    }

    /// From the order of vectors to that of the input.
    pub fn restore<T: Copy + Default>(&self, vectors: &[T]) -> Vec<T> {
        let mut plain = vec![T::default(); self.samples()];
        self.places(|at, from| plain[at] = vectors[from]);
        plain
    }
}

/// An input, ready for the core.
#[derive(Clone, Debug)]
pub struct Samples {
    /// `layout.vectors() * layout.dimension()` samples, vector after vector.
    pub vectors: Vec<u8>,
    pub layout: Layout,
    pub quantization: Quantization,
}

impl Samples {
    /// The vector of this number.
    pub fn vector(&self, index: usize) -> &[u8] {
        let d = self.layout.dimension();
        &self.vectors[index * d..(index + 1) * d]
    }

    /// The vectors of these numbers, one after the other.
    pub fn gather(&self, numbers: &[usize]) -> Vec<u8> {
        numbers.iter().flat_map(|&i| self.vector(i)).copied().collect()
    }

    /// SHA-256 of layout and samples, as hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{:?} {:?}", self.layout, self.quantization.signed));
        hash.update(&self.vectors);
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// Cuts grey images of one size, one after the other in `pixels`, into blocks.
pub fn from_pixels(pixels: &[u8], width: usize, height: usize, block: usize) -> Samples {
    let frame = (width * height).max(1);
    let layout = Layout::Images { count: pixels.len() / frame, width, height, block };
    let (across, down) = (width.div_ceil(block), height.div_ceil(block));
    let mut vectors = Vec::with_capacity(layout.vectors() * block * block);
    for image in pixels.chunks_exact(frame) {
        for cell in 0..across * down {
            for inside in 0..block * block {
                let y = (cell / across * block + inside / block).min(height - 1);
                let x = (cell % across * block + inside % block).min(width - 1);
                vectors.push(image[y * width + x]);
            }
        }
    }
    Samples { vectors, layout, quantization: Quantization::IDENTITY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_put_back_are_the_image(w in 1_usize..20, h in 1_usize..20, block in 1_usize..6) {
            let pixels: Vec<u8> = (0..2 * w * h).map(|i| (i * 7) as u8).collect();
            let samples = from_pixels(&pixels, w, h, block);
            prop_assert_eq!(samples.vectors.len(), samples.layout.vectors() * block * block);
            prop_assert_eq!(samples.layout.restore(&samples.vectors), pixels);
        }

        #[test]
        fn quantization_is_within_half_a_step(values in prop::collection::vec(-1e6..1e6, 2..50)) {
            let q = Quantization::fit(&values);
            for v in values {
                let back = q.value(q.sample(v));
                prop_assert!((back - v).abs() <= q.scale * 0.5001);
            }
        }
    }
}
