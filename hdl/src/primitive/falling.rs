use rust_hdl::prelude::*;

/// What `data` was at the clock's falling edge: pins of a chip that is clocked by it.
///
/// Behavioural model: `late` changes with the falling edge.
#[derive(LogicBlock, Default)]
pub struct Falling<const W: usize> {
    pub clock: Signal<In, Clock>,
    pub data: Signal<In, Bits<W>>,
    pub late: Signal<Out, Bits<W>>,
}

impl<const W: usize> Logic for Falling<W> {
    fn update(&mut self) {
        if self.clock.neg_edge() {
            self.late.next = self.data.val();
        }
    }

    fn connect(&mut self) {
        self.late.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom("always @(negedge clock) late <= data;".into())
    }
}
