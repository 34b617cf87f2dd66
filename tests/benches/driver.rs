//! Speed of the Verilator driver beside a plain C++ test bench, same Verilog, same flags, one
//! after the other in one run; the figures are ratios to C++.
//!
//! `cargo bench --bench driver`

use fixlearn_hdl::design::Design;
use fixlearn_sim::cosim::{build, Flags, SPEED_FLAGS};
use fixlearn_tests::cores::vq::design;
use std::process::Command;
use std::time::Instant;

const CYCLES: u64 = 1_000_000;

fn main() {
    let verilog = design(64, 16, 8).top_verilog().expect("on offer");
    let plain = plain_cpp(&verilog);
    let mut model = build(&verilog, Flags::default()).expect("it verilates");
    let (rx, tx) = (model.port("rx"), model.port("tx"));
    let rate = |seconds: f64| CYCLES as f64 / seconds / 1e6;
    let report = |name: &str, seconds: f64| {
        println!("{name:28} {:6.2} Mcycle/s {:6.2}", rate(seconds), plain / seconds);
    };
    report("C++ test bench", plain);

    let start = Instant::now();
    let mut high = 0;
    for _ in 0..CYCLES {
        model.set(rx, 1);
        model.step();
        high += model.get(tx);
    }
    report("one call a cycle", start.elapsed().as_secs_f64());
    assert_eq!(high, CYCLES);

    let start = Instant::now();
    let (levels, mut seen) = (vec![1; 1024], vec![0; 1024]);
    for _ in 0..CYCLES / 1024 {
        model.line(rx, &levels, tx, &mut seen);
    }
    report("1024 cycles a call", start.elapsed().as_secs_f64());
}

/// Seconds that the plain test bench takes for the same cycles.
fn plain_cpp(verilog: &str) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let main = format!(
        r#"#include "Vtop.h"
#include <chrono>
#include <cstdio>
int main() {{
  VerilatedContext context;
  Vtop top{{&context}};
  unsigned long high = 0;
  auto start = std::chrono::steady_clock::now();
  for (long i = 0; i < {CYCLES}; i++) {{
    top.rx = 1; top.clock = 0; top.eval(); top.clock = 1; top.eval(); high += top.tx;
  }}
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%f %lu\n", took.count(), high);
}}
"#
    );
    std::fs::write(folder.path().join("top.v"), verilog).expect("written");
    std::fs::write(folder.path().join("main.cpp"), main).expect("written");
    let run = |program: &str, arguments: &[&str]| {
        let out = Command::new(program).current_dir(folder.path()).args(arguments).output();
        let out = out.expect("it starts");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    let mut flags = vec!["--cc", "--exe", "--build", "top.v", "main.cpp", "--top-module", "top"];
    flags.extend(["--prefix", "Vtop", "-MAKEFLAGS", "OPT_FAST=-O2"]);
    flags.extend(SPEED_FLAGS);
    run("verilator", &flags);
    let said = run("./obj_dir/Vtop", &[]);
    said.split(' ').next().and_then(|s| s.parse().ok()).expect("seconds")
}
