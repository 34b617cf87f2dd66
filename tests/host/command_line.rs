//! The command line: one clear line and status 2 for whatever is wrong, nothing half-written.

mod common;

use common::{fixlearn, refused, Folder};
use std::path::Path;
use std::process::Command;

fn train<'a>(input: &'a Path, out: &'a Path) -> Vec<&'a str> {
    let text = |p: &'a Path| p.to_str().expect("text");
    vec!["train", text(input), "--out", text(out), "--codewords", "16", "--passes", "1"]
}

/// A table of 40 rows and 4 columns.
fn table() -> String {
    (0..40).map(|i| format!("{},{},{},{}\n", i * 6, 255 - i, i % 7, i * i % 256)).collect()
}

#[test]
fn an_image_that_is_none() {
    let f = Folder::new();
    let input = f.file("x.png", "no picture");
    refused(&train(&input, &f.path("m.json")), &["x.png", "not a readable image"]);
    assert_eq!(f.names(), ["x.png"]);
}

#[test]
fn a_table_with_a_word_in_it() {
    let f = Folder::new();
    let input = f.file("x.csv", "1,2,3,4\n5,six,7,8\n");
    refused(&train(&input, &f.path("m.json")), &["x.csv", "line 2, column 2", "`six`"]);
    let named = f.file("y.csv", "a,b,c,d\n1,2,3,4\n");
    refused(&train(&named, &f.path("m.json")), &["line 1", "--header"]);
    let ragged = f.file("z.csv", "1,2,3,4\n1,2\n");
    refused(&train(&ragged, &f.path("m.json")), &["z.csv"]);
    let empty = f.file("e.csv", "");
    refused(&train(&empty, &f.path("m.json")), &["e.csv", "holds no numbers"]);
}

#[test]
fn a_file_that_is_not_there_or_of_no_known_kind() {
    let f = Folder::new();
    refused(&train(&f.path("none.csv"), &f.path("m.json")), &["none.csv", "No such file"]);
    let input = f.file("x.docx", "1");
    refused(&train(&input, &f.path("m.json")), &["x.docx", ".png, .pgm, .npy or .csv"]);
    let array = f.file("x.npy", "\u{93}NUMPY");
    refused(&train(&array, &f.path("m.json")), &["x.npy", "not a readable .npy"]);
}

#[test]
fn a_size_that_the_core_lacks() {
    let f = Folder::new();
    let input = f.file("x.csv", table());
    let mut arguments = train(&input, Path::new("m.json"));
    arguments.extend(["--size", "100x16x8"]);
    refused(&arguments, &["100x16x8", "nearest: 64x16x8"]);
    let mut arguments = train(&input, Path::new("m.json"));
    arguments[5] = "64";
    arguments.extend(["--size", "16x4x1"]);
    refused(&arguments, &["1 to 16 codewords, not 64"]);
    let mut arguments = train(&input, Path::new("m.json"));
    arguments[5] = "300";
    refused(&arguments, &["codewords: 1 to 256"]);
}

#[test]
fn ports_that_are_none_are_silent_or_say_garbage() {
    use fixlearn_sim::board::pty::Pty;
    use std::io::Write;
    let f = Folder::new();
    let input = f.file("x.csv", table());
    let out = f.path("m.json");
    let with = |port: &str, words: &[&str]| {
        let mut arguments = train(&input, &out);
        arguments.extend(["--port", port]);
        refused(&arguments, words);
    };
    with("/dev/none", &["/dev/none", "cannot be opened", "fixlearn ports"]);

    let pty = Pty::open(None).expect("a terminal");
    let path = pty.path().display().to_string();
    let (mut master, _kept) = pty.into_parts();
    with(&path, &[&path, "does not answer"]);
    let garbage = std::thread::spawn(move || {
        for i in 0..3000_u32 {
            let _ = master.write_all(&[(i * 7 % 251) as u8, 0, 0xa5, 3]);
            std::thread::sleep(std::time::Duration::from_micros(500));
        }
    });
    with(&path, &[&path, "not as a fixlearn device"]);
    let _ = garbage.join();
    assert_eq!(f.names(), ["x.csv"]);
}

#[test]
fn a_model_that_is_none_of_another_version_or_damaged() {
    let f = Folder::new();
    let out = f.path("o.npy");
    let export = |path: &Path, words: &[&str]| {
        let text = |p: &Path| p.to_str().expect("text").to_string();
        refused(
            &["export".into(), "--model".into(), text(path), "--out".into(), text(&out)],
            words,
        );
    };
    export(&f.file("a", "{}"), &["not a fixlearn model"]);
    let newer = r#"{"format":"fixlearn-model","version":2}"#;
    export(&f.file("b", newer), &["version 2", "reads version 1"]);
    let damaged = r#"{"format":"fixlearn-model","version":1,"core":"vq"}"#;
    export(&f.file("c", damaged), &["damaged"]);
    let input = f.file("x.csv", table());
    let model = f.path("m.json");
    assert!(fixlearn(&train(&input, &model)).status.success());
    let text = std::fs::read_to_string(&model).expect("a model");
    export(&f.file("d", text.replacen("\"dimension\":4", "\"dimension\":5", 1)), &["damaged"]);
    export(&f.file("e", text.replacen("\"noise\":", "\"noise\":0,\"n\":", 1)), &["noise"]);
    assert!(!out.exists());
}

#[test]
fn a_full_disk_leaves_what_was_there() {
    let f = Folder::new();
    let input = f.file("x.csv", table());
    let model = f.path("m.json");
    assert!(fixlearn(&train(&input, &model)).status.success());
    let out = f.file("o.npy", "old");
    // No file may grow: what a full disk does, on every file system.
    let limited = format!(
        "trap '' XFSZ; ulimit -f 0; exec {} export --model {} --out {}",
        env!("CARGO_BIN_EXE_fixlearn"),
        model.display(),
        out.display()
    );
    let done = Command::new("sh").args(["-c", &limited]).output().expect("a shell");
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.contains("o.npy"), "{said}");
    assert_eq!(std::fs::read(&out).expect("still there"), b"old");
    assert_eq!(f.names(), ["m.json", "o.npy", "x.csv"]);
}

#[test]
fn a_missing_tool_is_named_with_its_remedy() {
    let f = Folder::new();
    let input = f.file("x.csv", table());
    let done = Command::new(env!("CARGO_BIN_EXE_fixlearn"))
        .args(train(&input, &f.path("m.json")))
        .env("PATH", f.0.path())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("apt-get install -y verilator"), "{said}");
}

#[test]
fn json_is_one_object() {
    for command in ["doctor", "ports"] {
        let done = fixlearn(&[command, "--json"]);
        assert!(done.status.success());
        let value: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
        assert!(value.is_object());
    }
}
