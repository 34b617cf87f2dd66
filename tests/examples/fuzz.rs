//! Damaged inputs: `cargo run --release -p fixlearn-tests --example fuzz -- [frames] [seed]
//! [--keep]`. So many streams to the decoder of frames, 10 million if not given, a hundredth of
//! that to each reader of files, and a few hundred to a board; with `--keep`, those refused in a
//! new way join the corpus. The memory of all is bounded.

use cap::Cap;
use fixlearn_tests::fuzz::{targets, Luck, Outcome};
use std::alloc::System;
use std::collections::HashSet;
use std::fmt::Write as _;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Beyond what is there at first.
const BOUND: usize = 1 << 20;
/// A picture takes what its size says, up to the bound of the crate image.
const PICTURE_BOUND: usize = 513 << 20;
/// A file of stages takes what its head says, up to the bound of its reader.
const STAGES_BOUND: usize = 800 << 20;
/// Inputs kept of a target at most.
const KEPT: usize = 40;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut numbers = arguments.iter().filter_map(|a| a.parse::<u64>().ok());
    let count = numbers.next().unwrap_or(10_000_000);
    let seed = numbers.next().unwrap_or(1);
    let keep = arguments.iter().any(|a| a == "--keep");
    for mut target in targets() {
        let mut luck = Luck::new(seed);
        let mut kept = target.kept();
        let mut ways: HashSet<Outcome> = kept.iter().map(|input| (target.feed)(input)).collect();
        let count = match target.name {
            "decoder" => count,
            "board" => count / 20_000,
            _ => count / 100,
        };
        let is_decoder = target.name == "decoder";
        let mut read = 0;
        if target.name != "board" {
            let bound = match target.name {
                name if name.ends_with("png") => PICTURE_BOUND,
                name if name.contains("stages") => STAGES_BOUND,
                _ => BOUND,
            };
            let bound = bound.max(target.most());
            MEMORY.set_limit(MEMORY.allocated() + bound).expect("less is in use");
        }
        for _ in 0..count {
            let good = if is_decoder { luck.frame() } else { Vec::new() };
            let input = luck.spoil(if is_decoder { &good } else { &target.good });
            let outcome = (target.feed)(&input);
            read += u64::from(outcome == Outcome::Read);
            if keep && kept.len() < KEPT && ways.insert(outcome) {
                kept.push(input);
            }
        }
        MEMORY.set_limit(usize::MAX).expect("there is a limit");
        println!("{}: {count} inputs, {read} read, {} kept, no panic", target.name, kept.len());
        if keep {
            let mut text = String::new();
            for input in &kept {
                for byte in input {
                    let _ = write!(text, "{byte:02x}");
                }
                text.push('\n');
            }
            std::fs::create_dir_all(target.corpus().parent().expect("a folder")).expect("made");
            std::fs::write(target.corpus(), text).expect("written");
        }
    }
}
