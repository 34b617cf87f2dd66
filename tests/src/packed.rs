//! Vectors that come packed, against the golden model of the core that gets them unpacked.

use crate::cores::{built, Tested};
use crate::cosim::Case;
use crate::runner::failure;
use fixlearn_hdl::design::Design;
use fixlearn_map::packed::{column, memory, Packing};
use fixlearn_sim::cosim::Core;
use fixlearn_sim::golden::core::Place;
use fixlearn_sim::golden::driven::Driven;
use fixlearn_sim::golden::packed::pack;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;

/// Any packing. Repeated bits make bytes that not every core takes.
pub fn packing(repeated: bool) -> impl Strategy<Value = Packing> {
    (0..4_u8, any::<bool>())
        .prop_map(move |(halvings, all)| Packing { halvings, repeated: repeated && all })
}

/// Bytes that are those of their low bits.
pub fn levels(packing: Packing, vector: &[u8]) -> Vec<u8> {
    let mask = 0xff >> (8 - packing.bits());
    vector.iter().map(|byte| packing.byte(byte & mask)).collect()
}

/// Writes the register; false if it is refused.
pub fn write<C: fixlearn_sim::golden::core::Core>(core: &mut Core<C>, packing: Packing) -> bool {
    core.packing = packing;
    let at = Place { memory: memory::DOOR, row: 0, column: column::PACKING };
    core.bus.write(at, packing.word())
}

/// Runs the runner's cases packed, some in streams; the message of the first that differs.
pub fn differs<C: Tested>(
    design: &dyn Design,
    core: &mut Core<C>,
    repeated: bool,
    runner: TestRunner,
) -> Option<String> {
    let core = RefCell::new(core);
    let cases = (C::cases(&built::<C>(design)), packing(repeated), any::<bool>());
    failure(runner, &cases, |(case, packing, stream)| {
        run(&mut core.borrow_mut(), case, *packing, *stream)
    })
}

/// A packed vector with ones behind its end, which nobody is to see.
fn filled(packing: Packing, vector: &[u8]) -> Vec<u8> {
    let mut packed = pack(packing, vector);
    let used = vector.len() * usize::from(packing.bits()) % 8;
    if let (1.., Some(last)) = (used, packed.last_mut()) {
        *last |= 0xff << used;
    }
    packed
}

fn run<C: Tested>(
    core: &mut Core<C>,
    case: &Case<C>,
    packing: Packing,
    stream: bool,
) -> Result<(), String> {
    let mut golden = case.start.clone();
    if !core.load(&golden) || !write(core, packing) {
        return Err("the core refused the state".into());
    }
    let unpacked = case.vectors.iter().map(|(vector, learn)| (levels(packing, vector), *learn));
    let unpacked: Vec<_> = unpacked.collect();
    let packed = unpacked.iter().map(|(vector, learn)| (filled(packing, vector), *learn));
    let packed: Vec<_> = packed.collect();
    let mut answers: Vec<Vec<u8>> = Vec::new();
    if stream && golden.answer_bytes() <= 4 {
        let (words, _) = core.stream(&packed, &case.gaps);
        answers.extend(words.iter().map(|word| word.to_be_bytes().to_vec()));
    }
    for (i, (vector, learn)) in unpacked.iter().enumerate() {
        let answer = match answers.get(i) {
            Some(answer) => answer.clone(),
            None if *learn => {
                core.take(&packed[i].0);
                Vec::new()
            }
            None => core.answer(&packed[i].0),
        };
        if *learn {
            golden.learn(vector);
            continue;
        }
        let expected = golden.recall(vector);
        if answer[..expected.len()] != expected {
            return Err(format!("vector {i} {packing:?}: {answer:x?}, golden {expected:x?}"));
        }
    }
    core.difference(&golden).map_or(Ok(()), Err)
}
