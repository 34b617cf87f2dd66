//! What hardware a run takes: resources, clocks, and the share of the line.

use super::table::{Cell, Row, Table};
use super::{Part, Section};
use crate::build::boards::find;
use crate::build::reference::{references, Reference};
use crate::build::report::Report;
use crate::link::open::BAUD;
use crate::link::pace::WIRE_OVERHEAD;
use crate::output::rounded;
use crate::{Error, Result};
use fixlearn_hdl::design::{self, Design, Target};
use fixlearn_map::link::{Identity, PAYLOAD_MAX};
use fixlearn_map::Core;

/// What a run asks of its core.
pub struct Asked<'a> {
    pub core: &'static Core,
    /// Says what a device lacks to hold the run, if anything.
    pub fits: &'a dyn Fn(&Identity) -> std::result::Result<(), String>,
    /// Clocks of a step on such a device, and which steps take more.
    pub clocks: &'a dyn Fn(&dyn Design) -> Option<u64>,
    pub of_clocks: &'static str,
    /// What a step is, in the plural.
    pub step: &'static str,
    /// Bytes of a vector, if a step takes one.
    pub vector_bytes: Option<usize>,
}

/// A device that could hold the run.
struct Place {
    name: String,
    design: Box<dyn Design>,
    clock_hz: f64,
    baud: u32,
    built: Option<[u64; 4]>,
    fmax_mhz: Option<f64>,
}

/// Bytes on the line for a vector, its part of the frame's own among them.
pub fn line_bytes(vector_bytes: usize) -> f64 {
    let vector = vector_bytes.max(1);
    let frames = match PAYLOAD_MAX / vector {
        0 => vector.div_ceil(PAYLOAD_MAX) as f64,
        whole => 1.0 / whole as f64,
    };
    vector as f64 + frames * WIRE_OVERHEAD as f64
}

/// The section of these devices: the simulated board's, those of the reference builds that hold
/// the run, and the one in a folder of `build`.
///
/// # Errors
/// If the build is of another core, or does not hold the run.
pub fn section(asked: &Asked, build: Option<&Report>) -> Result<Section> {
    let name = asked.core.name;
    let kind = design::find(name).map_err(Error::Request)?;
    let mut places = Vec::new();
    if let Some(design) = kind.simulated(&|identity| (asked.fits)(identity).is_ok()) {
        let clock_hz = f64::from(Target::SIMULATED.clock_hz);
        let name = "simulated board".into();
        let (built, fmax_mhz) = (None, None);
        places.push(Place { name, design, clock_hz, baud: BAUD, built, fmax_mhz });
    }
    for reference in references()?.into_iter().filter(|reference| reference.core == name) {
        let Reference { board, size, clock_mhz, luts, ffs, brams, dsps, fmax_mhz, .. } = reference;
        let board = find(&board)?;
        let (clock_hz, baud) = ((clock_mhz * 1e6) as u32, board.baud);
        let design = kind.parse(&size, Target { fabric: board.fabric, clock_hz, baud });
        let design = design.map_err(Error::Request)?;
        if (asked.fits)(&design.identity()).is_ok() {
            let name = format!("{}, reference build", board.title);
            let built = Some([luts, ffs, brams, dsps]);
            let (clock_hz, fmax_mhz) = (clock_mhz * 1e6, Some(fmax_mhz));
            places.push(Place { name, design, clock_hz, baud, built, fmax_mhz });
        }
    }
    if let Some(report) = build {
        places.push(own(asked, report)?);
    }
    Ok(Section::new("Resources, clocks and the line", parts(asked, &places, build.is_some())))
}

/// The build in a folder.
fn own(asked: &Asked, report: &Report) -> Result<Place> {
    let Report { board, core, size, luts, ffs, brams, dsps, clock_mhz, fmax_mhz, baud, .. } =
        report;
    let wrong = |what: String| Err(Error::request(format!("--build: {what}")));
    if core != asked.core.name {
        return wrong(format!("is of core `{core}`, and the run of `{}`", asked.core.name));
    }
    let (kind, found) = (design::find(core).map_err(Error::Request)?, find(board)?);
    let target = Target { fabric: found.fabric, clock_hz: (clock_mhz * 1e6) as u32, baud: *baud };
    let design = kind.parse(size, target).map_err(Error::Request)?;
    if let Err(what) = (asked.fits)(&design.identity()) {
        return wrong(format!("its size {size} does not hold this run: {what}"));
    }
    Ok(Place {
        name: format!("{}, this build", found.title),
        design,
        clock_hz: clock_mhz * 1e6,
        baud: *baud,
        built: Some([*luts, *ffs, *brams, *dsps]),
        fmax_mhz: Some(*fmax_mhz),
    })
}

