//! Training from the board's sample memory, on the simulated board and as a user runs it: the bits
//! at the end are those of a run that streams.

mod common;

use common::{fixlearn, refused, tool, Board, Folder};
use std::process::Stdio;
use std::time::Duration;

/// Rows of numbers, and a target.
fn table(folder: &Folder, name: &str, rows: usize, columns: usize) -> String {
    let cell = |i: usize, k: usize| (i * (37 + 11 * k) + i * i % (91 + k)) % 256;
    let row = |i| (0..columns).map(|k| cell(i, k).to_string()).collect::<Vec<_>>().join(",");
    folder.file(name, (0..rows).map(row).collect::<Vec<_>>().join("\n"));
    folder.at(name)
}

/// A run of this command into `out`; what it said.
fn run(folder: &Folder, out: &str, command: &[&str], port: &[&str]) -> String {
    let out = folder.at(out);
    let done = tool(command).args(port).args(["--out", &out, "--force"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{command:?}: {said}");
    said
}

fn bytes(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path(name)).expect("a run")
}

/// Every command that streams, with passes in orders of their own and in turn, schedules that
/// change on the way, and vectors that are no whole words.
#[test]
fn stored_training_ends_in_the_bits_of_streamed_training() {
    let folder = Folder::new();
    let three = table(&folder, "three.csv", 300, 3);
    let four = table(&folder, "four.csv", 200, 4);
    let codebook = ["train", &three, "--codewords", "16", "--seed", "3"];
    let schedules = [&codebook[..], &["--passes", "9", "--rounding", "stochastic"]].concat();
    let plain = [&codebook[..], &["--passes", "5", "--rounding", "nearest"]].concat();
    let regress = ["regress", &four, "--target", "3", "--passes", "6", "--rate-shift", "6"];
    let machine = ["associate", "--task", "xor", "--hidden", "2", "--seed", "5"];
    // Passes of less than a command's bytes are streamed all the same.
    for (command, size, keeps) in [
        (&schedules[..], "16x4x1+residues", true),
        (&plain[..], "64x4x4+residues", true),
        (&regress[..], "linear", true),
        (&machine[..], "8x8", false),
    ] {
        let kept = format!("{size}+samples4K");
        let said = run(&folder, "kept.json", command, &["--port", "sim", "--size", &kept]);
        assert_eq!(said.contains("they are sent once"), keeps, "{said}");
        let said = run(&folder, "streamed.json", command, &["--port", "sim", "--size", size]);
        assert!(!said.contains("the board keeps"), "{said}");
        assert_eq!(bytes(&folder, "kept.json"), bytes(&folder, "streamed.json"), "{command:?}");
        run(&folder, "golden.json", command, &["--port", "golden", "--size", size]);
        assert_eq!(bytes(&folder, "kept.json"), bytes(&folder, "golden.json"), "{command:?}");
        // In an SDRAM, by the core alone.
        if keeps {
            let kept = format!("{size}+sdram8M");
            run(&folder, "sdram.json", command, &["--port", "core", "--size", &kept]);
            assert_eq!(bytes(&folder, "sdram.json"), bytes(&folder, "streamed.json"));
        }
        // And the golden model of the memory.
        run(&folder, "both.json", command, &["--port", "golden", "--size", &kept]);
        assert_eq!(bytes(&folder, "kept.json"), bytes(&folder, "both.json"), "{command:?}");
    }
}

/// A board that loses its state, and a line that flips bits, on the way of samples and passes.
#[test]
fn stored_training_survives_resets_and_damage() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", 250, 4);
    let command = ["train", &table, "--codewords", "16", "--passes", "30", "--seed", "3"];
    run(&folder, "whole.json", &command, &["--port", "golden"]);
    for (memory, faults) in [
        ("samples1K", "reset@700"),
        ("samples1K", "reset@1300"),
        ("samples1K", "ber=3e-4,seed=2"),
        ("samples1K", "ber=1e-4,reset@1600,lost=0.001"),
        ("sdram32M", "reset@900"),
        ("sdram8M", "ber=1e-4,reset@1600,lost=0.001"),
    ] {
        let size = format!("16x4x1+residues+{memory}");
        let port = ["--port", "sim", "--size", &size, "--faults", faults];
        run(&folder, "kept.json", &command, &port);
        assert_eq!(bytes(&folder, "kept.json"), bytes(&folder, "whole.json"), "{size} {faults}");
    }
}

