//! What a build made: `report.json`.

use super::tools::Kind;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Cells of one kind that the device has, and how many of them are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    pub used: u64,
    pub available: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub board: String,
    /// The core's name.
    pub core: String,
    /// As `--size` takes it.
    pub size: String,
    pub luts: u64,
    pub ffs: u64,
    pub brams: u64,
    pub dsps: u64,
    /// Logic cells, each a LUT and a flip-flop or either.
    #[serde(default)]
    pub cells: Used,
    /// Everything that nextpnr counts.
    pub device: BTreeMap<String, Used>,
    pub clock_mhz: f64,
    /// Of the placement that was kept; `clock_mhz` is below it.
    pub fmax_mhz: f64,
    pub seed: u32,
    /// Every placement, seed and Fmax.
    pub placements: Vec<(u32, f64)>,
    pub baud: u32,
    /// Dimensions of the vectors that the next figures are for.
    pub dimension: usize,
    /// Clocks to learn one vector.
    pub learn_clocks: u64,
    /// `fmax_mhz` over `learn_clocks`: what the core could learn if the line kept up.
    pub vectors_per_second: f64,
    /// Weights of the winner, or of the model, that so many vectors move.
    pub updates_per_second: f64,
    pub bitstream: String,
    pub tools: Kind,
    pub yosys: String,
    pub nextpnr: String,
}

impl Report {
    /// Of the build in this folder.
    ///
    /// # Errors
    /// If there is none, or the file is none.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("report.json");
        match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|e| {
                Error::input(&path, format!("is no report of a build ({e}); build again"))
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(Error::input(
                folder,
                "holds no build; type: fixlearn build --board NAME --out FOLDER, and name that \
                 folder",
            )),
            Err(e) => Err(Error::io(&path)(e)),
        }
    }

    /// One line.
    pub fn summary(&self) -> String {
        let Used { used, available } = self.cells;
        let cells = (100 * used).checked_div(available).unwrap_or(0);
        format!(
            "{} {} on {}: {} LUT, {} FF ({cells} % of the cells), {} BRAM, {} DSP; {:.1} MHz of {} \
             asked; {:.0} vectors per second",
            self.core,
            self.size,
            self.board,
            self.luts,
            self.ffs,
            self.brams,
            self.dsps,
            self.fmax_mhz,
            self.clock_mhz,
            self.vectors_per_second
        )
    }
}
