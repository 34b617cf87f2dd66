//! Mutants of the cores' Verilog against co-simulation, and of those that it does not notice, which
//! are proved to be harmless:
//! `cargo run --release -p fixlearn-tests --example mutation -- [mutants a core] [seed] [--json]`.

use fixlearn_hdl::design::Design;
use fixlearn_tests::mutation::{quiet, Equivalence, Mutants};
use fixlearn_tests::{gradient, vq};
use serde_json::json;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut numbers = arguments.iter().filter_map(|a| a.parse::<usize>().ok());
    let count = numbers.next().unwrap_or(150);
    let seed = numbers.next().unwrap_or(1) as u32;
    quiet();
    let design = vq::design(16, 16, 4);
    let core = design.core_verilog().expect("the size is on offer");
    let quantizer = Mutants::of(&core, count, seed);
    let verdicts = quantizer.judge(|model| vq::check(&design, model, vq::MUTATION_CASES));
    let mut reports = vec![report("vq", &quantizer, &verdicts)];
    let optimizer = Mutants::of(&gradient::DESIGN.core_verilog().expect("on offer"), count, seed);
    let verdicts = optimizer.judge(|model| gradient::check(model, gradient::MUTATION_CASES));
    reports.push(report("gradient", &optimizer, &verdicts));
    if arguments.iter().any(|a| a == "--json") {
        println!("{}", json!(reports));
        return;
    }
    for r in &reports {
        println!(
            "{}: {} mutants, {} noticed, {} proved harmless, {} left: {:.1} % noticed of the others",
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
