//! `fusion [LAYOUTS] [SAMPLES]`: where a source is, from codewords of which each stands for several
//! intervals: the golden model of the fusion core beside regular quantizers with equally probable
//! intervals, the `f64` rule, and what searches the whole field: minimum mean square error and
//! maximum likelihood on a grid.
//!
//! Errors are mean squared distances over layouts of nodes at random places in a field of 10 by
//! 10, the same for all. Exhaustive estimation is given with 60 by 60 cells, in whose middles a
//! likelihood is taken, and with 16 times as many; the bar is that of the better one.

use fixlearn::build::boards::find;
use fixlearn::tasks::fuse::field::{Field, Readings};
use fixlearn::tasks::fuse::quantizer::{design, key, Merging, Quantizer};
use fixlearn_map::fusion::FusionBuilt;
use fixlearn_sim::golden::cores::fusion::reference::Reference;
use fixlearn_sim::golden::cores::fusion::{Config, Fusion, Position, Sample};
use fixlearn_tests::bars::Bars;
use fixlearn_tests::cores::{self, Tested};
use std::process::ExitCode;

/// Sources that every estimator is asked for, in each layout.
const ASKED: usize = 4000;
/// Samples from which quantizers are designed.
const DESIGN: usize = 200_000;

/// What is measured of one kind of quantizer.
#[derive(Clone, Copy, Default)]
struct Errors {
    core: f64,
    exact: f64,
    coarse: f64,
    fine: f64,
    likely: f64,
    stored: f64,
    unseen: f64,
    dropped: f64,
}

/// How something is measured.
#[derive(Clone, Copy)]
struct Setting {
    nodes: usize,
    bits: u32,
    sigma: f64,
    intervals: usize,
}

fn main() -> ExitCode {
    let argument = |n: usize| std::env::args().nth(n).and_then(|a| a.parse::<usize>().ok());
    let (layouts, samples) = (argument(1).unwrap_or(4), argument(2).unwrap_or(300_000));
    println!("mean squared error, {layouts} layouts, {samples} samples learned in each\n");
    let mut bars = Bars::default();
    let usual = Setting { nodes: 5, bits: 3, sigma: 0.01, intervals: 16 };
    println!("5 nodes, 3 bits a node, merged from 16 intervals; sigma:");
    head();
    let mut crossover = None;
    for sigma in [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0] {
        let setting = Setting { sigma, ..usual };
        let regular = row(&setting, &Merging::None, layouts, samples, sigma);
        let merged = row(&setting, &Merging::Closest, layouts, samples, sigma);
        for merging in [Merging::Confusable, Merging::Fold] {
            row(&setting, &merging, layouts, samples, sigma);
        }
        if merged.core > regular.core && crossover.is_none() {
            crossover = Some(sigma);
        }
        if sigma <= 0.01 {
            let lower = 100.0 * (1.0 - merged.core / regular.core);
            let name = format!("error below equally probable intervals' at sigma {sigma}");
            bars.say(&name, format_args!("{lower:.1} %"), "at least 25 %", lower >= 25.0);
            let best = merged.coarse.min(merged.fine);
            let above = 100.0 * (merged.core / best - 1.0);
            let name = format!("error above exhaustive estimation's at sigma {sigma}");
            bars.say(&name, format_args!("{above:.1} %"), "at most 5 %", above <= 5.0);
        }
    }
    let from = crossover.map_or("none up to 1".into(), |sigma: f64| sigma.to_string());
    println!("\nfirst sigma at which merging loses: {from}");
    println!("\nsigma 0.01, bits a node:");
    head();
    for bits in 2..=4 {
        let setting = Setting { bits, intervals: 2 << bits, ..usual };
        row(&setting, &Merging::None, layouts, samples, bits.into());
        row(&setting, &Merging::Closest, layouts, samples, bits.into());
    }
    println!("\nsigma 0.01, 3 bits a node, nodes:");
    head();
    for nodes in 3..=8 {
        let setting = Setting { nodes, ..usual };
        row(&setting, &Merging::None, layouts, samples, nodes as f64);
        row(&setting, &Merging::Closest, layouts, samples, nodes as f64);
    }
    println!();
    let (exhaustive, ours) = (exhaustive_operations(&usual), operations(&usual));
    let fewer = exhaustive as f64 / ours as f64;
    println!("operations an estimate: {ours} at most, exhaustive on 60 by 60 cells {exhaustive}");
    bars.say("fewer operations", format_args!("{fewer:.0} times"), "at least 100", fewer >= 100.0);
    let (clocks, second) = estimates_a_second();
    let held = second >= 100_000.0;
    println!("clocks an estimate: {clocks}, at the iCEBreaker's default clock");
    bars.say("estimates a second on UP5K", format_args!("{second:.0}"), "at least 100000", held);
    bars.status()
}

