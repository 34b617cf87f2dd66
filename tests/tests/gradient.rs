//! What is the gradient core's own: mutants of its arithmetic, its clocks.

use fixlearn_sim::cosim::Core;
use fixlearn_sim::golden::cores::gradient::{Config, Objective, Sample};
use fixlearn_tests::cores::gradient::{cases, clocks, Gradient};
use fixlearn_tests::cores::{design, Tested};
use fixlearn_tests::cosim::{self, compare, mutant};
use fixlearn_tests::runner::{failure, random};
use std::cell::RefCell;

fn core(mutate: impl Fn(&str) -> String) -> Core<Gradient> {
    cosim::core(design::<Gradient>(Gradient::SIZE).as_ref(), mutate)
}

/// A mutant of the Verilog must differ from the golden model.
fn caught(objective: Objective, from: &str, to: &str) {
    let mutate = |verilog: &str| mutant(verilog, from, to);
    let (core, design) = (RefCell::new(core(mutate)), design::<Gradient>(Gradient::SIZE));
    let found = failure(random(4000), &cases(objective), |case| {
        compare(design.as_ref(), &mut core.borrow_mut(), case).map(|_| ())
    });
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
            assert_eq!(core.iterate(1), clocks(objective, d), "{objective:?} in {d} dimensions");
        }
    }
    for objective in [Objective::LeastSquares, Objective::Logistic, Objective::Perceptron] {
        for d in [1, 11, 64] {
            let config = Config { objective, dimension: d, ..Config::power_up() };
            assert!(core.load(&Gradient::new(config, vec![1 << 20; d])));
            let sample = Sample { features: vec![77; d], target: 1 };
            let vector: Vec<u8> = sample.bytes().collect();
            let (_, took) = core.run(&vector, true, &[0]);
            assert_eq!(took.result, clocks(objective, d), "{objective:?} in {d} dimensions");
        }
    }
}
