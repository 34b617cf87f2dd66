//! What a run survives, over a pseudo-terminal and as a user runs it: the port gone, the device
//! reset, the program killed, another program on the port. The bits at the end are those of a run
//! that nothing happened to.

mod common;

use common::{json, tool, Board, Folder};
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

/// 400 rows of 4 numbers.
fn table(folder: &Folder) {
    let cell = |i: usize, k: usize| (i * (37 + 11 * k) + i * i % (91 + k)) % 256;
    let row = |i| (0..4).map(|k| cell(i, k).to_string()).collect::<Vec<_>>().join(",");
    folder.file("in.csv", (0..400).map(row).collect::<Vec<_>>().join("\n"));
}

/// Training of 16,000 vectors into `out`, and more options.
fn train<'a>(folder: &Folder, out: &str, port: &'a str, more: &[&'a str]) -> Vec<String> {
    let (input, out) = (folder.at("in.csv"), folder.at(out));
    ["train", &input, "--out", &out, "--port", port, "--codewords", "16"]
        .iter()
        .chain(&["--rounding", "stochastic", "--seed", "3"])
        .chain(if more.contains(&"--passes") { &[] } else { &["--passes", "40"][..] })
        .chain(more)
        .map(|s| s.to_string())
        .collect()
}

fn start(arguments: &[String]) -> Child {
    tool(arguments)
        .arg("--json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs")
}

/// It has ended well; what it reports, and what it said on the way.
fn report(done: Output) -> (serde_json::Value, String) {
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    (serde_json::from_slice(&done.stdout).expect("JSON"), said)
}

