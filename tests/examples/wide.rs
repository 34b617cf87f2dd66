//! `wide`: how many connections a second quantizers search and learn, wide ones and narrow ones.
//!
//! The clocks from one vector to the next are measured in co-simulation, with all codewords and
//! dimensions in use and always a next vector there; Fmax is nextpnr's, of the whole design with
//! its link (`tests/wide.csv`, `tests/resources.csv`). CPS (connections a second) and CUPS
//! (connection updates) count codewords x dimensions of a vector, as the literature does, though
//! at radius 0 one codeword moves: beside them are the weights that really move.

use fixlearn::build::boards::find;
use fixlearn_hdl::design::{self, Target, VQ_SIZES};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_map::vq::VqBuilt;
use fixlearn_sim::golden::core::Core as _;
use fixlearn_sim::golden::cores::vq::Metric;
use fixlearn_tests::bars::Bars;
use fixlearn_tests::cores::built;
use fixlearn_tests::cores::vq::Vq;
use fixlearn_tests::cosim::core;
use std::process::ExitCode;

/// A build: a board's name, a size, and its Fmax in MHz.
struct Build {
    board: &'static str,
    size: &'static str,
    fmax: f64,
}

/// The builds of the quantizer in both tables.
fn builds() -> impl Iterator<Item = Build> {
    let tables = [include_str!("../wide.csv"), include_str!("../resources.csv")];
    tables.into_iter().flat_map(|table| table.lines().skip(1)).filter_map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let fmax = fields.last()?.parse().ok()?;
        (fields[1] == "vq").then_some(Build { board: fields[0], size: fields[2], fmax })
    })
}

/// The published figures that are to be beaten, in 10^9 a second, and the goals of each board.
const GOALS: &[(&str, &str, f64, bool)] = &[
    ("ulx3s-85f", "recall with L1, GCPS", 40.0, false),
    ("ulx3s-85f", "recall with squared L2, GCPS", 20.0, true),
    ("ulx3s-12f", "recall, GCPS", 10.0, false),
    ("colorlight-i5", "recall, GCPS", 10.0, false),
    ("orangecrab", "recall, GCPS", 10.0, false),
    ("icebreaker", "recall with L1, GCPS", 0.6, false),
];

fn main() -> ExitCode {
    let mut bars = Bars::default();
    // Board, whether it has squares, and what it reaches.
    let mut reached: Vec<(&str, bool, f64, f64)> = Vec::new();
    println!(
        "| board | size | MHz | clocks recall, L1 | clocks learn, L1 | clocks learn, L2 | \
         lanes busy learning | GCPS | GCUPS | weights moved, M/s |\n\
         |---|---|---|---|---|---|---|---|---|---|"
    );
    for Build { board: name, size, fmax } in builds() {
        let board = find(name).expect("a board");
        // Its own cells cannot be simulated here; with logic it has as many update units.
        let fabric = match board.fabric {
            Fabric::Mac16 => Fabric::Logic,
            other => other,
        };
        let design = parse(size, fabric);
        let sizes: VqBuilt = built::<Vq>(design.as_ref());
        let [recall, learn] = [false, true].map(|l| between(size, design.as_ref(), Metric::L1, l));
        let squared =
            sizes.squares.then(|| between(size, design.as_ref(), Metric::SquaredL2, true));
        let connections = f64::from(sizes.codewords) * f64::from(sizes.dimension);
        let busy = connections / f64::from(sizes.search_lanes) / learn;
        let rate = |clocks: f64| connections * fmax / clocks / 1e3;
        let moved = f64::from(sizes.dimension) * fmax / learn;
        println!(
            "| {} | {size} | {fmax:.1} | {recall} | {learn} | {} | {:.0} % | {:.2} | {:.2} | \
             {moved:.0} |",
            board.title,
            squared.map_or("-".into(), |clocks| clocks.to_string()),
            100.0 * busy,
            rate(recall),
            rate(learn),
        );
        reached.push((name, sizes.squares, rate(recall), rate(learn)));
    }
    for size in VQ_SIZES.iter().filter(|size| size.codewords >= 64) {
        let name = size.to_string();
        let design = parse(&name, Fabric::Inferred);
        let learn = between(&name, design.as_ref(), Metric::SquaredL2, true);
        let connections = f64::from(size.codewords) * f64::from(size.dimension);
        let busy = connections / f64::from(size.lanes) / learn;
        let goal = if size.codewords == 256 { 0.9 } else { 0.75 };
        let name = format!("lanes of the narrow core busy learning, {size}");
        bars.say(&name, format!("{busy:.3}"), &format!("at least {goal}"), busy >= goal);
    }
    let best = |board: &str, squares: bool, of: fn(&(&str, bool, f64, f64)) -> f64| {
        let its = reached.iter().filter(|r| r.0 == board && (r.1 || !squares));
        its.map(of).fold(0.0, f64::max)
    };
    for &(board, what, goal, squares) in GOALS {
        let value = best(board, squares, |r| r.2);
        let name = format!("{board}, {what}");
        bars.say(&name, format!("{value:.2}"), &format!("at least {goal}"), value >= goal);
    }
    let value = best("ulx3s-85f", false, |r| r.3);
    bars.say("ulx3s-85f, learning, GCUPS", format!("{value:.2}"), "at least 26", value >= 26.0);
    bars.status()
}

/// The design of a quantizer of this size.
fn parse(size: &str, fabric: Fabric) -> Box<dyn design::Design> {
    let target = Target { fabric, ..Target::SIMULATED };
    design::find("vq").and_then(|kind| kind.parse(size, target)).expect("a size")
}

/// Clocks from one vector to the next.
fn between(size: &str, design: &dyn design::Design, metric: Metric, learn: bool) -> f64 {
    let mut core = core::<Vq>(design, str::to_string);
    let mut start = Vq::power_up(&built::<Vq>(design));
    start.config.metric = metric;
    let mut clocks = |count: usize| {
        assert!(core.load(&start), "{size}: it takes the state");
        let vector = |i: usize| (0..start.dimension).map(|k| (i * 37 + k * 91) as u8).collect();
        let vectors: Vec<_> = (0..count).map(|i| (vector(i), learn)).collect();
        core.stream(&vectors, &[0]).1
    };
    (clocks(40) - clocks(20)) as f64 / 20.0
}
