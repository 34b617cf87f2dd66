//! The network on its bus: its memories as words, and what a state must be.

use super::run::bias;
use super::{Answer, Config, Network, CHANNEL_WORDS, LAYER_WORDS};
use crate::golden::core::{first_broken, registers_fit, Block, Core, Place};
use fixlearn_map::network::{memory, NetworkBuilt};
use fixlearn_map::Built;

/// The bits of a layer's second word.
const SECOND: u32 = 0xff_07ff;
/// The bits of an output's second word.
const SCALE: u32 = 0x1f_ffff;

impl Core for Network {
    type Built = NetworkBuilt;

    fn power_up(built: &NetworkBuilt) -> Self {
        Self::new(*built)
    }

    fn built(&self) -> NetworkBuilt {
        NetworkBuilt {
            lanes: self.lanes,
            weight_bits: self.words().trailing_zeros() as u8,
            activation_bits: self.activation_bits,
            learning: self.learns,
        }
    }

    fn check(&self, built: &NetworkBuilt) -> Result<(), String> {
        let own = self.built();
        if own.lanes != built.lanes {
            let (has, own) = (built.lanes, own.lanes);
            return Err(format!("the core has {has} lanes, the network is packed for {own}"));
        }
        if self.config.learning == 1 && !built.learning {
            return Err("the core is built without learning; `+learning` follows its size".into());
        }
        let (has, used) = (built.words() * built.quads(), self.used().2);
        if used > has {
            return Err(format!("the core has {has} words of weights, the network {used}"));
        }
        let (has, own) = (built.activations(), own.activations());
        if has < own {
            return Err(format!("the core has {has} activations a layer, the network {own}"));
        }
        Ok(())
    }

    fn validate(&self) -> Result<(), String> {
        let built = self.built();
        let words =
            self.words().is_power_of_two() && self.weights.len() == self.words() * self.quads();
        first_broken(&[
            (matches!(self.lanes, 8 | 16), "the lanes are not 8 or 16"),
            (self.activation_bits <= 13, "the activations are above 8192"),
            (words, "the words of weights are not a power of two"),
        ])?;
        let known = NetworkBuilt::from_parameters(&built.parameters()).is_some();
        let kept = |words: &[u32], second: u32| words.chunks(2).all(|pair| pair[1] & !second == 0);
        first_broken(&[
            (known, "the sizes are none that there are"),
            (self.layers.len() == LAYER_WORDS, "the layers are not 32 words"),
            (self.channels.len() == CHANNEL_WORDS, "the outputs are not 512 words"),
        ])?;
        let biases = self.channels.chunks(2).all(|pair| bias(pair[0]) as u32 == pair[0]);
        first_broken(&[
            (kept(&self.layers, SECOND), "a layer is out of range"),
            (biases && kept(&self.channels, SCALE), "an output is out of range"),
        ])?;
        registers_fit(self)
    }

    fn register(&self, number: u8) -> u32 {
        self.config.register(number)
    }

    fn set_register(&mut self, number: u8, word: u32) {
        self.config.set_register(number, word);
    }

    /// As far as the layers use them.
    fn memories(&self) -> Vec<Block> {
        let (layers, channels, weights) = self.used();
        let block = |name, memory, words: &[u32]| Block {
            name,
            at: Place { memory, row: 0, column: 0 },
            words: words.to_vec(),
        };
        vec![
            block("layer", memory::LAYER, &self.layers[..layers]),
            block("output", memory::CHANNEL, &self.channels[..channels]),
            block("weight", memory::WEIGHT, &self.weights[..weights]),
        ]
    }

    fn read_memory(&self, at: Place) -> Option<u32> {
        let i = index(at);
        let activation = |bank: usize| self.banks[bank].get(i).map(|&x| x.into());
        match at.memory {
            memory::LAYER => self.layers.get(i).copied(),
            memory::CHANNEL => self.channels.get(i).copied(),
            memory::WEIGHT => self.weights.get(i).copied(),
            memory::EVEN => activation(0),
            memory::ODD => activation(1),
            _ => None,
        }
    }

    fn write_memory(&mut self, at: Place, word: u32) -> bool {
        let i = index(at);
        let second = i % 2 == 1;
        let put = |to: Option<&mut u32>, word| to.map(|to| *to = word).is_some();
        match at.memory {
            memory::LAYER => put(self.layers.get_mut(i), if second { word & SECOND } else { word }),
            memory::CHANNEL => {
                let word = if second { word & SCALE } else { bias(word) as u32 };
                put(self.channels.get_mut(i), word)
            }
            memory::WEIGHT => put(self.weights.get_mut(i), word),
            memory::EVEN | memory::ODD => {
                let size = 1 << self.activation_bits;
                let bank = &mut self.banks[usize::from(at.memory == memory::ODD)];
                bank.resize(size, 0);
                bank.get_mut(i).map(|to| *to = word as u8).is_some()
            }
            _ => false,
        }
    }

    /// The image and its class.
    fn vector_bytes(&self) -> usize {
        self.config.inputs as usize + 1
    }

    fn answer_bytes(&self) -> usize {
        4 + 4 * self.config.scores as usize
    }

    fn learn(&mut self, vector: &[u8]) {
        let (image, class) = self.parts(vector);
        let answer = self.run(&image);
        self.config.learned(class, answer.class);
        self.adapt(class, &answer.scores);
    }

    fn recall(&mut self, vector: &[u8]) -> Vec<u8> {
        let (image, _) = self.parts(vector);
        let answer = self.run(&image);
        answer.bytes(self.config.scores as usize)
    }
}

/// The number of a word in its memory.
fn index(at: Place) -> usize {
    usize::from(at.row) << 8 | usize::from(at.column)
}

impl Network {
    /// Words of the layers, of the outputs, and of the weights that the layers use.
    pub fn used(&self) -> (usize, usize, usize) {
        let layers = self.running();
        let weighing = || layers.iter().filter(|layer| layer.weighs());
        let channels = 2 * weighing().map(|layer| layer.outputs).sum::<usize>();
        let groups = |outputs: usize| outputs.div_ceil(self.lanes.into());
        let words: usize = weighing().map(|l| groups(l.outputs) * l.group_words()).sum();
        (
            2 * layers.len(),
            channels.min(CHANNEL_WORDS),
            (words * self.quads()).min(self.weights.len()),
        )
    }

    /// Image and class of a vector; what is missing is 0.
    fn parts(&self, vector: &[u8]) -> (Vec<u8>, u8) {
        let inputs = self.config.inputs as usize;
        let mut image = vector.to_vec();
        image.resize(inputs + 1, 0);
        let class = image.pop().unwrap_or(0);
        (image, class)
    }
}

impl Answer {
    /// On the wire, with so many scores.
    pub fn bytes(&self, scores: usize) -> Vec<u8> {
        let class = u32::from(self.class).to_be_bytes();
        let score = |i: usize| self.scores.get(i).copied().unwrap_or(0).to_be_bytes();
        class.into_iter().chain((0..scores).flat_map(score)).collect()
    }

    /// From the wire.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let words: Vec<i32> =
            bytes.chunks_exact(4).map(|b| i32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect();
        let (class, scores) = words.split_first().unwrap_or((&0, &[]));
        Self { class: *class as u8, scores: scores.to_vec() }
    }
}

impl Config {
    /// The settings of a network.
    pub fn of(inputs: usize, layers: usize, scores: usize) -> Self {
        let (inputs, layers, scores) = (inputs as u32, layers as u32, scores as u32);
        Self { inputs, layers, scores, ..Self::power_up() }
    }
}
