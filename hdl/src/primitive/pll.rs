//! PLLs: the settings that make one clock from another, and the cells (Lattice FPGA-TN-02052 for
//! iCE40, FPGA-TN-02200 for ECP5).

use rust_hdl::prelude::*;

/// How a board's oscillator becomes the design's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocking {
    /// As it comes.
    Direct,
    /// SB_PLL40_PAD, whose reference is the PLL's own pin, or SB_PLL40_CORE.
    Ice40 { pad: bool, setting: Ice40Pll },
    /// EHXPLLL.
    Ecp5(Ecp5Pll),
}

/// Dividers of an SB_PLL40: `out = in / (divr + 1) * (divf + 1) / 2^divq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ice40Pll {
    pub divr: u32,
    pub divf: u32,
    pub divq: u32,
    /// Range of the loop filter, by the phase detector's frequency.
    pub filter: u32,
}

impl Ice40Pll {
    /// The setting whose output is nearest to `wanted`, and that output, in Hz; `None` if no
    /// setting keeps the phase detector within 10..=133 MHz, the oscillator within 533..=1066 MHz
    /// and the output within 16..=275 MHz.
    pub fn find(input: u32, wanted: u32) -> Option<(Self, u32)> {
        let mut best: Option<(Self, u32)> = None;
        for divr in 0..16 {
            let detector = u64::from(input) / (u64::from(divr) + 1);
            if !(10_000_000..=133_000_000).contains(&detector) {
                continue;
            }
            for (divf, divq) in (0..128).flat_map(|f| (1..=6).map(move |q| (f, q))) {
                let oscillator = u64::from(input) * (divf + 1) / (u64::from(divr) + 1);
                let out = (oscillator >> divq) as u32;
                if !(533_000_000..=1_066_000_000).contains(&oscillator)
                    || !(16_000_000..=275_000_000).contains(&out)
                {
                    continue;
                }
                if best.is_none_or(|(_, b)| out.abs_diff(wanted) < b.abs_diff(wanted)) {
                    let filter = match detector / 1_000_000 {
                        0..17 => 1,
                        17..26 => 2,
                        26..44 => 3,
                        44..66 => 4,
                        66..101 => 5,
                        _ => 6,
                    };
                    best = Some((Self { divr, divf: divf as u32, divq, filter }, out));
                }
            }
        }
        best
    }
}

/// Dividers of an EHXPLLL fed back from CLKOP: `out = in / input * feedback`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ecp5Pll {
    pub input: u32,
    pub feedback: u32,
    pub output: u32,
}

