//! `hdl::gradient` against `golden::gradient`, after every iteration, in Verilator.

use fixlearn_sim::golden::gradient::{Config, Gradient, Objective, Sample};
use fixlearn_tests::bus;
use fixlearn_tests::gradient::{clocks, core, differs, table_differs};
use fixlearn_tests::runner::random;

#[test]
fn every_objective_is_equal() {
    for &objective in Objective::ALL {
        if let Some(difference) = differs(objective, &mut core(str::to_string), random(150)) {
            panic!("the core differs from the golden model: {difference}");
        }
    }
}

/// Every word on the bus is as in the protocol, at power-up and after `clear`, and so is what is
/// refused.
#[test]
fn the_bus_is_the_protocols() {
    let (map, mut core) = (bus::gradient(), core(str::to_string));
    assert_eq!(bus::power_up(&map, &mut core.bus), None);
    assert_eq!(bus::differs(&map, &mut core.bus, random(200)), None);
}

/// A mutant of the Verilog must differ from the golden model.
fn caught(objective: Objective, from: &str, to: &str) {
    let mutate = |verilog: &str| {
        assert!(verilog.contains(from), "the mutant's place is gone: {from}");
        verilog.replace(from, to)
    };
    let found = differs(objective, &mut core(mutate), random(4000));
    assert!(found.is_some(), "not caught: {from} -> {to}");
}

#[test]
fn mutant_no_saturation() {
    let from = "y <= above ? high : below ? low : next[31:0]";
    caught(Objective::Quadratic, from, "y <= next[31:0]");
}

#[test]
fn mutant_rounding_off_by_one() {
    let from = "step <= $signed(kept) >>> rate";
    caught(Objective::Quadratic, from, "step <= ($signed(kept) >>> rate) + 46'd1");
}

#[test]
fn mutant_ties_to_the_highest_index() {
    caught(Objective::Quadratic, "magnitude$q > best$q", "magnitude$q >= best$q");
}

#[test]
fn mutant_product_without_its_signs() {
    caught(Objective::Rosenbrock, "high <= ~(hh2 + excess2)", "high <= ~hh2");
}

/// The clocks of the README: an iteration, from its start to the core free again.
#[test]
fn cycles_are_those_of_the_formulas() {
    let mut core = core(str::to_string);
    for objective in [Objective::Rosenbrock, Objective::Quadratic] {
        for d in [2, 3, 16, 64] {
            let config = Config { objective, dimension: d, ..Config::power_up() };
            assert!(core.load(&Gradient::new(config, vec![1 << 20; d])));
            assert_eq!(core.step(), clocks(objective, d), "{objective:?} in {d} dimensions");
        }
    }
    for objective in [Objective::LeastSquares, Objective::Logistic, Objective::Perceptron] {
        for d in [1, 11, 64] {
            let config = Config { objective, dimension: d, ..Config::power_up() };
            assert!(core.load(&Gradient::new(config, vec![1 << 20; d])));
            let sample = Sample { features: vec![77; d], target: 1 };
            let (_, took) = core.run(&sample, true, &[0]);
            assert_eq!(took, clocks(objective, d), "{objective:?} in {d} dimensions");
        }
    }
}

/// Every entry of the sigmoid's and of the levels' tables, through the core.
#[test]
fn tables_are_the_golden_models() {
    assert_eq!(table_differs(&mut core(str::to_string)), None);
}
