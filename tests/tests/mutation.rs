//! A sample of `cargo run --release -p fixlearn-tests --example mutation`.

use fixlearn_tests::cores::{design, vq::Vq, Tested};
use fixlearn_tests::cosim::check;
use fixlearn_tests::every_core;
use fixlearn_tests::mutation::{quiet, Equivalence, Mutants};

/// Mutants of the core, and the numbers of those that co-simulation notices, and does not.
fn judged<C: Tested>() -> (Mutants, Vec<usize>, Vec<usize>) {
    quiet();
    let core = design::<C>(C::SIZE).core_verilog().expect("on offer");
    let mutants = Mutants::of(&core, 30, 4);
    let verdicts =
        mutants.judge(|model| check::<C>(design::<C>(C::SIZE).as_ref(), model, C::MUTATION_CASES));
    let (noticed, not) = (0..verdicts.len()).partition(|&k| verdicts[k].is_some());
    (mutants, noticed, not)
}

/// Co-simulation notices most mutants of every core.
#[test]
fn most_are_noticed() {
    fn most<C: Tested>() {
        let (_, noticed, not) = judged::<C>();
        assert!(noticed.len() >= 22, "{} noticed, {} not", noticed.len(), not.len());
    }
    every_core!(most);
}

/// One that is noticed is never proved harmless, and some of those that are not noticed are.
#[test]
fn those_left_are_proved_harmless() {
    let (mutants, noticed, not) = judged::<Vq>();
    for proved in mutants.equivalence(&noticed[..3], 4) {
        assert_eq!(proved, Equivalence::Open, "a mutant that is noticed is not harmless");
    }
    let proved = mutants.equivalence(&not, 4);
    let open = proved.iter().filter(|&&proved| proved == Equivalence::Open).count();
    assert!(open < not.len(), "none of {} is proved harmless", not.len());
}
