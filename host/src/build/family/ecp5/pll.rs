//! The PLL of the ECP5 (Lattice FPGA-TN-02200).

use fixlearn_hdl::primitive::pll::Cell;

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

    /// EHXPLLL.
    pub fn cell(self) -> Cell {
        let Self { input, feedback, output } = self;
        Cell {
            instance: format!(
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
            gate: "DCCA gate (.CLKI(fast), .CE(steady[1]), .CLKO(clock));".into(),
            hold: "clock_in",
        }
    }
}

/// Behavioural models of EHXPLLL and DCCA, for simulation: the output is the reference, locked
/// after 16 clocks.
pub const MODELS: &str = "
module EHXPLLL #(
  parameter PLLRST_ENA = \"\", INTFB_WAKE = \"\", STDBY_ENABLE = \"\", DPHASE_SOURCE = \"\",
  OUTDIVIDER_MUXA = \"\", FEEDBK_PATH = \"\", CLKI_DIV = 1, CLKFB_DIV = 1, CLKOP_ENABLE = \"\",
  CLKOP_DIV = 1, CLKOP_CPHASE = 0, CLKOP_FPHASE = 0
) (input RST, STDBY, CLKI, CLKFB, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG,
   PLLWAKESYNC, ENCLKOP, output CLKOP, output reg LOCK);
  reg [4:0] count;
  initial begin count = 0; LOCK = 0; end
  assign CLKOP = CLKI;
  always @(posedge CLKI) begin count <= count + {4'd0, !count[4]}; LOCK <= count[4]; end
endmodule
module DCCA (input CLKI, input CE, output CLKO);
  assign CLKO = CLKI & CE;
endmodule
";
