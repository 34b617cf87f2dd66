//! Every entry of `constraints/boards.toml`: its pins against the generated top, its clock, and the
//! design behind its PLL.

use fixlearn::build::boards::{all, Board};
use fixlearn::build::family::ecp5::Ecp5Pll;
use fixlearn::build::family::gowin::GowinPll;
use fixlearn::build::family::ice40::Ice40Pll;
use fixlearn::build::family::FAMILIES;
use fixlearn::build::fit::candidates;
use fixlearn::build::Request;
use fixlearn::device::Device;
use fixlearn::link::port::Simulated;
use fixlearn_hdl::board::board_verilog;
use fixlearn_hdl::design::{find, VqDesign, KINDS};
use fixlearn_hdl::primitive::pll::Clocking;
use fixlearn_tests::cores::vq::{design, Vq};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::process::Command;

/// The board's entry for each core that it has one for.
fn requests(board: &Board) -> Vec<Request> {
    let kinds = board.cores.keys().map(|name| find(name).expect("a core"));
    kinds.map(|kind| Request::of(board, kind).expect("an entry")).collect()
}

/// Of the cores that can be built each has on each board an entry, whose size can be built, or a
/// reason why it has none.
#[test]
fn every_core_has_an_entry_or_a_reason_on_every_board() {
    let cores: BTreeSet<&str> = KINDS.iter().map(|kind| kind.core().name).collect();
    for board in &all().expect("the boards") {
        let name = &board.name;
        let named = board.cores.keys().chain(board.without.keys()).map(String::as_str);
        assert_eq!(named.collect::<BTreeSet<_>>(), cores, "{name}");
        assert_eq!(board.cores.len() + board.without.len(), cores.len(), "{name}: a core twice");
        assert!(board.without.values().all(|why| !why.trim().is_empty()), "{name}: a reason");
        for request in requests(board) {
            request.design().unwrap_or_else(|e| panic!("{name}, {:?}: {e}", request.kind));
        }
    }
}

/// `--fit` goes down from a size, and keeps its options.
#[test]
fn fit_tries_a_size_and_those_below_it() {
    let board = &fixlearn::build::boards::find("hx8k").expect("a board");
    let candidates = |core: &str, size: &str| {
        let request = Request::of(board, find(core).expect("a core")).expect("an entry");
        candidates(&Request { size: size.into(), ..request }).expect("on offer")
    };
    let all = candidates("vq", "256x64x16");
    assert_eq!((all.len(), all[1].as_str(), all[11].as_str()), (12, "256x16x16", "16x4x1"));
    let small = ["16x16x4+residues", "16x4x1+residues"].map(String::from);
    assert_eq!(candidates("vq", "16x16x4+residues"), small);
    let stored = candidates("vq", "16x16x4+residues+packed+samples1K");
    let before = "+packed+samples1K";
    assert_eq!(stored, small.map(|size| size + before), "what stands before the core, too");
    assert_eq!(candidates("vq", "256x16x128")[1], "128x16x32");
    assert!(candidates("gradient", "all")[1].contains("linear"));
    let single = candidates("gradient", "linear");
    assert_eq!(single[0], "linear");
    assert!(single.len() > 2 && single.iter().all(|size| !size.contains(',')));
}

/// Ports of the generated top module.
fn ports(verilog: &str) -> BTreeSet<String> {
    let (_, top) = verilog.split_once("\nmodule top(").expect("a top");
    let (list, _) = top.split_once(");").expect("its ports");
    list.split(',').map(str::to_string).collect()
}

#[test]
fn every_port_has_a_pin_and_every_pin_a_port() {
    let boards = all().expect("the boards");
    assert!(boards.len() >= 8);
    for board in &boards {
        let name = &board.name;
        let text = board.pins().expect("a constraint file");
        let pins = board.assignments().expect("a constraint file");
        let constrained: BTreeSet<String> = pins.iter().map(|p| p.0.clone()).collect();
        let sites: BTreeSet<&String> = pins.iter().map(|p| &p.1).collect();
        assert_eq!(sites.len(), pins.len(), "{name}: a pin twice");
        assert!(
            text.contains("# Checked against ") || text.contains("# Source: "),
            "{name}: source"
        );
        for request in requests(board) {
            let verilog = request.verilog().expect("on offer");
            assert_eq!(ports(&verilog), constrained, "{name}");
        }
        // Where nextpnr learns the clock from this file, it must be the entry's.
        if let Some(line) = board.family.clock_line(f64::from(board.clock_hz) / 1e6) {
            assert!(text.lines().any(|l| l == line), "{name}: {line}");
        }
    }
}

