use crate::arith::{to_bits, value};
use rust_hdl::prelude::*;
use std::collections::VecDeque;

/// One row's share of a distance: the sum of `abs(x - w)` or of its square over the active lanes,
/// exact in 22 bits, [`RowDistance::clocks`] later.
///
/// ```text
/// clock  0     1           2          3                 4 + log2 L - 1      and one more
///        x, w  difference  magnitude  square (if built) sums of two, four.. both sums
/// ```
///
/// `L` lanes, a power of two to 64, a byte each in `XB = 8 * L` bits. A square is made of logic
/// cells: `m = 16 h + l`, so `m^2 = 256 h^2 + l^2 + 32 h l`; the two parts are summed apart.
#[derive(LogicBlock, Default)]
pub struct RowDistance<const L: usize, const XB: usize> {
    pub clock: Signal<In, Clock>,
    pub x: Signal<In, Bits<XB>>,
    pub w: Signal<In, Bits<XB>>,
    pub active: Signal<In, Bits<L>>,
    /// Static: squares, in a build that has them.
    pub squared: Signal<In, Bit>,
    pub sum: Signal<Out, Bits<22>>,
    _squares: bool,
    _line: VecDeque<u64>,
}

impl<const L: usize, const XB: usize> RowDistance<L, XB> {
    /// With squares, or the sum of absolute differences alone.
    pub fn new(squares: bool) -> Self {
        assert!(L.is_power_of_two() && (2..=64).contains(&L) && XB == 8 * L);
        let line = vec![0; Self::clocks(squares) - 1].into();
        Self { _squares: squares, _line: line, ..Default::default() }
    }

    /// From the row to its sum.
    pub const fn clocks(squares: bool) -> usize {
        2 + L.ilog2() as usize + if squares { 2 } else { 0 }
    }
}

impl<const L: usize, const XB: usize> Logic for RowDistance<L, XB> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let power = if self._squares && self.squared.val() { 2 } else { 1 };
            let (x, w, active) = (self.x.val(), self.w.val(), self.active.val());
            let lanes = (0..L).filter(|&i| active.get_bit(i));
            let sum: u64 = lanes
                .map(|i| value(x.get_bits::<8>(8 * i)).abs_diff(value(w.get_bits::<8>(8 * i))))
                .map(|magnitude| magnitude.pow(power))
                .sum();
            self._line.push_front(sum);
            self.sum.next = to_bits(self._line.pop_back().unwrap_or(0) as i64);
        }
    }

    fn connect(&mut self) {
        self.sum.connect();
    }

    fn hdl(&self) -> Verilog {
        let mut text = format!(
            "\
reg [{}:0] difference;
reg [{}:0] magnitude;
always @(posedge clock) begin : magnitudes
  integer i;
  for (i = 0; i < {L}; i = i + 1) begin
    difference[9*i +: 9] <= active[i] ? {{1'b0, x[8*i +: 8]}} - {{1'b0, w[8*i +: 8]}} : 9'd0;
    magnitude[8*i +: 8] <=
      difference[9*i + 8] ? 8'd0 - difference[9*i +: 8] : difference[9*i +: 8];
  end
end
",
            9 * L - 1,
            8 * L - 1,
        );
        if !self._squares {
            text += &tree::<L>("magnitude", 8);
            let top = format!("magnitude{}", L.ilog2());
            return Verilog::Custom(format!(
                "{text}always @(*) sum = {};",
                widened::<L>(&top, 8, "")
            ));
        }
        // Gates, not `*`: no tool is to spend a multiplier on it.
        let squares: String =
            (0..16).map(|h| format!("    4'd{h}: square = 8'd{};\n", h * h)).collect();
        text += &format!(
            "\
function [7:0] square(input [3:0] nibble);
  case (nibble)
{squares}  endcase
endfunction
function [7:0] product(input [3:0] a, input [3:0] b);
  integer j, k;
  reg carry, term;
  begin
    product = 8'd0;
    for (j = 0; j < 4; j = j + 1) begin
      carry = 1'b0;
      for (k = 0; k < 4; k = k + 1) begin
        term = a[k] & b[j];
        {{carry, product[j + k]}} = {{
          (product[j + k] & term) | (carry & (product[j + k] ^ term)),
          product[j + k] ^ term ^ carry
        }};
      end
      product[j + 4] = carry;
    end
  end
endfunction
reg [{}:0] power;
reg [{}:0] middle;
always @(posedge clock) begin : powers
  integer i;
  for (i = 0; i < {L}; i = i + 1) begin
    power[16*i +: 16] <= squared
      ? {{square(magnitude[8*i + 4 +: 4]), square(magnitude[8*i +: 4])}}
      : {{8'd0, magnitude[8*i +: 8]}};
    middle[8*i +: 8] <= squared
      ? product(magnitude[8*i + 4 +: 4], magnitude[8*i +: 4]) : 8'd0;
  end
end
",
            16 * L - 1,
            8 * L - 1,
        );
        text += &tree::<L>("power", 16);
        text += &tree::<L>("middle", 8);
        let levels = L.ilog2();
        let power = widened::<L>(&format!("power{levels}"), 16, "");
        let middle = widened::<L>(&format!("middle{levels}"), 13, ", 5'd0");
        Verilog::Custom(format!("{text}always @(posedge clock) sum <= {power} + {middle};"))
    }
}

/// Registered sums of two, each level a bit wider: `from` has `L` numbers of `width` bits, and the
/// last level, `from` and its number, has one.
fn tree<const L: usize>(from: &str, width: usize) -> String {
    let mut text = String::new();
    let mut below = from.to_string();
    for level in 1..=L.ilog2() as usize {
        let (count, width) = (L >> level, width + level - 1);
        let name = format!("{from}{level}");
        text += &format!(
            "\
reg [{top}:0] {name};
always @(posedge clock) begin : sums_{name}
  integer i;
  for (i = 0; i < {count}; i = i + 1)
    {name}[{wide}*i +: {wide}] <= {{1'b0, {below}[{pair}*i +: {width}]}}
      + {{1'b0, {below}[{pair}*i + {width} +: {width}]}};
end
",
            top = count * (width + 1) - 1,
            wide = width + 1,
            pair = 2 * width,
        );
        below = name;
    }
    text
}

/// `name`, the last level of a tree of `L` numbers of `width` bits, and what is `below` them, in 22
/// bits.
fn widened<const L: usize>(name: &str, width: usize, below: &str) -> String {
    match 22 - width - L.ilog2() as usize {
        0 => name.to_string(),
        zeros => format!("{{{zeros}'d0, {name}{below}}}"),
    }
}
