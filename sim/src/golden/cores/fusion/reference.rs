//! The fusion node in `f64`: exact means, no end of counts, places for every combination. What
//! [`super::Fusion`] loses against it is the cost of its formats and of its memory.

use std::collections::HashMap;

/// Whose hits they are: the node, the codeword, and the one that had come.
type Pair = (u32, u32, u32);

/// Means of real numbers, by combination.
#[derive(Clone, Debug)]
pub struct Reference {
    nodes: u32,
    bits: u32,
    weight: f64,
    centre: [f64; 2],
    /// Count, and sums of the positions.
    places: HashMap<u32, (f64, [f64; 2])>,
    hits: HashMap<Pair, f64>,
}

impl Reference {
    /// Of nodes that send codewords of so many bits.
    pub fn new(nodes: u32, bits: u32, weight: u32, centre: [f64; 2]) -> Self {
        let weight = f64::from(weight).exp2();
        Self { nodes, bits, weight, centre, places: HashMap::new(), hits: HashMap::new() }
    }

    /// The combinations that differ at one node and have occurred: which hits are theirs, count and
    /// mean.
    fn candidates(&self, key: u32) -> Vec<(Pair, f64, [f64; 2])> {
        let changes = (0..self.nodes).flat_map(|n| (1..1 << self.bits).map(move |c: u32| (n, c)));
        let found = changes.filter_map(|(node, change)| {
            let from = key >> (node * self.bits) & ((1 << self.bits) - 1);
            let (count, mean) = self.known(key ^ change << (node * self.bits))?;
            Some(((node, from ^ change, from), count, mean))
        });
        found.collect()
    }

    fn known(&self, key: u32) -> Option<(f64, [f64; 2])> {
        self.places.get(&key).map(|(n, sum)| (*n, sum.map(|sum| sum / n)))
    }

    /// Where the source is.
    pub fn estimate(&self, key: u32) -> [f64; 2] {
        if let Some((_, mean)) = self.known(key) {
            return mean;
        }
        let score = |pair: &Pair, count: f64| {
            let hits = self.hits.get(pair).copied().unwrap_or(0.0);
            self.weight * (1.0 + hits).log2() + count.log2()
        };
        let scores = self.candidates(key).into_iter().map(|(p, n, mean)| (score(&p, n), mean));
        scores.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(self.centre, |(_, mean)| mean)
    }

    /// Learns a sample.
    pub fn adapt(&mut self, key: u32, at: [f64; 2]) {
        let far = |m: &[f64; 2]| (m[0] - at[0]).abs() + (m[1] - at[1]).abs();
        let candidates = self.candidates(key).into_iter();
        if let Some((pair, ..)) = candidates.min_by(|a, b| far(&a.2).total_cmp(&far(&b.2))) {
            *self.hits.entry(pair).or_default() += 1.0;
        }
        let (count, sum) = self.places.entry(key).or_default();
        *count += 1.0;
        sum.iter_mut().zip(at).for_each(|(sum, at)| *sum += at);
    }
}
