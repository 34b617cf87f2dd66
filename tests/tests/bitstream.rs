//! What was packed is what runs: bitstreams, decoded, at their UART's pins against the golden
//! model.

use fixlearn::build::bitstream::decode;
use fixlearn_tests::bitstream::{
    changed, filter_differs, gradient_differs, make, quantizer_differs, seal, set_bits, Frame,
    FILTER, GRADIENT, QUANTIZER, ROUTED,
};
use std::path::Path;

fn refused(folder: &Path, words: &[&str]) {
    let said = decode(folder).expect_err("it is refused").to_string();
    assert_eq!(said.lines().count(), 1, "{said}");
    for word in words {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}

#[test]
fn the_bitstream_of_the_quantizer_equals_the_golden_model_and_a_broken_one_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let built = folder.path();
    make("hx8k", QUANTIZER, built);
    // Neither the Verilog nor the netlist nor the placement is looked at.
    for name in ["top.v", "netlist.json", "top.asc", "hx8k.pcf"] {
        std::fs::remove_file(built.join(name)).expect("it was written");
    }
    assert_eq!(quantizer_differs(built), None);

    let broken = tempfile::tempdir().expect("a folder");
    let bits = set_bits(&std::fs::read(built.join("top.bin")).expect("a bitstream"), |frame| {
        frame == Frame::Ram
    });
    // Its CRC notices any bit.
    for &(at, bit) in [bits[0], bits[bits.len() / 2]].iter() {
        changed(built, broken.path(), |b| b[at] ^= 1 << bit);
        refused(broken.path(), &["top.bin", "damaged", "CRC", "build it again"]);
    }
    // And the session those that the CRC was made right for, of what the RAMs begin with.
    let noticed = (0..4).any(|i| {
        let (at, bit) = bits[bits.len() / 4 * i];
        changed(built, broken.path(), |b| {
            b[at] ^= 1 << bit;
            seal(b);
        });
        quantizer_differs(broken.path()).is_some()
    });
    assert!(noticed, "no flipped bit of a RAM's contents was noticed");

    // The report of another build.
    let text = std::fs::read_to_string(built.join("report.json")).expect("a report");
    let other = |from: &str, to: &str, words: &[&str]| {
        changed(built, broken.path(), |_| ());
        assert!(text.contains(from));
        let changed = text.replace(from, to);
        std::fs::write(broken.path().join("report.json"), changed).expect("written");
        refused(broken.path(), words);
    };
    other("\"clock_mhz\": 24.0", "\"clock_mhz\": 12.0", &["24000000 Hz", "12000000 Hz"]);
    other("\"hx8k\"", "\"icebreaker\"", &["icebreaker", "SB_MAC16"]);
    other("\"hx8k\"", "\"orangecrab\"", &["routed.json", "build again"]);
    other("\"hx8k\"", "\"fpga\"", &["no board `fpga`"]);
    changed(built, broken.path(), |b| b.truncate(50_000));
    refused(broken.path(), &["damaged", "end of file"]);
    std::fs::remove_file(broken.path().join("top.bin")).expect("it was written");
    refused(broken.path(), &["top.bin"]);
    std::fs::remove_file(broken.path().join("report.json")).expect("it was written");
    refused(broken.path(), &["no build", "fixlearn build"]);
}

#[test]
fn the_bitstream_of_the_gradient_core_equals_the_golden_model() {
    let folder = tempfile::tempdir().expect("a folder");
    make("hx8k", GRADIENT, folder.path());
    assert_eq!(gradient_differs(folder.path()), None);
}

#[test]
fn the_bitstream_of_the_filter_equals_the_golden_model() {
    let folder = tempfile::tempdir().expect("a folder");
    make("hx8k", FILTER, folder.path());
    assert_eq!(filter_differs(folder.path()), None);
}

/// Of an ECP5, what nextpnr routed, behind its PLL.
#[test]
fn the_routed_netlist_of_an_ecp5_equals_the_golden_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let built = folder.path();
    make("orangecrab", ROUTED, built);
    for name in ["top.v", "netlist.json", "top.config", "top.bit"] {
        std::fs::remove_file(built.join(name)).expect("it was written");
    }
    assert_eq!(quantizer_differs(built), None);
    let path = built.join("routed.json");
    let text = std::fs::read_to_string(&path).expect("a netlist");
    std::fs::write(&path, &text[..text.len() / 2]).expect("written");
    refused(built, &["routed.json", "damaged", "build again"]);
    std::fs::write(&path, text.replace("\"TRELLIS_RAMW\"", "\"DLATCH\"")).expect("written");
    refused(built, &["routed.json", "DLATCH", "no model"]);
}
