//! The flow: generate, synthesize, check, place with each seed, keep the best, pack.

use super::boards::{Board, Family};
use super::report::{Report, Used};
use super::tools::{Kind, Toolchain};
use crate::{output, Error, Result};
use fixlearn_hdl::board::board_verilog;
use fixlearn_hdl::design::{Design, GradientDesign, VqDesign, VqSize};
use fixlearn_sim::golden::cores::gradient::Objective;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What to build.
#[derive(Clone, Debug)]
pub struct Request {
    pub board: Board,
    pub core: CoreRequest,
    pub mhz: f64,
    pub baud: u32,
    pub seeds: Vec<u32>,
    pub tools: Option<Kind>,
}

impl Request {
    /// The design on the board.
    ///
    /// # Errors
    /// If the size is not on offer, or the PLL cannot make the clock.
    pub fn verilog(&self) -> Result<String> {
        let (clocking, clock_hz) = self.board.clocking((self.mhz * 1e6).round() as u32)?;
        let design = self.core.design(&self.board, clock_hz, self.baud);
        board_verilog(design.as_ref(), clocking, &self.board.high)
            .ok_or_else(|| Error::request(design.advice()))
    }
}

/// Which core, and how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreRequest {
    Vq { size: VqSize, residues: bool },
    Gradient { objectives: u16 },
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Outcome {
    Built(Box<Report>),
    /// The device has not enough of something.
    TooLarge(String),
    /// The best placement is slower than the clock; the report of it.
    TooSlow(Box<Report>),
}

impl CoreRequest {
    /// The board's own vector quantizer.
    ///
    /// # Errors
    /// If its entry's size is none.
    pub fn vq(board: &Board, residues: bool) -> Result<Self> {
        Ok(Self::Vq { size: board.vq.size.parse().map_err(Error::Request)?, residues })
    }

    /// The board's own gradient core.
    ///
    /// # Errors
    /// If its entry names an unknown objective.
    pub fn gradient(board: &Board) -> Result<Self> {
        Ok(Self::Gradient { objectives: objectives(&board.gradient.objectives)? })
    }

    /// The board's clock for this core.
    pub fn mhz(self, board: &Board) -> f64 {
        match self {
            CoreRequest::Vq { .. } => board.vq.mhz,
            CoreRequest::Gradient { .. } => board.gradient.mhz,
        }
    }

    fn design(self, board: &Board, clock_hz: u32, baud: u32) -> Box<dyn Design> {
        let fabric = board.fabric();
        match self {
            CoreRequest::Vq { size, residues } => {
                Box::new(VqDesign { size, residues, fabric, clock_hz, baud })
            }
            CoreRequest::Gradient { objectives } => {
                Box::new(GradientDesign { objectives, fabric, clock_hz, baud })
            }
        }
    }

    /// The size in words.
    pub fn size(self) -> String {
        match self {
            CoreRequest::Vq { size, .. } => size.to_string(),
            CoreRequest::Gradient { objectives } => {
                let built = |&&(bit, _): &&(u16, &str)| objectives & bit != 0;
                OBJECTIVES.iter().filter(built).map(|o| o.1).collect::<Vec<_>>().join("+")
            }
        }
    }

    /// Dimensions that its speed is stated for.
    fn dimension(self) -> usize {
        match self {
            CoreRequest::Vq { size, .. } => size.dimension.into(),
            CoreRequest::Gradient { .. } => 16,
        }
    }
}

/// The objectives that can be built in: bit and name.
const OBJECTIVES: &[(u16, &str)] = &[(1, "rosenbrock"), (2, "quadratic"), (4, "linear")];

/// The bits of these objectives: rosenbrock, quadratic, linear (or what it is used for).
///
/// # Errors
/// With the names that there are.
pub fn objectives(names: &[String]) -> Result<u16> {
    names.iter().try_fold(0, |bits, name| match OBJECTIVES.iter().find(|o| o.1 == name) {
        Some((bit, _)) => Ok(bits | bit),
        None if Objective::ALL.iter().any(|o| o.name() == name && o.streams()) => Ok(bits | 4),
        None => Err(Error::request(format!(
            "no objective `{name}`; there are: rosenbrock, quadratic, linear"
        ))),
    })
}

