//! Nothing is lost: an output is never an input, what is there is kept, and what cannot be written
//! is said before anything is done.
#![cfg(unix)]

mod common;

use common::{fixlearn, json, refused, tool, Folder};
use fixlearn::tasks::TASKS;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::fs;
use std::os::unix::fs::{symlink, PermissionsExt};
use std::path::Path;

/// A picture, a table, a codebook of the picture, a linear model of the table, and indices.
fn folder() -> Folder {
    let f = Folder::new();
    let pixels: Vec<u8> = (0..32 * 32_u32).map(|i| (i * i / 7 % 251) as u8).collect();
    let picture = [&b"P5\n32 32\n255\n"[..], &pixels].concat();
    f.file("p.pgm", picture);
    let row = |i: u32| format!("{},{},{}\n", i % 7, i * i % 11, (3 * (i % 7) + i * i % 11) as f64);
    let rows = (0..60).map(row).collect::<String>();
    f.file("t.csv", format!("a,b,y\n{rows}"));
    for arguments in [
        &["train", &f.at("p.pgm"), "--out", &f.at("m.json"), "--codewords", "16"][..],
        &["regress", &f.at("t.csv"), "--target", "y", "--out", &f.at("r.json"), "--passes", "2"],
        &["encode", &f.at("p.pgm"), "--model", &f.at("m.json"), "--out", &f.at("p.idx")],
    ] {
        json(&[arguments, &["--port", "golden"]].concat());
    }
    f
}

/// Every file, by name, and what it holds.
fn contents(f: &Folder) -> Vec<(String, Vec<u8>)> {
    let name = |name: String| (name.clone(), fs::read(f.path(&name)).unwrap_or_default());
    f.names().into_iter().map(name).collect()
}

#[test]
fn an_output_is_never_an_input_nor_another_output() {
    let f = folder();
    symlink("p.pgm", f.path("link.idx")).expect("a link");
    fs::hard_link(f.path("t.csv"), f.path("hard.json")).expect("a link");
    let before = contents(&f);
    let at = |name: &str| f.at(name);
    let (p, t, m, r) = (at("p.pgm"), at("t.csv"), at("m.json"), at("r.json"));
    let dotted = f.path("./../").join(f.0.path().file_name().expect("a name")).join("t.csv");
    let dotted = dotted.display().to_string();
    let regress = ["regress", &t, "--target", "y", "--out"];
    for arguments in [
        vec!["encode", &p, "--model", &m, "--out", &m],
        vec!["encode", &p, "--model", &m, "--out", &at("link.idx")],
        vec!["predict", &t, "--model", &r, "--out", &t],
        vec!["predict", &t, "--model", &r, "--out", &dotted],
        vec!["decode", &at("p.idx"), "--model", &m, "--out", &at("p.idx")],
        [&regress[..], &[&at("hard.json")]].concat(),
        [&regress[..], &[&at("n.json"), "--trace", &t]].concat(),
        [&regress[..], &[&at("n.json"), "--trace", &at("n.json")]].concat(),
        [&regress[..], &[&at("n.json"), "--plot", &at("n.svg"), "--trace", &at("n.svg")]].concat(),
    ] {
        for force in [&[][..], &["--force"]] {
            // Before a port is opened: there is none.
            let port: &[&str] =
                if arguments[0] == "decode" { &[] } else { &["--port", "/dev/none"] };
            let done = fixlearn(&[&arguments[..], port, force].concat());
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert_eq!(done.status.code(), Some(2), "{arguments:?}: {said}");
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(!said.contains("/dev/none"), "{said}");
        }
    }
    assert!(contents(&f) == before, "a file has changed");
}

