//! The boards: `constraints/boards.toml` and the constraint files beside it, built in.

use super::family::{Family, Part, Reference};
use crate::{Error, Result};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::primitive::pll::Clocking;
use include_dir::{include_dir, Dir};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

static CONSTRAINTS: Dir = include_dir!("$CARGO_MANIFEST_DIR/../constraints");

/// What is built of a core if nothing else is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoreEntry {
    /// The design's clock.
    pub mhz: f64,
    /// As the core's [`CoreKind::parse`](fixlearn_hdl::design::CoreKind::parse) reads it.
    pub size: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Programmer {
    pub program: String,
    /// Its Debian package, if there is one.
    pub package: String,
    pub arguments: Vec<String>,
    /// The arguments that write the flash, where `arguments` load the SRAM.
    #[serde(default)]
    pub flash: Vec<String>,
    /// The arguments that choose a board by its USB serial number, which stands in place of `{}`.
    #[serde(default)]
    pub serial: Vec<String>,
    /// What it prints when all is written, if it ends as if it had failed even so.
    pub done: Option<String>,
}

/// A board's SDRAM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SdramEntry {
    /// Its bytes, as a size says them: the name of a [`Chip`](fixlearn_hdl::sdram::Chip).
    pub size: String,
    /// The file of its pins, which are the board's only where a design has an SDRAM.
    pub constraints: String,
}

/// One entry of `boards.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    pub name: String,
    pub title: String,
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub family: &'static dyn Family,
    /// As nextpnr names device, package and speed grade.
    pub device: String,
    pub package: String,
    pub speed: Option<u8>,
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub fabric: Fabric,
    pub clock_hz: u32,
    pub pll: Option<Reference>,
    /// By the core's name.
    pub cores: BTreeMap<String, CoreEntry>,
    /// The cores that it has no entry for, and why.
    #[serde(default)]
    pub without: BTreeMap<String, String>,
    pub baud: u32,
    /// Outputs that are held high.
    #[serde(default)]
    pub high: Vec<String>,
    pub constraints: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdram: Option<SdramEntry>,
    pub usb: String,
    pub programmer: Programmer,
}

#[derive(Deserialize)]
struct Boards {
    board: Vec<Board>,
}

/// Every board.
///
/// # Errors
/// If an entry is not what it should be.
pub fn all() -> Result<Vec<Board>> {
    let text = file("boards.toml")?;
    let boards: Boards = toml::from_str(&text).map_err(|e| {
        Error::request(format!("boards.toml: {}", e.to_string().replace('\n', " ")))
    })?;
    Ok(boards.board)
}

/// The board of this name.
///
/// # Errors
/// With the names that there are.
pub fn find(name: &str) -> Result<Board> {
    let boards = all()?;
    let names = boards.iter().map(|b| b.name.clone()).collect::<Vec<_>>().join(", ");
    boards
        .into_iter()
        .find(|b| b.name == name)
        .ok_or_else(|| Error::request(format!("no board `{name}`; there are: {names}")))
}

fn as_text<T: Display, S: Serializer>(
    value: &T,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn from_text<'de, T, D>(deserializer: D) -> std::result::Result<T, D::Error>
where
    T: FromStr<Err = String>,
    D: Deserializer<'de>,
{
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

fn file(name: &str) -> Result<String> {
    let text = CONSTRAINTS.get_file(name).and_then(|f| f.contents_utf8());
    text.map(str::to_string).ok_or_else(|| Error::request(format!("constraints/{name} is missing")))
}

impl Board {
    /// What is built of this core if nothing else is asked.
    ///
    /// # Errors
    /// If the board has no entry for it; the message says why and what to give.
    pub fn entry(&self, core: &str) -> Result<&CoreEntry> {
        self.cores.get(core).ok_or_else(|| {
            let why = self.without.get(core).map_or(String::new(), |why| format!(" ({why})"));
            let title = &self.title;
            Error::request(format!("{title} has no size of {core}{why}; give --size and --freq"))
        })
    }

    /// The pins, as nextpnr reads them.
    ///
    /// # Errors
    /// If the file is missing.
    pub fn pins(&self) -> Result<String> {
        file(&self.constraints)
    }

    /// The pins of its SDRAM, as nextpnr reads them.
    ///
    /// # Errors
    /// If it has none of this name; the message says what to give. If the file is missing.
    pub fn sdram_pins(&self, name: &str) -> Result<String> {
        let title = &self.title;
        match &self.sdram {
            Some(sdram) if sdram.size == name => file(&sdram.constraints),
            Some(SdramEntry { size, .. }) => Err(Error::request(format!(
                "{title} has an SDRAM of {size} bytes; give +sdram{size} in place of +sdram{name}"
            ))),
            None => Err(Error::request(format!(
                "{title} has no SDRAM; give +samples64K in place of +sdram{name}, or --board \
                 ulx3s-85f"
            ))),
        }
    }

    /// As its family's tools take it.
    pub fn part(&self) -> Part<'_> {
        Part { device: &self.device, package: &self.package, speed: self.speed }
    }

    /// Ports of the generated top, each of which has a pin.
    pub fn ports(&self) -> Vec<String> {
        ["clock", "rx", "tx"].into_iter().map(str::to_string).chain(self.high.clone()).collect()
    }

    /// Ports and their pins, from the constraint file.
    ///
    /// # Errors
    /// If the file is missing.
    pub fn assignments(&self) -> Result<Vec<(String, String)>> {
        let text = self.pins()?;
        let pins = text.lines().filter_map(|line| self.family.assignment(line));
        Ok(pins.map(|(port, pin)| (port.to_string(), pin.to_string())).collect())
    }

    /// How the oscillator becomes a clock near `hz`, and what that clock is.
    ///
    /// # Errors
    /// If no setting of the PLL comes within 1 %.
    pub fn clocking(&self, hz: u32) -> Result<(Clocking, u32)> {
        if hz == self.clock_hz {
            return Ok((Clocking::Direct, hz));
        }
        let found = self.family.pll(self.clock_hz, hz, self.pll);
        let found = found.map(|(cell, hz)| (Clocking::Pll(cell), hz));
        found.filter(|(_, found)| found.abs_diff(hz) <= hz / 100).ok_or_else(|| {
            Error::request(format!(
                "--freq {}: the PLL of {} cannot make it from {} MHz",
                f64::from(hz) / 1e6,
                self.title,
                f64::from(self.clock_hz) / 1e6
            ))
        })
    }
}
