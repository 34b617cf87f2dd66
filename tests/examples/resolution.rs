//! `resolution [BUDGET]`: does a rising resolution find a global minimum, as Seok and Kim (arXiv
//! 2112.13006; US 2021/0365838) claim, the early quantization error acting as noise that cools?
//!
//! Two functions with many minima, Rastrigin's and Griewank's in two dimensions, with the minimum
//! at the origin, which is a point of every grid, and at a random place. For each rule the share of
//! 100 seeds that end in the global basin, all with the same budget of iterations on the golden
//! model, whose bits are the core's; of each rule the best of a few rates is shown. A start is
//! anywhere in -5.12 to 5.12, a random centre in -1.5 to 1.5.
//!
//! Then what two compensations win back on Rosenbrock's valley: a search vector orthogonal to the
//! gradient's largest component, which is the core's, and one orthogonal to `Q(g) / |Q(g)|`, which
//! the core does not have: it is computed here in `f64`.
//!
//! The exit status is 1 if a bar is missed.

use fixlearn_sim::golden::cores::gradient::objective::rosenbrock;
use fixlearn_sim::golden::cores::gradient::reference::{point_value, point_word, Reference};
use fixlearn_sim::golden::cores::gradient::{
    Config, Gradient, Objective, Rounding, Search, POINT_FRACTION,
};
use fixlearn_tests::bars::Bars;
use fixlearn_tests::cores::gradient::{kept_point, places, valley};
use fixlearn_tests::parallel::each;
use std::process::ExitCode;

const SEEDS: u64 = 100;
/// Of 100 seeds, in the global basin.
const WANTED: u32 = 90;
const ROUNDINGS: [(&str, Rounding); 4] = [
    ("truncate", Rounding::Truncate),
    ("nearest", Rounding::Nearest),
    ("stochastic", Rounding::Stochastic),
    ("error feedback", Rounding::ErrorFeedback),
];

/// How a point moves, at a rate: the start's registers, and whether the start is on the grid.
struct Rule {
    name: String,
    rates: Vec<u32>,
    config: Box<dyn Fn(u32) -> Config + Sync>,
    on_grid: bool,
}

impl Rule {
    fn new(name: String, rates: &[u32], config: impl Fn(u32) -> Config + Sync + 'static) -> Self {
        Self { name, rates: rates.to_vec(), config: Box::new(config), on_grid: false }
    }
}

/// Every rule that is tried.
fn rules(budget: u32) -> Vec<Rule> {
    let rates = [2, 4, 6, 8, 10];
    let mut all = Vec::new();
    let base = |rounding, rate| Config { rounding, rate, ..Config::power_up() };
    for n in [4, 12, 20] {
        let config = move |rate| Config { gradient_bits: n, ..base(Rounding::Nearest, rate) };
        all.push(Rule::new(format!("constant n = {n}, nearest"), &rates, config));
    }
    for (name, rounding) in ROUNDINGS {
        let search = Search {
            gradient_rises: true,
            resolution_period: budget / 13,
            gradient_most: 12,
            ..Search::default()
        };
        all.push(Rule::new(format!("n of the gradient 0 to 12, {name}"), &rates, move |rate| {
            Config { gradient_bits: 0, search: search.clone(), ..base(rounding, rate) }
        }));
    }
    for on_grid in [false, true] {
        for (name, rounding) in ROUNDINGS {
            let search = Search {
                point_rises: true,
                resolution_period: budget / 13,
                point_most: 12,
                ..Search::default()
            };
            let what = if on_grid { "point's grid" } else { "step" };
            let mut rule = Rule::new(format!("m of the {what} 0 to 12, {name}"), &rates, {
                move |rate| Config { point_bits: 0, search: search.clone(), ..base(rounding, rate) }
            });
            rule.on_grid = on_grid;
            all.push(rule);
        }
    }
    for width in 1..=5 {
        // Four widths in all, so that it stays long at each.
        let search = Search { noise_width: width, noise_period: budget / 4, ..Search::default() };
        all.push(Rule::new(
            format!("noise of width {} halved 3 times", 16.0 / f64::from(1_u32 << width)),
            &[6, 7, 8, 9, 10],
            move |rate| Config { search: search.clone(), ..base(Rounding::Nearest, rate) },
        ));
    }
    all.push(Rule::new(KEPT.into(), &[8, 10], move |rate| kept_point(rate, budget)));
    let still = "the same at a rate of 2^-31: no gradient moves anything";
    all.push(Rule::new(still.into(), &[31], move |rate| kept_point(rate, budget)));
    all
}

/// The rule that runs on the chip.
const KEPT: &str = "noise halved 9 times, and the best point kept";

/// Of all seeds, those that end in the global basin.
fn won(objective: Objective, rule: &Rule, rate: u32, budget: u32, shifted: bool) -> u32 {
    let ends = (0..SEEDS).map(|seed| {
        let place = places(seed);
        let centre = if shifted { place.centre } else { [0.0; 2] };
        let config = Config { objective, noise: place.noise, ..(rule.config)(rate) };
        let bits = if rule.on_grid { config.point_bits } else { POINT_FRACTION };
        let word = |x: &f64, bits| point_word(*x, bits).expect("in range");
        let mut run = Gradient::new(config, place.start.iter().map(|x| word(x, bits)).collect());
        run.centre = centre.iter().map(|x| word(x, POINT_FRACTION)).collect();
        for _ in 0..budget {
            run.descend(None);
        }
        let found: Vec<f64> = run.best().iter().map(|&x| point_value(x)).collect();
        let off = [found[0] - centre[0], found[1] - centre[1]].map(f64::abs);
        // The next minima: a whole u on, or half of one in both dimensions.
        let basin = match objective {
            Objective::Griewank => off[0] + off[1] < 0.5,
            _ => off[0] < 0.5 && off[1] < 0.5,
        };
        u32::from(basin)
    });
    ends.sum()
}

