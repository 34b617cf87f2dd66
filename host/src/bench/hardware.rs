//! Connections a second of the quantizer on boards: the clocks that it takes, and Fmax.

use super::{Bench, Table};
use crate::build::boards::find;
use crate::{Error, Result};
use fixlearn_hdl::design::{self, Target};
use fixlearn_map::vq::VqBuilt;
use fixlearn_map::Built;
use serde::Deserialize;

/// What the reference builds take; `fixlearn-tests` renews it.
const BUILDS: &str = include_str!("../../../tests/resources.csv");

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
    for build in csv::Reader::from_reader(BUILDS.as_bytes()).deserialize() {
        let Build { board, core, size, fmax_mhz } = build.map_err(|e| wrong(&e))?;
        if core != VqBuilt::CORE.name {
            continue;
        }
        let board = find(&board)?;
        let kind = design::find(&core).map_err(|e| wrong(&e))?;
        let target = Target { fabric: board.fabric, clock_hz: board.clock_hz, baud: board.baud };
        let design = kind.parse(&size, target).map_err(|e| wrong(&e))?;
        let sizes: Vec<u64> = size.split('x').filter_map(|n| n.parse().ok()).collect();
        let [codewords, dimension, lanes] = sizes[..] else { return Err(wrong(&size)) };
        let beats = dimension.div_ceil(lanes);
        let recall = beats + codewords * beats + 13;
        let learn = design.learn_clocks(dimension as usize);
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
        "does; with radius 0 one codeword moves. Fmax is that of tests/resources.csv.".into(),
    ];
    Ok(table)
}
