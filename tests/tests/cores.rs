//! What is asked of every core, once: a new core is here by its line in `every_core!`.

use fixlearn_sim::board::Board;
use fixlearn_tests::cores::{built, design, Tested};
use fixlearn_tests::cosim::{self, core};
use fixlearn_tests::runner::{failure, random};
use fixlearn_tests::{bus, every_core, sessions};

/// After every vector and every iteration, answers, clocks and state are the golden model's.
#[test]
fn equal_to_the_golden_model() {
    fn equal<C: Tested>() {
        let design = design::<C>(C::SIZE);
        let mut core = core::<C>(design.as_ref(), str::to_string);
        let found = cosim::differs(design.as_ref(), &mut core, random(C::MUTATION_CASES));
        assert_eq!(found, None, "{}", design.core().name);
    }
    every_core!(equal);
}

/// Every word on the bus is the golden model's, at power-up and after `clear`, and so is what is
/// refused.
#[test]
fn the_bus_is_the_golden_models() {
    fn same<C: Tested>() {
        let design = design::<C>(C::SIZE);
        let (built, name) = (built::<C>(design.as_ref()), design.core().name);
        let mut core = core::<C>(design.as_ref(), str::to_string);
        assert_eq!(bus::power_up::<C>(&built, &mut core.bus), None, "{name}");
        assert_eq!(bus::differs::<C>(&built, &mut core.bus, random(200)), None, "{name}");
    }
    every_core!(same);
}

/// What a core has beside its state: tables, through every entry.
#[test]
fn tables_are_the_golden_models() {
    fn same<C: Tested>() {
        let design = design::<C>(C::SIZE);
        assert_eq!(C::more(&mut core::<C>(design.as_ref(), str::to_string)), None);
    }
    every_core!(same);
}

/// A board answers whatever a host may send as the golden model does, byte for byte; with a sample
/// memory and packed vectors, too.
#[test]
fn sessions_with_a_board() {
    fn same<C: Tested>() {
        for (size, count) in
            [(C::SIZE.to_string(), 40), (format!("{}+packed+samples1K", C::SIZE), 25)]
        {
            let design = design::<C>(&size);
            let verilog = design.top_verilog().expect("the size is on offer");
            let found = failure(random(count), &sessions::sessions(), |session| {
                let board = Board::from_verilog(&verilog, design.as_ref()).expect("it verilates");
                sessions::differs::<C>(design.as_ref(), board, session, |_| ())
            });
            assert_eq!(found, None, "{} {size}", design.core().name);
        }
    }
    every_core!(same);
}
