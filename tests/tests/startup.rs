//! Start-up with block RAMs as silicon has them: after configuration they answer 0 for a while
//! (YosysHQ/icestorm issue 76), and a 0 may have been written to the first word of those that can
//! be written (YosysHQ/yosys issue 101).

use fixlearn::build::boards::find;
use fixlearn_hdl::design::find as kind;
use fixlearn_hdl::primitive::pll::Pll;
use fixlearn_map::Built;
use fixlearn_sim::board::Board;
use fixlearn_sim::cosim::{build, Flags};
use fixlearn_tests::cores::lms::Lms;
use fixlearn_tests::cores::{design, Tested};
use fixlearn_tests::every_core;
use fixlearn_tests::runner::{failure, repeatable};
use fixlearn_tests::sessions;
use fixlearn_tests::yosys::modules;
use std::fmt::Write as _;

/// Clocks after configuration for which a memory answers 0.
const NOT_READY: u32 = 200;

/// The memories of a module, `reg [7:0] mem[255:0];`, by their names.
fn memories(module: &str) -> Vec<&str> {
    let declared = module.lines().filter_map(|line| {
        let (_, rest) = line.split_once("reg")?;
        let (_, rest) = rest.split_once(']')?;
        let (name, depth) = rest.split_once('[')?;
        depth.trim_end().ends_with("];").then_some(name.trim())
    });
    declared.collect()
}

/// The Verilog with memories that are not ready for so many clocks; the memories, by module, and
/// whether they can be written.
fn unready(verilog: &str, clocks: u32) -> (String, Vec<(String, bool)>) {
    let (mut text, mut found) = (verilog.to_string(), Vec::new());
    for (name, module) in modules(verilog) {
        let mut changed = module.to_string();
        for memory in memories(module) {
            let (read, written) = (format!("<= {memory}["), format!("{memory}["));
            let mut clock = String::new();
            let mut lines = Vec::new();
            let mut writes = false;
            for line in changed.lines() {
                if let Some((_, edge)) = line.split_once("@(posedge ") {
                    clock = edge.split(')').next().unwrap_or("").to_string();
                }
                let reads = line.contains(&read);
                writes |= !reads && line.contains(&written) && line.contains("<=");
                lines.push(match line.strip_suffix("];").filter(|_| reads) {
                    Some(begin) => format!("{begin}] & {{64{{ready_{memory}}}}};"),
                    None => line.to_string(),
                });
            }
            changed = lines.join("\n");
            let _ = write!(
                changed,
                "\nreg [15:0] early_{memory}; initial early_{memory} = 0;\n\
                 wire ready_{memory} = early_{memory} == {clocks};\nalways @(posedge {clock})\n\
                 if (!ready_{memory}) early_{memory} <= early_{memory} + 1;\n"
            );
            if writes {
                let _ = writeln!(changed, "initial {memory}[0] = 0;");
            }
            found.push((name.trim().to_string(), writes));
        }
        text = text.replacen(module, &changed, 1);
    }
    (text, found)
}

/// Runs random sessions from power-up on with such memories; the first answer that is not the
/// golden model's. Of the smallest size.
fn differs<C: Tested>(clocks: u32, count: u32) -> Option<String> {
    let sizes = kind(C::Built::CORE.name).expect("a core").sizes();
    let design = design::<C>(sizes.last().expect("a size"));
    let identity = design.identity();
    let (verilog, memories) = unready(&design.top_verilog().expect("on offer"), clocks);
    let written = memories.iter().filter(|(_, written)| *written).count();
    assert!(written >= 4 && written < memories.len(), "the memories are gone: {memories:?}");
    failure(repeatable(count), &sessions::sessions(), |session| {
        let board = Board::from_netlist(&verilog, identity.clock_hz, identity.baud);
        sessions::differs::<C>(design.as_ref(), board.expect("it verilates"), session, |_| ())
    })
}

/// The link and every core answer and learn as the golden model.
#[test]
fn memories_that_are_not_ready_change_nothing() {
    fn same<C: Tested>() {
        assert_eq!(differs::<C>(NOT_READY, 10), None, "{}", C::Built::CORE.name);
    }
    every_core!(same);
}

/// The clock of the design begins at least 10 us after its PLL has locked (of the model: after 17
/// clocks of the oscillator, which it passes through), and soon.
#[test]
fn the_clock_begins_ten_microseconds_after_the_lock() {
    let board = find("icebreaker").expect("a board");
    let (clocking, hz) = board.clocking(24_000_000).expect("a setting");
    let pll = fixlearn_hdl::verilog::of(Pll::new(clocking, hz), "pll");
    let top = "
module top(clock,ticks);
input clock;
output [15:0] ticks;
wire core;
reg [15:0] count;
initial count = 0;
always @(posedge core) count <= count + 1;
assign ticks = count;
pll pll (.clock_in(clock), .clock(core));
endmodule
";
    let verilog = format!("{}{pll}{top}", board.family.models());
    let mut model = build(&verilog, Flags::default()).expect("it verilates");
    let ticks = model.port("ticks");
    let held = (1..10_000).find(|_| {
        model.step();
        model.get(ticks) > 0
    });
    let held = held.expect("it begins") - 17;
    assert!((480..540).contains(&held), "{held} clocks of 24 MHz");
}

/// It would be noticed if memories did.
#[test]
fn memories_that_are_never_ready_are_noticed() {
    assert!(differs::<Lms>(u32::from(u16::MAX), 1).is_some());
}
