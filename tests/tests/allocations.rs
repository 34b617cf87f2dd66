//! What reads a wire or a file takes no more memory than a bound, whatever it reads. The one test
//! of its program: others would count, too.

use cap::Cap;
use fixlearn_tests::fuzz::{targets, Luck};
use std::alloc::System;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Beyond what is there before and the target's own, for each byte of the input.
const FOR_A_BYTE: usize = 128;

#[test]
fn damaged_inputs_take_no_more_than_a_bound() {
    // The board is a simulation; its memory is not the host's.
    for mut target in targets().into_iter().filter(|target| target.name != "board") {
        let mut luck = Luck::new(5);
        let good = target.good.clone();
        let kept = target.kept().into_iter();
        let dense = std::mem::take(&mut target.dense).into_iter();
        let inputs = kept.chain(dense).chain((0..1000).map(|_| luck.spoil(&good)));
        // The first takes what is kept from then on.
        (target.feed)(&good);
        for input in inputs {
            let bound = target.most() + FOR_A_BYTE * input.len() + (target.besides)(&input);
            // Beyond the limit an allocation fails, which ends the program.
            let before = MEMORY.allocated();
            MEMORY.set_limit(before + bound).expect("less is in use");
            (target.feed)(&input);
            MEMORY.set_limit(usize::MAX).expect("there is a limit");
        }
    }
}
