//! `boltzmann`: what the Boltzmann machine learns with few levels, every figure through the golden
//! model, over 100 seeds of at most 500 epochs each.
//!
//! A cell is how many of 100 seeds succeeded and their mean epochs: every target of every pattern
//! was reached with a margin of 0.5 in the free phase. The ladder is the same everywhere: 12
//! temperatures from 8 to 0.5 with one sweep each, weights between -1.5 and 1.5.

use fixlearn::build::boards::find;
use fixlearn_map::boltzmann::UNITS_MOST;
use fixlearn_sim::golden::cores::boltzmann::reference::Reference;
use fixlearn_sim::golden::cores::boltzmann::{Boltzmann, Config, Given};
use fixlearn_tests::bars::Bars;
use fixlearn_tests::cores::{self, Tested};
use fixlearn_tests::parallel::each;
use std::process::ExitCode;

const SEEDS: u64 = 100;
const EPOCHS: u32 = 500;
const TEMPERATURES: u32 = 12;
const SWEEPS: u32 = 1;
const RANGE: f64 = 1.5;
const FULL: i8 = 126;

type Vector = [Given; UNITS_MOST];

/// What a machine is to learn, and how.
#[derive(Clone)]
struct Trial {
    vectors: Vec<Vector>,
    visible: usize,
    hidden: usize,
    levels: u32,
    rule: Rule,
    patience: u32,
}

#[derive(Clone, Copy)]
enum Rule {
    /// So many weights move a level; what chance adds; the dead band.
    Levels(u32, u32, f64),
    /// The rate.
    Residues(u32),
}

/// Of 100 seeds: successes, their mean epochs, and the mean of the largest weights.
struct Found {
    solved: u64,
    epochs: f64,
    largest: f64,
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.solved {
            0 => write!(f, "{:>3}  -   ", 0),
            solved => write!(f, "{solved:>3} {:<5.1}", self.epochs),
        }
    }
}

impl Trial {
    fn machine(&self, seed: u64) -> Boltzmann {
        let mut c = Config::power_up(UNITS_MOST);
        (c.units, c.visible) = (self.visible + self.hidden, self.visible);
        (c.temperatures, c.sweeps) = (TEMPERATURES, SWEEPS);
        c.set_ladder(self.levels, RANGE, 8.0, 0.5);
        match self.rule {
            Rule::Levels(moves, chance, band) => {
                (c.rule, c.moves, c.chance) = (0, moves, chance);
                c.band = (band * 16384.0) as u32;
            }
            Rule::Residues(rate) => (c.rule, c.rate) = (1, rate),
        }
        (c.patience, c.patterns) = (self.patience, self.vectors.len() as u32);
        c.noise = fastrand::Rng::with_seed(seed).u64(1..);
        let mut machine = Boltzmann::new(c, UNITS_MOST, 8);
        machine.draw();
        machine
    }

    /// The epochs to success, if it comes, and the machine.
    fn run(&self, seed: u64) -> (Option<u32>, Boltzmann) {
        let mut machine = self.machine(seed);
        for epoch in 1..=EPOCHS {
            for vector in &self.vectors {
                machine.adapt(vector);
            }
            if machine.config.last == 0 {
                return (Some(epoch), machine);
            }
        }
        (None, machine)
    }

    /// How many of the seeds the same machine in `f64` learns, by the rule of residues.
    fn exact(&self) -> usize {
        let solves = |seed: &u64| {
            let mut exact = Reference::new(&self.machine(*seed));
            (0..EPOCHS).any(|_| exact.epoch(&self.vectors) == 0)
        };
        (1..=SEEDS).filter(solves).count()
    }

    fn over_seeds(&self) -> Found {
        let (mut solved, mut epochs, mut largest) = (0, 0, 0.0);
        for seed in 1..=SEEDS {
            let (found, machine) = self.run(seed);
            solved += u64::from(found.is_some());
            epochs += u64::from(found.unwrap_or(0));
            let most = machine.weights.iter().map(|w| w.unsigned_abs()).max().unwrap_or(0);
            largest += f64::from(most) * RANGE / f64::from(machine.config.half);
        }
        let seeds = SEEDS as f64;
        Found { solved, epochs: epochs as f64 / solved.max(1) as f64, largest: largest / seeds }
    }
}

