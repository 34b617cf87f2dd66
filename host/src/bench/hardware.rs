//! Connections a second of the quantizer on boards: the clocks that it takes, and Fmax.

use super::{Bench, Table};
use crate::build::boards::find;
use crate::{Error, Result};
use fixlearn_hdl::design::{self, Target};
use fixlearn_map::vq::VqBuilt;
use fixlearn_map::Built;
use serde::Deserialize;

/// What the reference builds take, and the wide cores; `fixlearn-tests` renews the first.
const BUILDS: [&str; 2] =
    [include_str!("../../../tests/resources.csv"), include_str!("../../../tests/wide.csv")];

#[derive(Deserialize)]
struct Build {
    board: String,
    core: String,
    size: String,
    fmax_mhz: f64,
}

pub fn run(_: &Bench) -> Result<Table> {
    let title = "hardware: the quantizer at Fmax, all codewords and dimensions in use";
    let columns = [
        "Fmax MHz",
        "recall clocks",
        "learn clocks",
        "recall MCPS",
        "learn MCUPS",
        "weights moved, M/s",
    ];
    let mut table = Table::new(title, &columns);
    let wrong = |e: &dyn std::fmt::Display| Error::request(format!("the reference builds: {e}"));
    let builds = BUILDS.map(|text| csv::Reader::from_reader(text.as_bytes()).into_deserialize());
    for build in builds.into_iter().flatten() {
        let Build { board, core, size, fmax_mhz } = build.map_err(|e| wrong(&e))?;
        if core != VqBuilt::CORE.name {
            continue;
        }
        let board = find(&board)?;
        let kind = design::find(&core).map_err(|e| wrong(&e))?;
        let target = Target { fabric: board.fabric, clock_hz: board.clock_hz, baud: board.baud };
        let design = kind.parse(&size, target).map_err(|e| wrong(&e))?;
        let built: VqBuilt = design.identity().built().ok_or_else(|| wrong(&size))?;
        let (codewords, dimension) = (u64::from(built.codewords), u64::from(built.dimension));
        let learn = design.learn_clocks(built.dimension.into());
        let recall = design.recall_clocks(built.dimension.into()).ok_or_else(|| wrong(&size))?;
        let rate = |clocks: u64, weights: u64| Some(fmax_mhz / clocks as f64 * weights as f64);
        let all = codewords * dimension;
        let name = format!("{} {size}", board.title);
        let clocks = [Some(fmax_mhz), Some(recall as f64), Some(learn as f64)];
        let rates = [rate(recall, all), rate(learn, all), rate(learn, dimension)];
        table.row(name, clocks.into_iter().chain(rates));
    }
    table.notes = vec![
        "CPS and CUPS count all connections of a step, codewords x dimensions, as the literature"
            .into(),
        "does; with radius 0 one codeword moves. Clocks are from one vector to the next; Fmax is"
            .into(),
        "that of tests/resources.csv and tests/wide.csv.".into(),
    ];
    Ok(table)
}
