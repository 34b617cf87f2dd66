//! Serial ports and programmers: what is there, who may open it, which of several is meant.

#[macro_use]
mod common;

use common::{fixlearn, json, refused, tool, Board, Folder};
use fixlearn::build::boards::find;
use fixlearn::build::flash::{choice, command, seen};
use fixlearn::link::choose::{ask, auto, one};
use fixlearn::link::found::{interface, latency_file, Found, Refused};
use fixlearn::link::frame::Splitter;
use fixlearn::link::inside::Inside;
use fixlearn::link::port::{open_pty, Port, Serial};
use fixlearn::selftest::learned;
use fixlearn::usb::devices;
use fixlearn_hdl::design::{find as find_core, Target};
use fixlearn_map::link::command::LEARN;
use fixlearn_sim::golden::cores::vq::Vq;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

fn board() -> Board {
    Board::start(&["--core", "vq", "--size", "16x4x1"])
}

/// Two ports of one USB device, at paths that are given.
fn channels(paths: [&str; 2]) -> Vec<Found> {
    let port = |(interface, path): (usize, &str)| Found {
        path: path.into(),
        usb: Some("0403:6010".into()),
        serial_number: Some("FT1".into()),
        place: Some("1-2".into()),
        interface: Some(interface as u8),
        ..Found::default()
    };
    paths.into_iter().enumerate().map(port).collect()
}

