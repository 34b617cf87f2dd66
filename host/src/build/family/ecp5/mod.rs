//! Lattice ECP5, by Project Trellis.

use super::{Cells, Family, Nextpnr, Packer, Reference};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::primitive::pll::{Cell, Ecp5Pll};

/// Its line in the registry.
pub struct Ecp5;

impl Family for Ecp5 {
    fn name(&self) -> &'static str {
        "ecp5"
    }

    fn synthesis(&self) -> &'static str {
        "synth_ecp5"
    }

    fn nextpnr(&self) -> Nextpnr {
        let (program, placed) = ("nextpnr-ecp5", "--textcfg");
        Nextpnr { program, constraints: "--lpf", placed, ending: "config" }
    }

    fn packer(&self) -> Packer {
        Packer { program: "ecppack", arguments: &["--compress"], ending: "bit" }
    }

    fn cells(&self) -> Cells {
        Cells {
            luts: &["LUT4"],
            ffs: &["TRELLIS_FF"],
            brams: &["DP16KD", "PDPW16KD"],
            dsps: &["MULT18X18D"],
            logic: "TRELLIS_COMB",
        }
    }

    fn pll(&self, input: u32, wanted: u32, _: Option<Reference>) -> Option<(Cell, u32)> {
        let (setting, hz) = Ecp5Pll::find(input, wanted)?;
        Some((setting.cell(), hz))
    }

    fn undecodable(&self, _: Fabric) -> Option<&'static str> {
        Some(
            "cannot be decoded: Project Trellis' ecpunpack stops at a textual configuration, and \
             no tool makes a netlist of that",
        )
    }

    fn assignment<'a>(&self, line: &'a str) -> Option<(&'a str, &'a str)> {
        let bare = |word: &'a str| word.trim_matches(['"', ';']);
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["LOCATE", "COMP", port, "SITE", pin] => Some((bare(port), bare(pin))),
            _ => None,
        }
    }

    fn clock_line(&self, mhz: f64) -> Option<String> {
        Some(format!("FREQUENCY PORT \"clock\" {mhz} MHZ;"))
    }
}
