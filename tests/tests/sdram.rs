//! The sample memory in an SDRAM: passes over it against the golden model, beside a model of the
//! chip that refuses what its data sheet forbids; and that model, refusal by refusal.

use fixlearn_hdl::design::{find, Target};
use fixlearn_hdl::sdram::{Chip, Clocks, CHIPS};
use fixlearn_sim::cosim::{build, chip, Core, Flags, Model};
use fixlearn_tests::cores::vq::Vq;
use fixlearn_tests::cosim::{core, mutant};
use fixlearn_tests::runner::{random, repeatable};
use fixlearn_tests::samples::{differs, in_sdram};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A chip of 1 Ki words, whose rows have 8: a vector crosses them, and the memory's end. A row
/// lives as long as eight refreshes take.
fn small(of: &Chip) -> Chip {
    let mut chip = Chip { name: "4K", row_bits: 5, word_bits: 3, refreshes: 8, ..*of };
    chip.times.refresh = 8 * 7_800;
    chip
}

/// Beats of 8 to 128 bits, on chips of 16 and of 32 bits, at slow and fast clocks. The first words
/// are written while the chip's power comes up.
#[test]
fn passes_are_the_golden_models() {
    for (size, chip, hz) in [
        ("16x4x1+residues", &CHIPS[0], 12_000_000),
        ("16x4x1+residues", &small(&CHIPS[1]), 65_000_000),
        ("256x4x2+residues", &small(&CHIPS[0]), 50_000_000),
        ("16x16x4+residues", &small(&CHIPS[1]), 5_000_000),
        ("64x16x8+residues", &CHIPS[1], 70_000_000),
        ("64x16x8+residues", &small(&CHIPS[0]), 65_000_000),
        ("256x16x16+residues", &small(&CHIPS[0]), 65_000_000),
        ("256x16x16+residues", &small(&CHIPS[1]), 65_000_000),
    ] {
        let design = in_sdram::<Vq>(size, chip, hz);
        let mut core = core::<Vq>(design.as_ref(), str::to_string);
        let found = differs(design.as_ref(), &mut core, random(40));
        assert_eq!(found, None, "{size} at {hz} Hz, {} bits", chip.data);
    }
}

/// Of both chips every row is refreshed in time, at the slowest clock and at the fastest, for a
/// window and a half.
#[test]
fn rows_keep_their_bits() {
    for (size, hz) in [("16x4x1+sdram32M", 5_000_000), ("16x4x1+sdram8M", 70_000_000)] {
        let target = Target { clock_hz: hz, ..Target::SIMULATED };
        let kind = find("vq").expect("a core");
        let design = kind.parse(size, target).expect("on offer");
        assert_eq!(design.size(), size);
        let mut core = core::<Vq>(design.as_ref(), str::to_string);
        core.bus.model.cycles(u64::from(hz) * 96 / 1000);
    }
}

/// What the model of the chip says of this change to the controller, or the golden model.
fn said(from: &str, to: &str) -> Option<String> {
    let design = in_sdram::<Vq>("64x16x8+residues", &small(&CHIPS[0]), 65_000_000);
    let change = |verilog: &str| {
        let (before, controller) = verilog.split_once("\nmodule memory$sdram(").expect("it");
        format!("{before}\nmodule memory$sdram({}", mutant(controller, from, to))
    };
    let run = || {
        let mut core: Core<Vq> = core(design.as_ref(), change);
        differs(design.as_ref(), &mut core, repeatable(30))
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|why| why.downcast_ref::<String>().cloned())
}

#[test]
fn mutants_are_refused_by_the_chip() {
    for (from, to, says) in [
        ("localparam  rcd = 16'h1", "localparam  rcd = 16'h0", "tRCD"),
        ("localparam  rp = 16'h1", "localparam  rp = 16'h0", "tRP"),
        ("localparam  rfc = 16'h4", "localparam  rfc = 16'h3", "tRFC"),
        ("localparam  mrd = 16'h1", "localparam  mrd = 16'h0", "tMRD"),
        ("localparam  ras = 8'h3", "localparam  ras = 8'h2", "tRAS"),
        ("localparam  wr = 8'h2", "localparam  wr = 8'h0", "of a write"),
        ("localparam  init = 16'h32c8", "localparam  init = 16'h32c6", "power-up"),
        ("localparam  init = 4'h8", "localparam  init = 4'h7", "8 times REFRESH"),
        ("localparam  interval = 16'h1f9", "localparam  interval = 16'h20f", "too long"),
        ("localparam  mode = 13'b100001", "localparam  mode = 13'b100000", "another burst"),
        ("other = want & (wanted != page$q);", "other = 1'b0;", "golden"),
        ("gap$d = halves;", "gap$d = 1'b0;", "within a burst"),
        ("drive$d = 1'b1;", "drive$d = 1'b0;", "without data"),
        ("follows$d = halves;", "follows$d = 1'b0;", "without data"),
        ("localparam  arrives = 8'h10", "localparam  arrives = 8'h8", "golden"),
        ("State$Open;", "State$Closed;", "on an open bank"),
    ] {
        let said = said(from, to);
        assert!(said.as_ref().is_some_and(|said| said.contains(says)), "{from} -> {to}: {said:?}");
    }
}

