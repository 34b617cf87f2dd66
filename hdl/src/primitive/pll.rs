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
    /// The clock that the wait after the lock is counted by: `fast`, or `clock_in` where more than
    /// a few flip-flops make the tools move `fast` to a net from which the gate cannot be reached.
    pub hold: &'static str,
}

/// The clock of a design begins so long after the PLL has locked, in nanoseconds: block RAMs of an
/// iCE40 answer 0 for some microseconds after configuration (YosysHQ/icestorm issue 76), and some
/// designs needed more than the lock (cliffordwolf/icotools issue 2).
pub const HOLD_NS: u64 = 10_000;

/// No board's oscillator is faster, in Hz.
const OSCILLATOR_HZ: u32 = 48_000_000;

/// The least power of two of clocks at `hz` that last [`HOLD_NS`], as its exponent.
///
/// ```
/// # use fixlearn_hdl::primitive::pll::hold_log2;
/// assert_eq!([24_000_000, 80_000_000].map(hold_log2), [8, 10]);
/// ```
pub fn hold_log2(hz: u32) -> u32 {
    (u64::from(hz) * HOLD_NS).div_ceil(1_000_000_000).next_power_of_two().max(2).ilog2()
}

/// `clock_in` to `clock`, which stands still until [`HOLD_NS`] after the PLL has locked and then
/// begins with a whole period.
///
/// `update`'s model: the output is the reference, as if the board's oscillator ran at the design's
/// frequency.
#[derive(LogicBlock)]
pub struct Pll {
    pub clock_in: Signal<In, Clock>,
    pub clock: Signal<Out, Clock>,
    _clocking: Clocking,
    _hold_log2: u32,
}

impl Pll {
    /// `hz` is the design's clock.
    pub fn new(clocking: Clocking, hz: u32) -> Self {
        Self {
            clock_in: Default::default(),
            clock: Default::default(),
            _clocking: clocking,
            _hold_log2: hold_log2(hz.max(OSCILLATOR_HZ)),
        }
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
        let Clocking::Pll(Cell { instance, gate, hold }) = &self._clocking else {
            return Verilog::Wrapper(Wrapper {
                code: "assign clock = clock_in;".into(),
                cores: String::new(),
            });
        };
        let top = self._hold_log2;
        Verilog::Wrapper(Wrapper {
            code: format!(
                "\
wire fast, locked;
{instance}
// While the clock is low: no runt.
reg [1:0] seen, steady;
reg [{top}:0] held;
initial begin seen = 0; steady = 0; held = 0; end
always @(negedge {hold}) begin
  seen <= {{seen[0], locked}};
  held <= seen[1] ? held + {{{top}'d0, ~held[{top}]}} : {top}'d0;
end
always @(negedge fast) steady <= {{steady[0], held[{top}]}};
{gate}"
            ),
            cores: String::new(),
        })
    }
}
