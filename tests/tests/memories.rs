//! No design uses what a memory reads from a word in the clock of that word's write: yosys is told
//! so (see `hdl/src/verilog.rs`), and block RAMs give anything then.

use fixlearn_tests::cores::vq::{self, Vq};
use fixlearn_tests::cores::{design, Tested};
use fixlearn_tests::cosim::{core, differs};
use fixlearn_tests::every_core;
use fixlearn_tests::runner::random;

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
fn no_core_uses_a_collision() {
    fn none<C: Tested>() {
        let design = design::<C>(C::SIZE);
        let mut core = core::<C>(design.as_ref(), garbage);
        assert_eq!(differs(design.as_ref(), &mut core, random(300)), None);
    }
    every_core!(none);
}

#[test]
fn nor_does_a_quantizer_of_several_lanes() {
    for (n, d, l, cases) in [(16, 16, 4, 100), (64, 16, 8, 30)] {
        let design = vq::design(n, d, l);
        let mut core = core::<Vq>(&design, garbage);
        assert_eq!(differs(&design, &mut core, random(cases)), None, "{n}x{d}x{l}");
    }
}
