//! A core's bus against its golden model: what may be written, and what is then read.

use crate::cores::Tested;
use crate::runner::failure;
use fixlearn_map::link::memory;
use fixlearn_map::{Access, Built};
use fixlearn_sim::cosim::Bus;
use fixlearn_sim::golden::core::Place;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;

/// Every place of which the golden model says what is read there.
fn places<C: Tested>(model: &C) -> Vec<Place> {
    let mut all = Vec::new();
    let memories = C::Built::CORE.memories.iter().map(|m| m.number);
    for memory in memories.chain([memory::REGISTERS]) {
        for (row, column) in (0..=255).flat_map(|row| (0..=255).map(move |c| (row, c))) {
            let at = Place { memory, row, column };
            if model.read(at).is_some() {
                all.push(at);
            }
        }
    }
    all
}

/// Writing here starts work, which is not for this test.
fn starts<C: Tested>(at: Place, word: u32) -> bool {
    let registers = C::Built::CORE.registers;
    let register = registers.get(usize::from(at.column)).filter(|r| r.access == Access::Start);
    at.memory == memory::REGISTERS
        && register.is_some_and(|r| word != 0 && r.takes(word, &|_| 0, 0))
}

/// Runs the runner's cases: after `clear`, some words are written, and then all are read. The
/// message of the first that is not as in the golden model.
pub fn differs<C: Tested>(built: &C::Built, bus: &mut Bus, runner: TestRunner) -> Option<String> {
    let bus = RefCell::new(bus);
    let fresh = C::power_up(built);
    let places = places(&fresh);
    let memory = prop_oneof![4 => 0..8_u8, 1 => 0..=254_u8];
    let row = prop_oneof![3 => Just(0_u16), 2 => 0..256_u16, 1 => any::<u16>()];
    let somewhere =
        (memory, row, any::<u8>()).prop_map(|(memory, row, column)| Place { memory, row, column });
    let known = proptest::sample::select(places.clone());
    let registers = places.iter().copied().filter(|p| p.memory == memory::REGISTERS);
    let register = proptest::sample::select(registers.collect::<Vec<_>>());
    // A power of two and its neighbours: most bounds are there.
    let near = (0_u32..32, 0_u32..3).prop_map(|(bit, off)| (1_u32 << bit).wrapping_add(off) - 1);
    let word = prop_oneof![1 => Just(0), 4 => near, 4 => 0_u32..70, 1 => any::<u32>()];
    let place = prop_oneof![4 => register, 2 => known, 1 => somewhere];
    failure(runner, &vec((place, word), 1..60), |writes| {
        let mut bus = bus.borrow_mut();
        let (cleared, formula) = (bus.clear(), C::clear_clocks(built));
        if cleared != formula {
            return Err(format!("cleared in {cleared} clocks, not {formula}"));
        }
        let mut golden = fresh.clone();
        for &(at, word) in writes {
            if starts::<C>(at, word) {
                continue;
            }
            let (taken, expected) = (bus.write(at, word), golden.write(at, word));
            if taken != expected {
                return Err(format!("{word:#x} at {at:?}: taken {taken}, golden {expected}"));
            }
        }
        bus.wait_free();
        read(&golden, &places, &mut bus).map_or(Ok(()), Err)
    })
}

/// After power-up a core clears itself, and takes as long as for `clear`; otherwise, or of the
/// first word that is not as after it, a message.
pub fn power_up<C: Tested>(built: &C::Built, bus: &mut Bus) -> Option<String> {
    let (took, formula) = (bus.power_up, C::clear_clocks(built));
    if took != formula {
        return Some(format!("free {took} clocks after power-up, not {formula}"));
    }
    let fresh = C::power_up(built);
    read(&fresh, &places(&fresh), bus).map(|why| format!("at power-up, {why}"))
}

fn read<C: Tested>(golden: &C, places: &[Place], bus: &mut Bus) -> Option<String> {
    places.iter().find_map(|&at| {
        let expected = golden.read(at)?;
        let found = bus.read(at);
        (found != expected).then(|| format!("{at:?}: {found:#x}, golden {expected:#x}"))
    })
}
