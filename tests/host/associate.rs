//! The Boltzmann machine's command, as a user runs it: tasks and tables, completed rows, the same
//! bits on every port and after an interruption, and whatever can be wrong.

mod common;

use common::{fixlearn, json, refused, tool, Board, Folder};
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use std::process::Stdio;
use std::time::{Duration, Instant};

const GOLDEN: [&str; 2] = ["--port", "golden"];

fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split(',').map(String::from).collect()).collect()
}

/// Exclusive or and parity are learned; the answers are those of the task.
#[test]
fn parity_is_learned() {
    let f = Folder::new();
    let (out, answers, plot) = (f.at("p.json"), f.at("p.csv"), f.at("p.svg"));
    for (task, patterns) in [("xor", 4), ("parity3", 8)] {
        let all = ["associate", "--task", task, "--out", &out, "--complete", "-"];
        let more = ["--answers", &answers, "--plot", &plot];
        let report = json(&[&all[..], &more, &GOLDEN].concat());
        assert_eq!((&report["asked"], &report["right"]), (&patterns.into(), &patterns.into()));
        assert!(report["epochs"].as_u64().is_some_and(|n| n > 0 && n <= 500), "{report}");
        let run = f.json("p.json");
        assert_eq!(run["done"], report["done"], "the run is written where it ended");
        assert_eq!(run["curve"].as_array().and_then(|c| c.last()).expect("a mark")["missed"], 0);
        let text = std::fs::read_to_string(&answers).expect("answers");
        for row in &rows(&text)[1..] {
            let cells: Vec<f64> = row.iter().map(|cell| cell.parse().expect("a number")).collect();
            let (odd, inputs) = cells.split_last().expect("cells");
            assert_eq!(inputs.iter().sum::<f64>() % 2.0 == 1.0, *odd > 0.7, "{row:?}");
            assert_eq!(*odd > 0.7, *odd > 0.3, "{row:?}: within the margin");
        }
        json(&["check", "--model", &out, "--port", "golden"]);
    }
    let weights = f.at("w.csv");
    json(&["export", "--model", &out, "--out", &weights]);
    let weights = rows(&std::fs::read_to_string(&weights).expect("weights"));
    let units = 3 + 1 + 1 + 8;
    assert_eq!((weights.len(), weights[0].len()), (units, units));
    for (i, row) in weights.iter().enumerate() {
        assert!((0..units).all(|j| row[j] == weights[j][i]), "symmetric");
    }
}

/// Sixteen pictures of 4 x 4 pixels come back from their left halves, whose columns may stand in
/// any order; two words are a column, too.
#[test]
fn what_is_missing_is_completed() {
    let f = Folder::new();
    let mut random = fastrand::Rng::with_seed(2);
    let mut lefts: Vec<u8> = (0..=255).collect();
    random.shuffle(&mut lefts);
    let pixel = |byte: u8, i: usize| if byte >> i & 1 == 1 { "black" } else { "white" };
    let names: Vec<String> = (0..16).map(|i| format!("p{i}")).collect();
    let (mut whole, mut half) = (names.join(",") + "\n", String::new());
    half += &(names.iter().rev().cloned().collect::<Vec<_>>().join(",") + "\n");
    for &left in &lefts[..16] {
        let right = random.u8(..);
        let cells: Vec<&str> =
            (0..16).map(|i| if i < 8 { pixel(left, i) } else { pixel(right, i - 8) }).collect();
        whole += &(cells.join(",") + "\n");
        let given = |i: usize| if i < 8 { cells[i] } else { "" };
        half += &((0..16).rev().map(given).collect::<Vec<_>>().join(",") + "\n");
    }
    f.file("whole.csv", &whole);
    f.file("half.csv", &half);
    let (out, answers) = (f.at("m.json"), f.at("a.csv"));
    let targets = names[8..].join(",");
    let (table, partial) = (f.at("whole.csv"), f.at("half.csv"));
    let all = ["associate", &table, "--target", &targets, "--out", &out, "--epochs", "2000"];
    let more = ["--header", "--complete", &partial, "--answers", &answers];
    let report = json(&[&all[..], &more, &GOLDEN].concat());
    assert_eq!((&report["asked"], &report["right"]), (&16.into(), &16.into()), "{report}");
    assert_eq!(std::fs::read_to_string(&answers).expect("answers"), whole);
    // A finished run completes another table later.
    std::fs::remove_file(&answers).expect("removed");
    let again = ["associate", &table, "--out", &out, "--resume"];
    json(&[&again[..], &more, &GOLDEN].concat());
    assert_eq!(std::fs::read_to_string(&answers).expect("answers"), whole);
    // Cells that are given come back as they stood; a word that the run does not know is refused.
    f.file("n.csv", (0..20).map(|i| format!("{},{}\n", i * 50, i / 10)).collect::<String>());
    f.file("h.csv", "333.3,\n5000,\n-7,0\n");
    let (numbers, given) = (f.at("n.csv"), f.at("h.csv"));
    let all = ["associate", &numbers, "--target", "2", "--out", &out];
    let more = ["--complete", &given, "--answers", &answers];
    json(&[&all[..], &more, &GOLDEN].concat());
    let text = std::fs::read_to_string(&answers).expect("answers");
    let firsts: Vec<&str> = text.lines().map(|l| l.split(',').next().expect("a cell")).collect();
    assert_eq!(firsts, ["1", "333.3", "5000", "-7"], "{text}");
    f.file("h.csv", "1,\nwarm,\n");
    let done = fixlearn(&[&all[..], &more, &["--force", "--port", "golden"]].concat());
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.code() == Some(2) && said.contains("warm"), "{said}");
    // Where nothing is known, something is answered; what a row lacks is not asked for.
    f.file("gaps.csv", "a,b,c\n0,0,0\n0,1,\n1,0,1\n,1,0\n1,1,1\n");
    let gaps = f.at("gaps.csv");
    let all = ["associate", &gaps, "--header", "--target", "c", "--out", &out];
    let report = json(&[&all[..], &GOLDEN].concat());
    assert_eq!((&report["patterns"], &report["asked"]), (&5.into(), &4.into()), "{report}");
}

