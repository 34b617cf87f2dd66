//! `perceptron TABLE.csv TARGET [PASSES] [SEEDS] [--json]`: the quantized perceptron's accuracy
//! and epochs against the bits of a weight (1..=8, two's complement, sign included) and the grey
//! levels of its inputs (2..=16), with error feedback, which keeps what a weight's grid drops in a
//! residue, and with stochastic rounding, which keeps nothing.
//!
//! Means over `SEEDS` splits (80 % to learn from). Every run is made on the golden model; those
//! of the first seed on the core in co-simulation too, whose state must be equal at the end, else
//! the exit status is 1. Epochs: until the training accuracy is within 1 point of its best.

use fixlearn::input::{Mend, Missing};
use fixlearn::order::order;
use fixlearn::output;
use fixlearn::tasks::regress::data::{prepare, Options, Preparation, Samples};
use fixlearn::tasks::regress::score;
use fixlearn_sim::golden::cores::gradient::{Config, Objective, Rounding, Sample};
use fixlearn_tests::cores::gradient::Gradient;
use fixlearn_tests::cores::{design, Tested};
use fixlearn_tests::cosim::core;
use std::error::Error;
use std::path::Path;

const BITS: [u32; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
const GREYS: [u32; 5] = [2, 3, 4, 8, 16];

fn main() -> Result<std::process::ExitCode, Box<dyn Error>> {
    let (flags, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let [path, target, rest @ ..] = words.as_slice() else {
        return Err("usage: perceptron TABLE.csv TARGET [PASSES] [SEEDS] [--json]".into());
    };
    let number = |i: usize, default: u64| rest.get(i).map_or(Ok(default), |w| w.parse());
    let (passes, seeds) = (number(0, 20)?, number(1, 5)?.max(1));
    let table = fixlearn::input::cells(Path::new(path), true)?;
    let mut core = core::<Gradient>(design::<Gradient>(Gradient::SIZE).as_ref(), str::to_string);
    let mut equal = true;
    let mut found = Vec::new();
    let bar = output::progress(2 * GREYS.len() as u64 * BITS.len() as u64 * seeds, "table");
    for rounding in [Rounding::ErrorFeedback, Rounding::Stochastic] {
        for grey in GREYS {
            for bits in BITS {
                let mut sums = (0.0, 0.0, 0.0);
                for seed in 0..seeds {
                    let options = Options {
                        objective: Objective::Perceptron,
                        hold_out: 0.2,
                        seed,
                        standardize: true,
                        scale: 1.0,
                        grey_levels: Some(grey),
                        header: true,
                        stratify: false,
                        drop: Vec::new(),
                        features: Vec::new(),
                        missing: Missing::Refuse,
                        class: None,
                        test: None,
                    };
                    let (preparation, samples) =
                        prepare(Path::new(path), &table, target, &options, Mend::Cell)?;
                    let start = start(bits, rounding, &preparation, &samples, passes);
                    let mut golden = start.clone();
                    let (accuracy, epochs) =
                        learn(&mut golden, &preparation, &samples, passes, seed);
                    let held =
                        right(&golden, &preparation, &samples.held_out, &samples.held_out_targets);
                    sums = (sums.0 + accuracy, sums.1 + held, sums.2 + epochs as f64);
                    if seed == 0 {
                        core.load(&start);
                        for pass in 0..passes {
                            for i in order(seed, pass, samples.training.len()) {
                                let vector: Vec<u8> = samples.training[i].bytes().collect();
                                core.run(&vector, true, &[0]);
                            }
                        }
                        equal &= core.difference(&golden).is_none();
                    }
                    bar.inc(1);
                }
                let n = seeds as f64;
                found.push((rounding, grey, bits, sums.0 / n, sums.1 / n, sums.2 / n));
            }
        }
    }
    bar.finish_and_clear();
    if flags.iter().any(|f| f == "--json") {
        let rows: Vec<_> = found
            .iter()
            .map(|(rounding, grey, bits, training, held_out, epochs)| {
                serde_json::json!({ "rounding": rounding, "grey_levels": grey, "weight_bits": bits,
                    "training": training, "held_out": held_out, "epochs": epochs })
            })
            .collect();
        println!("{}", serde_json::json!({ "equal_in_cosimulation": equal, "rows": rows }));
    } else {
        for rounding in [Rounding::ErrorFeedback, Rounding::Stochastic] {
            println!("{rounding:?}: held-out accuracy % (epochs), {passes} passes, {seeds} splits");
            print!("weight bits");
            GREYS.iter().for_each(|g| print!("{:>16}", format!("{g} grey levels")));
            println!();
            for bits in BITS {
                print!("{bits:11}");
                for f in found.iter().filter(|f| f.0 == rounding && f.2 == bits) {
                    print!("{:>16}", format!("{:.1} ({:.1})", 100.0 * f.4, f.5));
                }
                println!();
            }
        }
        println!("co-simulation {} to the golden model", if equal { "equal" } else { "NOT equal" });
    }
    Ok(std::process::ExitCode::from(u8::from(!equal)))
}

/// Weights of `bits` bits in -1..1, rates from 2^-5 to 2^-8.
fn start(bits: u32, rounding: Rounding, p: &Preparation, s: &Samples, passes: u64) -> Gradient {
    let dimension = p.features.len() + 1;
    let step = 1 << (28 - (bits - 1));
    let config = Config {
        objective: Objective::Perceptron,
        dimension,
        rounding,
        rate: 5,
        rate_most: 8,
        rate_period: (s.training.len() as u64 * passes / 4) as u32,
        point_bits: bits - 1,
        low: -(1 << 28),
        high: (1 << 28) - step,
        ..Config::power_up()
    };
    Gradient::new(config, vec![0; dimension])
}

/// Training accuracy at the end, and the epochs until it was near its best.
fn learn(
    golden: &mut Gradient,
    preparation: &Preparation,
    samples: &Samples,
    passes: u64,
    seed: u64,
) -> (f64, usize) {
    let mut curve = Vec::new();
    for pass in 0..passes {
        for i in order(seed, pass, samples.training.len()) {
            golden.descend(Some(&samples.training[i]));
        }
        curve.push(right(golden, preparation, &samples.training, &samples.training_targets));
    }
    let best = curve.iter().copied().fold(0.0, f64::max);
    let epochs = curve.iter().position(|&a| a >= best - 0.01).map_or(0, |i| i + 1);
    (curve.last().copied().unwrap_or(0.0), epochs)
}

fn right(golden: &Gradient, p: &Preparation, samples: &[Sample], targets: &[f64]) -> f64 {
    let predictions: Vec<i32> = samples.iter().map(|s| golden.predict(&s.features)).collect();
    score(p, &predictions, targets)
}
