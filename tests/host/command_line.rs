//! The command line: one clear line and status 2 for whatever is wrong, nothing half-written.

mod common;

use common::{fixlearn, json, refused, Folder};
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
    let named = f.file("y.csv", "a,b,c,d\n1,2,3,4\n5,6,7,\n");
    let said = ["line 3, column 4 (`d`)", "missing"];
    refused(&train(&named, &f.path("m.json")), &said);
    let nan = f.file("n.csv", "a,b,c,d\n1,2,3,4\n5,6,7,NaN\n");
    refused(
        &train(&nan, &f.path("m.json")),
        &["line 3, column 4 (`d`): `NaN` stands for a missing"],
    );
    let ragged = f.file("z.csv", "1,2,3,4\n1,2\n");
    refused(&train(&ragged, &f.path("m.json")), &["z.csv"]);
    let empty = f.file("e.csv", "");
    refused(&train(&empty, &f.path("m.json")), &["e.csv", "holds no numbers"]);
}

#[test]
fn a_file_that_is_not_there_or_of_no_known_kind() {
    let f = Folder::new();
    refused(&train(&f.path("none.csv"), &f.path("m.json")), &["none.csv", "no such file"]);
    let input = f.file("x.docx", "1");
    refused(&train(&input, &f.path("m.json")), &["x.docx", ".png, .pgm", ".csv", " or ."]);
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
    refused(&arguments, &["1 to 16 codewords, not 64", "--size 64x4x4+residues would do"]);
    let mut arguments = train(&input, Path::new("m.json"));
    arguments.extend(["--port", "golden"]);
    let with = |size: &str, words: &[&str]| {
        refused(&[&arguments[..], &["--size", size]].concat(), words);
    };
    with("16x4x1+L1", &["only a wide core", "take 16x4x1, or", "16x4x8+l1"]);
    with("64x16x8+l1", &["only a wide core", "take 64x16x8, or", "64x16x64+l1"]);
    with("64X16X64+L1", &["--metric l1", "a size without +l1", "--size 16x4x1+residues would do"]);
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
    refused(&["--json"], &["name a command"]);
    let newer = r#"{"format":"fixlearn-model","version":4}"#;
    export(&f.file("b", newer), &["version 4", "reads 1 to 3"]);
    let damaged = r#"{"format":"fixlearn-model","version":1,"core":"vq"}"#;
    export(&f.file("c", damaged), &["damaged"]);
    let input = f.file("x.csv", table());
    let model = f.path("m.json");
    assert!(fixlearn(&train(&input, &model)).status.success());
    let text = std::fs::read_to_string(&model).expect("a model");
    export(&f.file("d", text.replacen("\"dimension\":4", "\"dimension\":5", 1)), &["damaged"]);
    export(&f.file("e", text.replacen("\"noise\":", "\"noise\":0,\"n\":", 1)), &["NOISE_HIGH"]);
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

/// A compiler that make does not find is named.
#[cfg(unix)]
#[test]
fn a_missing_compiler_is_named_with_its_remedy() {
    let f = Folder::new();
    let input = f.file("x.csv", table());
    let tools = f.path("tools");
    std::fs::create_dir(&tools).expect("a folder");
    let path = std::env::var_os("PATH").expect("a path");
    for tool in ["verilator", "make", "sh", "perl"] {
        let places = std::env::split_paths(&path).map(|folder| folder.join(tool));
        let place = places.into_iter().find(|place| place.is_file());
        std::os::unix::fs::symlink(place.expect("a tool"), tools.join(tool)).expect("a link");
    }
    let run = |path: Option<&Path>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixlearn"));
        command.args(train(&input, &f.path("m.json"))).env("FIXLEARN_CACHE", f.path("cache"));
        match path {
            Some(path) => command.env("PATH", path),
            None => command.env_remove("PATH"),
        };
        let done = command.output().expect("it runs");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains("make does not find g++"), "{said}");
        assert!(said.contains("apt-get install -y make g++"), "{said}");
        said
    };
    assert!(!run(Some(&tools)).contains("not set"));
    assert!(run(None).contains("PATH, which is not set"));
}