/// What doctor says of `--port auto`: with none, with one board of one or two ports, with several.
#[test]
fn auto_is_said_for_one_board_and_for_several() {
    let plain = Found { path: "/dev/ttyS0".into(), ..Found::default() };
    assert!(auto(std::slice::from_ref(&plain)).contains("is the board plugged in"));
    let mut found = channels(["/dev/ttyUSB0", "/dev/ttyUSB1"]);
    assert_eq!(auto(&[plain, found[1].clone()]), "--port auto is /dev/ttyUSB1");
    let said = auto(&found);
    assert!(said.contains("/dev/ttyUSB0, /dev/ttyUSB1 at which a device answers"), "{said}");
    found[1].serial_number = Some("FT2".into());
    found[1].place = Some("1-3".into());
    let said = auto(&found);
    for word in ["cannot choose", "serial=FT1 or usb=1-2", "serial=FT2 or usb=1-3"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}

/// Of a chip with two channels, whichever answers is taken; and it is not held by asking.
#[test]
fn of_two_channels_the_one_that_answers_is_taken() {
    let (board, other) = (board(), open_pty(None).expect("a terminal"));
    let (there, nobody) = (board.1.as_str(), other.path().to_str().expect("text"));
    for paths in [[there, nobody], [nobody, there]] {
        let mut port = one(&channels(paths), 3_000_000).expect("one answers");
        assert_eq!(port.name(), there);
        let (identity, took) = ask(&mut port, 3).expect("it is there").expect("it answers");
        assert_eq!((identity.clock_hz, took.is_zero()), (12_000_000, false));
    }
    let mut found = channels([nobody, nobody]);
    let said = one(&found, 3_000_000).err().expect("none answers").to_string();
    assert!(said.contains("answers at 3000000 baud") && said.contains(nobody), "{said}");
    // Another board of the same kind: which is meant is not guessed, and nothing is opened.
    found[1].serial_number = Some("FT2".into());
    found[1].place = Some("1-3".into());
    let said = one(&found, 3_000_000).err().expect("two boards").to_string();
    for name in ["serial=FT1 or usb=1-2", "serial=FT2 or usb=1-3", "--port PATH"] {
        assert!(said.contains(name), "no `{name}` in: {said}");
    }
}

#[test]
fn ports_says_who_answers_and_who_has_it() {
    let board = board();
    let path = board.1.as_str();
    let looked = json(&["ports", path]);
    let port = &looked["ports"][0];
    assert_eq!((&port["path"], &port["may_open"]), (&path.into(), &true.into()));
    assert_eq!(port.get("device"), None, "nobody is asked without --identify");
    let asked = json(&["ports", path, "--identify"]);
    let device = &asked["ports"][0]["device"];
    assert_eq!(device["clock_hz"], 12_000_000, "{asked}");
    assert!(device["round_trip_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{asked}");
    // While somebody has it.
    let _held = Serial::open(path, 3_000_000).expect("it opens");
    let me = format!("pid {} (", std::process::id());
    let said = String::from_utf8(fixlearn(&["ports", path, "--identify"]).stdout).expect("text");
    assert!(said.contains("in use by ") && said.contains(&me), "{said}");
    let done = tool(&["ports", path, "--json"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&done.stdout).contains(&me));
}

/// Why a port cannot be opened, and the mend; never the system's words alone.
#[test]
fn a_port_that_cannot_be_opened_is_explained() {
    let folder = Folder::new();
    let table = folder.file("t.csv", "1,2\n3,4\n");
    let (table, model) = (table.to_str().expect("text"), folder.at("m.json"));
    let with = |port: &str, words: &[&str]| {
        refused(&["train", table, "--out", &model, "--port", port], words);
    };
    with("/dev/none", &["/dev/none", "there is no such port", "fixlearn ports"]);
    with(table, &["it is a file, not a serial port"]);
    with(&folder.at(""), &["it is a folder, not a serial port"]);
    with("/dev/null", &["it is something else, not a serial port"]);
    refused(&["ports", "/dev/none"], &["/dev/none", "there is no such port"]);
    with("serial=NONE", &["serial=NONE", "there are: "]);
    // Of the system's answers those that root never gets.
    let (owner, group) = (Some("root:dialout".into()), Some("dialout".into()));
    let usb = Found { owner, group, ..channels(["a", "b"]).remove(0) };
    let said = Refused::Denied.says(&usb, 115_200);
    for word in [
        "root:dialout",
        "`sudo usermod -aG dialout $USER`",
        "/etc/udev/rules.d/",
        r#"SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", ATTRS{idProduct}=="6010""#,
    ] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    // Another user's terminal: his group does not help.
    let terminal = Found { owner: Some("ada:tty".into()), ..Found::default() };
    let said = Refused::Denied.says(&terminal, 115_200);
    assert!(said.contains("ada:tty") && !said.contains("usermod"), "{said}");
    let busy = Found { held_by: vec!["pid 7 (minicom)".into()], ..Found::default() };
    let said = Refused::Busy.says(&busy, 115_200);
    assert!(said.starts_with("in use by another program, pid 7 (minicom);"), "{said}");
}

/// A tree as sysfs has it, of an FT2232's second channel.
#[test]
fn interface_and_latency_are_read_where_linux_keeps_them() {
    let folder = Folder::new();
    let sys = folder.path("sys");
    let device = sys.join("devices/usb1/1-2/1-2:1.1/ttyUSB1");
    fs::create_dir_all(device.join("tty/ttyUSB1")).expect("a folder");
    fs::write(device.join("../bInterfaceNumber"), "01\n").expect("written");
    fs::create_dir_all(sys.join("class/tty/ttyUSB1")).expect("a folder");
    symlink(&device, sys.join("class/tty/ttyUSB1/device")).expect("a link");
    assert_eq!(interface(&sys, "ttyUSB1"), Some(("1-2".into(), 1)));
    assert_eq!(interface(&sys, "ttyS0"), None);
    let file = latency_file(Path::new("/sys"), "ttyUSB1");
    assert_eq!(file, Path::new("/sys/bus/usb-serial/devices/ttyUSB1/latency_timer"));
}

/// A USB device as sysfs has it.
fn plug(sys: &Path, place: &str, usb: &str, serial: &str, number: u16) {
    let folder = sys.join("bus/usb/devices").join(place);
    fs::create_dir_all(&folder).expect("a folder");
    let (vendor, product) = usb.split_once(':').expect("a pair");
    let (bus, device) = ("1".to_string(), number.to_string());
    for (name, text) in [
        ("idVendor", vendor),
        ("idProduct", product),
        ("serial", serial),
        ("busnum", &bus),
        ("devnum", &device),
    ] {
        fs::write(folder.join(name), format!("{text}\n")).expect("written");
    }
}

/// What is said of a board that could not be programmed is what is seen of it.
#[test]
fn a_board_is_looked_for_before_it_is_blamed() {
    let (folder, board) = (Folder::new(), find("icebreaker").expect("a board"));
    let sys = folder.path("sys");
    assert_eq!(devices(&sys), None, "a system that does not say");
    assert!(seen(&board, None).contains("is iCEBreaker 1.0 connected"));
    plug(&sys, "1-1", "1d6b:0002", "", 1);
    // A hub's interface is no device.
    fs::create_dir_all(sys.join("bus/usb/devices/1-0:1.0")).expect("a folder");
    let look = || devices(&sys).expect("devices");
    assert_eq!(look().len(), 1);
    let said = seen(&board, Some(&look()));
    assert!(said.contains("there is no USB device 0403:6010"), "{said}");
    plug(&sys, "1-2", "0403:6010", "FT1", 998);
    let said = seen(&board, Some(&look()));
    for word in [
        "iCEBreaker 1.0 is there, but you may not open /dev/bus/usb/001/998",
        "/etc/udev/rules.d/",
        r#"SUBSYSTEM=="usb", ATTRS{idVendor}=="0403", ATTRS{idProduct}=="6010""#,
    ] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    let mut open = look();
    open[1].node = "/dev/null".into();
    assert!(seen(&board, Some(&open)).contains("you may open it"));

    // One is clear; of two, one is named.
    assert!(choice(&board, None, Some("FT9")).is_ok(), "a system that does not say");
    assert!(choice(&board, Some(&look()), None).is_ok());
    plug(&sys, "1-3", "0403:6010", "FT2", 999);
    let choose = |serial| choice(&board, Some(&look()), serial).map_err(|e| e.to_string());
    let said = choose(None).expect_err("two");
    assert!(said.contains("2 USB devices") && said.contains("--serial and its number: FT1, FT2"));
    assert_eq!(choose(Some("FT2")), Ok(()));
    let said = choose(Some("FT9")).expect_err("not there");
    assert!(said.contains("--serial FT9") && said.contains("FT1, FT2"), "{said}");
    // A programmer that cannot choose.
    let board = find("icesugar").expect("a board");
    plug(&sys, "1-4", &board.usb, "A", 4);
    plug(&sys, "1-5", &board.usb, "B", 5);
    let said = choice(&board, Some(&look()), None).expect_err("two").to_string();
    assert!(said.contains("leave one of them plugged in"), "{said}");
}

/// A folder as a build leaves it for this board, as far as a programmer goes.
fn built(folder: &Folder, board: &str, ending: &str) -> String {
    let report = format!(
        r#"{{"board": "{board}", "core": "vq", "size": "16x4x1", "luts": 1, "ffs": 1, "brams": 1,
        "dsps": 1, "device": {{}}, "clock_mhz": 24.0, "fmax_mhz": 25.0, "seed": 1,
        "placements": [], "baud": 1000000, "dimension": 4, "learn_clocks": 1,
        "vectors_per_second": 1.0, "updates_per_second": 1.0, "bitstream": "top.{ending}",
        "tools": "native", "yosys": "", "nextpnr": ""}}"#
    );
    fs::create_dir_all(folder.path(board)).expect("a folder");
    folder.file(&format!("{board}/report.json"), report);
    folder.file(&format!("{board}/top.{ending}"), "bits");
    folder.at(board)
}

