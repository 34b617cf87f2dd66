//! Every top lints; the netlists that yosys makes of the cores equal the golden models. What a
//! whole design takes of a device is held by `resources`.

use fixlearn::build::family::ecp5::Ecp5;
use fixlearn::build::family::ice40::Ice40;
use fixlearn::build::family::Family;
use fixlearn::build::netlist::Netlist;
use fixlearn_hdl::design::{find, Design, Target, KINDS};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::sdram::CHIPS;
use fixlearn_map::Built;
use fixlearn_sim::cosim::{build, chip, Flags};
use fixlearn_tests::cores::vq::Vq;
use fixlearn_tests::cores::Tested;
use fixlearn_tests::cosim::{self, differs};
use fixlearn_tests::runner::random;
use fixlearn_tests::{every_core, samples, yosys};
use std::path::Path;
use std::process::Command;

/// The netlists that yosys writes, with yosys' own models of their cells, give the golden model's
/// bits: what synthesis does to a core is seen, not believed.
#[test]
fn ice40_netlists_equal_the_golden_models() {
    fn equal<C: Tested>() {
        netlist_equals::<C>(C::NETLISTS[0], Fabric::Mac16, &Ice40, &ice40_cells());
    }
    every_core!(equal);
}

#[test]
fn ecp5_netlists_equal_the_golden_models() {
    fn equal<C: Tested>() {
        netlist_equals::<C>(C::NETLISTS[1], Fabric::Inferred, &Ecp5, &ecp5_cells());
    }
    every_core!(equal);
}

/// And those of wide cores, of two banks and of four.
#[test]
fn netlists_of_wide_cores_equal_the_golden_models() {
    netlist_equals::<Vq>(("16x4x8+residues", 40), Fabric::Mac16, &Ice40, &ice40_cells());
    netlist_equals::<Vq>(("16x16x16+l1+residues", 40), Fabric::Inferred, &Ecp5, &ecp5_cells());
}

/// And those of a core behind a sample memory: the UltraPlus's SPRAM, ECP5's block RAM.
#[test]
fn netlists_of_sample_memories_equal_the_golden_models() {
    let size = "16x4x1+residues+samples";
    let families: [(&str, Fabric, &dyn Family, String); 2] = [
        ("128K", Fabric::Mac16, &Ice40, ice40_cells()),
        ("4K", Fabric::Inferred, &Ecp5, ecp5_cells()),
    ];
    for (bytes, fabric, family, cells) in families {
        let target = Target { fabric, ..Target::SIMULATED };
        let kind = find("vq").expect("a core");
        let design = kind.parse(&format!("{size}{bytes}"), target).expect("on offer");
        let verilog = design.core_verilog().expect("on offer");
        let netlist = netlist(&verilog, family, design.multipliers());
        let flags = Flags { quick: true, ..Flags::default() };
        let model = build(&format!("{cells}\n{netlist}"), flags).expect("the netlist verilates");
        let mut core = cosim::of::<Vq>(design.as_ref(), model);
        let found = samples::differs(design.as_ref(), &mut core, random(40));
        assert_eq!(found, None, "the netlist of {size}{bytes}");
    }
}

/// And those of the controllers of both SDRAMs, beside the models of their chips.
#[test]
fn netlists_of_sdram_controllers_equal_the_golden_models() {
    for (size, chip) in [("16x4x1+residues", &CHIPS[0]), ("16x16x4+residues", &CHIPS[1])] {
        let design = samples::in_sdram::<Vq>(size, chip, 65_000_000);
        let verilog = design.core_verilog().expect("on offer");
        let netlist = netlist(&verilog, &Ecp5, design.multipliers());
        let beside = chip::beside(&format!("{}\n{netlist}", ecp5_cells()), design.as_ref());
        let flags = Flags { quick: true, ..Flags::default() };
        let mut core =
            cosim::of::<Vq>(design.as_ref(), build(&beside, flags).expect("it verilates"));
        let found = samples::differs(design.as_ref(), &mut core, random(15));
        assert_eq!(found, None, "the netlist of {size} in {} bits", chip.data);
        lint(design.as_ref(), size);
    }
}

fn netlist_equals<C: Tested>(
    (size, count): (&str, u32),
    fabric: Fabric,
    family: &dyn Family,
    cells: &str,
) {
    let kind = find(C::Built::CORE.name).expect("a core");
    let target = Target { fabric, ..Target::SIMULATED };
    let design = kind.parse(size, target).expect("on offer");
    let verilog = design.core_verilog().expect("on offer");
    let netlist = netlist(&verilog, family, design.multipliers());
    let flags = Flags { quick: true, ..Flags::default() };
    let model = build(&format!("{cells}\n{netlist}"), flags);
    let mut core = cosim::of::<C>(design.as_ref(), model.expect("the netlist verilates"));
    let found = differs(design.as_ref(), &mut core, random(count));
    assert_eq!(found, None, "the netlist of {kind:?} {size}");
}

/// The core's netlist, of cells that work on silicon; it must have so many multipliers.
fn netlist(verilog: &str, family: &dyn Family, multipliers: usize) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("core.v"), verilog).expect("written");
    yosys(
        folder.path(),
        &format!(
            "read_verilog core.v; {} -top top; check -assert; \
             write_verilog -noattr netlist.v; write_json netlist.json",
            family.synthesis()
        ),
    );
    let netlist = std::fs::read_to_string(at("netlist.v")).expect("a netlist");
    let cells = Netlist::read(&at("netlist.json")).expect("a netlist");
    assert!(cells.cells().count() > 100, "its cells are read");
    cells.works(family).expect("cells that work on silicon");
    let count = |cell: &str| netlist.lines().filter(|l| l.trim().starts_with(cell)).count();
    assert_eq!(count("SB_MAC16 #(") + count("MULT18X18D \\"), multipliers);
    netlist
}

