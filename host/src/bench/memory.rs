//! What a large input takes of memory.

use super::{write_model, write_npy, Bench, Folder, Table};
use crate::bars::Bar;
use crate::Result;

const CODEWORDS: usize = 256;
const DIMENSION: usize = 16;
const BYTES: u64 = 1 << 32;
const MEBIBYTE: f64 = (1 << 20) as f64;
/// Beside the codebook; of the data itself nothing need be held.
const WANTED: f64 = 32.0;

pub fn run(bench: &Bench) -> Result<Table> {
    let folder = Folder::new()?;
    let (input, out) = (folder.at("data.npy"), folder.at("out.idx"));
    let vectors = BYTES / DIMENSION as u64;
    write_npy(input.as_ref(), vectors, DIMENSION as u64, None)?;
    let model = write_model(bench, &folder, CODEWORDS, DIMENSION)?;
    let (took, peak) = bench.command(&["encode", &input, "--model", &model, "--out", &out])?;
    let mut table = Table::new("memory: 4 GiB encoded", &["seconds", "vectors/s", "MiB"]);
    let peak = peak.map(|bytes| bytes / MEBIBYTE);
    let seconds = took.as_secs_f64();
    table.row("fixlearn encode", [Some(seconds), Some(vectors as f64 / seconds), peak]);
    match peak {
        Some(peak) => {
            let codebook = (CODEWORDS * DIMENSION) as f64 / MEBIBYTE;
            let value = format!("{peak:.1} MiB in all");
            let goal = "at most the codebook and 32 MiB";
            let held = peak <= codebook + WANTED;
            table.bars.push(Bar::new("memory of 4 GiB", value, goal, held));
        }
        None => table.notes.push("This system does not say how much memory it took.".into()),
    }
    Ok(table)
}
