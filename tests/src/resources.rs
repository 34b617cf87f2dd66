//! What the reference builds take: measured, and compared with the committed table
//! `tests/resources.csv`. `cargo run --release -p fixlearn-tests --example resources` renews it.

use fixlearn::build::boards::find;
use fixlearn::build::report::Report;
use fixlearn::build::tools::Kind;
use fixlearn::build::{build, Outcome, Request};
use fixlearn_hdl::design;
use std::path::PathBuf;

/// The registry of the reference builds: calls a macro with a line for each, which is its test's
/// name, board, core and tools. Each is at the board's own size and clock.
#[macro_export]
macro_rules! reference_builds {
    ($callback:ident) => {
        $callback! {
            quantizer_on_the_ultraplus "icebreaker" "vq" Yowasp;
            gradient_core_on_the_ultraplus "icebreaker" "gradient" Yowasp;
            filter_on_the_ultraplus "icebreaker" "lms" Yowasp;
            quantizer_on_the_hx8k "hx8k" "vq" Native;
            quantizer_on_the_ecp5 "ulx3s-12f" "vq" Yowasp;
            filter_on_the_gowin "tangnano9k" "lms" Yowasp;
        }
    };
}

/// A board, a core and the tools.
pub type Build = (&'static str, &'static str, Kind);

macro_rules! list {
    ($($name:ident $board:literal $core:literal $tools:ident;)*) => {
        /// The reference builds.
        pub const BUILDS: &[Build] = &[$(($board, $core, Kind::$tools)),*];
    };
}
reference_builds!(list);

/// The table's file.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("resources.csv")
}

pub const HEADER: &str = "board,core,size,tools,clock_mhz,luts,ffs,brams,dsps,fmax_mhz";

/// Builds it with seed 1; its report, whether or not it meets the clock.
pub fn measure((board, core, tools): Build) -> Report {
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
