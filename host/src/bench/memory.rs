//! What a large input takes of memory.

use super::{write_model, write_npy, Bench, Folder, Table};
use crate::bars::Bar;
use crate::Result;
use std::time::Duration;

const CODEWORDS: usize = 256;
const DIMENSION: usize = 16;
const BYTES: u64 = 1 << 32;
/// Learned, in longer vectors of fewer codewords: each is read for itself.
const LEARNED: u64 = 1 << 30;
const LONG: usize = 256;
const FEW: usize = 16;
const MEBIBYTE: f64 = (1 << 20) as f64;
/// Beside the codebook; of the data itself nothing need be held.
const WANTED: f64 = 32.0;

/// The time that a command took, and the most memory that it had.
type Measured = (Duration, Option<f64>);

pub fn run(bench: &Bench) -> Result<Table> {
    let folder = Folder::new()?;
    let (input, out) = (folder.at("data.npy"), folder.at("out.idx"));
    let vectors = BYTES / DIMENSION as u64;
    write_npy(input.as_ref(), vectors, DIMENSION as u64, None)?;
    let model = write_model(bench, &folder, CODEWORDS, DIMENSION)?;
    let encoded = bench.command(&["encode", &input, "--model", &model, "--out", &out])?;
    let title = "memory: 4 GiB encoded, 1 GiB learned";
    let mut table = Table::new(title, &["seconds", "vectors/s", "MiB"]);
    let mut row = |name: &str, bar: &str, vectors: u64, (took, peak): Measured, codebook: usize| {
        let (seconds, peak) = (took.as_secs_f64(), peak.map(|bytes| bytes / MEBIBYTE));
        table.row(name, [Some(seconds), Some(vectors as f64 / seconds), peak]);
        match peak {
            Some(peak) => {
                let value = format!("{peak:.1} MiB in all");
                let goal = "at most the codebook and 32 MiB";
                let held = peak <= codebook as f64 / MEBIBYTE + WANTED;
                table.bars.push(Bar::new(bar, value, goal, held));
            }
            None => table.notes.push("This system does not say how much memory it took.".into()),
        }
    };
    row("fixlearn encode", "memory of 4 GiB", vectors, encoded, CODEWORDS * DIMENSION);
    let (vectors, codewords) = (LEARNED / LONG as u64, FEW.to_string());
    write_npy(input.as_ref(), vectors, LONG as u64, None)?;
    let model = folder.at("learned.json");
    let options = ["--codewords", &codewords, "--passes", "1"];
    let learned = bench.command(&[&["train", &input, "--out", &model], &options[..]].concat())?;
    row("fixlearn train", "memory of 1 GiB, learned", vectors, learned, FEW * LONG);
    Ok(table)
}
