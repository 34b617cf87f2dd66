//! The cache of models: whatever is wrong with it, a model is the one that was asked for, or the
//! message says what to do.

use fixlearn_sim::cosim::{build, cache_dir, Flags};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

/// Says which number the child adds.
const ADDS: &str = "FIXLEARN_TEST_ADDS";

/// In a process of its own, with an environment of its own: builds an adder and says what it makes
/// of 40, or what was wrong.
#[test]
fn child() {
    let Ok(adds) = std::env::var(ADDS) else { return };
    let verilog = format!(
        "\nmodule top(clock, a, b);\n  input wire clock;\n  input wire [7:0] a;\n  \
         output reg [7:0] b;\n  always @(posedge clock) b <= a + {adds};\nendmodule\n"
    );
    match build(&verilog, Flags { quick: true, waves: false }) {
        Ok(mut model) => {
            let (a, b) = (model.port("a"), model.port("b"));
            model.set(a, 40);
            model.step();
            println!("answer: {}", model.get(b));
        }
        Err(error) => println!("answer: {error}"),
    }
}

fn start<S: AsRef<OsStr>>(cache: &Path, adds: u8, environment: &[(&str, S)]) -> Child {
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child.args(["--exact", "child", "--nocapture"]).env(ADDS, adds.to_string());
    child.env("FIXLEARN_CACHE", cache).envs(environment.iter().map(|(name, value)| (name, value)));
    child.stdout(Stdio::piped()).spawn().expect("it runs")
}

/// What the child answers.
fn end(child: Child) -> String {
    let said = String::from_utf8(child.wait_with_output().expect("it ends").stdout).expect("text");
    let answers: Vec<&str> =
        said.lines().filter_map(|l| Some(l.split_once("answer: ")?.1)).collect();
    assert_eq!(answers.len(), 1, "{said}");
    answers[0].to_string()
}

fn answer(cache: &Path, adds: u8) -> String {
    end(start::<&str>(cache, adds, &[]))
}

/// The libraries in a cache.
fn libraries(cache: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache).expect("a folder").map(|e| e.expect("an entry").path());
    entries.filter(|path| path.extension().is_some_and(|e| e == "so")).collect()
}

/// A cache in which the adder of 2 was built; from Verilator's library as other tests have compiled
/// it, if they have.
static BUILT: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let cache = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(cache_dir()).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("runtime-") {
            copy(&entry.path(), &cache.path().join(entry.file_name()));
        }
    }
    assert_eq!(answer(cache.path(), 2), "42");
    cache
});

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).expect("copied")),
        }
    }
}

/// A copy of it, and its library.
fn built() -> (tempfile::TempDir, PathBuf) {
    let cache = tempfile::tempdir().expect("a folder");
    copy(BUILT.path(), cache.path());
    let [library] = libraries(cache.path()).try_into().expect("one library");
    (cache, library)
}

#[test]
fn what_is_not_whole_is_built_anew() {
    let (cache, library) = built();
    let inode = || fs::metadata(&library).expect("a library").ino();
    let first = inode();
    assert_eq!(answer(cache.path(), 2), "42");
    assert_eq!(inode(), first, "one that is whole was built anew");

    let whole = fs::metadata(&library).expect("a library").len();
    let folders =
        fs::read_dir(cache.path()).expect("a folder").map(|e| e.expect("an entry").path());
    let objects = folders.filter(|p| p.is_dir()).map(|p| p.join("verilated_threads.o"));
    let objects: Vec<PathBuf> = objects.filter(|path| path.exists()).collect();
    assert!(!objects.is_empty());
    for path in objects.iter().chain([&library]) {
        let bytes = fs::read(path).expect("a file");
        fs::write(path, &bytes[..bytes.len() / 2]).expect("written");
    }
    assert_eq!(answer(cache.path(), 2), "42");
    assert_eq!(fs::metadata(&library).expect("a library").len(), whole);
}

