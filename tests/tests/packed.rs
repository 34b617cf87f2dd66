//! Packed vectors: their bits, and what every core gets of them.

use fixlearn_hdl::design::{find, Target};
use fixlearn_map::packed::{column, memory, Packing};
use fixlearn_sim::golden::core::Place;
use fixlearn_sim::golden::packed::{narrowest, pack, unpack};
use fixlearn_tests::cores::vq::Vq;
use fixlearn_tests::cores::{design, Tested};
use fixlearn_tests::cosim::{self, core, mutant};
use fixlearn_tests::every_core;
use fixlearn_tests::packed::{differs, levels, packing, write};
use fixlearn_tests::runner::{random, repeatable};
use fixlearn_tests::samples;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_packed_is_unpacked(
        packing in packing(true), bytes in prop::collection::vec(any::<u8>(), 1..300)
    ) {
        let vector = levels(packing, &bytes);
        let packed = pack(packing, &vector);
        prop_assert_eq!(packed.len(), packing.packed(vector.len()));
        prop_assert_eq!(unpack(packing, &packed, vector.len()), vector);
    }

    /// No narrower one would do, and it does.
    #[test]
    fn the_narrowest_packing_holds_all(
        of in packing(true), bytes in prop::collection::vec(any::<u8>(), 1..9000)
    ) {
        let vectors = levels(of, &bytes);
        let found = narrowest(&vectors);
        prop_assert!(found.bits() <= of.bits());
        prop_assert_eq!(levels(found, &vectors), vectors.clone());
        for narrower in Packing::ALL.into_iter().filter(|p| p.bits() < found.bits()) {
            prop_assert_ne!(levels(narrower, &vectors), vectors.clone());
        }
    }

    #[test]
    fn a_packing_is_its_word(word in 0..20_u32) {
        prop_assert_eq!(Packing::from_word(word).map(Packing::word), (word < 8).then_some(word));
    }
}

/// Packed vectors of random states; and unpacked ones pass, to the clock.
fn what_comes_is_unpacked<C: Tested>() {
    let design = design::<C>(&format!("{}+packed", C::SIZE));
    let mut core = core::<C>(design.as_ref(), str::to_string);
    assert_eq!(cosim::differs(design.as_ref(), &mut core, random(20)), None);
    assert_eq!(differs(design.as_ref(), &mut core, false, random(60)), None);
}

#[test]
fn vectors_are_unpacked_before_every_core() {
    every_core!(what_comes_is_unpacked);
}

/// Beats of 8 to 128 bits, narrow and wide, also from the sample memory.
#[test]
fn vectors_are_unpacked_in_beats_of_every_width() {
    for size in ["16x4x1", "256x4x2", "64x4x4", "64x16x8", "256x16x16", "16x16x16", "64x16x64"] {
        let design = design::<Vq>(&format!("{size}+residues+packed+samples8K"));
        let mut core = core::<Vq>(design.as_ref(), str::to_string);
        assert_eq!(differs(design.as_ref(), &mut core, true, random(40)), None, "{size}");
        assert_eq!(samples::differs(design.as_ref(), &mut core, random(30)), None, "{size}");
    }
}

#[test]
fn words_that_are_none_are_refused() {
    let design = design::<Vq>("16x4x1+packed");
    let mut core = core::<Vq>(design.as_ref(), str::to_string);
    let four = Packing { halvings: 1, repeated: true };
    assert!(write(&mut core, four));
    let says = |core: &mut fixlearn_sim::cosim::Core<Vq>| {
        let model = &mut core.bus.model;
        model.settle();
        model.get(model.port("vector_last")) + 1
    };
    let dimension = says(&mut core) * 2;
    let at = Place { memory: memory::DOOR, row: 0, column: column::PACKING };
    assert!(!core.bus.write(at, 8));
    assert!(!core.bus.write(at, 1 << 31));
    assert!(!core.bus.write(Place { row: 1, ..at }, 0));
    assert!(!core.bus.write(Place { column: 1, ..at }, 0));
    assert_eq!(says(&mut core) * 2, dimension, "what is refused changes nothing");
    core.bus.clear();
    assert_eq!(says(&mut core), dimension, "a reset clears it");
}

#[test]
fn mutants_are_caught() {
    let design = design::<Vq>("64x16x8+residues+packed");
    for (from, to) in [
        ("left$d = zero4;", ""),
        ("repeated}}, held[3:0]}", "1'b0}}, held[3:0]}"),
        ("left$q == one4", "left$q == 4'd2"),
        ("held$q >> quarter", "held$q >> half"),
    ] {
        let mut core = core::<Vq>(design.as_ref(), |verilog| mutant(verilog, from, to));
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            differs(design.as_ref(), &mut core, true, repeatable(200)).is_some()
        }));
        assert!(found.unwrap_or(true), "not caught: {from} -> {to}");
    }
}

/// Wherever they stand in a size.
#[test]
fn sizes_say_it_anywhere() {
    let kind = find("vq").expect("a core");
    for size in ["64x16x8+packed+samples64K", "64x16x8+samples64K+packed"] {
        let design = kind.parse(size, Target::SIMULATED).expect("on offer");
        assert_eq!(design.size(), "64x16x8+packed+samples64K");
        assert!(design.identity().unpacks);
    }
    let twice = kind.parse("64x16x8+packed+packed", Target::SIMULATED).map(|d| d.size());
    assert!(twice.is_err(), "{twice:?}");
}
