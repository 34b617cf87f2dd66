//! What is the quantizer's own: its sizes and fabrics, its mutants, its clocks.

use fixlearn_hdl::design::{Design, VqDesign};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_sim::golden::cores::vq::Config;
use fixlearn_tests::bus;
use fixlearn_tests::cores::built;
use fixlearn_tests::cores::vq::{design, same, streams_differ, Vq};
use fixlearn_tests::cosim::{self, compare, core, mutant, Case};
use fixlearn_tests::runner::{random, repeatable};

#[test]
fn equal_16x16_4_lanes() {
    same(&design(16, 16, 4), 200);
}

#[test]
fn equal_64x16_8_lanes() {
    same(&design(64, 16, 8), 60);
}

#[test]
fn equal_16x64_16_lanes() {
    same(&design(16, 64, 16), 60);
}

#[test]
fn equal_256x16_8_lanes() {
    same(&design(256, 16, 8), 12);
}

/// One update unit, and products in logic: as on an iCE40 HX.
#[test]
fn equal_with_one_update_unit() {
    for (n, d, l) in [(16, 16, 4), (64, 16, 8)] {
        same(&VqDesign { fabric: Fabric::Logic, ..design(n, d, l) }, 60);
    }
}

/// Of larger sizes, too.
#[test]
fn the_bus_is_the_golden_models() {
    for (n, d, l, count) in [(16, 16, 4, 100), (256, 16, 8, 10)] {
        let design = design(n, d, l);
        let (built, mut core) = (built::<Vq>(&design), core::<Vq>(&design, str::to_string));
        assert_eq!(bus::power_up::<Vq>(&built, &mut core.bus), None, "{n}x{d}x{l}");
        let found = bus::differs::<Vq>(&built, &mut core.bus, random(count));
        assert_eq!(found, None, "{n}x{d}x{l}");
    }
}

/// Vectors one on the heels of the other, learned or recalled, are those one by one.
#[test]
fn equal_where_vectors_follow_one_another() {
    for (n, d, l, fabric) in [
        (16, 4, 1, Fabric::Inferred),
        (64, 4, 4, Fabric::Inferred),
        (64, 16, 8, Fabric::Logic),
        (16, 64, 16, Fabric::Inferred),
    ] {
        let design = VqDesign { fabric, ..design(n, d, l) };
        let mut core = core::<Vq>(&design, str::to_string);
        assert_eq!(streams_differ(&design, &mut core, random(60)), None, "{n}x{d}x{l}");
    }
}

/// The next search would find a word that is not yet written.
#[test]
fn mutant_an_update_ends_too_soon() {
    let design = design(64, 4, 4);
    let mut core =
        core::<Vq>(&design, |verilog| mutant(verilog, "rest$q == 32'h4", "rest$q == 32'h2"));
    assert!(streams_differ(&design, &mut core, repeatable(600)).is_some());
}

/// A mutant of the Verilog must differ from the golden model.
fn caught(from: &str, to: &str) {
    cosim::caught::<Vq>(&design(16, 4, 1), random(2000), from, to);
}

#[test]
fn mutant_ties_to_the_highest_index() {
    caught("scale$p < best_score$q", "scale$p <= best_score$q");
}

#[test]
fn mutant_score_does_not_saturate() {
    caught("|s[39:32] ? 32'hffffffff : s[31:0]", "s[31:0]");
}

#[test]
fn mutant_nearest_rounds_halves_down() {
    caught("nearest = 8'h80", "nearest = 8'h7f");
}

#[test]
fn mutant_a_count_wraps() {
    caught("one_more = zero16", "one_more = one16");
}

/// The bounds of the README: `N*D/L + D/L + 16` for recall, `D/L + 16` more for learning where
/// there are at least half as many update units as lanes; and the clocks that a design states.
#[test]
fn cycles_are_within_bounds() {
    for (n, d, l, fabric) in [
        (16, 4, 1, Fabric::Inferred),
        (16, 16, 4, Fabric::Inferred),
        (64, 16, 8, Fabric::Inferred),
        (16, 64, 16, Fabric::Inferred),
        (64, 16, 8, Fabric::Logic),
    ] {
        let design = VqDesign { fabric, ..design(n, d, l) };
        let mut core = core(&design, str::to_string);
        let start = Vq::new(Config::power_up(n.into(), d.into()), l.into());
        let sample: Vec<u8> = (0..d).map(|i| (i * 37) as u8).collect();
        let vectors = vec![(sample.clone(), true), (sample, false)];
        let case = Case { start, vectors, iterations: 0, gaps: vec![0] };
        let cycles = compare(&design, &mut core, &case);
        let beats = u64::from(d) / u64::from(l);
        for (learned, took) in cycles.expect("equal") {
            println!("{n}x{d}, {l} lanes, learned {learned}: {took:?}");
            assert!(took.result <= u64::from(n) * beats + beats + 16, "{took:?}");
            let turns = (usize::from(l) / fabric.update_units(l.into())) as u64;
            let bound = if turns > 2 { beats * turns + 8 } else { beats + 16 };
            assert!(took.update <= if learned { bound } else { 0 }, "{took:?}");
        }
        let mut stream = |count: usize, learn: bool| {
            let vectors: Vec<_> = case.vectors.iter().cycle().take(count).collect();
            let vectors: Vec<_> = vectors.iter().map(|(v, _)| (v.clone(), learn)).collect();
            core.stream(&vectors, &[0]).1
        };
        let [recall, learn] = [false, true].map(|learn| stream(4, learn) - stream(3, learn));
        assert_eq!(design.recall_clocks(d.into()), Some(recall));
        assert_eq!(design.learn_clocks(d.into()), learn);
    }
}

/// Each codeword of the neighbourhood costs one more read and write: C clocks.
#[test]
fn a_neighbourhood_costs_its_codewords() {
    let design = design(16, 16, 4);
    let mut core = core(&design, str::to_string);
    for radius in 0..6 {
        // All codewords are alike: the first wins, its neighbours are 1..=radius.
        let golden = Vq::new(Config { radius, ..Config::power_up(16, 16) }, 4);
        assert!(core.load(&golden));
        let (found, took) = core.run(&[9; 16], true, &[0]);
        assert_eq!((found >> 24, took.update), (0, 4 * (radius as u64 + 1) + 8));
    }
}
