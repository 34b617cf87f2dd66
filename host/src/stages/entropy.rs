//! Entropy coding: adaptive counts, mixed, in integers, over the range coder of `constriction`.
//!
//! Everything that decides a bit is an integer, so that a file is the same on every machine.

use constriction::backends::ReadWords;
use constriction::stream::model::{DecoderModel, EncoderModel, EntropyModel};
use constriction::stream::queue::{DefaultRangeDecoder, DefaultRangeEncoder};
use constriction::stream::{Decode, Encode};
use constriction::Queue;
use std::num::NonZeroU32;

/// Bits of a probability.
const PRECISION: usize = 24;
const ONE: u64 = 1 << PRECISION;
/// What a symbol adds to its count.
const GAIN: u32 = 32;
/// Counts of a row are halved when their sum passes this.
const LIMIT: u32 = 1 << 14;
/// Sum of the weights of all experts.
const WEIGHTS: u64 = 1 << 16;

/// Where symbols go to or come from: one walk writes and reads.
pub enum Coder<'a> {
    Writing(DefaultRangeEncoder),
    Reading(DefaultRangeDecoder<Words<'a>>),
}

/// Words of 32 bits, high byte first. A decoder looks one word beyond what an encoder wrote; one
/// that asks for more reads what none did, and would go on for as long as it is asked to.
pub struct Words<'a> {
    rest: &'a [u8],
    is_beyond: bool,
}

impl ReadWords<u32, Queue> for Words<'_> {
    type ReadError = ();

    fn read(&mut self) -> Result<Option<u32>, ()> {
        match self.rest.split_first_chunk() {
            Some((word, rest)) => {
                self.rest = rest;
                Ok(Some(u32::from_be_bytes(*word)))
            }
            None if self.is_beyond => Err(()),
            None => {
                self.is_beyond = true;
                Ok(None)
            }
        }
    }
}

impl<'a> Coder<'a> {
    pub fn writing() -> Self {
        Self::Writing(DefaultRangeEncoder::new())
    }

    /// From words of 32 bits, high byte first; one at least.
    pub fn reading(bytes: &'a [u8]) -> Option<Self> {
        let words = (!bytes.is_empty()).then_some(Words { rest: bytes, is_beyond: false })?;
        DefaultRangeDecoder::with_backend(words).ok().map(Self::Reading)
    }

    /// Every byte that there was to read is read.
    pub fn ended(self) -> bool {
        match self {
            Self::Writing(_) => false,
            Self::Reading(decoder) => decoder.into_raw_parts().0.rest.is_empty(),
        }
    }

    /// What was written, in words of 32 bits, high byte first.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Self::Writing(encoder) => {
                let Ok(words) = encoder.into_compressed();
                words.into_iter().flat_map(u32::to_be_bytes).collect()
            }
            Self::Reading(_) => Vec::new(),
        }
    }

    /// Writes `symbol`, or reads one; none if what is read is not of this model.
    fn code(&mut self, model: &Cumulative, symbol: usize) -> Option<usize> {
        match self {
            Self::Writing(encoder) => encoder.encode_symbol(symbol, model).ok().map(|()| symbol),
            Self::Reading(decoder) => decoder.decode_symbol(model).ok(),
        }
    }
}

/// Cumulative probabilities of `2^-PRECISION`: that of symbol `i` is from entry `i` to `i + 1`.
struct Cumulative(Vec<u32>);

impl Cumulative {
    /// Symbols in proportion to `shares`, each with at least the least probability.
    fn new(shares: impl ExactSizeIterator<Item = u64> + Clone) -> Self {
        let symbols = shares.len() as u64;
        let all = shares.clone().sum::<u64>().max(1);
        let mut below = 0;
        let mut left = vec![0];
        for (i, share) in shares.enumerate() {
            below += share;
            left.push((i as u64 + 1 + below * (ONE - symbols) / all) as u32);
        }
        if let Some(last) = left.last_mut() {
            *last = ONE as u32;
        }
        Self(left)
    }

    fn part(&self, symbol: usize) -> Option<(u32, NonZeroU32)> {
        let (left, right) = (*self.0.get(symbol)?, *self.0.get(symbol + 1)?);
        Some((left, NonZeroU32::new(right - left)?))
    }
}

impl EntropyModel<PRECISION> for &Cumulative {
    type Symbol = usize;
    type Probability = u32;
}

impl EncoderModel<PRECISION> for &Cumulative {
    fn left_cumulative_and_probability(
        &self,
        symbol: impl std::borrow::Borrow<usize>,
    ) -> Option<(u32, NonZeroU32)> {
        self.part(*symbol.borrow())
    }
}

