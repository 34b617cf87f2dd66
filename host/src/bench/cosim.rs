//! Clocks a second in co-simulation: this crate's driver, a plain C++ test bench and cocotb, of the
//! same Verilog with the same flags, and RustHDL's own simulator, of what the Verilog is made from.

use super::{best, Bench, Folder, Table};
use crate::bars::Bar;
use crate::link::open::Line;
use crate::{doctor, Error, Result};
use fixlearn_hdl::design::{find, in_rust_hdl, Target};
use fixlearn_map::vq::VqBuilt;
use fixlearn_map::Built;
use fixlearn_sim::cosim::{build, Flags, SPEED_FLAGS};
use fixlearn_sim::golden::core::Core as _;
use fixlearn_sim::golden::cores::vq::Vq;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Codewords, dimensions and lanes of the quantizer that is clocked: also [`in_rust_hdl`]'s.
const SIZE: &str = "64x16x8";
const CYCLES: u64 = 500_000;
/// Vectors that are learned on each port.
const VECTORS: usize = 4096;
/// Of cocotb, and of RustHDL's simulator, which take longer for each.
const FEW: u64 = 10_000;
/// The last that calls Debian 12's Verilator.
const PACKAGES: &[&str] = &["cocotb==1.9.2"];
const CLOCKED: &str = include_str!("clocked.py");

pub fn run(bench: &Bench) -> Result<Table> {
    doctor::ensure(doctor::Need::Simulation)?;
    let python = bench.rivals.then(|| doctor::python("bench-cocotb", PACKAGES)).transpose()?;
    let found = |what: String| Error::request(what);
    let design = find(VqBuilt::CORE.name)
        .and_then(|kind| kind.parse(SIZE, Target::SIMULATED))
        .map_err(found)?;
    let verilog = design.top_verilog().ok_or_else(|| Error::request(design.advice()))?;
    let folder = Folder::new()?;
    let at = |name: &str| folder.path().join(name);
    let write =
        |name: &str, text: &str| std::fs::write(at(name), text).map_err(Error::io(&at(name)));
    write("top.v", &verilog)?;
    write("main.cpp", &test_bench())?;
    let files = ["--cc", "--exe", "--build", "top.v", "main.cpp", "--top-module", "top"];
    let more = ["--prefix", "Vtop", "-MAKEFLAGS", "OPT_FAST=-O2"];
    call(folder.path(), "verilator", &[&files[..], &more, SPEED_FLAGS].concat())?;
    let mut model = build(&verilog, Flags::default())?;
    let (rx, tx) = (model.port("rx"), model.port("tx"));

    let mut own = in_rust_hdl();
    let rest = || Error::request("RustHDL's simulator: the design does not come to rest");
    let [mut plain, mut single, mut many, mut rust] = [f64::INFINITY; 4];
    // In turn, so that what else the machine does is alike for all.
    for _ in 0..bench.rounds {
        let said = call(folder.path(), "./obj_dir/Vtop", &[])?;
        plain = plain.min(seconds(&said)?);
        let one = || {
            for _ in 0..CYCLES {
                model.set(rx, 1);
                model.step();
                std::hint::black_box(model.get(tx));
            }
        };
        single = single.min(best(1, one));
        let (levels, mut seen) = (vec![1; 1024], vec![0; 1024]);
        let line = || {
            for _ in 0..CYCLES / 1024 {
                model.line(rx, &levels, tx, &mut seen);
            }
        };
        many = many.min(best(1, line));
        let began = Instant::now();
        for _ in 0..FEW {
            std::hint::black_box(own.step(true).ok_or_else(rest)?);
        }
        rust = rust.min(began.elapsed().as_secs_f64());
    }
    let cocotb = python.map(|python| {
        write("clocked.py", CLOCKED)?;
        let mut command = Command::new(&python);
        command.args(["clocked.py", "top.v"]).args(SPEED_FLAGS).current_dir(folder.path());
        command.env("CYCLES", FEW.to_string()).env("FOUND", at("found.txt"));
        ended(command, "cocotb")?;
        seconds(&std::fs::read_to_string(at("found.txt")).map_err(Error::io(&at("found.txt")))?)
    });
    let few = |seconds| FEW as f64 / seconds;
    let cocotb = cocotb.transpose()?.map(few);
    let rate = |seconds: f64| CYCLES as f64 / seconds;
    let many = (CYCLES / 1024 * 1024) as f64 / many;
    let mut table = table(rate(plain), [rate(single), many], few(rust), cocotb);
    let built = design.identity().built::<VqBuilt>().ok_or_else(|| found(design.advice()))?;
    ports(&mut table, &built, bench.rounds)?;
    Ok(table)
}

