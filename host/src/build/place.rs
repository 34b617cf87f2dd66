//! Placement and routing by nextpnr.

use super::boards::Board;
use super::process::run;
use super::report::Used;
use crate::{Error, Result};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One placement.
#[derive(Clone, Debug)]
pub struct Placement {
    pub seed: u32,
    /// In MHz.
    pub fmax: f64,
    pub device: BTreeMap<String, Used>,
}

/// Places `netlist.json` in `folder` with each seed, as many side by side as there are processors;
/// a line that says why, if it does not fit the device.
///
/// # Errors
/// If nextpnr does not start, or fails in another way.
pub fn all(
    board: &Board,
    nextpnr: &Path,
    folder: &Path,
    mhz: f64,
    seeds: &[u32],
    bar: &ProgressBar,
) -> Result<std::result::Result<Vec<Placement>, String>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = Vec::new();
        while let Some(&seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            mine.push(one(board, nextpnr, folder, mhz, seed));
            bar.inc(1);
        }
        mine
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(seeds.len());
    let placed: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|w| w.join().unwrap_or_default()).collect()
    });
    let mut placements = placed.into_iter().collect::<Result<std::result::Result<Vec<_>, _>>>()?;
    if let Ok(placements) = &mut placements {
        placements.sort_by_key(|p: &Placement| p.seed);
    }
    Ok(placements)
}

/// The placed design's file.
pub fn file(board: &Board, seed: u32) -> String {
    format!("seed{seed}.{}", board.family.nextpnr().ending)
}

/// The routed netlist's file.
pub fn routed(seed: u32) -> String {
    format!("seed{seed}.routed.json")
}

fn one(
    board: &Board,
    nextpnr: &Path,
    folder: &Path,
    mhz: f64,
    seed: u32,
) -> Result<std::result::Result<Placement, String>> {
    let report = format!("seed{seed}.json");
    let mut command = Command::new(nextpnr);
    command.args(board.family.placing(&board.part(), &board.constraints, &file(board, seed)));
    if board.family.back(board.fabric).is_routed() {
        command.args(["--write", &routed(seed)]);
    }
    command.args(["--json", "netlist.json", "--report", &report, "--timing-allow-fail"]);
    command.args(["--freq", &mhz.to_string(), "--seed", &seed.to_string()]);
    let said = run(&mut command, folder, "nextpnr")?;
    if !said.status {
        let line = said.error_line();
        // Packing and placement fail in these words when the device is too small.
        let small = [
            "Unable to find",
            "no more",
            "exceed",
            "placement",
            "Unable to place",
            "legal",
            "expand region",
        ];
        if small.iter().any(|s| line.contains(s)) || overfull(&said.text) {
            return Ok(Err(line));
        }
        return Err(Error::request(format!("nextpnr failed: {line}")));
    }
    let path = folder.join(&report);
    let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| Error::input(&path, e.to_string()))?;
    // The slowest clock of all: the design's own, unless the PLL's gate is slower.
    let fmax = json["fmax"]
        .as_object()
        .and_then(|clocks| {
            clocks.values().filter_map(|c| c["achieved"].as_f64()).min_by(f64::total_cmp)
        })
        .ok_or_else(|| Error::input(&path, "nextpnr reports no clock"))?;
    let device = json["utilization"].as_object().into_iter().flatten();
    let device = device.filter_map(|(name, u)| {
        let used = Used { used: u["used"].as_u64()?, available: u["available"].as_u64()? };
        (used.used > 0).then(|| (name.clone(), used))
    });
    let device = device.collect();
    Ok(Ok(Placement { seed, fmax: (fmax * 100.0).round() / 100.0, device }))
}

/// nextpnr prints what it uses of what there is.
fn overfull(text: &str) -> bool {
    text.lines().any(|l| {
        let share = l.rsplit(' ').next().and_then(|w| w.strip_suffix('%'));
        l.contains('/') && share.and_then(|s| s.parse::<u32>().ok()).is_some_and(|s| s > 100)
    })
}