/// So has every port of an SDRAM's, on the boards that have one; the others, and another size, are
/// refused in a line that says what to give.
#[test]
fn every_port_of_an_sdram_has_a_pin() {
    let mut with = 0;
    for board in &all().expect("the boards") {
        let name = &board.name;
        let request = |size: &str| {
            let kind = find("lms").expect("a core");
            let size = format!("256+sdram{size}");
            Request { size, mhz: 50.0, ..Request::of(board, kind).expect("an entry") }
        };
        let says = |size: &str| match request(size).design() {
            Ok(_) => panic!("{name}: +sdram{size} is on offer"),
            Err(e) => e.to_string(),
        };
        let Some(sdram) = &board.sdram else {
            if board.clocking(50_000_000).is_ok() {
                assert!(says("32M").contains("has no SDRAM; give +samples64K"), "{}", says("32M"));
            }
            continue;
        };
        with += 1;
        let other = if sdram.size == "8M" { "32M" } else { "8M" };
        assert!(says(other).contains(&format!("give +sdram{} in place", sdram.size)), "{name}");
        let request = request(&sdram.size);
        let design = request.design().expect("on offer");
        let chip = design.chip().expect("a chip");
        let verilog = request.verilog().expect("on offer");
        let plain: BTreeSet<String> = board.ports().into_iter().collect();
        let pins = chip.pins();
        let names = pins.iter().map(|(name, _)| name.to_string());
        assert_eq!(ports(&verilog), plain.iter().cloned().chain(names).collect(), "{name}");
        let each = pins.iter().flat_map(|&(port, bits)| match bits {
            1 => vec![port.to_string()],
            _ => (0..bits).map(|bit| format!("{port}[{bit}]")).collect(),
        });
        let wanted: BTreeSet<String> = each.chain(plain).collect();
        let text = request.pins(design.as_ref()).expect("pins");
        let found: Vec<_> = text.lines().filter_map(|l| board.family.assignment(l)).collect();
        let ports: BTreeSet<String> = found.iter().map(|p| p.0.to_string()).collect();
        assert_eq!(ports, wanted, "{name}");
        let sites: BTreeSet<&str> = found.iter().map(|p| p.1).collect();
        assert_eq!(sites.len(), found.len(), "{name}: a pin twice");
        assert!(board.sdram_pins(chip.name).expect("pins").contains("# Checked against "));
    }
    assert_eq!(with, 3);
}

/// A line to nobody is high: low, it would be a break without end.
#[test]
fn every_rx_has_a_pull_up() {
    for board in &all().expect("the boards") {
        let (name, text) = (&board.name, board.pins().expect("a constraint file"));
        let (start, option) = match board.family.name() {
            "ice40" => ("set_io ", " -pullup yes rx "),
            "ecp5" => ("IOBUF PORT \"rx\" ", " PULLMODE=UP "),
            "gowin" => ("IO_PORT \"rx\" ", " PULL_MODE=UP;"),
            family => panic!("how does a constraint file of {family} say it?"),
        };
        let pulled = |line: &&str| line.starts_with(start) && line.contains(option);
        assert_eq!(text.lines().filter(pulled).count(), 1, "{name}: rx has no pull-up");
    }
}

/// The design answers from behind the PLL's model, with its own clock in the identity, and only
/// after the PLL has locked.
#[test]
fn every_kind_of_pll_clocks_the_design() {
    let mut seen = BTreeSet::new();
    for board in all().expect("boards") {
        let name = &board.name;
        let Ok(entry) = board.entry("vq") else { continue };
        let wanted = (entry.mhz * 1e6) as u32;
        let (clocking, clock_hz) = board.clocking(wanted).expect("a setting");
        let kind = (board.family.name(), board.pll.map(|pll| format!("{pll:?}")));
        if clocking == Clocking::Direct || !seen.insert(kind) {
            continue;
        }
        let design = VqDesign { clock_hz, ..design(16, 4, 1) };
        let verilog = board_verilog(&design, clocking, &board.high).expect("on offer");
        let simulated = fixlearn_sim::board::Board::from_verilog(
            &format!("{}{verilog}", board.family.models()),
            &design,
        );
        let port = Box::new(Simulated::new(simulated.expect("it verilates")));
        let device = Device::<Vq>::open(port).expect("it answers");
        assert_eq!(device.client.identity.clock_hz, clock_hz, "{name}");
    }
    assert!(FAMILIES.iter().all(|f| seen.iter().any(|(name, _)| *name == f.name())), "{seen:?}");
}

