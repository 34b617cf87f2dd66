//! `schedules PICTURE...`: codebooks of 256 codewords on blocks of 4 x 4, learned in 20 passes by
//! the golden model, beside k-means in floating point.
//!
//! The columns are PSNR in dB: the schedule before (win counts that go on, a floor of the rate of
//! 2^-8, one frequency-sensitive pass), the default (counts back to 1 in every pass, no floor)
//! from k-means++, the default from greedy k-means++, and the same with a frequency-sensitive
//! first pass; then k-means (greedy k-means++, 5 starts), and the codewords that the default left
//! unused.

use fixlearn::input::{self, Cut, Samples, Scaling};
use fixlearn::order::Passes;
use fixlearn::session::replay;
use fixlearn::task::Task;
use fixlearn::tasks::codebook::{Codebook, Init, Plan};
use fixlearn_map::vq::VqBuilt;
use fixlearn_sim::golden::cores::vq::Vq;
use fixlearn_tests::bars::Bars;
use fixlearn_tests::kmeans;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

const BLOCK: usize = 4;
const CUT: Cut = Cut { block: BLOCK, grey: true };
const CODEWORDS: usize = 256;
const STARTS: u64 = 5;
/// Pictures that the bars take.
const PICTURES: usize = 8;

/// The default of `train`, and the schedule that was the default before.
fn plan(fresh: bool, init: Init, frequency_passes: u64) -> Plan {
    let plan = Plan { init, frequency_passes, ..Plan::new(CODEWORDS, 20) };
    if fresh {
        return plan;
    }
    Plan { fresh_counts: false, rate_shift: 8, rate_final: 8, count_cap: 256, ..plan }
}

/// The codebook that this plan learns.
fn learn(plan: Plan, samples: &Samples) -> Vq {
    let task = Codebook::new(plan, samples, Some(CUT));
    let built = VqBuilt::narrow(256, 16, 4);
    let start = task.start(samples, &built).expect("what is held");
    let passes = Passes::default();
    replay(&task, &start, samples, task.steps(samples), passes).expect("what is held")
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if paths.len() < PICTURES {
        return Err(format!("usage: schedules PICTURE..., at least {PICTURES}").into());
    }
    let titles = ["before", "counts 1", "default", "scaled", "k-means"];
    print!("{:20}", "");
    titles.iter().for_each(|title| print!(" {title:>8}"));
    println!(" unused");
    let (mut differences, mut unused) = (Vec::new(), 0);
    for path in paths {
        let samples = input::load(
            std::slice::from_ref(&path),
            CUT,
            false,
            &Default::default(),
            Scaling::ByColumn,
        )?;
        let vectors: Vec<f32> = samples.vectors.iter().map(|&x| f32::from(x)).collect();
        let psnr = |sum: f64| 10.0 * (255.0_f64.powi(2) / (sum / vectors.len() as f64)).log10();
        let mut used = vec![false; CODEWORDS];
        let mut learned = |plan| {
            let codebook = learn(plan, &samples);
            used.fill(false);
            let each = samples.vectors.chunks_exact(BLOCK * BLOCK).map(|x| codebook.nearest(x));
            psnr(each.map(|m| (f64::from(m.distance), used[m.index] = true).0).sum())
        };
        let before = learned(plan(false, Init::PlusPlus, 1));
        let plain = learned(plan(true, Init::PlusPlus, 0));
        let scaled = learned(plan(true, Init::Greedy, 1));
        let greedy = learned(plan(true, Init::Greedy, 0));
        let idle = used.iter().filter(|u| !**u).count();
        let found = kmeans::kmeans(&vectors, BLOCK * BLOCK, CODEWORDS, STARTS);
        // Decoded as the core decodes: to whole grey levels.
        let found: Vec<f64> = found.iter().map(|w| w.round()).collect();
        let exact = psnr(kmeans::error(&vectors, BLOCK * BLOCK, &found));
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        println!(
            "{name:20} {before:8.3} {plain:8.3} {greedy:8.3} {scaled:8.3} {exact:8.3} {idle:6}"
        );
        differences.push(greedy - exact);
        unused += idle;
    }
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    let worst = differences.iter().copied().fold(f64::INFINITY, f64::min);
    let mut bars = Bars::default();
    let (near, far) = ("at least -0.05 dB on average", "never less than -0.15 dB");
    bars.say("default beside k-means", format_args!("{mean:+.3} dB"), near, mean >= -0.05);
    bars.say("the worst picture", format_args!("{worst:+.3} dB"), far, worst >= -0.15);
    bars.say("unused codewords", unused, "none", unused == 0);
    Ok(bars.status())
}