#[test]
fn paths_and_environments_that_make_cannot_take_do_no_harm() {
    let folder = tempfile::tempdir().expect("a folder");
    let odd = folder.path().join("a b'$#(x");
    copy(BUILT.path(), &odd);
    fs::remove_file(&libraries(&odd)[0]).expect("removed");
    let environment = [
        ("MAKEFLAGS", "n"),
        ("MFLAGS", "-n"),
        ("GNUMAKEFLAGS", "-n"),
        ("VERILATOR_ROOT", "/nowhere"),
        ("CPPFLAGS", "-nothing"),
        ("LDFLAGS", "-nothing"),
    ];
    assert_eq!(end(start(&odd, 2, &environment)), "42");
    assert_eq!(libraries(&odd).len(), 1);
}

#[test]
fn builds_side_by_side_do_not_disturb_each_other() {
    let (cache, library) = built();
    fs::remove_file(library).expect("removed");
    let before = fs::read_dir(cache.path()).expect("a folder").count();
    let children = [(); 2].map(|()| start::<&str>(cache.path(), 2, &[]));
    assert_eq!(children.map(end), ["42"; 2]);
    assert_eq!(answer(cache.path(), 2), "42");
    // Nothing is left but the library.
    assert_eq!(fs::read_dir(cache.path()).expect("a folder").count(), before + 1);
}

#[test]
fn a_cache_that_cannot_be_used_is_said_with_its_variable() {
    let (cache, library) = built();
    // Below a file, not even root can write.
    let said = answer(&library.join("below"), 2);
    let path = library.join("below").display().to_string();
    assert!(said.contains(&path) && said.contains("set FIXLEARN_CACHE to"), "{said}");

    // A library that the system does not load, as where no programs may run.
    fs::remove_file(library).expect("removed");
    let make = cache.path().join("make");
    fs::write(&make, "#!/bin/sh\necho nothing > model.so\n").expect("written");
    fs::set_permissions(&make, fs::Permissions::from_mode(0o755)).expect("set");
    let path = format!("{}:{}", cache.path().display(), std::env::var("PATH").expect("a path"));
    let said = end(start(cache.path(), 2, &[("PATH", path)]));
    assert!(said.contains("noexec") && said.contains("set FIXLEARN_CACHE to"), "{said}");
}

/// The libraries and builds that were not used for the longest make room, and nothing else does.
#[test]
fn the_cache_is_bounded() {
    let (cache, library) = built();
    let hour = Duration::from_secs(3600);
    let now = SystemTime::now();
    // They take no room on the disk.
    let sized = |path: &Path, age: u32| {
        let file = fs::File::create(path).expect("a file");
        file.set_len(400 << 20).expect("sized");
        file.set_modified(now - age * hour).expect("set");
        path.to_owned()
    };
    let of = |digit: &str, age| sized(&cache.path().join(digit.repeat(64) + ".so"), age);
    let (oldest, old, used, recent) = (of("a", 9), of("b", 8), of("c", 2), of("d", 0));
    let left = cache.path().join("build-abcdef");
    fs::create_dir(&left).expect("a folder");
    fs::write(left.join("driver.cpp"), "").expect("written");
    sized(&left.join("top.v"), 7);
    fs::File::open(left.join("driver.cpp")).and_then(|f| f.set_modified(now - 7 * hour)).expect("");
    let strangers = [sized(&cache.path().join("mine.so"), 99), cache.path().join("build-mine")];
    fs::create_dir(&strangers[1]).expect("a folder");

    // What is loaded from the cache alone removes nothing.
    fs::File::open(&library).and_then(|f| f.set_modified(now - 10 * hour)).expect("set");
    assert_eq!(answer(cache.path(), 2), "42");
    assert!(oldest.exists() && left.exists());
    // Building another one does: 2.4 GB become at most one; the library was just used.
    assert_eq!(answer(cache.path(), 3), "43");
    let there = |path: &PathBuf| path.exists();
    assert_eq!([&oldest, &old, &left].map(there), [false; 3]);
    assert_eq!([&used, &recent, &library].map(there), [true; 3]);
    assert!(strangers.iter().all(there), "files of others");
    assert_eq!(answer(cache.path(), 2), "42");
}