/// Every trial's figures, on all processors.
fn all(trials: &[Trial]) -> Vec<Found> {
    each(trials.len(), |i| trials[i].over_seeds())
}

fn state(on: bool) -> i8 {
    if on {
        FULL
    } else {
        -FULL
    }
}

/// Inputs, one that is always 1, and as target whether the number of ones is odd.
fn parity(inputs: usize) -> (Vec<Vector>, usize) {
    let vector = |pattern: usize| {
        let mut given = [Given::Free; UNITS_MOST];
        for (i, given) in given.iter_mut().enumerate().take(inputs) {
            *given = Given::Input(state(pattern >> i & 1 == 1));
        }
        given[inputs] = Given::Input(FULL);
        given[inputs + 1] = Given::Target(state(pattern.count_ones() % 2 == 1));
        given
    };
    ((0..1 << inputs).map(vector).collect(), inputs + 2)
}

/// Sixteen random pictures of 4 x 4 pixels whose left halves differ: from the left half, and one
/// that is always 1, the right half.
fn pictures(seed: u64) -> (Vec<Vector>, usize) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut lefts: Vec<u8> = (0..=255).collect();
    random.shuffle(&mut lefts);
    let vector = |&left: &u8| {
        let right = random.u8(..);
        let mut given = [Given::Free; UNITS_MOST];
        for i in 0..8 {
            given[i] = Given::Input(state(left >> i & 1 == 1));
            given[9 + i] = Given::Target(state(right >> i & 1 == 1));
        }
        given[8] = Given::Input(FULL);
        given
    };
    (lefts.iter().take(16).map(vector).collect(), 17)
}

fn trial(
    (vectors, visible): (Vec<Vector>, usize),
    hidden: usize,
    levels: u32,
    rule: Rule,
) -> Trial {
    Trial { vectors, visible, hidden, levels, rule, patience: 0 }
}

/// No chance, no dead band.
const fn levels(moves: u32) -> Rule {
    Rule::Levels(moves, 31, 0.0)
}

const HIDDEN: [usize; 3] = [2, 4, 8];
const LEVELS: [u32; 4] = [3, 5, 7, 15];
const PATIENCE: u32 = 20;
/// Two weights at a time, with up to an eighth of chance.
const CHANCE: Rule = Rule::Levels(2, 3, 0.0);
const RULES: [(&str, Rule); 6] = [
    ("m 1", levels(1)),
    ("m 2", levels(2)),
    ("m 4", levels(4)),
    ("m 2, chance", CHANCE),
    ("m 2, band", Rule::Levels(2, 31, 0.25)),
    ("residues", Rule::Residues(1)),
];

