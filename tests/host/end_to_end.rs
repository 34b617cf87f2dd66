//! Training over a real serial port: the simulated board behind a PTY, the tool as a user runs it.

mod common;

use common::{json, tool, Board};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A picture with edges and slopes, 64 x 48.
fn picture(path: &Path) {
    let pixel = |x: usize, y: usize| {
        let disc = if (x as i32 - 30).pow(2) + (y as i32 - 20).pow(2) < 200 { 90 } else { 0 };
        (x * 2 + y * y / 24 + disc).min(255) as u8
    };
    let mut pgm = b"P5 64 48 255\n".to_vec();
    pgm.extend((0..64 * 48).map(|i| pixel(i % 64, i / 64)));
    std::fs::write(path, pgm).expect("written");
}

#[test]
fn train_encode_decode_check_over_a_pty() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("text").to_string();
    picture(Path::new(&at("in.pgm")));
    let board = Board::start(&["--size", "16x16x4"]);
    let port = board.1.as_str();
    let trained = json(&[
        "train",
        &at("in.pgm"),
        "--port",
        port,
        "--out",
        &at("m.json"),
        "--codewords",
        "16",
        "--passes",
        "4",
        "--rounding",
        "stochastic",
    ]);
    assert_eq!(trained["vectors"], 4 * 16 * 12);
    let checked = json(&["check", &at("in.pgm"), "--model", &at("m.json"), "--port", port]);
    assert_eq!(checked["equal"], true);
    let encoded = json(&[
        "encode",
        &at("in.pgm"),
        "--port",
        port,
        "--model",
        &at("m.json"),
        "--out",
        &at("in.idx"),
    ]);
    assert_eq!(encoded["bits_per_sample"], 0.25);
    let psnr = encoded["psnr_db"].as_f64().expect("a number");
    assert!(psnr > 25.0, "{psnr}");
    json(&["decode", &at("in.idx"), "--model", &at("m.json"), "--out", &at("out.pgm")]);
    // The decoded file is as far from the original as encode said.
    let body = |name: &str| {
        let bytes = std::fs::read(at(name)).expect("a file");
        bytes[bytes.len() - 64 * 48..].to_vec()
    };
    let (a, b) = (body("in.pgm"), body("out.pgm"));
    let square = |(x, y): (&u8, &u8)| f64::from(x.abs_diff(*y)).powi(2);
    let mse = a.iter().zip(&b).map(square).sum::<f64>() / a.len() as f64;
    assert!((10.0 * (65025.0 / mse).log10() - psnr).abs() < 1e-9);
    json_less(&["export", "--model", &at("m.json"), "--out", &at("m.npy")]);
    assert!(std::fs::read(at("m.npy")).expect("a file").starts_with(b"\x93NUMPY"));
}

#[test]
fn tables_go_there_and_back_in_their_own_units() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("text").to_string();
    // Sixteen kinds of row: as many codewords hold them all.
    let row = |i: usize| (0..3).map(|k| (i * (k + 3) % 16) as f64 * 0.25 - 1.5).collect::<Vec<_>>();
    let lines =
        (0..80).map(|i| row(i % 16).iter().map(f64::to_string).collect::<Vec<_>>().join(","));
    std::fs::write(at("in.csv"), lines.collect::<Vec<_>>().join("\n")).expect("written");
    json(&["train", &at("in.csv"), "--out", &at("m"), "--codewords", "16", "--passes", "20"]);
    json(&["encode", &at("in.csv"), "--model", &at("m"), "--out", &at("i")]);
    json(&["decode", &at("i"), "--model", &at("m"), "--out", &at("out.csv")]);
    json(&["decode", &at("i"), "--model", &at("m"), "--out", &at("out.npy")]);
    let text = std::fs::read_to_string(at("out.csv")).expect("a table");
    for (i, line) in text.lines().enumerate() {
        for (cell, expected) in line.split(',').zip(row(i % 16)) {
            let cell: f64 = cell.parse().expect("a number");
            assert!((cell - expected).abs() < 0.01, "row {i}: {line}");
        }
    }
    assert_eq!(text.lines().count(), 80);
    let npy = std::fs::read(at("out.npy")).expect("an array");
    let last: [u8; 8] = npy[npy.len() - 8..].try_into().expect("eight bytes");
    assert!((f64::from_le_bytes(last) - row(79 % 16)[2]).abs() < 0.01);
}

