//! The reference builds against `tests/resources.csv`: LUTs and flip-flops within 5 %, block RAMs
//! and multipliers exactly, Fmax not more than 15 % below, and every clock met.

use fixlearn::build::tools::Kind;
use fixlearn_tests::resources::{line, measure, path, Build, HEADER};

fn same(build: Build) {
    let table = std::fs::read_to_string(path()).expect("the table");
    assert_eq!(table.lines().next(), Some(HEADER));
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let expected = lines.find(|line| line[..2] == [build.0, build.1]).expect("a line");
    let report = measure(build);
    let found = line(&report);
    println!("{found}");
    let found: Vec<&str> = found.split(',').collect();
    assert_eq!(found[..5], expected[..5], "renew the table");
    let number = |words: &[&str], i: usize| words[i].parse::<f64>().expect("a number");
    for (i, what) in [(5, "LUTs"), (6, "flip-flops")] {
        let (now, then) = (number(&found, i), number(&expected, i));
        assert!((now / then - 1.0).abs() <= 0.05, "{now} {what}, {then} in the table");
    }
    assert_eq!(found[7..9], expected[7..9], "block RAMs, multipliers");
    let (now, then) = (number(&found, 9), number(&expected, 9));
    assert!(now >= 0.85 * then, "{now} MHz, {then} in the table");
    assert!(report.fmax_mhz >= report.clock_mhz, "{now} MHz, below the clock");
}

macro_rules! tests {
    ($($name:ident $board:literal $core:literal $tools:ident;)*) => {
        $(#[test]
        fn $name() {
            same(($board, $core, Kind::$tools));
        })*
    };
}
fixlearn_tests::reference_builds!(tests);
