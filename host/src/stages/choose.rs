//! Which blocks are split, and the threshold that meets a rate.

use super::entropy::Coder;
use super::format::{Head, Kind, Writer};
use super::frames::{bare, Shelf, Tree, Walk, NONE};
use super::learn::Searched;
use crate::codec::index_bits;
use crate::{output, Error, Result};

/// Width, height and codewords of the stages that a rate chooses from; two without one.
pub const LADDER: [(usize, usize, usize); 4] = [(8, 8, 256), (4, 4, 256), (4, 2, 64), (2, 1, 16)];

/// Blocks of a stage that are learned from, in 1/1000: the worst of those that it may split. More
/// bits split more, and what is learned is to be like what is coded.
pub fn share(stage: usize, bits: Option<f64>) -> u32 {
    match (stage, bits) {
        (0, _) => 1000,
        (_, None) => 500,
        (1, Some(bits)) => (1200.0 * bits).clamp(200.0, 1000.0) as u32,
        (_, Some(bits)) => (800.0 * bits).clamp(300.0, 1000.0) as u32,
    }
}

/// A rate that is met within this share of it.
const NEAR: f64 = 0.02;

/// A frame with the splits that save more than `threshold` squared sample steps a bit of the
/// indices that they cost.
fn frame(head: &Head, full: &Tree, errors: &[Vec<Vec<u64>>], threshold: f64) -> Tree {
    let mut tree = bare(head);
    for plane in 0..head.planes {
        for cell in 0..full[plane][0].len() {
            block(head, &full[plane], &errors[plane], threshold, 0, cell, &mut tree[plane]);
        }
    }
    tree
}

/// Writes the best of a block into `tree`; its error.
fn block(
    head: &Head,
    full: &[Vec<u16>],
    errors: &[Vec<u64>],
    threshold: f64,
    stage: usize,
    cell: usize,
    tree: &mut [Vec<u16>],
) -> u64 {
    tree[stage][cell] = full[stage][cell];
    let error = errors[stage][cell];
    let Some(next) = head.stages.get(stage + 1) else { return error };
    let parts = head.parts(stage, cell);
    if parts.clone().any(|part| full[stage + 1][part] == NONE) {
        return error;
    }
    let split: u64 =
        parts.clone().map(|part| block(head, full, errors, threshold, stage + 1, part, tree)).sum();
    let bits = (parts.clone().count() * index_bits(next.codewords)) as f64;
    let saved = (error as f64 - split as f64) / 65536.0;
    if !next.split || saved > threshold * bits {
        return split;
    }
    for part in parts {
        clear(head, stage + 1, part, tree);
    }
    error
}

/// Takes a block's indices away, and its parts'.
fn clear(head: &Head, stage: usize, cell: usize, tree: &mut [Vec<u16>]) {
    if std::mem::replace(&mut tree[stage][cell], NONE) == NONE {
        return;
    }
    for part in head.parts(stage, cell) {
        clear(head, stage + 1, part, tree);
    }
}

/// A file, and how it comes to its size.
#[derive(Clone, Debug)]
pub struct Encoded {
    pub bytes: Vec<u8>,
    pub threshold: f64,
    /// Bytes of the records of codebooks, and of frames.
    pub codebook_bytes: usize,
    pub frame_bytes: usize,
    /// Blocks of each stage that is in the file.
    pub blocks: Vec<u64>,
}

/// The file of these groups at this threshold.
///
/// # Errors
/// If it cannot be coded, which no searched frame is.
pub fn encode(head: &Head, groups: &[Searched], threshold: f64) -> Result<Encoded> {
    let uncodable = || Error::request("an index is none of its codebook's");
    let whole = groups.iter().map(|group| {
        let pairs = group.trees.iter().zip(&group.errors);
        pairs.map(|(full, errors)| frame(head, full, errors, threshold)).collect::<Vec<Tree>>()
    });
    let whole: Vec<Vec<Tree>> = whole.collect();
    let of_stage = |s: usize| {
        let planes = whole.iter().flatten().flatten();
        planes.flat_map(|plane| &plane[s]).filter(|&&i| i != NONE).count() as u64
    };
    let mut blocks: Vec<u64> = (0..head.stages.len()).map(of_stage).collect();
    // The last stages, if no block has them, are not in the file.
    while blocks.len() > 1 && blocks.last() == Some(&0) {
        blocks.pop();
    }
    let head = &Head { stages: head.stages[..blocks.len()].to_vec(), ..head.clone() };
    let mut file = Writer::new(head);
    let mut walk = Walk::new(head);
    let mut shelf = Shelf::new(head);
    let mut codebook_bytes = 0;
    let bar = output::progress(head.frames as u64, "coding");
    for (group, trees) in groups.iter().zip(whole) {
        let start = file.0.len();
        for (s, codebook) in group.codebooks.iter().enumerate().take(blocks.len()) {
            let mut coder = Coder::writing();
            shelf.code(&mut coder, s, &codebook.components).ok_or_else(uncodable)?;
            let [a, b, c, d] = codebook.step.to_be_bytes();
            file.coded(Kind::Codebook, &[s as u8, a, b, c, d], coder);
        }
        codebook_bytes += file.0.len() - start;
        for mut tree in trees {
            let mut coder = Coder::writing();
            walk.frame(&mut coder, &mut tree).ok_or_else(uncodable)?;
            file.coded(Kind::Frame, &[], coder);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    let frame_bytes = file.0.len() - codebook_bytes;
    file.record(Kind::End, &[]);
    Ok(Encoded { bytes: file.0, threshold, codebook_bytes, frame_bytes, blocks })
}

/// The file whose rate is nearest to `bits` a sample, all of its bytes counted.
///
/// # Errors
/// If no threshold comes within 2 % of it, with the rates that there are.
pub fn at_rate(head: &Head, groups: &[Searched], bits: f64) -> Result<Encoded> {
    let samples = head.samples as f64 * head.planes as f64;
    let rate = |encoded: &Encoded| 8.0 * encoded.bytes.len() as f64 / samples;
    let near = |encoded: &Encoded| (rate(encoded) / bits - 1.0).abs();
    let most = encode(head, groups, 0.0)?;
    let least = encode(head, groups, f64::INFINITY)?;
    let (from, to) = (rate(&least), rate(&most));
    let mut best = if near(&most) < near(&least) { most } else { least };
    // Powers of two of a threshold, up to what a block of 256 samples can save at most, halved
    // until the rate is met.
    let (least, greatest) = head.bounds();
    let (mut low, mut high) = (-10.0, f64::from(2 * (greatest - least + 1).ilog2() + 8));
    for _ in 0..16 {
        if near(&best) <= NEAR / 10.0 || !(from..=to).contains(&bits) {
            break;
        }
        let middle: f64 = (low + high) / 2.0;
        let encoded = encode(head, groups, middle.exp2())?;
        if rate(&encoded) > bits {
            low = middle;
        } else {
            high = middle;
        }
        if near(&encoded) < near(&best) {
            best = encoded;
        }
    }
    if near(&best) <= NEAR {
        return Ok(best);
    }
    let bits = output::number(bits);
    let nearest = rate(&best);
    Err(Error::request(format!(
        "--bpp {bits}: these stages make {from:.3} to {to:.3} bits a sample, and {nearest:.3} is \
         the nearest to it; take other blocks or codewords"
    )))
}