fn json_less(arguments: &[&str]) {
    assert!(tool(arguments).status().expect("it runs").success());
}

#[test]
fn ctrl_c_leaves_a_checkpoint_and_resume_gives_the_same_bits() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("text").to_string();
    picture(Path::new(&at("in.pgm")));
    let options = |out: &str| -> Vec<String> {
        let out = at(out);
        ["train", &at("in.pgm"), "--port", "sim", "--size", "16x16x4+residues", "--out", &out]
            .iter()
            .chain(&["--codewords", "16", "--passes", "200", "--rounding", "feedback"])
            .chain(&["--fixed-rate", "--rate-shift", "3", "--rate-final", "9"])
            .chain(&["--rate-period", "5000", "--radius", "3", "--radius-period", "7001"])
            .map(|s| s.to_string())
            .collect()
    };
    let run = |arguments: &[String]| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        tool(&arguments).output().expect("it runs")
    };
    assert!(run(&options("whole.json")).status.success());

    let arguments = options("parts.json");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let child = tool(&arguments).stderr(Stdio::piped()).spawn().expect("it runs");
    // A checkpoint shows that training has begun.
    while !Path::new(&at("parts.json")).exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("it runs").success());
    let done = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(130), "{said}");
    assert!(said.contains("--resume"), "{said}");

    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(at(name)).expect("a model")).expect("JSON")
    };
    let part = read("parts.json");
    assert!(part["done"].as_u64() < Some(200 * 192), "it was interrupted");
    assert_ne!(part["state"], read("whole.json")["state"]);
    let mut again = options("parts.json");
    again.push("--resume".into());
    assert!(run(&again).status.success());
    assert_eq!(read("parts.json")["state"], read("whole.json")["state"]);
}

#[test]
fn check_says_where_a_model_departs() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("text").to_string();
    picture(Path::new(&at("in.pgm")));
    json(&[
        "train",
        &at("in.pgm"),
        "--out",
        &at("m.json"),
        "--codewords",
        "16",
        "--passes",
        "1",
        "--size",
        "16x16x4",
    ]);
    let mut model: serde_json::Value =
        serde_json::from_slice(&std::fs::read(at("m.json")).expect("a model")).expect("JSON");
    let word = model["state"]["codebook"][37].as_u64().expect("a word");
    model["state"]["codebook"][37] = (word ^ 4).into();
    std::fs::write(at("m.json"), model.to_string()).expect("written");
    let done = tool(&["check", &at("in.pgm"), "--model", &at("m.json")]).output().expect("it runs");
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(said.contains("component 37, bit 2"), "{said}");
}

/// The noise steps with beats, so a run that changed its lanes leaves another state of the noise;
/// only stochastic rounding takes it.
#[test]
fn a_run_that_changed_its_lanes_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("text").to_string();
    picture(Path::new(&at("in.pgm")));
    let input = at("in.pgm");
    let train = |name: &str, passes: &str, size: &str, more: &[&str]| -> serde_json::Value {
        let asked = ["train", &input, "--port", "golden", "--out", &at(name), "--codewords", "16"];
        json(&[&asked[..], &["--passes", passes, "--size", size], more].concat());
        let run = std::fs::read(at(name)).expect("a model");
        serde_json::from_slice::<serde_json::Value>(&run).expect("JSON")["state"].clone()
    };
    train("m.json", "1", "16x16x4", &[]);
    let parts = train("m.json", "2", "16x16x16", &["--resume"]);
    let whole = train("whole.json", "2", "16x16x4", &[]);
    assert_eq!(parts["codebook"], whole["codebook"]);
    assert_ne!(parts["config"]["noise"], whole["config"]["noise"]);
    json(&["check", &input, "--model", &at("m.json")]);
}
