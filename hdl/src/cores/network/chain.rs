use crate::arith::to_bits;
use rust_hdl::prelude::*;

/// The lanes' sums one after the other: with `load` all are taken, and from the next clock on `sum`
/// is one a clock, the first lane's first.
#[derive(LogicBlock)]
pub struct Chain<const Q: usize> {
    pub clock: Signal<In, Clock>,
    pub sums: [Signal<In, Bits<108>>; Q],
    pub load: Signal<In, Bit>,
    pub sum: Signal<Out, Bits<27>>,
    _held: Vec<i64>,
}

impl<const Q: usize> Default for Chain<Q> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            sums: std::array::from_fn(|_| Default::default()),
            load: Default::default(),
            sum: Default::default(),
            _held: vec![0; 4 * Q],
        }
    }
}

impl<const Q: usize> Logic for Chain<Q> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self._held.rotate_left(1);
            if self.load.val() {
                for (i, held) in self._held.iter_mut().enumerate() {
                    let sum = self.sums[i / 4].val().get_bits::<27>(27 * (i % 4));
                    *held = crate::arith::signed_value(sum);
                }
            }
        }
        self.sum.next = to_bits(self._held[0]);
    }

    fn connect(&mut self) {
        self.sum.connect();
    }

    fn hdl(&self) -> Verilog {
        let top = 108 * Q - 1;
        let all: Vec<String> = (0..Q).rev().map(|quad| format!("sums${quad}")).collect();
        Verilog::Custom(format!(
            "\
reg [{top}:0] held;
always @(posedge clock) held <= load ? {{{all}}} : {{27'd0, held[{top}:27]}};
always @(*) sum = held[26:0];",
            all = all.join(", "),
        ))
    }
}
