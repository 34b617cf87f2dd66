//! How random cases are run.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// `count` cases, others in each run; one that fails is made smaller.
pub fn random(count: u32) -> TestRunner {
    TestRunner::new(Config { cases: count, failure_persistence: None, ..Default::default() })
}

/// `count` cases, the same in each run; one that fails is left as it is.
pub fn repeatable(count: u32) -> TestRunner {
    let config = Config {
        cases: count,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Default::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Runs the test on the runner's cases; the message of the first that fails.
pub fn failure<S: Strategy>(
    mut runner: TestRunner,
    cases: &S,
    test: impl Fn(&S::Value) -> Result<(), String>,
) -> Option<String>
where
    S::Value: std::fmt::Debug,
{
    match runner.run(cases, |case| test(&case).map_err(TestCaseError::fail)) {
        Ok(()) => None,
        Err(TestError::Fail(why, case)) => Some(format!("{why}\n{case:#?}")),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}
