//! Lattice iCE40, by Project IceStorm.

use super::{Cells, Family, Nextpnr, Packer, Reference};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::primitive::pll::{Cell, Ice40Pll};

/// Its line in the registry.
pub struct Ice40;

impl Family for Ice40 {
    fn name(&self) -> &'static str {
        "ice40"
    }

    /// Multipliers are placed by hand: `-dsp` packs what is beside them into them, wrongly.
    fn synthesis(&self) -> &'static str {
        "synth_ice40"
    }

    fn nextpnr(&self) -> Nextpnr {
        Nextpnr { program: "nextpnr-ice40", constraints: "--pcf", placed: "--asc", ending: "asc" }
    }

    fn packer(&self) -> Packer {
        Packer { program: "icepack", arguments: &[], ending: "bin" }
    }

    fn cells(&self) -> Cells {
        Cells {
            luts: &["SB_LUT4"],
            ffs: &["SB_DFF"],
            brams: &["SB_RAM40"],
            dsps: &["SB_MAC16"],
            logic: "ICESTORM_LC",
        }
    }

    fn pll(&self, input: u32, wanted: u32, reference: Option<Reference>) -> Option<(Cell, u32)> {
        let (setting, hz) = Ice40Pll::find(input, wanted)?;
        Some((setting.cell(reference == Some(Reference::Pad)), hz))
    }

    fn undecodable(&self, fabric: Fabric) -> Option<&'static str> {
        (fabric == Fabric::Mac16).then_some(
            "cannot be decoded: its multipliers are SB_MAC16 cells, which icebox_vlog leaves out",
        )
    }

    fn assignment<'a>(&self, line: &'a str) -> Option<(&'a str, &'a str)> {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["set_io", port, pin] => Some((port, pin)),
            _ => None,
        }
    }

    fn clock_line(&self, _: f64) -> Option<String> {
        None
    }
}
