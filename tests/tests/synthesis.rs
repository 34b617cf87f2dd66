//! Every top lints; yosys finds the block RAMs and multipliers that the core has.

use fixlearn::build::family::ecp5::Ecp5;
use fixlearn::build::family::Family;
use fixlearn_hdl::design::{
    find, Design, GradientDesign, Target, VqDesign, VqSize, ALL_OBJECTIVES, KINDS,
};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_map::Built;
use fixlearn_sim::cosim::{build, Core, Flags};
use fixlearn_tests::cores::Tested;
use fixlearn_tests::cosim::differs;
use fixlearn_tests::runner::random;
use fixlearn_tests::{every_core, yosys};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn design(size: VqSize) -> VqDesign {
    VqDesign { size, residues: false, fabric: Fabric::Mac16, clock_hz: 12_000_000, baud: 3_000_000 }
}

/// The netlists that yosys writes, with yosys' own models of their cells, give the golden model's
/// bits: what synthesis does to a core is seen, not believed.
#[test]
fn ice40_netlists_equal_the_golden_models() {
    fn equal<C: Tested>() {
        netlist_equals::<C>(C::NETLISTS[0], Fabric::Mac16, "synth_ice40", &ice40_cells());
    }
    every_core!(equal);
}

#[test]
fn ecp5_netlists_equal_the_golden_models() {
    fn equal<C: Tested>() {
        netlist_equals::<C>(C::NETLISTS[1], Fabric::Inferred, "synth_ecp5", &ecp5_cells());
    }
    every_core!(equal);
}

/// The objective of the linear models.
const LINEAR: u16 = 1 << 2;

fn netlist_equals<C: Tested>(
    (size, count): (&str, u32),
    fabric: Fabric,
    synthesis: &str,
    cells: &str,
) {
    let kind = find(C::Built::CORE.name).expect("a core");
    let target = Target { fabric, ..Target::SIMULATED };
    let design = kind.parse(size, target).expect("on offer");
    let verilog = design.core_verilog().expect("on offer");
    let netlist = netlist(&verilog, synthesis, design.multipliers());
    let model = build(&format!("{cells}\n{netlist}"), Flags::default());
    let mut core = Core::<C>::new(model.expect("the netlist verilates"));
    let found = differs(design.as_ref(), &mut core, random(count));
    assert_eq!(found, None, "the netlist of {kind:?} {size}");
}

/// The core's netlist; it must have so many multipliers.
fn netlist(verilog: &str, synthesis: &str, multipliers: usize) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("core.v"), verilog).expect("written");
    yosys(
        folder.path(),
        &format!("read_verilog core.v; {synthesis} -top top; write_verilog -noattr netlist.v"),
    );
    let netlist = std::fs::read_to_string(at("netlist.v")).expect("a netlist");
    let count = |cell: &str| netlist.lines().filter(|l| l.trim().starts_with(cell)).count();
    assert_eq!(count("SB_MAC16 #(") + count("MULT18X18D \\"), multipliers);
    netlist
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
}

/// Cells of the synthesized top, by type.
fn cells(design: &dyn Design, synthesis: &str) -> BTreeMap<String, usize> {
    let folder = tempfile::tempdir().expect("a folder");
    let verilog = folder.path().join("top.v");
    std::fs::write(&verilog, design.top_verilog().expect("on offer")).expect("written");
    let script =
        format!("read_verilog top.v; {synthesis} -top top; check -assert; write_json top.json");
    yosys(folder.path(), &script);
    let text = std::fs::read_to_string(folder.path().join("top.json")).expect("a netlist");
    let netlist: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut counts = BTreeMap::new();
    for cell in netlist["modules"]["top"]["cells"].as_object().expect("cells").values() {
        *counts.entry(cell["type"].as_str().unwrap_or("").to_string()).or_insert(0) += 1;
    }
    assert!(!counts.keys().any(|k| k.contains("LATCH")), "latches: {counts:?}");
    counts
}

const SIZE: VqSize = VqSize { codewords: 64, dimension: 16, lanes: 8 };

#[test]
fn ice40_has_every_ram_and_multiplier() {
    let counts = cells(&design(SIZE), "synth_ice40");
    println!("{counts:?}");
    // Squares in pairs, the update, the count's product.
    assert_eq!(counts["SB_MAC16"], 4 + 1 + 2);
    // Codebook: one a lane (128 x 15 bits). Samples: 64 bits wide, four. Counts, counters, replies,
    // identity: one each. Registers: 32 bits wide, two. Frames: 2048 bytes, four; reciprocals: one.
    assert_eq!(counts["SB_RAM40_4K"], 8 + 4 + 4 + 2 + 4);
}

#[test]
fn ecp5_has_every_ram_and_multiplier() {
    let size = VqSize { codewords: 256, dimension: 16, lanes: 8 };
    let ecp5 = VqDesign { fabric: Fabric::Inferred, ..design(size) };
    let counts = cells(&ecp5, "synth_ecp5");
    println!("{counts:?}");
    // Squares, update units, the count's product.
    assert_eq!(counts["MULT18X18D"], 8 + 8 + 2);
    assert!(counts["DP16KD"] > 8, "codebook lanes and frames: {counts:?}");
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

const GRADIENT: GradientDesign = GradientDesign {
    objectives: ALL_OBJECTIVES,
    fabric: Fabric::Inferred,
    clock_hz: 12_000_000,
    baud: 3_000_000,
};

/// Block RAMs of 256 x 16 bits: point 4, residues 4, datum, centre and gradient 2 each, noise 2,
/// registers 2, tables 3; frames, replies and counters 6. Multipliers: four, and the rate's three.
#[test]
fn gradient_ice40_has_every_ram_and_multiplier() {
    let design = GradientDesign { objectives: LINEAR, fabric: Fabric::Mac16, ..GRADIENT };
    let counts = cells(&design, "synth_ice40");
    println!("{counts:?}");
    assert_eq!(counts["SB_MAC16"], 7);
    assert_eq!(counts["SB_RAM40_4K"], 27);
}

#[test]
fn gradient_ecp5_has_every_multiplier() {
    let counts = cells(&GRADIENT, "synth_ecp5");
    println!("{counts:?}");
    assert_eq!(counts["MULT18X18D"], 4);
}
