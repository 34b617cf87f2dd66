use rust_hdl::prelude::*;
use std::collections::VecDeque;

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
        shift_register(T::BITS, N)
    }
}

/// The Verilog of a delay line of `n >= 1` words of `width` bits from `d` to `q`.
fn shift_register(width: usize, n: usize) -> Verilog {
    let top = width * n - 1;
    let low = width * (n - 1);
    let shift = match n {
        1 => "d".to_string(),
        _ => format!("{{line[{}:0], d}}", low - 1),
    };
    Verilog::Custom(format!(
        "\
reg [{top}:0] line;
initial line = 0;
always @(posedge clock) line <= {shift};
always @(*) q = line[{top}:{low}];"
    ))
}

/// A [`Pipe`] whose length is worked out from a design's sizes. `N >= 1`.
#[derive(LogicBlock, Default)]
pub struct Later<T: Synth> {
    pub clock: Signal<In, Clock>,
    pub d: Signal<In, T>,
    pub q: Signal<Out, T>,
    _line: VecDeque<T>,
}

impl<T: Synth> Later<T> {
    /// Of so many clocks.
    pub fn new(clocks: usize) -> Self {
        assert!(clocks > 0, "a delay line has a length");
        Self { _line: vec![T::default(); clocks].into(), ..Default::default() }
    }
}

impl<T: Synth> Logic for Later<T> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self._line.push_front(self.d.val());
            self.q.next = self._line.pop_back().unwrap_or_default();
        }
    }

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        shift_register(T::BITS, self._line.len())
    }
}

/// A [`Pipe`] in block RAM: for words so wide that flip-flops cost more. `N` is 3 to 9; what comes
/// out in the first 16 clocks after power-up is not defined.
#[derive(LogicBlock, Default)]
pub struct Delay<T: Synth, const N: usize> {
    pub clock: Signal<In, Clock>,
    pub d: Signal<In, T>,
    pub q: Signal<Out, T>,
    _line: Vec<T>,
}

impl<T: Synth, const N: usize> Logic for Delay<T, N> {
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
        assert!((3..=9).contains(&N), "a delay in memory takes 3 to 9 clocks");
        // Written one clock after `place`, read `N - 1` clocks after it was written.
        Verilog::Custom(format!(
            "\
(* ram_style = \"block\" *)
reg [{top}:0] mem[15:0];
reg [3:0] place;
wire [3:0] source = place - 4'd{behind};
initial place = 0;
always @(posedge clock) begin
  place <= place + 4'd1;
  mem[place] <= d;
  q <= mem[source];
end",
            top = T::BITS - 1,
            behind = N - 1,
        ))
    }
}
