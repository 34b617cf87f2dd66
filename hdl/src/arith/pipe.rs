use rust_hdl::prelude::*;

/// A delay line: `q` is `d` as it was `N` clock edges ago, zero before that. `N >= 1`.
#[derive(LogicBlock, Default)]
pub struct Pipe<T: Synth, const N: usize> {
    pub clock: Signal<In, Clock>,
    pub d: Signal<In, T>,
    pub q: Signal<Out, T>,
    _line: Vec<T>,
}

impl<T: Synth, const N: usize> Logic for Pipe<T, N> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self._line.resize(N, T::default());
            self._line.insert(0, self.d.val());
            self._line.truncate(N);
            self.q.next = self._line[N - 1];
        }
    }

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        let width = T::BITS;
        let top = width * N - 1;
        let shift = if N == 1 {
            "d".to_string()
        } else {
            format!("{{line[{}:0], d}}", width * (N - 1) - 1)
        };
        Verilog::Custom(format!(
            "\
reg [{top}:0] line;
initial line = 0;
always @(posedge clock) line <= {shift};
always @(*) q = line[{top}:{low}];",
            low = width * (N - 1),
        ))
    }
}
