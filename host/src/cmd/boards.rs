//! `boards`: the boards.

use super::printed::Context;
use fixlearn::build::boards::{self, Board};
use fixlearn::Result;

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: &Args, context: &Context) -> Result<bool> {
    let boards = boards::all()?;
    context.report(&serde_json::json!({ "boards": boards }), || {
        boards.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(true)
}

fn line(board: &Board) -> String {
    let pins = board.assignments().unwrap_or_default();
    let pin = |port: &str| pins.iter().find(|p| p.0 == port).map_or("-", |p| p.1.as_str());
    format!(
        "{:14} {:20} {}-{}, {} MHz on {}, rx {}, tx {}, {} baud{}, {}",
        board.name,
        board.title,
        board.device,
        board.package,
        f64::from(board.clock_hz) / 1e6,
        pin("clock"),
        pin("rx"),
        pin("tx"),
        board.baud,
        board.sdram.as_ref().map_or(String::new(), |sdram| format!(", +sdram{}", sdram.size)),
        board.programmer.program
    )
}
