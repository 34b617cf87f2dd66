//! A client and models in another language, which were written from the pages of the protocol and
//! of the cores: `tests/client.py`.

mod common;

use common::{Board, Folder};
use std::process::Command;

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/client.py");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/protocol.md");

/// The script ends with this status and one line, which it gives.
fn says(script: &str, arguments: &[&str], status: i32) -> String {
    let mut python = Command::new("python3");
    let done = python.arg(script).args(arguments).output().expect("python3 is there");
    let said = String::from_utf8([done.stdout, done.stderr].concat()).expect("text");
    assert_eq!(done.status.code(), Some(status), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    said
}

/// It learns on the simulated board, and every register, memory and answer is its own model's.
fn learns(options: &[&str]) -> String {
    let board = Board::start(options);
    says(CLIENT, &[&board.1], 0)
}

#[test]
fn its_quantizer_is_the_boards() {
    assert!(learns(&["--core", "vq"]).contains("600 vectors, every word equal"));
}

#[test]
fn its_filter_is_the_boards() {
    assert!(learns(&["--core", "lms"]).contains("600 vectors, every word equal"));
}

#[test]
fn its_optimizer_is_the_boards() {
    assert!(learns(&["--core", "gradient"]).contains("450 vectors, every word equal"));
}

#[test]
fn its_bits_are_the_boards_over_a_bad_line() {
    let said = learns(&["--core", "vq", "--faults", "ber=1e-4,lost=0.0005,seed=5"]);
    assert!(said.contains("every word equal") && !said.contains(" 0 refusals"), "{said}");
}

#[test]
fn its_frames_are_the_pages() {
    says(CLIENT, &["--examples", PAGE], 0);
}

/// A page with another byte, a model with another rule, a port that is not there.
#[test]
fn it_notices_what_differs() {
    let folder = Folder::new();
    let changed = |name: &str, of: &str, from: &str, to: &str| {
        let text = std::fs::read_to_string(of).expect("a file");
        assert!(text.contains(from), "{of} has `{from}`");
        folder.file(name, text.replacen(from, to, 1)).to_str().expect("text").to_string()
    };
    let page = changed("page.md", PAGE, "\n>  33 00 ", "\n>  33 01 ");
    says(CLIENT, &["--examples", &page], 1);
    let script = changed("client.py", CLIENT, ">> (1 + e)", ">> (2 + e)");
    let board = Board::start(&["--core", "vq"]);
    assert!(says(&script, &[&board.1], 1).contains("the model's"));
    assert!(says(CLIENT, &[&folder.at("none")], 2).contains("No such file"));
}
