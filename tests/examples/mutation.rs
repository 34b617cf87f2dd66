//! Mutants of the cores' Verilog against co-simulation, and of those that it does not notice, which
//! are proved to be harmless:
//! `cargo run --release -p fixlearn-tests --example mutation -- [mutants a core] [seed] [core...]
//! [--json]`; without a core's name, of all cores.

use fixlearn_map::{Built, CORES};
use fixlearn_sim::golden::core::Core;
use fixlearn_tests::cores::{design, Tested};
use fixlearn_tests::cosim::check;
use fixlearn_tests::every_core;
use fixlearn_tests::mutation::{quiet, Equivalence, Mutants};
use serde_json::json;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut numbers = arguments.iter().filter_map(|a| a.parse::<usize>().ok());
    let count = numbers.next().unwrap_or(150);
    let seed = numbers.next().unwrap_or(1) as u32;
    quiet();
    let named: Vec<&str> = CORES
        .iter()
        .map(|core| core.name)
        .filter(|name| arguments.iter().any(|a| a == name))
        .collect();
    let reports = every_core!(of, &named, count, seed);
    let reports: Vec<_> = reports.into_iter().flatten().collect();
    if arguments.iter().any(|a| a == "--json") {
        println!("{}", json!(reports));
        return;
    }
    for r in &reports {
        println!(
            "{}: {} mutants, {} noticed, {} proved harmless, {} left: \
             {:.1} % noticed of the others",
            r["core"].as_str().unwrap_or_default(),
            r["mutants"],
            r["noticed"],
            r["harmless"],
            r["left"].as_array().map_or(0, Vec::len),
            r["noticed_percent"].as_f64().unwrap_or_default(),
        );
        for left in r["left"].as_array().into_iter().flatten() {
            println!("  {}", left.as_str().unwrap_or_default());
        }
    }
}

/// The report of one core, if it is named or none is.
fn of<C: Tested>(named: &[&str], count: usize, seed: u32) -> Option<serde_json::Value> {
    let name = <<C as Core>::Built as Built>::CORE.name;
    if !named.is_empty() && !named.contains(&name) {
        return None;
    }
    let core = design::<C>(C::MUTATION_SIZE);
    let mutants = Mutants::of(&core.core_verilog().expect("on offer"), count, seed);
    let verdicts = mutants.judge(|model| {
        check::<C>(design::<C>(C::MUTATION_SIZE).as_ref(), model, C::MUTATION_CASES)
    });
    Some(report(name, &mutants, &verdicts))
}

fn report(core: &str, mutants: &Mutants, verdicts: &[Option<String>]) -> serde_json::Value {
    let alive: Vec<usize> = (0..verdicts.len()).filter(|&k| verdicts[k].is_none()).collect();
    let proved = mutants.equivalence(&alive, 40);
    let open = alive.iter().zip(&proved).filter(|(_, &proved)| proved == Equivalence::Open);
    let left: Vec<&str> = open.map(|(&k, _)| mutants.commands[k].as_str()).collect();
    let harmless = alive.len() - left.len();
    let noticed = verdicts.len() - alive.len();
    let percent = 100.0 * noticed as f64 / (verdicts.len() - harmless) as f64;
    json!({
        "core": core, "mutants": verdicts.len(), "noticed": noticed, "harmless": harmless,
        "noticed_percent": percent, "left": left,
    })
}
