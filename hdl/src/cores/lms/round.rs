use crate::arith::{signed_value, to_bits, value};
use rust_hdl::prelude::*;

/// `y = min((w + 2^15) >> 16, 2^15 - 1)`: the upper half of a weight, to nearest, halves up; no
/// clock.
#[derive(LogicBlock, Default)]
pub struct Factor {
    pub w: Signal<In, Bits<32>>,
    pub y: Signal<Out, Bits<16>>,
}

impl Logic for Factor {
    fn update(&mut self) {
        let rounded = (signed_value(self.w.val()) + (1 << 15)) >> 16;
        self.y.next = to_bits(rounded.min(0x7fff));
    }

    fn connect(&mut self) {
        self.y.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire largest = w[31:16] == 16'h7fff;
always @(*) y = w[31:16] + {15'd0, w[15] & ~largest};"
                .into(),
        )
    }
}

/// `step = (p + 2^(s-1)) >> s` with `s = rate + 2`: a product of two samples, Q2.30, times
/// `2^-rate`, as a step of a weight in Q4.28; to nearest, halves up; registered once.
///
/// `|p| <= 2^30`, so that 30 bits hold every result.
#[derive(LogicBlock, Default)]
pub struct Step {
    pub clock: Signal<In, Clock>,
    pub p: Signal<In, Bits<32>>,
    pub rate: Signal<In, Bits<5>>,
    pub step: Signal<Out, Bits<30>>,
}

impl Logic for Step {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let shift = value(self.rate.val()) + 2;
            self.step.next = to_bits((signed_value(self.p.val()) + (1 << (shift - 1))) >> shift);
        }
    }

    fn connect(&mut self) {
        self.step.connect();
    }

    fn hdl(&self) -> Verilog {
        // The bit below a step is kept: half a step and its carry are added after the shift.
        Verilog::Custom(
            "\
wire [30:0] halves = $signed(p[31:1]) >>> rate;
wire [30:0] rounded = halves + 31'd1;
always @(posedge clock) step <= rounded[30:1];"
                .into(),
        )
    }
}
