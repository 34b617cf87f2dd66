//! The gradient core behind the link: the whole design at its UART pins, the host's own client.

use fixlearn::gradient::device::Device;
use fixlearn::port;
use fixlearn::request::{Place, Request};
use fixlearn_hdl::design::{GradientDesign, ALL_OBJECTIVES};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_map::gradient::{self as register, memory};
use fixlearn_map::link::{command, space};
use fixlearn_sim::golden::gradient::{Config, Gradient, Objective, Rounding, Sample};
use fixlearn_tests::gradient::valley;

const DESIGN: GradientDesign = GradientDesign {
    objectives: ALL_OBJECTIVES,
    fabric: Fabric::Inferred,
    clock_hz: 12_000_000,
    baud: 3_000_000,
};

fn device() -> Device {
    let port = port::open("sim", DESIGN.baud, &DESIGN, &Default::default()).expect("a board");
    Device::open(port).expect("it answers")
}

fn same(device: &mut Device, golden: &Gradient) {
    let mut found = golden.clone();
    device.save(&mut found).expect("it reads");
    assert_eq!(&found, golden);
}

#[test]
fn functions_and_models_over_the_link() {
    let mut device = device();
    let mut golden = valley(9, true, true);
    device.load(&golden).expect("it loads");
    // More than one command's worth.
    device.iterate(12_345).expect("it iterates");
    (0..12_345).for_each(|_| drop(golden.iterate(None)));
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
        device.learn(&samples).expect("it learns");
        device.client.finish().expect("it answers");
        samples.iter().for_each(|s| drop(golden.iterate(Some(s))));
        same(&mut device, &golden);
        let found = device.predict(&samples).expect("it predicts");
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
    (0..5).for_each(|_| drop(golden.iterate(None)));
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
        (space::REGISTERS, 0, register::OBJECTIVE, 3),
        (space::REGISTERS, 0, register::DIMENSION, 0),
        (space::REGISTERS, 0, register::DIMENSION, 65),
        (space::REGISTERS, 0, register::MODE, 0x30),
        (space::REGISTERS, 0, register::RATE, 32),
        (space::REGISTERS, 0, register::PATIENCE, 0),
        (space::REGISTERS, 0, register::GRADIENT_BITS, 21),
        (space::REGISTERS, 0, register::POINT_BITS, 29),
        (space::REGISTERS, 0, register::LEVELS, 17),
        (space::REGISTERS, 0, register::SATURATED, 8),
        (space::REGISTERS, 0, register::ITERATE, 1 << 24),
        (space::REGISTERS, 0, 24, 0),
        (space::CODEBOOK, memory::GRADIENT, 0, 1),
        (space::CODEBOOK, memory::CURVATURE, 0, 1 << 31),
        (space::CODEBOOK, memory::POINT, 64, 1),
        (space::COUNTS, 0, 0, 1),
    ];
    for (space, row, column, word) in cases {
        let place = Place { space, row: row.into(), column: column.into(), wrap: None };
        let request = Request::Write { command: command::WRITE, place, words: vec![word] };
        device.client.submit(request).expect("it is sent");
        assert!(device.client.finish().is_err(), "{space} {row} {column}: {word} was accepted");
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
    let fresh = Gradient {
        point: vec![0; 2],
        gradient_residues: vec![0; 2],
        point_residues: vec![0; 2],
        ..Gradient::new(Config::power_up(), vec![0; 2])
    };
    same(&mut device, &fresh);
}