/// Each programmer's own way to say which board.
#[test]
fn a_programmer_is_told_which_board() {
    let folder = Folder::new();
    for (name, ending, words) in [
        ("icebreaker", "bin", "iceprog -d s:0x0403:0x6010:FT1 "),
        ("upduino", "bin", "iceprog -d s:0x0403:0x6014:FT1 "),
        ("ulx3s-12f", "bit", "openFPGALoader --ftdi-serial FT1 --board ulx3s "),
        ("orangecrab", "bit", "dfu-util --serial FT1 --device 1209:5af0 --alt 0 --download "),
    ] {
        let at = built(&folder, name, ending);
        let words_of = |serial| command(&find(name).expect("a board"), at.as_ref(), false, serial);
        let found = words_of(Some("FT1")).expect("a command").join(" ");
        assert_eq!(found, format!("{words}{at}/top.{ending}"));
        assert!(!words_of(None).expect("a command").join(" ").contains("FT1"));
    }
    let at = built(&folder, "icesugar", "bin");
    let arguments = ["flash", "--board", "icesugar", &at, "--dry-run", "--serial", "A"];
    refused(&arguments, &["icesprog cannot choose", "leave one iCESugar 1.5 plugged in"]);
}

/// dfu-util ends with 74 when the device goes as soon as it has all; if all was written.
#[test]
fn dfu_utils_74_after_all_is_written_is_no_failure() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let at = built(&folder, "orangecrab", "bit");
    let flash = |said: &str| {
        let script =
            format!("#!/bin/sh\necho 'Opening DFU capable USB device...'\n{said}\nexit 74\n");
        let program = folder.file("dfu-util", script);
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("set");
        let mut tool = tool(&["flash", "--board", "orangecrab", &at, "--json"]);
        tool.env("PATH", folder.0.path()).output().expect("it runs")
    };
    let done = flash("echo 'Download done.'");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success() && said.contains("Opening DFU"), "{said}");
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON alone");
    assert_eq!(report["ran"], true);
    let done = flash("");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("dfu-util failed (exit status: 74); "), "{said}");
}

