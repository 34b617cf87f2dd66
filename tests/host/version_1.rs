//! Run files of version 1, as `tests/host/version_1` keeps them: they are checked and gone on with.
//! Each was made by the last version that wrote such files, of `table.csv` there.

mod common;

use common::{json, Folder};
use std::path::Path;

/// A folder with a copy of the file and of the table.
fn kept(name: &str) -> Folder {
    let f = Folder::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/host/version_1");
    for name in [name, "table.csv"] {
        std::fs::copy(from.join(name), f.path(name)).expect("a copy");
    }
    f
}

/// Checks it, goes on with it to its end, and checks that: in the order in which it began, which is
/// another than that of a new run. Gives its state, and the new run's.
fn goes_on(name: &str, input: &[&str], command: &[&str]) -> [serde_json::Value; 2] {
    let f = kept(name);
    let input: Vec<String> = input.iter().map(|i| f.at(i)).collect();
    let input: Vec<&str> = input.iter().map(String::as_str).collect();
    let header = if input.is_empty() { &[][..] } else { &["--header"][..] };
    let (old, new) = (f.at(name), f.at("new.json"));
    assert_eq!(f.json(name)["version"], 1);
    let before = json(&[&["check", "--model", &old], &input[..], header].concat());
    assert_eq!(before["equal"], true, "{before}");
    let golden = ["--port", "golden", "--out"];
    json(&[command, &input, header, &golden, &[&old, "--resume"]].concat());
    json(&[command, &input, header, &golden, &[&new]].concat());
    let after = json(&[&["check", "--model", &old], &input[..], header].concat());
    let (old, new) = (f.json(name), f.json("new.json"));
    assert_eq!((&old["version"], &old["task"]), (&2.into(), &new["task"]));
    assert!(before["steps"].as_u64() <= old["done"].as_u64(), "{before}");
    assert_eq!((&after["equal"], &after["steps"]), (&true.into(), &new["done"]), "{after}");
    [old["state"].clone(), new["state"].clone()]
}

/// Broken off after 3260 of 10,000 vectors.
#[test]
fn a_codebook_broken_off_goes_on() {
    // It was scaled as all tables were then, and by the schedule of then.
    let rule = ["--passes", "500", "--rounding", "stochastic", "--seed", "3", "--common-scale"];
    let schedule = ["--init", "plus-plus", "--keep-counts", "--frequency-passes", "1"];
    let command = [&["train", "--codewords", "5", "--count-cap", "256"], &rule[..], &schedule];
    goes_on("codebook.json", &["table.csv"], &command.concat());
}

#[test]
fn a_linear_model_is_read() {
    let rule = ["--passes", "3", "--rate-shift", "8"];
    goes_on("regress.json", &["table.csv"], &[&["regress", "--target", "y"], &rule[..]].concat());
}

/// Of 300 iterations; a hundred more are asked for.
#[test]
fn an_optimization_goes_on() {
    let rates = ["--rate-shift", "10", "--rate-least", "6"];
    let rule = ["--rounding", "stochastic", "--gradient-bits", "8", "--every", "100"];
    let rule = [&rule[..], &rates].concat();
    let command = [&["optimize", "--iterations", "400"], &rule[..]].concat();
    let [old, new] = goes_on("optimize.json", &[], &command);
    assert_eq!(old, new, "it has no vectors");
}
