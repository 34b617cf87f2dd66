//! `lowbit FOLDER [SEEDS] [STEPS] [JOBS]`: networks of 2, 3, 4 and 8 bits by each method of
//! `fixlearn quantize`, on the tables that `python tests/lowbit.py FOLDER` writes. The accuracy is
//! that of the exported network of whole numbers, by the golden model, on a fifth of the rows that
//! nothing learned from.
//!
//! A network in floating point is trained for each table and seed. What is done stays in the
//! folder, and is not done again. A line for each bar follows the tables; the exit status is 1 if
//! one is missed.

use fixlearn_tests::bars::Bars;
use fixlearn_tests::lowbit::{self, mean_and_deviation as of};
use fixlearn_tests::parallel::each_on;
use serde_json::Value;
use std::error::Error;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::ExitCode;

const TABLES: [&str; 2] = ["digits", "mnist"];
/// Outputs of convolutions, and pooling.
const NETWORKS: [&str; 2] = ["16,16,pool,32,pool", "8,pool,16,pool,32"];
const BITS: [u32; 4] = [2, 3, 4, 8];
const METHODS: [&str; 7] =
    ["rounding", "equalization", "correction", "generator", "aware", "attention", "data"];

/// What the bar compares.
const COMPARED: [&str; 3] = ["rounding", "attention", "data"];

/// What is run: `pretrain` without a method.
#[derive(Clone)]
struct Job {
    table: &'static str,
    seed: u64,
    method: Option<(&'static str, u32)>,
}

impl Job {
    fn name(&self) -> String {
        let start = format!("{}-{}", self.table, self.seed);
        self.method.map_or(start.clone(), |(method, bits)| format!("{start}-{method}-{bits}"))
    }

    /// Its report, from the folder if it is done.
    fn run(&self, folder: &Path, steps: &str, program: &Path) -> Result<Value, String> {
        let at = |name: String| folder.join(name).display().to_string();
        let kept = folder.join(format!("{}.report.json", self.name()));
        let (table, seed) = (at(format!("{}.csv", self.table)), self.seed.to_string());
        let network = at(format!("{}-{}.safetensors", self.table, self.seed));
        let layers = NETWORKS[usize::from(self.table == TABLES[1])];
        let Some((method, bits)) = self.method else {
            let arguments =
                ["pretrain", &table, "--out", &network, "--seed", &seed, "--network", layers];
            return lowbit::report(program, &arguments, &kept);
        };
        let (bits, out) = (bits.to_string(), at(format!("{}.json", self.name())));
        let arguments = ["quantize", &network, "--data", &table, "--out", &out];
        let how = ["--method", method, "--bits", &bits];
        // The first three have no steps.
        let trained: &[&str] = match METHODS[..3].contains(&method) {
            true => &[],
            false => &["--seed", &seed, "--steps", steps],
        };
        lowbit::report(program, &[&arguments[..], &how, trained].concat(), &kept)
    }
}

/// Runs them side by side; their reports, in their order.
fn all(
    jobs: &[Job],
    run: impl Fn(&Job) -> Result<Value, String> + Sync,
    side_by_side: usize,
) -> Result<Vec<Value>, String> {
    let bar = fixlearn::output::progress(jobs.len() as u64, "runs");
    let done = each_on(side_by_side, jobs.len(), |i| {
        let report = run(&jobs[i]);
        bar.inc(1);
        report
    });
    bar.finish_and_clear();
    done.into_iter().collect()
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, rest @ ..] = words.as_slice() else {
        return Err("usage: lowbit FOLDER [SEEDS] [STEPS] [JOBS]".into());
    };
    let folder = Path::new(folder);
    let number = |i: usize, usual: u64| rest.get(i).map_or(Ok(usual), |w| w.parse());
    let (seeds, steps, side_by_side) = (number(0, 5)?, number(1, 300)?, number(2, 2)? as usize);
    let program = lowbit::program()?;
    let run = |job: &Job| job.run(folder, &steps.to_string(), &program);
    let each = |seeds: RangeInclusive<u64>, methods: &[Option<(&'static str, u32)>]| {
        let seeds = seeds.flat_map(|seed| TABLES.map(|table| (table, seed)));
        let job = |(table, seed): (&'static str, u64)| {
            methods.iter().map(move |&method| Job { table, seed, method })
        };
        seeds.flat_map(job).collect::<Vec<Job>>()
    };
    all(&each(1..=2 * seeds, &[None]), run, side_by_side)?;
    let methods: Vec<_> = METHODS.iter().flat_map(|&m| BITS.map(|bits| Some((m, bits)))).collect();
    let mut jobs = each(1..=seeds, &methods);
    // What the bar compares differs by a few pictures a seed: twice as many seeds.
    jobs.extend(each(seeds + 1..=2 * seeds, &COMPARED.map(|method| Some((method, 3)))));
    let reports = all(&jobs, run, side_by_side)?;
    let some = |most: u64, table: &str, method: &str, bits: u32, field: &str| -> Vec<f64> {
        let own = jobs.iter().zip(&reports).filter(|(job, _)| job.seed <= most);
        let own = own.filter(|(j, _)| j.table == table && j.method == Some((method, bits)));
        own.filter_map(|(_, report)| report[field].as_f64()).map(|a| 100.0 * a).collect()
    };
    let percents =
        |table: &str, method: &str, bits: u32, field: &str| some(seeds, table, method, bits, field);
    let mut bars = Bars::default();
    for table in TABLES {
        let (mean, deviation) = of(&percents(table, "rounding", 8, "float_accuracy"));
        println!("{table}: {mean:.2} +- {deviation:.2} % in floating point, {seeds} seeds");
        println!("| method | 2 bits | 3 bits | 4 bits | 8 bits |\n|---|---|---|---|---|");
        for method in METHODS {
            let cell = |bits| {
                let (mean, deviation) = of(&percents(table, method, bits, "accuracy"));
                format!("{mean:.2} +- {deviation:.2}")
            };
            println!("| {method} | {} |", BITS.map(cell).join(" | "));
        }
        println!("gain of each part, points, seed by seed");
        for pair in METHODS.windows(2).take(METHODS.len() - 2) {
            // The generator begins from rounding.
            let from = if pair[1] == "generator" { "rounding" } else { pair[0] };
            let cell = |bits| {
                let (a, b) = (
                    percents(table, from, bits, "accuracy"),
                    percents(table, pair[1], bits, "accuracy"),
                );
                let gains: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
                let (mean, deviation) = of(&gains);
                format!("{mean:+.2} +- {deviation:.2}")
            };
            println!("| {} over {from} | {} |", pair[1], BITS.map(cell).join(" | "));
        }
        let [plain, full, best] =
            COMPARED.map(|method| of(&some(2 * seeds, table, method, 3, "accuracy")).0);
        println!(
            "3 bits, {} seeds: {plain:.2} % rounded, {full:.2} with all parts, {best:.2} with data",
            2 * seeds
        );
        let share = 100.0 * (full - plain) / (best - plain);
        let name = format!("{table}, 3 bits, recovered of what rounding loses");
        bars.say(&name, format_args!("{share:.1} %"), "80 % or more", share >= 80.0);
    }
    let seconds = reports.iter().filter_map(|r| r["seconds"].as_f64()).fold(0.0, f64::max);
    bars.say("the longest run", format_args!("{seconds:.0} s"), "600 s at most", seconds <= 600.0);
    Ok(bars.status())
}
