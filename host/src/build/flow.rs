//! The flow: generate, synthesize, check, place with each seed, keep the best, pack.

use super::netlist::Netlist;
use super::place;
use super::process::run;
use super::report::Report;
use super::request::Request;
use super::tools::Toolchain;
use crate::{output, stop, Error, Result};
use std::path::Path;
use std::process::Command;

/// What came of it.
#[derive(Clone, Debug)]
pub enum Outcome {
    Built(Box<Report>),
    /// The device has not enough of something.
    TooLarge(String),
    /// The best placement is slower than the clock; the report of it.
    TooSlow(Box<Report>),
}

/// The routed netlist in a build's folder, of families whose bitstreams nobody decodes.
pub const ROUTED: &str = "routed.json";

/// Placements that are tried before a design is called too slow.
const LEAST_SEEDS: usize = 4;

/// Builds into `out`, which afterwards holds `top.v`, `netlist.json`, the constraint file, the
/// placed design, the bitstream, of some families the routed netlist, and `report.json`: all of
/// this build or, on an error, as before.
///
/// # Errors
/// If the size is not on offer, a tool is missing or fails, or a file cannot be written.
pub fn build(request: &Request, out: &Path) -> Result<Outcome> {
    let board = &request.board;
    let (_, clock_hz) = request.clocking()?;
    if request.baud == 0 || request.baud > clock_hz / 4 {
        let most = clock_hz / 4;
        return Err(Error::request(format!("--baud {}: 1 to {most} at this clock", request.baud)));
    }
    let design = request.design()?;
    let verilog = request.verilog()?;
    let tools = Toolchain::find(board.family, request.tools)?;
    // The work is done in the folder itself, so that no file has to move to another file system.
    let made = !out.exists();
    std::fs::create_dir_all(out).map_err(Error::io(out))?;
    let folder = Folder { out, made };
    let work =
        tempfile::Builder::new().prefix(".fixlearn-").tempdir_in(out).map_err(Error::io(out))?;
    let _left = stop::Left::new(work.path());
    let at = |name: &str| work.path().join(name);
    std::fs::write(at("top.v"), verilog).map_err(Error::io(&at("top.v")))?;
    let pins = request.pins(design.as_ref())?;
    std::fs::write(at(&board.constraints), pins).map_err(Error::io(work.path()))?;

    let bar = output::progress(2 + request.seeds.len() as u64, "synthesis");
    let synthesis = board.family.synthesis();
    let script = format!("read_verilog top.v; {synthesis} -top top -json netlist.json");
    let said = run(Command::new(&tools.yosys).args(["-q", "-p", &script]), work.path(), "yosys")?;
    if !said.status {
        return Err(Error::request(format!("yosys failed: {}", said.error_line())));
    }
    if said.text.contains("Driver-driver conflict") {
        return Err(Error::request("yosys broke a multiplier: a wire has two drivers"));
    }
    let netlist = Netlist::read(&at("netlist.json"))?;
    let kinds = board.family.cells();
    let count = |names: &[&str]| -> u64 {
        let mine = |kind: &str| names.iter().any(|name| kind.starts_with(name));
        netlist.cells().filter(|cell| mine(cell.kind)).count() as u64
    };
    if let Some(latch) = netlist.cells().find(|cell| cell.kind.contains("LATCH")) {
        let latch = latch.kind;
        return Err(Error::request(format!("yosys made a latch, {latch}; a design has none")));
    }
    netlist.works(board.family)?;
    let dsps = count(kinds.dsps);
    if dsps != design.multipliers() as u64 {
        return Err(Error::request(format!(
            "yosys made {dsps} multipliers of {}; the netlist is not the design",
            design.multipliers()
        )));
    }
    bar.inc(1);

    bar.set_message("placement");
    let mhz = f64::from(clock_hz) / 1e6;
    let mut placements = Vec::new();
    let mut seeds = request.seeds.clone();
    // A placement is a draw: one that is too slow does not say that the design is.
    while !seeds.is_empty() {
        match place::all(board, &tools.nextpnr, work.path(), mhz, &seeds, &bar)? {
            Ok(more) => placements.extend(more),
            Err(why) => {
                bar.finish_and_clear();
                return Ok(Outcome::TooLarge(why));
            }
        }
        let slow = placements.iter().all(|p: &place::Placement| p.fmax < mhz);
        let next = seeds.iter().max().map_or(0, |seed| seed.saturating_add(1));
        let more = if slow { LEAST_SEEDS.saturating_sub(placements.len()) } else { 0 };
        seeds = (next..=u32::MAX).take(more).collect();
        bar.inc_length(more as u64);
    }
    let best = placements.iter().max_by(|a, b| a.fmax.total_cmp(&b.fmax).then(b.seed.cmp(&a.seed)));
    let best = best.ok_or_else(|| Error::request("--seeds: at least 1"))?;

    bar.set_message("packing");
    let packer = board.family.packer();
    let placed = format!("top.{}", board.family.nextpnr().ending);
    let bitstream = format!("top.{}", packer.ending);
    std::fs::rename(at(&place::file(board, best.seed)), at(&placed))
        .map_err(Error::io(&at(&placed)))?;
    let mut pack = Command::new(&tools.pack);
    pack.args(board.family.packing(&board.part(), &placed, &bitstream));
    let said = run(&mut pack, work.path(), "the packer")?;
    if !said.status {
        return Err(Error::request(format!("the packer failed: {}", said.error_line())));
    }
    bar.finish_and_clear();

    let (yosys, nextpnr) = tools.versions();
    let dimension = design.rated_dimension();
    let learn_clocks = design.learn_clocks(dimension);
    let vectors_per_second = (best.fmax * 1e6 / learn_clocks as f64).round();
    let report = Report {
        board: board.name.clone(),
        core: design.core().name.into(),
        size: design.size(),
        luts: count(kinds.luts),
        ffs: count(kinds.ffs),
        brams: count(kinds.brams),
        dsps,
        cells: best.device.get(kinds.logic).copied().unwrap_or_default(),
        device: best.device.clone(),
        clock_mhz: mhz,
        fmax_mhz: best.fmax,
        seed: best.seed,
        placements: placements.iter().map(|p| (p.seed, p.fmax)).collect(),
        baud: request.baud,
        dimension,
        learn_clocks,
        vectors_per_second,
        updates_per_second: vectors_per_second * dimension as f64,
        bitstream: bitstream.clone(),
        tools: tools.kind,
        yosys,
        nextpnr,
    };
    if best.fmax < mhz {
        return Ok(Outcome::TooSlow(Box::new(report)));
    }
    let text = serde_json::to_string_pretty(&report).map_err(|e| Error::request(e.to_string()))?;
    output::write(&at("report.json"), (text + "\n").as_bytes())?;
    let mut files =
        vec!["top.v", "netlist.json", &board.constraints, &placed, &bitstream, "report.json"];
    if board.family.back(board.fabric).is_routed() {
        std::fs::rename(at(&place::routed(best.seed)), at(ROUTED))
            .map_err(Error::io(work.path()))?;
        files.push(ROUTED);
    }
    folder.take(work.path(), &files)?;
    Ok(Outcome::Built(Box::new(report)))
}

