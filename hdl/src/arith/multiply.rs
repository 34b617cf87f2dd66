use super::{signed_value, to_bits};
use rust_hdl::prelude::*;

/// `p = a * b`, signed 16 x 16 -> 32 bits, exact, registered once.
///
/// One SB_MAC16 on an UltraPlus, one MULT18X18D on ECP5, logic cells elsewhere. Its result must
/// pass a multiplexer before any sum: yosys' `-dsp` packs a product that feeds an adder into the
/// multiplier's own accumulator, and can lose a lane in doing so.
#[derive(LogicBlock, Default)]
pub struct Multiply {
    pub clock: Signal<In, Clock>,
    pub a: Signal<In, Bits<16>>,
    pub b: Signal<In, Bits<16>>,
    pub p: Signal<Out, Bits<32>>,
}

impl Logic for Multiply {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.p.next = to_bits(signed_value(self.a.val()) * signed_value(self.b.val()));
        }
    }

    fn connect(&mut self) {
        self.p.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
always @(posedge clock) p <= $signed(a) * $signed(b);"
                .into(),
        )
    }
}

/// `v = p >> (4 + 4 * coarse)`, arithmetic (rounds towards minus infinity), registered once.
///
/// `p` is 32 bits signed with `|p| <= 2^27`, so 25 bits hold every result.
#[derive(LogicBlock, Default)]
pub struct ShiftRight {
    pub clock: Signal<In, Clock>,
    pub p: Signal<In, Bits<32>>,
    pub coarse: Signal<In, Bits<2>>,
    pub v: Signal<Out, Bits<25>>,
}

impl Logic for ShiftRight {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let shift = 4 + 4 * super::value(self.coarse.val());
            self.v.next = to_bits(signed_value(self.p.val()) >> shift);
        }
    }

    fn connect(&mut self) {
        self.v.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
initial v = 0;
always @(posedge clock)
  case (coarse)
    2'd0: v <= p[28:4];
    2'd1: v <= {p[31], p[31:8]};
    2'd2: v <= {{5{p[31]}}, p[31:12]};
    default: v <= {{9{p[31]}}, p[31:16]};
  endcase"
                .into(),
        )
    }
}
