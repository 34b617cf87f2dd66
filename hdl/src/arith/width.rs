use super::{signed_value, to_bits};
use rust_hdl::prelude::*;

/// `y = x`, two's complement, `M` bits widened to `N`; no clock.
#[derive(LogicBlock, Default)]
pub struct Extend<const M: usize, const N: usize> {
    pub x: Signal<In, Bits<M>>,
    pub y: Signal<Out, Bits<N>>,
}

impl<const M: usize, const N: usize> Logic for Extend<M, N> {
    fn update(&mut self) {
        self.y.next = to_bits(signed_value(self.x.val()));
    }

    fn connect(&mut self) {
        self.y.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!("always @(*) y = {{{{{}{{x[{}]}}}}, x}};", N - M, M - 1))
    }
}

/// `y = x`, two's complement, `M` bits clamped to `N`; `held` if it had to be. No clock.
#[derive(LogicBlock, Default)]
pub struct Clamp<const M: usize, const N: usize> {
    pub x: Signal<In, Bits<M>>,
    pub y: Signal<Out, Bits<N>>,
    pub held: Signal<Out, Bit>,
}

impl<const M: usize, const N: usize> Logic for Clamp<M, N> {
    fn update(&mut self) {
        let x = signed_value(self.x.val());
        let y = x.clamp(-(1 << (N - 1)), (1 << (N - 1)) - 1);
        self.y.next = to_bits(y);
        self.held.next = x != y;
    }

    fn connect(&mut self) {
        self.y.connect();
        self.held.connect();
    }

    fn hdl(&self) -> Verilog {
        // In range if the dropped bits all equal the sign that is left.
        Verilog::Custom(format!(
            "\
always @(*) begin
  held = x[{top}:{sign}] != {{{many}{{x[{top}]}}}};
  y = held ? {{x[{top}], {{{rest}{{!x[{top}]}}}}}} : x[{sign}:0];
end",
            top = M - 1,
            sign = N - 1,
            many = M - N + 1,
            rest = N - 1,
        ))
    }
}
