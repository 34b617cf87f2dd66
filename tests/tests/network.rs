//! The low-bit network: its rules against exact arithmetic, and its Verilog against the golden
//! model.

use fixlearn_hdl::cores::network::{NetworkCore, Sums};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::verilog::of;
use fixlearn_map::network::{
    kind, memory, NetworkBuilt, INPUTS, LAYERS, LEARNING, MARGIN, MOST_CONV_CHANNELS, MOST_INPUTS,
    NOISE, RATE, ROUNDING, SATURATED, SCORES, SUM_BITS,
};
use fixlearn_sim::golden::core::{Core, Place};
use fixlearn_sim::golden::cores::network::file::{FileLayer, NetworkFile, Shape, Weights, FORMAT};
use fixlearn_sim::golden::cores::network::{narrow, reference, Answer, Layer};
use fixlearn_tests::cores::network::{networks, walked, Network};
use fixlearn_tests::cores::{built, design, Tested};
use fixlearn_tests::cosim::{self, compare, core, differs, Case};
use fixlearn_tests::formal::{free, properties, proved, within, Engine};
use fixlearn_tests::runner::{failure, repeatable};
use proptest::prelude::*;
use std::cell::RefCell;

const SMALL: NetworkBuilt =
    NetworkBuilt { lanes: 8, weight_bits: 10, activation_bits: 10, learning: true };
