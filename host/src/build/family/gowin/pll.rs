//! The rPLL of the GW1N and GW2A (Gowin UG286), within the ranges of a GW1NR-9 of speed C6/I5
//! (DS117).

use fixlearn_hdl::primitive::pll::Cell;

/// Dividers of an rPLL: `out = in / input * feedback`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GowinPll {
    pub input: u32,
    pub feedback: u32,
    pub output: u32,
    /// Of the oscillator that it is fed from, in Hz.
    pub input_hz: u32,
}

/// The output dividers that there are.
const OUTPUTS: [u32; 11] = [2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128];

impl GowinPll {
    /// The setting whose output is nearest to `wanted`, and that output, in Hz; `None` if no
    /// setting keeps the phase detector within 3..=400 MHz, the oscillator within 400..=1200 MHz
    /// and the output within 3.125..=600 MHz.
    pub fn find(input_hz: u32, wanted: u32) -> Option<(Self, u32)> {
        let mut best: Option<(Self, u32)> = None;
        for (input, feedback) in (1..=64).flat_map(|i| (1..=64).map(move |f| (i, f))) {
            let out = (u64::from(input_hz) * u64::from(feedback) / u64::from(input)) as u32;
            if !(3_000_000..=400_000_000).contains(&(input_hz / input))
                || !(3_125_000..=600_000_000).contains(&out)
                || best.is_some_and(|(_, b)| out.abs_diff(wanted) >= b.abs_diff(wanted))
            {
                continue;
            }
            let oscillator = |output: u32| u64::from(out) * u64::from(output);
            let fits = |&output: &u32| (400_000_000..=1_200_000_000).contains(&oscillator(output));
            if let Some(output) = OUTPUTS.iter().copied().find(fits) {
                best = Some((Self { input, feedback, output, input_hz }, out));
            }
        }
        best
    }

    /// rPLL, and DQCE as its gate.
    pub fn cell(self) -> Cell {
        let Self { input, feedback, output, input_hz } = self;
        Cell {
            instance: format!(
                "\
rPLL #(
  .FCLKIN(\"{mhz}\"), .IDIV_SEL({}), .FBDIV_SEL({}), .ODIV_SEL({output}), .DYN_SDIV_SEL(2),
  .DYN_IDIV_SEL(\"false\"), .DYN_FBDIV_SEL(\"false\"), .DYN_ODIV_SEL(\"false\"),
  .PSDA_SEL(\"0000\"), .DUTYDA_SEL(\"1000\"), .DYN_DA_EN(\"false\"), .CLKFB_SEL(\"internal\")
) pll (
  .CLKIN(clock_in), .CLKOUT(fast), .LOCK(locked), .CLKFB(1'b0), .RESET(1'b0), .RESET_P(1'b0),
  .FBDSEL(6'b0), .IDSEL(6'b0), .ODSEL(6'b0), .PSDA(4'b0), .DUTYDA(4'b0), .FDLY(4'b0),
  .CLKOUTP(), .CLKOUTD(), .CLKOUTD3()
);",
                input - 1,
                feedback - 1,
                mhz = f64::from(input_hz) / 1e6,
            ),
            gate: "DQCE gate (.CLKIN(fast), .CE(steady[1]), .CLKOUT(clock));".into(),
            hold: "fast",
        }
    }
}

/// Behavioural models of rPLL and DQCE, for simulation: the output is the reference, locked after
/// 16 clocks.
pub const MODELS: &str = "
module rPLL #(
  parameter FCLKIN = \"\", DYN_IDIV_SEL = \"\", DYN_FBDIV_SEL = \"\", DYN_ODIV_SEL = \"\",
  PSDA_SEL = \"\", DUTYDA_SEL = \"\", DYN_DA_EN = \"\", CLKFB_SEL = \"\", IDIV_SEL = 0,
  FBDIV_SEL = 0, ODIV_SEL = 0, DYN_SDIV_SEL = 0
) (input CLKIN, CLKFB, RESET, RESET_P, input [5:0] FBDSEL, IDSEL, ODSEL,
   input [3:0] PSDA, DUTYDA, FDLY, output CLKOUT, CLKOUTP, CLKOUTD, CLKOUTD3, output reg LOCK);
  reg [4:0] count;
  initial begin count = 0; LOCK = 0; end
  assign CLKOUT = CLKIN;
  always @(posedge CLKIN) begin count <= count + {4'd0, !count[4]}; LOCK <= count[4]; end
endmodule
module DQCE (input CLKIN, input CE, output CLKOUT);
  assign CLKOUT = CLKIN & CE;
endmodule
";
