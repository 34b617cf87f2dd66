//! `board`: its clock runs while it works, its link is its own, and what it is asked to be it is.

mod common;

use common::{refused, tool, Board, Folder};
use fixlearn::link::frame::{Frame, Splitter};
use fixlearn::link::port::{Port, Serial};
use fixlearn_map::gradient::ITERATE;
use fixlearn_map::link::{command, REPLY};
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use std::fs::read_link;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Sends this and nothing more until its answer is there.
fn ask(port: &mut dyn Port, command: u8, payload: &[u8]) -> Frame {
    let frame = Frame { command, sequence: 0, payload: payload.to_vec() };
    port.send(&frame.encode()).expect("sent");
    let mut splitter = Splitter::default();
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        let heard = port.receive(Duration::from_millis(50)).expect("it is there");
        if let Some(answer) = splitter.push(&heard).pop() {
            assert_eq!(answer.command, command | REPLY);
            return answer;
        }
    }
    panic!("no answer");
}

/// More than a million clocks without a byte either way.
#[test]
fn long_work_is_acknowledged_though_nothing_more_is_sent() {
    let board = Board::start(&["--core", "gradient"]);
    let mut port = Serial::open(&board.1, 3_000_000).expect("a port");
    ask(&mut port, command::IDENTIFY, &[1]);
    let iterations = 20_000_u32;
    let payload = [&[0, 0, 0, ITERATE][..], &iterations.to_be_bytes()].concat();
    let answer = ask(&mut port, command::WRITE, &payload);
    assert_eq!(answer.payload[2], 0, "an error");
}

/// A board with this link, once it is there.
fn start(link: &Path, more: &[&str]) -> Child {
    let link = link.to_str().expect("text");
    let mut board = tool(&["board", "--pty", "--size", "16x4x1", "--link", link])
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    BufReader::new(board.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert_eq!(line.trim(), link);
    board
}

fn end(mut board: Child, signal: Signal) {
    kill(Pid::from_raw(board.id() as i32), signal).expect("sent");
    board.wait().expect("it ends");
}

fn terminal(link: &Path) -> PathBuf {
    let to = read_link(link).expect("a link");
    assert!(to.starts_with("/dev/pts") && to.exists(), "{}", to.display());
    to
}

#[test]
fn a_link_in_use_is_left_alone() {
    let f = Folder::new();
    let link = f.path("board");
    let first = start(&link, &[]);
    let to = terminal(&link);
    let second = ["board", "--pty", "--link", link.to_str().expect("text")];
    refused(&second, &[&f.at("board"), "another board's", "--force"]);
    assert_eq!(terminal(&link), to);
    // With --force it is the second one's, and the first does not take it along.
    let second = start(&link, &["--force"]);
    let to = terminal(&link);
    end(first, Signal::SIGTERM);
    assert_eq!(terminal(&link), to);
    end(second, Signal::SIGTERM);
    assert!(f.names().is_empty(), "{:?}", f.names());
}

#[test]
fn a_link_that_was_left_is_taken_over_and_every_signal_removes_it() {
    let f = Folder::new();
    let link = f.path("board");
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        symlink("/dev/pts/99999", &link).expect("made");
        let board = start(&link, &[]);
        terminal(&link);
        end(board, signal);
        assert!(f.names().is_empty(), "{signal}: {:?}", f.names());
    }
    // The number is another terminal's by now, which is no board's.
    let (_master, slave) = serialport::TTYPort::pair().expect("a terminal");
    let name = serialport::SerialPort::name(&slave).expect("a path");
    symlink(&name, &link).expect("made");
    let board = start(&link, &[]);
    assert_ne!(terminal(&link), Path::new(&name));
    end(board, Signal::SIGTERM);
}

#[test]
fn what_is_there_is_not_taken_for_a_link_of_ours() {
    let f = Folder::new();
    let notes = f.file("notes", "mine");
    symlink(&notes, f.path("link")).expect("made");
    for (name, why) in [("notes", "no link"), ("link", "leads to"), ("no/such", "No such file")] {
        refused(&["board", "--pty", "--link", &f.at(name)], &[&f.at(name), why]);
    }
    assert_eq!(f.names(), ["link", "notes"]);
    assert_eq!(read_link(f.path("link")).expect("a link"), notes);
}

#[test]
fn a_size_that_the_core_has_not_is_refused() {
    let sized = |core, size| ["board", "--pty", "--core", core, "--size", size];
    refused(&sized("gradient", "16x4x1"), &["16x4x1", "no size of a gradient core", "quadratic"]);
    refused(&sized("vq", "linear"), &["linear"]);
}