#[test]
fn what_is_there_is_kept_or_the_user_is_asked() {
    let f = folder();
    let at = |name: &str| f.at(name);
    let (p, t, m) = (at("p.pgm"), at("t.csv"), at("m.json"));
    let before = contents(&f);
    let train = ["train", &p, "--port", "golden", "--codewords", "16", "--passes", "1", "--out"];
    refused(&[&train[..], &[&m]].concat(), &["m.json", "is there already", "--resume", "--force"]);
    refused(&[&train[..], &[&t]].concat(), &["t.csv", "not a .csv"]);
    f.file("notes", "do not lose me");
    let notes = at("notes");
    for force in [&[][..], &["--force"]] {
        let words = ["notes", "nothing that --out writes"];
        refused(&[&train[..], &[&notes], force].concat(), &words);
    }
    let encode = ["encode", &p, "--model", &m, "--port", "golden", "--out"];
    refused(&[&encode[..], &[&at("p.idx")]].concat(), &["p.idx", "--force replaces it"]);
    refused(&[&encode[..], &[&notes, "--force"]].concat(), &["notes", "nothing that --out writes"]);
    fs::remove_file(f.path("notes")).expect("it is there");
    assert!(contents(&f) == before, "a file has changed");
    // What is ours goes with --force, and an empty file is nobody's.
    json(&[&encode[..], &[&at("p.idx")]].concat());
    json(&[&train[..], &[&m]].concat());
    f.file("empty.json", "");
    json(&[&train[..], &[&at("empty.json")]].concat());
    assert_eq!(f.names().len(), before.len() + 1);
}

#[test]
fn what_cannot_be_written_is_said_first() {
    let f = folder();
    let at = |name: &str| f.at(name);
    let before = contents(&f);
    let (p, t, m, none) = (at("p.pgm"), at("t.csv"), at("m.json"), at("none/x.json"));
    let away = ["--port", "/dev/none"];
    let train = ["train", &p, "--out"];
    refused(&[&train[..], &[&none], &away].concat(), &["none/x.json", "is no folder"]);
    refused(&[&train[..], &[&at("")], &away].concat(), &["is a folder"]);
    for (ending, words) in [("x.png", "not a .png"), ("x.svg", "not a .svg"), ("x.npy", ".npy")] {
        refused(&[&train[..], &[&at(ending)], &away].concat(), &[words]);
    }
    let optimize = ["optimize", "--port", "/dev/none"];
    let trace = ["--trace", &at("t.txt")];
    refused(&[&optimize[..], &trace].concat(), &["t.txt", ".csv or .json"]);
    for ending in ["p.pdf", "p.pgm", "p"] {
        let plot = ["--plot", &at(ending)];
        refused(&[&optimize[..], &plot].concat(), &[ending, ".svg or .png"]);
    }
    refused(&["export", "--model", &m, "--out", &at("x.txt")], &["x.txt", ".npy"]);
    let encode = ["encode", &p, "--model", &m, "--out"];
    refused(&[&encode[..], &[&at("x.png")], &away].concat(), &["x.png", "index file"]);
    let predict = ["predict", &t, "--model", &at("r.json"), "--out", &at("x.txt")];
    refused(&[&predict[..], &away].concat(), &["x.txt", ".csv"]);
    assert!(contents(&f) == before, "a file has changed");
}