/// A port's options are for ports that have a use for them.
#[test]
fn options_of_another_port_are_refused() {
    let f = Folder::new();
    let input = f.file("x.csv", table());
    let model = f.path("m.json");
    for (port, option, value, is_for) in [
        ("sim", "--baud", "115200", "a serial port"),
        ("golden", "--baud", "115200", "a serial port"),
        ("/dev/none", "--size", "16x4x1", "--port sim, core and golden"),
        ("/dev/none", "--faults", "lost=0.1", "--port sim"),
        ("auto", "--size", "16x4x1", "--port sim, core and golden"),
        ("golden", "--faults", "lost=0.1", "--port sim"),
    ] {
        let words = format!("{option} is for {is_for}, not for --port {port}");
        let given = ["--port", port, option, value];
        refused(&[&train(&input, &model)[..], &given].concat(), &[&words]);
        refused(&[&["optimize"][..], &given].concat(), &[&words]);
        let out = model.to_str().expect("text");
        let regress = ["regress", input.to_str().expect("text"), "--target", "1", "--out", out];
        refused(&[&regress[..], &given].concat(), &[&words]);
    }
    assert!(!model.exists());
}

/// A task's options are its own.
#[test]
fn options_of_another_task_are_refused() {
    for (command, options) in [
        ("train", &["--gradient-bits", "--patience", "--hold-out", "--target", "--condition"][..]),
        ("regress", &["--codewords", "--block", "--metric", "--condition", "--iterations"]),
        ("optimize", &["--codewords", "--passes", "--hold-out", "--target", "--radius"]),
        ("encode", &["--metric", "--radius"]),
        ("predict", &["--target", "--passes"]),
    ] {
        for option in options {
            refused(&[command, option, "1"], &[&format!("unexpected argument '{option}'")]);
        }
    }
}

/// The command of earlier versions.
#[test]
fn train_with_the_gradient_core_is_regress() {
    let f = Folder::new();
    let (input, old, new) = (f.at("x.csv"), f.path("old.json"), f.path("new.json"));
    f.file("x.csv", table());
    let rest = [&input, "--target", "2", "--passes", "2", "--port", "golden", "--out"];
    let run = |first: &[&str], out: &Path| {
        let out = out.to_str().expect("text");
        assert!(fixlearn(&[first, &rest[..], &[out]].concat()).status.success());
    };
    run(&["train", "--core", "gradient"], &old);
    run(&["regress"], &new);
    assert_eq!(std::fs::read(old).expect("a run"), std::fs::read(new).expect("a run"));
}

/// With stochastic rounding beats of another width draw other noise.
#[test]
fn a_device_of_another_beat_is_said_to_be_compared_with_its_own_model() {
    let f = Folder::new();
    let (input, model) = (f.file("x.csv", table()), f.at("m.json"));
    let input = input.to_str().expect("text");
    let train = ["train", input, "--codewords", "8", "--passes", "1", "--out", &model];
    let sized = |size: &'static str| ["--port", "golden", "--size", size];
    let check = ["check", input, "--model", &model];
    for (rounding, size, own) in [
        ("stochastic", "64x4x4", true),
        ("stochastic", "16x4x1", false),
        ("nearest", "64x4x4", false),
    ] {
        let rounding = ["--rounding", rounding];
        let trained = json(&[&train[..], &rounding, &sized("16x4x1")].concat());
        assert_eq!((&trained["port"], &trained["size"]), (&"golden".into(), &"16x4x1".into()));
        let check = [&check[..], &sized(size)].concat();
        let report = json(&check);
        assert_eq!(report["equal"], true, "{report}");
        assert_eq!(report["other_bits"].is_string(), own, "{report}");
        let text = String::from_utf8(fixlearn(&check).stdout).expect("text");
        assert_eq!(text.contains("each compared with a golden model of their own"), own, "{text}");
    }
    assert_eq!(json(&["info", "--model", &model])["size"], "16x4x1+residues");
    let again = fixlearn(&[&train[..], &["--port", "golden", "--force"]].concat());
    let text = String::from_utf8(again.stdout).expect("text");
    assert!(text.contains("from 40 vectors in 1 pass;"), "{text}");
}

