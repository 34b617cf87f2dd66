//! The sample memory: its order, and passes over it against the golden model, before every core.

use fixlearn_hdl::design::{find, Target};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_map::samples::Samples as Size;
use fixlearn_sim::golden::samples::order;
use fixlearn_tests::cores::vq::Vq;
use fixlearn_tests::cores::Tested;
use fixlearn_tests::cosim::{self, core, mutant};
use fixlearn_tests::every_core;
use fixlearn_tests::runner::{random, repeatable};
use fixlearn_tests::samples::{differs, key, stored};
use proptest::prelude::*;
use std::collections::HashSet;

/// Numbers of a last vector, with the powers of two and their neighbours.
fn last(most: u32) -> impl Strategy<Value = u32> {
    let near = (0..24_u32, 0..3_u32).prop_map(|(bit, off)| (1_u32 << bit).wrapping_add(off) - 1);
    prop_oneof![0..20_u32, near, 0..=most].prop_map(move |last| last.min(most))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_order_is_a_permutation(key in key(), last in last(3000)) {
        let all: HashSet<u32> = (0..=last).map(|step| order(key, last, step)).collect();
        prop_assert_eq!(all.len(), last as usize + 1);
        prop_assert!(all.iter().all(|&index| index <= last));
        if key == 0 {
            prop_assert!((0..=last).all(|step| order(key, last, step) == step));
        }
    }

    #[test]
    fn a_large_order_stays_in_range(key in key(), last in last((1 << 23) - 1), at: u32) {
        prop_assert!(order(key, last, at % (last + 1)) <= last);
    }

    /// Of more vectors than 24 bits number, the high ones come, too, and none twice.
    #[test]
    fn a_larger_order_has_all_bits(key in 1..=u32::MAX, bits in 24_u32..33, at: u32) {
        let last = u32::MAX >> (32 - bits);
        let some: HashSet<u32> = (0..200).map(|k| order(key, last, (at ^ k) & last)).collect();
        prop_assert_eq!(some.len(), 200);
        prop_assert!(some.iter().any(|&index| index > last / 2));
    }

    #[test]
    fn a_size_is_there_and_back(bits in Size::BITS, align in 0..8_u8, beat in 0..8_u32) {
        let size = Size { bits, align };
        prop_assert_eq!(Size::from_byte(size.to_byte()), (align < bits).then_some(size));
        let of = Size::of(4 << bits, 8 << beat);
        let there = beat < u32::from(bits) + 2;
        prop_assert_eq!(of.map(|size| size.bytes()), there.then_some(4 << bits));
        prop_assert_eq!(Size::of((4 << bits) + 4, 8), None);
    }
}

/// In the orders of many keys each vector comes first, and follows each other one, about as often
/// as chance would have it: within 5 deviations.
#[test]
fn orders_are_as_if_by_chance() {
    for last in [4, 9, 15, 29] {
        let n = last as usize + 1;
        let (mut first, mut pairs) = (vec![0_u32; n], vec![0_u32; n * n]);
        let keys = 6000 * n as u32;
        for key in (1..=keys).map(|k| k.wrapping_mul(0x9e37_79b9)) {
            let all: Vec<usize> = (0..=last).map(|step| order(key, last, step) as usize).collect();
            first[all[0]] += 1;
            pairs[all[0] * n + all[1]] += 1;
        }
        let within = |counts: &[u32], expected: f64, slack: f64| {
            let off = |&count: &u32| (f64::from(count) - expected).abs();
            counts.iter().all(|count| off(count) < 5.0 * expected.sqrt() + slack * expected)
        };
        let pair = f64::from(keys) / (n * (n - 1)) as f64;
        let apart: Vec<u32> = (0..n * n).filter(|i| i / n != i % n).map(|i| pairs[i]).collect();
        assert!(within(&first, 6000.0, 0.05), "{last}: {first:?}");
        assert!(within(&apart, pair, 0.25), "{last}: {apart:?}");
    }
}

/// Passes over stored vectors, random states and orders; and what the link streams passes through
/// the memory unchanged, to the clock.
fn a_pass_is_the_golden_models<C: Tested>() {
    let design = stored::<C>(C::SIZE, "4K");
    let mut core = core::<C>(design.as_ref(), str::to_string);
    assert_eq!(differs(design.as_ref(), &mut core, random(60)), None);
    assert_eq!(cosim::differs(design.as_ref(), &mut core, random(20)), None);
}

#[test]
fn passes_are_the_golden_models_before_every_core() {
    every_core!(a_pass_is_the_golden_models);
}

/// Beats of 8 to 128 bits: parts of a row, rows of several words, vectors that end within a beat.
/// With a register behind the memory, and without.
#[test]
fn passes_are_the_golden_models_with_beats_of_every_width() {
    let kind = find("vq").expect("a core");
    for (size, fabric) in [
        ("16x4x1+residues+samples1K", Fabric::Logic),
        ("256x4x2+residues+samples8K", Fabric::Inferred),
        ("64x16x8+residues+samples8K", Fabric::Logic),
        ("256x16x16+residues+samples16K", Fabric::Inferred),
    ] {
        let design = kind.parse(size, Target { fabric, ..Target::SIMULATED }).expect("on offer");
        let mut core = core::<Vq>(design.as_ref(), str::to_string);
        assert_eq!(differs(design.as_ref(), &mut core, random(40)), None, "{size}");
    }
}

#[test]
fn mutants_are_caught() {
    let design = stored::<Vq>("16x4x1+residues", "1K");
    for (from, to) in [
        ("order$key = bus_write_data;", "order$key = bus_write_data & 32'hfffffffe;"),
        ("next$q == last$q", "next$q > last$q"),
        ("count$q == 32'h7", "count$q == 32'h6"),
        ("part$q == part_last", "part$q == 2'b1"),
        (" (index <= last) ", " (index < last) "),
    ] {
        let mut core = core::<Vq>(design.as_ref(), |verilog| mutant(verilog, from, to));
        let found = differs(design.as_ref(), &mut core, repeatable(200));
        assert!(found.is_some(), "not caught: {from} -> {to}");
    }
}

/// A memory that the fabric or the protocol does not have is refused by name.
#[test]
fn sizes_that_there_are_not_are_refused() {
    let kind = find("vq").expect("a core");
    for (size, fabric, says) in [
        ("64x16x8+samples1000", Fabric::Inferred, "give a power of two from 1K to 32M"),
        ("64x16x8+samples3K", Fabric::Inferred, "give a power of two"),
        ("64x16x8+samples64M", Fabric::Inferred, "give a power of two"),
        ("64x16x8+samples8192M", Fabric::Inferred, "give a power of two"),
        ("64x16x8+samples", Fabric::Inferred, "no sample memory of `` bytes"),
        ("64x16x8+samples+4K", Fabric::Inferred, "`64x16x8+4k` is no size"),
        ("64x17x8+samples64K", Fabric::Inferred, "no core of size 64x17x8"),
        ("64x16x8+samples256K", Fabric::Mac16, "up to 128K bytes"),
        ("256x16x16+samples64K", Fabric::Mac16, "for beats of 128 bits is more"),
    ] {
        let target = Target { fabric, ..Target::SIMULATED };
        let refused = kind.parse(size, target).map(|d| d.size()).expect_err("refused");
        assert!(refused.contains(says), "{refused}");
    }
    let size = "64x16x8+residues+samples64K";
    assert_eq!(kind.parse(size, Target::SIMULATED).expect("on offer").size(), size);
}
