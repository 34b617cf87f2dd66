//! A sample of `cargo run --release -p fixlearn-tests --example mutation`.

use fixlearn_hdl::design::Design;
use fixlearn_tests::mutation::{quiet, Equivalence, Mutants};
use fixlearn_tests::{gradient, vq};

/// Co-simulation notices most mutants; one that it notices is never proved harmless, and some of
/// those that it does not notice are.
#[test]
fn of_the_quantizer() {
    quiet();
    let design = vq::design(16, 4, 1);
    let mutants = Mutants::of(&design.core_verilog().expect("on offer"), 40, 4);
    let verdicts = mutants.judge(|model| vq::check(&design, model, vq::MUTATION_CASES));
    let numbers = |noticed: bool| {
        let of = |&k: &usize| verdicts[k].is_some() == noticed;
        (0..verdicts.len()).filter(of).collect::<Vec<_>>()
    };
    let (noticed, not) = (numbers(true), numbers(false));
    assert!(noticed.len() >= 30, "{} of {} noticed", noticed.len(), verdicts.len());
    for proved in mutants.equivalence(&noticed[..3], 4) {
        assert_eq!(proved, Equivalence::Open, "a mutant that is noticed is not harmless");
    }
    let proved = mutants.equivalence(&not, 4);
    let open = proved.iter().filter(|&&proved| proved == Equivalence::Open).count();
    assert!(open < not.len(), "none of {} is proved harmless", not.len());
}

#[test]
fn of_the_gradient_core() {
    quiet();
    let mutants = Mutants::of(&gradient::DESIGN.core_verilog().expect("on offer"), 30, 4);
    let verdicts = mutants.judge(|model| gradient::check(model, gradient::MUTATION_CASES));
    let noticed = verdicts.iter().flatten().count();
    assert!(noticed >= 22, "{noticed} of {} noticed", verdicts.len());
}