/// What an array's header says of it is enough to refuse it: this one is 1 TiB of holes.
#[test]
fn an_array_that_does_not_go_with_the_model_is_not_read() {
    let f = Folder::new();
    let picture = f.file("p.pgm", [&b"P5 8 8 255\n"[..], &[7; 32], &[90; 32]].concat());
    let rows = f.file("x.csv", table());
    let large = f.file("x.npy", {
        let shape = "{'descr': '|u1', 'fortran_order': False, 'shape': (68719476736, 16), }";
        let head = format!("{shape:117}\n");
        [b"\x93NUMPY\x01\x00\x76\x00", head.as_bytes()].concat()
    });
    let file = std::fs::File::options().write(true).open(&large).expect("the array");
    let there = file.set_len(128 + (1 << 40)).is_ok();
    for (input, words) in [
        (&picture, "the model was trained on images; give it such an input"),
        (&rows, "has vectors of 16 dimensions, the model 4"),
    ] {
        let (input, model, out) = (input.to_str().expect("text"), f.at("m.json"), f.at("x.idx"));
        let rule = ["--codewords", "2", "--passes", "1", "--port", "golden"];
        json(&[&["train", input, "--out", &model], &rule[..]].concat());
        let encode = ["encode", &f.at("x.npy"), "--model", &model, "--out", &out];
        // Where a file cannot have holes, it is a short one.
        if there {
            refused(&[&encode[..], &rule[4..]].concat(), &["x.npy", words]);
        }
    }
}

/// Every report is one object that first says what it is.
#[test]
fn json_is_one_object() {
    let f = Folder::new();
    let (input, model, line) = (f.at("x.csv"), f.at("m.json"), f.at("r.json"));
    let (indices, answers, run) = (f.at("x.idx"), f.at("a.csv"), f.at("o.json"));
    f.file("x.csv", table());
    let golden = ["--port", "golden"];
    for (arguments, golden) in [
        (&["doctor"][..], &[][..]),
        (&["ports"], &[]),
        (&["train", &input, "--codewords", "4", "--passes", "1", "--out", &model], &golden),
        (&["regress", &input, "--target", "2", "--passes", "1", "--out", &line], &golden),
        (&["optimize", "--iterations", "9", "--out", &run], &golden),
        (&["encode", &input, "--model", &model, "--out", &indices], &golden),
        (&["decode", &indices, "--model", &model, "--out", &answers], &[]),
        (&["predict", &input, "--model", &line, "--out", &answers], &golden),
        (&["export", "--model", &model, "--out", &f.at("m.npy")], &[]),
        (&["check", &input, "--model", &model], &golden),
        (&["info", &model], &[]),
    ] {
        let done = fixlearn(&[arguments, golden, &["--json", "--force"]].concat());
        let (text, said) = (String::from_utf8_lossy(&done.stdout), done.stderr);
        let command = arguments[0];
        assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&said));
        let head = format!(r#"{{"format":"fixlearn-report","version":1,"command":"{command}""#);
        assert!(text.starts_with(&head), "{command}: {text}");
        assert_eq!(text.lines().count(), 1, "{command}: {text}");
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(value.is_object());
    }
}