/// The golden model, the simulated board, a board behind a pseudo-terminal; and broken off and gone
/// on with.
#[test]
fn the_same_run_everywhere() {
    let f = Folder::new();
    let board = Board::start(&["--core", "boltzmann", "--size", "8x4"]);
    let states = ["golden", "core", "sim", &board.1].map(|port| {
        let out = f.at("x.json");
        let all = ["associate", "--task", "xor", "--hidden", "4", "--levels", "7", "--out", &out];
        let more = ["--rule", "levels", "--patience", "20", "--epochs", "64", "--port", port];
        json(&[&all[..], &more].concat());
        f.json("x.json")["state"].clone()
    });
    let alike = |state: &serde_json::Value| {
        let mut state = state.clone();
        state["lanes"] = 0.into();
        state
    };
    assert!(states.iter().all(|state| alike(state) == alike(&states[0])));

    // Random answers are never all learned: it goes on until it is told to end.
    let mut random = fastrand::Rng::with_seed(3);
    let mut row = |_| (0..6).map(|_| random.u8(..2).to_string()).collect::<Vec<_>>().join(",");
    f.file("r.csv", (0..200).map(&mut row).collect::<Vec<_>>().join("\n"));
    let (table, out) = (f.at("r.csv"), f.at("r.json"));
    let line = ["associate", &table, "--target", "6", "--out", &out, "--epochs", "3000"];
    let all = [&line[..], &GOLDEN].concat();
    let mut run = tool(&all).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    let end = Instant::now() + Duration::from_secs(60);
    while !f.path("r.json").exists() && run.try_wait().expect("it is ours").is_none() {
        assert!(Instant::now() < end, "no checkpoint");
        std::thread::sleep(Duration::from_millis(2));
    }
    kill(Pid::from_raw(run.id() as i32), Signal::SIGINT).expect("sent");
    run.wait().expect("ended");
    let report = json(&[&all[..], &["--resume"]].concat());
    assert_eq!(report["done"], 200 * 3000, "{report}");
    let resumed = f.json("r.json")["state"].clone();
    json(&all);
    assert_eq!(resumed, f.json("r.json")["state"]);
}

