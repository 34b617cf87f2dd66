use crate::arith::value;
use rust_hdl::prelude::*;

/// The logarithm of a number from 1 to 65535 to base 2, UQ4.4; no clock.
#[derive(LogicBlock, Default)]
pub struct Logarithm {
    pub x: Signal<In, Bits<16>>,
    pub y: Signal<Out, Bits<8>>,
}

impl Logic for Logarithm {
    fn update(&mut self) {
        let x = value(self.x.val()).max(1);
        let whole = u64::from(x.ilog2());
        self.y.next = (whole << 4 | ((x << 4) >> whole & 15)).into();
    }

    fn connect(&mut self) {
        self.y.connect();
    }

    fn hdl(&self) -> Verilog {
        // Shifted left by 8, 4, 2 and 1 where that leaves the leading one inside.
        Verilog::Custom(
            "\
wire a = |x[15:8];
wire [15:0] s8 = a ? x : {x[7:0], 8'd0};
wire b = |s8[15:12];
wire [15:0] s4 = b ? s8 : {s8[11:0], 4'd0};
wire c = |s4[15:14];
wire [15:0] s2 = c ? s4 : {s4[13:0], 2'd0};
wire d = s2[15];
wire [3:0] fraction = d ? s2[14:11] : s2[13:10];
always @(*) y = {a, b, c, d, fraction} & {8{|x}};"
                .into(),
        )
    }
}

/// The score of a candidate, `(hits << weight) + count` of logarithms, UQ7.4; no clock.
#[derive(LogicBlock, Default)]
pub struct Score {
    pub hits: Signal<In, Bits<8>>,
    pub count: Signal<In, Bits<8>>,
    pub weight: Signal<In, Bits<2>>,
    pub score: Signal<Out, Bits<12>>,
}

impl Logic for Score {
    fn update(&mut self) {
        let hits = value(self.hits.val()) << value(self.weight.val());
        self.score.next = (hits + value(self.count.val())).into();
    }

    fn connect(&mut self) {
        self.score.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [11:0] wide = {4'd0, hits};
wire [11:0] once = weight[0] ? {wide[10:0], 1'd0} : wide;
wire [11:0] twice = weight[1] ? {once[9:0], 2'd0} : once;
always @(*) score = twice + {4'd0, count};"
                .into(),
        )
    }
}

/// A score in whole octaves plus 1, at most 127; no clock.
#[derive(LogicBlock, Default)]
pub struct Octaves {
    pub score: Signal<In, Bits<12>>,
    pub y: Signal<Out, Bits<8>>,
}

impl Logic for Octaves {
    fn update(&mut self) {
        self.y.next = ((value(self.score.val()) >> 4) + 1).min(127).into();
    }

    fn connect(&mut self) {
        self.y.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [8:0] more = {1'd0, score[11:4]} + 9'd1;
always @(*) y = (|more[8:7]) ? 8'd127 : more[7:0];"
                .into(),
        )
    }
}

/// The distance between two positions, each `x` over `y`: along `x` plus along `y`; no clock.
#[derive(LogicBlock, Default)]
pub struct Distance {
    pub a: Signal<In, Bits<32>>,
    pub b: Signal<In, Bits<32>>,
    pub far: Signal<Out, Bits<17>>,
}

impl Logic for Distance {
    fn update(&mut self) {
        let (a, b) = (value(self.a.val()), value(self.b.val()));
        let far = (a >> 16).abs_diff(b >> 16) + (a & 0xffff).abs_diff(b & 0xffff);
        self.far.next = far.into();
    }

    fn connect(&mut self) {
        self.far.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [16:0] x = {1'd0, a[31:16]} - {1'd0, b[31:16]};
wire [16:0] y = {1'd0, a[15:0]} - {1'd0, b[15:0]};
wire [15:0] along_x = (x[15:0] ^ {16{x[16]}}) + {15'd0, x[16]};
wire [15:0] along_y = (y[15:0] ^ {16{y[16]}}) + {15'd0, y[16]};
always @(*) far = {1'd0, along_x} + {1'd0, along_y};"
                .into(),
        )
    }
}