fn head() {
    println!(
        "{:>6} {:<11} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "", "", "core", "f64", "60x60", "240x240", "likely", "stored", "unseen", "dropped"
    );
}

/// Measures and prints one kind of quantizer.
fn row(s: &Setting, merging: &Merging, layouts: usize, samples: usize, of: f64) -> Errors {
    let mut sum = Errors::default();
    for layout in 0..layouts as u64 {
        let e = measure(s, merging, layout, samples);
        let add = |to: &mut f64, more: f64| *to += more / layouts as f64;
        add(&mut sum.core, e.core);
        add(&mut sum.exact, e.exact);
        add(&mut sum.coarse, e.coarse);
        add(&mut sum.fine, e.fine);
        add(&mut sum.likely, e.likely);
        add(&mut sum.stored, e.stored);
        add(&mut sum.unseen, e.unseen);
        add(&mut sum.dropped, e.dropped);
    }
    let name = match merging {
        Merging::None => "regular",
        Merging::Fold => "folded",
        Merging::Confusable => "confusable",
        Merging::Closest => "closest",
        Merging::Given(_) => "given",
    };
    println!(
        "{of:>6} {name:<11} {:8.4} {:8.4} {:8.4} {:8.4} {:8.4} {:8.0} {:7.3}% {:7.3}%",
        sum.core,
        sum.exact,
        sum.coarse,
        sum.fine,
        sum.likely,
        sum.stored,
        100.0 * sum.unseen,
        100.0 * sum.dropped
    );
    sum
}

fn measure(s: &Setting, merging: &Merging, layout: u64, samples: usize) -> Errors {
    let field = Field::scattered(s.nodes, s.sigma, layout + 1);
    let intervals = if *merging == Merging::None { 1 << s.bits } else { s.intervals };
    let few = field.simulate(DESIGN, layout + 1001);
    let quantizers = design(&few, intervals, s.bits, merging);
    let key_of = |readings: &Readings, n: usize| {
        key(&quantizers, s.bits, readings.nodes.iter().map(|values| values[n]))
    };
    let config = Config { nodes: s.nodes as u32, bits: s.bits, ..Config::power_up() };
    let mut core = Fusion::new(config, FusionBuilt { place_bits: 14 });
    let mut exact = Reference::new(s.nodes as u32, s.bits, 2, [field.side / 2.0; 2]);
    let mut left = samples;
    let mut seed = layout + 2001;
    while left > 0 {
        let count = left.min(100_000);
        let readings = field.simulate(count, seed);
        for n in 0..count {
            let (key, at) = (key_of(&readings, n), readings.positions[n]);
            let word = |p: f64| (p / field.side * 65536.0) as u16;
            core.adapt(Sample { key, at: Position { x: word(at[0]), y: word(at[1]) } });
            exact.adapt(key, at);
        }
        left -= count;
        seed += 1_000_000;
    }
    let asked = field.simulate(ASKED, layout + 3001);
    let (coarse, fine) = (Grid::new(&field, &quantizers, 60), Grid::new(&field, &quantizers, 240));
    let mut e = Errors {
        stored: core.config.stored.into(),
        dropped: f64::from(core.config.dropped) / samples as f64,
        ..Errors::default()
    };
    for n in 0..ASKED {
        let (key, [x, y]) = (key_of(&asked, n), asked.positions[n]);
        let squared = |at: [f64; 2]| ((at[0] - x).powi(2) + (at[1] - y).powi(2)) / ASKED as f64;
        let answer = core.estimate(key);
        let place = |word: u16| (f64::from(word) + 0.5) / 4096.0 * field.side;
        e.core += squared([place(answer.x), place(answer.y)]);
        e.exact += squared(exact.estimate(key));
        let (mean, likely) = coarse.estimate(key, s.bits);
        e.coarse += squared(mean);
        e.likely += squared(likely);
        e.fine += squared(fine.estimate(key, s.bits).0);
        e.unseen += f64::from(u8::from(answer.feasible < 128)) / ASKED as f64;
    }
    e
}