#[test]
fn stored_training_is_killed_and_resumed() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", 250, 4);
    let command = ["train", &table, "--codewords", "16", "--passes", "600", "--seed", "3"];
    run(&folder, "whole.json", &command, &["--port", "golden"]);
    let board = Board::start(&["--size", "16x4x1+samples4K"]);
    let out = folder.at("parts.json");
    let resumed = || {
        let mut resumed = tool(&command);
        resumed.args(["--port", &board.1, "--out", &out, "--resume"]);
        resumed.stderr(Stdio::piped());
        resumed
    };
    for milliseconds in [5, 60, 150, 250, 400] {
        let mut child = resumed().spawn().expect("it runs");
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().expect("killed");
        child.wait().expect("it ends");
    }
    let done = resumed().output().expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(bytes(&folder, "parts.json"), bytes(&folder, "whole.json"));
}

/// Data of 2, 4 and 16 levels go packed where the device unpacks, streamed and stored, to the same
/// bits; also if the device loses its state on the way.
#[test]
fn packed_training_ends_in_the_bits_of_plain_training() {
    let folder = Folder::new();
    for (levels, says) in [(2, "of 1 bit a"), (4, "of 2 bits a"), (16, "of 4 bits a")] {
        let row = |i: usize| {
            let cell = |k: usize| (i + k * (i / levels)) % levels;
            (0..16).map(|k| cell(k).to_string()).collect::<Vec<_>>().join(",")
        };
        folder.file("in.csv", (0..300).map(row).collect::<Vec<_>>().join("\n"));
        let table = folder.at("in.csv");
        let command = ["train", &table, "--codewords", "8", "--passes", "3", "--seed", "3"];
        run(&folder, "plain.json", &command, &["--port", "golden", "--size", "64x16x8"]);
        for (size, faults) in [
            ("64x16x8+packed+samples4K", "none"),
            ("64x16x8+packed+samples4K", "reset@1500"),
            ("64x16x8+packed", "reset@900"),
        ] {
            let faults = if faults == "none" { vec![] } else { vec!["--faults", faults] };
            let port = [&["--port", "sim", "--size", size][..], &faults].concat();
            let said = run(&folder, "packed.json", &command, &port);
            assert_eq!(bytes(&folder, "packed.json"), bytes(&folder, "plain.json"), "{port:?}");
            assert_eq!(said.contains(says), size.contains("samples"), "{said}");
            assert_eq!(said.contains("go packed"), !size.contains("samples"), "{said}");
        }
        let port = ["--port", "golden", "--size", "64x16x8+packed"];
        run(&folder, "packed.json", &command, &port);
        assert_eq!(bytes(&folder, "packed.json"), bytes(&folder, "plain.json"), "{levels}");
    }
}

/// What does not fit is streamed, and the tool says why; a single pass is streamed in any case.
#[test]
fn what_does_not_fit_is_streamed() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", 300, 4);
    let port = ["--port", "sim", "--size", "16x4x1+samples1K"];
    let command = ["train", &table, "--codewords", "16", "--passes", "3", "--seed", "3"];
    let said = run(&folder, "kept.json", &command, &port);
    assert!(
        said.contains("the 300 vectors take 2 KiB, 4 bytes each, and the board keeps 1 KiB"),
        "{said}"
    );
    run(&folder, "golden.json", &command, &["--port", "golden"]);
    assert_eq!(bytes(&folder, "kept.json"), bytes(&folder, "golden.json"));
    let once = ["train", &table, "--codewords", "16", "--passes", "1", "--seed", "3"];
    let said = run(&folder, "once.json", &once, &port);
    assert!(!said.contains("the board keeps"), "{said}");
}

