//! What the core does with an image, layer by layer, whatever the table says: addresses are modulo
//! the sizes of the memories, so that every table ends and is specified.

use super::Network;
use fixlearn_map::network::{kind, MOST_CHANNELS, MOST_CONV_CHANNELS};

/// A layer, as two words of the table say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// One of [`kind`].
    pub kind: u32,
    /// Bits of a place for a weight: 1, 2, 4 or 8.
    pub place: u32,
    /// Bits of an activation that it gives, 1 to 8.
    pub bits: u32,
    /// Of what it is given: 1 to 128 and 1 to 32.
    pub width: usize,
    pub height: usize,
    /// Width times height, 0 to 8191.
    pub plane: usize,
    /// Channels, of a dense layer inputs, 1 to 2048.
    pub channels: usize,
    /// 1 to 256.
    pub outputs: usize,
}

impl Layer {
    /// From the table.
    pub fn from_words([first, second]: [u32; 2]) -> Self {
        let part = |word: u32, low: u32, bits: u32| word >> low & ((1 << bits) - 1);
        Self {
            kind: part(first, 0, 2),
            place: 1 << part(first, 2, 2),
            bits: part(first, 4, 3) + 1,
            width: part(first, 7, 7) as usize + 1,
            height: part(first, 14, 5) as usize + 1,
            plane: (first >> 19) as usize,
            channels: part(second, 0, 11) as usize + 1,
            outputs: part(second, 16, 8) as usize + 1,
        }
    }

    /// For the table.
    pub fn words(&self) -> [u32; 2] {
        let first = self.kind
            | self.place.trailing_zeros() << 2
            | (self.bits - 1) << 4
            | (self.width as u32 - 1) << 7
            | (self.height as u32 - 1) << 14
            | (self.plane as u32) << 19;
        [first, (self.channels as u32 - 1) | (self.outputs as u32 - 1) << 16]
    }

    /// It has weights.
    pub fn weighs(&self) -> bool {
        self.kind != kind::POOL
    }

    /// Channels that are walked through.
    pub fn depth(&self) -> usize {
        match self.kind {
            kind::CONV => (self.channels - 1) % MOST_CONV_CHANNELS + 1,
            _ => self.channels,
        }
    }

    /// Activations that an output is made of.
    pub fn taps(&self) -> usize {
        match self.kind {
            kind::CONV => 9 * self.depth(),
            kind::POOL => 4,
            _ => self.channels,
        }
    }

    /// Columns and rows of what it gives, of each channel.
    pub fn pixels(&self) -> (usize, usize) {
        match self.kind {
            kind::CONV => (self.width, self.height),
            kind::POOL => ((self.width / 2).max(1), (self.height / 2).max(1)),
            _ => (1, 1),
        }
    }

    /// Words of weights of a group of as many outputs as there are lanes.
    pub fn group_words(&self) -> usize {
        self.taps().div_ceil((8 / self.place) as usize)
    }

    /// The weight in these bits of its place.
    pub fn weight(&self, byte: u32, at: usize) -> i32 {
        let bits = byte >> (at as u32 % (8 / self.place) * self.place);
        match self.place {
            1 => 2 * (bits & 1) as i32 - 1,
            place => (bits << (32 - place)) as i32 >> (32 - place),
        }
    }

    /// The word of four lanes with another weight of a lane for a tap.
    fn put(&self, word: u32, lane: usize, tap: usize, weight: i32) -> u32 {
        let mask = (1 << self.place) - 1;
        let code = match self.place {
            1 => u32::from(weight > 0),
            _ => weight as u32 & mask,
        };
        let low = 8 * (lane % 4) as u32 + tap as u32 % (8 / self.place) * self.place;
        word & !(mask << low) | code << low
    }
}

/// A class, and how it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub class: u8,
    /// Of every output of the last layer.
    pub scores: Vec<i32>,
}

/// A sum as an activation of so many bits: times `multiplier / 2^shift`, to nearest, halves up,
/// clamped.
pub fn narrow(sum: i32, multiplier: u16, shift: u32, bits: u32) -> u8 {
    let product = i64::from(sum) * i64::from(multiplier);
    let rounded = (((product << 1) >> shift) + 1) >> 1;
    rounded.clamp(0, (1 << bits) - 1) as u8
}

/// The low 27 bits with their sign.
pub(super) fn bias(word: u32) -> i32 {
    (word << 5) as i32 >> 5
}

impl Network {
    /// Runs the layers on an image; the activations are then in the banks.
    pub fn run(&mut self, image: &[u8]) -> Answer {
        let size = 1 << self.activation_bits;
        self.banks.iter_mut().for_each(|bank| bank.resize(size, 0));
        self.banks[0][..image.len()].copy_from_slice(image);
        let mut answer = Answer::default();
        for (i, (layer, first)) in self.placed().into_iter().enumerate() {
            let to = (i + 1) % 2;
            match layer.kind {
                kind::POOL => self.pool(&layer, to),
                _ => {
                    if layer.kind == kind::SCORES {
                        answer = Answer::default();
                    }
                    self.weigh(&layer, to, first, &mut answer);
                }
            }
        }
        answer
    }

