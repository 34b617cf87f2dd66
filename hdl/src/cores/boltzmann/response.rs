//! From products to a state: sum, scale, gain, tanh.

use crate::arith::{signed_value, to_bits, value};
use rust_hdl::prelude::*;

/// The sum of the lanes' products, exact: products of 16 bits, the sums of four lanes a clock
/// later, the total with those of the groups before a clock after that.
#[derive(LogicBlock)]
pub struct Sum<const L: usize> {
    pub clock: Signal<In, Clock>,
    pub product: [Signal<In, Bits<32>>; L],
    /// With the sums of four: nothing came before.
    pub first: Signal<In, Bit>,
    pub total: Signal<Out, Bits<20>>,
    _fours: i64,
    _total: i64,
}

impl<const L: usize> Default for Sum<L> {
    fn default() -> Self {
        assert!(L == 4 || L == 8, "there are 4 or 8 lanes");
        Self {
            clock: Default::default(),
            product: std::array::from_fn(|_| Default::default()),
            first: Default::default(),
            total: Default::default(),
            _fours: 0,
            _total: 0,
        }
    }
}

impl<const L: usize> Logic for Sum<L> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self._total = self._fours + if self.first.val() { 0 } else { self._total };
            self._fours = self.product.iter().map(|p| signed_value(p.val())).sum();
        }
        self.total.next = to_bits(self._total);
    }

    fn connect(&mut self) {
        self.total.connect();
    }

    fn hdl(&self) -> Verilog {
        let wide = |i: usize| format!("{{{{2{{product${i}[15]}}}}, product${i}[15:0]}}");
        let fours: String = (0..L / 4)
            .map(|four| {
                let terms = (4 * four..4 * four + 4).map(wide).collect::<Vec<_>>().join(" + ");
                format!("reg [17:0] four{four};\nalways @(posedge clock) four{four} <= {terms};\n")
            })
            .collect();
        let terms: String =
            (0..L / 4).map(|four| format!(" + {{{{2{{four{four}[17]}}}}, four{four}}}")).collect();
        Verilog::Custom(format!(
            "{fours}always @(posedge clock) total <= (first ? 20'd0 : total){terms};"
        ))
    }
}

/// `y = round(2^-scale x)`, halves up, clamped to 16 bits; registered once.
#[derive(LogicBlock, Default)]
pub struct Scale {
    pub clock: Signal<In, Clock>,
    pub x: Signal<In, Bits<20>>,
    pub scale: Signal<In, Bits<3>>,
    pub y: Signal<Out, Bits<16>>,
}

impl Logic for Scale {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let rounded = (((2 * signed_value(self.x.val())) >> value(self.scale.val())) + 1) >> 1;
            self.y.next = to_bits(rounded.clamp(-0x8000, 0x7fff));
        }
    }

    fn connect(&mut self) {
        self.y.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [20:0] twice = {x, 1'b0};
wire [20:0] halves = $signed(twice) >>> scale;
wire [21:0] rounded = {halves[20], halves} + 22'd1;
wire held = rounded[21:16] != {6{rounded[21]}};
always @(posedge clock)
  y <= held ? {rounded[21], {15{!rounded[21]}}} : rounded[16:1];"
                .into(),
        )
    }
}

/// tanh's argument: `x = clamp((p + 2^11) >> 12)`, sign and magnitude of 8 bits; registered once.
#[derive(LogicBlock, Default)]
pub struct Argument {
    pub clock: Signal<In, Clock>,
    pub p: Signal<In, Bits<32>>,
    pub negative: Signal<Out, Bit>,
    pub size: Signal<Out, Bits<8>>,
}

impl Logic for Argument {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let x = ((signed_value(self.p.val()) + (1 << 11)) >> 12).clamp(-255, 255);
            self.negative.next = x < 0;
            self.size.next = to_bits(x.abs());
        }
    }

    fn connect(&mut self) {
        self.negative.connect();
        self.size.connect();
    }

    fn hdl(&self) -> Verilog {
        // -256 is clamped with those that have more bits.
        Verilog::Custom(
            "\
wire [20:0] halves = p[31:11];
wire [20:0] rounded = halves + 21'd1;
wire [19:0] x = rounded[20:1];
wire held = x[19:8] != {12{x[19]}} || x == 20'hfff00;
always @(posedge clock) begin
  negative <= x[19];
  size <= held ? 8'd255 : x[19] ? 8'd0 - x[7:0] : x[7:0];
end"
            .into(),
        )
    }
}

/// tanh by a table of its magnitude in block RAM; registered once.
#[derive(LogicBlock, Default)]
pub struct Tanh {
    pub clock: Signal<In, Clock>,
    pub negative: Signal<In, Bit>,
    pub size: Signal<In, Bits<8>>,
    pub y: Signal<Out, Bits<8>>,
}

/// tanh of an argument in steps of `2^-6`, to nearest in `2^-7`, at most 127.
fn tanh(size: u64) -> i64 {
    ((size as f64 / 64.0).tanh() * 128.0).round().min(127.0) as i64
}

impl Logic for Tanh {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let size = tanh(value(self.size.val()));
            self.y.next = to_bits(if self.negative.val() { -size } else { size });
        }
    }

    fn connect(&mut self) {
        self.y.connect();
    }

    fn hdl(&self) -> Verilog {
        let words: String = (0..256).map(|i| format!("  sizes[{i}] = 8'd{};\n", tanh(i))).collect();
        Verilog::Custom(format!(
            "\
(* ram_style = \"block\" *) reg [7:0] sizes[255:0];
initial begin
{words}end
reg minus;
reg [7:0] found;
always @(posedge clock) begin
  minus <= negative;
  found <= sizes[size];
end
always @(*) y = minus ? 8'd0 - found : found;"
        ))
    }
}

/// Whether a state is on its target's side of 0 by the margin; registered once.
#[derive(LogicBlock, Default)]
pub struct Reached {
    pub clock: Signal<In, Clock>,
    pub state: Signal<In, Bits<8>>,
    /// The target is negative.
    pub negative: Signal<In, Bit>,
    pub margin: Signal<In, Bits<7>>,
    pub reached: Signal<Out, Bit>,
    _towards: i64,
}

impl Logic for Reached {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let state = signed_value(self.state.val());
            self._towards = if self.negative.val() { -state } else { state };
        }
        self.reached.next = self._towards >= value(self.margin.val()) as i64;
    }

    fn connect(&mut self) {
        self.reached.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
reg [7:0] towards;
always @(posedge clock) towards <= negative ? 8'd0 - state : state;
always @(*) reached = !towards[7] && towards[6:0] >= margin;"
                .into(),
        )
    }
}

/// The next gain of the ladder, from its product with the ratio: `min((p + 2^12) >> 13, most)`; no
/// clock.
#[derive(LogicBlock, Default)]
pub struct Ladder {
    pub p: Signal<In, Bits<32>>,
    pub most: Signal<In, Bits<15>>,
    pub gain: Signal<Out, Bits<15>>,
}

impl Logic for Ladder {
    fn update(&mut self) {
        let next = (value(self.p.val()) + (1 << 12)) >> 13;
        self.gain.next = next.min(value(self.most.val())).into();
    }

    fn connect(&mut self) {
        self.gain.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [17:0] halves = p[29:12];
wire [17:0] rounded = halves + 18'd1;
always @(*) gain = rounded[17:1] > {2'd0, most} ? most : rounded[15:1];"
                .into(),
        )
    }
}
