//! Rules of the source itself that no tool checks for us.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").to_path_buf()
}

/// Every Rust file below these folders: its path from the repository, and its text.
fn sources(folders: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|f| root().join(f)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root()).expect("below").display().to_string();
                found.insert(name, std::fs::read_to_string(&path).expect("text"));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

/// rustfmt does not wrap comments and strings. A row of a table cannot be wrapped.
#[test]
fn no_line_is_longer_than_100_columns() {
    let mut long = Vec::new();
    for (name, text) in sources(&["hdl", "sim", "host", "tests"]) {
        for (i, line) in text.lines().enumerate() {
            let comment = line.trim_start();
            let row = comment.starts_with("//! |") || comment.starts_with("/// |");
            if !row && line.chars().count() > 100 {
                long.push(format!("{name}:{}", i + 1));
            }
        }
    }
    assert!(long.is_empty(), "{long:?}");
}

/// A core is known by name in its own folders and in the registries alone.
#[test]
fn no_core_is_named_outside_its_own_folders() {
    let names: Vec<&str> = fixlearn_map::CORES.iter().map(|core| core.name).collect();
    let own = |path: &str, core: &str| path.split(['/', '.']).any(|part| part == core);
    for (path, text) in sources(&["hdl", "sim", "host"]) {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for core in names.iter().filter(|core| !own(&path, core)) {
                let quoted = format!("\"{core}\"");
                // A task is of one core; earlier versions' names, in commands.
                let known =
                    ["host/src/tasks/", "host/src/cmd/"].iter().any(|f| path.starts_with(f));
                assert!(known || !line.contains(&quoted), "{path}: {line}");
                assert!(!line.contains("Core::Gradient"), "{path}: {line}");
            }
        }
    }
}

/// The paths that begin at `text`, which may be a group in braces: names, and what follows them.
fn paths(text: &str, names: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut names = names.to_vec();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        if rest.starts_with('{') {
            let gap = |at: usize| text[at..].find(|c| c != ',' && c != ' ').unwrap_or(0);
            at += 1;
            at += gap(at);
            while at < text.len() && !text[at..].starts_with('}') {
                at += paths(&text[at..], &names, found);
                at += gap(at);
            }
            return (at + 1).min(text.len());
        }
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        names.push(rest[..length].to_string());
        at += length.max(1).min(rest.len());
        if !text[at..].starts_with("::") {
            // `x as y`
            at += text[at..].find([',', '}', ';']).unwrap_or(text.len() - at);
            found.push(names);
            return at;
        }
        at += 2;
    }
}

/// The files that a file imports from, of its own crate; a `mod.rs` above it is none of them.
fn imports(path: &str, text: &str, files: &BTreeSet<String>) -> BTreeSet<String> {
    let (source, file) = path.split_once("/src/").expect("below src");
    let code: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
    let code = code.join(" ");
    let mut folder: Vec<String> = file.split('/').map(str::to_string).collect();
    let module = folder.pop().is_some_and(|name| ["mod.rs", "lib.rs"].contains(&name.as_str()));
    let mut found = Vec::new();
    let starts = code.match_indices("crate::").map(|(i, word)| (i + word.len(), Vec::new()));
    let supers = code.match_indices("super::").filter(|(i, _)| !code[..*i].ends_with("super::"));
    let supers = supers.map(|(mut at, word)| {
        let mut up = usize::from(module);
        while code[at..].starts_with(word) {
            (at, up) = (at + word.len(), up + 1);
        }
        (at, folder[..(folder.len() + 1).saturating_sub(up)].to_vec())
    });
    for (start, names) in starts.chain(supers).collect::<Vec<_>>() {
        paths(&code[start..], &names, &mut found);
    }
    let file = |names: &Vec<String>| {
        // The longest beginning that is a file.
        (1..=names.len()).rev().find_map(|n| {
            let module = names[..n].join("/");
            [format!("{source}/src/{module}.rs"), format!("{source}/src/{module}/mod.rs")]
                .into_iter()
                .find(|file| files.contains(file))
        })
    };
    let above =
        |file: &String| file.strip_suffix("mod.rs").is_some_and(|folder| path.starts_with(folder));
    found.iter().filter_map(file).filter(|file| file != path && !above(file)).collect()
}

#[test]
fn imports_are_found_in_every_form() {
    let files = ["a/src/b/c.rs", "a/src/b/mod.rs", "a/src/b/d.rs", "a/src/e.rs"];
    let files: BTreeSet<String> = files.map(str::to_string).into();
    let of = |text: &str| imports("a/src/b/c.rs", text, &files).into_iter().collect::<Vec<_>>();
    assert_eq!(of("use crate::e::X;"), ["a/src/e.rs"]);
    assert_eq!(of("use super::d::{X, Y};\nuse super::Z;"), ["a/src/b/d.rs"]);
    assert_eq!(
        of("use crate::{\n    b::{c::P, d as f},\n    e::{X, Y},\n};"),
        ["a/src/b/d.rs", "a/src/e.rs"]
    );
    assert_eq!(of("    let x = crate::e::of(1, 2);"), ["a/src/e.rs"]);
    assert_eq!(of("// crate::e::X"), [""; 0]);
}

#[test]
fn no_two_files_import_each_other() {
    let sources = sources(&["hdl/src", "hdl/map/src", "sim/src", "host/src"]);
    let files: BTreeSet<String> = sources.keys().cloned().collect();
    let all: BTreeMap<&String, BTreeSet<String>> =
        sources.iter().map(|(path, text)| (path, imports(path, text, &files))).collect();
    assert!(all.values().map(BTreeSet::len).sum::<usize>() > 50, "imports are found");
    for (a, from_a) in &all {
        for b in from_a {
            assert!(!all[b].contains(*a), "{a} and {b} import each other");
        }
    }
}