/// Whoever has a board can tell in one line whether it works: here it is a simulated one.
#[test]
fn the_selftest_learns_and_compares_every_bit() {
    let cores = [["vq", "16x4x1", "quantizer"], ["lms", "256", "filter"]];
    for [core, size, title] in cores {
        let board = Board::start(&["--core", core, "--size", size]);
        let arguments = ["flash", "--board", "icebreaker", "--selftest", "--no-flash", "--port"];
        let arguments = [&arguments[..], &[board.1.as_str()]].concat();
        let found = json(&arguments);
        let test = &found["selftest"];
        assert_eq!((&test["vectors"], &test["clock_hz"]), (&64.into(), &12_000_000.into()));
        assert_eq!(test["difference"], serde_json::Value::Null);
        let issue = found["issue"].as_str().expect("a line");
        for word in ["iCEBreaker 1.0", title, "12 MHz", "3000000 baud", "all bits equal after 64"] {
            assert!(issue.contains(word), "no `{word}` in: {issue}");
        }
    }
    let nobody = open_pty(None).expect("a terminal");
    let port = nobody.path().to_str().expect("text");
    let arguments = ["flash", "--board", "icebreaker", "--selftest", "--no-flash", "--port", port];
    refused(&arguments, &[port, "does not answer", "--baud"]);
}

/// A device that learns something else: the golden model of one, on a line that changes a byte of
/// what is learned and keeps its CRC right.
struct Otherwise(Inside, Splitter);

impl Port for Otherwise {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        for mut frame in self.1.push(bytes) {
            if frame.command == LEARN {
                frame.payload[0] ^= 0x40;
            }
            self.0.send(&frame.encode())?;
        }
        Ok(())
    }

    as_the_port_within!();
}

#[test]
fn the_selftest_notices_one_bit() {
    let design = find_core("vq").expect("a core").parse("16x4x1", Target::SIMULATED);
    let identity = design.expect("on offer").identity();
    let golden = || Inside::golden::<Vq>(&identity).expect("its own core");
    assert_eq!(learned::<Vq>(Box::new(golden())).expect("it answers"), None);
    let other = Otherwise(golden(), Splitter::default());
    assert!(learned::<Vq>(Box::new(other)).expect("it answers").is_some());
}