impl DecoderModel<PRECISION> for &Cumulative {
    fn quantile_function(&self, quantile: u32) -> (usize, u32, NonZeroU32) {
        let symbol = self.0.partition_point(|&left| left <= quantile).saturating_sub(1);
        let symbol = symbol.min(self.0.len() - 2);
        let (left, share) = self.part(symbol).unwrap_or((0, NonZeroU32::MIN));
        (symbol, left, share)
    }
}

/// Counts of symbols by context: a row a context.
#[derive(Clone)]
pub struct Table {
    symbols: usize,
    counts: Vec<u32>,
    totals: Vec<u32>,
}

impl Table {
    pub fn new(symbols: usize, rows: usize) -> Self {
        let counts = vec![1; symbols * rows];
        Self { symbols, counts, totals: vec![symbols as u32; rows] }
    }

    fn row(&self, row: usize) -> &[u32] {
        &self.counts[row * self.symbols..][..self.symbols]
    }

    /// A row that has met no symbol yet says nothing.
    fn is_fresh(&self, row: usize) -> bool {
        self.totals[row] == self.symbols as u32
    }

    fn learn(&mut self, row: usize, symbol: usize) {
        let counts = &mut self.counts[row * self.symbols..][..self.symbols];
        counts[symbol] += GAIN;
        self.totals[row] += GAIN;
        if self.totals[row] > LIMIT {
            counts.iter_mut().for_each(|count| *count = count.div_ceil(2));
            self.totals[row] = counts.iter().sum();
        }
    }

    /// A symbol by the counts of one row.
    pub fn code(&mut self, coder: &mut Coder, row: usize, symbol: usize) -> Option<usize> {
        let model = Cumulative::new(self.row(row).iter().map(|&count| count.into()));
        let symbol = coder.code(&model, symbol)?;
        self.learn(row, symbol);
        Some(symbol)
    }
}

/// What is known when an index is coded: indices of codewords, none where there is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// At the same place of the frame before.
    pub last: Option<usize>,
    pub left: Option<usize>,
    pub above: Option<usize>,
    /// Of the block that this one is a part of.
    pub whole: Option<usize>,
}

/// One of the models that are mixed.
struct Expert {
    table: Table,
    weight: u64,
    of: fn(&Known) -> Option<usize>,
    /// It counts differences to what is known, not symbols by what is known.
    difference: bool,
}

/// Experts by the bits of a stage's `contexts`, from bit 0 on. The first is always there.
type Of = fn(&Known) -> Option<usize>;
const EXPERTS: [(Of, bool); 8] = [
    (|_| Some(0), false),
    (|k| k.last, false),
    (|k| k.left, false),
    (|k| k.above, false),
    (|k| k.whole, false),
    (|k| k.last, true),
    (|k| k.left, true),
    (|k| k.above, true),
];

/// Contexts: indices by their frequency alone.
pub const PLAIN: u8 = 0x01;
/// Contexts: the codewords are on a line, so that differences count.
pub const LINE: u8 = 0xff;
/// Contexts: by what is known, for codewords in no order.
pub const KNOWN: u8 = 0x1f;

/// Codes the indices of one stage: experts' counts, mixed by weights that follow the experts'
/// success.
pub struct Indices {
    symbols: usize,
    experts: Vec<Expert>,
}

impl Indices {
    /// Of so many codewords, of a stage whose whole blocks have `whole` codewords.
    pub fn new(symbols: usize, whole: usize, contexts: u8) -> Self {
        let asked = |(bit, _): &(usize, _)| *bit == 0 || contexts >> bit & 1 == 1;
        let mut experts: Vec<Expert> = EXPERTS
            .into_iter()
            .enumerate()
            .filter(asked)
            .map(|(bit, (of, difference))| {
                let rows = match (bit, difference) {
                    (0, _) | (_, true) => 1,
                    (4, _) => whole.max(1),
                    _ => symbols,
                };
                Expert { table: Table::new(symbols, rows), weight: 0, of, difference }
            })
            .collect();
        let many = experts.len() as u64;
        for expert in &mut experts {
            expert.weight = WEIGHTS / many;
        }
        Self { symbols, experts }
    }