impl Ecp5Pll {
    /// The setting whose output is nearest to `wanted`, and that output, in Hz; `None` if no
    /// setting keeps the phase detector at 3.125 MHz or above, and the oscillator within
    /// 400..=800 MHz.
    pub fn find(input_hz: u32, wanted: u32) -> Option<(Self, u32)> {
        let mut best: Option<(Self, u32)> = None;
        for (input, feedback) in (1..=128).flat_map(|i| (1..=80).map(move |f| (i, f))) {
            if input_hz / input < 3_125_000 {
                continue;
            }
            let out = (u64::from(input_hz) * u64::from(feedback) / u64::from(input)) as u32;
            if out == 0 || best.is_some_and(|(_, b)| out.abs_diff(wanted) >= b.abs_diff(wanted)) {
                continue;
            }
            // The oscillator near the middle of its range.
            let output = (600_000_000 + out / 2) / out;
            let oscillator = u64::from(out) * u64::from(output);
            if (1..=128).contains(&output) && (400_000_000..=800_000_000).contains(&oscillator) {
                best = Some((Self { input, feedback, output }, out));
            }
        }
        best
    }
}

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
        let (cell, gate) = match self._clocking {
            Clocking::Direct => {
                return Verilog::Wrapper(Wrapper {
                    code: "assign clock = clock_in;".into(),
                    cores: String::new(),
                })
            }
            Clocking::Ice40 { pad, setting } => {
                let (cell, reference) =
                    if pad { ("PAD", "PACKAGEPIN") } else { ("CORE", "REFERENCECLK") };
                let Ice40Pll { divr, divf, divq, filter } = setting;
                (
                    format!(
                        "\
SB_PLL40_{cell} #(
  .FEEDBACK_PATH(\"SIMPLE\"), .DIVR(4'd{divr}), .DIVF(7'd{divf}), .DIVQ(3'd{divq}),
  .FILTER_RANGE(3'd{filter})
) pll (
  .{reference}(clock_in), .PLLOUTGLOBAL(fast), .LOCK(locked), .RESETB(1'b1), .BYPASS(1'b0)
);"
                    ),
                    "assign clock = fast & steady[1];".to_string(),
                )
            }
            Clocking::Ecp5(Ecp5Pll { input, feedback, output }) => (
                format!(
                    "\
(* ICP_CURRENT=\"12\" *) (* LPF_RESISTOR=\"8\" *) (* MFG_ENABLE_FILTEROPAMP=\"1\" *)
(* MFG_GMCREF_SEL=\"2\" *)
EHXPLLL #(
  .PLLRST_ENA(\"DISABLED\"), .INTFB_WAKE(\"DISABLED\"), .STDBY_ENABLE(\"DISABLED\"),
  .DPHASE_SOURCE(\"DISABLED\"), .OUTDIVIDER_MUXA(\"DIVA\"), .FEEDBK_PATH(\"CLKOP\"),
  .CLKI_DIV({input}), .CLKFB_DIV({feedback}), .CLKOP_ENABLE(\"ENABLED\"), .CLKOP_DIV({output}),
  .CLKOP_CPHASE({phase}), .CLKOP_FPHASE(0)
) pll (
  .RST(1'b0), .STDBY(1'b0), .CLKI(clock_in), .CLKOP(fast), .CLKFB(fast), .PHASESEL0(1'b0),
  .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0),
  .ENCLKOP(1'b0), .LOCK(locked)
);",
                    phase = output - 1
                ),
                "DCCA gate (.CLKI(fast), .CE(steady[1]), .CLKO(clock));".to_string(),
            ),
        };
        Verilog::Wrapper(Wrapper {
            code: format!(
                "\
wire fast, locked;
{cell}
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

/// Behavioural models of the cells, for simulation.
pub const MODELS: &str = "
module SB_PLL40_PAD #(
  parameter FEEDBACK_PATH = \"SIMPLE\", DIVR = 0, DIVF = 0, DIVQ = 0, FILTER_RANGE = 0
) (input PACKAGEPIN, output PLLOUTGLOBAL, output reg LOCK, input RESETB, input BYPASS);
  reg [4:0] count;
  initial begin count = 0; LOCK = 0; end
  assign PLLOUTGLOBAL = PACKAGEPIN;
  always @(posedge PACKAGEPIN) begin count <= count + {4'd0, !count[4]}; LOCK <= count[4]; end
endmodule
module SB_PLL40_CORE #(
  parameter FEEDBACK_PATH = \"SIMPLE\", DIVR = 0, DIVF = 0, DIVQ = 0, FILTER_RANGE = 0
) (input REFERENCECLK, output PLLOUTGLOBAL, output LOCK, input RESETB, input BYPASS);
  SB_PLL40_PAD pad (.PACKAGEPIN(REFERENCECLK), .PLLOUTGLOBAL(PLLOUTGLOBAL), .LOCK(LOCK),
    .RESETB(RESETB), .BYPASS(BYPASS));
endmodule
module EHXPLLL #(
  parameter PLLRST_ENA = \"\", INTFB_WAKE = \"\", STDBY_ENABLE = \"\", DPHASE_SOURCE = \"\",
  OUTDIVIDER_MUXA = \"\", FEEDBK_PATH = \"\", CLKI_DIV = 1, CLKFB_DIV = 1, CLKOP_ENABLE = \"\",
  CLKOP_DIV = 1, CLKOP_CPHASE = 0, CLKOP_FPHASE = 0
) (input RST, STDBY, CLKI, CLKFB, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG,
   PLLWAKESYNC, ENCLKOP, output CLKOP, output LOCK);
  SB_PLL40_PAD pad (.PACKAGEPIN(CLKI), .PLLOUTGLOBAL(CLKOP), .LOCK(LOCK), .RESETB(1'b1),
    .BYPASS(1'b0));
endmodule
module DCCA (input CLKI, input CE, output CLKO);
  assign CLKO = CLKI & CE;
endmodule
";

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
