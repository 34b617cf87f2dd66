//! Random cases of any core against its golden model, after every vector and iteration.

use crate::bus;
use crate::cores::{built, Tested};
use crate::runner::{failure, repeatable};
use fixlearn_hdl::design::Design;
use fixlearn_sim::cosim::{build, chip, Core, Cycles, Flags, Model};
use proptest::test_runner::TestRunner;
use std::cell::RefCell;

/// A state, the vectors to run through it (none: iterations alone), and the pauses of the other
/// side.
#[derive(Clone, Debug)]
pub struct Case<C> {
    pub start: C,
    /// Vectors, and whether to learn them.
    pub vectors: Vec<(Vec<u8>, bool)>,
    pub iterations: u32,
    pub gaps: Vec<u8>,
}

/// A core of this design in simulation, its Verilog changed by `mutate`.
pub fn core<C: Tested>(design: &dyn Design, mutate: impl Fn(&str) -> String) -> Core<C> {
    let verilog = design.core_verilog().expect("the size is on offer");
    let verilog = chip::beside(&mutate(&verilog), design);
    of(design, build(&verilog, Flags::default()).expect("the core verilates"))
}

/// This model of a core of this design.
pub fn of<C: Tested>(design: &dyn Design, model: Model) -> Core<C> {
    let mut core = Core::new(model);
    core.ahead = C::is_ahead(&built::<C>(design));
    core
}

/// Runs the runner's cases on the core; the message of the first that differs.
pub fn differs<C: Tested>(
    design: &dyn Design,
    core: &mut Core<C>,
    runner: TestRunner,
) -> Option<String> {
    let core = RefCell::new(core);
    failure(runner, &C::cases(&built::<C>(design)), |case| {
        compare(design, &mut core.borrow_mut(), case).map(|_| ())
    })
}

/// Verilog with one text, which is there, in the place of another, everywhere.
///
/// # Panics
/// If it is not there.
pub fn mutant(verilog: &str, from: &str, to: &str) -> String {
    assert!(verilog.contains(from), "the mutant's place is gone: {from}");
    verilog.replace(from, to)
}

/// A mutant of a core's Verilog must differ from the golden model in the runner's cases.
///
/// # Panics
/// If its place is gone, or it does not differ.
pub fn caught<C: Tested>(design: &dyn Design, runner: TestRunner, from: &str, to: &str) {
    let mut core = core::<C>(design, |verilog| mutant(verilog, from, to));
    let found = differs(design, &mut core, runner);
    assert!(found.is_some(), "not caught: {from} -> {to}");
}

/// All that co-simulation asks of the core, on `count` cases of each kind that are the same in
/// each run; the first answer that is wrong.
pub fn check<C: Tested>(design: &dyn Design, model: Model, count: u32) -> Option<String> {
    let mut core = of::<C>(design, model);
    let built = built::<C>(design);
    bus::power_up::<C>(&built, &mut core.bus)
        .or_else(|| bus::differs::<C>(&built, &mut core.bus, repeatable(count)))
        .or_else(|| differs(design, &mut core, repeatable(count)))
        .or_else(|| C::more(&mut core))
}

/// Runs the case on both; the first difference, in answers, clocks or state, and otherwise the
/// clocks of each vector, with whether it was learned.
pub fn compare<C: Tested>(
    design: &dyn Design,
    core: &mut Core<C>,
    case: &Case<C>,
) -> Result<Vec<(bool, Cycles)>, String> {
    let mut golden = case.start.clone();
    if !core.load(&golden) {
        return Err("the core refused the state".into());
    }
    for i in 0..case.iterations {
        let (took, formula) = (core.iterate(1), C::formula(&golden));
        golden.iterate(1);
        if took != formula {
            return Err(format!("iteration {i}: {took} clocks, by the formula {formula}"));
        }
        same(core, &golden).map_err(|why| format!("iteration {i}: {why}"))?;
    }
    if case.iterations > 0 {
        // And several in one go.
        core.iterate(3);
        golden.iterate(3);
        same(core, &golden).map_err(|why| format!("three more: {why}"))?;
    }
    let beats = golden.vector_bytes().div_ceil(core.beat());
    let paused: u64 = case.gaps.iter().cycle().take(beats).map(|&gap| u64::from(gap)).sum();
    let stalled = case.gaps.get(beats % case.gaps.len().max(1)).map_or(0, |&gap| gap.into());
    let mut cycles = Vec::new();
    for (i, (vector, learn)) in case.vectors.iter().enumerate() {
        let before = golden.clone();
        let (found, took) = core.run(vector, *learn, &case.gaps);
        let expected = if *learn {
            golden.learn(vector);
            C::learned(&before, vector)
        } else {
            let answer = golden.recall(vector);
            further(&answer, &core.rest).map_err(|why| format!("vector {i}: {why}"))?;
            answer.get(..4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
        };
        if let Some(expected) = expected.filter(|&expected| expected != found) {
            return Err(format!("vector {i}: answer {found:#x}, golden {expected:#x}"));
        }
        let mut clocks = C::clocks(&before, design, found, *learn);
        clocks.result += paused;
        if core.ahead {
            clocks.update = clocks.update.saturating_sub(stalled);
        }
        if took != clocks {
            return Err(format!("vector {i}: {took:?}, by the formulas {clocks:?}"));
        }
        same(core, &golden).map_err(|why| format!("vector {i}: {why}"))?;
        cycles.push((*learn, took));
    }
    Ok(cycles)
}

/// Compares the bytes of an answer that are not in its first word, if it is specified; of an answer
/// of less than a word, nothing.
fn further(answer: &[u8], rest: &[u32]) -> Result<(), String> {
    let found: Vec<u8> = rest.iter().flat_map(|word| word.to_be_bytes()).collect();
    match answer.get(4..) {
        Some(expected) if found.get(..expected.len()) != Some(expected) => {
            Err(format!("the answer's further bytes {found:x?}, golden {expected:x?}"))
        }
        _ => Ok(()),
    }
}

/// The first difference between core and golden model in anything that can be read.
fn same<C: Tested>(core: &mut Core<C>, golden: &C) -> Result<(), String> {
    for at in C::also_read(golden) {
        let found = core.bus.read(at);
        if let Some(expected) = golden.read(at).filter(|&expected| expected != found) {
            return Err(format!("{at:?}: {found:#x}, golden {expected:#x}"));
        }
    }
    core.difference(golden).map_or(Ok(()), Err)
}