/// Vectors learned a second with and without the clocks of a line.
fn ports(table: &mut Table, built: &VqBuilt, rounds: usize) -> Result<()> {
    let mut start = Vq::power_up(built);
    let mut luck = fastrand::Rng::with_seed(1);
    start.codebook.fill_with(|| luck.u16(0..256) << 7);
    let mut seconds = [f64::INFINITY; 2];
    let mut devices = Vec::new();
    for port in ["core", "sim"] {
        let line = Line { size: Some(SIZE.into()), ..Line::new(port) };
        devices.push(line.open(&start)?);
    }
    for _ in 0..rounds {
        for (device, least) in devices.iter_mut().zip(&mut seconds) {
            let vectors: Vec<u8> =
                (0..usize::from(built.dimension) * VECTORS).map(|_| luck.u8(..)).collect();
            let began = Instant::now();
            device.learn(vectors)?;
            device.finish()?;
            *least = least.min(began.elapsed().as_secs_f64());
        }
    }
    let [core, sim] = seconds.map(|seconds| VECTORS as f64 / seconds);
    let times = core / sim;
    table.notes.push(format!(
        "vectors learned a second: {core:.0} by --port core, {sim:.0} by --port sim"
    ));
    let value = format!("{times:.1} times the vectors a second of --port sim");
    table.bars.push(Bar::new("--port core", value, "at least 4", times >= 4.0));
    Ok(())
}

fn table(plain: f64, [single, many]: [f64; 2], rust: f64, cocotb: Option<f64>) -> Table {
    let title = format!("cosim: clocks of the quantizer, {SIZE}, with its UART");
    let mut table = Table::new(&title, &["clocks/s", "of C++"]);
    let rows = [
        ("plain C++ test bench", Some(plain)),
        ("fixlearn, a call a clock", Some(single)),
        ("fixlearn, 1024 clocks a call", Some(many)),
        ("RustHDL's simulator", Some(rust)),
        ("cocotb", cocotb),
    ];
    for (name, rate) in rows {
        if let Some(rate) = rate {
            table.row(name, [Some(rate), Some(rate / plain)]);
        }
    }
    let best = single.max(many);
    let ratio = best / plain;
    table.bars.push(Bar::new("driver", format!("{ratio:.2} of C++"), "at least 0.9", ratio >= 0.9));
    let times = best / rust;
    let value = format!("{times:.0} times RustHDL's simulator");
    table.bars.push(Bar::new("driver beside RustHDL", value, "at least 20", times >= 20.0));
    if let Some(cocotb) = cocotb {
        let times = best / cocotb;
        let value = format!("{times:.0} times cocotb");
        table.bars.push(Bar::new("driver beside cocotb", value, "at least 20", times >= 20.0));
    }
    table
}

/// A test bench that says the seconds that the clocks took.
fn test_bench() -> String {
    format!(
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
    )
}

/// The first number of what a program said.
fn seconds(said: &str) -> Result<f64> {
    let first = said.split_whitespace().next().and_then(|word| word.parse().ok());
    first.ok_or_else(|| Error::request("a test bench did not say how long it took"))
}

fn call(folder: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    ended(command, program)
}

/// What a program said that has ended well.
fn ended(mut command: Command, name: &str) -> Result<String> {
    let failed = |why: &dyn std::fmt::Display| Error::request(format!("{name} failed: {why}"));
    let output = command.stdin(Stdio::null()).output().map_err(|e| failed(&e))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    Err(failed(&last.unwrap_or("it said nothing").trim()))
}
