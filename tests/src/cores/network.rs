//! The low-bit network: random networks and images, and its clocks.

pub use fixlearn_sim::golden::cores::network::Network;

use fixlearn_map::network::NetworkBuilt;
use fixlearn_sim::golden::cores::network::file::{FileLayer, NetworkFile, Shape, Weights, FORMAT};
use proptest::prelude::*;

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
    NetworkFile { format: FORMAT, core: "network".into(), input, layers, classes }
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
