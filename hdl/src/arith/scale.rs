use super::{to_bits, value};
use crate::fabric::Fabric;
use crate::primitive::mac16;
use rust_hdl::prelude::*;

/// `p = min(a * b, 2^32 - 1)`, unsigned, and `a` itself beside it, both 4 clocks later.
///
/// The win count times the distortion of frequency-sensitive competitive learning: two 16 x 16
/// multipliers, or logic cells, which multiply four bits of `b` in each stage.
#[derive(LogicBlock, Default)]
pub struct ScaleSaturating {
    pub clock: Signal<In, Clock>,
    pub a: Signal<In, Bits<24>>,
    pub b: Signal<In, Bits<16>>,
    pub p: Signal<Out, Bits<32>>,
    pub a_out: Signal<Out, Bits<24>>,
    _fabric: Fabric,
    _line: Vec<(u64, u64)>,
}

impl ScaleSaturating {
    pub fn new(fabric: Fabric) -> Self {
        Self { _fabric: fabric, ..Default::default() }
    }
}

impl Logic for ScaleSaturating {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self._line.resize(4, (0, 0));
            self._line.insert(0, (value(self.a.val()), value(self.b.val())));
            self._line.truncate(4);
            let (a, b) = self._line[3];
            self.p.next = to_bits((a * b).min(u64::from(u32::MAX)) as i64);
            self.a_out.next = to_bits(a as i64);
        }
    }

    fn connect(&mut self) {
        self.p.connect();
        self.a_out.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(match self._fabric {
            Fabric::Logic => logic(),
            Fabric::Inferred => multipliers(
                "\
reg [15:0] b1;
reg [31:0] low;
reg [23:0] high;
initial begin b1 = 0; low = 0; high = 0; end
always @(posedge clock) begin
  b1 <= b;
  low <= a1[15:0] * b1;
  high <= a1[23:16] * b1;
end
",
            ),
            Fabric::Mac16 => multipliers(&format!(
                "wire [31:0] low, high;\n{}{}",
                mac16::product_16x16("mac_low", "a[15:0]", "b", "low"),
                mac16::product_16x16("mac_high", "{8'd0, a[23:16]}", "b", "high"),
            )),
        })
    }
}

/// Two products two clocks after `a` and `b`, then their sum, then the clamp.
fn multipliers(products: &str) -> String {
    format!(
        "\
reg [23:0] a1, a2, a3;
{products}reg [39:0] s;
initial begin a1 = 0; a2 = 0; a3 = 0; s = 0; p = 0; a_out = 0; end
always @(posedge clock) begin
  s <= {{high[23:0], 16'd0}} + {{8'd0, low}};
  p <= |s[39:32] ? 32'hffffffff : s[31:0];
  a1 <= a; a2 <= a1; a3 <= a2; a_out <= a3;
end"
    )
}

fn logic() -> String {
    // Four shifted copies, not `*`, so that no tool spends a multiplier of the lanes here.
    let product = |a: &str, b: &str| {
        (0..4)
            .map(|i| format!("({b}[{i}] ? ({{4'd0, {a}}} << {i}) : 28'd0)"))
            .collect::<Vec<_>>()
            .join(" + ")
    };
    format!(
        "\
reg [23:0] a1, a2, a3;
reg [11:0] b1;
reg [7:0] b2;
reg [3:0] b3;
reg [27:0] s1;
reg [31:0] s2;
reg [35:0] s3;
wire [27:0] m1 = {m1};
wire [27:0] m2 = {m2};
wire [27:0] m3 = {m3};
wire [27:0] m4 = {m4};
wire [39:0] s4 = {{4'd0, s3}} + {{m4, 12'd0}};
initial begin
  a1 = 0; a2 = 0; a3 = 0; b1 = 0; b2 = 0; b3 = 0; s1 = 0; s2 = 0; s3 = 0; p = 0; a_out = 0;
end
always @(posedge clock) begin
  s1 <= m1;
  s2 <= {{4'd0, s1}} + {{m2, 4'd0}};
  s3 <= {{4'd0, s2}} + {{m3, 8'd0}};
  p <= |s4[39:32] ? 32'hffffffff : s4[31:0];
  a1 <= a; a2 <= a1; a3 <= a2; a_out <= a3;
  b1 <= b[15:4]; b2 <= b1[11:4]; b3 <= b2[7:4];
end",
        m1 = product("a", "b"),
        m2 = product("a1", "b1"),
        m3 = product("a2", "b2"),
        m4 = product("a3", "b3"),
    )
}
