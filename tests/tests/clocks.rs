//! The clocks that the page of a run states are those that co-simulation finds.

use fixlearn::page::run::Paged;
use fixlearn::tasks::associate::Associate;
use fixlearn::tasks::classify::Classify;
use fixlearn::tasks::codebook::Codebook;
use fixlearn::tasks::filter::Filter;
use fixlearn::tasks::fuse::Fuse;
use fixlearn::tasks::optimize::Optimize;
use fixlearn::tasks::regress::Regress;
use fixlearn_sim::golden::core::Core;
use fixlearn_tests::cores::{design, Tested};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Compares both on random states: `more` clocks than the stated ones are between two vectors that
/// are learned, by the formulas that every random case of co-simulation is held against; none
/// where the page does not say that much.
fn agree<T>(more: impl Fn(&T::Core) -> Option<i64>)
where
    T: Paged,
    T::Core: Tested,
{
    let design = design::<T::Core>(T::Core::SIZE);
    let built = design.identity().built::<<T::Core as Core>::Built>().expect("this core");
    let (cases, mut runner) = (T::Core::cases(&built), TestRunner::deterministic());
    let mut compared = 0;
    for _ in 0..200 {
        let state = cases.new_tree(&mut runner).expect("a case").current().start;
        let Some(more) = more(&state) else { continue };
        let found = T::Core::clocks(&state, design.as_ref(), 0, true);
        let stated = T::clocks(&state, design.as_ref()).expect("clocks");
        assert_eq!((found.result + found.update) as i64, stated as i64 + more, "{}", T::NAME);
        compared += 1;
    }
    assert!(compared > 10, "{}: {compared}", T::NAME);
}

#[test]
fn stated_clocks_are_those_of_the_formulas_that_co_simulation_checks() {
    // It is busy a clock longer than it is before it takes the next vector.
    agree::<Codebook>(|state| (state.config.radius == 0).then_some(1));
    agree::<Regress>(|_| Some(0));
    agree::<Optimize>(|_| Some(0));
    agree::<Filter>(|_| Some(0));
    agree::<Associate>(|state| (state.config.pattern + 1 < state.config.patterns).then_some(0));
    agree::<Fuse>(|_| Some(0));
    agree::<Classify>(|state| (state.config.learning == 0).then_some(0));
}