/// Look-ups, products, sums and comparisons of exhaustive estimation: in each of 60 by 60 cells a
/// look-up a node and their product, which is summed, and summed times each coordinate.
fn exhaustive_operations(s: &Setting) -> usize {
    60 * 60 * (s.nodes + (s.nodes - 1) + 2 + 3)
}

/// Of 5 nodes with 3 bits: the clocks that co-simulation compares, at the clock that a build must
/// reach.
fn estimates_a_second() -> (u64, f64) {
    let board = find("icebreaker").expect("a board");
    let built = FusionBuilt { place_bits: 14 };
    let state = Fusion::new(Config::power_up(), built);
    let design = cores::design::<Fusion>("16384");
    let clocks = Fusion::clocks(&state, design.as_ref(), 0, false).result;
    (clocks, board.cores["fusion"].mhz * 1e6 / clocks as f64)
}

/// The core's, if every candidate occurs: four places are compared for each combination, and a
/// candidate takes two logarithms, a sum and a comparison.
fn operations(s: &Setting) -> usize {
    let candidates = s.nodes * ((1 << s.bits) - 1);
    4 * (1 + candidates) + 4 * candidates
}

/// The likelihood of every codeword of every node in every cell of the field.
struct Grid {
    middles: Vec<[f64; 2]>,
    /// By node and codeword.
    likelihood: Vec<Vec<Vec<f32>>>,
}

impl Grid {
    fn new(field: &Field, quantizers: &[Quantizer], cells: usize) -> Self {
        let middle = |i: usize| (i as f64 + 0.5) * field.side / cells as f64;
        let middles: Vec<[f64; 2]> =
            (0..cells * cells).map(|i| [middle(i % cells), middle(i / cells)]).collect();
        let of = |(node, q): (usize, &Quantizer)| {
            let most = q.codewords.iter().max().map_or(0, |&most| usize::from(most));
            let mut by_codeword = vec![vec![0.0; middles.len()]; most + 1];
            for (cell, &at) in middles.iter().enumerate() {
                let exact = field.exact(node, at);
                let below = |bound: f64| normal((bound - exact) / field.sigma);
                let mut low = 0.0;
                for (i, &codeword) in q.codewords.iter().enumerate() {
                    let high = q.bounds.get(i).map_or(1.0, |&bound| below(bound));
                    by_codeword[usize::from(codeword)][cell] += (high - low) as f32;
                    low = high;
                }
            }
            by_codeword
        };
        let likelihood = quantizers.iter().enumerate().map(of).collect();
        Self { middles, likelihood }
    }

    /// The mean over the field, and the likeliest cell's middle.
    fn estimate(&self, key: u32, bits: u32) -> ([f64; 2], [f64; 2]) {
        let tables: Vec<&[f32]> = self
            .likelihood
            .iter()
            .enumerate()
            .map(|(node, by)| {
                let codeword = key >> (node as u32 * bits) & ((1 << bits) - 1);
                by[codeword as usize].as_slice()
            })
            .collect();
        let mut products = vec![1.0_f64; self.middles.len()];
        for table in tables {
            products.iter_mut().zip(table).for_each(|(p, l)| *p *= f64::from(l + 1e-9));
        }
        let (mut whole, mut sum, mut most, mut likely) = (0.0, [0.0; 2], -1.0, [0.0; 2]);
        for (&p, at) in products.iter().zip(&self.middles) {
            whole += p;
            sum[0] += p * at[0];
            sum[1] += p * at[1];
            if p > most {
                (most, likely) = (p, *at);
            }
        }
        (sum.map(|s| s / whole), likely)
    }
}

/// The normal distribution below `z`, to 1e-7 (Abramowitz and Stegun 7.1.26).
fn normal(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let tail = series.iter().fold(0.0, |sum, c| (sum + c) * t) * (-x * x).exp() / 2.0;
    if z < 0.0 {
        tail
    } else {
        1.0 - tail
    }
}
