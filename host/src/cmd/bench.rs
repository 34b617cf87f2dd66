//! `bench`: speed and memory, side by side.

use super::printed::Context;
use fixlearn::bench::{figures, Bench, Part, Table, PARTS};
use fixlearn::outputs::Kind;
use fixlearn::plot::{self, Chart};
use fixlearn::{output, Error, Result};
use serde_json::json;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// What to measure [default: all of them]
    #[arg(value_name = "PART", value_parser = parts())]
    parts: Vec<String>,
    /// Repetitions, 1 to 100; the best counts
    #[arg(long, value_name = "N", default_value_t = 3)]
    #[arg(value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100))]
    rounds: usize,
    /// Measure no other programs; else they are installed, as Python packages of fixlearn's own
    #[arg(long)]
    without_rivals: bool,
    /// Draw the rates of golden, .svg or .png
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

fn parts() -> clap::builder::PossibleValuesParser {
    PARTS.iter().map(|part| clap::builder::PossibleValue::new(part.name).help(part.about)).into()
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let asked = |part: &&Part| args.parts.is_empty() || args.parts.iter().any(|p| p == part.name);
    let parts: Vec<&Part> = PARTS.iter().filter(asked).collect();
    if let Some(path) = &args.plot {
        if !parts.iter().any(|part| part.name == "golden") {
            return Err(Error::request("--plot draws what golden measures; name it, too"));
        }
        let none: [&str; 0] = [];
        context.outputs(none).add("--plot", path, Kind::As(plot::ENDINGS))?;
    }
    let program = std::env::current_exe().map_err(|e| {
        Error::request(format!("this program cannot be found, to be measured: {e}"))
    })?;
    let bench = Bench { program, rounds: args.rounds, rivals: !args.without_rivals };
    bench.on_its_cores();
    let bar = output::progress(parts.len() as u64, "measuring");
    let mut tables: Vec<(&str, Table)> = Vec::new();
    for part in parts {
        bar.set_message(part.name);
        tables.push((part.name, part.run(&bench)?));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let bars: Vec<_> = tables.iter().flat_map(|(_, table)| &table.bars).collect();
    let held = bars.iter().all(|bar| bar.held);
    if let (Some(path), Some((_, table))) = (&args.plot, tables.iter().find(|t| t.0 == "golden")) {
        plot::write(path, &chart(table))?;
    }
    let by_part: serde_json::Map<_, _> =
        tables.iter().map(|(name, table)| (name.to_string(), json!(table))).collect();
    context.report(&json!({ "parts": by_part, "bars": bars, "held": held }), || {
        let lines = tables.iter().flat_map(|(_, table)| table.lines());
        lines.chain(bars.iter().map(|bar| bar.to_string())).collect::<Vec<_>>().join("\n")
    })?;
    Ok(held)
}

/// The rates as bars beside each other.
fn chart(table: &Table) -> Chart {
    Chart {
        title: format!("{} (lengths are logarithmic)", table.title),
        series: table.columns.clone(),
        rows: table.rows.iter().map(|row| (row.name.clone(), row.values.clone())).collect(),
        label: figures,
    }
}