    /// Writes an index, or reads one.
    pub fn code(&mut self, coder: &mut Coder, known: &Known, index: usize) -> Option<usize> {
        let n = self.symbols;
        // Those that say something here: expert, row, and what is subtracted from the index.
        let place = |expert: &Expert| {
            let at = (expert.of)(known)?;
            Some(if expert.difference { (0, at) } else { (at, 0) })
        };
        let places: Vec<Option<(usize, usize)>> = self.experts.iter().map(place).collect();
        let says = |(e, at): (usize, &Option<(usize, usize)>)| {
            let (row, shift) = (*at)?;
            (e == 0 || !self.experts[e].table.is_fresh(row)).then_some((e, row, shift))
        };
        let heard: Vec<(usize, usize, usize)> =
            places.iter().enumerate().filter_map(says).collect();
        let mass: u64 = heard.iter().map(|&(e, ..)| self.experts[e].weight).sum();
        let mut mixed = vec![0_u64; n];
        for &(e, row, shift) in &heard {
            let Expert { table, weight, .. } = &self.experts[e];
            let scale = (weight << 40) / (mass.max(1) * u64::from(table.totals[row]));
            // The difference `d` is of the index `(d + shift) mod n`.
            let (low, high) = table.row(row).split_at(n - shift);
            let counts = high.iter().chain(low);
            mixed.iter_mut().zip(counts).for_each(|(m, &count)| *m += scale * u64::from(count));
        }
        let model = Cumulative::new(mixed.iter().map(|m| m >> 16));
        let index = coder.code(&model, index)?;
        self.weigh(&heard, mass, index);
        for (e, at) in places.into_iter().enumerate() {
            if let Some((row, shift)) = at {
                self.experts[e].table.learn(row, (index + n - shift) % n);
            }
        }
        Some(index)
    }

    /// Bayes' rule among those that were heard, and a 32nd of their weight shared out alike; the
    /// rest of the divisions goes to the first.
    fn weigh(&mut self, heard: &[(usize, usize, usize)], mass: u64, index: usize) {
        let n = self.symbols;
        let probability = |e: usize, row: usize, shift: usize| {
            let table = &self.experts[e].table;
            let count = table.row(row)[(index + n - shift) % n];
            (u64::from(count) << 16) / u64::from(table.totals[row])
        };
        let products: Vec<u64> = heard
            .iter()
            .map(|&(e, row, shift)| self.experts[e].weight * probability(e, row, shift))
            .collect();
        let all = products.iter().sum::<u64>().max(1);
        let shared = mass / 32;
        let mut given = 0;
        for (&(e, ..), product) in heard.iter().zip(products) {
            let weight = product * (mass - shared) / all + shared / heard.len() as u64;
            self.experts[e].weight = weight;
            given += weight;
        }
        self.experts[0].weight += mass - given;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            indices in prop::collection::vec((0_usize..7, 0_usize..8, 0_usize..8), 1..300),
            contexts: u8,
        ) {
            let some = |i: usize| (i < 7).then_some(i);
            let known = |a: usize, b: usize| {
                Known { last: some(a), left: some(b), above: some(a), whole: some(b % 3) }
            };
            let mut model = Indices::new(7, 3, contexts);
            let mut flags = Table::new(2, 2);
            let mut coder = Coder::writing();
            for &(index, a, b) in &indices {
                prop_assert_eq!(model.code(&mut coder, &known(a, b), index), Some(index));
                flags.code(&mut coder, a % 2, b % 2);
            }
            prop_assert_eq!(model.experts.iter().map(|e| e.weight).sum::<u64>() <= WEIGHTS, true);
            let bytes = coder.bytes();
            let mut coder = Coder::reading(&bytes).expect("words");
            let mut model = Indices::new(7, 3, contexts);
            let mut flags = Table::new(2, 2);
            for (index, a, b) in indices {
                prop_assert_eq!(model.code(&mut coder, &known(a, b), 0), Some(index));
                prop_assert_eq!(flags.code(&mut coder, a % 2, 0), Some(b % 2));
            }
            prop_assert!(coder.ended());
        }

        #[test]
        fn probabilities_are_positive_and_sum_to_one(
            shares in prop::collection::vec(0_u64..1 << 24, 1..257),
        ) {
            let model = Cumulative::new(shares.iter().copied());
            prop_assert_eq!(model.0[shares.len()], ONE as u32);
            prop_assert!(model.0.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    /// No bytes give symbols without an end: zeros give the likeliest ones.
    #[test]
    fn what_was_not_written_ends() {
        for bytes in [&[0; 3][..], &[0; 4], &[0; 24]] {
            let mut coder = Coder::reading(bytes).expect("words");
            let mut flags = Table::new(2, 1);
            // The likelier of two symbols takes 1/11,350 of a bit at the least.
            let most = 11_350 * 8 * (bytes.len() + 8);
            assert!((0..most).any(|_| flags.code(&mut coder, 0, 0).is_none()), "{bytes:?}");
        }
    }
}
