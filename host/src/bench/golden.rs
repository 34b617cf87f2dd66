//! The golden model beside other programs.

use super::{rivals, samples, soonest, write_model, write_npy, Bench, Folder, Table};
use crate::bars::Bar;
use crate::{Error, Result};
use fixlearn_sim::golden::cores::vq::{Config, Vq, GUARD_BITS};
use fixlearn_sim::golden::Core;
use std::collections::BTreeMap;

const CODEWORDS: usize = 256;
const DIMENSION: usize = 16;
/// Vectors that are encoded, and learned once.
const VECTORS: usize = 200_000;
/// Of these, those that MiniSom learns.
const ONLINE: usize = 10_000;
/// Vectors that a whole command encodes.
const FILE: usize = 4_000_000;
/// How many times as fast as MiniSom online training is to be.
const TIMES: f64 = 50.0;

pub fn run(bench: &Bench) -> Result<Table> {
    let python = bench.rivals.then(rivals::install).transpose()?;
    let folder = Folder::new()?;
    let at = |name: &str| folder.path().join(name);
    let (data, codebook) = (samples(3, VECTORS * DIMENSION), samples(7, CODEWORDS * DIMENSION));
    write_npy(&at("data.npy"), VECTORS as u64, DIMENSION as u64, Some(&data))?;
    write_npy(&at("codebook.npy"), CODEWORDS as u64, DIMENSION as u64, Some(&codebook))?;
    let model = write_model(bench, &folder, CODEWORDS, DIMENSION)?;
    let repeated = data.repeat(FILE / VECTORS);
    write_npy(&at("file.npy"), FILE as u64, DIMENSION as u64, Some(&repeated))?;
    drop(repeated);
    let [file, data_file, out, run] =
        ["file.npy", "data.npy", "out.idx", "run"].map(|n| folder.at(n));

    let vq = start(&codebook);
    let mut found: BTreeMap<String, f64> = BTreeMap::new();
    let mut keep = |name: &str, rate: f64| {
        let best = found.entry(name.into()).or_insert(0.0);
        *best = best.max(rate);
    };
    // In turn, so that what else the machine does is alike for all.
    for _ in 0..bench.rounds {
        let encode = soonest(|| drop(std::hint::black_box(vq.clone().recall_all(&data))));
        keep("fixlearn encode", VECTORS as f64 / encode);
        let train = soonest(|| std::hint::black_box(vq.clone()).learn_all(&data));
        keep("fixlearn train", VECTORS as f64 / train);
        let words = ["encode", &file, "--model", &model, "--out", &out];
        keep("the whole command encode", FILE as f64 / bench.command(&words)?.0.as_secs_f64());
        let map = ["--radius", "1", "--columns", "16", "--init", "random", "--passes", "5"];
        let words = [&["train", &data_file, "--out", &run, "--codewords", "256"], &map[..]];
        let took = bench.command(&words.concat())?.0.as_secs_f64();
        keep("the whole command train", (5 * VECTORS) as f64 / took);
        if let Some(python) = &python {
            let rates = rivals::measure(python, &at("data.npy"), &at("codebook.npy"), ONLINE)?;
            rates.iter().for_each(|(name, &rate)| keep(name, rate));
        }
        if crate::stop::requested() {
            return Err(Error::Interrupted);
        }
    }
    Ok(table(&found))
}

/// On a map of 16 x 16, radius 1, half the rate in the ring.
fn start(codebook: &[u8]) -> Vq {
    let config =
        Config { radius: 1, columns_log2: 4, falloff: 1, ..Config::power_up(CODEWORDS, DIMENSION) };
    let mut vq = Vq::new(config, 8);
    vq.codebook = codebook.iter().map(|&x| u16::from(x) << GUARD_BITS).collect();
    vq
}

fn table(found: &BTreeMap<String, f64>) -> Table {
    let title = "golden: vectors a second, 256 codewords of 16 dimensions, 2 cores";
    let mut table = Table::new(title, &["encode", "train"]);
    let names = [
        "fixlearn",
        "the whole command",
        "faiss-cpu",
        "scipy",
        "scikit-learn KMeans",
        "scikit-learn MiniBatchKMeans",
        "MiniSom",
    ];
    let of = |name: &str, what: &str| found.get(&format!("{name} {what}")).copied();
    for name in names {
        let rates = [of(name, "encode"), of(name, "train")];
        if rates.iter().any(Option::is_some) {
            table.row(name, rates);
        }
    }
    let others = names[2..].iter().filter_map(|name| of(name, "encode"));
    let fastest = others.fold(0.0, f64::max);
    if fastest > 0.0 {
        for (bar, name) in [("encode", names[0]), ("encode by command", names[1])] {
            let ratio = of(name, "encode").unwrap_or(0.0) / fastest;
            let text = format!("{ratio:.2} of the fastest other");
            table.bars.push(Bar::new(bar, text, "above 1", ratio > 1.0));
        }
    }
    if let Some(minisom) = of("MiniSom", "train") {
        let ratio = of(names[0], "train").unwrap_or(0.0) / minisom;
        let (text, goal) = (format!("{ratio:.1} times MiniSom"), format!("at least {TIMES}"));
        table.bars.push(Bar::new("online training", text, &goal, ratio >= TIMES));
    }
    table.notes = vec![
        "fixlearn and MiniSom learn vector by vector, on a map of 16 x 16 with radius 1; the"
            .into(),
        "others learn once from all vectors (scikit-learn's MiniBatchKMeans from 1024 each)."
            .into(),
        "The whole command reads 64 MB and writes the indices; it starts and ends with that."
            .into(),
    ];
    table
}