/// What `info` and `doctor` say to people stands in columns, and fits a terminal.
#[test]
fn info_and_doctor_are_readable() {
    let f = Folder::new();
    let run = f.at("o.json");
    let begun = ["optimize", "--iterations", "9", "--port", "golden", "--out", &run];
    assert!(fixlearn(&begun).status.success());
    for (words, heads) in [
        (&["info", "--model", &run][..], &["Settings", "Registers of the core"][..]),
        (&["doctor"], &["The simulated board", "Bitstreams", "Proofs"]),
    ] {
        let done = fixlearn(words);
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(heads.iter().all(|head| text.contains(head)), "{text}");
        // The second column of a part begins in one place.
        for part in text.split("\n\n") {
            let place = |line: &str| {
                let name = line.trim_start().split("  ").next().expect("a name");
                let rest = &line[line.find(name)? + name.len()..];
                Some(line.len() - rest.trim_start().len())
            };
            let lines = part.lines().filter(|line| line.starts_with("  "));
            let places: std::collections::BTreeSet<_> = lines.filter_map(place).collect();
            assert!(places.len() <= 1, "{part}");
        }
        if words[0] == "info" {
            assert!(text.lines().skip(1).all(|line| line.chars().count() <= 100), "{text}");
            assert!(text.contains("start.config.rate "), "{text}");
        }
    }
}

/// `check` reports the same fields of every task, whatever it finds.
#[test]
fn check_has_one_schema() {
    let f = Folder::new();
    let (input, model, line, run) = (f.at("x.csv"), f.at("m.json"), f.at("r.json"), f.at("o.json"));
    f.file("x.csv", table());
    let golden = ["--port", "golden"];
    let fields = "command device equal file format other_bits steps unit version";
    let fields: Vec<&str> = fields.split(' ').collect();
    for (made, given, memory, unit) in [
        (
            &["train", &input, "--codewords", "4", "--passes", "1", "--out", &model][..],
            &[input.as_str(), "--model", &model][..],
            "codebook",
            "vectors",
        ),
        (
            &["regress", &input, "--target", "2", "--passes", "1", "--out", &line],
            &[&input, "--model", &line],
            "point",
            "samples",
        ),
        (
            &["optimize", "--iterations", "9", "--out", &run],
            &["--model", &run],
            "point",
            "iterations",
        ),
    ] {
        assert!(fixlearn(&[made, &golden].concat()).status.success());
        for wrong in [false, true] {
            let path = given[given.len() - 1];
            if wrong {
                let text = std::fs::read(path).expect("a run");
                let mut value: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
                let word = value["state"][memory][0].as_i64().expect("a word");
                value["state"][memory][0] = (word ^ 1).into();
                std::fs::write(path, value.to_string()).expect("written");
            }
            let done = fixlearn(&[&["check", "--json"], given, &golden].concat());
            assert_eq!(done.status.code(), Some(i32::from(wrong)), "{unit}");
            let value: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
            let object = value.as_object().expect("an object");
            let mut found: Vec<&str> = object.keys().map(String::as_str).collect();
            found.sort_unstable();
            assert_eq!(found, fields, "{unit}");
            assert_eq!((&value["equal"], &value["unit"]), (&(!wrong).into(), &unit.into()));
            assert_eq!(value["file"].is_null(), !wrong, "{value}");
        }
    }
}

/// Every command's help fits a screen of 60 lines, and its lines a terminal.
#[test]
fn help_fits_a_screen() {
    let done = fixlearn(&["--help"]);
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let (_, list) = text.split_once("Commands:").expect("a list of commands");
    let names = list.lines().skip(1).take_while(|line| line.starts_with("  "));
    let mut seen = 0;
    let names = names.filter_map(|line| line.split_whitespace().next());
    for name in names.filter(|name| *name != "help") {
        let done = fixlearn(&[name, "--help"]);
        let help = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{name}");
        assert!(help.lines().count() <= 60, "{name}: {} lines", help.lines().count());
        let longest = help.lines().map(|l| l.chars().count()).max().unwrap_or(0);
        assert!(longest <= 100, "{name}: a line of {longest}");
        seen += 1;
    }
    assert!(seen > 14, "{seen}");
}

