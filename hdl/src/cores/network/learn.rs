//! What the last layer learns with: a step, a weight that moves by it, and where that stands.

use crate::arith::{to_bits, value};
use rust_hdl::prelude::*;

/// An activation as a step of a weight, in its levels: `x / 2^rate`, rounded; registered once.
#[derive(LogicBlock, Default)]
pub struct Step {
    pub clock: Signal<In, Clock>,
    pub x: Signal<In, Bits<8>>,
    pub rate: Signal<In, Bits<4>>,
    /// Truncate, nearest, stochastic.
    pub rounding: Signal<In, Bits<2>>,
    pub noise: Signal<In, Bits<15>>,
    pub step: Signal<Out, Bits<8>>,
}

impl Logic for Step {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let rate = value(self.rate.val());
            let dither = match value(self.rounding.val()) {
                1 => (1 << rate) >> 1,
                2 => value(self.noise.val()) & ((1 << rate) - 1),
                _ => 0,
            };
            self.step.next = ((value(self.x.val()) + dither) >> rate).into();
        }
    }

    fn connect(&mut self) {
        self.step.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [15:0] one = 16'd1 << rate;
wire [14:0] below = one[14:0] - 15'd1;
wire [14:0] dither = rounding == 2'd1 ? one[15:1] :
  rounding == 2'd2 ? noise & below : 15'd0;
wire [15:0] sum = {8'd0, x} + {1'b0, dither};
wire [15:0] shifted = sum >> rate;
always @(posedge clock) step <= shifted[7:0];"
                .into(),
        )
    }
}

/// A word of four lanes of which one weight has moved by a step; registered once.
///
/// A weight of 1 bit has the levels 0 and 1; what leaves the range of its place is clamped.
#[derive(LogicBlock, Default)]
pub struct Move {
    pub clock: Signal<In, Clock>,
    pub word: Signal<In, Bits<32>>,
    /// The weights of all four lanes, a signed byte each.
    pub weights: Signal<In, Bits<32>>,
    /// Which of the lanes, and which of the lane's weights.
    pub lane: Signal<In, Bits<2>>,
    pub which: Signal<In, Bits<3>>,
    /// The logarithm of the bits of a weight's place.
    pub place: Signal<In, Bits<2>>,
    pub step: Signal<In, Bits<8>>,
    /// It falls, and does not rise.
    pub down: Signal<In, Bit>,
    pub moved: Signal<Out, Bits<32>>,
    pub clamped: Signal<Out, Bit>,
}

impl Logic for Move {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let bits = 1 << value(self.place.val());
            let low = 8 * value(self.lane.val()) + value(self.which.val()) * bits % 8;
            let word = value(self.word.val());
            let mask = (1 << bits) - 1;
            let weight = (value(self.weights.val()) >> (8 * value(self.lane.val()))) as u8 as i8;
            let (level, least, most) = match bits {
                1 => (i64::from(weight > 0), 0, 1),
                _ => (weight.into(), -(1 << (bits - 1)), (1 << (bits - 1)) - 1),
            };
            let step = value(self.step.val()) as i64;
            let wanted = if self.down.val() { level - step } else { level + step };
            let held = wanted.clamp(least, most);
            let code = held as u64 & mask;
            self.moved.next = to_bits((word & !(mask << low) | code << low) as i64);
            self.clamped.next = held != wanted;
        }
    }

    fn connect(&mut self) {
        self.moved.connect();
        self.clamped.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [2:0] by = place == 2'd0 ? which : place == 2'd1 ? {which[1:0], 1'b0} :
  place == 2'd2 ? {which[0], 2'd0} : 3'd0;
wire [7:0] held = word[{lane, 3'd0} +: 8];
wire [7:0] weight = weights[{lane, 3'd0} +: 8];
wire [9:0] level = place == 2'd0 ? {9'd0, !weight[7]} : {{2{weight[7]}}, weight};
wire [9:0] wanted = down ? level - {2'd0, step} : level + {2'd0, step};
wire [6:0] high = place == 2'd0 ? 7'd1 : place == 2'd1 ? 7'd1 : place == 2'd2 ? 7'd7 : 7'd127;
wire [9:0] least = place == 2'd0 ? 10'd0 : ~{3'd0, high};
wire over = !wanted[9] && wanted > {3'd0, high};
wire under = wanted[9] && (place == 2'd0 || wanted < least);
wire [7:0] next = over ? {1'b0, high} : under ? least[7:0] : wanted[7:0];
wire [7:0] mask = place == 2'd0 ? 8'h01 : place == 2'd1 ? 8'h03 : place == 2'd2 ? 8'h0f : 8'hff;
wire [7:0] kept = held & ~(mask << by);
wire [7:0] changed = kept | ((next & mask) << by);
always @(posedge clock) begin
  moved <= word;
  case (lane)
    2'd0: moved[7:0] <= changed;
    2'd1: moved[15:8] <= changed;
    2'd2: moved[23:16] <= changed;
    default: moved[31:24] <= changed;
  endcase
  clamped <= over || under;
end"
            .into(),
        )
    }
}

/// The word of an output's weight for an input, in a layer whose weights begin with the word
/// `base`: `base + group * words of a group + input / weights in a place`. The product, of logic
/// and no multiplier, is registered, and the sum after it.
#[derive(LogicBlock, Default)]
pub struct Row {
    pub clock: Signal<In, Clock>,
    pub base: Signal<In, Bits<14>>,
    /// The output over the lanes.
    pub group: Signal<In, Bits<5>>,
    /// The layer's inputs less 1.
    pub channel_last: Signal<In, Bits<11>>,
    pub number: Signal<In, Bits<11>>,
    /// The logarithm of the bits of a weight's place.
    pub place: Signal<In, Bits<2>>,
    pub word: Signal<Out, Bits<14>>,
    _skipped: u64,
}

impl Logic for Row {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let each = 3 - value(self.place.val());
            let words = (value(self.channel_last.val()) >> each) + 1;
            let word = value(self.base.val()) + self._skipped + (value(self.number.val()) >> each);
            self.word.next = (word & 0x3fff).into();
            self._skipped = value(self.group.val()) * words;
        }
    }

    fn connect(&mut self) {
        self.word.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [11:0] words = {1'b0, channel_last >> ~place} + 12'd1;
reg [13:0] skipped;
always @(posedge clock) begin
  skipped <= (group[0] ? {2'd0, words} : 14'd0) + (group[1] ? {1'd0, words, 1'd0} : 14'd0) +
    (group[2] ? {words, 2'd0} : 14'd0) + (group[3] ? {words[10:0], 3'd0} : 14'd0) +
    (group[4] ? {words[9:0], 4'd0} : 14'd0);
  word <= base + skipped + {3'd0, number >> ~place};
end"
            .into(),
        )
    }
}
