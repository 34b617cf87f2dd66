//! The fusion's command, as a user runs it: a simulated field and a table, and what can be wrong.

mod common;

use common::{fixlearn, json, refused, Folder};

#[test]
fn a_field_is_learned_with_the_same_bits_everywhere() {
    let f = Folder::new();
    let mut found = Vec::new();
    for port in ["sim", "core", "golden"] {
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

/// What belongs to a table is refused without one; readings that say nothing are refused.
#[test]
fn what_cannot_be_of_use_is_refused() {
    let f = Folder::new();
    let (out, table) = (f.at("run"), f.at("t.csv"));
    f.file("t.csv", (0..40).map(|i| format!("{i},{},7,7\n", i % 5)).collect::<String>());
    for (more, words) in [
        (&["--samples", "2000", "--header"][..], "--header is of a table; leave it out"),
        (&["--samples", "2000", "--position", "0,1"], "--position is of a table; leave it out"),
        (&[&table, "--position", "1,2"], "all readings of each node are the same"),
    ] {
        let all = [&["fuse", "--port", "golden", "--out", &out], more].concat();
        refused(&all, &[words]);
        assert!(!f.path("run").exists());
    }
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

/// A field of one's own, whose nodes send what a table says, and readings that are answered.
#[test]
fn own_fields_codewords_and_readings() {
    let f = Folder::new();
    let nodes = [[1.0, 1.0], [4.0, 1.0], [2.5, 4.0]];
    f.file("field.csv", nodes.map(|[x, y]| format!("{x},{y}\n")).concat());
    let codes = (0..16).map(|i| (i % 8).to_string()).collect::<Vec<_>>().join(",");
    f.file("codes.csv", format!("{codes}\n").repeat(3));
    let sources = [[1.5, 2.5], [3.0, 3.0], [2.0, 1.2]];
    let reading =
        |[x, y]: [f64; 2], [a, b]: [f64; 2]| 20.0 / ((x - a).powi(2) + (y - b).powi(2)).max(1.0);
    let row = |at: [f64; 2]| nodes.map(|node| reading(at, node).to_string()).join(",") + "\n";
    f.file("readings.csv", sources.map(row).concat());
    let (field, codes, readings) = (f.at("field.csv"), f.at("codes.csv"), f.at("readings.csv"));
    let (out, answers) = (f.at("run"), f.at("places.csv"));
    let own = ["--field", &field, "--side", "5", "--strength", "20", "--samples", "100000"];
    let asked = ["--answer", &readings, "--answers", &answers, "--port", "golden", "--out", &out];
    let mut errors = Vec::new();
    for merge in [&["--merge", "given", "--codewords", &codes][..], &["--merge", "none"]] {
        let said = json(&[&["fuse", "--bits", "3"], &own[..], merge, &asked].concat());
        assert_eq!(said["nodes"], 3, "{said}");
        errors.push(said["squared_error"].as_f64().expect("a number"));
        let text = std::fs::read_to_string(&answers).expect("places");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0], lines.len()), ("x,y", 4), "{text}");
    }
    // The last is a regular quantizer, which takes no interval for another.
    let text = std::fs::read_to_string(&answers).expect("places");
    for (line, at) in text.lines().skip(1).zip(sources) {
        let found: Vec<f64> = line.split(',').map(|c| c.parse().expect("a number")).collect();
        let far = (found[0] - at[0]).hypot(found[1] - at[1]);
        assert!(far < 0.7, "{line} is {far} from {at:?}");
    }
    let quantizers = f.json("run")["plan"]["quantizers"].clone();
    assert_eq!(quantizers[0]["codewords"].as_array().map(Vec::len), Some(8), "{errors:?}");
    // A finished run answers others.
    std::fs::remove_file(&answers).expect("removed");
    json(&[&["fuse", "--resume"], &asked[..]].concat());
    assert_eq!(std::fs::read_to_string(&answers).expect("places"), text);

    // The same command goes on; another is refused by name; a damaged run is one line.
    let same = ["--bits", "3", "--merge", "none", "--port", "golden", "--out", &out, "--resume"];
    json(&[&["fuse"], &own[..], &same].concat());
    refused(&[&["fuse", "--sigma", "0.5"], &own[..], &same].concat(), &["another --sigma"]);
    let good = f.json("run");
    for (change, value) in [("samples", 1_u64 << 63), ("asked", 1 << 40)] {
        let mut changed = good.clone();
        changed["plan"]["source"]["simulated"][change] = value.into();
        f.file("bad.json", changed.to_string());
        let bad = f.at("bad.json");
        refused(&["check", "--model", &bad, "--port", "golden"], &["bad.json", "damaged"]);
    }

    let all = ["fuse", "--port", "/dev/none", "--out", &out, "--force"];
    f.file("two.csv", "1,1\n2,2\n");
    f.file("nine.csv", format!("{}\n", "9,0").repeat(5));
    for (more, words) in [
        (&["--field", &f.at("two.csv")][..], &["two.csv", "2 rows of 2 columns"][..]),
        (&["--merge", "given"], &["--merge given", "--codewords"]),
        (&["--codewords", &codes], &["--codewords is of --merge given"]),
        (&["--merge", "given", "--codewords", &codes], &["3 rows", "each of 5 nodes"]),
        (&["--merge", "given", "--codewords", &f.at("nine.csv")], &["nine.csv", "no codeword"]),
        (&["--strength", "nan"], &["--strength"]),
        (&["--answer", &readings, "--answers", &answers], &["readings.csv", "5 nodes"]),
    ] {
        refused(&[&all[..], more].concat(), words);
    }
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
    // Nodes are found by name, or by place where there are no names; positions may stay.
    let (good, answers) = (f.at("good.csv"), f.at("answers.csv"));
    let resume = ["fuse", &good, "--port", "golden", "--out", &out, "--resume"];
    let mut texts = Vec::new();
    for asked in ["a,b\n2,1\n5,0\n", "b,x,a,y\n1,9,2,9\n0,9,5,9\n", "2,1\n5,0\n"] {
        f.file("asked.csv", asked);
        json(&[&resume[..], &["--answer", &f.at("asked.csv"), "--answers", &answers]].concat());
        texts.push(std::fs::read_to_string(&answers).expect("places"));
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    std::fs::remove_file(&answers).expect("removed");
    for (asked, words) in [
        ("a,b,c\n2,1,7\n", "column `c` is neither a node of the run nor a position"),
        ("a,x\n2,1\n", "has no column `b`"),
        ("2,1,7\n", "has no column `a`"),
        ("a,b\n2,nan\n", "line 2, column 2"),
    ] {
        f.file("asked.csv", asked);
        let asked = ["--answer", &f.at("asked.csv"), "--answers", &answers];
        refused(&[&resume[..], &asked].concat(), &["asked.csv", words]);
        assert!(!f.path("answers.csv").exists());
    }
}
