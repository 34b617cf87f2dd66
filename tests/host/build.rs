//! `boards`, `build` and `flash` as a user runs them.

mod common;

use common::{fixlearn, json, tool, Folder};

/// One line, status 2.
fn refused(arguments: &[&str]) -> String {
    let done = fixlearn(arguments);
    let said = String::from_utf8_lossy(&done.stderr).trim().to_string();
    assert_eq!(done.status.code(), Some(2), "{arguments:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn boards_are_listed() {
    let boards = json(&["boards"]);
    let names: Vec<&str> = boards["boards"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|b| b["name"].as_str().expect("a name"))
        .collect();
    for name in [
        "icebreaker",
        "upduino",
        "icesugar",
        "hx8k",
        "ulx3s-12f",
        "ulx3s-85f",
        "orangecrab",
        "colorlight-i5",
    ] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
}

#[test]
fn a_small_core_with_native_tools() {
    let folder = Folder::new();
    let out = folder.at("out");
    let size = ["--core", "lms", "--freq", "24", "--tools", "native", "--seeds", "2"];
    let mut arguments = vec!["build", "--board", "hx8k", "--out", &out];
    arguments.extend(size);
    let report = json(&arguments);
    assert_eq!(report["tools"], "native");
    assert_eq!(report["dsps"], 0);
    assert!(report["fmax_mhz"].as_f64() > report["clock_mhz"].as_f64());
    // Both placements were made, and the faster kept.
    let placements = report["placements"].as_array().expect("a list");
    assert_eq!(placements.len(), 2);
    let best = placements.iter().filter_map(|p| p[1].as_f64()).fold(0.0, f64::max);
    assert_eq!(report["fmax_mhz"].as_f64(), Some(best));
    // The clock is the PLL's, not the oscillator's.
    let verilog = std::fs::read_to_string(folder.path("out/top.v")).expect("Verilog");
    assert!(verilog.contains("SB_PLL40_CORE"));
    // An iCE40 bitstream begins with a comment, then the preamble.
    let bitstream = std::fs::read(folder.path("out/top.bin")).expect("a bitstream");
    assert!(bitstream.windows(4).any(|w| w == [0x7e, 0xaa, 0x99, 0x7e]));
    let written = folder.json("out/report.json");
    for (name, value) in written.as_object().expect("fields") {
        assert_eq!(&report[name], value, "{name}");
    }
    assert!(folder.names().iter().all(|n| n == "out"), "{:?}", folder.names());

    // Programming: the exact command; another board's is refused; a missing programmer is said.
    let flash = |extra: &[&str]| {
        let mut arguments = vec!["flash", "--board", "hx8k", out.as_str()];
        arguments.extend(extra);
        arguments.into_iter().map(str::to_string).collect::<Vec<_>>()
    };
    let said = fixlearn(&flash(&["--dry-run"]));
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), format!("iceprog {out}/top.bin"));
    let other = refused(&["flash", "--board", "icebreaker", &out, "--dry-run"]);
    assert!(other.contains("was built for hx8k"), "{other}");
    let done = tool(&flash(&[])).env("PATH", "/nowhere").output().expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2));
    assert!(said.contains("iceprog is not installed") && said.contains("apt-get"), "{said}");

    // Too slow: a clear line, and the build that was there stays.
    let before = std::fs::read(folder.path("out/report.json")).expect("a report");
    let mut arguments = vec!["build", "--board", "hx8k", "--out", &out, "--tools", "native"];
    arguments.extend(["--core", "lms", "--freq", "192"]);
    let said = refused(&arguments);
    assert!(said.contains("below its clock of 192 MHz"), "{said}");
    assert_eq!(std::fs::read(folder.path("out/report.json")).expect("a report"), before);
}

#[test]
fn too_large_is_said() {
    let folder = Folder::new();
    let out = folder.at("out");
    let said = refused(&[
        "build",
        "--board",
        "hx8k",
        "--core",
        "gradient",
        "--size",
        "rosenbrock,linear",
        "--tools",
        "native",
        "--out",
        &out,
    ]);
    assert!(said.contains("does not fit iCE40-HX8K breakout"), "{said}");
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

/// nextpnr says "legal" on its way; a design that it had no time to place is not too large.
#[test]
fn a_tool_that_is_stopped_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let netlist = "{\"modules\":{\"top\":{\"cells\":{}}}}";
    for (name, script) in [
        ("yosys", format!("[ \"$1\" = -V ] && echo Yosys 0.50 || echo '{netlist}' > netlist.json")),
        ("nextpnr-ice40", "echo 'Info: solved, legal = 5'; kill -9 $$".into()),
        ("icepack", "true".into()),
    ] {
        let path = folder.file(name, format!("#!/bin/sh\n{script}\n"));
        let all = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(path, all).expect("it may run");
    }
    let out = folder.at("out");
    let done = tool(&["build", "--board", "hx8k", "--tools", "native", "--out", &out])
        .env("PATH", folder.at("."))
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("nextpnr was stopped (signal: 9"), "{said}");
    assert!(!folder.path("out").exists());
}

#[test]
fn requests_that_cannot_be() {
    let folder = Folder::new();
    let out = folder.at("out");
    let build = |extra: &[&str]| {
        let mut arguments = vec!["build", "--out", &out];
        arguments.extend(extra);
        refused(&arguments)
    };
    assert!(build(&["--board", "icestick"]).contains("there are: icebreaker"));
    assert!(build(&["--board", "hx8k", "--size", "65x4x1"]).contains("nearest: 64x4x4"));
    assert!(build(&["--board", "hx8k", "--freq", "2"]).contains("cannot make it from 12 MHz"));
    assert!(build(&["--board", "hx8k", "--baud", "24000000"]).contains("--baud"));
    for (core, size, form) in [
        ("gradient", "cubic", "rosenbrock, quadratic, linear"),
        ("gradient", "16x4x1", "rosenbrock, quadratic, linear"),
        ("vq", "linear", "codewords x dimensions x lanes: 16x4x1"),
        ("vq", "64x16x8+dither", "64x16x8+residues"),
    ] {
        for fit in [&[][..], &["--fit"]] {
            let mut arguments = vec!["--board", "hx8k", "--core", core, "--size", size];
            arguments.extend(fit);
            let said = build(&arguments);
            assert!(said.contains(&format!("`{size}`")) && said.contains(form), "{said}");
        }
    }
    assert!(refused(&["flash", "--board", "hx8k", &out]).contains("holds no build"));
    assert!(folder.names().is_empty());
    let file = folder.file("file", "a file");
    let file = file.to_str().expect("text");
    let said = refused(&["build", "--board", "hx8k", "--tools", "native", "--out", file]);
    assert!(said.contains("--out names a folder"), "{said}");
    // Other files than a build's are kept.
    let notes = folder.path("notes");
    std::fs::create_dir(&notes).expect("a folder");
    std::fs::write(notes.join("mine"), "mine").expect("written");
    let notes = notes.to_str().expect("text");
    let said = refused(&["build", "--board", "hx8k", "--tools", "native", "--out", notes]);
    assert!(said.contains("holds other files") && said.contains("--force"), "{said}");
    // No tools at all.
    let done = tool(&["build", "--board", "hx8k", "--out", &out])
        .env("PATH", "/nowhere")
        .env("FIXLEARN_CACHE", folder.path("cache"))
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("doctor --install"), "{said}");
}
