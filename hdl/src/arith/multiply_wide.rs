use super::{signed_value, to_bits};
use crate::fabric::Fabric;
use crate::primitive::mac16;
use rust_hdl::prelude::*;

/// `p = a * b`, signed 32 x 32 -> 64 bits, exact, 5 clocks later, one product a clock.
///
/// Four 16 x 16 multipliers. Inferred ones are unsigned; the signs are put right by subtracting
/// `(a < 0 ? b : 0) + (b < 0 ? a : 0)` from the upper half, and the products are inverted on
/// their way to the sums, and the sums again: yosys' `-dsp` packs a product whose register feeds an
/// adder, or a second register, into the multiplier's own accumulator, and gets it wrong (its
/// netlist had a carry driven by a constant). SB_MAC16s placed by hand take signed halves and hold
/// all registers but those of the two sums.
#[derive(LogicBlock, Default)]
pub struct MultiplyWide {
    pub clock: Signal<In, Clock>,
    pub a: Signal<In, Bits<32>>,
    pub b: Signal<In, Bits<32>>,
    pub p: Signal<Out, Bits<64>>,
    _fabric: Fabric,
    _line: Vec<i64>,
}

impl MultiplyWide {
    pub fn new(fabric: Fabric) -> Self {
        Self { _fabric: fabric, ..Default::default() }
    }
}

impl Logic for MultiplyWide {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self._line.resize(5, 0);
            self._line.insert(0, signed_value(self.a.val()) * signed_value(self.b.val()));
            self._line.truncate(5);
            self.p.next = to_bits(self._line[4]);
        }
    }

    fn connect(&mut self) {
        self.p.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(match self._fabric {
            Fabric::Inferred | Fabric::Logic => "\
reg [31:0] a1, b1;
reg [31:0] ll, lh, hl, hh, ll2, lh2, hl2, hh2, high;
reg [31:0] excess, excess2;
reg [32:0] middle;
reg [31:0] low;
always @(posedge clock) begin
  a1 <= a; b1 <= b;
  ll <= a1[15:0] * b1[15:0];
  lh <= a1[15:0] * b1[31:16];
  hl <= a1[31:16] * b1[15:0];
  hh <= a1[31:16] * b1[31:16];
  excess <= (a1[31] ? b1 : 32'd0) + (b1[31] ? a1 : 32'd0);
  ll2 <= ~ll; lh2 <= ~lh; hl2 <= ~hl; hh2 <= ~hh; excess2 <= excess;
  low <= ~ll2;
  middle <= ~({1'b0, lh2} + {1'b0, hl2} + 33'd1);
  high <= ~(hh2 + excess2);
  p <= {high, low} + {15'd0, middle, 16'd0};
end"
            .into(),
            Fabric::Mac16 => {
                let part = |name: &str, a: (&str, bool), b: (&str, bool)| {
                    mac16::product_pipelined(&format!("mac_{name}"), a, b, name)
                };
                let (low, high) = ("[15:0]", "[31:16]");
                let (al, ah) = (format!("a{low}"), format!("a{high}"));
                let (bl, bh) = (format!("b{low}"), format!("b{high}"));
                format!(
                    "\
wire [31:0] ll, lh, hl, hh;
{}{}{}{}reg [32:0] middle;
reg [63:0] outer;
initial begin middle = 0; outer = 0; p = 0; end
always @(posedge clock) begin
  middle <= {{lh[31], lh}} + {{hl[31], hl}};
  outer <= {{hh, ll}};
  p <= outer + {{{{15{{middle[32]}}}}, middle, 16'd0}};
end",
                    part("ll", (&al, false), (&bl, false)),
                    part("lh", (&al, false), (&bh, true)),
                    part("hl", (&ah, true), (&bl, false)),
                    part("hh", (&ah, true), (&bh, true)),
                )
            }
        })
    }
}
