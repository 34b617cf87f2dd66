//! How a weight changes at an epoch's end.

use crate::arith::{signed_value, to_bits, value};
use rust_hdl::prelude::*;

/// `step = round(2^-rate d)`, halves up, `2^-16` of a level for a difference in `2^-14`; registered
/// once.
#[derive(LogicBlock, Default)]
pub struct Step {
    pub clock: Signal<In, Clock>,
    pub d: Signal<In, Bits<32>>,
    pub rate: Signal<In, Bits<5>>,
    pub step: Signal<Out, Bits<35>>,
}

impl Logic for Step {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let halves = (signed_value(self.d.val()) << 3) >> value(self.rate.val());
            self.step.next = to_bits((halves + 1) >> 1);
        }
    }

    fn connect(&mut self) {
        self.step.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [34:0] wide = {d, 3'd0};
wire [34:0] halves = $signed(wide) >>> rate;
wire [35:0] rounded = {halves[34], halves} + 36'd1;
always @(posedge clock) step <= rounded[35:1];"
                .into(),
        )
    }
}

/// The weight after a step, or one that is drawn: level and residue, clamped to the largest level;
/// registered twice.
#[derive(LogicBlock, Default)]
pub struct Move {
    pub clock: Signal<In, Clock>,
    pub level: Signal<In, Bits<8>>,
    pub residue: Signal<In, Bits<16>>,
    pub step: Signal<In, Bits<35>>,
    /// Instead: the noise times `2^spread`.
    pub draw: Signal<In, Bit>,
    pub noise: Signal<In, Bits<16>>,
    pub spread: Signal<In, Bits<4>>,
    pub half: Signal<In, Bits<7>>,
    pub next_level: Signal<Out, Bits<8>>,
    pub next_residue: Signal<Out, Bits<16>>,
    _weight: i64,
}

impl Logic for Move {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let most = (value(self.half.val()) as i64) << 16;
            let weight = self._weight.clamp(-most, most);
            self.next_level.next = to_bits((weight + (1 << 15)) >> 16);
            self.next_residue.next = to_bits(weight);
            self._weight = if self.draw.val() {
                signed_value(self.noise.val()) << value(self.spread.val())
            } else {
                (signed_value(self.level.val()) << 16)
                    + signed_value(self.residue.val())
                    + signed_value(self.step.val())
            };
        }
    }

    fn connect(&mut self) {
        self.next_level.connect();
        self.next_residue.connect();
    }

    fn hdl(&self) -> Verilog {
        // A level is the nearest: that of the residue's sign bit is one more. The largest levels
        // leave no residue, so that the upper halves decide.
        Verilog::Custom(
            "\
wire [8:0] upper = {level[7], level} - {8'd0, residue[15]};
wire [35:0] now = {{11{upper[8]}}, upper, residue};
wire [35:0] wide = {{20{noise[15]}}, noise};
reg [35:0] weight;
wire [19:0] most = {13'd0, half};
wire [19:0] least = 20'd0 - most;
wire above = $signed(weight[35:16]) >= $signed(most);
wire below = $signed(weight[35:16]) < $signed(least);
reg [23:0] next;
always @(posedge clock) begin
  weight <= draw ? wide << spread : now + {step[34], step};
  next <= above ? {most[7:0], 16'd0} : below ? {least[7:0], 16'd0} : weight[23:0];
end
always @(*) begin
  next_level = next[23:16] + {7'd0, next[15]};
  next_residue = next[15:0];
end"
            .into(),
        )
    }
}

/// A weight that competes for the next move: whether it can, and with what; registered twice, and
/// the level after its move with them.
///
/// ```text
/// clock  1                  2            3
///        difference, level  size, noise  score, next_level
/// ```
#[derive(LogicBlock, Default)]
pub struct Candidate {
    pub clock: Signal<In, Clock>,
    pub difference: Signal<In, Bits<32>>,
    pub level: Signal<In, Bits<8>>,
    pub half: Signal<In, Bits<7>>,
    pub band: Signal<In, Bits<31>>,
    pub chance: Signal<In, Bits<5>>,
    /// A clock after the difference.
    pub noise: Signal<In, Bits<32>>,
    pub can: Signal<Out, Bit>,
    pub score: Signal<Out, Bits<33>>,
    pub next_level: Signal<Out, Bits<8>>,
    _size: u64,
    _able: bool,
    _next: i64,
}

impl Logic for Candidate {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let share = (self._size >> value(self.chance.val())) & value(self.noise.val());
            self.can.next = self._able;
            self.score.next = (self._size + share).into();
            self.next_level.next = to_bits(self._next);
            let (difference, level) =
                (signed_value(self.difference.val()), signed_value(self.level.val()));
            let half = value(self.half.val()) as i64;
            self._size = difference.unsigned_abs();
            let room = if difference > 0 { level < half } else { level > -half };
            self._able = room && self._size > value(self.band.val());
            self._next = level + difference.signum();
        }
    }

    fn connect(&mut self) {
        self.can.connect();
        self.score.connect();
        self.next_level.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [31:0] magnitude = difference[31] ? 32'd0 - difference : difference;
wire [8:0] toward = {level[7], level};
wire [8:0] bound = {2'd0, half};
wire room = difference[31] ? $signed(toward) > $signed(9'd0 - bound) :
  $signed(toward) < $signed(bound);
reg [31:0] size;
reg able;
reg [7:0] later;
wire [31:0] part = size >> chance;
wire [31:0] share = part & noise;
always @(posedge clock) begin
  size <= magnitude;
  able <= room && magnitude > {1'b0, band};
  later <= difference[31] ? level - 8'd1 : level + 8'd1;
  can <= able;
  score <= {1'b0, size} + {1'b0, share};
  next_level <= later;
end"
            .into(),
        )
    }
}
