use super::{signed_value, to_bits};
use crate::fabric::Fabric;
use crate::primitive::mac16;
use rust_hdl::prelude::*;

/// `p = a * b`, signed 16 x 16 -> 32 bits, exact, registered once.
///
/// One SB_MAC16 on an UltraPlus, one MULT18X18D on ECP5, logic cells elsewhere.
#[derive(LogicBlock, Default)]
pub struct Multiply {
    pub clock: Signal<In, Clock>,
    pub a: Signal<In, Bits<16>>,
    pub b: Signal<In, Bits<16>>,
    pub p: Signal<Out, Bits<32>>,
    _fabric: Fabric,
}

impl Multiply {
    pub fn new(fabric: Fabric) -> Self {
        Self { _fabric: fabric, ..Default::default() }
    }
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
        Verilog::Custom(match self._fabric {
            Fabric::Inferred | Fabric::Logic => {
                "always @(posedge clock) p <= $signed(a) * $signed(b);".into()
            }
            Fabric::Mac16 => format!(
                "wire [31:0] o;\n{}always @(*) p = o;",
                mac16::product_once("mac", ("a", true), ("b", true), "o")
            ),
        })
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
