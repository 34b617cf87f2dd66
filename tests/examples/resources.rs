//! Builds the reference configurations and writes `tests/resources.csv` anew.
//!
//! `cargo run --release -p fixlearn-tests --example resources`

use fixlearn_tests::resources::{line, measure, path, BUILDS, HEADER};

fn main() {
    let mut text = format!("{HEADER}\n");
    for &build in BUILDS {
        let line = line(&measure(build));
        println!("{line}");
        text += &format!("{line}\n");
    }
    fixlearn::output::write(&path(), text.as_bytes()).expect("the table is written");
}
