//! No design uses what a memory reads from a word in the clock of that word's write: yosys is told
//! so (see `hdl/src/verilog.rs`), and block RAMs give anything then.

use fixlearn_sim::golden::gradient::Objective;
use fixlearn_tests::runner::random;
use fixlearn_tests::{gradient, vq};

/// Memories that answer such a read with the complement of the word.
fn garbage(verilog: &str) -> String {
    let mut count = 0;
    let lines: Vec<String> = verilog
        .lines()
        .map(|line| match line.split_once("[read_address];") {
            Some((before, after)) if line.contains("<=") => {
                count += 1;
                let (to, memory) = before.split_once("<=").unwrap_or((before, ""));
                let collides = "write_enable && (write_address == read_address)";
                format!("{to}<= {memory}[read_address] ^ {{64{{{collides}}}}};{after}")
            }
            _ => line.to_string(),
        })
        .collect();
    assert!(count > 2, "the memories are gone");
    lines.join("\n")
}

#[test]
fn the_quantizer_uses_no_collision() {
    for (n, d, l, cases) in [(16, 4, 1, 300), (16, 16, 4, 100), (64, 16, 8, 30)] {
        let design = vq::design(n, d, l);
        let mut core = vq::core(&design, garbage);
        if let Some(difference) = vq::differs(&design, &mut core, random(cases)) {
            panic!("{n}x{d}x{l}: {difference}");
        }
    }
}

#[test]
fn the_gradient_core_uses_no_collision() {
    for &objective in Objective::ALL {
        let mut core = gradient::core(garbage);
        if let Some(difference) = gradient::differs(objective, &mut core, random(40)) {
            panic!("{objective:?}: {difference}");
        }
    }
}