fn main() -> ExitCode {
    let mut bars = Bars::default();
    let tasks = [("XOR", 2), ("parity3", 3)];
    for (name, inputs) in tasks {
        for patience in [0, PATIENCE] {
            let restarts = match patience {
                0 => "no restarts".into(),
                _ => format!("weights drawn anew after {patience} epochs"),
            };
            println!("\n{name}, {restarts}: seeds of 100 that succeed, their mean epochs");
            print!("{:>3} {:>6}", "H", "levels");
            RULES.iter().for_each(|(name, _)| print!(" {name:>12}"));
            println!("  largest weight, last rule");
            let mut trials = Vec::new();
            for hidden in HIDDEN {
                for levels in LEVELS {
                    for (_, rule) in RULES {
                        let trial = trial(parity(inputs), hidden, levels, rule);
                        trials.push(Trial { patience, ..trial });
                    }
                }
            }
            let found = all(&trials);
            for (trials, found) in trials.chunks(RULES.len()).zip(found.chunks(RULES.len())) {
                print!("{:>3} {:>6}", trials[0].hidden, trials[0].levels);
                found.iter().for_each(|found| print!(" {:>12}", found.to_string()));
                println!("  {:.2}", found[RULES.len() - 1].largest);
            }
        }
    }

    let parity4 =
        |hidden, levels, rule| Trial { patience: 100, ..trial(parity(4), hidden, levels, rule) };
    let four = [
        parity4(4, 15, Rule::Residues(1)),
        parity4(8, 15, Rule::Residues(1)),
        parity4(8, 255, Rule::Residues(4)),
        parity4(12, 15, CHANCE),
    ];
    println!("\nresidues without restarts, seeds of 100: in levels, and in f64 by the same rates");
    for (name, inputs) in tasks {
        for (hidden, levels, rate) in [(4, 15, 1), (8, 15, 1), (4, 63, 0), (8, 63, 0)] {
            let fixed = trial(parity(inputs), hidden, levels, Rule::Residues(rate));
            let (found, exact) = (fixed.over_seeds(), fixed.exact());
            let how = format!("{levels} levels, rate 2^-{rate}");
            println!("{name:>7}, H {hidden}, {how}: {:>3} and {exact:>3}", found.solved);
        }
    }

    println!("\nparity4, weights drawn anew after 100 epochs");
    for (trial, found) in four.iter().zip(all(&four)) {
        println!("H {:>2}, {:>3} levels: {found}", trial.hidden, trial.levels);
    }

    println!("\nsixteen 4 x 4 pictures, the right half from the left, residues");
    let halves: Vec<Trial> = [(0, 15), (8, 15), (15, 15), (15, 63)]
        .map(|(hidden, levels)| trial(pictures(1), hidden, levels, Rule::Residues(2)))
        .to_vec();
    for trial in &halves {
        let (solved, machine) = trial.run(1);
        let right = |given: &&Vector| {
            let free = machine.free(given);
            (0..trial.visible).all(|i| match given[i] {
                Given::Target(t) => (free[i] < 0) == (t < 0),
                Given::Input(_) | Given::Free => true,
            })
        };
        let whole = trial.vectors.iter().filter(right).count();
        let epochs = solved.map_or("not within the margin".into(), |e| format!("{e} epochs"));
        println!(
            "H {:>2}, {:>2} levels: {whole} of 16 whole, {epochs}",
            trial.hidden, trial.levels
        );
    }

    println!();
    let goals = [
        ("XOR at 5 levels", trial(parity(2), 8, 5, CHANCE)),
        ("parity3 at 15 levels", trial(parity(3), 4, 15, Rule::Residues(1))),
        ("parity3 at 3 levels", trial(parity(3), 8, 3, CHANCE)),
    ]
    .map(|(name, trial)| (name, Trial { patience: PATIENCE, ..trial }));
    let trials: Vec<Trial> = goals.iter().map(|(_, trial)| trial.clone()).collect();
    for ((name, _), found) in goals.iter().zip(all(&trials)) {
        let solved = found.solved;
        bars.say(name, format!("{solved} of {SEEDS}"), "at least 99", solved >= 99);
    }
    println!("\ntraining patterns of 7 units a second, at the clock that each build must reach:");
    for (board, goal) in [("ulx3s-12f", Some(100_000.0)), ("icebreaker", None)] {
        let (clocks, second) = patterns_a_second(board);
        println!("{board}: {clocks:.1} clocks a pattern, {second:.0} a second");
        if let Some(goal) = goal {
            let name = "training patterns a second for 7 units on ECP5";
            bars.say(name, format_args!("{second:.0}"), "at least 100000", second >= goal);
        }
    }
    bars.status()
}

/// XOR with 4 hidden units, no target reached: the clocks that co-simulation compares, with the
/// change of the weights that ends an epoch, and the patterns that the board's clock gives.
fn patterns_a_second(board: &str) -> (f64, f64) {
    let board = find(board).expect("a board");
    let entry = &board.cores["boltzmann"];
    let design = cores::design::<Boltzmann>(&entry.size);
    let lanes: usize = entry.size.split('x').nth(1).and_then(|n| n.parse().ok()).expect("lanes");
    let xor = trial(parity(2), 4, 15, Rule::Residues(1));
    let mut machine = xor.machine(1);
    machine.lanes = lanes;
    let patterns = xor.vectors.len();
    let clocks = |pattern: usize| {
        machine.config.pattern = pattern as u32;
        let cycles = Boltzmann::clocks(&machine, design.as_ref(), 1, true);
        cycles.result + cycles.update
    };
    let clocks = (0..patterns).map(clocks).sum::<u64>() as f64 / patterns as f64;
    (clocks, entry.mhz * 1e6 / clocks)
}