/// The best of its rates.
fn best(objective: Objective, rule: &Rule, budget: u32, shifted: bool) -> u32 {
    let each = rule.rates.iter().map(|&rate| won(objective, rule, rate, budget, shifted));
    each.max().unwrap_or(0)
}

/// Compensation in `f64` at a rate of `2^-10`: what earlier quantizations dropped is added, but for
/// its part along the direction; that part waits. The value at the end.
fn compensated(n: u32, budget: u32, along: impl Fn(&[f64], &[f64]) -> Vec<f64>) -> f64 {
    let qp = f64::from(n).exp2();
    let quantized = |v: &[f64]| v.iter().map(|v| (v * qp + 0.5).floor() / qp).collect::<Vec<_>>();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let less = |a: &[f64], by: f64, b: &[f64]| {
        a.iter().zip(b).map(|(a, b)| a - by * b).collect::<Vec<_>>()
    };
    let (mut x, mut dropped) = (vec![-1.2, 1.0], vec![0.0; 2]);
    for _ in 0..budget {
        let g = rosenbrock::exact(&x).1;
        let plain = quantized(&g);
        let u = if plain.iter().any(|&q| q != 0.0) { along(&g, &plain) } else { vec![0.0; 2] };
        let waiting = dot(&dropped, &u);
        let wanted: Vec<f64> =
            g.iter().zip(less(&dropped, waiting, &u)).map(|(g, c)| g + c).collect();
        let taken = quantized(&wanted);
        let error = less(&wanted, 1.0, &taken);
        let error = less(&error, dot(&error, &u) - waiting, &u);
        dropped = error;
        x = less(&x, (-10_f64).exp2(), &taken);
    }
    rosenbrock::exact(&x).0
}

/// The direction of the largest component, and of the quantized gradient.
fn largest(g: &[f64], _: &[f64]) -> Vec<f64> {
    if g[1].abs() > g[0].abs() {
        vec![0.0, 1.0]
    } else {
        vec![1.0, 0.0]
    }
}

fn direction(_: &[f64], quantized: &[f64]) -> Vec<f64> {
    let length = quantized.iter().map(|q| q * q).sum::<f64>().sqrt();
    quantized.iter().map(|q| q / length).collect()
}

fn compensations() {
    const BUDGET: u32 = 50_000;
    println!("\nRosenbrock's valley from (-1.2, 1), {BUDGET} iterations at 2^-10: f at the end");
    println!(
        "| n | plain | orthogonal to the largest, core | the same in f64 | to Q(g)/abs(Q(g)), f64 |"
    );
    println!("|---|---|---|---|---|");
    for n in (4..=16).step_by(2) {
        let [plain, core] = [false, true].map(|compensation| {
            let mut run = valley(n, compensation, false);
            (0..BUDGET).for_each(|_| {
                run.descend(None);
            });
            Reference::new(&run).evaluate(None).0
        });
        let (e, q) = (compensated(n, BUDGET, largest), compensated(n, BUDGET, direction));
        println!("| {n} | {plain:.1e} | {core:.1e} | {e:.1e} | {q:.1e} |");
    }
}

fn main() -> ExitCode {
    let budget = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(20_000);
    let rules = rules(budget);
    let functions = [Objective::Rastrigin, Objective::Griewank];
    println!("of {SEEDS} seeds in the global basin after {budget} iterations, best of the rates\n");
    println!("| rule | Rastrigin, origin | shifted | Griewank, origin | shifted |");
    println!("|---|---|---|---|---|");
    let rows: Vec<[u32; 4]> = each(rules.len(), |i| {
        let cell = |f, shifted| best(f, &rules[i], budget, shifted);
        let [a, b] = functions.map(|f| [cell(f, false), cell(f, true)]);
        [a[0], a[1], b[0], b[1]]
    });
    for (rule, [a, b, c, d]) in rules.iter().zip(&rows) {
        println!("| {} | {a} | {b} | {c} | {d} |", rule.name);
    }
    compensations();

    let of = |prefix: &str, column: usize| {
        let mine = rules.iter().zip(&rows).filter(|(rule, _)| rule.name.starts_with(prefix));
        mine.map(|(_, row)| row[column]).max().unwrap_or(0)
    };
    let rising = of("n of", 1).max(of("m of", 1));
    let (origin, noise, kept) = (of("m of", 0), of("noise of", 1), of(KEPT, 1));
    println!(
        "\nverdict: a rising resolution ends in the global basin of Rastrigin's function for \
         {origin} of {SEEDS} seeds where that is the origin, and for {rising} where it is not; \
         noise of a falling width alone for {noise}"
    );
    let mut bars = Bars::default();
    let name = "shifted 2-D Rastrigin by the rule that runs on the chip";
    bars.say(name, format!("{kept} of {SEEDS}"), "at least 90", kept >= WANTED);
    bars.status()
}