/// The folder of a build; one that was made for it goes with an error.
struct Folder<'a> {
    out: &'a Path,
    made: bool,
}

impl Folder<'_> {
    /// Moves these files of a folder within it to it: all, or all is as before.
    fn take(mut self, work: &Path, files: &[&str]) -> Result<()> {
        let old = work.join("old");
        std::fs::create_dir(&old).map_err(Error::io(&old))?;
        let mut moved = Vec::new();
        let outcome = files.iter().try_for_each(|name| {
            let (new, place, kept) = (work.join(name), self.out.join(name), old.join(name));
            let kept = std::fs::rename(&place, &kept).is_ok().then_some(kept);
            moved.push((place.clone(), kept));
            std::fs::rename(&new, &place).map_err(Error::io(&place))
        });
        if outcome.is_err() {
            for (place, kept) in moved {
                // What cannot be undone stays as it is; the error says where it began.
                let _ = match kept {
                    Some(kept) => std::fs::rename(kept, &place),
                    None => std::fs::remove_file(&place),
                };
            }
            return outcome;
        }
        self.made = false;
        Ok(())
    }
}

impl Drop for Folder<'_> {
    fn drop(&mut self) {
        if self.made {
            // Only if it is empty.
            let _ = std::fs::remove_dir(self.out);
        }
    }
}
