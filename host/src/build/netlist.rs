//! The netlist that yosys writes (`write_json`), cell by cell.

use super::family::{Family, Netted};
use crate::{Error, Result};
use serde_json::Value;
use std::path::Path;

/// A netlist whose top module is `top`.
pub struct Netlist(Value);

impl Netlist {
    /// # Errors
    /// If the file cannot be read, or is no JSON.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).map_err(Error::io(path))?;
        serde_json::from_slice(&text).map(Self).map_err(|e| Error::input(path, e.to_string()))
    }

    /// The cells of its top.
    pub fn cells(&self) -> impl Iterator<Item = Netted<'_>> {
        self.0["modules"]["top"]["cells"].as_object().into_iter().flatten().map(|(_, cell)| {
            Netted { kind: cell["type"].as_str().unwrap_or(""), pins: &cell["connections"] }
        })
    }

    /// Says whether its cells work on silicon as they do in simulation.
    ///
    /// # Errors
    /// Naming the first that does not, and why.
    pub fn works(&self, family: &dyn Family) -> Result<()> {
        let doubtful =
            |cell: Netted| family.doubtful(&cell).map(|why| (cell.kind.to_string(), why));
        match self.cells().find_map(doubtful) {
            None => Ok(()),
            Some((kind, why)) => Err(Error::request(format!(
                "yosys made a cell {kind} that does not work on the device: {why}; use another \
                 version of yosys (--tools)"
            ))),
        }
    }
}