/// RAS#, CAS# and WE# of a command.
const ACTIVATE: u64 = 3;
const READ: u64 = 5;
const WRITE: u64 = 4;
const PRECHARGE: u64 = 2;
const REFRESH: u64 = 1;
const MODE: u64 = 0;
const NOP: u64 = 7;
const ALL: u64 = 1 << 10;

/// A command so many clocks after the last one, with bank, address, and the two clocks of data
/// that are driven from it on.
type Step = (u64, u64, u64, u64, u64);

/// What the chip, after these commands and so many clocks more, has refused.
fn refused(chip: &Chip, steps: &[Step], rest: u64) -> Option<String> {
    let verilog = "
module top(clock,sdram_command,sdram_bank,sdram_address,sdram_mask,sdram_out,sdram_drive,sdram_in,\
command,bank,address,mask,drive);
input clock;
output [2:0] sdram_command;
output [1:0] sdram_bank;
output [12:0] sdram_address;
output sdram_mask;
output [15:0] sdram_out;
output sdram_drive;
input [15:0] sdram_in;
input [2:0] command;
input [1:0] bank;
input [12:0] address;
input mask;
input drive;
assign sdram_command = command;
assign sdram_bank = bank;
assign sdram_address = address;
assign sdram_mask = mask;
assign sdram_out = 16'd0;
assign sdram_drive = drive;
endmodule
";
    let verilog = chip::with(verilog, chip, 100_000_000);
    let mut model: Model = build(&verilog, Flags::default()).expect("the chip verilates");
    let [command, bank, address, drive] =
        ["command", "bank", "address", "drive"].map(|name| model.port(name));
    let run = || {
        model.set(command, NOP);
        for &(after, what, on, at, drives) in steps {
            model.cycles(after - 1);
            model.set(command, what);
            model.set(bank, on);
            model.set(address, at);
            model.set(drive, u64::from(drives > 0));
            model.step();
            model.set(command, NOP);
            model.set(drive, u64::from(drives > 1));
        }
        model.cycles(rest);
    };
    let said = catch_unwind(AssertUnwindSafe(run)).err()?;
    said.downcast_ref::<String>().cloned()
}

/// The commands after power-up.
fn begun() -> Vec<Step> {
    let mut steps = vec![(20_002, PRECHARGE, 0, ALL, 0)];
    steps.extend((0..8).map(|i| (if i == 0 { 3 } else { 7 }, REFRESH, 0, 0, 0)));
    steps.push((7, MODE, 0, 0x21, 0));
    steps
}

/// Each rule, broken by one clock, and kept.
#[test]
fn the_chip_refuses_what_is_too_early() {
    let mut chip = small(&CHIPS[0]);
    chip.times.rc = 90;
    let open = (2, ACTIVATE, 1, 5, 0);
    let cases: &[(&str, &[Step])] = &[
        ("within tMRD", &[(2, ACTIVATE, 0, 1, 0)]),
        ("within tRCD", &[open, (3, READ, 1, 4, 0)]),
        ("within tRCD", &[open, (3, WRITE, 1, 4, 2)]),
        ("within tRAS", &[open, (5, PRECHARGE, 1, 0, 0)]),
        ("within tRP", &[open, (9, PRECHARGE, 0, ALL, 0), (3, ACTIVATE, 1, 2, 0)]),
        ("within tRP", &[open, (9, PRECHARGE, 0, ALL, 0), (3, REFRESH, 0, 0, 0)]),
        ("within tRC", &[open, (5, PRECHARGE, 1, 0, 0), (4, ACTIVATE, 1, 2, 0)]),
        ("within tRC", &[open, (5, PRECHARGE, 1, 0, 0), (4, REFRESH, 0, 0, 0)]),
        ("within tRRD", &[open, (2, ACTIVATE, 2, 2, 0)]),
        ("within tRFC", &[(2, REFRESH, 0, 0, 0), (7, ACTIVATE, 0, 0, 0)]),
        ("of a write", &[open, (9, WRITE, 1, 4, 2), (3, PRECHARGE, 1, 0, 0)]),
        ("within a burst", &[open, (9, READ, 1, 4, 0), (2, READ, 1, 6, 0)]),
        ("within a burst", &[open, (9, READ, 1, 4, 0), (2, PRECHARGE, 1, 0, 0)]),
        ("both sides drive", &[open, (9, READ, 1, 4, 0), (5, WRITE, 1, 6, 2)]),
    ];
    for &(says, steps) in cases {
        let mut steps = [&begun()[..], steps].concat();
        assert_eq!(refused(&chip, &steps, 5), None, "{says}: {steps:?}");
        steps.last_mut().expect("a step").0 -= 1;
        let said = refused(&chip, &steps, 5);
        assert!(said.as_ref().is_some_and(|said| said.contains(says)), "{says}: {said:?}");
    }
    // In the clock that it says.
    let mut steps = begun();
    steps[0].0 -= 1;
    let said = refused(&chip, &steps, 0).expect("refused");
    assert_eq!(said, "the SDRAM refuses in clock 20000: a command before the wait after power-up");
}