/// Builds into `out`, which afterwards holds `top.v`, `netlist.json`, the constraint file, the
/// placed design, the bitstream and `report.json`: all of this build or, on an error, as before.
///
/// # Errors
/// If the size is not on offer, a tool is missing or fails, or a file cannot be written.
pub fn build(request: &Request, out: &Path) -> Result<Outcome> {
    let board = &request.board;
    let (_, clock_hz) = board.clocking((request.mhz * 1e6).round() as u32)?;
    if request.baud == 0 || request.baud > clock_hz / 4 {
        let most = clock_hz / 4;
        return Err(Error::request(format!("--baud {}: 1 to {most} at this clock", request.baud)));
    }
    let design = request.core.design(board, clock_hz, request.baud);
    let verilog = request.verilog()?;
    let tools = Toolchain::find(board.family, request.tools)?;
    if out.exists() && !out.is_dir() {
        return Err(Error::input(out, "is a file; --out names a folder"));
    }
    let parent = match out.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&parent).map_err(Error::io(&parent))?;
    let work = tempfile::Builder::new()
        .prefix(".fixlearn-")
        .tempdir_in(&parent)
        .map_err(Error::io(&parent))?;
    let at = |name: &str| work.path().join(name);
    std::fs::write(at("top.v"), verilog).map_err(Error::io(&at("top.v")))?;
    std::fs::write(at(&board.constraints), board.pins()?).map_err(Error::io(work.path()))?;

    let bar = output::progress(2 + request.seeds.len() as u64, "synthesis");
    let synthesis = match board.family {
        // Multipliers are placed by hand: `-dsp` packs what is beside them into them, wrongly.
        Family::Ice40 => "synth_ice40",
        Family::Ecp5 => "synth_ecp5",
    };
    let script = format!("read_verilog top.v; {synthesis} -top top -json netlist.json");
    let said = run(Command::new(&tools.yosys).args(["-q", "-p", &script]), work.path(), "yosys")?;
    if !said.status {
        return Err(Error::request(format!("yosys failed: {}", said.error_line())));
    }
    if said.text.contains("Driver-driver conflict") {
        return Err(Error::request("yosys broke a multiplier: a wire has two drivers"));
    }
    let cells = cells(&at("netlist.json"))?;
    let count = |names: &[&str]| -> u64 {
        cells.iter().filter(|(k, _)| names.iter().any(|n| k.starts_with(n))).map(|(_, n)| n).sum()
    };
    let dsps = count(&["SB_MAC16", "MULT18X18D"]);
    if dsps != design.multipliers() as u64 {
        return Err(Error::request(format!(
            "yosys made {dsps} multipliers of {}; the netlist is not the design",
            design.multipliers()
        )));
    }
    bar.inc(1);

    bar.set_message("placement");
    let mhz = f64::from(clock_hz) / 1e6;
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let placed: Vec<Result<Placement>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(request.seeds.len()))
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    while let Some(&seed) = request.seeds.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        mine.push(place(board, &tools, work.path(), mhz, seed));
                        bar.inc(1);
                    }
                    mine
                })
            })
            .collect();
        workers.into_iter().flat_map(|w| w.join().unwrap_or_default()).collect()
    });
    let mut placements = Vec::new();
    for placement in placed {
        match placement? {
            Placement { fmax: None, why, .. } => {
                bar.finish_and_clear();
                return Ok(Outcome::TooLarge(why));
            }
            Placement { seed, fmax: Some(fmax), device, .. } => {
                placements.push((seed, fmax, device));
            }
        }
    }
    placements.sort_by_key(|p| p.0);
    let best = placements.iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    let (seed, fmax, device) = best.ok_or_else(|| Error::request("--seeds: at least 1"))?.clone();

    bar.set_message("packing");
    let (placed_name, bitstream) = match board.family {
        Family::Ice40 => ("top.asc", "top.bin"),
        Family::Ecp5 => ("top.config", "top.bit"),
    };
    std::fs::rename(at(&placed_file(board.family, seed)), at(placed_name))
        .map_err(Error::io(&at(placed_name)))?;
    let mut pack = Command::new(&tools.pack);
    if board.family == Family::Ecp5 {
        pack.arg("--compress");
    }
    let said = run(pack.args([placed_name, bitstream]), work.path(), "the packer")?;
    if !said.status {
        return Err(Error::request(format!("the packer failed: {}", said.error_line())));
    }
    bar.finish_and_clear();

    let (yosys, nextpnr) = tools.versions();
    let identity = design.identity();
    let dimension = request.core.dimension();
    let learn_clocks = design.learn_clocks(dimension);
    let vectors_per_second = (fmax * 1e6 / learn_clocks as f64).round();
    let report = Report {
        board: board.name.clone(),
        core: if identity.core == fixlearn_map::vq::CORE.number { "vq" } else { "gradient" }.into(),
        size: request.core.size(),
        residues: matches!(request.core, CoreRequest::Vq { residues: true, .. }),
        luts: count(&["SB_LUT4", "LUT4"]),
        ffs: count(&["SB_DFF", "TRELLIS_FF"]),
        brams: count(&["SB_RAM40", "DP16KD", "PDPW16KD"]),
        dsps,
        device,
        clock_mhz: mhz,
        fmax_mhz: fmax,
        seed,
        placements: placements.iter().map(|p| (p.0, p.1)).collect(),
        baud: request.baud,
        dimension,
        learn_clocks,
        vectors_per_second,
        updates_per_second: vectors_per_second * dimension as f64,
        bitstream: bitstream.into(),
        tools: tools.kind,
        yosys,
        nextpnr,
    };
    if fmax < mhz {
        return Ok(Outcome::TooSlow(Box::new(report)));
    }
    std::fs::create_dir_all(out).map_err(Error::io(out))?;
    for name in ["top.v", "netlist.json", &board.constraints, placed_name, bitstream] {
        std::fs::rename(at(name), out.join(name)).map_err(Error::io(&out.join(name)))?;
    }
    let text = serde_json::to_string_pretty(&report).map_err(|e| Error::request(e.to_string()))?;
    output::write(&out.join("report.json"), (text + "\n").as_bytes())?;
    Ok(Outcome::Built(Box::new(report)))
}