/// Of more vectors than a board keeps it is given those that each pass learns first, to the bits of
/// a device without a memory; also if it loses its state on the way.
#[test]
fn parts_end_in_the_bits_of_streaming() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", 300, 4);
    let whole = ["train", &table, "--codewords", "16", "--passes", "6", "--seed", "3"];
    let parts = [&whole[..], &["--resident", "200"]].concat();
    run(&folder, "whole.json", &whole, &["--port", "golden"]);
    run(&folder, "golden.json", &parts, &["--port", "golden"]);
    assert_ne!(bytes(&folder, "golden.json"), bytes(&folder, "whole.json"), "another order");
    for (size, faults, says) in [
        ("16x4x1", "lost=0", None),
        ("16x4x1+samples1K", "lost=0", Some("(1 of 1 KiB, 4 bytes each), and each")),
        ("16x4x1+samples1K", "reset@700", Some("the board keeps 200 of 300 vectors (")),
        (
            "16x4x1+samples1K",
            "ber=1e-4,reset@2600,lost=0.001",
            Some("each pass sends the others: all are too many"),
        ),
        ("16x4x1+packed+samples1K", "reset@1500", Some("the board keeps 200 of 300 vectors (")),
    ] {
        let port = ["--port", "sim", "--size", size, "--faults", faults];
        let said = run(&folder, "parts.json", &parts, &port);
        assert_eq!(bytes(&folder, "parts.json"), bytes(&folder, "golden.json"), "{size} {faults}");
        assert_eq!(said.contains("the board keeps"), says.is_some(), "{said}");
        assert!(says.is_none_or(|says| said.contains(says)), "{said}");
    }
    // The hint is of use; what does not fit even so is said.
    let port = ["--port", "sim", "--size", "16x4x1+samples1K"];
    let said = run(&folder, "whole.json", &whole, &port);
    assert!(said.contains("a run that is begun with --resident 256 learns"), "{said}");
    let most = [&whole[..], &["--resident", "256"]].concat();
    let said = run(&folder, "most.json", &most, &port);
    assert!(said.contains("the board keeps 256 of 300 vectors (1 of 1 KiB"), "{said}");
    let more = [&whole[..], &["--resident", "257"]].concat();
    let said = run(&folder, "more.json", &more, &port);
    assert!(
        said.contains(
            "the 257 resident vectors take 2 KiB, 4 bytes each, and the board keeps 1 KiB"
        ),
        "{said}"
    );
    // It stands in the run, in a range, and goes with it.
    let damaged = bytes(&folder, "parts.json").replace("\"resident\":200", "\"resident\":0");
    folder.file("damaged.json", damaged);
    refused(&["info", &folder.at("damaged.json")], &["resident: 1 to 4294967295"]);
    let check =
        tool(&["check", "--model", &folder.at("parts.json"), &table]).output().expect("it runs");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    let out = folder.at("parts.json");
    // Beside a device that loses its state, too.
    let check = ["check", "--model", &out, &table, "--port", "sim", "--faults", "reset@900"];
    let check = tool(&check).output().expect("it runs");
    let said = String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success() && said.contains("lost its state; comparing goes on"), "{said}");
    let other = [&whole[..], &["--resident", "100", "--resume", "--out", &out]].concat();
    refused(&other, &["was begun with another --resident"]);
    refused(&[&whole[..], &["--resident", "0", "--out", &out]].concat(), &["--resident"]);
}

