//! What the tool's tests share: the tool as a user runs it, and a folder to run it in.
#![allow(dead_code)] // Each test file uses some of it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// What a port does as the one within it, its first field: all but to send.
#[allow(unused_macros)]
macro_rules! as_the_port_within {
    () => {
        fn receive(&mut self, wait: std::time::Duration) -> std::io::Result<Vec<u8>> {
            self.0.receive(wait)
        }

        fn reopen(&mut self, wait: std::time::Duration) -> std::io::Result<()> {
            self.0.reopen(wait)
        }

        fn is_gone(&self) -> bool {
            self.0.is_gone()
        }

        fn now(&self) -> std::time::Duration {
            self.0.now()
        }

        fn name(&self) -> String {
            self.0.name()
        }

        fn random(&mut self) -> u32 {
            self.0.random()
        }
    };
}

pub struct Folder(pub tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file of these bytes; its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }

    pub fn at(&self, name: &str) -> String {
        self.path(name).to_str().expect("text").to_string()
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        let bytes = std::fs::read(self.path(name)).expect("a file");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.0.path())
            .expect("a folder")
            .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

pub fn tool<S: AsRef<OsStr>>(arguments: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fixlearn"));
    command.args(arguments);
    command
}

pub fn fixlearn<S: AsRef<OsStr>>(arguments: &[S]) -> Output {
    tool(arguments).output().expect("it runs")
}

/// It succeeds, whatever is there already; what it reports.
pub fn json(arguments: &[&str]) -> serde_json::Value {
    let done = tool(arguments).args(["--json", "--force"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&done.stdout).expect("JSON")
}

/// It fails with status 2 and one line that holds all of `words`.
pub fn refused<S: AsRef<OsStr>>(arguments: &[S], words: &[&str]) {
    let done = fixlearn(arguments);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(done.stdout.is_empty());
    for word in words {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}

/// `fixlearn board --pty`, and the path it says.
pub struct Board(Child, pub String);

impl Board {
    pub fn start(options: &[&str]) -> Self {
        let mut child = tool(&["board", "--pty"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("a line");
        Self(child, line.trim().to_string())
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