#[derive(Debug)]
struct Placement {
    seed: u32,
    /// None: it does not fit, and why.
    fmax: Option<f64>,
    why: String,
    device: BTreeMap<String, Used>,
}

fn placed_file(family: Family, seed: u32) -> String {
    match family {
        Family::Ice40 => format!("seed{seed}.asc"),
        Family::Ecp5 => format!("seed{seed}.config"),
    }
}

fn place(
    board: &Board,
    tools: &Toolchain,
    folder: &Path,
    mhz: f64,
    seed: u32,
) -> Result<Placement> {
    let report = format!("seed{seed}.json");
    let mut command = Command::new(&tools.nextpnr);
    command.arg(format!("--{}", board.device)).args(["--package", &board.package]);
    match board.family {
        Family::Ice40 => command.args(["--pcf", &board.constraints, "--asc"]),
        Family::Ecp5 => command.args(["--lpf", &board.constraints, "--textcfg"]),
    };
    command.arg(placed_file(board.family, seed));
    if let Some(speed) = board.speed {
        command.args(["--speed", &speed.to_string()]);
    }
    command.args(["--json", "netlist.json", "--report", &report, "--timing-allow-fail"]);
    command.args(["--freq", &mhz.to_string(), "--seed", &seed.to_string()]);
    let said = run(&mut command, folder, "nextpnr")?;
    if !said.status {
        let line = said.error_line();
        // Packing and placement fail in these words when the device is too small.
        let small =
            ["Unable to find", "no more", "exceed", "placement", "Unable to place", "legal"];
        if small.iter().any(|s| line.contains(s)) || said.overfull() {
            return Ok(Placement { seed, fmax: None, why: line, device: BTreeMap::new() });
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
    Ok(Placement { seed, fmax: Some((fmax * 100.0).round() / 100.0), why: String::new(), device })
}

struct Said {
    status: bool,
    text: String,
}

impl Said {
    fn error_line(&self) -> String {
        let line = self.text.lines().find(|l| l.contains("ERROR"));
        line.or(self.text.lines().last()).unwrap_or("no message").trim().to_string()
    }

    /// nextpnr prints what it uses of what there is.
    fn overfull(&self) -> bool {
        self.text.lines().any(|l| {
            let share = l.rsplit(' ').next().and_then(|w| w.strip_suffix('%'));
            l.contains('/') && share.and_then(|s| s.parse::<u32>().ok()).is_some_and(|s| s > 100)
        })
    }
}

fn run(command: &mut Command, folder: &Path, what: &str) -> Result<Said> {
    let output = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Error::request(format!("{what} does not start: {e}")))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(Said { status: output.status.success(), text })
}

/// Cells of the netlist's top, by type.
fn cells(path: &Path) -> Result<BTreeMap<String, u64>> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| Error::input(path, e.to_string()))?;
    let mut counts = BTreeMap::new();
    for cell in json["modules"]["top"]["cells"].as_object().into_iter().flatten() {
        *counts.entry(cell.1["type"].as_str().unwrap_or("").to_string()).or_insert(0) += 1;
    }
    Ok(counts)
}
