//! A design on a board: its clock from the board's oscillator, and pins that are held.

use crate::design::Design;
use crate::primitive::pll::{Clocking, Pll};
use rust_hdl::prelude::*;

/// Verilog of the design on a board, top module `top` with ports `clock` (the oscillator), `rx`,
/// `tx` and one for each of `high`, an output that is held high; `None` if the design is not on
/// offer. The design itself is the module `learner`.
pub fn board_verilog(design: &dyn Design, clocking: Clocking, high: &[String]) -> Option<String> {
    let inner = design.top_verilog()?.replace("\nmodule top(", "\nmodule learner(");
    let mut pll = Pll::new(clocking, design.identity().clock_hz);
    pll.connect_all();
    let pll = generate_verilog_unchecked(&pll).replace("\nmodule top(", "\nmodule pll(");
    let ports: String = high.iter().map(|name| format!(",{name}")).collect();
    let declared: String =
        high.iter().map(|name| format!("output {name};\nassign {name} = 1'b1;\n")).collect();
    Some(format!(
        "{inner}\n{pll}
module top(clock,rx,tx{ports});
input clock;
input rx;
output tx;
{declared}wire core_clock;
pll pll (.clock_in(clock), .clock(core_clock));
learner learner (.clock(core_clock), .rx(rx), .tx(tx));
endmodule
"
    ))
}
