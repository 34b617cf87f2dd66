//! The fusion's command, as a user runs it: a simulated field and a table, and what can be wrong.

mod common;

use common::{fixlearn, json, refused, Folder};

#[test]
fn a_field_is_learned_with_the_same_bits_everywhere() {
    let f = Folder::new();
    let mut found = Vec::new();
    for port in ["sim", "golden"] {
        let said = json(&["fuse", "--samples", "2000", "--port", port, "--out", &f.at(port)]);
        assert_eq!((&said["samples"], &said["nodes"]), (&2000.into(), &5.into()));
        assert!(said["squared_error"].as_f64().is_some_and(|e| e < 2.0), "{said}");
        found.push((f.json(port)["state"].clone(), said["squared_error"].clone()));
    }
    assert_eq!(found[0], found[1]);
    let checked = json(&["check", "--model", &f.at("sim")]);
    assert_eq!((&checked["equal"], &checked["steps"]), (&true.into(), &2000.into()));
    json(&["export", "--model", &f.at("sim"), "--out", &f.at("c.csv")]);
    let text = std::fs::read_to_string(f.path("c.csv")).expect("text");
    let stored = f.json("sim")["state"]["config"]["stored"].as_u64().expect("a number");
    assert_eq!(text.lines().count() as u64, stored + 1);
}

#[test]
fn merging_lowers_the_error() {
    let f = Folder::new();
    let error = |merge: &str| {
        let out = f.at(merge);
        let said = json(&["fuse", "--merge", merge, "--port", "golden", "--out", &out]);
        said["squared_error"].as_f64().expect("a number")
    };
    let (merged, regular) = (error("closest"), error("none"));
    assert!(merged < 0.75 * regular, "{merged} and {regular}");
}

#[test]
fn what_cannot_be_fused_is_refused_before_the_port_is_opened() {
    let f = Folder::new();
    let row = |i: u32| format!("{},{},{},{}\n", i % 7, i % 5, i % 7 + 2, i % 3);
    f.file("good.csv", format!("x,y,a,b\n{}", (0..50).map(row).collect::<String>()));
    f.file("short.csv", "x,y,a\n1,2,3\n4,5,6\n");
    f.file("point.csv", format!("x,y,a\n{}", "1,2,3\n".repeat(20)));
    f.file("alone.csv", "x,y\n1,2\n4,5\n");
    let out = f.at("run");
    let cases: &[(&[&str], &[&str])] = &[
        (&["none.csv"], &["none.csv"]),
        (&["good.csv", "--position", "x,z"], &["no column `z`"]),
        (&["good.csv", "--position", "x"], &["--position", "two columns"]),
        (&["short.csv"], &["fewer than 10 rows"]),
        (&["point.csv"], &["one position"]),
        (&["alone.csv"], &["0 columns beside x and y"]),
        (&["good.csv", "--intervals", "5"], &["--intervals 5", "at least 8"]),
        (&["good.csv", "--intervals", "9", "--merge", "none"], &["--merge none has 8"]),
    ];
    for (arguments, words) in cases {
        let path = f.at(arguments[0]);
        let all = [&["fuse", &path], &arguments[1..], &["--port", "/dev/none", "--out", &out]];
        refused(&all.concat(), words);
        assert!(!f.path("run").exists());
    }
    refused(&["fuse", "--sigma", "0", "--port", "/dev/none", "--out", &out], &["--sigma"]);
    let done = fixlearn(&["fuse", "--nodes", "9", "--out", &out]);
    assert_eq!(done.status.code(), Some(2));
    json(&["fuse", &f.at("good.csv"), "--port", "golden", "--out", &out]);
}
