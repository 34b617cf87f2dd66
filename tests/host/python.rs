//! The Python package: installed as a user installs it, then tested by the files in
//! `tests/python`, each in a test of its own.

#![cfg(unix)]

mod common;

use common::Board;
use fixlearn::doctor;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const PROGRAM: &str = env!("CARGO_BIN_EXE_fixlearn");

/// What it is built with, needs, and is compared with, by version.
const PACKAGES: &[&str] = &[
    "maturin==1.16.0",
    "minisom==2.3.6",
    "mypy==2.4.1",
    "numpy==2.4.6",
    "pandas==3.1.1",
    "pytest==9.2.0",
    "scikit-learn==1.9.1",
    "scipy==1.17.1",
    "tqdm==4.70.1",
];

/// The last change of a file in this folder.
fn changed(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let times = entries.filter_map(|entry| match entry.path() {
        path if path.is_dir() => changed(&path),
        path => path.metadata().and_then(|there| there.modified()).ok(),
    });
    times.max()
}

/// A Python with the packages, and the folder with fixlearn; whoever is first installs it.
fn installed() -> (PathBuf, PathBuf) {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    std::fs::create_dir_all(&place).expect("a folder");
    let lock = std::fs::File::create(place.join("lock")).expect("a file");
    let lock = nix::fcntl::Flock::lock(lock, nix::fcntl::FlockArg::LockExclusive);
    let _lock = lock.map_err(|(_, e)| e).expect("locked");
    let python = doctor::python("python", PACKAGES).unwrap_or_else(|e| panic!("{e}"));
    let (site, marker) = (place.join("site"), place.join("installed"));
    let program = Path::new(PROGRAM).metadata().and_then(|there| there.modified()).ok();
    let wanted = format!("{:?}", (program, changed(&Path::new(ROOT).join("host/python"))));
    if std::fs::read_to_string(&marker).is_ok_and(|there| there == wanted) {
        return (python, site);
    }
    let _ = std::fs::remove_dir_all(&site);
    let bin = python.parent().expect("a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = [bin.to_owned()].into_iter().chain(std::env::split_paths(&path));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
    let done = Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--target"])
        .arg(&site)
        .arg("./host/python")
        .current_dir(ROOT)
        .env("CARGO_TARGET_DIR", target)
        .env("PATH", std::env::join_paths(paths).expect("paths"))
        .stdin(Stdio::null())
        .output()
        .expect("pip runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    std::fs::write(&marker, wanted).expect("written");
    (python, site)
}

/// The file's tests pass, all of them.
fn passes(file: &str, board: Option<&Board>) {
    let (python, site) = installed();
    let mut pytest = Command::new(python);
    pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no"]);
    pytest.arg(format!("tests/python/{file}"));
    pytest.env("PYTHONPATH", site).env("PYTHONDONTWRITEBYTECODE", "1").env("FIXLEARN", PROGRAM);
    pytest.envs(board.map(|board| ("FIXLEARN_BOARD", &board.1)));
    let done = pytest.current_dir(ROOT).stdin(Stdio::null()).output().expect("pytest runs");
    let said = String::from_utf8_lossy(&done.stdout);
    let last = said.trim_end().lines().last().unwrap_or_default();
    assert!(done.status.success() && last.contains(" passed"), "{said}");
    assert!(!last.contains("skipped"), "{said}");
}

#[test]
fn estimators_are_scikit_learns() {
    passes("test_estimators.py", None);
}

#[test]
fn bits_are_the_command_lines() {
    passes("test_bits.py", None);
}

#[test]
fn other_tasks_are_the_command_lines() {
    passes("test_tasks.py", None);
}

#[test]
fn hostile_input_is_refused_in_one_line() {
    passes("test_hostile.py", None);
}

#[test]
fn calls_are_heard_and_interrupted() {
    passes("test_calls.py", None);
}

#[test]
fn a_board_and_the_simulation_learn_the_same() {
    let board = Board::start(&["--core", "vq"]);
    passes("test_ports.py", Some(&board));
}

#[test]
fn maps_are_minisoms() {
    passes("test_map.py", None);
}

#[test]
fn examples_and_types_hold() {
    passes("test_examples.py", None);
}
