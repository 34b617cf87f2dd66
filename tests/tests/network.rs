//! The low-bit network: its rules against exact arithmetic, and its Verilog against the golden
//! model.

use fixlearn_map::network::{NetworkBuilt, MOST_CONV_CHANNELS, MOST_INPUTS, SUM_BITS};
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::cores::network::file::{FileLayer, NetworkFile, Shape, Weights, FORMAT};
use fixlearn_sim::golden::cores::network::{narrow, reference, Answer, Layer};
use fixlearn_tests::cores::network::networks;
use proptest::prelude::*;

const SMALL: NetworkBuilt = NetworkBuilt { lanes: 8, weight_bits: 10, activation_bits: 10 };
const WIDE: NetworkBuilt = NetworkBuilt { lanes: 16, weight_bits: 12, activation_bits: 12 };

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// To nearest, halves up, and clamped: against fractions of 128 bits.
    #[test]
    fn a_sum_is_narrowed_to_nearest(
        sum in prop_oneof![-(1_i32 << 27)..1 << 27, -3000..3000_i32],
        multiplier: u16,
        shift in 0..32_u32,
        bits in 1..9_u32,
    ) {
        let product = i128::from(sum) * i128::from(multiplier);
        let most = (1_i128 << bits) - 1;
        let found = i128::from(narrow(sum, multiplier, shift, bits));
        // 2 y - 1 <= 2 product / 2^shift < 2 y + 1
        let twice = 2 * product;
        prop_assert!((0..=most).contains(&found));
        prop_assert!(found == 0 || (2 * found - 1) << shift <= twice);
        prop_assert!(found == most || twice < (2 * found + 1) << shift);
    }

    #[test]
    fn layers_are_there_and_back(words: [u32; 2]) {
        let words = [words[0], words[1] & 0xff_07ff];
        let layer = Layer::from_words(words);
        prop_assert_eq!(layer.words(), words);
        prop_assert_eq!(Layer::from_words(layer.words()), layer);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A network as a file says it, and as the core has it in its memories, packed for 8 and for 16
    /// lanes: the same classes, scores, and activations of every layer.
    #[test]
    fn the_core_computes_the_file((file, images) in networks(SMALL, 3)) {
        prop_assert_eq!(file.validate(), Ok(()));
        for built in [SMALL, WIDE] {
            let mut core = file.core(built).map_err(TestCaseError::fail)?;
            prop_assert_eq!(core.validate(), Ok(()));
            prop_assert_eq!(core.check(&built), Ok(()));
            for image in &images {
                let forward = file.forward(image);
                let scores = file.classes.len();
                let bytes = core.recall(&file.vector(image, 0));
                let found = Answer::from_bytes(&bytes);
                prop_assert_eq!(usize::from(found.class), forward.class);
                prop_assert_eq!(&found.scores, &forward.scores);
                prop_assert_eq!(bytes.len(), 4 + 4 * scores);
                for (i, expected) in forward.activations.iter().enumerate() {
                    let mut cut = core.clone();
                    cut.config.layers = i as u32 + 1;
                    cut.recall(&file.vector(image, 0));
                    prop_assert_eq!(&cut.banks[(i + 1) % 2][..expected.len()], &expected[..]);
                }
            }
        }
    }

    /// Against real numbers: a layer that is not clamped is off by its rounding alone, half a step
    /// of each input times the sum of the weights.
    #[test]
    fn rounding_costs_half_a_step(
        seed: u64,
        inputs in 1..60_usize,
        hidden in 1..20_usize,
    ) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut weights = |n: usize| (0..n).map(|_| random.i16(-4..4)).collect::<Vec<_>>();
        // 8 bits hold sums up to 60 * 4 * 15 by 2^-4.
        let first = Weights {
            outputs: hidden,
            weight_bits: 3,
            weights: weights(inputs * hidden),
            bias: vec![0; hidden],
            multiplier: vec![1; hidden],
            shift: vec![4; hidden],
            activation_bits: 8,
        };
        let last = Weights {
            outputs: 1,
            weight_bits: 3,
            weights: weights(hidden),
            bias: vec![0],
            ..Default::default()
        };
        let most: f64 = last.weights.iter().map(|&w| f64::from(w.unsigned_abs())).sum();
        let file = NetworkFile {
            format: FORMAT,
            core: "network".into(),
            input: Shape { channels: inputs, height: 1, width: 1, bits: 4 },
            layers: vec![FileLayer::Dense(first), FileLayer::Dense(last)],
            classes: vec!["one".into()],
        };
        prop_assert_eq!(file.validate(), Ok(()));
        let image: Vec<u8> = (0..inputs).map(|_| random.u8(..16)).collect();
        let found = f64::from(file.forward(&image).scores[0]);
        let exact = reference::scores(&file, &image)[0];
        prop_assert!((found - exact).abs() <= 0.5 * most, "{found} for {exact}");
    }
}

