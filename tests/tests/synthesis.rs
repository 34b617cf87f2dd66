//! Every top lints; the netlists that yosys makes of the cores equal the golden models. What a
//! whole design takes of a device is held by `resources`.

use fixlearn::build::family::ecp5::Ecp5;
use fixlearn::build::family::Family;
use fixlearn_hdl::design::{find, Design, Target, KINDS};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_map::Built;
use fixlearn_sim::cosim::{build, Core, Flags};
use fixlearn_tests::cores::Tested;
use fixlearn_tests::cosim::differs;
use fixlearn_tests::runner::random;
use fixlearn_tests::{every_core, yosys};
use std::path::Path;
use std::process::Command;

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
    let flags = Flags { quick: true, ..Flags::default() };
    let model = build(&format!("{cells}\n{netlist}"), flags);
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
        &format!(
            "read_verilog core.v; {synthesis} -top top; check -assert; \
             write_verilog -noattr netlist.v"
        ),
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
