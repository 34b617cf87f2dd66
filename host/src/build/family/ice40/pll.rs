//! The PLL of the iCE40 (Lattice FPGA-TN-02052).

use fixlearn_hdl::primitive::pll::Cell;

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

    /// SB_PLL40_PAD, whose reference is the PLL's own pin, or SB_PLL40_CORE.
    pub fn cell(self, pad: bool) -> Cell {
        let (cell, reference) = if pad { ("PAD", "PACKAGEPIN") } else { ("CORE", "REFERENCECLK") };
        let Self { divr, divf, divq, filter } = self;
        Cell {
            instance: format!(
                "\
SB_PLL40_{cell} #(
  .FEEDBACK_PATH(\"SIMPLE\"), .DIVR(4'd{divr}), .DIVF(7'd{divf}), .DIVQ(3'd{divq}),
  .FILTER_RANGE(3'd{filter})
) pll (
  .{reference}(clock_in), .PLLOUTGLOBAL(fast), .LOCK(locked), .RESETB(1'b1), .BYPASS(1'b0)
);"
            ),
            gate: "assign clock = fast & steady[1];".into(),
            hold: "fast",
        }
    }
}

/// Behavioural models of SB_PLL40_PAD and SB_PLL40_CORE, for simulation: the output is the
/// reference, locked after 16 clocks.
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
";
