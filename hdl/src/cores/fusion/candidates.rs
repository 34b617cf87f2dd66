use crate::arith::value;
use rust_hdl::prelude::*;

/// The combinations that are looked up, one after the other: the one that came, then those that
/// differ from it at one node, node by node. `step` goes on to the next.
#[derive(LogicBlock, Default)]
pub struct Candidates {
    pub clock: Signal<In, Clock>,
    /// The combination that came is `came` in the next clock, and the candidate.
    pub load: Signal<In, Bit>,
    pub step: Signal<In, Bit>,
    pub came: Signal<In, Bits<32>>,
    /// Nodes less 1.
    pub last_node: Signal<In, Bits<3>>,
    /// Bits of a codeword, 1 to 4.
    pub bits: Signal<In, Bits<3>>,
    pub key: Signal<Out, Bits<32>>,
    /// Where its hits are: the node, and the codewords.
    pub pair: Signal<Out, Bits<11>>,
    /// It is the one that came.
    pub own: Signal<Out, Bit>,
    /// It is the last one.
    pub last: Signal<Out, Bit>,
    _came: u32,
    _node: u32,
    _change: u32,
}

impl Logic for Candidates {
    fn update(&mut self) {
        let bits = value(self.bits.val()) as u32;
        let most = (1_u32 << bits) - 1;
        if self.clock.pos_edge() {
            if self.load.val() {
                self._came = value(self.came.val()) as u32;
                (self._node, self._change) = (0, 0);
            } else if self.step.val() {
                self._change += 1;
                if self._change > most {
                    (self._node, self._change) = (self._node + 1, 1);
                }
            }
        }
        let from = self._came.checked_shr(self._node * bits).unwrap_or(0) & most;
        let change = self._change.checked_shl(self._node * bits).unwrap_or(0);
        self.key.next = u64::from(self._came ^ change).into();
        let pair = self._node << 8 | ((from ^ self._change) << bits | from);
        self.pair.next = u64::from(pair & 0x7ff).into();
        self.own.next = self._change == 0;
        let at_last = u64::from(self._node) == value(self.last_node.val());
        self.last.next = at_last && self._change == most;
    }

    fn connect(&mut self) {
        self.key.connect();
        self.pair.connect();
        self.own.connect();
        self.last.connect();
    }

    fn hdl(&self) -> Verilog {
        // `rest` begins with the codeword of `node`, `unit` is the lowest bit of it.
        Verilog::Custom(
            "\
reg [31:0] whole, rest, unit, change_there;
reg [2:0] node;
reg [3:0] change;
wire [3:0] most = bits[2] ? 4'd15 : bits[1] ? (bits[0] ? 4'd7 : 4'd3) : 4'd1;
wire [31:0] next_unit =
  bits[2] ? {unit[27:0], 4'd0} : bits[1] ? (bits[0] ? {unit[28:0], 3'd0} : {unit[29:0], 2'd0})
  : {unit[30:0], 1'd0};
wire [31:0] next_rest =
  bits[2] ? {4'd0, rest[31:4]} : bits[1] ? (bits[0] ? {3'd0, rest[31:3]} : {2'd0, rest[31:2]})
  : {1'd0, rest[31:1]};
wire [3:0] from = rest[3:0] & most;
wire [3:0] to = from ^ change;
wire through = change == most;
initial begin
  whole = 0; rest = 0; unit = 1; change_there = 0; node = 0; change = 0;
end
always @(posedge clock)
  if (load) begin
    whole <= came; rest <= came; unit <= 32'd1; change_there <= 32'd0; node <= 3'd0; change <= 4'd0;
  end else if (step) begin
    if (through) begin
      rest <= next_rest; unit <= next_unit; change_there <= next_unit;
      node <= node + 3'd1; change <= 4'd1;
    end else begin
      change_there <= change_there + unit; change <= change + 4'd1;
    end
  end
always @(*) key = whole ^ change_there;
always @(*) own = change == 4'd0;
always @(*) last = through & (node == last_node);
always @(*)
  case (bits)
    3'd1: pair = {node, 6'd0, to[0], from[0]};
    3'd2: pair = {node, 4'd0, to[1:0], from[1:0]};
    3'd3: pair = {node, 2'd0, to[2:0], from[2:0]};
    default: pair = {node, to, from};
  endcase"
                .into(),
        )
    }
}