#[test]
fn modes_links_devices_and_stdout() {
    let f = folder();
    let at = |name: &str| f.at(name);
    let (p, m) = (at("p.pgm"), at("m.json"));
    let encode = ["encode", &p, "--model", &m, "--port", "golden", "--out"];
    let mode =
        |name: &str| fs::metadata(f.path(name)).expect("a file").permissions().mode() & 0o777;
    // The mode of what is there stays; a new file has what the umask leaves.
    fs::set_permissions(f.path("p.idx"), fs::Permissions::from_mode(0o600)).expect("changed");
    json(&[&encode[..], &[&at("p.idx")]].concat());
    assert_eq!(mode("p.idx"), 0o600);
    let quiet = format!("umask 077 && exec \"$0\" {} new.idx", encode.join(" "));
    let done = std::process::Command::new("sh")
        .args(["-c", &quiet, env!("CARGO_BIN_EXE_fixlearn")])
        .current_dir(f.0.path())
        .output()
        .expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(mode("new.idx"), 0o600);
    // A link stays, and leads to the new file; also where its target is not there yet.
    fs::create_dir(f.path("far")).expect("a folder");
    symlink("far/target.idx", f.path("link.idx")).expect("a link");
    json(&[&encode[..], &[&at("link.idx")]].concat());
    assert!(fs::symlink_metadata(f.path("link.idx")).expect("there").is_symlink());
    let packed = fs::read(f.path("p.idx")).expect("indices");
    assert_eq!(fs::read(f.path("far/target.idx")).expect("indices"), packed);
    // A device is written to, and - is stdout, which then has nothing else.
    json(&[&encode[..], &["/dev/null"]].concat());
    assert!(!fs::metadata("/dev/null").expect("there").is_file());
    let done = tool(&encode).arg("-").output().expect("it runs");
    assert!(done.status.success());
    assert_eq!(done.stdout, packed);
    assert!(String::from_utf8_lossy(&done.stderr).contains("PSNR"));
    assert!(!Path::new("-").exists());
}

/// A run that is cut is still a run: it goes with --force, and what is wrong is said plainly.
#[test]
fn a_damaged_run_may_be_replaced() {
    let f = folder();
    let whole = fs::read_to_string(f.path("m.json")).expect("a run");
    let (p, cut) = (f.at("p.pgm"), f.at("cut.json"));
    let train = ["train", &p, "--port", "golden", "--codewords", "16", "--passes", "1", "--out"];
    let odd = whole.replacen("\"codewords\":16", "\"codewords\":16.5", 1);
    for (text, words) in [(&whole[..2000], "its end is missing"), (&odd, "out of range")] {
        f.file("cut.json", text);
        refused(
            &["info", "--model", &cut],
            &["cut.json", "is a run, and damaged", words, "learn it again"],
        );
        refused(&[&train[..], &[&cut]].concat(), &["is there already", "--force replaces it"]);
        json(&[&train[..], &[&cut]].concat());
        json(&["info", "--model", &cut]);
    }
    let commands: Vec<String> = TASKS.iter().map(|task| format!("`{}`", task.command)).collect();
    let makers: Vec<&str> = commands.iter().map(String::as_str).collect();
    let words = [&["not a fixlearn model"], &makers[..]].concat();
    refused(&["predict", &f.at("t.csv"), "--model", &p, "--out", &f.at("a.csv")], &words);
}

/// A limit on files' sizes is an error like any other.
#[test]
fn a_file_beyond_the_limit_is_an_error() {
    let f = folder();
    let before = contents(&f);
    let (p, m) = (f.at("p.pgm"), f.at("m.json"));
    let line =
        format!("ulimit -f 1; exec \"$0\" train {p} --port golden --passes 1 --force --out {m}");
    let done = std::process::Command::new("sh")
        .args(["-c", &line, env!("CARGO_BIN_EXE_fixlearn")])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("m.json: the file would be larger"), "{said}");
    assert!(contents(&f) == before, "a file has changed");
}

/// Settings that are given with --resume are obeyed, or refused by name.
#[test]
fn what_is_asked_with_resume_counts() {
    let f = folder();
    let at = |name: &str| f.at(name);
    let (p, t, m, r) = (at("p.pgm"), at("t.csv"), at("m.json"), at("r.json"));
    let train = ["train", &p, "--port", "golden", "--resume", "--out", &m];
    for (option, value) in [("--codewords", "32"), ("--seed", "9"), ("--block", "2")] {
        let words = ["m.json", "another", option];
        refused(&[&train[..], &[option, value]].concat(), &words);
    }
    refused(&[&train[..], &["--passes", "3"]].concat(), &["m.json", "more than --passes 3"]);
    json(&[&train[..], &["--passes", "12", "--codewords", "16"]].concat());
    assert_eq!(f.json("m.json")["done"], 12 * 64);
    let regress = ["regress", &t, "--header", "--port", "golden", "--resume", "--out", &r];
    for (option, value) in [
        ("--target", "a"),
        ("--objective", "logistic"),
        ("--rate-shift", "3"),
        ("--rounding", "stochastic"),
        ("--scale", "0.5"),
    ] {
        refused(&[&regress[..], &[option, value]].concat(), &["r.json", "another", option]);
    }
    json(&[&regress[..], &["--passes", "4", "--target", "y"]].concat());
    assert_eq!(f.json("r.json")["plan"]["passes"], 4);
}