/// What fits is counted in the vectors of the run, whatever the core's sizes are, on a device that
/// has not been told of them yet.
#[test]
fn what_fits_is_counted_in_the_runs_vectors() {
    let folder = Folder::new();
    for columns in [2, 4, 8] {
        let table = table(&folder, "in.csv", 150, columns);
        let command = ["regress", &table, "--target", "1", "--passes", "3", "--rate-shift", "6"];
        let command = [&command[..], &["--hold-out", "0"]].concat();
        run(&folder, "golden.json", &command, &["--port", "golden"]);
        let port = ["--port", "golden", "--size", "linear+samples1K"];
        let said = run(&folder, "kept.json", &command, &port);
        assert_eq!(bytes(&folder, "kept.json"), bytes(&folder, "golden.json"), "{columns}");
        // The number that is offered is one that fits.
        let Some((_, hint)) = said.split_once("begun with --resident ") else { continue };
        let most = hint.split_once(' ').expect("more words").0;
        let parts = [&command[..], &["--resident", most]].concat();
        run(&folder, "parts.json", &parts, &["--port", "golden"]);
        let said = run(&folder, "kept.json", &parts, &port);
        assert!(said.contains(&format!("the board keeps {most} of 150")), "{said}");
        assert_eq!(bytes(&folder, "kept.json"), bytes(&folder, "parts.json"), "{columns}");
    }
}

/// What the line brings passes by the memory, also before its power is up.
#[test]
fn a_single_pass_goes_by_the_memory() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", 100, 4);
    let command = ["train", &table, "--codewords", "16", "--passes", "1", "--seed", "3"];
    for core in ["16x4x1", "16x16x4", "64x16x8"] {
        run(&folder, "golden.json", &command, &["--port", "golden", "--size", core]);
        for before in ["+sdram8M", "+sdram32M", "+samples4K", "+packed", "+packed+sdram8M"] {
            let size = format!("{core}{before}");
            run(&folder, "core.json", &command, &["--port", "core", "--size", &size]);
            assert!(bytes(&folder, "core.json") == bytes(&folder, "golden.json"), "{size}");
        }
    }
}

/// Where the core takes longer than the line, nothing is won by storing.
#[test]
fn a_core_that_is_slower_than_the_line_is_streamed_to() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", 300, 16);
    let command = ["train", &table, "--codewords", "256", "--passes", "2", "--seed", "3"];
    let port = ["--port", "sim", "--size", "256x16x1+samples8K"];
    let said = run(&folder, "slow.json", &command, &port);
    assert!(said.contains("the core takes 34") && said.contains("sent anew in each"), "{said}");
    run(&folder, "golden.json", &command, &["--port", "golden", "--size", "256x16x1"]);
    assert_eq!(bytes(&folder, "slow.json"), bytes(&folder, "golden.json"));
    // With few codewords in use it is faster.
    let few = ["train", &table, "--codewords", "4", "--passes", "2", "--seed", "3"];
    let said = run(&folder, "fast.json", &few, &port);
    assert!(said.contains("the board keeps the 300 vectors"), "{said}");
}

/// A task whose passes take the vectors as they stand keeps the first ones without being asked.
#[test]
fn parts_of_what_is_learned_in_turn_need_no_asking() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", 600, 1);
    let command = ["filter", &table, "--taps", "8", "--passes", "3"];
    let port = ["--port", "sim", "--size", "256+samples1K"];
    let said = run(&folder, "parts.json", &command, &port);
    assert!(said.contains("and each pass sends the others: all are too many"), "{said}");
    run(&folder, "golden.json", &command, &["--port", "golden", "--size", "256"]);
    assert_eq!(bytes(&folder, "parts.json"), bytes(&folder, "golden.json"));
}