/// As Project IceStorm's own calculator.
#[test]
fn ice40_settings_are_those_of_icepll() {
    for (input, output) in [(12, 24), (12, 48), (12, 36), (48, 20), (100, 60)] {
        let said = Command::new("icepll")
            .args(["-i", &input.to_string(), "-o", &output.to_string()])
            .output()
            .expect("icepll is installed");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let value = |name: &str| -> u32 {
            let line = said.lines().find(|l| l.trim().starts_with(name)).expect("a line");
            let (_, rest) = line.split_once(':').expect("a value");
            rest.split_whitespace().next().expect("a number").parse().expect("a number")
        };
        let (found, _) = Ice40Pll::find(input * 1_000_000, output * 1_000_000).expect("a setting");
        let theirs = Ice40Pll {
            divr: value("DIVR"),
            divf: value("DIVF"),
            divq: value("DIVQ"),
            filter: value("FILTER_RANGE"),
        };
        // Several settings make the same clock; the range of the filter follows from the first.
        let out = |p: &Ice40Pll| ((input * (p.divf + 1)) << (6 - p.divq)) / (p.divr + 1);
        assert_eq!(out(&found), out(&theirs), "{input} to {output} MHz");
        if found.divr == theirs.divr {
            assert_eq!(found.filter, theirs.filter, "{input} to {output} MHz");
        }
    }
}

#[test]
fn known_settings_of_both_plls() {
    // As icepll answers for 12 to 48 MHz.
    let (ice, hz) = Ice40Pll::find(12_000_000, 48_000_000).expect("a setting");
    assert_eq!((ice, hz), (Ice40Pll { divr: 0, divf: 63, divq: 4, filter: 1 }, 48_000_000));
    for (input, wanted) in [(25_000_000, 80_000_000), (48_000_000, 80_000_000)] {
        let (ecp5, hz) = Ecp5Pll::find(input, wanted).expect("a setting");
        assert_eq!(hz, wanted);
        assert_eq!(u64::from(input / ecp5.input) * u64::from(ecp5.feedback), u64::from(hz));
    }
}

/// As Project Apicula's own calculator.
#[test]
fn gowin_settings_are_those_of_gowin_pll() {
    let tool = fixlearn::doctor::program("gowin_pll").expect("apycula is installed");
    for (input, output) in [(27, 48), (27, 54), (27, 80), (27, 108), (50, 33)] {
        let (clocks, device) = ([input, output].map(|mhz| mhz.to_string()), "GW1NR-LV9QN88PC6/I5");
        let said = Command::new(&tool)
            .args(["-i", &clocks[0], "-o", &clocks[1], "-d", device])
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let value = |name: &str| -> u32 {
            let (_, rest) = said.split_once(&format!(".{name}(")).expect("a parameter");
            rest.split(')').next().expect("a value").trim().parse().expect("a number")
        };
        let theirs = input * 1_000_000 * (value("FBDIV_SEL") + 1) / (value("IDIV_SEL") + 1);
        let (found, hz) = GowinPll::find(input * 1_000_000, output * 1_000_000).expect("a setting");
        let wanted = output * 1_000_000;
        assert!(hz.abs_diff(wanted) <= theirs.abs_diff(wanted), "{found:?}, theirs {said}");
    }
}

#[test]
fn clocks_out_of_a_plls_range_have_no_setting() {
    assert_eq!(GowinPll::find(2_000_000, 48_000_000), None, "below the phase detector's range");
    assert_eq!(Ice40Pll::find(5_000_000, 48_000_000), None, "below the phase detector's range");
    assert_eq!(Ecp5Pll::find(1_000_000, 48_000_000), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
    #[test]
    fn plls_stay_within_their_ranges(
        input in 10_000_000_u32..60_000_000, out in 16_000_000_u32..200_000_000,
    ) {
        let (ice, hz) = Ice40Pll::find(input, out).expect("a setting");
        let oscillator = u64::from(input) * u64::from(ice.divf + 1) / u64::from(ice.divr + 1);
        prop_assert!((533_000_000..=1_066_000_000).contains(&oscillator));
        prop_assert!(input / (ice.divr + 1) >= 10_000_000);
        prop_assert_eq!((oscillator >> ice.divq) as u32, hz);
        prop_assert!(ice.divr < 16 && ice.divf < 128 && (1..=6).contains(&ice.divq));
        let (ecp5, hz) = Ecp5Pll::find(input, out).expect("a setting");
        let oscillator = u64::from(hz) * u64::from(ecp5.output);
        prop_assert!((400_000_000..=800_000_000).contains(&oscillator));
        prop_assert!(input / ecp5.input >= 3_125_000);
        let (gowin, hz_gowin) = GowinPll::find(input, out).expect("a setting");
        let oscillator = u64::from(hz_gowin) * u64::from(gowin.output);
        prop_assert!((400_000_000..=1_200_000_000).contains(&oscillator));
        prop_assert!(input / gowin.input >= 3_000_000);
        prop_assert!(gowin.input <= 64 && gowin.feedback <= 64);
        // The smallest step is the input over the largest divider; the nearest is half of it away.
        let step = input / (input / 3_125_000);
        prop_assert!(hz.abs_diff(out) <= step / 2 + 1, "{} for {}", hz, out);
    }
}
