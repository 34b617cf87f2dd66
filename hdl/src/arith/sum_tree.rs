use super::{to_bits, value};
use rust_hdl::prelude::*;

/// The sum of `L` unsigned 16-bit terms (`1 <= L <= 16`), exact in 20 bits, 2 clocks later.
///
/// Groups of four are summed and registered, then the groups: the same latency at every width.
#[derive(LogicBlock)]
pub struct SumTree<const L: usize> {
    pub clock: Signal<In, Clock>,
    pub term: [Signal<In, Bits<16>>; L],
    pub sum: Signal<Out, Bits<20>>,
    _partial: u64,
}

impl<const L: usize> Default for SumTree<L> {
    fn default() -> Self {
        assert!((1..=16).contains(&L), "a sum tree has 1 to 16 terms");
        Self {
            clock: Default::default(),
            term: std::array::from_fn(|_| Default::default()),
            sum: Default::default(),
            _partial: 0,
        }
    }
}

impl<const L: usize> Logic for SumTree<L> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.sum.next = to_bits(self._partial as i64);
            self._partial = self.term.iter().map(|t| value(t.val())).sum();
        }
    }

    fn connect(&mut self) {
        self.sum.connect();
    }

    fn hdl(&self) -> Verilog {
        let groups = L.div_ceil(4);
        let mut text = String::new();
        for g in 0..groups {
            let terms: Vec<_> =
                (4 * g..(4 * g + 4).min(L)).map(|i| format!("{{2'd0, term${i}}}")).collect();
            text += &format!(
                "reg [17:0] group{g};\ninitial group{g} = 0;\n\
                 always @(posedge clock) group{g} <= {};\n",
                terms.join(" + ")
            );
        }
        let sums: Vec<_> = (0..groups).map(|g| format!("{{2'd0, group{g}}}")).collect();
        text += &format!("initial sum = 0;\nalways @(posedge clock) sum <= {};", sums.join(" + "));
        Verilog::Custom(text)
    }
}