/// Samples that are rounded to few bits go packed, to the same bits on every port, and the run
/// says how it was begun.
#[test]
fn rounded_samples_go_packed() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", 300, 16);
    let whole = ["train", &table, "--codewords", "8", "--passes", "3", "--seed", "3"];
    run(&folder, "whole.json", &whole, &["--port", "golden", "--size", "64x16x8"]);
    for bits in ["1", "2", "4"] {
        let command = [&whole[..], &["--bits", bits]].concat();
        run(&folder, "golden.json", &command, &["--port", "golden", "--size", "64x16x8"]);
        assert_ne!(bytes(&folder, "golden.json"), bytes(&folder, "whole.json"), "{bits}");
        let port = ["--port", "sim", "--size", "64x16x8+packed+samples4K"];
        let said = run(&folder, "packed.json", &command, &port);
        assert!(said.contains(&format!("of {bits} bit")), "{said}");
        assert_eq!(bytes(&folder, "packed.json"), bytes(&folder, "golden.json"), "{bits}");
        let out = folder.at("packed.json");
        let check = tool(&["check", "--model", &out, &table]).output().expect("it runs");
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
        refused(&[&whole[..], &["--bits", "3", "--out", &out]].concat(), &["give 1, 2 or 4"]);
        let late = [&whole[..], &["--bits", bits, "--resume", "--out"]].concat();
        let begun = folder.at("whole.json");
        let late = [&late[..], &[&begun]].concat();
        refused(&late, &["was begun with another --bits"]);
        let other = if bits == "1" { "2" } else { "1" };
        let other = [&whole[..], &["--bits", other, "--resume", "--out", &out]].concat();
        refused(&other, &["was begun with another --bits"]);
        // It goes on as it began.
        let more = ["train", &table, "--passes", "4", "--resume"];
        run(&folder, "packed.json", &more, &["--port", "golden", "--size", "64x16x8"]);
        let longer = ["--codewords", "8", "--passes", "4", "--seed", "3", "--bits", bits];
        let longer = [&["train", &table][..], &longer].concat();
        run(&folder, "longer.json", &longer, &["--port", "golden", "--size", "64x16x8"]);
        let (one, other) = (bytes(&folder, "packed.json"), bytes(&folder, "longer.json"));
        assert_eq!(state(&one), state(&other), "{bits}");
    }
    // Bytes with a sign are learned without one.
    let cell = |i: usize| ((i * 37 + i * i % 91) % 256) as u8;
    let rows = (0..400).map(cell).collect::<Vec<_>>();
    let signed: Vec<i8> = rows.iter().map(|&x| (x ^ 0x80) as i8).collect();
    for (name, kind, data) in [
        ("plain.npy", "|u1", rows.clone()),
        ("signed.npy", "|i1", signed.iter().map(|&x| x as u8).collect()),
    ] {
        let head = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': (100, 4), }}");
        let head = format!("{head:<117}\n");
        let file = [b"\x93NUMPY\x01\x00\x76\x00", head.as_bytes(), &data].concat();
        folder.file(name, file);
        let array = folder.at(name);
        let command = ["train", &array, "--codewords", "8", "--bits", "2", "--seed", "3"];
        run(&folder, &format!("{name}.json"), &command, &["--port", "golden"]);
    }
    let (one, other) = (bytes(&folder, "plain.npy.json"), bytes(&folder, "signed.npy.json"));
    assert_eq!(state(&one), state(&other));
}

/// The state of a run's file.
fn state(run: &str) -> serde_json::Value {
    let run: serde_json::Value = serde_json::from_str(run).expect("JSON");
    run["state"].clone()
}

#[test]
fn sizes_that_there_are_not_are_refused_before_anything_is_done() {
    let folder = Folder::new();
    let table = table(&folder, "in.csv", 30, 4);
    let out = folder.at("out.json");
    for (size, says) in [
        ("16x4x1+samples3K", "give a power of two from 1K to 32M"),
        ("16x4x1+samples", "no sample memory of ``"),
        ("16x4x1+sdram64M", "give +sdram32M or +sdram8M"),
        ("16x4x1+samples4K+samples4K", "says `+samples4K` a second time"),
        ("16x4x1+packed+packed", "says `+packed` a second time"),
        ("16x4x1+sdram8M+samples4K", "has two sample memories"),
    ] {
        let command = ["train", &table, "--out", &out, "--port", "sim", "--size", size];
        refused(&command, &[says]);
    }
    assert!(!folder.path("out.json").exists());
    let help = fixlearn(&["build", "--help"]);
    assert!(String::from_utf8_lossy(&help.stdout).contains("+samples"), "it is said");
}
