use crate::arith::{to_bits, value};
use crate::fabric::Fabric;
use crate::primitive::mac16;
use rust_hdl::prelude::*;

/// One beat's share of the distance: the sum of the lanes' magnitudes, or of their squares, exact
/// in 20 bits, 3 clocks later.
///
/// ```text
/// clock  3          4                      5               6
///        magnitude  square (or magnitude)  sums of four    sum
/// ```
///
/// `L` lanes, 1 to 16. Squares: an inferred multiplier a lane, half an SB_MAC16, or about 40
/// logic cells: `m = 16 h + l`, so `m^2 = 256 h^2 + l^2 + 32 h l`, and the sums of the two parts
/// are added at the end.
#[derive(LogicBlock)]
pub struct Distance<const L: usize> {
    pub clock: Signal<In, Clock>,
    pub squared: Signal<In, Bit>,
    pub magnitude: [Signal<In, Bits<8>>; L],
    pub sum: Signal<Out, Bits<20>>,
    _fabric: Fabric,
    _line: [u64; 2],
}

impl<const L: usize> Distance<L> {
    pub fn new(fabric: Fabric) -> Self {
        assert!((1..=16).contains(&L), "a beat has 1 to 16 lanes");
        Self {
            clock: Default::default(),
            squared: Default::default(),
            magnitude: std::array::from_fn(|_| Default::default()),
            sum: Default::default(),
            _fabric: fabric,
            _line: [0; 2],
        }
    }
}

impl<const L: usize> Logic for Distance<L> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let power = if self.squared.val() { 2 } else { 1 };
            let sum = self.magnitude.iter().map(|m| value(m.val()).pow(power)).sum();
            self.sum.next = to_bits(self._line[1] as i64);
            self._line = [sum, self._line[0]];
        }
    }

    fn connect(&mut self) {
        self.sum.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(match self._fabric {
            Fabric::Inferred => {
                let products = each(L, |i| {
                    format!(
                        "reg [15:0] p{i};\ninitial p{i} = 0;\nalways @(posedge clock) \
                         p{i} <= magnitude${i} * (squared ? magnitude${i} : 8'd1);\n"
                    )
                });
                let (groups, total) = sum("p", "g", 16, L);
                format!(
                    "{products}{groups}initial sum = 0;\nalways @(posedge clock) sum <= {total};"
                )
            }
            Fabric::Mac16 => {
                let operand = |i: usize| match i < L {
                    true => (format!("magnitude${i}"), format!("factor{i}")),
                    false => ("8'd0".into(), "8'd0".into()),
                };
                let factors = each(L, |i| {
                    format!("wire [7:0] factor{i} = squared ? magnitude${i} : 8'd1;\n")
                });
                let products = each(L.div_ceil(2), |pair| {
                    let (low, high) = (operand(2 * pair), operand(2 * pair + 1));
                    let o = format!("o{pair}");
                    let mac = mac16::pair_8x8(
                        &format!("mac{pair}"),
                        &format!("{{{}, {}}}", high.0, low.0),
                        &format!("{{{}, {}}}", high.1, low.1),
                        &o,
                    );
                    format!("wire [31:0] {o};\n{mac}")
                });
                let names = each(L, |i| {
                    format!(
                        "wire [15:0] p{i} = o{}[{}:{}];\n",
                        i / 2,
                        16 * (i % 2) + 15,
                        16 * (i % 2)
                    )
                });
                let (groups, total) = sum("p", "g", 16, L);
                format!(
                    "{factors}{products}{names}{groups}initial sum = 0;\n\
                     always @(posedge clock) sum <= {total};"
                )
            }
            Fabric::Logic => {
                let products = each(L, |i| {
                    format!(
                        "\
wire [7:0] m{i} = magnitude${i};
reg [15:0] p{i};
reg [7:0] c{i};
initial begin p{i} = 0; c{i} = 0; end
always @(posedge clock) begin
  p{i} <= squared ? {{square(m{i}[7:4]), square(m{i}[3:0])}} : {{8'd0, m{i}}};
  c{i} <= squared ? m{i}[7:4] * m{i}[3:0] : 8'd0;
end
"
                    )
                });
                let (groups, total) = sum("p", "g", 16, L);
                let (crosses, middle) = sum("c", "h", 8, L);
                let squares = each(16, |h| format!("  4'd{h}: square = 8'd{};\n", h * h));
                format!(
                    "\
function [7:0] square(input [3:0] nibble);
  case (nibble)
{squares}  endcase
endfunction
{products}{groups}{crosses}
wire [11:0] middle = {middle};
initial sum = 0;
always @(posedge clock) sum <= {total} + {{3'd0, middle, 5'd0}};"
                )
            }
        })
    }
}

fn each(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// Registered sums of four `from`s of `width` bits, and the expression of their sum, 4 bits wider.
fn sum(from: &str, to: &str, width: usize, count: usize) -> (String, String) {
    let groups = count.div_ceil(4);
    let text = each(groups, |g| {
        let terms: Vec<_> =
            (4 * g..(4 * g + 4).min(count)).map(|i| format!("{{2'd0, {from}{i}}}")).collect();
        format!(
            "reg [{}:0] {to}{g};\ninitial {to}{g} = 0;\nalways @(posedge clock) {to}{g} <= {};\n",
            width + 1,
            terms.join(" + ")
        )
    });
    let total: Vec<_> = (0..groups).map(|g| format!("{{2'd0, {to}{g}}}")).collect();
    (text, total.join(" + "))
}
