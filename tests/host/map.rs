//! Kohonen maps: the default on iris, the same bits on every port, labels, and what is refused.

mod common;

use common::{fixlearn, json, refused, tool, Folder};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

fn iris() -> String {
    format!("{}/../tests/data/iris.csv", env!("CARGO_MANIFEST_DIR"))
}

fn numbers(text: &str) -> Vec<Vec<f64>> {
    let row = |line: &str| line.split(',').map_while(|cell| cell.parse().ok()).collect();
    text.lines().skip(1).map(row).collect()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// The bar of the default schedule; and the errors are those that a few lines find in what is
/// exported, with all columns scaled alike, so that the nearest unit is the nearest in centimetres.
#[test]
fn the_default_unfolds_iris() {
    let f = Folder::new();
    let (model, units) = (f.at("m.json"), f.at("m.csv"));
    let said = json(&["map", &iris(), "--grid", "8x8", "--port", "golden", "--out", &model]);
    let error = |of: &Value, name: &str| of[name].as_f64().expect("a number");
    assert!(error(&said, "quantization_error") <= 0.20, "{}", said["quantization_error"]);
    assert!(error(&said, "topographic_error") <= 0.06, "{}", said["topographic_error"]);
    assert_eq!((&said["rows"], &said["columns"]), (&8.into(), &8.into()));
    assert!(error(&said["classes"], "purity") > 0.95);

    let rule = ["--grid", "4x8", "--common-scale", "--tries", "1", "--port", "golden"];
    let said = json(&[&["map", &iris(), "--out", &model], &rule[..]].concat());
    json(&["export", "--model", &model, "--out", &units]);
    let rows = numbers(&std::fs::read_to_string(iris()).expect("iris"));
    let units = numbers(&std::fs::read_to_string(&units).expect("units"));
    assert_eq!((rows.len(), units.len()), (150, 32));
    let (mut far, mut apart, mut hits) = (0.0, 0.0, vec![0_u64; 32]);
    for row in &rows {
        let mut order: Vec<usize> = (0..32).collect();
        order.sort_by(|&a, &b| distance(row, &units[a]).total_cmp(&distance(row, &units[b])));
        let (a, b) = (order[0], order[1]);
        far += distance(row, &units[a]) / 150.0;
        let ring = (a / 8).abs_diff(b / 8).max((a % 8).abs_diff(b % 8));
        apart += f64::from(u8::from(ring > 1)) / 150.0;
        hits[a] += 1;
    }
    assert!((error(&said, "quantization_error") - far).abs() < 1e-9, "{far}");
    assert!((error(&said, "topographic_error") - apart).abs() < 1e-9, "{apart}");
    let counted: Vec<Vec<u64>> = serde_json::from_value(said["hits"].clone()).expect("rows");
    assert_eq!(counted, hits.chunks(8).map(<[u64]>::to_vec).collect::<Vec<_>>());
}

/// A beginner gives the file: the names of the others follow, and nothing is replaced.
#[test]
fn the_file_alone_is_enough() {
    let f = Folder::new();
    std::fs::copy(iris(), f.path("flowers.csv")).expect("copied");
    let run = || {
        let golden = ["map", "flowers.csv", "--port", "golden"];
        tool(&golden).current_dir(f.path(".")).output().expect("it runs")
    };
    let done = run();
    assert!(done.status.success());
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    for word in ["8 x 8 units", "quantization error 0.1", "a setosa, b versicolor", " a a"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    assert_eq!(f.names(), ["flowers-map.json", "flowers-map.svg", "flowers.csv"]);
    let picture = std::fs::read_to_string(f.path("flowers-map.svg")).expect("text");
    for word in ["U-matrix", "hits", "virginica", "petal_width"] {
        assert!(picture.contains(word), "no {word}");
    }
    let again = run();
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force"));
}

/// On the simulated board, in its core, and on the golden model; `check` replays it.
#[test]
fn every_port_learns_the_same_map() {
    let f = Folder::new();
    let state = |port: &str| {
        let model = f.at(&format!("{port}.json"));
        let rule = ["--grid", "4x4", "--passes", "3", "--tries", "3", "--port", port];
        json(&[&["map", &iris(), "--out", &model], &rule[..]].concat());
        f.json(&format!("{port}.json"))
    };
    let golden = state("golden");
    assert_eq!(state("sim"), golden);
    assert_eq!(state("core"), golden);
    let model = f.at("sim.json");
    let checked = json(&["check", &iris(), "--model", &model, "--port", "core"]);
    assert_eq!(checked["equal"], true);
}

/// Of several orders that is learned whose combined error is least; alone it is the same map.
#[test]
fn the_best_order_is_learned() {
    let f = Folder::new();
    let map = |name: &str, seed: u64, tries: u64| {
        let (out, seed, tries) = (f.at(name), seed.to_string(), tries.to_string());
        let rule = ["--seed", &seed, "--tries", &tries, "--grid", "4x4", "--port", "golden"];
        let said = json(&[&["map", &iris(), "--out", &out], &rule[..]].concat());
        (said["combined_error"].as_f64().expect("a number"), said["seed"].as_u64(), f.json(name))
    };
    let alone: Vec<_> = (7..12).map(|seed| map("alone.json", seed, 1)).collect();
    let best = map("best.json", 7, 5);
    let least = alone.iter().min_by(|a, b| a.0.total_cmp(&b.0)).expect("some");
    assert_eq!(&best, least);
    assert!(alone.iter().any(|other| other.0 > least.0), "they differ");
}

#[test]
fn ctrl_c_leaves_a_checkpoint_and_resume_gives_the_same_map() {
    let f = Folder::new();
    let (whole, parts) = (f.at("whole.json"), f.at("parts.json"));
    let rule = ["--grid", "4x4", "--passes", "400", "--tries", "1", "--port", "core"];
    json(&[&["map", &iris(), "--out", &whole], &rule[..]].concat());
    let mut child = tool(&[&["map", &iris(), "--out", &parts], &rule[..]].concat())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    while !Path::new(&parts).exists() {
        assert!(child.try_wait().expect("it is told").is_none(), "it ended before");
        std::thread::sleep(Duration::from_millis(1));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("it runs").success());
    let done = child.wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(130), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(f.json("parts.json")["done"].as_u64() < Some(400 * 150), "it was interrupted");
    assert!(!f.path("parts.svg").exists());
    let again = ["map", &iris(), "--out", &parts, "--resume", "--port", "core"];
    let said = json(&again);
    assert!(said["classes"]["purity"].as_f64() > Some(0.9), "{said}");
    assert_eq!(f.json("parts.json")["state"], f.json("whole.json")["state"]);
    assert!(f.path("parts.svg").exists());
    // The same command with --resume; its picture is drawn anew.
    let table = iris();
    let same = [&["map", &table, "--out", &parts, "--resume"], &rule[..]].concat();
    json(&[&same[..], &["--seed", "1", "--labels", "class"]].concat());
    let features = "sepal_length,sepal_width,petal_length,petal_width";
    json(&[&same[..], &["--features", features]].concat());
    for (option, value) in [
        ("--grid", "8x8"),
        ("--passes", "401"),
        ("--radius", "2"),
        ("--seed", "2"),
        ("--drop", "sepal_width"),
    ] {
        refused(&[&again[..], &[option, value]].concat(), &["begun with another", option]);
    }
    refused(&[&again[..], &["--common-scale"]].concat(), &["begun with another --common-scale"]);
    refused(&[&again[..], &["--block", "4"]].concat(), &["--block is of pictures"]);
    let picture = f.at("parts.svg");
    refused(&[&again[..], &["--plot", &picture]].concat(), &["parts.svg", "is there already"]);
    let again = [&again[..], &["--force"]].concat();
    json(&[
        "train",
        &iris(),
        "--drop",
        "class",
        "--codewords",
        "4",
        "--passes",
        "1",
        "--out",
        &parts,
        "--port",
        "golden",
    ]);
    refused(&again, &["parts.json", "no map"]);
}

/// The picture of the page is the one that the command draws.
#[test]
fn the_picture_of_the_page_is_what_is_drawn() {
    let f = Folder::new();
    json(&["map", &iris(), "--port", "golden", "--out", &f.at("m.json")]);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/map.svg");
    let drawn = std::fs::read_to_string(f.path("m.svg")).expect("a picture");
    if std::env::var_os("FIXLEARN_RENEW").is_some() {
        std::fs::write(&page, &drawn).expect("written");
    }
    assert!(std::fs::read_to_string(page).expect("a picture") == drawn, "FIXLEARN_RENEW renews it");
}

/// More classes than colours have a letter each; numbers that look like classes are said to.
#[test]
fn many_classes_and_classes_that_are_numbers() {
    let f = Folder::new();
    let rows = |of: fn(u32) -> String| -> String {
        (0..120).map(|i| format!("{}.5,{}\n", i * 7 % 40, of(i))).collect()
    };
    let words = f.file("w.csv", format!("x,kind\n{}", rows(|i| format!("k{:02}", i % 40))));
    let out = f.at("m.json");
    let done = fixlearn(&["map", &words.to_string_lossy(), "--port", "golden", "--out", &out]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("kind: a k00, b k01") && said.contains("N k39;"), "{said}");
    let drawn = std::fs::read_to_string(f.path("m.svg")).expect("a picture");
    assert!(drawn.contains("N k39"));
    let numbers = f.file("n.csv", format!("x,kind\n{}", rows(|i| (i % 3).to_string())));
    let rule = ["--port", "golden", "--force", "--out", &out];
    let done = fixlearn(&[&["map", &numbers.to_string_lossy()], &rule[..]].concat());
    let noted = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(noted.contains("`kind` holds few whole numbers") && noted.contains("--labels kind"));
    let done =
        fixlearn(&[&["map", &numbers.to_string_lossy(), "--drop", "kind"], &rule[..]].concat());
    assert!(!String::from_utf8_lossy(&done.stderr).contains("--labels"));
}

/// Labels by name or number, of the rows that are learned; numbers are labels if they are named.
#[test]
fn labels_are_those_of_the_rows_that_are_learned() {
    let f = Folder::new();
    let body = "1,10,5\n2,10,5\n?,7,5\n100,20,9\n101,20,9\n";
    let table = f.file("t.csv", format!("x,class,y\n{body}"));
    let (table, model) = (table.to_str().expect("text"), f.at("m.json"));
    let map = |more: &[&str]| {
        let rule = ["--grid", "2x2", "--out", &model, "--port", "golden", "--missing", "drop"];
        json(&[&["map", table], &rule[..], more].concat())
    };
    for name in ["class", "2"] {
        let said = map(&["--labels", name]);
        assert_eq!(said["classes"]["names"], serde_json::json!(["10", "20"]), "without the third");
        assert_eq!(said["classes"]["purity"], 1.0);
        assert_eq!(said["dimension"], 2);
        let of: Vec<Vec<Option<String>>> =
            serde_json::from_value(said["class_map"].clone()).expect("rows");
        assert!(of.iter().flatten().flatten().all(|name| ["10", "20"].contains(&name.as_str())));
    }
    // With the columns' means every row is learned, and has its label.
    let rule = ["--grid", "2x2", "--out", &model, "--port", "golden", "--missing", "mean"];
    let said = json(&[&["map", table, "--labels", "class"], &rule[..]].concat());
    assert_eq!(said["classes"]["names"], serde_json::json!(["7", "10", "20"]));
    let plain = map(&[]);
    assert_eq!((&plain["classes"], &plain["dimension"]), (&Value::Null, &3.into()));
    let rule = ["--grid", "2x2", "--out", &model, "--port", "golden", "--force"];
    let said = |more: &[&str], words: &[&str]| {
        refused(&[&["map", table], &rule[..], more].concat(), words);
    };
    said(&["--labels", "klass"], &["no column `klass`"]);
    said(&["--labels", "class", "--features", "x,class"], &["out of --features"]);
    said(&["--labels", "class", "--drop", "class"], &["out of --drop"]);
    said(&["--labels", "class"], &["line 4, column 1 (`x`)", "`?`"]);
    let gap = f.file("g.csv", "x,class\n1,a\n2,\n3,b\n");
    let gap = gap.to_str().expect("text");
    refused(&[&["map", gap], &rule[..]].concat(), &["line 3", "label is missing"]);
}

/// What goes wrong on the way is said, and what is learned stays.
#[test]
fn a_picture_that_cannot_be_drawn_leaves_the_run_and_its_report() {
    let f = Folder::new();
    let table = iris();
    // A mistyped number makes no classes of a column.
    let typo = std::fs::read_to_string(&table).expect("iris").replacen("5.1,", "5.1x,", 1);
    let typo = f.file("typo.csv", typo);
    let typo = typo.to_str().expect("text");
    let rule = ["--port", "golden", "--tries", "1", "--grid", "4x4"];
    let (model, picture) = (f.at("m.json"), f.at("full.svg"));
    refused(
        &[&["map", typo, "--labels", "class", "--out", &model], &rule[..]].concat(),
        &["line 2, column 1", "`5.1x` is not a number"],
    );
    for out in ["-", "/dev/null"] {
        refused(&[&["map", &table, "--out", out], &rule[..]].concat(), &["--plot: name the"]);
    }
    refused(&["map", &table, "--radius", "0"], &["--radius", "1..=255"]);
    std::os::unix::fs::symlink("/dev/full", &picture).expect("a link");
    let full = [&["map", &table, "--out", &model, "--plot", &picture], &rule[..]].concat();
    let done = fixlearn(&full);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("full.svg"), "{said}");
    assert!(said.contains("m.json: a map of 4 x 4") && said.contains("purity"), "{said}");
    json(&["check", &table, "--model", &model]);
}

/// Names with control characters, and numbers whose squares no number holds.
#[test]
fn odd_names_and_huge_numbers_have_a_picture_and_an_error() {
    let f = Folder::new();
    let row = |i: i32| format!("{}e300,{}e-300,\u{1b}[31mk{}\n", i, i, i % 2);
    let rows: String = (1..9).map(row).collect();
    let table = f.file("t.csv", format!("a,\u{1b}[31mb,k\n{rows}").replace("e300", "e299"));
    let (table, model) = (table.to_str().expect("text"), f.at("m.json"));
    let done = fixlearn(&["map", table, "--out", &model, "--port", "golden"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(!done.stderr.contains(&0x1b) && !done.stdout.contains(&0x1b));
    assert!(String::from_utf8_lossy(&done.stderr).contains("16 units for 8 vectors"));
    let drawn = std::fs::read(f.path("m.svg")).expect("a picture");
    assert!(!drawn.contains(&0x1b));
    let said = json(&["map", table, "--out", &model, "--port", "golden"]);
    assert!(said["quantization_error"].as_f64() > Some(1e290), "{said}");
}

/// Ctrl-C while orders are tried says that nothing is written.
#[test]
fn ctrl_c_while_orders_are_tried_is_said() {
    let f = Folder::new();
    let row = |i: u32| format!("{},{},{}.5\n", i * 7919 % 1009, i * 31 % 97, i % 13);
    let table = f.file("t.csv", (0..60_000).map(row).collect::<String>());
    let out = f.at("m.json");
    let table = table.to_str().expect("text");
    let begun = ["map", table, "--tries", "256", "--passes", "400", "--port", "golden"];
    let mut child = tool(&[&begun[..], &["--out", &out]].concat())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    std::thread::sleep(Duration::from_millis(1000));
    assert!(child.try_wait().expect("it is told").is_none(), "it ended before");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("it runs").success());
    let done = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(130), "{said}");
    assert!(said.contains("m.json is not written; begin with the same command"), "{said}");
}

/// Blocks of a picture are units like others.
#[test]
fn a_picture_has_a_map() {
    let f = Folder::new();
    let pixel = |i: u32| ((i % 32) * 7 + (i / 32) * 3 % 40) as u8;
    let bytes = [b"P5 32 32 255\n".to_vec(), (0..1024).map(pixel).collect()].concat();
    let picture = f.file("p.pgm", bytes);
    let (picture, model) = (picture.to_str().expect("text"), f.at("m.json"));
    let said = json(&["map", picture, "--out", &model, "--grid", "4x4", "--port", "golden"]);
    assert_eq!((&said["dimension"], &said["classes"]), (&16.into(), &Value::Null));
    let drawn = std::fs::read_to_string(f.path("m.svg")).expect("text");
    assert!(drawn.contains("blocks of pixels"));
    let refuse = |more: &[&str], words: &[&str]| {
        let rule = ["--force", "--out", &model, "--port", "golden"];
        refused(&[&["map", picture], &rule[..], more].concat(), words);
    };
    refuse(&["--common-scale"], &["--common-scale is of tables"]);
    refuse(&["--labels", "x"], &["p.pgm", "tables are"]);
    // The map encodes as any codebook does.
    json(&["encode", picture, "--model", &model, "--out", &f.at("p.idx"), "--port", "golden"]);
}

#[test]
fn grids_that_no_core_has_are_refused() {
    for grid in ["8x3", "17x16", "1x1", "0x8", "8", "8x8x8", "-1x8", "x", "8X8 "] {
        let done = fixlearn(&["map", &iris(), &format!("--grid={grid}"), "--port", "golden"]);
        assert_eq!(done.status.code(), Some(2), "{grid}");
        assert!(String::from_utf8_lossy(&done.stderr).contains("ROWSxCOLUMNS"), "{grid}");
    }
    refused(&["map", "--port", "golden"], &["no input"]);
    let f = Folder::new();
    let empty = f.file("e.csv", "a,b\n");
    refused(&["map", empty.to_str().expect("text"), "--port", "golden"], &["no rows below"]);
}
