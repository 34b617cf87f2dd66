//! The FPGA families: what each needs of the tools, and what its tools' files say.
//!
//! A new family is a folder here, with its tools, its PLL and the models of cells that yosys only
//! outlines; and its line in [`FAMILIES`].

pub mod ecp5;
pub mod gowin;
pub mod ice40;

use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::primitive::pll::Cell;
use serde::{Deserialize, Serialize};

/// The registry: every family that there are tools for.
pub const FAMILIES: &[&dyn Family] = &[&ice40::Ice40, &ecp5::Ecp5, &gowin::Gowin];

/// One family of FPGAs.
pub trait Family: Sync {
    /// In `boards.toml`.
    fn name(&self) -> &'static str;

    /// yosys' command, without its options.
    fn synthesis(&self) -> &'static str;

    /// Programs of the system beside yosys.
    fn tools(&self) -> &'static [Native];

    /// Python packages that have the same, each with a program of it.
    fn packages(&self) -> &'static [(&'static str, &'static str)];

    /// Place and route.
    fn nextpnr(&self) -> Program;

    /// What it is called with to place on this part by a constraint file, into a file of its
    /// ending.
    fn placing(&self, part: &Part, constraints: &str, placed: &str) -> Vec<String>;

    /// From a placed design to a bitstream.
    fn packer(&self) -> Program;

    /// What it is called with.
    fn packing(&self, part: &Part, placed: &str, bitstream: &str) -> Vec<String>;

    fn cells(&self) -> Cells;

    /// Why a cell of a netlist does not work on silicon, or not surely, though it does in
    /// simulation; `None` of all others.
    fn doubtful(&self, _cell: &Netted) -> Option<&'static str> {
        None
    }

    /// The PLL that makes of `input` Hz a clock as near to `wanted` Hz as it can, and that clock;
    /// `None` if it can make none.
    fn pll(&self, input: u32, wanted: u32, reference: Option<Reference>) -> Option<(Cell, u32)>;

    /// Behavioural models in Verilog of its PLL and of the cells that yosys only outlines, for the
    /// simulation of netlists.
    fn models(&self) -> String;

    /// How what was built of a design on this fabric becomes Verilog again.
    fn back(&self, fabric: Fabric) -> Back;

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

/// From what was built back to Verilog.
#[derive(Clone, Copy)]
pub enum Back {
    /// From the packed bitstream, by Project IceStorm.
    IceStorm,
    /// From the netlist that nextpnr routed and writes with `--write`, by this.
    Routed(fn(&serde_json::Value) -> Result<Routed, String>),
    /// Not at all, and why.
    Not(&'static str),
}

impl Back {
    /// It needs the routed netlist.
    pub fn is_routed(self) -> bool {
        matches!(self, Self::Routed(_))
    }
}

/// A routed netlist as Verilog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// What stands between the module's ports and its end; the pins are named as the ports.
    pub body: String,
    /// The PLL's dividers, if there is one: the clock is `oscillator / first * second`.
    pub clock: Option<(u32, u32)>,
    /// Models of its cells, beside [`Family::models`].
    pub models: &'static str,
}

/// A device as nextpnr names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    pub device: &'a str,
    pub package: &'a str,
    /// Speed grade, where it is no part of the device's name.
    pub speed: Option<u8>,
}

/// A program of the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Of the system.
    pub native: &'static str,
    /// Of the Python packages.
    pub yowasp: &'static str,
    /// How the name of what it writes ends.
    pub ending: &'static str,
}

/// A program of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Native {
    pub program: &'static str,
    /// What it is called with to say its version, if it says it.
    pub flag: Option<&'static str>,
    pub what_for: &'static str,
    /// Its Debian or Ubuntu package.
    pub package: &'static str,
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

/// A cell of a netlist as yosys writes it (`write_json`).
#[derive(Clone, Copy, Debug)]
pub struct Netted<'a> {
    pub kind: &'a str,
    /// By each pin's name its bits: the number of a net, or "0", "1", "x", "z".
    pub pins: &'a serde_json::Value,
}

impl Netted<'_> {
    /// Whether every bit of the pin is this constant; of a pin that is left open it is 0.
    fn is(&self, pin: &str, constant: &str) -> bool {
        match self.pins[pin].as_array() {
            Some(bits) => bits.iter().all(|bit| bit == constant),
            None => constant == "0",
        }
    }

    /// Whether nothing is joined to the pin.
    fn is_open(&self, pin: &str) -> bool {
        self.pins[pin].as_array().is_none_or(Vec::is_empty)
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.to_string()).collect()
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