/// What works in simulation and not on silicon is found, in cells as yosys writes them.
#[test]
fn cells_that_do_not_work_on_silicon_are_found() {
    let works = |family: &dyn Family, kind: &str, pins: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("netlist.json");
        let cell = format!(r#"{{"type": "{kind}", "connections": {{{pins}}}}}"#);
        let text = format!(r#"{{"modules": {{"top": {{"cells": {{"a": {cell}}}}}}}}}"#);
        std::fs::write(&path, text).expect("written");
        Netlist::read(&path).expect("it reads").works(family).map_err(|e| e.to_string())
    };
    let held = r#""RSTA": ["0"], "RSTB": ["0"]"#;
    for (kind, pins) in [("DP16KD", held), ("TRELLIS_FF", r#""RSTB": [7]"#)] {
        assert_eq!(works(&Ecp5, kind, pins), Ok(()), "{kind} {pins}");
    }
    for (kind, pins) in [
        ("DP16KD", r#""RSTA": [7], "RSTB": ["0"]"#),
        ("DP16KD", r#""RSTA": ["0"], "RSTB": ["1"]"#),
        ("PDPW16KD", r#""RST": [7]"#),
    ] {
        let said = works(&Ecp5, kind, pins).expect_err(pins);
        assert!(said.contains(kind) && said.contains("output reset"), "{said}");
    }
    for (kind, pins) in [("SB_RAM40_4K", ""), ("SB_MAC16", r#""CE": ["1"], "O": [2, 3]"#)] {
        assert_eq!(works(&Ice40, kind, pins), Ok(()), "{kind} {pins}");
    }
    for (kind, pins, why) in [
        ("SB_RAM40_4KNR", "", "falling edge"),
        ("SB_RAM40_4KNW", "", "falling edge"),
        ("SB_RAM40_4KNRNW", "", "falling edge"),
        ("SB_MAC16", r#""CE": ["1"], "CO": [7]"#, "carry out"),
        ("SB_MAC16", r#""CE": [7]"#, "registers"),
    ] {
        let said = works(&Ice40, kind, pins).expect_err(pins);
        assert!(said.contains(kind) && said.contains(why), "{said}");
    }
}

/// yosys' models, beside the program, in `../share/yosys`.
fn models(name: &str) -> String {
    let path = std::env::var_os("PATH").expect("a PATH");
    let program = std::env::split_paths(&path).map(|p| p.join("yosys")).find(|p| p.exists());
    let program = program.and_then(|p| p.canonicalize().ok()).expect("yosys is installed");
    let share = program.ancestors().nth(2).expect("a prefix").join("share/yosys");
    std::fs::read_to_string(share.join(name)).expect("yosys' cells")
}

fn ice40_cells() -> String {
    format!("`define NO_ICE40_DEFAULT_ASSIGNMENTS\n{}", models("ice40/cells_sim.v"))
}

/// With models of what yosys only outlines, the block RAM and the multiplier.
fn ecp5_cells() -> String {
    let cells = models("ecp5/cells_sim.v");
    let cells: String =
        cells.lines().filter(|l| !l.starts_with("`include")).map(|l| format!("{l}\n")).collect();
    let (before, after) = cells.split_once("module DP16KD(").expect("an outline");
    let (_, after) = after.split_once("endmodule").expect("its end");
    format!("{before}{after}{}", Ecp5.models())
}

fn yosys(folder: &Path, script: &str) {
    let said = yosys::run(folder, script).unwrap_or_else(|said| panic!("yosys: {said}"));
    assert!(!said.contains("implicitly declared"), "yosys: {said}");
    // What its multiplier packing leaves behind when it goes wrong.
    assert!(!said.contains("Driver-driver conflict"), "yosys: {said}");
    assert!(!said.contains("conflicting drivers"), "yosys: {said}");
}

#[test]
fn no_clock_passes_through_logic() {
    for kind in KINDS {
        let size = kind.simulated_size();
        let design = kind.parse(&size, Target::SIMULATED).expect("on offer");
        let verilog = design.top_verilog().expect("on offer");
        assert!(verilog.contains(".clock(clock)"));
        assert!(!verilog.contains("= clock;"), "an assignment of the clock is left");
        assert!(!verilog.contains("$clock"), "a stub of a clock is left");
    }
}

#[test]
fn every_top_lints() {
    for kind in KINDS {
        for size in kind.sizes() {
            for fabric in [Fabric::Inferred, Fabric::Logic] {
                let target = Target { fabric, ..Target::SIMULATED };
                let design = kind.parse(&size, target).expect("on offer");
                lint(design.as_ref(), &format!("{kind:?} {size}, {fabric:?}"));
            }
        }
    }
}

fn lint(design: &dyn Design, name: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let verilog = design.top_verilog().expect("on offer");
    std::fs::write(folder.path().join("top.v"), verilog).expect("written");
    let done = Command::new("verilator")
        .current_dir(folder.path())
        .args(["--lint-only", "-Wall"])
        // RustHDL's literals have 32 bits, its names repeat from scope to scope, and lane 0
        // compares with 0.
        .args(["-Wno-WIDTH", "-Wno-UNUSED", "-Wno-VARHIDDEN", "-Wno-DECLFILENAME"])
        .args(["-Wno-UNOPTFLAT", "-Wno-UNSIGNED", "--top-module", "top", "top.v"])
        .output()
        .expect("verilator is installed");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{name}: {said}");
}
