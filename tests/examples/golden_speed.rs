//! How fast the golden model learns as a device (`--port golden`), and beside it MiniSom, a map in
//! NumPy, at the same size in the same run:
//! `cargo run --release -p fixlearn-tests --example golden_speed -- [vectors]`.
//!
//! 256 codewords of 16 dimensions on a grid of 16 x 16, radius 1: a vector is 256 x 16 connection
//! updates (the usual MCUPS: every connection is looked at once a vector). The link is part of
//! what is measured: frames, CRCs and acknowledgements of the whole protocol. Exit status 1 if
//! MiniSom is there and the golden model is less than 10 times as fast; medians of five rounds.

use fixlearn::device::Device;
use fixlearn::link::golden::Golden;
use fixlearn_hdl::design::Design;
use fixlearn_sim::golden::cores::vq::Config;
use fixlearn_tests::cores::vq::{design, Vq};
use fixlearn_tests::line::noise;
use std::process::{Command, ExitCode};
use std::time::Instant;

const CODEWORDS: usize = 256;
const DIMENSION: usize = 16;
/// How many times as fast as MiniSom it is to be.
const WANTED: f64 = 10.0;
/// Of measurements, of which the medians count.
const ROUNDS: usize = 5;

/// The winner and the update of `vectors` random vectors; prints the vectors a second.
const MINISOM: &str = "
import sys, time
import numpy
from minisom import MiniSom
count = int(sys.argv[1])
samples = numpy.random.default_rng(1).random((count, 16))
som = MiniSom(16, 16, 16, sigma=1.0, learning_rate=0.1, random_seed=1)
begun = time.perf_counter()
for t, sample in enumerate(samples):
    som.update(sample, som.winner(sample), t, count)
print(count / (time.perf_counter() - begun))
";

fn main() -> ExitCode {
    let count = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(50_000);
    // In turn, so that what else the machine does is alike for both.
    let rounds: Vec<_> = (0..ROUNDS).map(|_| (golden(count), minisom(count / 5))).collect();
    let say = |name: &str, rate: f64| {
        let mcups = rate * (CODEWORDS * DIMENSION) as f64 / 1e6;
        println!("{name}: {rate:.0} vectors/s, {mcups:.1} MCUPS");
    };
    say("golden", median(rounds.iter().map(|r| r.0).collect()));
    let both: Vec<(f64, f64)> = rounds.iter().filter_map(|r| Some((r.0, r.1?))).collect();
    if both.is_empty() {
        println!("minisom: not there; `python3 -m pip install minisom` gets it");
        return ExitCode::SUCCESS;
    }
    say("minisom", median(both.iter().map(|r| r.1).collect()));
    let ratio = median(both.iter().map(|r| r.0 / r.1).collect());
    let held = ratio >= WANTED;
    let verdict = if held { "held" } else { "missed" };
    println!("bar golden: {ratio:.1}, wanted {WANTED}, {verdict}");
    ExitCode::from(u8::from(!held))
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Vectors a second that a device learns which is the golden model.
fn golden(count: usize) -> f64 {
    let design = design(CODEWORDS as u16, DIMENSION as u16, 8);
    let port = Golden::new::<Vq>(&design.identity()).expect("a quantizer");
    let mut device = Device::<Vq>::open(Box::new(port)).expect("it answers");
    let config =
        Config { radius: 1, columns_log2: 4, falloff: 1, ..Config::power_up(CODEWORDS, DIMENSION) };
    let mut start = Vq::new(config, 8);
    start.codebook =
        noise(7, CODEWORDS * DIMENSION).into_iter().map(|x| u16::from(x) << 7).collect();
    device.load(&start).expect("it loads");
    let vectors = noise(3, count * DIMENSION);
    let begun = Instant::now();
    for piece in vectors.chunks(device.piece() * DIMENSION) {
        device.learn(piece.to_vec()).expect("it learns");
    }
    let last = device.finish().expect("it answers").expect("an acknowledgement");
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(last.learned as usize, count, "every vector is learned");
    count as f64 / seconds
}

/// Vectors a second of MiniSom; none if there is no python3 that has it.
fn minisom(count: usize) -> Option<f64> {
    let count = count.max(1).to_string();
    let done = Command::new("python3").args(["-c", MINISOM, &count]).output().ok()?;
    done.status.success().then_some(())?;
    String::from_utf8_lossy(&done.stdout).trim().parse().ok()
}
