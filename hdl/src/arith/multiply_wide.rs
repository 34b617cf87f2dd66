use super::{signed_value, to_bits};
use rust_hdl::prelude::*;

/// `p = a * b`, signed 32 x 32 -> 64 bits, exact, 4 clocks later, one product a clock.
///
/// Four unsigned 16 x 16 multipliers; the signs are put right by subtracting
/// `(a < 0 ? b : 0) + (b < 0 ? a : 0)` from the upper half. The products are inverted on
/// their way to the sums, and the sums again: yosys' `-dsp` packs a product whose register feeds an
/// adder, or a second register, into the multiplier's own accumulator, and gets it wrong (its
/// netlist had a carry driven by a constant).
#[derive(LogicBlock, Default)]
pub struct MultiplyWide {
    pub clock: Signal<In, Clock>,
    pub a: Signal<In, Bits<32>>,
    pub b: Signal<In, Bits<32>>,
    pub p: Signal<Out, Bits<64>>,
    _line: Vec<i64>,
}

impl Logic for MultiplyWide {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self._line.resize(4, 0);
            self._line.insert(0, signed_value(self.a.val()) * signed_value(self.b.val()));
            self._line.truncate(4);
            self.p.next = to_bits(self._line[3]);
        }
    }

    fn connect(&mut self) {
        self.p.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
reg [31:0] ll, lh, hl, hh, ll2, lh2, hl2, hh2, high;
reg [31:0] excess, excess2;
reg [32:0] middle;
reg [31:0] low;
always @(posedge clock) begin
  ll <= a[15:0] * b[15:0];
  lh <= a[15:0] * b[31:16];
  hl <= a[31:16] * b[15:0];
  hh <= a[31:16] * b[31:16];
  excess <= (a[31] ? b : 32'd0) + (b[31] ? a : 32'd0);
  ll2 <= ~ll; lh2 <= ~lh; hl2 <= ~hl; hh2 <= ~hh; excess2 <= excess;
  low <= ~ll2;
  middle <= ~({1'b0, lh2} + {1'b0, hl2} + 33'd1);
  high <= ~(hh2 + excess2);
  p <= {high, low} + {15'd0, middle, 16'd0};
end"
            .into(),
        )
    }
}
