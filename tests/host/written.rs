//! Whatever the tool writes, it reads; what it refuses, it refuses in one line, before it has
//! written anything. Numbers of all sizes, and options of all kinds.

mod common;

use common::{tool, Folder};
use proptest::prelude::*;

/// Numbers as tables hold them: small ones, and those at the ends of what a number can be.
fn number() -> impl Strategy<Value = String> {
    let usual = (-50_i32..50).prop_map(|x| format!("{}", f64::from(x) / 4.0));
    let far = (-330_i32..320, 1_u32..100).prop_map(|(e, m)| format!("{m}e{e}"));
    let odd = ["-0", "NA", "1e308", "-1e308", "5e-324", "nan", "inf", "word", "255", "-128"];
    let odd = prop::sample::select(odd.to_vec()).prop_map(String::from);
    prop_oneof![30 => usual, 1 => far, 1 => odd]
}

fn table() -> impl Strategy<Value = String> {
    (1_usize..5, 0_usize..30).prop_flat_map(|(columns, rows)| {
        prop::collection::vec(prop::collection::vec(number(), columns), rows).prop_map(
            move |rows| {
                let names: Vec<String> = (0..columns).map(|c| format!("c{c}")).collect();
                let lines = std::iter::once(names).chain(rows);
                lines.map(|row| row.join(",") + "\n").collect()
            },
        )
    })
}

fn options(of: &'static [&'static [&'static str]]) -> impl Strategy<Value = Vec<&'static str>> {
    let some = prop::collection::vec(prop::sample::select(of), 0..3);
    some.prop_map(|some| some.concat())
}

const TRAIN: &[&[&str]] = &[
    &["--common-scale"],
    &["--missing", "drop"],
    &["--missing", "mean"],
    &["--drop", "c0"],
    &["--radius", "2"],
    &["--codewords", "1"],
    &["--metric", "l1"],
];
const REGRESS: &[&[&str]] = &[
    &["--missing", "drop"],
    &["--missing", "mean"],
    &["--drop", "c0"],
    &["--hold-out", "0"],
    &["--objective", "logistic"],
    &["--raw"],
    &["--scale", "1e-5"],
    &["--rule", "adaptive"],
    &["--passes", "3"],
];
const OPTIMIZE: &[&[&str]] = &[
    &["--objective", "quadratic"],
    &["--objective", "styblinski"],
    &["--objective", "rastrigin"],
    &["--keep"],
    &["--noise-width", "5"],
    &["--start", "7,-7,3"],
    &["--tolerance", "-1"],
    &["--tolerance", "1e-3"],
    &["--tolerance", "nan"],
    &["--condition", "1e6"],
    &["--rule", "plain"],
    &["--rate-shift", "0"],
    &["--rate-most", "3"],
    &["--every", "7"],
];

/// Runs it; whether it succeeded. If not, it said one line of what is wrong, and wrote nothing.
fn succeeds(f: &Folder, arguments: &[&str]) -> bool {
    let before = f.names();
    let done = tool(arguments).output().expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr);
    match done.status.code() {
        Some(0) => true,
        Some(2) => {
            let wrong = said.lines().last().unwrap_or_default();
            assert!(wrong.starts_with("fixlearn: "), "{arguments:?}: {said}");
            assert_eq!(f.names(), before, "{arguments:?}: {said}");
            false
        }
        code => panic!("{arguments:?} ended with {code:?}: {said}"),
    }
}

/// A run that is there can be looked at, checked, exported and gone on with.
fn is_whole(f: &Folder, command: &[&str], input: &[&str]) {
    let run = f.at("r");
    let checked = [&["check", "--model", &run], input].concat();
    for words in [&["info", "--model", &run][..], &checked] {
        assert!(succeeds(f, words), "{words:?} after {command:?}");
    }
    for ending in ["csv", "h", "hex", "npy"] {
        let out = f.at(&format!("e.{ending}"));
        assert!(succeeds(f, &["export", "--model", &run, "--out", &out]), "{ending}: {command:?}");
    }
    let text = std::fs::read_to_string(f.path("e.csv")).expect("a table");
    let (text, last) = (text.to_lowercase(), text.lines().last().unwrap_or_default());
    let numbers = last.split(',').all(|cell| cell.parse::<f64>().is_ok_and(f64::is_finite));
    assert!(numbers, "{command:?}: {text}");
    assert!(succeeds(f, &[command, &["--resume"]].concat()), "{command:?} --resume");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_train_writes_is_read(table in table(), options in options(TRAIN)) {
        let f = Folder::new();
        f.file("t.csv", table);
        let (table, run) = (f.at("t.csv"), f.at("r"));
        let rest = ["--header", "--port", "golden", "--passes", "3", "--out", &run];
        let command = [&["train", &table][..], &rest, &options].concat();
        if succeeds(&f, &command) {
            is_whole(&f, &command, &[&table, "--header"]);
            let (indices, back) = (f.at("i.idx"), f.at("b.csv"));
            let line = ["encode", &table, "--header", "--port", "golden", "--model", &run];
            let carry = ["--with-codebook", "--out", &indices];
            assert!(succeeds(&f, &[&line[..], &carry].concat()), "{command:?}");
            assert!(succeeds(&f, &["decode", &indices, "--out", &back]), "{command:?}");
        }
    }

    #[test]
    fn what_regress_writes_is_read(table in table(), options in options(REGRESS)) {
        let f = Folder::new();
        f.file("t.csv", table);
        let (table, run) = (f.at("t.csv"), f.at("r"));
        let rest = ["--header", "--target", "1", "--port", "golden", "--out", &run];
        let command = [&["regress", &table][..], &rest, &options].concat();
        if succeeds(&f, &command) {
            is_whole(&f, &command, &[&table, "--header"]);
            let out = f.at("p.csv");
            let line = ["predict", &table, "--header", "--port", "golden", "--model", &run];
            assert!(succeeds(&f, &[&line[..], &["--out", &out]].concat()), "{command:?}");
        }
    }

    #[test]
    fn what_optimize_writes_is_read(options in options(OPTIMIZE)) {
        let f = Folder::new();
        let run = f.at("r");
        let rest = ["--port", "golden", "--iterations", "200", "--out", &run];
        let command = [&["optimize"][..], &rest, &options].concat();
        if succeeds(&f, &command) {
            is_whole(&f, &command, &[]);
        }
    }
}
