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
