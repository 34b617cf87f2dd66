//! PLLs: the settings that make one clock from another, and the cells, a file for each family.

mod ecp5;
mod ice40;

pub use ecp5::Ecp5Pll;
pub use ice40::Ice40Pll;

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

/// Behavioural models of every family's cells, for simulation.
pub const MODELS: &[&str] = &[ice40::MODELS, ecp5::MODELS];

/// `clock_in` to `clock`, which stands still until the PLL has locked and then begins with a
/// whole period.
///
/// Behavioural model ([`MODELS`], and `update` here): the output is the reference, as if the
/// board's oscillator ran at the design's frequency.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_settings() {
        // As icepll answers for 12 to 48 MHz.
        let (ice, hz) = Ice40Pll::find(12_000_000, 48_000_000).expect("a setting");
        assert_eq!((ice, hz), (Ice40Pll { divr: 0, divf: 63, divq: 4, filter: 1 }, 48_000_000));
        for (input, wanted) in [(25_000_000, 80_000_000), (48_000_000, 80_000_000)] {
            let (ecp5, hz) = Ecp5Pll::find(input, wanted).expect("a setting");
            assert_eq!(hz, wanted);
            assert_eq!(u64::from(input / ecp5.input) * u64::from(ecp5.feedback), u64::from(hz));
        }
    }

    #[test]
    fn nothing_where_nothing_is() {
        assert_eq!(Ice40Pll::find(5_000_000, 48_000_000), None, "below the phase detector's range");
        assert_eq!(Ecp5Pll::find(1_000_000, 48_000_000), None);
    }
}