#[test]
fn requests_that_cannot_be() {
    let f = Folder::new();
    let out = f.at("m.json");
    let wide: Vec<String> = (0..40).map(|i| (i % 3).to_string()).collect();
    f.file("wide.csv", format!("{}\n{}\n", wide.join(","), wide.join(",")));
    f.file("words.csv", "a,b\nx,0\ny,1\nz,0\n");
    f.file("same.csv", "a,b\n0,1\n1,1\n");
    f.file("good.csv", "a,b\n0,1\n1,0\n");
    let at = |name: &str| f.at(name);
    for (more, words) in [
        (vec!["--task".into(), "parity9".into()], &["parity2 to parity8"][..]),
        (vec![], &["give one table", "--task"]),
        (vec![at("good.csv"), "--task".into(), "xor".into()], &["good.csv", "leave it out"]),
        (vec![at("good.csv")], &["good.csv", "a, b", "--target"]),
        (vec![at("good.csv"), "--target".into(), "q".into()], &["good.csv", "`q`"]),
        (vec![at("wide.csv"), "--target".into(), "2".into()], &["40 columns", "23 beside"]),
        (vec![at("words.csv"), "--target".into(), "b".into()], &["`a`", "more than two words"]),
        (vec![at("same.csv"), "--target".into(), "b".into()], &["`b`", "same in every row"]),
        (
            vec![at("good.csv"), "--target".into(), "b".into(), "--hidden".into(), "30".into()],
            &["2 columns", "1 beside", "--hidden"],
        ),
        (
            ["--task", "xor", "--levels", "4"].map(String::from).to_vec(),
            &["an odd number, 3 to 255"],
        ),
        (["--task", "xor", "--cold", "9"].map(String::from).to_vec(), &["--cold: at most --hot"]),
        (
            ["--task", "xor", "--moves", "3"].map(String::from).to_vec(),
            &["--moves is of --rule levels"],
        ),
        (
            ["--task", "xor", "--range", "nan"].map(String::from).to_vec(),
            &["--range", "a number from 0.001 to 1000"],
        ),
    ] {
        let base = ["associate", "--out", &out, "--port", "golden"].map(String::from);
        refused(&[&base[..], &more].concat(), words);
        assert!(!f.path("m.json").exists(), "{more:?}");
    }
    json(&["associate", "--task", "xor", "--out", &out, "--port", "golden"]);
    let again = ["associate", "--task", "parity3", "--out", &out, "--resume", "--port", "golden"];
    refused(&again, &["other"]);
    let again = ["associate", "--task", "xor", "--levels", "5", "--out", &out, "--resume"];
    refused(&again, &["another --levels"]);
    let again = ["associate", "--task", "xor", "--epochs", "1", "--out", &out, "--resume"];
    refused(&again, &["done already, more than --epochs 1"]);
    let table = ["associate", &at("good.csv"), "--target", "b", "--epochs", "2", "--out", &out];
    json(&[&table[..], &GOLDEN].concat());
    let error = String::from_utf8(fixlearn(&["check", "--model", &out]).stderr).expect("text");
    assert!(error.contains("give one table") && !error.contains("--task"), "{error}");
    json(&["associate", "--task", "xor", "--out", &out, "--port", "golden"]);
    let mut far = f.json("m.json");
    far["done"] = 100_000_000.into();
    f.file("far.json", far.to_string());
    let damaged = ["associate", "--task", "xor", "--out", &f.at("far.json"), "--resume"];
    refused(&[&damaged[..], &GOLDEN].concat(), &["is damaged", "100000000 patterns done, of"]);
    let good = f.json("m.json");
    for (change, value) in [
        ("levels", 31.into()),
        ("temperatures", 65_536.into()),
        ("band", serde_json::json!(-0.5)),
        ("epochs", 0.into()),
        ("columns", serde_json::json!([])),
    ] {
        let mut changed = good.clone();
        changed["plan"][change] = value;
        f.file("bad.json", changed.to_string());
        let bad = f.at("bad.json");
        refused(&["check", "--model", &bad, "--port", "golden"], &["bad.json", "damaged"]);
    }
    f.file("none.csv", "u,v\n1,2\n");
    let (none, answers) = (f.at("none.csv"), f.at("a.csv"));
    let (good, other) = (f.at("good.csv"), f.at("g.json"));
    let all = ["associate", &good, "--target", "b", "--out", &other, "--port", "golden"];
    let more = ["--complete", &none, "--answers", &answers];
    let done = fixlearn(&[&all[..], &more].concat());
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("none.csv: has none of the run's columns: a, b"), "{said}");
    assert!(!f.path("g.json").exists(), "nothing is learned before");
}