const WIDE: NetworkBuilt =
    NetworkBuilt { lanes: 16, weight_bits: 12, activation_bits: 12, learning: true };

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

    /// The last layer learns the same, to the bit, if it is given what the others make of the
    /// images; and what it learned is a network of its own.
    #[test]
    fn the_last_layer_learns_alone(
        (file, images) in networks(SMALL, 6),
        rate in 0..6_u32,
        rounding in 0..3_u32,
        margin in prop_oneof![Just(0), 0..5000_u32],
        seed in 1_u32..,
    ) {
        let shapes = file.shapes();
        let last = shapes[file.layers.len() - 1];
        prop_assume!(file.layers.len() > 1 && last.size() <= 240);
        let alone = NetworkFile {
            input: Shape { channels: last.size(), height: 1, width: 1, bits: last.bits },
            layers: file.layers[file.layers.len() - 1..].to_vec(),
            ..file.clone()
        };
        let core = |file: &NetworkFile| {
            let mut core = file.core(SMALL).expect("it fits");
            core.config.learning = 1;
            (core.config.rate, core.config.rounding) = (rate, rounding);
            (core.config.margin, core.config.noise) = (margin, seed);
            core
        };
        let (mut whole, mut part) = (core(&file), core(&alone));
        for (i, image) in images.iter().enumerate() {
            let class = (i * 7 % file.classes.len()) as u8;
            let given = file.forward(image).activations.pop().expect("a layer before");
            whole.learn(&file.vector(image, class));
            part.learn(&alone.vector(&given, class));
        }
        let (learned, of_alone) = (file.learned(&whole), alone.learned(&part));
        prop_assert_eq!(learned.layers.last(), of_alone.layers.last());
        let counters = |c: &Network| (c.config.noise, c.config.saturated, c.config.wrong);
        prop_assert_eq!(counters(&whole), counters(&part));
        prop_assert_eq!(learned.validate(), Ok(()));
        for image in &images {
            let found = Answer::from_bytes(&whole.recall(&file.vector(image, 0)));
            prop_assert_eq!(&found.scores, &learned.forward(image).scores);
        }
    }

    /// Wider weights change no class; a new class scores as the mean of the others, but for the
    /// rounding of its weights.
    #[test]
    fn wider_weights_and_new_classes_keep_the_scores((file, images) in networks(SMALL, 4)) {
        let wide = file.widened(8);
        if matches!(file.layers.last(), Some(FileLayer::Dense(w)) if w.weight_bits == 1) {
            prop_assert!(wide.is_err());
            return Ok(());
        }
        let wide = wide.map_err(TestCaseError::fail)?;
        let more = wide.with_classes(&["new".into()]).map_err(TestCaseError::fail)?;
        for image in &images {
            let (before, after) = (file.forward(image), more.forward(image));
            let (new, others) = after.scores.split_last().expect("scores");
            let class = wide.forward(image).class;
            prop_assert_eq!(class, before.class);
            let mut pairs = others.iter().zip(&before.scores);
            let ratio = pairs.find(|(_, &b)| b != 0).map(|(a, b)| a / b);
            let scaled = |b: &i32| b * ratio.unwrap_or(1);
            prop_assert_eq!(others.to_vec(), before.scores.iter().map(scaled).collect::<Vec<_>>());
            let given = after.activations.last().unwrap_or(image);
            let sum: i64 = given.iter().map(|&x| i64::from(x)).sum();
            let many = others.len() as i64;
            let off = i64::from(*new) * many - others.iter().map(|&s| i64::from(s)).sum::<i64>();
            prop_assert!(2 * off.abs() <= many * (sum + 1), "{off}");
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
            largest: None,
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
        largest: None,
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
        largest: None,
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

/// Equal to the golden model in answers, activations, clocks and state.
#[test]
fn the_core_is_the_golden_model() {
    for size in [Network::SIZE, "8x1024x1024", "16x4096x4096+learning"] {
        let design = design::<Network>(size);
        let mut core = core::<Network>(design.as_ref(), str::to_string);
        let found = differs(design.as_ref(), &mut core, repeatable(100));
        assert!(found.is_none(), "{size}: {:.300}", found.unwrap_or_default());
    }
}

/// Whatever a table says, it ends, and the golden model says how: from memories that are all zero,
/// layers of any kind, size and stride, that need not go together.
#[test]
fn any_table_ends_as_specified() {
    let design = design::<Network>(Network::SIZE);
    let core = RefCell::new(core::<Network>(design.as_ref(), str::to_string));
    let layer = (0..4_u32, 0..4_u32, 0..8_u32, (0..12_u32, 0..8_u32), 0..8192_u32);
    let second = prop_oneof![
        (0..20_u32, 0..20_u32).prop_map(|(channels, outputs)| channels | outputs << 16),
        (0..4_u32, Just(255_u32)).prop_map(|(channels, outputs)| channels | outputs << 16),
        // More channels than a convolution has.
        (128..132_u32, Just(0_u32)).prop_map(|(channels, outputs)| channels | outputs << 16),
    ];
    let layers = prop::collection::vec((layer, second), 1..5);
    let cases = (layers, 1..30_u32, any::<bool>(), any::<u64>());
    let found = failure(repeatable(150), &cases, |(layers, inputs, learn, seed)| {
        let mut random = fastrand::Rng::with_seed(*seed);
        let mut core = core.borrow_mut();
        core.bus.clear();
        let mut golden = Network::new(SMALL);
        for (i, ((kind, place, bits, (width, height), plane), second)) in layers.iter().enumerate()
        {
            let first = kind | place << 2 | bits << 4 | width << 7 | height << 14 | plane << 19;
            golden.layers[2 * i] = first;
            golden.layers[2 * i + 1] = *second;
        }
        golden.config.inputs = *inputs;
        golden.config.layers = layers.len() as u32;
        golden.config.scores = 60;
        golden.config.learning = 1;
        golden.config.rate = random.u32(..9);
        golden.config.rounding = random.u32(..3);
        golden.config.margin = 1 << random.u32(..26);
        for pair in golden.channels.chunks_mut(2) {
            pair[0] = random.i32(-2000..2000) as u32;
            pair[1] = random.u32(..1 << 16) | random.u32(8..24) << 16;
        }
        golden.weights.iter_mut().for_each(|word| *word = random.u32(..));
        let memories = [memory::LAYER, memory::CHANNEL, memory::WEIGHT];
        let words = [&golden.layers, &golden.channels, &golden.weights];
        for (memory, words) in memories.into_iter().zip(words) {
            for (i, &word) in words.iter().enumerate() {
                let at = Place { memory, row: 0, column: 0 }.after(i, 256);
                assert!(core.bus.write(at, word));
            }
        }
        for number in [INPUTS, LAYERS, SCORES, LEARNING, RATE, ROUNDING, MARGIN] {
            assert!(core.bus.write(Place::register(number), golden.register(number)));
        }
        let mut vector: Vec<u8> = (0..=*inputs).map(|_| random.u8(..)).collect();
        vector[*inputs as usize] %= 24;
        let before = golden.clone();
        let (class, took) = core.run(&vector, *learn, &[0]);
        if *learn {
            golden.learn(&vector);
            if class != golden.config.class {
                return Err("another class".into());
            }
        } else {
            let answer = golden.recall(&vector);
            let found: Vec<u8> =
                [class].iter().chain(&core.rest).flat_map(|word| word.to_be_bytes()).collect();
            if found != answer {
                return Err("another answer".into());
            }
        }
        let clocks = Network::clocks(&before, design.as_ref(), 0, *learn);
        if took != clocks {
            return Err(format!("{took:?}, by the formulas {clocks:?}"));
        }
        let words = golden.weights.len();
        let sizes = [SMALL.activations(), SMALL.activations(), words * usize::from(*learn)];
        for (memory, size) in [memory::EVEN, memory::ODD, memory::WEIGHT].into_iter().zip(sizes) {
            for i in 0..size {
                let at = Place { memory, row: 0, column: 0 }.after(i, 256);
                let (found, expected) = (core.bus.read(at), golden.read(at));
                if Some(found) != expected {
                    return Err(format!("{at:?}: {found}, golden {expected:?}"));
                }
            }
        }
        for number in [SATURATED, NOISE] {
            let at = Place::register(number);
            if core.bus.read(at) != golden.register(number) {
                return Err(format!("register {number}"));
            }
        }
        Ok(())
    });
    assert!(found.is_none(), "{:.600}", found.unwrap_or_default());
}

/// A mutant of the Verilog must differ from the golden model.
fn caught(from: &str, to: &str) {
    cosim::caught::<Network>(design::<Network>(Network::SIZE).as_ref(), repeatable(200), from, to);
}

#[test]
fn mutants_of_the_narrowing_are_caught() {
    caught("halves + 9'd1", "halves");
    caught("total[27] ? 27'd0 : total[26:0]", "total[26:0]");
    caught("over = beyond || (&halves)", "over = (&halves)");
    caught("by3 <= by2", "by3 <= by1");
}

#[test]
fn mutants_of_the_weights_are_caught() {
    caught("{{7{!code0[0]}}, 1'b1}", "{{7{code0[0]}}, 1'b1}");
    caught("place == 2'd1 ? {which[1:0], 1'b0}", "place == 2'd1 ? which");
    caught("if (taps_end && !pixels_end) word <= group_word", "if (1'b0) word <= group_word");
}

#[test]
fn mutants_of_the_way_are_caught() {
    caught("left || right || above || below", "left || right || above");
    caught("present = issue &&", "present = go &&");
    caught("pool ? 13'd2 : 13'd1", "13'd1");
    caught("!x_end ? next_pixel : !y_end ? next_line", "!x_end ? next_pixel : 1'b0 ? next_line");
    caught("wire aged = age == 5'd7", "wire aged = age >= 5'd6");
}

#[test]
fn mutants_of_the_outputs_are_caught() {
    caught("channel <= output_last", "1'b1");
    caught("wire [12:0] group = {plane[9:0], 3'd0}", "wire [12:0] group = {plane[10:0], 2'd0}");
    // A clock too few: the last output of a group goes to the other bank.
    caught("localparam  drain = 5'b10010", "localparam  drain = 5'b10001");
}

#[test]
fn mutants_of_the_scores_are_caught() {
    caught("narrow$total ^ sign", "narrow$total");
    caught("scored$d = zero7", "scored$d = scored$q");
}

#[test]
fn mutants_of_the_learning_are_caught() {
    caught("down ? level - {2'd0, step}", "1'b0 ? level - {2'd0, step}");
    caught("over ? {1'b0, high}", "1'b0 ? {1'b0, high}");
    caught("noise & below", "noise & one[14:0]");
    caught("rounding == 2'd1 ? one[15:1]", "rounding == 2'd1 ? one[14:0]");
    caught("group[0] ? {2'd0, words}", "group[0] ? {3'd0, words[11:1]}");
}

/// One answer for each image, whose words stay, and stay the same, until they are taken: for all
/// time, whatever the registers, memories and layers are.
#[test]
fn the_handshake_is_proved() {
    let design = of(NetworkCore::<2>::new(SMALL, Fabric::Inferred), "network");
    let inner = [
        "registers",
        "walk",
        "emit",
        "quads$0",
        "quads$1",
        "chain",
        "narrow",
        "even",
        "odd",
        "layers",
        "biases",
        "scales",
    ];
    let names: Vec<String> = inner.iter().map(|name| format!("network${name}")).collect();
    let design = free(&design, &names.iter().map(String::as_str).collect::<Vec<_>>());
    // An answer is taken with its last word.
    let last = "(learn$q || index$q == registers$scores)";
    let rules = properties("core.sv")
        .replace(
            "- (result_valid && result_ready)",
            &format!("- (result_valid && result_ready && {last})"),
        )
        .replace("RESULT", "result")
        .replace("LAST", "sample_valid && sample_ready && beat$q == registers$inputs");
    let mutants = [
        ("result_valid = 1'b1", "result_valid = sample_data[0]"),
        ("if (result_ready) begin", "if (1'b1) begin"),
    ];
    proved("network", &within(&design, "network", &rules), Engine::Unbounded, &mutants);
}

/// No sum overflows: for all time, whatever the products of the largest layer are.
#[test]
fn sums_are_exact() {
    let design = of(Sums::default(), "sums") + &properties("sums.sv");
    let mutants = [
        ("(first ? 27'd0 : sums[26:0])", "sums[26:0]"),
        ("{{11{products[31]}}, products[31:16]}", "{{11{1'b0}}, products[31:16]}"),
    ];
    proved("harness", &design, Engine::Induction(4), &mutants);
}

/// The bars: clocks within 1.25 times multiplications / lanes where layers have 16 channels and
/// more, and 2,000 images a second of the digits' network on ECP5-25F at 50 MHz with 16 lanes.
#[test]
fn the_digits_network_is_fast_enough() {
    let mut random = fastrand::Rng::with_seed(1);
    let mut weights = |outputs: usize, taps: usize, last: bool| {
        let each = |value| if last { Vec::new() } else { vec![value; outputs] };
        Weights {
            outputs,
            weight_bits: 3,
            weights: (0..outputs * taps).map(|_| random.i16(-4..4)).collect(),
            bias: vec![0; outputs],
            multiplier: each(9000),
            shift: each(18).into_iter().map(|shift| shift as u8).collect(),
            activation_bits: if last { 0 } else { 3 },
        }
    };
    let layers = vec![
        FileLayer::Conv(weights(16, 9, false)),
        FileLayer::Conv(weights(16, 144, false)),
        FileLayer::Pool,
        FileLayer::Conv(weights(32, 144, false)),
        FileLayer::Pool,
        FileLayer::Dense(weights(10, 128, true)),
    ];
    let file = NetworkFile {
        format: FORMAT,
        core: "network".into(),
        input: Shape { channels: 1, height: 8, width: 8, bits: 4 },
        largest: None,
        layers,
        classes: (0..10).map(|i| i.to_string()).collect(),
    };
    let shapes = file.shapes();
    for (size, bar) in [(Network::SIZE, None), ("16x4096x4096", Some(2000.0))] {
        let design = design::<Network>(size);
        let built = built::<Network>(design.as_ref());
        let start = file.core(built).expect("it fits");
        let lanes = u64::from(built.lanes);
        for (layer, given) in start.running().iter().zip(&shapes) {
            if layer.kind == kind::CONV && given.channels >= 16 {
                let products = (layer.outputs * layer.taps() * given.height * given.width) as u64;
                let clocks = walked(layer, lanes) + lanes + 14;
                let ratio = (clocks * lanes) as f64 / products as f64;
                println!("{size}: {clocks} clocks, {ratio:.3} times multiplications / lanes");
                assert!(ratio < 1.25, "{ratio}");
            }
        }
        let mut core = core::<Network>(design.as_ref(), str::to_string);
        let image: Vec<u8> = (0..64).map(|_| random.u8(..16)).collect();
        let vectors = vec![(file.vector(&image, 0), false), (file.vector(&image, 0), true)];
        let mut start = start;
        start.banks = Default::default();
        let case = Case { start, vectors, iterations: 0, gaps: vec![0] };
        let took = compare(design.as_ref(), &mut core, &case).expect("equal");
        let clocks = took[0].1.result + took[0].1.update;
        let rate = 50e6 / clocks as f64;
        println!("{size}: {clocks} clocks an image, {rate:.0} images a second at 50 MHz");
        assert!(bar.is_none_or(|bar| rate >= bar), "{rate}");
    }
}