    /// The layers that are run, with the word that their weights begin with, and which of all
    /// outputs their first one is.
    pub(super) fn placed(&self) -> Vec<(Layer, (usize, usize))> {
        let (mut word, mut channel) = (0, 0);
        let mut placed = Vec::new();
        for layer in self.running() {
            placed.push((layer, (word, channel)));
            if layer.weighs() {
                word += layer.outputs.div_ceil(self.lanes.into()) * layer.group_words();
                channel += layer.outputs;
            }
        }
        placed
    }

    /// Largest of 2 x 2; the outputs follow each other.
    fn pool(&mut self, layer: &Layer, to: usize) {
        let last = self.banks[to].len() - 1;
        let (columns, rows) = layer.pixels();
        let mut at = 0;
        for c in 0..layer.channels {
            for (y, x) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
                let corner = c * layer.plane + 2 * y * layer.width + 2 * x;
                let taps = [0, 1, layer.width, layer.width + 1];
                let found = taps.map(|tap| self.banks[1 - to][(corner + tap) & last]);
                self.banks[to][at & last] = found.into_iter().max().unwrap_or(0);
                at += 1;
            }
        }
    }

    /// A convolution, or a dense layer, whose weights begin with word `first.0`, and whose outputs
    /// are those of all layers from `first.1` on. Group by group, and of a group pixel by pixel:
    /// where a table lets outputs meet at an address, the last one stays.
    fn weigh(&mut self, layer: &Layer, to: usize, first: (usize, usize), answer: &mut Answer) {
        let last = self.banks[to].len() - 1;
        let (columns, rows) = layer.pixels();
        let lanes = usize::from(self.lanes);
        let mut best = None;
        for group in 0..layer.outputs.div_ceil(lanes) {
            let outputs = group * lanes..layer.outputs.min((group + 1) * lanes);
            let row = |o| (0..layer.taps()).map(|tap| self.get(layer, first.0, (o, tap))).collect();
            let weights: Vec<Vec<i32>> = outputs.clone().map(row).collect();
            for (y, x) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
                for (output, weights) in outputs.clone().zip(&weights) {
                    let channel = 2 * ((first.1 + output) % MOST_CHANNELS);
                    let (start, scale) = (self.channels[channel], self.channels[channel + 1]);
                    let sum = self.products(layer, 1 - to, (x, y), weights) + bias(start);
                    if layer.kind == kind::SCORES {
                        if best.is_none_or(|best| sum > best) {
                            (best, answer.class) = (Some(sum), output as u8);
                        }
                        answer.scores.push(sum);
                        continue;
                    }
                    let at = match layer.kind {
                        kind::CONV => output * layer.plane + y * layer.width + x,
                        _ => output,
                    };
                    let (m, shift) = (scale as u16, scale >> 16 & 31);
                    self.banks[to][at & last] = narrow(sum, m, shift, layer.bits);
                }
            }
        }
    }

    /// The sum of an output's products at a pixel.
    fn products(&self, layer: &Layer, from: usize, pixel: (usize, usize), weights: &[i32]) -> i32 {
        if layer.kind == kind::CONV {
            return self.around(layer, from, pixel, weights);
        }
        let bank = &self.banks[from];
        let product = |(i, w): (usize, &i32)| w * i32::from(bank[i & (bank.len() - 1)]);
        weights.iter().enumerate().map(product).sum()
    }

    /// The products of a convolution at a pixel.
    fn around(&self, layer: &Layer, from: usize, (x, y): (usize, usize), weights: &[i32]) -> i32 {
        let bank = &self.banks[from];
        let mut sum = 0;
        for (i, w) in weights.iter().enumerate() {
            let (c, row, column) = (i / 9, y + i % 9 / 3, x + i % 3);
            if (1..=layer.height).contains(&row) && (1..=layer.width).contains(&column) {
                let at = c * layer.plane + (row - 1) * layer.width + column - 1;
                sum += w * i32::from(bank[at & (bank.len() - 1)]);
            }
        }
        sum
    }

    /// Where the weight of an output for a tap stands, in a layer whose weights begin with this
    /// word: the number of the word of four lanes, and the lane.
    fn place(&self, layer: &Layer, first: usize, (output, tap): (usize, usize)) -> (usize, usize) {
        let (group, lane) = (output / usize::from(self.lanes), output % usize::from(self.lanes));
        let word = first + group * layer.group_words() + tap / (8 / layer.place) as usize;
        (word % self.words() * self.quads() + lane / 4, lane % 4)
    }

    /// The weight of an output for a tap.
    pub(super) fn get(&self, layer: &Layer, first: usize, at: (usize, usize)) -> i32 {
        let (word, lane) = self.place(layer, first, at);
        layer.weight(self.weights[word] >> (8 * lane) & 0xff, at.1)
    }

    /// Sets it.
    pub(super) fn put(&mut self, layer: &Layer, first: usize, at: (usize, usize), weight: i32) {
        let (word, lane) = self.place(layer, first, at);
        self.weights[word] = layer.put(self.weights[word], lane, at.1, weight);
    }
}
