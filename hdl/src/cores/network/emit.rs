use crate::arith::value;
use rust_hdl::prelude::*;

/// Where the lanes' sums go: from the clock after `load` on one lane a clock, with its output's
/// number and address, `valid` while the layer has that output.
#[derive(LogicBlock, Default)]
pub struct Emit {
    pub clock: Signal<In, Clock>,
    /// A layer begins.
    pub start: Signal<In, Bit>,
    /// A pixel's sums are taken; it is the last of this group of outputs.
    pub load: Signal<In, Bit>,
    pub group_last: Signal<In, Bit>,
    /// From an output to the next.
    pub plane: Signal<In, Bits<13>>,
    pub output_last: Signal<In, Bits<8>>,
    pub channel: Signal<Out, Bits<8>>,
    pub address: Signal<Out, Bits<13>>,
    pub valid: Signal<Out, Bit>,
    _lanes: u8,
    // Of the group: its first output, and that one's address; and which pixel.
    _group: [u64; 3],
    // Lanes to come, output, address.
    _now: [u64; 3],
}

impl Emit {
    /// Of 8 or 16 lanes.
    pub fn new(lanes: u8) -> Self {
        Self { _lanes: lanes, ..Default::default() }
    }
}

impl Logic for Emit {
    fn update(&mut self) {
        let lanes = u64::from(self._lanes);
        let plane = value(self.plane.val());
        if self.clock.pos_edge() {
            let [first, base, pixel] = self._group;
            let [left, output, address] = self._now;
            if self.load.val() {
                self._now = [lanes, first, base + pixel];
                self._group = match self.group_last.val() {
                    true => [first + lanes, base + lanes * plane, 0],
                    false => [first, base, pixel + 1],
                };
            } else if left > 0 {
                self._now = [left - 1, output + 1, address + plane];
            }
            if self.start.val() {
                self._group = [0; 3];
            }
        }
        let [left, output, address] = self._now;
        self.channel.next = (output & 0xff).into();
        self.address.next = (address & 0x1fff).into();
        self.valid.next = left > 0 && output & 0xff <= value(self.output_last.val());
    }

    fn connect(&mut self) {
        self.channel.connect();
        self.address.connect();
        self.valid.connect();
    }

    fn hdl(&self) -> Verilog {
        let lanes = self._lanes;
        let shift = lanes.trailing_zeros();
        Verilog::Custom(format!(
            "\
reg [7:0] first;
reg [12:0] base, pixel;
reg [4:0] left;
wire [12:0] along = base + pixel;
wire [12:0] group = {{plane[{top}:0], {shift}'d0}};
initial left = 0;
always @(posedge clock) begin
  if (load) begin
    left <= 5'd{lanes};
    channel <= first;
    address <= along;
    pixel <= group_last ? 13'd0 : pixel + 13'd1;
    if (group_last) begin
      first <= first + 8'd{lanes};
      base <= base + group;
    end
  end else if (|left) begin
    left <= left - 5'd1;
    channel <= channel + 8'd1;
    address <= address + plane;
  end
  if (start) begin
    first <= 8'd0;
    base <= 13'd0;
    pixel <= 13'd0;
  end
end
always @(*) valid = (|left) && channel <= output_last;",
            top = 12 - shift,
        ))
    }
}
