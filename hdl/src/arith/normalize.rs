use super::{to_bits, value};
use rust_hdl::prelude::*;

/// `u = 2^e * (1 + m/128)` with `m` truncated to 7 bits, registered once; `u = 0` gives zeros.
#[derive(LogicBlock, Default)]
pub struct Normalize {
    pub clock: Signal<In, Clock>,
    pub u: Signal<In, Bits<16>>,
    pub e: Signal<Out, Bits<4>>,
    pub m: Signal<Out, Bits<7>>,
}

impl Logic for Normalize {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let u = value(self.u.val());
            let e = u.checked_ilog2().unwrap_or(0);
            self.e.next = to_bits(i64::from(e));
            self.m.next = to_bits((((u << 7) >> e) & 127) as i64);
        }
    }

    fn connect(&mut self) {
        self.e.connect();
        self.m.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [15:0] n3 = |u[15:8] ? u : {u[7:0], 8'd0};
wire [15:0] n2 = |n3[15:12] ? n3 : {n3[11:0], 4'd0};
wire [15:0] n1 = |n2[15:14] ? n2 : {n2[13:0], 2'd0};
wire [15:0] n0 = n1[15] ? n1 : {n1[14:0], 1'd0};
initial begin e = 0; m = 0; end
always @(posedge clock) begin
  e <= u == 16'd0 ? 4'd0 : {|u[15:8], |n3[15:12], |n2[15:14], n1[15]};
  m <= n0[14:8];
end"
            .into(),
        )
    }
}
