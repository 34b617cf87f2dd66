//! `hdl::gradient` against `golden::gradient`, after every iteration, in Verilator.

use fixlearn_sim::golden::gradient::Objective;
use fixlearn_tests::gradient::{core, differs};

fn same(objective: Objective, count: u32) {
    if let Some(difference) = differs(objective, core(str::to_string), count) {
        panic!("the core differs from the golden model: {difference}");
    }
}

#[test]
fn equal_rosenbrock() {
    same(Objective::Rosenbrock, 100);
}

#[test]
fn equal_quadratic() {
    same(Objective::Quadratic, 100);
}

#[test]
fn equal_least_squares() {
    same(Objective::LeastSquares, 100);
}

#[test]
fn equal_logistic() {
    same(Objective::Logistic, 100);
}

#[test]
fn equal_perceptron() {
    same(Objective::Perceptron, 100);
}
