use crate::arith::{signed_value, to_bits, value};
use crate::fabric::Fabric;
use crate::primitive::mac16;
use rust_hdl::prelude::*;

/// From a sum to an activation: plus the bias, times `multiplier / 2^shift`, to nearest, halves
/// up, clamped to `bits + 1` bits.
///
/// What is below 0 becomes 0 before it is multiplied: it would after it. Of the product's 43 bits
/// the low 16 and the high 11 of the sum have a multiplier each.
///
/// ```text
/// clock  0          1      2         3        4        5
///        sum, bias  total  products  product  shifted  y
/// ```
#[derive(LogicBlock, Default)]
pub struct Narrow {
    pub clock: Signal<In, Clock>,
    pub sum: Signal<In, Bits<27>>,
    pub bias: Signal<In, Bits<27>>,
    pub multiplier: Signal<In, Bits<16>>,
    pub shift: Signal<In, Bits<5>>,
    /// Bits of an activation less 1.
    pub bits: Signal<In, Bits<3>>,
    /// The score: 1 clock after the sum.
    pub total: Signal<Out, Bits<28>>,
    pub y: Signal<Out, Bits<8>>,
    _fabric: Fabric,
    _line: [(i64, u64, u64); 4],
}

impl Narrow {
    pub fn new(fabric: Fabric) -> Self {
        Self { _fabric: fabric, ..Default::default() }
    }
}

impl Logic for Narrow {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let (total, multiplier, shift) = self._line[3];
            let product = (total.max(0) as u64) * multiplier;
            let rounded = (((product << 1) >> shift) + 1) >> 1;
            let most = (2_u64 << value(self.bits.val())) - 1;
            self.y.next = rounded.min(most).into();
            self._line.rotate_right(1);
            self._line[0] = (
                signed_value(self.sum.val()) + signed_value(self.bias.val()),
                value(self.multiplier.val()),
                value(self.shift.val()),
            );
        }
        self.total.next = to_bits(self._line[0].0);
    }

    fn connect(&mut self) {
        self.total.connect();
        self.y.connect();
    }

    fn hdl(&self) -> Verilog {
        let products = match self._fabric {
            Fabric::Inferred | Fabric::Logic => "\
reg [31:0] low;
reg [26:0] high;
always @(posedge clock) begin
  low <= above[15:0] * factor;
  high <= above[26:16] * factor;
end
"
            .into(),
            Fabric::Mac16 => format!(
                "\
wire [31:0] low, wide;
wire [26:0] high = wide[26:0];
{}{}",
                mac16::product_once("mac_low", ("above[15:0]", false), ("factor", false), "low"),
                mac16::product_once(
                    "mac_high",
                    ("{5'd0, above[26:16]}", false),
                    ("factor", false),
                    "wide"
                ),
            ),
        };
        Verilog::Custom(format!(
            "\
reg [15:0] factor;
reg [4:0] by1, by2, by3;
wire [26:0] above = total[27] ? 27'd0 : total[26:0];
{products}reg [42:0] product;
wire [43:0] twice = {{product, 1'b0}};
wire [43:0] shifted = twice >> by3;
reg [8:0] halves;
reg beyond;
wire [8:0] rounded = halves + 9'd1;
wire [7:0] most = 8'hff >> ~bits;
wire over = beyond || (&halves) || rounded[8:1] > most;
always @(posedge clock) begin
  total <= {{sum[26], sum}} + {{bias[26], bias}};
  factor <= multiplier;
  by1 <= shift; by2 <= by1; by3 <= by2;
  product <= {{high, 16'd0}} + {{11'd0, low}};
  halves <= shifted[8:0];
  beyond <= |shifted[43:9];
  y <= over ? most : rounded[8:1];
end"
        ))
    }
}