/// Waits until the run in this file has learned something.
fn until_begun(folder: &Folder, out: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let bytes = std::fs::read(folder.path(out)).unwrap_or_default();
        let value: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
        if value.is_some_and(|v| v["done"].as_u64() > Some(0)) {
            return;
        }
        assert!(Instant::now() < end, "no checkpoint");
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Ends the board. Its link goes first: the terminal's number may soon be another test's.
fn pull(link: &str, board: Board) {
    std::fs::remove_file(link).expect("it is there");
    drop(board);
}

/// The learned state of the undisturbed run.
fn undisturbed(folder: &Folder) -> serde_json::Value {
    json(
        &train(folder, "whole.json", "sim", &["--size", "16x4x1"])
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    folder.json("whole.json")["state"].clone()
}

#[test]
fn a_second_program_on_the_port_is_told_so() {
    let folder = Folder::new();
    table(&folder);
    let board = Board::start(&["--size", "16x4x1"]);
    let mut first = start(&train(&folder, "a.json", &board.1, &["--passes", "4000"]));
    until_begun(&folder, "a.json");
    let second = tool(&train(&folder, "b.json", &board.1, &[])).output().expect("it runs");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(2), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.contains(&board.1) && said.contains("in use by another program"), "{said}");
    assert!(!folder.path("b.json").exists());
    assert!(first.try_wait().expect("it runs").is_none(), "the first goes on");
    first.kill().expect("killed");
    first.wait().expect("it ends");
}

#[test]
fn killed_at_any_point_and_resumed_it_ends_with_the_same_bits() {
    let folder = Folder::new();
    table(&folder);
    let whole = undisturbed(&folder);
    let board = Board::start(&["--size", "16x4x1"]);
    let arguments = train(&folder, "parts.json", &board.1, &["--resume"]);
    // Also before there is a checkpoint, while the port is opened, and in the middle of frames.
    let mut progress = Vec::new();
    for milliseconds in [1, 8, 20, 35, 60, 90, 130, 180, 240, 310] {
        let mut run = start(&arguments);
        std::thread::sleep(Duration::from_millis(milliseconds));
        run.kill().expect("killed");
        run.wait().expect("it ends");
        if folder.path("parts.json").exists() {
            progress.push(folder.json("parts.json")["done"].as_u64().expect("a number"));
        }
    }
    report(start(&arguments).wait_with_output().expect("it ends"));
    println!("vectors at each kill: {progress:?}");
    assert!(progress.is_sorted(), "nothing that was kept is lost: {progress:?}");
    assert!(progress.iter().any(|&n| n > 0 && n < 16_000), "{progress:?}");
    assert_eq!(folder.json("parts.json")["state"], whole);
}

#[test]
fn a_cable_that_is_pulled_and_put_back_costs_nothing() {
    let folder = Folder::new();
    table(&folder);
    let whole = undisturbed(&folder);
    let link = folder.at("board");
    // In the middle of frames, and of the state's transfer.
    let faults = "unplug@150,unplug@5003,unplug@30007";
    let _board = Board::start(&["--size", "16x4x1", "--link", &link, "--faults", faults]);
    let run = start(&train(&folder, "parts.json", &link, &[]));
    let (value, said) = report(run.wait_with_output().expect("it ends"));
    assert_eq!(value["link"]["reconnections"], 3, "{value}");
    assert_eq!(value["link"]["resets"], 0, "the board kept its state: {value}");
    assert!(said.contains("gone; waiting up to 30 s"), "{said}");
    assert_eq!(folder.json("parts.json")["state"], whole);
}

#[test]
fn another_board_in_its_place_gets_the_state() {
    let folder = Folder::new();
    table(&folder);
    let whole = undisturbed(&folder);
    let link = folder.at("board");
    let options = ["--size", "16x4x1", "--link", &link];
    let first = Board::start(&options);
    let run = start(&train(&folder, "parts.json", &link, &[]));
    until_begun(&folder, "parts.json");
    pull(&link, first);
    let _second = Board::start(&options);
    let (value, said) = report(run.wait_with_output().expect("it ends"));
    assert_eq!((&value["link"]["reconnections"], &value["link"]["resets"]), (&1.into(), &1.into()));
    assert!(said.contains("the device lost its state; going on from"), "{said}");
    assert_eq!(folder.json("parts.json")["state"], whole);
}

#[test]
fn a_device_that_is_reset_gets_its_state_back() {
    let folder = Folder::new();
    table(&folder);
    let whole = undisturbed(&folder);
    let faults = "reset@100,reset@9001,reset@40003";
    let board = Board::start(&["--size", "16x4x1", "--faults", faults]);
    let run = start(&train(&folder, "parts.json", &board.1, &[]));
    let (value, said) = report(run.wait_with_output().expect("it ends"));
    assert_eq!((&value["link"]["reconnections"], &value["link"]["resets"]), (&0.into(), &3.into()));
    // Said once, and counted.
    assert_eq!(said.matches("lost its state;").count(), 1, "{said}");
    assert!(said.contains("lost its state 3 times"), "{said}");
    assert_eq!(folder.json("parts.json")["state"], whole);
}

#[test]
fn a_port_that_stays_away_ends_with_a_checkpoint() {
    let folder = Folder::new();
    table(&folder);
    let whole = undisturbed(&folder);
    let link = folder.at("board");
    let board = Board::start(&["--size", "16x4x1", "--link", &link]);
    let run = start(&train(&folder, "parts.json", &link, &["--wait", "1"]));
    until_begun(&folder, "parts.json");
    pull(&link, board);
    let done = run.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("--resume") && said.contains("not back after 1 s"), "{said}");
    let kept = folder.json("parts.json")["done"].as_u64().expect("a number");
    assert!((1..16_000).contains(&kept), "{kept}");
    let resume = train(&folder, "parts.json", "sim", &["--resume", "--size", "16x4x1"]);
    report(start(&resume).wait_with_output().expect("it ends"));
    assert_eq!(folder.json("parts.json")["state"], whole);
}

/// The gradient core's runs, over faults of every kind.
#[test]
fn minimizing_and_regression_survive_too() {
    let folder = Folder::new();
    table(&folder);
    let faults = "ber=1e-4,lost=0.003,unplug@900,reset@2500,unplug@4000,reset@5000";
    let (input, bad) = (folder.at("in.csv"), ["--faults", faults]);
    let optimize =
        ["optimize", "--start=-1.2,1", "--iterations", "4000", "--every", "100", "--out"];
    let regress = ["regress", &input, "--target", "3", "--passes", "3", "--out"];
    for (name, arguments) in [("optimize", &optimize[..]), ("regress", &regress[..])] {
        let (whole, parts) = (folder.at("whole.json"), folder.at("parts.json"));
        json(&[arguments, &[&whole]].concat());
        let value = json(&[arguments, &[&parts], &bad[..]].concat());
        println!("{name}: {}", value["link"]);
        assert_eq!(
            (&value["link"]["reconnections"], &value["link"]["resets"]),
            (&2.into(), &2.into()),
            "{name}"
        );
        assert_eq!(
            folder.json("parts.json")["state"],
            folder.json("whole.json")["state"],
            "{name}"
        );
    }
}
