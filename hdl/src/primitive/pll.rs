//! A PLL between a board's oscillator and the design: whatever the family, it has a gate behind it.

use rust_hdl::prelude::*;

/// How a board's oscillator becomes the design's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clocking {
    /// As it comes.
    Direct,
    Pll(Cell),
}

/// A family's PLL in Verilog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// From the wire `clock_in` to the wire `fast`; the wire `locked` says when it is steady.
    pub instance: String,
    /// From `fast` to `clock`, as long as `steady[1]` is high.
    pub gate: String,
}

/// `clock_in` to `clock`, which stands still until the PLL has locked and then begins with a
/// whole period.
///
/// `update`'s model: the output is the reference, as if the board's oscillator ran at the design's
/// frequency.
#[derive(LogicBlock)]
pub struct Pll {
    pub clock_in: Signal<In, Clock>,
    pub clock: Signal<Out, Clock>,
    _clocking: Clocking,
}

impl Pll {
    pub fn new(clocking: Clocking) -> Self {
        Self { clock_in: Default::default(), clock: Default::default(), _clocking: clocking }
    }
}

impl Logic for Pll {
    fn update(&mut self) {
        self.clock.next = self.clock_in.val();
    }

    fn connect(&mut self) {
        self.clock.connect();
    }

    fn hdl(&self) -> Verilog {
        let Clocking::Pll(Cell { instance, gate }) = &self._clocking else {
            return Verilog::Wrapper(Wrapper {
                code: "assign clock = clock_in;".into(),
                cores: String::new(),
            });
        };
        Verilog::Wrapper(Wrapper {
            code: format!(
                "\
wire fast, locked;
{instance}
// While the clock is low: no runt.
reg [1:0] steady;
initial steady = 0;
always @(negedge fast) steady <= {{steady[0], locked}};
{gate}"
            ),
            cores: String::new(),
        })
    }
}
