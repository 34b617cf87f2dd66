//! The boards: `constraints/boards.toml` and the constraint files beside it, built in.

use crate::{Error, Result};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::primitive::pll::{Clocking, Ecp5Pll, Ice40Pll};
use include_dir::{include_dir, Dir};
use serde::{Deserialize, Serialize};

static CONSTRAINTS: Dir = include_dir!("$CARGO_MANIFEST_DIR/../constraints");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    Ice40,
    Ecp5,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Multipliers {
    Inferred,
    Mac16,
    Logic,
}

/// How an iCE40's PLL gets its reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reference {
    /// On its own pin.
    Pad,
    Core,
}

/// What is built for the vector quantizer if nothing else is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VqDefault {
    pub mhz: f64,
    pub size: String,
}

/// And for the gradient core.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradientDefault {
    pub mhz: f64,
    pub objectives: Vec<String>,
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
}

/// One entry of `boards.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    pub name: String,
    pub title: String,
    pub family: Family,
    /// As nextpnr names device, package and speed grade.
    pub device: String,
    pub package: String,
    pub speed: Option<u8>,
    pub fabric: Multipliers,
    pub clock_hz: u32,
    pub pll: Option<Reference>,
    pub vq: VqDefault,
    pub gradient: GradientDefault,
    pub baud: u32,
    /// Outputs that are held high.
    #[serde(default)]
    pub high: Vec<String>,
    pub constraints: String,
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

fn file(name: &str) -> Result<String> {
    let text = CONSTRAINTS.get_file(name).and_then(|f| f.contents_utf8());
    text.map(str::to_string).ok_or_else(|| Error::request(format!("constraints/{name} is missing")))
}

impl Board {
    pub fn fabric(&self) -> Fabric {
        match self.fabric {
            Multipliers::Inferred => Fabric::Inferred,
            Multipliers::Mac16 => Fabric::Mac16,
            Multipliers::Logic => Fabric::Logic,
        }
    }

    /// The pins, as nextpnr reads them.
    ///
    /// # Errors
    /// If the file is missing.
    pub fn pins(&self) -> Result<String> {
        file(&self.constraints)
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
        let bare = |word: &str| word.trim_matches(['"', ';']).to_string();
        let assignment = |line: &str| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["set_io", port, pin] | ["LOCATE", "COMP", port, "SITE", pin] => {
                Some((bare(port), bare(pin)))
            }
            _ => None,
        };
        Ok(self.pins()?.lines().filter_map(assignment).collect())
    }

    /// How the oscillator becomes a clock near `hz`, and what that clock is.
    ///
    /// # Errors
    /// If no setting of the PLL comes within 1 %.
    pub fn clocking(&self, hz: u32) -> Result<(Clocking, u32)> {
        if hz == self.clock_hz {
            return Ok((Clocking::Direct, hz));
        }
        let pad = self.pll == Some(Reference::Pad);
        let found = match self.family {
            Family::Ice40 => Ice40Pll::find(self.clock_hz, hz)
                .map(|(setting, hz)| (Clocking::Ice40 { pad, setting }, hz)),
            Family::Ecp5 => {
                Ecp5Pll::find(self.clock_hz, hz).map(|(setting, hz)| (Clocking::Ecp5(setting), hz))
            }
        };
        found.filter(|&(_, found)| found.abs_diff(hz) <= hz / 100).ok_or_else(|| {
            Error::request(format!(
                "--freq {}: the PLL of {} cannot make it from {} MHz",
                f64::from(hz) / 1e6,
                self.title,
                f64::from(self.clock_hz) / 1e6
            ))
        })
    }
}