/// No sum needs more bits than there are, at the largest layers of both kinds, and one bit less
/// would not hold them.
#[test]
fn the_largest_sum_fits() {
    let largest = |products: usize| products as i64 * -128 * 255;
    let worst = largest(MOST_INPUTS).min(largest(9 * MOST_CONV_CHANNELS));
    let least = -(1_i64 << (SUM_BITS - 1));
    assert!(worst >= least && worst < least / 2, "{worst} in {SUM_BITS} bits");
    let w = Weights {
        outputs: 1,
        weight_bits: 8,
        weights: vec![-128; MOST_INPUTS],
        bias: vec![least as i32],
        ..Default::default()
    };
    // The image is smaller, but a layer before the last gives it as many.
    let file = NetworkFile {
        format: FORMAT,
        core: "network".into(),
        input: Shape { channels: MOST_INPUTS, height: 1, width: 1, bits: 8 },
        layers: vec![FileLayer::Dense(w)],
        classes: vec!["one".into()],
    };
    let scores = file.forward(&vec![255; MOST_INPUTS]).scores;
    assert_eq!(i64::from(scores[0]), worst + least);
}

/// What a file may not say, each by one line that names the layer.
#[test]
fn a_wrong_network_is_refused() {
    let good = || NetworkFile {
        format: FORMAT,
        core: "network".into(),
        input: Shape { channels: 1, height: 2, width: 2, bits: 4 },
        layers: vec![
            FileLayer::Conv(Weights {
                outputs: 2,
                weight_bits: 2,
                weights: vec![1; 18],
                bias: vec![0; 2],
                multiplier: vec![1; 2],
                shift: vec![0; 2],
                activation_bits: 4,
            }),
            FileLayer::Pool,
            FileLayer::Dense(Weights {
                outputs: 2,
                weight_bits: 1,
                weights: vec![1, -1, -1, 1],
                bias: vec![0; 2],
                ..Default::default()
            }),
        ],
        classes: vec!["a".into(), "b".into()],
    };
    assert_eq!(good().validate(), Ok(()));
    let refused = |change: &dyn Fn(&mut NetworkFile), what: &str| {
        let mut file = good();
        change(&mut file);
        let said = file.validate().expect_err(what);
        assert!(said.contains(what) && !said.contains('\n'), "{said}");
    };
    let at = |file: &mut NetworkFile, i: usize, change: &dyn Fn(&mut Weights)| match &mut file
        .layers[i]
    {
        FileLayer::Conv(w) | FileLayer::Dense(w) => change(w),
        FileLayer::Pool => panic!("a pool"),
    };
    refused(&|f| f.format = 2, "format");
    refused(&|f| f.core = "vq".into(), "core");
    refused(&|f| f.input.width = 1 << 40, "image");
    refused(&|f| f.input.bits = 9, "bits");
    refused(&|f| f.layers.clear(), "layers");
    refused(&|f| f.layers.push(FileLayer::Pool), "layer 3");
    refused(&|f| f.layers.insert(1, FileLayer::Pool), "layer 3");
    refused(&|f| at(f, 0, &|w| w.weights[3] = 2), "weight 3 is 2");
    refused(&|f| at(f, 2, &|w| w.weights[1] = 0), "weight 1 is 0");
    refused(&|f| at(f, 0, &|w| w.bias[1] = 1 << 26), "bias 1");
    refused(&|f| at(f, 0, &|w| w.shift[1] = 32), "shift");
    refused(&|f| at(f, 0, &|w| w.multiplier.truncate(1)), "multipliers");
    refused(&|f| at(f, 0, &|w| w.outputs = 0), "outputs");
    refused(&|f| at(f, 0, &|w| w.outputs = 3), "weights, not 27");
    refused(&|f| at(f, 0, &|w| w.activation_bits = 0), "activations");
    refused(&|f| at(f, 2, &|w| w.shift = vec![1, 1]), "last one");
    refused(&|f| f.classes.truncate(1), "classes");
}