fn parts(asked: &Asked, places: &[Place], own: bool) -> Vec<Part> {
    let mut rows: Vec<Row> = Vec::new();
    let mut row = |name: &str, cell: &dyn Fn(&Place) -> Option<Cell>| {
        let cells: Vec<Option<Cell>> = places.iter().map(cell).collect();
        if cells.iter().any(Option::is_some) {
            let none = || Cell { is_number: true, ..Cell::word("–") };
            let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(none));
            rows.push(Row::new(name, cells.collect()));
        }
    };
    let step = asked.step;
    let number = |x: f64, digits| Some(Cell { is_number: true, ..Cell::word(rounded(x, digits)) });
    let clocks = |place: &Place| (asked.clocks)(place.design.as_ref());
    let core_rate = |place: &Place| Some(place.clock_hz / clocks(place)? as f64);
    let line_rate =
        |place: &Place| Some(f64::from(place.baud) / 10.0 / line_bytes(asked.vector_bytes?));
    row("Size, as --size has it", &|place| {
        Some(Cell { is_number: true, ..Cell::word(place.design.size()) })
    });
    for (i, name) in ["LUT", "flip-flops", "block RAM", "multipliers"].into_iter().enumerate() {
        row(name, &|place| number(place.built?[i] as f64, 0));
    }
    row("Fmax, MHz", &|place| number(place.fmax_mhz?, 2));
    row("Clock, MHz", &|place| number(place.clock_hz / 1e6, 2));
    let one = step.strip_suffix('s').unwrap_or(step);
    let least = if asked.of_clocks.is_empty() { "" } else { ", at least" };
    row(&format!("Clocks for one {one}{least}"), &|place| number(clocks(place)? as f64, 0));
    row(&format!("{step} a second of the core"), &|place| number(core_rate(place)?, 0));
    row("Line, baud", &|place| {
        asked.vector_bytes?;
        number(f64::from(place.baud), 0)
    });
    row(&format!("Bytes on the line for one {one}"), &|_| {
        number(line_bytes(asked.vector_bytes?), 2)
    });
    row(&format!("{step} a second of the line"), &|place| number(line_rate(place)?, 0));
    row("What holds it up", &|place| {
        let slower = core_rate(place)? < line_rate(place)?;
        Some(Cell { is_number: true, ..Cell::word(if slower { "the core" } else { "the line" }) })
    });
    row("Share of the line that is samples, %", &|place| {
        let rate = core_rate(place)?.min(line_rate(place)?);
        let bytes = asked.vector_bytes? as f64;
        number(100.0 * rate * bytes * 10.0 / f64::from(place.baud), 1)
    });
    let mut parts = Vec::new();
    if rows.is_empty() {
        parts.push(Part::Text("No size on offer holds this run.".into()));
        return parts;
    }
    let line = match asked.vector_bytes {
        Some(_) => format!(
            " The line carries 10 bits a byte, and frames of up to {PAYLOAD_MAX} bytes of whole \
             vectors with {WIRE_OVERHEAD} bytes around them. Its share is computed from that and \
             from the clocks, for a clean line over which every vector goes; what a run really \
             took is in the report of the command that made it. Vectors that stay on the board \
             go over the line once."
        ),
        None => " No vectors go over the line: the core iterates by itself.".into(),
    };
    let names = places.iter().map(|place| place.name.clone());
    parts.push(Part::Table(Table {
        name: "hardware",
        title: "Devices that hold this run".into(),
        columns: std::iter::once("of the design".to_string()).chain(names).collect(),
        rows,
        words: format!(
            "Resources and Fmax are those that yosys and nextpnr gave for the whole design with \
             its link. Clocks are exact, by the core's formula, which co-simulation checks.{}\
             {line}",
            asked.of_clocks
        ),
        is_map: false,
    }));
    if !own {
        parts.push(Part::Text(
            "For a board of your own, fixlearn build makes a bitstream; its figures stand here \
             with --build FOLDER."
                .into(),
        ));
    }
    parts
}
