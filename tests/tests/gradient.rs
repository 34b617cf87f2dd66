//! What is the gradient core's own: mutants of its arithmetic, its clocks.

use fixlearn_sim::cosim::Core;
use fixlearn_sim::golden::core::Core as _;
use fixlearn_sim::golden::cores::gradient::reference::{point_value, point_word};
use fixlearn_sim::golden::cores::gradient::{Config, Objective, Sample};
use fixlearn_tests::cores::gradient::{cases, clocks, kept_point, places, Gradient};
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

/// What a search adds, a line each: the kept point, its value and residues, noise, schedules, and
/// the table.
#[test]
fn mutants_of_the_search() {
    for (from, to) in [
        ("next <= {{11{x[32]}}, x}", "next <= {{12{x[31]}}, x[31:0]}"),
        (
            "updated_here$q & (registers$keep & (~registers$dropped))",
            "updated_here$q & registers$keep",
        ),
        ("memory$write_enable = keeps & (~drops)", "memory$write_enable = keeps"),
        ("drops = keeps & (last$q[32'h7] & grown$q)", "drops = keeps & grown$q"),
        ("feedback_five$q & (~dropped)", "feedback_five$q"),
        ("noise_two$q | (noise_mask$q ^ all_grid)", "noise_two$q"),
        ("noise_due$d = |timed &", "noise_due$d ="),
        ("phase[32'h1a] ^ steep", "phase[32'h1a]"),
    ] {
        caught(Objective::Rastrigin, from, to);
    }
}

/// A whole run of the rule that finds the global minimum ends with the golden model's bits.
#[test]
fn a_kept_point_is_the_golden_models() {
    let mut core = core(str::to_string);
    for (seed, objective) in [(0, Objective::Rastrigin), (1, Objective::Griewank)] {
        let place = places(seed);
        let config = Config { objective, noise: place.noise, ..kept_point(9, 20_000) };
        let words = |x: [f64; 2]| x.map(|x| point_word(x, 28).expect("in range")).to_vec();
        let mut golden = Gradient::new(config, words(place.start));
        golden.centre = words(place.centre);
        assert!(core.load(&golden));
        for _ in 0..20 {
            core.iterate(1_000);
            golden.iterate(1_000);
        }
        assert_eq!(core.difference(&golden), None, "{objective:?}");
        let off = golden.best().iter().zip(place.centre).map(|(&x, z)| (point_value(x) - z).abs());
        assert!(off.sum::<f64>() < 0.5, "{objective:?}: not in the global basin");
    }
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
