//! A design on a board: its clock from the board's oscillator, its SDRAM, and pins that are held.

use crate::design::Design;
use crate::primitive::pll::{Clocking, Pll};
use crate::sdram::Chip;
use rust_hdl::prelude::*;
use std::fmt::Write as _;

/// Verilog of the design on a board, top module `top` with ports `clock` (the oscillator), `rx`,
/// `tx`, one for each of `high`, an output that is held high, and the [pins](Chip::pins) of an
/// SDRAM if the design has one; `None` if the design is not on offer. The design itself is the
/// module `learner`.
pub fn board_verilog(design: &dyn Design, clocking: Clocking, high: &[String]) -> Option<String> {
    let inner = design.top_verilog()?.replace("\nmodule top(", "\nmodule learner(");
    let mut pll = Pll::new(clocking, design.identity().clock_hz);
    pll.connect_all();
    let pll = generate_verilog_unchecked(&pll).replace("\nmodule top(", "\nmodule pll(");
    let mut ports: String = high.iter().map(|name| format!(",{name}")).collect();
    let mut declared: String =
        high.iter().map(|name| format!("output {name};\nassign {name} = 1'b1;\n")).collect();
    let mut joined = String::new();
    if let Some(chip) = design.chip() {
        for (name, bits) in chip.pins() {
            let way = if name == "sdram_data" { "inout" } else { "output" };
            let range = if bits == 1 { String::new() } else { format!("[{}:0] ", bits - 1) };
            let _ = write!(ports, ",{name}");
            let _ = writeln!(declared, "{way} {range}{name};");
        }
        declared += &pads(chip);
        joined = JOINED.iter().map(|name| format!(", .sdram_{name}({name})")).collect();
    }
    Some(format!(
        "{inner}\n{pll}
module top(clock,rx,tx{ports});
input clock;
input rx;
output tx;
{declared}wire core_clock;
pll pll (.clock_in(clock), .clock(core_clock));
learner learner (.clock(core_clock), .rx(rx), .tx(tx){joined});
endmodule
"
    ))
}

/// The design's ports that lead to its SDRAM, without `sdram_`.
const JOINED: [&str; 7] = ["command", "bank", "address", "mask", "out", "drive", "in"];

/// From the design's ports to the chip's pins, by ECP5's cells: both boards that have an SDRAM are
/// of that family. The chip's clock leaves by a register of two edges, as fast as the other pins.
fn pads(chip: &Chip) -> String {
    let (data, rows) = (chip.data, chip.row_bits.max(11));
    let mut text = format!(
        "\
wire [2:0] command;
wire [1:0] bank;
wire [12:0] address;
wire mask, drive;
wire [{top}:0] out, in;
ODDRX1F inverted (.D0(1'b0), .D1(1'b1), .SCLK(core_clock), .RST(1'b0), .Q(sdram_clock));
assign {{sdram_ras, sdram_cas, sdram_we}} = command;
assign sdram_bank = bank;
assign sdram_address = address[{rows}:0];
",
        top = data - 1,
        rows = rows - 1,
    );
    if chip.control {
        let _ = write!(
            text,
            "assign sdram_cke = 1'b1;\nassign sdram_cs = 1'b0;\n\
             assign sdram_dqm = {{{}{{mask}}}};\n",
            data / 8
        );
    }
    for bit in 0..data {
        let _ = writeln!(
            text,
            "BB data{bit} (.I(out[{bit}]), .T(~drive), .O(in[{bit}]), .B(sdram_data[{bit}]));"
        );
    }
    text
}
