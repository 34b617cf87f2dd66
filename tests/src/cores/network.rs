//! The low-bit network: random networks and images, and its clocks.

pub use fixlearn_sim::golden::cores::network::Network;

use super::{set_others, Tested};
use crate::cosim::Case;
use fixlearn_hdl::design::Design;
use fixlearn_map::network::{
    kind, memory, NetworkBuilt, INPUTS, LAYERS, LEARNING, MARGIN, RATE, REGISTERS, SCORES,
};
use fixlearn_sim::cosim::Cycles;
use fixlearn_sim::golden::core::Place;
use fixlearn_sim::golden::cores::network::file::{FileLayer, NetworkFile, Shape, Weights, FORMAT};
use fixlearn_sim::golden::cores::network::Layer;
use proptest::prelude::*;

impl Tested for Network {
    const SIZE: &'static str = "8x1024x1024+learning";
    const MUTATION_CASES: u32 = 60;
    // A gate-level model of ECP5's memories takes minutes.
    const NETLISTS: [(&'static str, u32); 2] = [(Self::SIZE, 6), (Self::SIZE, 2)];

    fn cases(built: &NetworkBuilt) -> BoxedStrategy<Case<Self>> {
        cases(*built).boxed()
    }

    fn clocks(before: &Self, _: &dyn Design, _: u32, learn: bool) -> Cycles {
        let lanes = u64::from(before.lanes);
        let layers = before.running();
        let walked: u64 = layers.iter().map(|layer| walked(layer, lanes) + lanes + 14).sum();
        let last = layers.last().filter(|layer| before.learns && layer.kind == kind::SCORES);
        let learning = last.filter(|_| learn && before.config.learning == 1);
        let walked = walked + learning.map_or(0, |layer| 9 * layer.channels as u64);
        let further = if learn { 0 } else { 3 * u64::from(before.config.scores) };
        Cycles { result: u64::from(before.config.inputs) + 3 + walked, update: further }
    }

    fn clear_clocks(built: &NetworkBuilt) -> u64 {
        fixlearn_hdl::cores::network::clear_clocks(*built)
    }

    /// What the last two layers gave, of a network that has run.
    fn also_read(state: &Self) -> Vec<Place> {
        if state.banks[0].is_empty() {
            return Vec::new();
        }
        let layers = state.running();
        let given = layers.iter().enumerate().rev().take(2).flat_map(|(i, layer)| {
            let memory = if i % 2 == 0 { memory::ODD } else { memory::EVEN };
            let first = Place { memory, row: 0, column: 0 };
            (0..gives(layer)).map(move |at| first.after(at, 256))
        });
        given.collect()
    }

    /// The class that was found.
    fn learned(before: &Self, vector: &[u8]) -> Option<u32> {
        let image = &vector[..before.config.inputs as usize];
        Some(before.clone().run(image).class.into())
    }
}

/// Clocks of the way through a layer.
pub fn walked(layer: &Layer, lanes: u64) -> u64 {
    let (columns, rows) = layer.pixels();
    let pixels = (columns * rows) as u64;
    match layer.kind {
        kind::POOL => 4 * layer.channels as u64 * pixels,
        _ => (layer.outputs as u64).div_ceil(lanes) * pixels * (layer.taps() as u64).max(lanes),
    }
}

/// Activations that a layer gives.
fn gives(layer: &Layer) -> usize {
    let (columns, rows) = layer.pixels();
    match layer.kind {
        kind::POOL => layer.channels * columns * rows,
        kind::SCORES => 0,
        _ => layer.outputs * columns * rows,
    }
}

/// States and images: networks, whole or cut, with as many scores as they have, or more or fewer.
fn cases(built: NetworkBuilt) -> impl Strategy<Value = Case<Network>> {
    let images = prop::collection::vec((any::<bool>(), any::<u8>()), 1..4);
    let others = prop::collection::vec(any::<u32>(), REGISTERS.len());
    let margin = prop_oneof![Just(0_u32), 0..3000_u32, 0..1_u32 << 26];
    let learning = (prop_oneof![1 => Just(0), 3 => Just(1_u32)], 0..10_u32, margin);
    let scores = prop_oneof![3 => Just(None), 1 => (0..61_u32).prop_map(Some)];
    let cut = prop_oneof![3 => Just(0), 1 => 0..4_usize];
    let gaps = prop::collection::vec(0_u8..3, 1..5);
    (networks(built, 4), images, others, scores, cut, learning, gaps).prop_map(
        move |((file, pixels), images, others, scores, cut, learning, gaps)| {
            let mut start = file.core(built).expect("it fits");
            // What the core has there is not known.
            start.banks = Default::default();
            set_others(&mut start, &[INPUTS, LAYERS, SCORES, LEARNING, RATE, MARGIN], others);
            (start.config.learning, start.config.rate, start.config.margin) = learning;
            start.config.scores = scores.unwrap_or(start.config.scores);
            start.config.layers = file.layers.len().saturating_sub(cut).max(1) as u32;
            let vectors = images.into_iter().zip(&pixels).map(|((learn, class), image)| {
                let class = match class % 4 {
                    0 => file.forward(image).class as u8,
                    1 => class,
                    _ => class % file.classes.len() as u8,
                };
                (file.vector(image, class), learn)
            });
            let vectors = vectors.collect();
            Case { start, vectors, iterations: 0, gaps }
        },
    )
}

/// A layer to be: which kind, outputs, and bits of weights and of activations.
type Drawn = (u8, usize, u32, u32);

/// A random network, valid, from what was drawn; pools where there is no room are left out.
fn network(input: Shape, drawn: &[Drawn], classes: usize, seed: u64) -> NetworkFile {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut layers = Vec::new();
    let mut given = input;
    let mut flat = false;
    for (i, &(kind, outputs, weight_bits, activation_bits)) in drawn.iter().enumerate() {
        let last = i + 1 == drawn.len();
        let outputs = if last { classes } else { outputs };
        if kind == 1 && !last {
            if given.height > 1 && given.width > 1 {
                layers.push(FileLayer::Pool);
                given = Shape { height: given.height / 2, width: given.width / 2, ..given };
            }
            continue;
        }
        let dense = last || flat || kind == 2;
        flat |= dense;
        let taps = if dense { given.size() } else { 9 * given.channels };
        let w = weights(&mut random, taps, (outputs, weight_bits, activation_bits), given, last);
        let bits = if last { given.bits } else { activation_bits };
        given = match dense {
            true => Shape { channels: outputs, height: 1, width: 1, bits },
            false => Shape { channels: outputs, bits, ..given },
        };
        layers.push(if dense { FileLayer::Dense(w) } else { FileLayer::Conv(w) });
    }
    let classes = (0..classes).map(|i| i.to_string()).collect();
    NetworkFile { format: FORMAT, core: "network".into(), input, largest: None, layers, classes }
}

/// Weights of which some are the largest, and multipliers that use the activations' range.
fn weights(
    random: &mut fastrand::Rng,
    taps: usize,
    (outputs, weight_bits, activation_bits): (usize, u32, u32),
    given: Shape,
    last: bool,
) -> Weights {
    let half = 1_i16 << (weight_bits - 1);
    let extreme = random.u8(..8);
    let mut weight = || match (weight_bits, extreme) {
        (1, _) => [-1, 1][random.usize(..2)],
        (_, 0) => -half,
        (_, 1) => half - 1,
        _ => random.i16(-half..half),
    };
    let weights = (0..taps * outputs).map(|_| weight()).collect();
    let spread = i32::from(half) * (1 << given.bits) * (taps as f64).sqrt() as i32;
    let bias = (0..outputs).map(|_| random.i32(-spread..=spread)).collect();
    let mut scale = || {
        // Sums up to about `spread` become activations.
        let target = f64::from(1 << activation_bits) / f64::from(spread.max(1));
        let exponent = (15.0 - target.log2()).floor().clamp(0.0, 31.0);
        match random.u8(..8) {
            0 => (random.u16(..), random.u8(..32)),
            1 => (1, 0),
            _ => {
                let m = target * exponent.exp2() * (0.5 + random.f64());
                (m.clamp(0.0, 65535.0) as u16, exponent as u8)
            }
        }
    };
    let (multiplier, shift) =
        if last { Default::default() } else { (0..outputs).map(|_| scale()).unzip() };
    let activation_bits = if last { 0 } else { activation_bits };
    Weights { outputs, weight_bits, weights, bias, multiplier, shift, activation_bits }
}

/// A random network that fits a core of these sizes, and images for it.
pub fn networks(
    built: NetworkBuilt,
    images: usize,
) -> impl Strategy<Value = (NetworkFile, Vec<Vec<u8>>)> {
    let input = (1..4_usize, 1..9_usize, 1..9_usize, 1..9_u32);
    let outputs = prop_oneof![1..10_usize, Just(8), Just(16), Just(17)];
    let layer = (0..3_u8, outputs, 1..9_u32, 1..9_u32);
    let layers = prop::collection::vec(layer, 1..6);
    let networks = (input, layers, 1..12_usize, any::<u64>()).prop_map(
        move |((channels, height, width, bits), drawn, classes, seed)| {
            let input = Shape { channels, height, width, bits };
            let network = network(input, &drawn, classes, seed);
            let mut random = fastrand::Rng::with_seed(!seed);
            let most = ((1_u32 << bits) - 1) as u8;
            let image = |_| (0..input.size()).map(|_| random.u8(..=most)).collect();
            (network, (0..images).map(image).collect())
        },
    );
    networks.prop_filter("fits", move |(network, _)| network.core(built).is_ok())
}
