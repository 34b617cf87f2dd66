//! The gradient core behind the link: the whole design at its UART pins, the host's own client.

use fixlearn::device::Device;
use fixlearn::link::port::{simulated_board, Simulated};
use fixlearn::link::Request;
use fixlearn::tasks::regress::predict;
use fixlearn_hdl::cores::gradient::OBJECTIVES;
use fixlearn_map::gradient::{self as register, memory, GradientBuilt};
use fixlearn_sim::golden::core::{difference, Core, Place};
use fixlearn_sim::golden::cores::gradient::{Config, Objective, Rounding, Sample};
use fixlearn_tests::cores::gradient::{valley, Gradient};
use fixlearn_tests::cores::{design, Tested};

fn device() -> Device<Gradient> {
    let design = design::<Gradient>(Gradient::SIZE);
    let board = simulated_board(design.as_ref(), &Default::default(), None).expect("a board");
    Device::open(Box::new(Simulated::new(board))).expect("it answers")
}

fn same(device: &mut Device<Gradient>, golden: &Gradient) {
    let mut found = golden.clone();
    device.save(&mut found).expect("it reads");
    assert_eq!(difference(&found, golden), None);
}

#[test]
fn functions_and_models_over_the_link() {
    let mut device = device();
    let mut golden = valley(9, true, true);
    device.load(&golden).expect("it loads");
    // More than one command's worth.
    device.iterate(12_345).expect("it iterates");
    golden.iterate(12_345);
    same(&mut device, &golden);

    let samples: Vec<Sample> = (0..200_i32)
        .map(|i| {
            let features: Vec<i16> =
                (0..20_i32).map(|k| ((i * 7919 + k * 104_729) % 16_384 - 8192) as i16).collect();
            Sample { target: features[3] / 2, features }
        })
        .collect();
    for (objective, rounding) in [
        (Objective::LeastSquares, Rounding::ErrorFeedback),
        (Objective::Logistic, Rounding::Stochastic),
        (Objective::Perceptron, Rounding::Nearest),
    ] {
        let config = Config { objective, dimension: 20, rounding, rate: 7, ..Config::power_up() };
        let mut golden = Gradient::new(config, vec![0; 20]);
        device.load(&golden).expect("it loads");
        device.learn(samples.iter().flat_map(Sample::bytes).collect()).expect("it learns");
        device.finish().expect("it answers");
        samples.iter().for_each(|s| drop(golden.descend(Some(s))));
        same(&mut device, &golden);
        let found = predict(&mut device, &samples).expect("it predicts");
        let expected: Vec<i32> = samples.iter().map(|s| golden.predict(&s.features)).collect();
        assert_eq!(found, expected);
        same(&mut device, &golden);
    }
}

/// The core's saturation is sticky, is reported, and is cleared by a write alone.
#[test]
fn saturation_is_sticky() {
    let mut device = device();
    let config = Config {
        objective: Objective::Quadratic,
        dimension: 1,
        rate: 0,
        high: 1 << 20,
        ..Config::power_up()
    };
    let mut golden = Gradient::new(config, vec![0]);
    golden.centre[0] = 1 << 28;
    device.load(&golden).expect("it loads");
    device.iterate(5).expect("it iterates");
    golden.iterate(5);
    assert!(golden.config.saturated.point && !golden.config.saturated.gradient);
    same(&mut device, &golden);
    golden.config.saturated.point = false;
    device.load(&golden).expect("it loads");
    same(&mut device, &golden);
}

#[test]
fn what_is_out_of_range_is_refused_and_changes_nothing() {
    let mut device = device();
    let golden = valley(12, false, false);
    device.load(&golden).expect("it loads");
    let cases = [
        (memory::REGISTERS, 0, register::OBJECTIVE, OBJECTIVES.len() as u32),
        (memory::REGISTERS, 0, register::DIMENSION, 0),
        (memory::REGISTERS, 0, register::DIMENSION, 65),
        (memory::REGISTERS, 0, register::MODE, 0x30),
        (memory::REGISTERS, 0, register::RATE, 32),
        (memory::REGISTERS, 0, register::PATIENCE, 0),
        (memory::REGISTERS, 0, register::GRADIENT_BITS, 21),
        (memory::REGISTERS, 0, register::POINT_BITS, 29),
        (memory::REGISTERS, 0, register::LEVELS, 17),
        (memory::REGISTERS, 0, register::SATURATED, 8),
        (memory::REGISTERS, 0, register::ITERATE, 1 << 24),
        (memory::REGISTERS, 0, register::SEARCH, 8),
        (memory::REGISTERS, 0, register::NOISE_WIDTH, 33),
        (memory::REGISTERS, 0, register::RESOLUTION_MOST, 29 << 8),
        (memory::REGISTERS, 0, 30, 0),
        (memory::REGISTERS, 1, register::RATE, 1),
        (memory::GRADIENT, 0, 0, 1),
        (memory::CURVATURE, 0, 0, 1 << 31),
        (memory::POINT, 0, 64, 1),
        (memory::POINT, 1, 0, 1),
        (8, 0, 0, 1),
    ];
    for (memory, row, column, word) in cases {
        let at = Place { memory, row, column };
        let request = Request::Write { at, columns: 64, words: vec![word] };
        device.client.submit(request).expect("it is sent");
        assert!(device.client.finish().is_err(), "{memory} {row} {column}: {word} was accepted");
        // The error stays until the link is opened anew.
        device = Device::open(device.client.into_port()).expect("it answers");
        device.load(&golden).expect("it loads");
        same(&mut device, &golden);
    }
}

/// RESET is power-up.
#[test]
fn reset_clears_everything() {
    let mut device = device();
    device.load(&valley(9, true, true)).expect("it loads");
    device.iterate(100).expect("it iterates");
    device.client.submit(Request::Reset).expect("it is sent");
    device.client.finish().expect("it answers");
    let built: GradientBuilt = device.built();
    same(&mut device, &Gradient::power_up(&built));
}
