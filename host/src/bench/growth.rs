//! How time and memory grow.

use super::{best, samples, write_model, write_npy, Bench, Folder, Table, CORES};
use crate::{Error, Result};
use fixlearn_sim::golden::cores::vq::{Config, Vq, GUARD_BITS};
use fixlearn_sim::golden::Core;

/// What grows, from where to where; the other two stay at 256 codewords, 16 dimensions and 100,000
/// vectors. The largest core has 256 codewords of 64 dimensions.
const AXES: [(&str, [usize; 4]); 3] = [
    ("codewords", [4, 16, 64, 256]),
    ("dimensions", [1, 4, 16, 64]),
    ("vectors", [1_000, 10_000, 100_000, 1_000_000]),
];

/// One size.
struct Size {
    codewords: usize,
    dimension: usize,
    vectors: usize,
}

pub fn run(bench: &Bench) -> Result<Table> {
    let title = format!("growth: seconds and MiB, {CORES} cores; the exponent of each, fitted");
    let columns = ["encode s", "train s", "encode MiB", "train MiB"];
    let mut table = Table::new(&title, &columns);
    for (axis, values) in AXES {
        let mut rows: Vec<[Option<f64>; 4]> = Vec::new();
        for value in values {
            let mut size = Size { codewords: 256, dimension: 16, vectors: 100_000 };
            match axis {
                "codewords" => size.codewords = value,
                "dimensions" => size.dimension = value,
                _ => size.vectors = value,
            }
            let measured = measure(bench, &size)?;
            table.row(format!("{value} {axis}"), measured);
            rows.push(measured);
            if crate::stop::requested() {
                return Err(Error::Interrupted);
            }
        }
        let exponents = (0..columns.len()).map(|column| {
            let points = values.iter().zip(&rows).filter_map(|(&x, row)| Some((x, row[column]?)));
            exponent(points.map(|(x, y)| (x as f64, y)))
        });
        let exponents: Vec<Option<f64>> = exponents.collect();
        table.row(format!("exponent in {axis}"), exponents);
    }
    table.notes = vec![
        "Seconds are the model's alone; MiB are the most that the whole command had, the".into(),
        "program itself included.".into(),
    ];
    Ok(table)
}

fn measure(bench: &Bench, size: &Size) -> Result<[Option<f64>; 4]> {
    let &Size { codewords, dimension, vectors } = size;
    let data = samples(3, vectors * dimension);
    let mut vq = Vq::new(Config::power_up(codewords, dimension), 8);
    let codebook = samples(7, codewords * dimension);
    vq.codebook = codebook.iter().map(|&x| u16::from(x) << GUARD_BITS).collect();
    let rounds = bench.rounds;
    let encode = best(rounds, || drop(std::hint::black_box(vq.clone().recall_all(&data))));
    let train = best(rounds, || std::hint::black_box(vq.clone()).learn_all(&data));
    let folder = Folder::new()?;
    let input = folder.at("data.npy");
    write_npy(input.as_ref(), vectors as u64, dimension as u64, Some(&data))?;
    drop(data);
    let model = write_model(bench, &folder, codewords, dimension)?;
    let (out, run, count) = (folder.at("out.idx"), folder.at("run"), codewords.to_string());
    let (_, encoding) = bench.command(&["encode", &input, "--model", &model, "--out", &out])?;
    let options = ["--codewords", &count, "--passes", "1", "--init", "random"];
    let words = [&["train", &input, "--out", &run], &options[..]].concat();
    let (_, training) = bench.command(&words)?;
    let mebibytes = |bytes: Option<f64>| bytes.map(|bytes| bytes / f64::from(1 << 20));
    Ok([Some(encode), Some(train), mebibytes(encoding), mebibytes(training)])
}

/// The slope of the line nearest to the logarithms.
fn exponent(points: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let points: Vec<(f64, f64)> = points.map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / count, y + p.1 / count));
    let square: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    let product: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    (points.len() > 1 && square > 0.0).then(|| product / square)
}

#[cfg(test)]
mod tests {
    use super::exponent;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_power_has_its_exponent(power in -3.0..3.0, scale in 0.1..10.0) {
            let points = [1.0, 10.0, 100.0, 1000.0].map(|x: f64| (x, scale * x.powf(power)));
            let found = exponent(points.into_iter()).expect("four points");
            prop_assert!((found - power).abs() < 1e-9, "{found}");
        }
    }
}
