use crate::arith::value;
use rust_hdl::prelude::*;

/// A mean on its way to a position, the `n`th: by an `n`th of the distance, to nearest, halves away
/// from zero. `y` is ready 18 clocks after `start`, and stays.
#[derive(LogicBlock, Default)]
pub struct Moved {
    pub clock: Signal<In, Clock>,
    pub start: Signal<In, Bit>,
    pub mean: Signal<In, Bits<16>>,
    pub to: Signal<In, Bits<16>>,
    /// 1 to 256.
    pub n: Signal<In, Bits<9>>,
    pub y: Signal<Out, Bits<16>>,
    _y: u64,
    _left: u32,
}

impl Logic for Moved {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.start.val() {
                let (mean, to) = (value(self.mean.val()), value(self.to.val()));
                let n = value(self.n.val()).max(1);
                let step = (mean.abs_diff(to) + n / 2) / n;
                self._y = if to < mean { mean - step } else { mean + step };
                self._left = 17;
            } else if self._left > 0 {
                self._left -= 1;
                self.y.next = (self._y & 0xffff).into();
            }
        }
    }

    fn connect(&mut self) {
        self.y.connect();
    }

    fn hdl(&self) -> Verilog {
        // A bit of the quotient a clock; it comes into `low` from below as the distance leaves it.
        Verilog::Custom(
            "\
reg back;
reg [15:0] from;
reg [16:0] low;
reg [8:0] high, by;
reg [4:0] left;
wire [16:0] difference = {1'd0, to} - {1'd0, mean};
wire [15:0] along = (difference[15:0] ^ {16{difference[16]}}) + {15'd0, difference[16]};
wire [9:0] next = {high, low[16]};
wire [9:0] less = next - {1'd0, by};
wire fits = ~less[9];
initial begin
  back = 0; from = 0; low = 0; high = 0; by = 1; left = 0;
end
always @(posedge clock)
  if (start) begin
    back <= difference[16]; from <= mean; by <= n; high <= 9'd0; left <= 5'd17;
    low <= {1'd0, along} + {9'd0, n[8:1]};
  end else if (|left) begin
    high <= fits ? less[8:0] : next[8:0];
    low <= {low[15:0], fits};
    left <= left - 5'd1;
  end
wire [15:0] step = low[15:0] ^ {16{back}};
always @(*) y = from + step + {15'd0, back};"
                .into(),
        )
    }
}
