//! What the reference builds take: measured, and compared with the committed table
//! `tests/resources.csv`. `cargo run --release -p fixlearn-tests --example resources` renews it.

use fixlearn::build::boards::find;
use fixlearn::build::report::Report;
use fixlearn::build::tools::Kind;
use fixlearn::build::{build, Outcome, Request};
use fixlearn_hdl::design;
use std::path::PathBuf;

/// Board, core, tools: each at the board's own size and clock.
pub const BUILDS: &[(&str, &str, Kind)] = &[
    ("icebreaker", "vq", Kind::Yowasp),
    ("icebreaker", "gradient", Kind::Yowasp),
    ("hx8k", "vq", Kind::Native),
    ("ulx3s-12f", "vq", Kind::Yowasp),
];

/// The table's file.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("resources.csv")
}

pub const HEADER: &str = "board,core,size,tools,clock_mhz,luts,ffs,brams,dsps,fmax_mhz";

/// Builds it with seed 1; its report, whether or not it meets the clock.
pub fn measure((board, core, tools): (&str, &str, Kind)) -> Report {
    let board = find(board).expect("a board");
    let kind = design::find(core).expect("a core");
    let request = Request { tools: Some(tools), ..Request::of(&board, kind).expect("an entry") };
    let folder = tempfile::tempdir().expect("a folder");
    match build(&request, &folder.path().join("out")).expect("it builds") {
        Outcome::Built(report) | Outcome::TooSlow(report) => *report,
        Outcome::TooLarge(why) => panic!("{} {core}: {why}", board.name),
    }
}

/// Its line of the table.
pub fn line(r: &Report) -> String {
    let tools = if r.tools == Kind::Native { "native" } else { "yowasp" };
    let Report { board, core, size, clock_mhz, luts, ffs, brams, dsps, fmax_mhz, .. } = r;
    format!(
        "{board},{core},{size},{tools},{clock_mhz:.2},{luts},{ffs},{brams},{dsps},{fmax_mhz:.2}"
    )
}