/// `--size` says every size of the command's core, and `regress` what a table may be.
#[test]
fn help_says_what_there_is() {
    let help = |name: &str| {
        let done = fixlearn(&[name, "--help"]);
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (name, sizes) in [
        ("train", &["16x4x1,", "256x64x16;", "64x16x8+residues"][..]),
        ("encode", &["16x4x1,", "256x64x16;"]),
        ("build", &["16x4x1,", "256x64x16;", "linear", "256, its most taps"]),
        ("regress", &["rosenbrock, quadratic, linear, styblinski", ".tsv", ".npy", "separator"]),
        ("predict", &["linear, styblinski", "8x16384x2048", ".tsv", "decimal sign"]),
        ("optimize", &["linear, styblinski"]),
        ("filter", &["256, its most taps"]),
    ] {
        let help = help(name);
        sizes.iter().for_each(|size| assert!(help.contains(size), "{name}: {size}: {help}"));
    }
}

/// What a line to a device would take, and no line; a bitstream, which has its size.
#[test]
fn options_of_a_line_need_one() {
    let check = ["check", "--model", "none.json"];
    for (option, value) in
        [("--faults", "lost=0.1"), ("--size", "16x4x1"), ("--baud", "9600"), ("--wait", "3")]
    {
        refused(&[&check[..], &[option, value]].concat(), &[option, "give --port"]);
    }
    let bitstream = ["--bitstream", "none", "--size", "16x4x1"];
    refused(&[&check[..], &bitstream].concat(), &["--size", "a bitstream has the size"]);
}

/// Whatever clap says of how it was called, in one line with the mend.
#[test]
fn misuse_is_one_line() {
    refused(&["train"], &["--out <OUT>", "--help"]);
    refused(&["trian"], &["unrecognized subcommand 'trian'", "'train'"]);
    refused(&["regression"], &["'regress'", "`fixlearn --help` lists the commands"]);
    // What is not near is not meant.
    for (line, near) in [(&["bogus"][..], "boards"), (&["build", "--core", "vgrad"], "similar")] {
        let done = fixlearn(line);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!((done.status.code(), said.lines().count()), (Some(2), 1), "{said}");
        assert!(said.contains(line[line.len() - 1]) && said.contains("help"), "{said}");
        assert!(!said.contains(near) && !said.contains("Usage"), "{said}");
    }
    refused(&["boards", "--jsn"], &["unexpected argument '--jsn'", "'--json'"]);
    refused(&["build", "--core", "none"], &["'none'", "vq, gradient, lms, boltzmann"]);
    refused(&["train", "x.csv", "--out", "m.json", "--faults", "ber=2"], &["--faults", "ber=2"]);
}

/// A number below 0 is a value, and its option says what it takes.
#[test]
fn negative_numbers_are_values() {
    let f = Folder::new();
    let table = f.file("t.csv", table());
    let (table, out) = (table.to_str().expect("text"), f.at("r.json"));
    let regress = ["regress", table, "--target", "1", "--out", &out, "--port", "golden"];
    let train = ["train", table, "--out", &out, "--port", "golden"];
    let optimize = ["optimize", "--out", &out, "--port", "golden", "--iterations", "9"];
    let (whole, range) = ("a whole number of at least 0", "-1 is not in 0..=31");
    for (command, option, words) in [
        (&regress[..], "--seed", whole),
        (&regress, "--scale", "0.000001 to 1000000"),
        (&regress, "--hold-out", "0 to less than 1"),
        (&regress, "--passes", whole),
        (&regress, "--rate-shift", range),
        (&train, "--seed", whole),
        (&train, "--codewords", whole),
        (&train, "--radius", "-1 is not in 0..=255"),
        (&train, "--block", whole),
        (&optimize, "--rate-most", range),
        (&optimize, "--tolerance", "at least 0"),
        (&optimize, "--wait", whole),
        (&["build", "--board", "hx8k", "--out", &out], "--freq", "--freq -1: 1 to 400"),
    ] {
        refused(&[command, &[option, "-1"]].concat(), &[option, words]);
    }
    refused(&[&optimize[..], &["--start", "one,2"]].concat(), &["'one'", "give a number"]);
    assert!(!f.path("r.json").exists());
    // And without an equals sign.
    let start = ["--start", "-0.5,-1"];
    assert!(fixlearn(&[&optimize[..], &start].concat()).status.success());
    assert_eq!(f.json("r.json")["plan"]["start"]["point"][1], -1 << 28);
}

/// An option that has no use is refused by name, with what it is of.
#[test]
fn options_without_a_use_are_refused() {
    let f = Folder::new();
    let table = f.file("t.csv", table());
    let (table, out) = (table.to_str().expect("text"), f.at("r.json"));
    let train = ["train", table, "--out", &out, "--port", "golden"];
    for (option, value, of) in [
        ("--columns", "8", "--radius"),
        ("--falloff", "2", "--radius"),
        ("--radius-period", "9", "--radius"),
        ("--rate-final", "9", "--fixed-rate"),
        ("--block", "2", "pictures"),
    ] {
        refused(&[&train[..], &[option, value]].concat(), &[option, of]);
    }
    let optimize = ["optimize", "--out", &out, "--port", "golden"];
    refused(&[&optimize[..], &["--centre=1,2"]].concat(), &["--centre", "quadratic"]);
    refused(&[&optimize[..], &["--condition", "5"]].concat(), &["--condition", "quadratic"]);
    for option in ["--rate-least", "--rate-most", "--patience"] {
        let plain = ["--rule", "plain", option, "9"];
        refused(&[&optimize[..], &plain].concat(), &[option, "--rule adaptive"]);
    }
    let regress = ["regress", table, "--target", "1", "--out", &out, "--port", "golden"];
    refused(&[&regress[..], &["--patience", "9"]].concat(), &["--patience", "--rule adaptive"]);
    refused(&[&regress[..], &["--levels", "4"]].concat(), &["--levels", "perceptron"]);
    let grey = ["--grey-levels", "16", "--raw", "--class", "0"];
    refused(&[&regress[..], &grey].concat(), &["--raw", "--grey-levels"]);
    let held = ["--rate-period", "0", "--rate-final", "9"];
    refused(&[&regress[..], &held].concat(), &["--rate-final", "--rate-period 0"]);
    let line = [("--wait", "3"), ("--frame", "20"), ("--baud", "9600"), ("--faults", "lost=0.1")];
    for (option, value) in line {
        for command in [&train[..], &optimize, &regress] {
            refused(&[command, &[option, value]].concat(), &[option, "not for --port golden"]);
        }
    }
    assert!(!f.path("r.json").exists());
}

/// `quantize` and `pretrain` are a program of their own, beside this one or in `PATH`.
#[test]
#[cfg(unix)]
fn low_bit_commands_run_their_program() {
    use std::os::unix::fs::PermissionsExt;
    let f = Folder::new();
    let own = f.path("fixlearn");
    std::fs::copy(env!("CARGO_BIN_EXE_fixlearn"), &own).expect("copied");
    let run = |arguments: &[&str]| {
        Command::new(&own).args(arguments).env("PATH", f.path("none")).output().expect("it runs")
    };
    for command in ["quantize", "pretrain"] {
        let done = run(&[command, "x.safetensors", "--bits", "3"]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains("cargo install --path host/lowbit"), "{said}");
        let help = run(&[command, "--help"]);
        assert!(help.status.success() && help.stdout.ends_with(b"installs it\n"));
    }
    let program = f.file("fixlearn-lowbit", "#!/bin/sh\necho \"$@\"\nexit 7\n");
    std::fs::set_permissions(program, PermissionsExt::from_mode(0o755)).expect("a mode");
    for (arguments, given) in [
        (&["quantize", "--help"][..], "quantize --help"),
        (&["--json", "quantize", "a b", "--bits", "3"], "quantize --json a b --bits 3"),
        (&["pretrain", "t.csv", "--out", "n", "--force"], "pretrain t.csv --out n --force"),
    ] {
        let done = run(arguments);
        assert_eq!(done.status.code(), Some(7));
        assert_eq!(String::from_utf8_lossy(&done.stdout).trim_end(), given);
    }
}