/// A pipe takes the run once, at its end, and nobody waits for the other.
#[test]
fn a_pipe_takes_the_whole_run_once() {
    let f = Folder::new();
    let (table, pipe) = (f.file("t.csv", "1,2\n3,4\n5,6\n7,8\n"), f.path("pipe"));
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()));
    let mut reader = std::process::Command::new("cat");
    let reader = reader.arg(&pipe).stdout(std::process::Stdio::piped()).spawn().expect("cat");
    let rule = ["--codewords", "2", "--port", "golden", "--out"];
    let (table, pipe) = (table.to_str().expect("text"), pipe.to_str().expect("text"));
    let done = tool(&[&["train", table][..], &rule, &[pipe]].concat()).status().expect("it runs");
    assert!(done.success());
    let heard = reader.wait_with_output().expect("its end").stdout;
    let run: serde_json::Value = serde_json::from_slice(&heard).expect("one run");
    assert_eq!(run["done"], 40);
}

/// Every input has an end: a named pipe, a device and a folder are refused at once, whatever reads
/// them.
#[test]
fn what_has_no_end_is_no_input() {
    const NAMES: [&str; 6] = ["x.csv", "x.npy", "x.wav", "x.png", "x.json", "x.idx"];
    let f = folder();
    let [csv, npy, wav, png, json, idx] = NAMES.map(|name| f.at(name));
    let (table, picture) = (f.at("t.csv"), f.at("p.pgm"));
    let (out, indices, answers) = (f.at("out.json"), f.at("out.idx"), f.at("out.csv"));
    let train = |input| ["train", input, "--out", &out, "--codewords", "2", "--port", "golden"];
    let lines = [
        train(&csv).to_vec(),
        train(&npy).to_vec(),
        train(&wav).to_vec(),
        train(&png).to_vec(),
        vec!["encode", &picture, "--model", &json, "--out", &indices],
        vec!["decode", &idx, "--out", &answers],
        vec!["regress", &csv, "--target", "1", "--out", &out],
        vec!["filter", &wav, "--out", &out],
        vec!["associate", &csv, "--out", &out],
        vec!["fuse", &csv, "--out", &out],
        vec!["fuse", "--samples", "1000", "--out", &out, "--answer", &csv, "--answers", &answers],
        vec!["load", &json],
        vec!["predict", &table, "--model", &json, "--out", &answers],
        vec!["check", "--model", &json],
        vec!["export", "--model", &json, "--out", &answers],
        vec!["info", "--model", &json],
    ];
    for (kind, words) in [("pipe", "named pipe"), ("device", "device"), ("folder", "is a folder")] {
        for place in NAMES.map(|name| f.path(name)) {
            match kind {
                "pipe" => mkfifo(&place, Mode::S_IRWXU).expect("a pipe"),
                // Should it be read, it is empty.
                "device" => symlink("/dev/null", &place).expect("a link"),
                _ => fs::create_dir(&place).expect("a folder"),
            }
        }
        for line in &lines {
            refused(line, &["/x.", words]);
        }
        for place in NAMES.map(|name| f.path(name)) {
            match kind {
                "folder" => fs::remove_dir(&place).expect("removed"),
                _ => fs::remove_file(&place).expect("removed"),
            }
        }
    }
    assert!(!f.path("out.json").exists() && !f.path("out.csv").exists());
}
