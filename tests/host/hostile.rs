//! Devices that misbehave, other programs on the port, and signals: every command ends, soon, with
//! one line and what it has learned.
#![cfg(unix)]

mod common;

use common::{fixlearn, refused, tool, Board, Folder};
use fixlearn::link::frame::{Frame, Splitter};
use fixlearn::link::inside::Inside;
use fixlearn::link::Port;
use fixlearn_hdl::design::{find, Target};
use fixlearn_map::link::{cause, command, Identity, REPLY};
use fixlearn_sim::board::pty::Pty;
use fixlearn_sim::golden::cores::{boltzmann::Boltzmann, vq::Vq};
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use std::io::{Read, Write};
use std::process::{Child, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// 400 rows of 4 numbers.
fn table(folder: &Folder) {
    let cell = |i: usize, k: usize| (i * (37 + 11 * k) + i * i % (91 + k)) % 256;
    let row = |i| (0..4).map(|k| cell(i, k).to_string()).collect::<Vec<_>>().join(",");
    folder.file("in.csv", (0..400).map(row).collect::<Vec<_>>().join("\n"));
}

fn train(folder: &Folder, port: &str, passes: &str) -> Child {
    let (input, out) = (folder.at("in.csv"), folder.at("m.json"));
    let rest = ["--codewords", "16", "--passes", passes];
    tool(&[&["train", &input, "--out", &out, "--port", port][..], &rest].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs")
}

/// Waits for its end, which must come within `limit`.
fn ended(mut child: Child, limit: Duration) -> Output {
    let begun = Instant::now();
    while child.try_wait().expect("it is ours").is_none() {
        if begun.elapsed() > limit {
            child.kill().expect("killed");
            let done = child.wait_with_output().expect("ended");
            panic!("no end after {limit:?}: {}", String::from_utf8_lossy(&done.stderr));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().expect("ended")
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

/// The golden model of the smallest quantizer.
fn device() -> (Identity, Inside) {
    let design = find("vq").expect("a core").parse("16x4x1", Target::SIMULATED).expect("a size");
    let identity = design.identity();
    (identity, Inside::golden::<Vq>(&identity).expect("a device"))
}

/// A device behind a terminal, at this path until `stop`: `answer` is given what comes, and what is
/// left of it is answered by the golden model.
fn behind_a_terminal(
    stop: &Arc<AtomicBool>,
    answer: impl FnMut(&mut Inside, &[u8]) -> Vec<u8> + Send + 'static,
) -> (String, std::thread::JoinHandle<()>) {
    golden_behind_a_terminal(stop, device().1, answer)
}

fn golden_behind_a_terminal(
    stop: &Arc<AtomicBool>,
    mut golden: Inside,
    mut answer: impl FnMut(&mut Inside, &[u8]) -> Vec<u8> + Send + 'static,
) -> (String, std::thread::JoinHandle<()>) {
    let pty = Pty::open(None).expect("a terminal");
    let path = pty.path().display().to_string();
    let (mut master, kept) = pty.into_parts();
    let stop = stop.clone();
    let thread = std::thread::spawn(move || {
        let _kept = kept;
        let mut buffer = [0; 1024];
        while !stop.load(Ordering::Relaxed) {
            match master.read(&mut buffer) {
                Ok(n) if n > 0 => {
                    let bytes = answer(&mut golden, &buffer[..n]);
                    let _ = master.write_all(&bytes);
                }
                _ => std::thread::sleep(Duration::from_millis(1)),
            }
        }
    });
    (path, thread)
}

fn heard(golden: &mut Inside, bytes: &[u8]) -> Vec<u8> {
    golden.send(bytes).expect("it hears");
    golden.receive(Duration::ZERO).expect("it answers")
}

/// A device that loses its state again and again: a bounded number of lines, and an end.
#[test]
fn a_device_that_keeps_losing_its_state_is_given_up() {
    let f = Folder::new();
    table(&f);
    let stop = Arc::new(AtomicBool::new(false));
    let mut count = 0;
    let (path, thread) = behind_a_terminal(&stop, move |golden, bytes| {
        count += bytes.len();
        if count > 300 {
            count = 0;
            *golden = device().1;
        }
        heard(golden, bytes)
    });
    let done = ended(train(&f, &path, "50"), Duration::from_secs(60));
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("it ends");
    let said = said(&done);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.lines().count() < 40, "{said}");
    assert!(said.contains("without getting on") && said.contains("supply"), "{said}");
    // Nothing was learned: there is nothing to go on from.
    assert!(!f.path("m.json").exists(), "{said}");
}

/// A device that refuses every command, or says so once and nothing of it later, and answers who it
/// is: a finished model or encoding stays, and the error has port and mend.
#[test]
fn a_device_that_refuses_all_costs_no_model() {
    let f = Folder::new();
    table(&f);
    f.file("m.json", "");
    assert!(train(&f, "golden", "1").wait().expect("ended").success());
    let (input, out, encoded) = (f.at("in.csv"), f.at("m.json"), f.at("e.flvq"));
    let train = ["train", &input, "--out", &out, "--force", "--codewords", "16"];
    let encode =
        ["encode", &input, "--out", &encoded, "--force", "--residual", "2", "--codewords", "16"];
    assert!(fixlearn(&[&encode[..], &["--port", "golden"]].concat()).status.success());
    let read = || [&out, &encoded].map(|path| std::fs::read(path).expect("a file"));
    let before = read();
    let errors = [(1, "does not know"), (3, "outside its range"), (200, "error 200")];
    for ((error, words), once) in errors.into_iter().flat_map(|e| [(e, false), (e, true)]) {
        let stop = Arc::new(AtomicBool::new(false));
        let (mut replies, mut refused) = (Splitter::default(), false);
        let (path, thread) = behind_a_terminal(&stop, move |golden, bytes| {
            let mut wire = Vec::new();
            for mut frame in replies.push(&heard(golden, bytes)) {
                // Who opens the link is refused anew.
                refused &= frame.command != command::IDENTIFY | REPLY;
                if frame.command == command::WRITE | REPLY && !(once && refused) {
                    (frame.payload[2], refused) = (error, true);
                }
                wire.extend(frame.encode());
            }
            wire
        });
        for run in [&train[..], &encode] {
            let done = fixlearn(&[run, &["--port", &path]].concat());
            let said = said(&done);
            assert_eq!(done.status.code(), Some(2), "{said}");
            // Of the table itself a line is said before.
            let last = said.lines().last().unwrap_or_default();
            assert!([&path, words, "flash it anew"].iter().all(|w| last.contains(*w)), "{said}");
            assert!(!said.contains("--resume"), "{said}");
        }
        stop.store(true, Ordering::Relaxed);
        thread.join().expect("it ends");
        assert!(read() == before, "error {error}");
    }
}

/// A device that learns, and then names a codeword that there is not, or answers too little: what
/// was learned stays, and another device goes on from it to the right file.
#[test]
fn a_device_that_answers_wrongly_costs_no_stage() {
    let f = Folder::new();
    table(&f);
    let (input, out, right) = (f.at("in.csv"), f.at("e.flvq"), f.at("right.flvq"));
    let stages = ["--residual", "2", "--codewords", "16", "--passes", "2"];
    let encode = |out: &str, port: &str, more: &[&str]| {
        let all = ["encode", &input, "--out", out, "--port", port];
        let run = tool(&[&all[..], &stages, more].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        ended(run.expect("it runs"), Duration::from_secs(60))
    };
    assert!(encode(&right, "golden", &[]).status.success());
    for damage in [0, 1] {
        let stop = Arc::new(AtomicBool::new(false));
        let mut replies = Splitter::default();
        let (path, thread) = behind_a_terminal(&stop, move |golden, bytes| {
            let mut wire = Vec::new();
            for mut frame in replies.push(&heard(golden, bytes)) {
                if frame.command == command::RECALL | REPLY && frame.payload.len() > 5 {
                    match damage {
                        0 => (0..frame.payload.len()).for_each(|at| frame.payload[at] |= 0x70),
                        _ => frame.payload.truncate(3),
                    }
                }
                wire.extend(frame.encode());
            }
            wire
        });
        let done = encode(&out, &path, &["--force"]);
        stop.store(true, Ordering::Relaxed);
        thread.join().expect("it ends");
        let said = said(&done);
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains("kept in") && said.contains("--resume"), "{said}");
        assert!(encode(&out, "golden", &["--resume"]).status.success());
        let read = |path: &str| std::fs::read(path).expect("a file");
        assert!(read(&out) == read(&right), "{said}");
    }
}

/// Replies that come damaged, or without their end, cost a time-out each and no more, and the
/// result nothing; what they cost is said.
#[test]
fn damaged_replies_cost_little() {
    let f = Folder::new();
    let pixels: Vec<u8> = (0..64 * 64).map(|i: usize| (i * 7 + i * i % 91) as u8).collect();
    f.file("in.pgm", [b"P5 64 64 255\n", &pixels[..]].concat());
    let (input, model) = (f.at("in.pgm"), f.at("m.json"));
    let shape = ["--block", "2", "--codewords", "16", "--passes", "1", "--port", "golden"];
    let train = ["train", &input, "--out", &model];
    assert!(common::fixlearn(&[&train[..], &shape].concat()).status.success());
    let encode = |port: &str, out: &str| {
        let out = f.at(out);
        let run = ["encode", &input, "--model", &model, "--port", port, "--force", "--out", &out];
        let run = tool(&run).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let done = ended(run.expect("it runs"), Duration::from_secs(300));
        assert!(done.status.success(), "{}", said(&done));
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        (text, std::fs::read(out).expect("indices"))
    };
    let (text, right) = encode("golden", "right.idx");
    assert!(!text.contains("the line"), "{text}");
    // Of replies that are damaged or cut, and of bytes that are.
    type Harm = fn(&mut fastrand::Rng, &mut Vec<u8>);
    let harms: [Harm; 4] = [
        |luck, reply| reply[0] ^= if luck.f64() < 0.05 { 0x55 } else { 0 },
        |luck, reply| reply.truncate(if luck.f64() < 0.05 { 3 } else { 999 }),
        |luck, reply| reply.truncate(if luck.bool() { 3 } else { 999 }),
        |luck, reply| reply.iter_mut().for_each(|b| *b ^= if luck.f64() < 0.02 { 0x55 } else { 0 }),
    ];
    for (i, harm) in harms.into_iter().enumerate() {
        let stop = Arc::new(AtomicBool::new(false));
        let mut luck = fastrand::Rng::with_seed(3);
        let (path, thread) = behind_a_terminal(&stop, move |golden, bytes| {
            let mut wire = Vec::new();
            for reply in heard(golden, bytes).split_inclusive(|&byte| byte == 0) {
                let mut reply = reply.to_vec();
                harm(&mut luck, &mut reply);
                wire.extend(reply);
            }
            wire
        });
        let (text, indices) = encode(&path, "bad.idx");
        stop.store(true, Ordering::Relaxed);
        thread.join().expect("it ends");
        assert_eq!(indices, right, "{i}");
        assert!(text.contains("\nthe line: ") && text.contains("sent again"), "{i}: {text}");
        // `N of FRAMES frames sent again, N time-outs`.
        let line = text.split("the line: ").nth(1).unwrap_or_default();
        let numbers: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
        assert!(numbers[2] <= 3 * numbers[1], "{i}: {text}");
    }
}

/// An answer that cannot be is said with the port that it came from.
#[test]
fn an_answer_that_cannot_be_names_its_port() {
    let f = Folder::new();
    table(&f);
    assert!(train(&f, "golden", "1").wait().expect("ended").success());
    let stop = Arc::new(AtomicBool::new(false));
    let mut replies = Splitter::default();
    let (path, thread) = behind_a_terminal(&stop, move |golden, bytes| {
        let mut wire = Vec::new();
        for mut frame in replies.push(&heard(golden, bytes)) {
            if frame.command == command::RECALL | REPLY {
                frame.payload[1..].fill(0xff);
            }
            wire.extend(frame.encode());
        }
        wire
    });
    let run = ["encode", &f.at("in.csv"), "--model", &f.at("m.json"), "--out", &f.at("i.idx")];
    let words = [&path, "named a codeword that is none of the 16", "flash it anew"];
    refused(&[&run[..], &["--port", &path]].concat(), &words);
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("it ends");
    assert!(!f.path("i.idx").exists());
}

/// A device of another version of the protocol says so, whichever version its frames are of.
#[test]
fn a_device_of_another_version_is_named() {
    let f = Folder::new();
    table(&f);
    // Bits of the version: those of this one, and all three.
    for (bits, words) in [(0, "another version of the protocol"), (0x70, "version 7")] {
        let stop = Arc::new(AtomicBool::new(false));
        let (path, thread) = behind_a_terminal(&stop, move |_, _| {
            let command = command::NAK | REPLY | bits;
            Frame { command, sequence: 0, payload: vec![0, cause::VERSION] }.encode()
        });
        let done = ended(train(&f, &path, "1"), Duration::from_secs(10));
        stop.store(true, Ordering::Relaxed);
        thread.join().expect("it ends");
        let said = said(&done);
        assert_eq!(done.status.code(), Some(2), "{said}");
        for word in [words, &path, "is a fixlearn device", "flash it again"] {
            assert!(said.contains(word), "no `{word}` in: {said}");
        }
    }
}

/// A device that answers every frame and does nothing: progress is what counts, not bytes.
#[test]
fn a_device_that_only_talks_is_given_up() {
    let f = Folder::new();
    table(&f);
    let stop = Arc::new(AtomicBool::new(false));
    let mut greeted = 0;
    let (path, thread) = behind_a_terminal(&stop, move |golden, bytes| {
        greeted += bytes.len();
        let answer = heard(golden, bytes);
        // Then it repeats one answer for ever.
        if greeted < 200 {
            return answer;
        }
        let frame = Frame { command: 0xff, sequence: 0, payload: vec![0, 1] };
        frame.encode()
    });
    let done = ended(train(&f, &path, "50"), Duration::from_secs(30));
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("it ends");
    assert_eq!(done.status.code(), Some(2), "{}", said(&done));
}

/// What a device says of itself is looked at before time-outs are made of it.
#[test]
fn an_identity_that_cannot_be_is_refused() {
    let f = Folder::new();
    table(&f);
    for (change, words) in [
        ((|i: &mut Identity| i.baud = 1) as fn(&mut Identity), "baud is 1"),
        (|i| i.baud = 0, "baud is 0"),
        (|i| i.clock_hz = 0, "clock is 0"),
        (|i| i.slots = 0, "slots is 0"),
        (|i| i.slots = 255, "slots is 255"),
    ] {
        let stop = Arc::new(AtomicBool::new(false));
        let (mut identity, _) = device();
        change(&mut identity);
        let mut liar = Inside::golden::<Vq>(&identity).expect("a device");
        let (path, thread) = behind_a_terminal(&stop, move |_, bytes| heard(&mut liar, bytes));
        let done = ended(train(&f, &path, "1"), Duration::from_secs(10));
        stop.store(true, Ordering::Relaxed);
        thread.join().expect("it ends");
        assert_eq!(done.status.code(), Some(2), "{}", said(&done));
        assert!(said(&done).contains(words), "{}", said(&done));
    }
}

/// Another program that reads what the device answers: no read waits for bytes that it took.
#[test]
fn a_program_that_steals_answers_does_not_hang_us() {
    let f = Folder::new();
    table(&f);
    let board = Board::start(&["--size", "16x4x1"]);
    let thief = std::fs::File::open(&board.1).expect("the terminal");
    let mut cat =
        std::process::Command::new("cat").stdin(thief).stdout(Stdio::null()).spawn().expect("cat");
    let run = train(&f, &board.1, "400");
    std::thread::sleep(Duration::from_millis(1500));
    let pid = Pid::from_raw(run.id() as i32);
    let _ = kill(pid, Signal::SIGINT);
    let done = ended(run, Duration::from_secs(5));
    cat.kill().expect("killed");
    let _ = cat.wait();
    assert!(matches!(done.status.code(), Some(2 | 130)), "{}", said(&done));
}

/// INT, TERM and HUP end training within a second or so, with its checkpoint, and leave nothing
/// else behind.
#[test]
fn every_signal_ends_with_a_checkpoint() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let f = Folder::new();
        table(&f);
        let run = train(&f, "sim", "100000");
        let pid = Pid::from_raw(run.id() as i32);
        let end = Instant::now() + Duration::from_secs(300);
        let begun = || {
            let bytes = std::fs::read(f.path("m.json")).unwrap_or_default();
            let value: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
            value.is_some_and(|v| v["done"].as_u64() > Some(0))
        };
        while !begun() {
            assert!(Instant::now() < end, "no checkpoint");
            std::thread::sleep(Duration::from_millis(5));
        }
        kill(pid, signal).expect("sent");
        let done = ended(run, Duration::from_secs(5));
        assert_eq!(done.status.code(), Some(130), "{signal}: {}", said(&done));
        assert_eq!(f.names(), ["in.csv", "m.json"], "{signal}");
        assert!(said(&done).contains("--resume"), "{}", said(&done));
    }
}

/// A device that has learned and then never answers: a signal ends the command with its report, the
/// run is kept, and another device gives the answers.
#[test]
fn a_signal_during_the_answers_is_reported() {
    let f = Folder::new();
    let (out, answers) = (f.at("xor.json"), f.at("answers.csv"));
    let learned = ["associate", "--task", "xor", "--out", &out, "--answers", &answers];
    let all = [&learned[..], &["--complete", "-", "--json"]].concat();
    let design = find("boltzmann").expect("a core").parse("32x8", Target::SIMULATED);
    let identity = design.expect("a size").identity();
    let golden = Inside::golden::<Boltzmann>(&identity).expect("a device");
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (heard_recall, mut requests) = (asked.clone(), Splitter::default());
    let (path, thread) = golden_behind_a_terminal(&stop, golden, move |golden, bytes| {
        let frames = requests.push(bytes);
        if frames.iter().any(|frame| frame.command == command::RECALL) {
            heard_recall.store(true, Ordering::Relaxed);
        }
        match heard_recall.load(Ordering::Relaxed) {
            true => Vec::new(),
            false => heard(golden, bytes),
        }
    });
    let run = tool(&[&all[..], &["--port", &path]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let end = Instant::now() + Duration::from_secs(60);
    while !asked.load(Ordering::Relaxed) {
        assert!(Instant::now() < end, "it never asked");
        std::thread::sleep(Duration::from_millis(5));
    }
    kill(Pid::from_raw(run.id() as i32), Signal::SIGINT).expect("sent");
    let done = ended(run, Duration::from_secs(5));
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("it ends");
    assert_eq!(done.status.code(), Some(130), "{}", said(&done));
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("a report");
    assert_eq!((&report["interrupted"], &report["right"]), (&true.into(), &().into()), "{report}");
    assert!(said(&done).contains("kept in") && said(&done).contains("--answers: not written"));
    assert!(!f.path("answers.csv").exists());
    let again = fixlearn(&[&all[..], &["--port", "golden", "--resume"]].concat());
    let report: serde_json::Value = serde_json::from_slice(&again.stdout).expect("a report");
    assert_eq!((&report["interrupted"], &report["right"]), (&false.into(), &4.into()), "{report}");
    assert!(f.path("answers.csv").exists());
}

/// What a command that learns had come to is its result, also without a file to keep it in.
#[test]
fn what_was_learned_until_a_signal_is_reported() {
    let f = Folder::new();
    table(&f);
    let (input, out) = (f.at("in.csv"), f.at("m.json"));
    let file = ["--out", &out, "--passes", "1000000"];
    let commands: [(&[&str], &[&str], &str); 5] = [
        (&["optimize", "--iterations", "4000000000"], &[], "point"),
        (&["optimize", "--iterations", "4000000000"], &["--out", &out], "value"),
        (&["regress", &input, "--target", "1", "--rate-shift", "8"], &file, "rmse"),
        (&["train", &input], &file, "codewords"),
        (&["filter", &input, "--column", "1"], &file, "gain_db"),
    ];
    let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().cycle();
    for ((command, more, field), signal) in commands.into_iter().zip(signals) {
        for json in [true, false] {
            let how = if json { &["--json"][..] } else { &[] };
            let arguments = [command, more, &["--port", "golden", "--force"], how].concat();
            let run = tool(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
            let run = run.expect("it runs");
            std::thread::sleep(Duration::from_millis(700));
            kill(Pid::from_raw(run.id() as i32), signal).expect("sent");
            let done = ended(run, Duration::from_secs(5));
            assert_eq!(done.status.code(), Some(130), "{arguments:?}: {}", said(&done));
            let text = String::from_utf8_lossy(&done.stdout).into_owned();
            if json {
                let report: serde_json::Value = serde_json::from_str(&text).expect("a report");
                assert_eq!(report["interrupted"], true, "{report}");
                assert!(report["done"].as_u64() > Some(0), "{report}");
                assert!(report.get(field).is_some() || report["measure"] == field, "{report}");
                assert_eq!(report["device"], serde_json::Value::Null);
                // What the state says is said, whether or not there is a mark.
                let known = ["final_mean_distance", "training", "gain_db", "value"];
                assert!(known.iter().any(|name| report[name].is_f64()), "{report}");
                if let Some(passes) = report["passes"].as_u64() {
                    let rows = report["rows"].as_u64().unwrap_or(400);
                    assert_eq!(Some(passes), report["done"].as_u64().map(|n| n / rows), "{report}");
                }
                if field == "point" {
                    assert_eq!(report["iterations"], report["done"], "{report}");
                    assert!(report["value"].as_f64() < Some(4.0), "{report}");
                }
            } else {
                assert!(text.contains("; interrupted after "), "{text}");
                assert!(!text.contains(" - "), "{text}");
            }
        }
    }
}

/// What an interrupted command says of going on holds: --resume is all that it takes, also with
/// other files to write.
#[test]
fn the_same_command_and_resume_go_on() {
    let f = Folder::new();
    table(&f);
    let at = |name: &str| f.at(name);
    let (input, csv, svg, out) = (at("in.csv"), at("o.csv"), at("o.svg"), at("m.json"));
    let regress = ["regress", &input, "--target", "1", "--rate-shift", "8", "--passes", "1000000"];
    let filter = ["filter", &input, "--column", "1", "--passes", "1000000"];
    let optimize = ["optimize", "--iterations", "4000000000"];
    for (command, files) in [
        (&regress[..], ["--split", &csv, "--plot", &svg]),
        (&regress, ["--trace", &csv, "--plot", &svg]),
        (&filter, ["--errors", &csv, "--plot", &svg]),
        (&filter, ["--predicted", &csv, "--plot", &svg]),
        (&optimize, ["--trace", &csv, "--plot", &svg]),
    ] {
        for resume in [&[][..], &["--resume"]] {
            let all = [command, &files, &["--port", "golden", "--out", &out], resume].concat();
            let run = tool(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
            let run = run.expect("it runs");
            std::thread::sleep(Duration::from_millis(700));
            kill(Pid::from_raw(run.id() as i32), Signal::SIGINT).expect("sent");
            let done = ended(run, Duration::from_secs(5));
            let said = said(&done);
            assert_eq!(done.status.code(), Some(130), "{all:?}: {said}");
            let last = said.lines().last().unwrap_or_default();
            assert!(last.contains("not written"), "{said}");
            assert!(last.contains(files[0]) && last.contains("--plot"), "{said}");
            assert_eq!(f.names(), ["in.csv", "m.json"], "{all:?}");
        }
        std::fs::remove_file(&out).expect("a run");
    }
}

/// A file that cannot be written costs its content alone: the result is said, and then the error.
#[test]
fn a_result_is_reported_whatever_becomes_of_files() {
    let f = Folder::new();
    table(&f);
    for ending in ["svg", "csv", "json"] {
        std::os::unix::fs::symlink("/dev/full", f.path(&format!("full.{ending}"))).expect("a link");
    }
    let at = |name: &str| f.at(name);
    let (input, svg, csv, run) = (at("in.csv"), at("full.svg"), at("full.csv"), at("full.json"));
    let (book, line, filter) = (at("book.json"), at("line.json"), at("filter.json"));
    let train = ["train", &input, "--passes", "1", "--out"];
    let regress = ["regress", &input, "--target", "1", "--passes", "2", "--out"];
    let adapt = ["filter", &input, "--column", "1", "--out"];
    let optimize = ["optimize", "--iterations", "50"];
    let with = |command: &[&str], more: &[&str]| {
        let all = [command, more, &["--port", "golden", "--json", "--force"]].concat();
        let done = tool(&all).output().expect("it runs");
        (all.join(" "), done)
    };
    for (command, out) in [(&train[..], &book), (&regress, &line), (&adapt, &filter)] {
        assert!(with(command, &[out]).1.status.success());
    }
    for (command, more) in [
        (&optimize[..], &["--plot", &svg][..]),
        (&optimize, &["--trace", &csv]),
        (&optimize, &["--out", &run]),
        (&train, &[&run]),
        (&regress, &[&run]),
        (&regress, &[&line, "--split", &csv]),
        (&regress, &[&line, "--plot", &svg]),
        (&regress, &[&line, "--trace", &csv]),
        (&adapt, &[&filter, "--errors", &csv]),
        (&adapt, &[&filter, "--predicted", &csv]),
        (&adapt, &[&filter, "--plot", &svg]),
        (&["encode", &input, "--model", &book, "--out"], &["/dev/full"]),
        (&["predict", &input, "--model", &line, "--out"], &[&csv]),
    ] {
        let (all, done) = with(command, more);
        let errors = said(&done);
        assert_eq!(done.status.code(), Some(2), "{all}: {errors}");
        assert!(errors.contains("no room is left"), "{all}: {errors}");
        let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("a report");
        assert_eq!(report["command"], command[0], "{all}");
        assert_ne!(report["interrupted"], true, "{all}");
    }
    // Formats are told apart by endings, which stdout has none of: said before anything is done.
    refused(&["optimize", "--port", "golden", "--trace", "-"], &["--trace", ".csv or .json"]);
}

/// A message that nobody hears ends no run.
#[test]
fn nobody_has_to_listen() {
    let f = Folder::new();
    table(&f);
    let (input, out) = (f.at("in.csv"), f.at("m.json"));
    let line = format!(
        "exec 2>&-; exec \"$0\" train {input} --out {out} --codewords 16 --passes 2 --port golden"
    );
    let sh = |line: &str| {
        let mut sh = std::process::Command::new("sh");
        sh.args(["-c", line, env!("CARGO_BIN_EXE_fixlearn")]).output().expect("it runs")
    };
    assert!(sh(&line).status.success());
    // A report that cannot be written is no success.
    let full = sh("exec \"$0\" boards --json > /dev/full");
    assert_eq!(full.status.code(), Some(2), "{}", said(&full));
    for line in ["--help", "--version", "help train", "train --help"] {
        let full = sh(&format!("exec \"$0\" {line} > /dev/full"));
        assert_eq!(full.status.code(), Some(2), "{line}: {}", said(&full));
        assert_eq!(said(&full).lines().count(), 1, "{line}: {}", said(&full));
    }
    // The system's words, without its numbers and our temporary names.
    let run = "exec \"$0\" optimize --iterations 9 --port golden";
    for (line, words) in [
        (format!("{run} > /dev/full"), "no room is left"),
        (format!("{run} --out /dev/full"), "/dev/full: no room is left"),
        (format!("{run} --out - > /dev/full"), "stdout: no room is left"),
        (format!("{run} --out /proc/x.json"), "no file can be made in /proc"),
        (format!("(sleep 0.3; {run} --out -) | true"), "stdout: what was to read it"),
    ] {
        let done = sh(&line);
        let said = said(&done);
        // Where stdout is the file's, the result stands on stderr before the error.
        let error = said.lines().last().unwrap_or_default();
        let before = usize::from(line.contains("--out -"));
        assert!(error.contains(words) && said.lines().count() <= 1 + before, "{line}: {said}");
        assert!(!said.contains("os error") && !said.contains(".fixlearn-"), "{line}: {said}");
    }
    // Who stops reading is no error of ours.
    assert_eq!(sh("\"$0\" boards | head -1 > /dev/null; exit 0").status.code(), Some(0));
}

/// A terminal that gets the name of a port that went away is somebody else's: nothing is sent to
/// it.
#[test]
fn a_strangers_terminal_is_not_written_to() {
    let f = Folder::new();
    table(&f);
    let board = Board::start(&["--size", "16x4x1"]);
    let path = board.1.clone();
    let mut run = train(&f, &path, "4000");
    let end = Instant::now() + Duration::from_secs(300);
    while !f.path("m.json").exists() {
        assert!(Instant::now() < end, "no checkpoint");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(300));
    drop(board);
    // Numbers are given anew, the lowest first.
    let mut others = Vec::new();
    let stranger = loop {
        let pty = Pty::open(None).expect("a terminal");
        if pty.path().display().to_string() == path {
            break pty;
        }
        others.push(pty);
        if others.len() == 64 {
            // Another test was given the number.
            run.kill().expect("killed");
            run.wait().expect("ended");
            return;
        }
    };
    let (mut master, _kept) = stranger.into_parts();
    let end = Instant::now() + Duration::from_secs(3);
    let mut buffer = [0; 64];
    while Instant::now() < end {
        let heard = master.read(&mut buffer).unwrap_or(0);
        assert_eq!(heard, 0, "it was written to: {:?}", &buffer[..heard]);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(run.try_wait().expect("it is ours").is_none(), "it waits for its own port");
    kill(Pid::from_raw(run.id() as i32), Signal::SIGINT).expect("sent");
    let done = ended(run, Duration::from_secs(5));
    assert!(said(&done).contains("gone; waiting"), "{}", said(&done));
}
