//! Habits of the command line: completions, manual pages, how much is said, colours, rules for
//! udev, the watched curve; on a terminal of its own where that matters.

mod common;

use common::{fixlearn, json, refused, tool, Folder};
use std::process::{Command, Stdio};

fn iris() -> String {
    format!("{}/../tests/data/iris.csv", env!("CARGO_MANIFEST_DIR"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a terminal of 120 columns gets of a command, by util-linux's `script`.
fn on_a_terminal(folder: &Folder, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let words = [&[env!("CARGO_BIN_EXE_fixlearn")], arguments].concat();
    let line: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let line = format!("stty cols 120 rows 50; {}", line.join(" "));
    let done = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(folder.path("."))
        .env_remove("NO_COLOR")
        .env("TERM", "xterm-256color")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("util-linux has it");
    text(&done.stdout)
}

/// A shell that reads the script completes commands, options and their values.
#[test]
fn bash_completes_commands_and_options() {
    let f = Folder::new();
    let done = fixlearn(&["completions", "bash"]);
    assert!(done.status.success());
    f.file("fixlearn.bash", &done.stdout);
    let complete = |words: &str| {
        let count = words.split(' ').count() - 1;
        let script = format!(
            "source fixlearn.bash; COMP_WORDS=({words}); [ ${{#COMP_WORDS[@]}} -gt {count} ] || \
             COMP_WORDS+=(''); COMP_CWORD={count}; _fixlearn fixlearn \"${{COMP_WORDS[{count}]}}\" \
             \"${{COMP_WORDS[{count}-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        let bash = Command::new("bash").args(["-c", &script]).current_dir(f.path(".")).output();
        text(&bash.expect("bash").stdout)
    };
    assert_eq!(complete("fixlearn tra").trim(), "train");
    assert_eq!(complete("fixlearn train --codew").trim(), "--codewords");
    assert_eq!(complete("fixlearn --v").trim(), "--verbose --version");
    assert_eq!(complete("fixlearn veri").trim(), "");
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        let done = fixlearn(&["completions", shell]);
        let script = text(&done.stdout);
        assert!(done.status.success() && script.contains("regress"), "{shell}");
        assert!(!script.contains("verify"), "{shell}");
    }
    refused(&["completions", "tcsh"], &["'tcsh'", "SHELL"]);
    refused(&["completions", "bash", "--json"], &["leave --json out"]);
}

/// A page for each command that the help lists, which `man` reads without a complaint.
#[test]
fn every_command_has_a_manual_page() {
    let f = Folder::new();
    let said = json(&["man", &f.at("man1")]);
    let help = text(&fixlearn(&["--help"]).stdout);
    let listed = help.lines().skip_while(|l| *l != "Commands:").skip(1);
    let listed = listed.take_while(|l| !l.is_empty());
    let names: Vec<&str> = listed.filter_map(|l| l.split_whitespace().next()).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| *name != "help").collect();
    assert!(names.len() > 25, "{names:?}");
    assert_eq!(said["files"].as_array().map(Vec::len), Some(names.len() + 1));
    for name in names {
        let page = std::fs::read_to_string(f.path(&format!("man1/fixlearn-{name}.1")));
        let page = page.unwrap_or_else(|e| panic!("{name}: {e}"));
        for section in [".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS"] {
            assert!(page.contains(section), "{name}: {section}");
        }
    }
    let first = std::fs::read_to_string(f.path("man1/fixlearn.1")).expect("a page");
    assert!(first.contains("fixlearn\\-train(1)"));
    refused(&["man", &f.at("man1")], &["is there already", "--force"]);
    f.file("taken", "x");
    refused(&["man", &f.at("taken")], &["taken"]);
}

/// Quiet leaves errors and the report, verbose says the device and every mark.
#[test]
fn as_much_is_said_as_one_asks_for() {
    let f = Folder::new();
    let run = |more: &[&str]| {
        let out = f.at("m.json");
        let rule = ["--codewords", "8", "--passes", "4", "--port", "golden", "--force"];
        let done =
            tool(&[&["train", &iris(), "--drop", "class", "--out", &out], &rule[..]].concat())
                .args(more)
                .output()
                .expect("it runs");
        assert!(done.status.success(), "{}", text(&done.stderr));
        (text(&done.stdout), text(&done.stderr))
    };
    let (report, usual) = run(&[]);
    assert!(usual.contains("names in the first line"), "{usual}");
    for quiet in ["--quiet", "-q"] {
        assert_eq!(run(&[quiet]), (report.clone(), String::new()));
    }
    let (same, more) = run(&["--verbose"]);
    assert_eq!(same, report);
    for word in ["a vector quantizer", "12 MHz", "600 vectors: distance", "names in the first"] {
        assert!(more.contains(word), "no `{word}` in: {more}");
    }
    refused(&["--quiet", "train", "none.csv", "--out", "m.json"], &["none.csv"]);
    refused(&["-q", "-v", "boards"], &["--quiet", "--verbose"]);
}

/// Colours go where a terminal is, and nowhere with NO_COLOR.
#[test]
fn no_color_means_no_colour() {
    let f = Folder::new();
    let wrong = ["trian"];
    let help = ["--help"];
    for arguments in [&wrong[..], &help] {
        let plain = on_a_terminal(&f, &[("NO_COLOR", "1")], arguments);
        assert!(!plain.is_empty() && !plain.contains('\u{1b}'), "{plain:?}");
    }
    let coloured = on_a_terminal(&f, &[], &help);
    assert!(coloured.contains('\u{1b}'), "{coloured:?}");
}

/// A terminal sees the curve; a pipe is told that there is none.
#[test]
fn a_watched_run_shows_its_curve() {
    let f = Folder::new();
    let rule = ["--drop", "class", "--codewords", "8", "--passes", "300", "--fixed-rate"];
    let (table, out) = (iris(), f.at("m.json"));
    let run =
        [&["train", &table, "--out", &out, "--force", "--port", "golden"], &rule[..]].concat();
    let watched = on_a_terminal(&f, &[], &[&run[..], &["--watch"]].concat());
    assert!(watched.contains("mean distance, against vectors"), "{watched}");
    assert!(watched.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "no dots: {watched}");
    let plain = on_a_terminal(&f, &[], &run);
    assert!(!plain.contains("against vectors"), "{plain}");
    let piped = fixlearn(&[&run[..], &["--watch"]].concat());
    assert!(piped.status.success());
    assert!(text(&piped.stderr).contains("--watch draws on a terminal"));
}

/// The rules are of the boards' numbers, and all that is on stdout.
#[test]
fn rules_for_a_board_are_written_and_explained() {
    let f = Folder::new();
    let done = fixlearn(&["init", "icebreaker", "ulx3s-85f"]);
    let (rules, said) = (text(&done.stdout), text(&done.stderr));
    assert!(done.status.success());
    for line in rules.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        for part in line.split(", ") {
            let (key, value) = part.split_once('=').expect("a key");
            let value = value.trim_start_matches('=');
            let quoted = value.len() > 2 && value.starts_with('"') && value.ends_with('"');
            assert!(quoted && key.starts_with(|c: char| c.is_ascii_uppercase()), "{part}");
        }
    }
    for subsystem in ["usb", "tty", "hidraw", "usb-serial"] {
        assert!(rules.contains(&format!("SUBSYSTEM==\"{subsystem}\"")), "{subsystem}");
    }
    assert!(rules.contains("\"6010\"") && rules.contains("\"6015\""), "{rules}");
    for word in ["sudo tee /etc/udev/rules.d/70-fixlearn.rules", "udevadm control", "dialout"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    let file = f.at("b.rules");
    let report = json(&["init", "icebreaker", "--out", &file]);
    assert_eq!(report["rules"].as_str(), std::fs::read_to_string(&file).ok().as_deref());
    refused(&["init", "icebreaker", "--out", &file], &["b.rules", "--force"]);
    refused(&["init", "icebreaker", "--out", &f.at("b.txt")], &[".rules"]);
    refused(&["init", "icebraker"], &["no board `icebraker`", "icebreaker"]);
    refused(&["init"], &["<BOARD>"]);
}

/// Doctor says of ports and programmers what this user may do, and what `auto` is.
#[test]
fn doctor_looks_at_ports() {
    let done = tool(&["doctor", "--json"]).output().expect("it runs");
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert!(report["auto"].as_str().is_some_and(|auto| auto.starts_with("--port auto")));
    assert!(report["ports"].is_array() && report["boards"].is_array());
    let said = text(&fixlearn(&["doctor"]).stdout);
    assert!(
        said.contains("Serial ports and programmers") && said.contains("--port auto"),
        "{said}"
    );
}