#[test]
fn the_chip_refuses_what_has_no_place() {
    let chip = small(&CHIPS[0]);
    let begun = begun();
    let from = |place: usize| begun[..place].to_vec();
    let with = |steps: &[Step]| [&begun[..], steps].concat();
    let open = (2, ACTIVATE, 1, 5, 0);
    for (says, steps) in [
        ("before the mode is set", [&from(9)[..], &[(9, ACTIVATE, 0, 1, 0)]].concat()),
        ("MODE before 8 times", [&from(8)[..], &[(9, MODE, 0, 0x21, 0)]].concat()),
        ("REFRESH before PRECHARGE", vec![(20_002, REFRESH, 0, 0, 0)]),
        ("another burst", [&from(9)[..], &[(9, MODE, 0, 0x20, 0)]].concat()),
        ("another CAS latency", [&from(9)[..], &[(9, MODE, 0, 0x11, 0)]].concat()),
        ("reserved bits", [&from(9)[..], &[(9, MODE, 0, 0x221, 0)]].concat()),
        ("on an open bank", with(&[open, (20, ACTIVATE, 1, 2, 0)])),
        ("on a closed bank", with(&[open, (20, READ, 2, 2, 0)])),
        ("on a closed bank", with(&[(9, WRITE, 2, 2, 2)])),
        ("with a bank open", with(&[open, (20, REFRESH, 0, 0, 0)])),
        ("beyond the last row", with(&[(9, ACTIVATE, 0, 32, 0)])),
        ("beyond the row", with(&[open, (9, READ, 1, 16, 0)])),
        ("a precharge of its own", with(&[open, (9, READ, 1, ALL, 0)])),
        ("in the middle of a word", with(&[open, (9, READ, 1, 1, 0)])),
        ("without data", with(&[open, (9, WRITE, 1, 2, 1)])),
        ("stops a burst", with(&[(9, 6, 0, 0, 0)])),
    ] {
        let said = refused(&chip, &steps, 5);
        assert!(said.as_ref().is_some_and(|said| said.contains(says)), "{says}: {said:?}");
    }
    // Too late: a row that stays open, and one that is not refreshed.
    let mut slow = chip;
    slow.times.refresh = 10_000_000;
    for (chip, steps, rest, says) in [
        (&slow, with(&[open]), 10_000, "open for longer than tRAS"),
        (&chip, begun.clone(), 8 * 780, "without REFRESH for too long"),
    ] {
        assert_eq!(refused(chip, &steps, rest - 1), None, "{says}");
        let said = refused(chip, &steps, rest + 1);
        assert!(said.as_ref().is_some_and(|said| said.contains(says)), "{says}: {said:?}");
    }
}

/// The times of both chips, as they are counted at two clocks.
#[test]
fn times_are_rounded_up() {
    let clocks = Clocks::of(&CHIPS[0], 65_000_000);
    let expected = Clocks {
        power_up: 13_000,
        rcd: 2,
        rp: 2,
        ras: 4,
        rfc: 5,
        wr: 2,
        mrd: 2,
        interval: 506,
        cas: 2,
    };
    assert_eq!(clocks, expected);
    for chip in CHIPS {
        assert_eq!(Chip::find(chip.name), Ok(chip));
        for hz in [5_000_000, 12_000_000, 25_000_000, 50_000_000, 64_999_999, 70_000_000] {
            let Clocks { ras, rp, interval, .. } = Clocks::of(chip, hz);
            let ns = |clocks: u64| clocks as f64 * 1e9 / f64::from(hz);
            assert!(ns(ras + rp) >= chip.times.rc as f64 && ns(ras) >= chip.times.ras as f64);
            assert!(ns(interval) * chip.refreshes as f64 <= chip.times.refresh as f64);
            assert!(ns(interval) + 1000.0 < chip.times.ras_most as f64);
        }
    }
}
