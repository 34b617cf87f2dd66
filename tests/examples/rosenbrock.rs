//! `rosenbrock [BUDGET]`: what quantization costs on Rosenbrock's valley from (-1.2, 1), and what
//! compensation and the adaptive rate win back, at n = 4..=16 fractional bits of the gradient.
//!
//! Every fixed-point run is made on the golden model and on the core in co-simulation, whose
//! states must be equal at the end. The exit status is 1 if they are not, if compensation ends
//! less than 10 times lower in f at an n at which the plain rule has stalled, or if the adaptive
//! rule at n = 12 ends farther from (1, 1) than both twice the step 2^-n and the `f64` run.

use fixlearn::output;
use fixlearn_sim::cosim::Core;
use fixlearn_sim::golden::cores::gradient::reference::Reference;
use fixlearn_tests::cores::gradient::{valley, Gradient};
use fixlearn_tests::cores::{design, Tested};
use fixlearn_tests::cosim::core;

/// How a run ended.
#[derive(Clone, Copy)]
struct End {
    value: f64,
    distance: f64,
    /// Iterations until the value was within 10 % of the last one.
    settled: u32,
    /// The value did not fall by 1 % in the last third.
    stalled: bool,
}

impl End {
    /// From the points of a run.
    fn of(budget: u32, mut step: impl FnMut() -> Vec<f64>) -> Self {
        let mut values = Vec::with_capacity(budget as usize);
        let mut point = Vec::new();
        for _ in 0..budget {
            point = step();
            values.push(
                fixlearn_sim::golden::cores::gradient::objective::rosenbrock::exact(&point).0,
            );
        }
        let value = values.last().copied().unwrap_or(f64::NAN);
        let above = |v: &f64| *v > value * 1.1 || *v < value / 1.1;
        let settled = values.iter().rposition(above).map_or(0, |i| i as u32 + 1);
        let then = values[values.len() * 2 / 3];
        let distance = point.iter().map(|x| (x - 1.0).powi(2)).sum::<f64>().sqrt();
        Self { value, distance, settled, stalled: value > 0.99 * then }
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:9.2e} {:8.1e} {:6}", self.value, self.distance, self.settled)
    }
}

fn main() -> std::process::ExitCode {
    let budget = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(50_000);
    let mut core = core::<Gradient>(design::<Gradient>(Gradient::SIZE).as_ref(), str::to_string);
    let mut good = true;
    let exact = |adaptive| {
        let mut run = Reference::new(&valley(20, true, adaptive));
        End::of(budget, || {
            run.iterate(None);
            run.point.clone()
        })
    };
    let (plain, adaptive) = (exact(false), exact(true));
    println!("Rosenbrock's valley from (-1.2, 1), {budget} iterations, first rate 2^-10");
    println!("f, distance to (1, 1), iterations until f is within 10 % of its last value\n");
    println!("f64            {plain}\nf64, adaptive  {adaptive}\n");
    println!(
        " n  {:^25}   {:^25}   {:^25}   plain/compensated",
        "plain", "compensated", "adaptive"
    );
    let bar = output::progress(39, "table");
    for n in 4..=16 {
        let mut ends = Vec::new();
        for (compensated, adaptive) in [(false, false), (true, false), (true, true)] {
            let start = valley(n, compensated, adaptive);
            let mut golden = start.clone();
            ends.push(End::of(budget, || {
                golden.descend(None);
                Reference::new(&golden).point
            }));
            if let Some(what) = simulate(&mut core, &start, &golden, budget) {
                println!("{n:2}  NOT equal in co-simulation: {what}");
                good = false;
            }
            bar.inc(1);
        }
        let ratio = ends[0].value / ends[1].value;
        let stalled = if ends[0].stalled { "stalled" } else { "" };
        println!("{n:2}  {}   {}   {}   {ratio:8.0} {stalled}", ends[0], ends[1], ends[2]);
        good &= !ends[0].stalled || ratio >= 10.0;
        if n == 12 {
            let bound = (2.0 * (-12_f64).exp2()).max(plain.distance);
            good &= ends[2].distance <= bound;
        }
    }
    bar.finish_and_clear();
    println!("\nco-simulation and bars: {}", if good { "all hold" } else { "NOT all hold" });
    std::process::ExitCode::from(u8::from(!good))
}

fn simulate(
    core: &mut Core<Gradient>,
    start: &Gradient,
    golden: &Gradient,
    budget: u32,
) -> Option<String> {
    if !core.load(start) {
        return Some("the core refused the state".into());
    }
    core.iterate(budget);
    core.difference(golden)
}
