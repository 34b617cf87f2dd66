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
    for (name, text) in sources(&["hdl", "sim", "host", "tests"]) {
        for (i, line) in text.lines().enumerate() {
            let comment = line.trim_start();
            let row = comment.starts_with("//! |") || comment.starts_with("/// |");
            assert!(row || line.chars().count() <= 100, "{name}:{}", i + 1);
        }
    }
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

/// The files that a file imports from, of its own crate.
fn imports(path: &str, text: &str, files: &BTreeSet<String>) -> BTreeSet<String> {
    let (source, _) = path.split_once("/src/").expect("below src");
    let mut found = BTreeSet::new();
    for line in text.lines().map(str::trim) {
        let Some(rest) = line.strip_prefix("use crate::") else { continue };
        let names: Vec<&str> = rest
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|n| !n.is_empty())
            .collect();
        // The longest beginning that is a file.
        let file = (1..=names.len()).rev().find_map(|n| {
            let module = names[..n].join("/");
            [format!("{source}/src/{module}.rs"), format!("{source}/src/{module}/mod.rs")]
                .into_iter()
                .find(|file| files.contains(file))
        });
        found.extend(file.filter(|file| file != path));
    }
    found
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
