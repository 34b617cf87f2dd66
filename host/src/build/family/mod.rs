//! The FPGA families: what each needs of the tools, and what its tools' files say.
//!
//! [`FAMILIES`] has a line for each. A new family is a file here and its line; a file with its PLL
//! in `fixlearn_hdl::primitive::pll`; and, to install its tools, their lines in
//! [`doctor`](crate::doctor).

mod ecp5;
mod ice40;

use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::primitive::pll::Cell;
use serde::{Deserialize, Serialize};

/// The registry: every family that there are tools for.
pub const FAMILIES: &[&dyn Family] = &[&ice40::Ice40, &ecp5::Ecp5];

/// One family of FPGAs.
pub trait Family: Sync {
    /// In `boards.toml`.
    fn name(&self) -> &'static str;

    /// yosys' command, without its options.
    fn synthesis(&self) -> &'static str;

    fn nextpnr(&self) -> Nextpnr;

    fn packer(&self) -> Packer;

    fn cells(&self) -> Cells;

    /// The PLL that makes of `input` Hz a clock as near to `wanted` Hz as it can, and that clock;
    /// `None` if it can make none.
    fn pll(&self, input: u32, wanted: u32, reference: Option<Reference>) -> Option<(Cell, u32)>;

    /// Why a bitstream of a design on this fabric cannot be decoded to Verilog, if it cannot.
    fn undecodable(&self, fabric: Fabric) -> Option<&'static str>;

    /// Port and pin, if this line of a constraint file joins them.
    fn assignment<'a>(&self, line: &'a str) -> Option<(&'a str, &'a str)>;

    /// The line by which a constraint file tells nextpnr the oscillator's frequency, where it
    /// must.
    fn clock_line(&self, mhz: f64) -> Option<String>;
}

/// How a PLL gets its reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reference {
    /// On its own pin.
    Pad,
    /// Through the fabric.
    Core,
}

/// Place and route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nextpnr {
    pub program: &'static str,
    /// The option before the constraint file.
    pub constraints: &'static str,
    /// The option before the placed design to write.
    pub placed: &'static str,
    /// How a placed design's name ends.
    pub ending: &'static str,
}

/// From a placed design to a bitstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packer {
    pub program: &'static str,
    /// Before the names of the two files.
    pub arguments: &'static [&'static str],
    /// How a bitstream's name ends.
    pub ending: &'static str,
}

/// How the names of a netlist's cells begin, by what they count as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    pub luts: &'static [&'static str],
    pub ffs: &'static [&'static str],
    pub brams: &'static [&'static str],
    pub dsps: &'static [&'static str],
    /// nextpnr's name of the logic cells that the device has.
    pub logic: &'static str,
}

impl std::fmt::Display for dyn Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Debug for dyn Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for &'static dyn Family {
    type Err = String;

    /// The family of this name, or a line with the names that there are.
    fn from_str(name: &str) -> Result<Self, String> {
        FAMILIES.iter().find(|family| family.name() == name).copied().ok_or_else(|| {
            let names = FAMILIES.iter().map(|family| family.name()).collect::<Vec<_>>().join(", ");
            format!("no family `{name}`; there are: {names}")
        })
    }
}
