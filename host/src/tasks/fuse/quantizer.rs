//! What a node sends in place of a reading: a codeword, which may stand for several disjoint
//! intervals (Kim and Ortega, 2010).

use super::field::Readings;
use serde::{Deserialize, Serialize};

/// How the intervals of a node get their codewords.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Merging {
    /// An interval a codeword: a regular quantizer.
    None,
    /// The interval's number modulo the number of codewords.
    Fold,
    /// Step by step those two are merged that the other nodes tell apart best: that have the fewest
    /// samples in the same combinations of the others.
    Confusable,
    /// Step by step those two whose merging moves the means least: by the sum of the squared errors
    /// that it adds (Ward, 1963).
    Closest,
    /// The codeword of each interval of each node.
    Given(Vec<Vec<u8>>),
}

/// A node's quantizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantizer {
    /// Where an interval ends and the next begins, rising.
    pub bounds: Vec<f64>,
    /// Of each interval, one more than bounds.
    pub codewords: Vec<u8>,
}

impl Quantizer {
    /// The interval that holds a reading; a bound belongs to the interval above it.
    pub fn interval(&self, reading: f64) -> usize {
        self.bounds.partition_point(|&bound| bound <= reading)
    }

    /// What is sent.
    pub fn codeword(&self, reading: f64) -> u8 {
        self.codewords[self.interval(reading)]
    }
}

/// What the nodes send together, that of node 0 in the lowest bits.
pub fn key(quantizers: &[Quantizer], bits: u32, readings: impl Iterator<Item = f64>) -> u32 {
    let codewords = quantizers.iter().zip(readings).map(|(q, reading)| q.codeword(reading));
    codewords.enumerate().fold(0, |key, (i, code)| key | u32::from(code) << (i as u32 * bits))
}

/// Quantizers of so many equally probable intervals, of which each codeword of `bits` bits stands
/// for some.
pub fn design(
    readings: &Readings,
    intervals: usize,
    bits: u32,
    merging: &Merging,
) -> Vec<Quantizer> {
    let codewords = 1 << bits;
    let mut quantizers: Vec<Quantizer> = readings
        .nodes
        .iter()
        .map(|values| Quantizer {
            bounds: equally_probable(values, intervals),
            codewords: (0..intervals).map(|i| i as u8).collect(),
        })
        .collect();
    match merging {
        Merging::None => {}
        Merging::Fold => {
            for codeword in quantizers.iter_mut().flat_map(|q| &mut q.codewords) {
                *codeword %= codewords as u8;
            }
        }
        Merging::Given(given) => {
            quantizers.iter_mut().zip(given).for_each(|(q, codes)| q.codewords.clone_from(codes));
        }
        Merging::Confusable => merge(readings, &mut quantizers, codewords, confused),
        Merging::Closest => merge(readings, &mut quantizers, codewords, moved),
    }
    quantizers
}

/// Bounds between which there are as many values each, as far as values differ.
fn equally_probable(values: &[f64], intervals: usize) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |i: usize| sorted.get(sorted.len() * i / intervals).copied().unwrap_or(0.0);
    (1..intervals).map(at).collect()
}

/// Samples of one codeword among those that are the same at all other nodes.
#[derive(Clone, Copy, Default)]
struct Group {
    codeword: usize,
    count: f64,
    sum: [f64; 2],
}

/// The samples that two codewords have in common in a combination of the others.
fn confused(a: &Group, b: &Group) -> f64 {
    a.count.min(b.count)
}

/// The squared error that is added when two means become one.
fn moved(a: &Group, b: &Group) -> f64 {
    let squared = |i: usize| (a.sum[i] / a.count - b.sum[i] / b.count).powi(2);
    a.count * b.count / (a.count + b.count) * (squared(0) + squared(1))
}

/// Merges one pair of codewords at each node in turn, the cheapest, until few enough are left.
fn merge(
    readings: &Readings,
    quantizers: &mut [Quantizer],
    left: usize,
    cost: fn(&Group, &Group) -> f64,
) {
    let nodes = quantizers.len();
    let mut sent: Vec<Vec<u8>> = quantizers
        .iter()
        .zip(&readings.nodes)
        .map(|(q, values)| values.iter().map(|&value| q.codeword(value)).collect())
        .collect();
    let start = quantizers.first().map_or(0, |q| q.codewords.len());
    for count in (left + 1..=start).rev() {
        for node in 0..nodes {
            let (stays, goes) = cheapest(readings, &sent, node, count, cost);
            // The last codeword takes the number that is free.
            let renumber = |code: &mut u8| match usize::from(*code) {
                same if same == goes => *code = stays as u8,
                last if last == count - 1 => *code = goes as u8,
                _ => {}
            };
            quantizers[node].codewords.iter_mut().for_each(renumber);
            sent[node].iter_mut().for_each(renumber);
        }
    }
}

/// The two codewords of a node that cost least together, the smaller first.
fn cheapest(
    readings: &Readings,
    sent: &[Vec<u8>],
    node: usize,
    codewords: usize,
    cost: fn(&Group, &Group) -> f64,
) -> (usize, usize) {
    let others = |sample: usize| {
        let other = sent.iter().enumerate().filter(|(i, _)| *i != node);
        other.fold(0_u64, |key, (_, codes)| key << 8 | u64::from(codes[sample]))
    };
    let mut order: Vec<(u64, u8, u32)> = (0..readings.positions.len())
        .map(|sample| (others(sample), sent[node][sample], sample as u32))
        .collect();
    order.sort_unstable();
    // Those that have little in common anyway are told apart by how rare they are.
    let mut costs = vec![0.0; codewords * codewords];
    let mut rare = vec![0.0; codewords];
    for same in order.chunk_by(|a, b| a.0 == b.0) {
        let groups: Vec<Group> = same
            .chunk_by(|a, b| a.1 == b.1)
            .map(|group| {
                let place = |i: usize| {
                    let at = |s: &(u64, u8, u32)| readings.positions[s.2 as usize][i];
                    group.iter().map(at).sum()
                };
                Group {
                    codeword: group[0].1.into(),
                    count: group.len() as f64,
                    sum: [place(0), place(1)],
                }
            })
            .collect();
        for (i, b) in groups.iter().enumerate() {
            rare[b.codeword] += b.count;
            for a in &groups[..i] {
                costs[a.codeword * codewords + b.codeword] += cost(a, b);
            }
        }
    }
    let pairs = (0..codewords).flat_map(|b| (0..b).map(move |a| (a, b)));
    let whole = |&(a, b): &(usize, usize)| costs[a * codewords + b] + 1e-4 * (rare[a] + rare[b]);
    pairs.min_by(|p, q| whole(p).total_cmp(&whole(q))).unwrap_or((0, codewords - 1))
}
