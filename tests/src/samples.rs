//! Passes over a sample memory, against the golden models of memory and core.

use crate::cores::{built, design, Tested};
use crate::cosim::Case;
use crate::packed::{self, levels};
use crate::runner::failure;
use fixlearn_hdl::design::{find, Design, Target};
use fixlearn_hdl::samples::{Stored, SAMPLES};
use fixlearn_hdl::sdram::Chip;
use fixlearn_map::packed::Packing;
use fixlearn_map::samples::{column, memory, Samples as Size};
use fixlearn_map::Built;
use fixlearn_sim::cosim::Core;
use fixlearn_sim::golden::core::Place;
use fixlearn_sim::golden::packed::{pack, unpack};
use fixlearn_sim::golden::samples::Samples;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;

/// Keys, with those that have few ones.
pub fn key() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), 1..9_u32, (0..32_u32).prop_map(|bit| 1 << bit), Just(0)]
}

/// A design with a sample memory before its core, in this chip.
pub fn in_sdram<C: Tested>(size: &str, chip: &Chip, clock_hz: u32) -> Box<dyn Design> {
    let target = Target { clock_hz, ..Target::SIMULATED };
    let kind = find(C::Built::CORE.name).expect("a core");
    let design = kind.parse(size, target).expect("on offer");
    Box::new(Stored::in_sdram(design, chip, target).expect("a clock for it"))
}

/// A design with a sample memory before its core.
pub fn stored<C: Tested>(size: &str, bytes: &str) -> Box<dyn Design> {
    design::<C>(&format!("{size}{SAMPLES}{bytes}"))
}

/// What is asked of a memory: vectors to keep, and then passes over them.
#[derive(Clone, Debug)]
pub struct Passes<C> {
    case: Case<C>,
    /// Clocks before each write, in turn.
    gaps: Vec<u8>,
    /// Key, the step to begin with if it is set, and steps.
    commands: Vec<(u32, Option<u32>, u32)>,
    /// Where the core unpacks them.
    packing: Packing,
}

pub fn passes<C: Tested>(design: &dyn Design) -> BoxedStrategy<Passes<C>> {
    let command = (key(), prop::option::of(any::<u32>()), 0..20_u32);
    let gaps = prop::collection::vec(prop_oneof![3 => Just(0), 1 => any::<u8>()], 1..8);
    let packing = match design.identity().unpacks {
        true => packed::packing(true).boxed(),
        false => Just(Packing::default()).boxed(),
    };
    (C::cases(&built::<C>(design)), gaps, prop::collection::vec(command, 1..4), packing)
        .prop_filter("vectors", |(case, ..)| !case.vectors.is_empty())
        .prop_map(|(case, gaps, commands, packing)| Passes { case, gaps, commands, packing })
        .boxed()
}

fn register(column: u8) -> Place {
    Place { memory: memory::ORDER, row: 0, column }
}

/// Learns the passes on both; the first difference.
pub fn run<C: Tested>(size: Size, core: &mut Core<C>, passes: &Passes<C>) -> Result<(), String> {
    let Passes { case: Case { start, vectors, .. }, gaps, commands, packing } = passes;
    let mut gaps = gaps.iter().cycle();
    let mut golden = start.clone();
    let mut samples = Samples::power_up(size);
    if !core.load(&golden) {
        return Err("the core refused the state".into());
    }
    if *packing != core.packing && !packed::write(core, *packing) {
        return Err("the core refused the packing".into());
    }
    let whole = golden.vector_bytes();
    let bytes = packing.packed(whole);
    let many = vectors.len().min(size.words() as usize / size.stride(bytes));
    let mut write = |core: &mut Core<C>, golden: &mut C, at, word| {
        core.bus.model.cycles(gaps.next().map_or(0, |&gap| gap.into()));
        let taken = core.bus.write(at, word);
        core.bus.wait_free();
        match taken
            == samples.write(at, word, bytes, |vector| {
                golden.learn(&unpack(*packing, vector, whole));
            }) {
            true => Ok(()),
            false => Err(format!("{word:#x} at {at:?}: taken {taken}")),
        }
    };
    for (i, (vector, _)) in vectors[..many].iter().enumerate() {
        let vector = pack(*packing, &levels(*packing, vector));
        for (w, word) in vector.chunks(4).enumerate() {
            let mut padded = [0; 4];
            padded[..word.len()].copy_from_slice(word);
            let number = i * size.stride(bytes) + w;
            let at =
                Place { memory: memory::SAMPLES, row: (number >> 8) as u16, column: number as u8 };
            write(core, &mut golden, at, u32::from_be_bytes(padded))?;
        }
    }
    write(core, &mut golden, register(column::LAST), many as u32 - 1)?;
    for &(key, next, steps) in commands {
        write(core, &mut golden, register(column::KEY), key)?;
        if let Some(next) = next {
            // Beyond the last it is refused, by both.
            write(core, &mut golden, register(column::NEXT), next % (many as u32 + 1))?;
        }
        write(core, &mut golden, register(column::LEARN), steps)?;
        if let Some(what) = core.difference(&golden) {
            return Err(what);
        }
    }
    Ok(())
}

/// Runs the runner's cases on the core; the message of the first that differs.
pub fn differs<C: Tested>(
    design: &dyn Design,
    core: &mut Core<C>,
    runner: TestRunner,
) -> Option<String> {
    let core = RefCell::new(core);
    let size = design.identity().samples.expect("a sample memory");
    failure(runner, &passes(design), |passes| run(size, &mut core.borrow_mut(), passes))
}
