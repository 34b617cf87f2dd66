//! The wide quantizer: its sizes, its overlaps, its clocks.

use fixlearn_hdl::design::{banks, Design, VqDesign, WIDE_SIZES};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_sim::golden::core::Core as _;
use fixlearn_tests::bus;
use fixlearn_tests::cores::built;
use fixlearn_tests::cores::vq::{design, same, streams_differ, Vq};
use fixlearn_tests::cosim::{core, differs, mutant};
use fixlearn_tests::runner::{random, repeatable};

#[test]
fn equal_16x4_2_banks_of_4() {
    same(&design(16, 4, 8), 200);
}

#[test]
fn equal_16x16_4_banks_of_4() {
    same(&design(16, 16, 16), 200);
}

#[test]
fn equal_64x16_4_banks_of_16() {
    same(&design(64, 16, 64), 60);
}

#[test]
fn equal_256x64_8_banks_of_64() {
    same(&design(256, 64, 512), 4);
}

/// Vectors one on the heels of the other, learned or recalled, are those one by one: a search may
/// begin while the last winner is still being moved.
#[test]
fn equal_where_vectors_overlap() {
    for (n, d, l, count) in [(16, 4, 8, 150), (16, 16, 16, 100), (64, 16, 64, 150)] {
        let design = design(n, d, l);
        let mut core = core::<Vq>(&design, str::to_string);
        assert_eq!(streams_differ(&design, &mut core, random(count)), None, "{n}x{d}x{l}");
    }
}

/// The same of vectors that have several rows and fill their beats or do not, on the largest core.
#[test]
fn equal_where_vectors_of_many_rows_overlap() {
    let design = design(256, 256, 512);
    let mut core = core::<Vq>(&design, str::to_string);
    assert_eq!(streams_differ(&design, &mut core, random(6)), None);
}

/// A mutant of the Verilog must differ from the golden model in a stream.
fn caught(from: &str, to: &str) {
    let design = design(64, 16, 64);
    let mut core = core::<Vq>(&design, |verilog| mutant(verilog, from, to));
    let found = streams_differ(&design, &mut core, repeatable(600));
    assert!(found.is_some(), "not caught: {from} -> {to}");
}

#[test]
fn mutant_a_search_comes_to_the_winner_too_soon() {
    caught("behind$d = winner_slot + one8", "behind$d = winner_slot");
}

/// A search may begin behind a winner that it comes to 9 slots later than the update has beats; 8
/// are too few.
#[test]
fn mutant_a_search_begins_a_slot_too_soon() {
    caught("margin = 9'b1001;", "margin = 9'b1000;");
}

#[test]
fn mutant_equal_scores_go_to_the_first_slot() {
    caught("key < best$q", "key[39:8] < best$q[39:8]");
}

#[test]
fn mutant_a_learned_vector_does_not_wait_for_recalled_ones() {
    caught("(next_learns & |flight$q)", "1'b0");
}

#[test]
fn mutant_the_last_plain_score_is_scaled_too() {
    caught("valid_late$d = valid & scaled", "valid_late$d = valid");
}

/// Without squares: what the bus says of MODE, and answers.
#[test]
fn equal_without_squares() {
    let design = VqDesign { squares: false, ..design(16, 16, 16) };
    let mut core = core::<Vq>(&design, str::to_string);
    let built = built::<Vq>(&design);
    assert_eq!(bus::power_up::<Vq>(&built, &mut core.bus), None);
    assert_eq!(bus::differs::<Vq>(&built, &mut core.bus, random(100)), None);
    assert_eq!(differs(&design, &mut core, random(100)), None);
    assert_eq!(streams_differ(&design, &mut core, random(100)), None);
}

/// Its bus is the golden model's, with squares, too.
#[test]
fn the_bus_is_the_golden_models() {
    let design = design(64, 16, 64);
    let (built, mut core) = (built::<Vq>(&design), core::<Vq>(&design, str::to_string));
    assert_eq!(bus::power_up::<Vq>(&built, &mut core.bus), None);
    assert_eq!(bus::differs::<Vq>(&built, &mut core.bus, random(60)), None);
}

/// As on an iCE40 HX.
#[test]
fn equal_with_products_in_logic() {
    let design = VqDesign { fabric: Fabric::Logic, ..design(16, 16, 16) };
    same(&design, 60);
}

/// The clocks of the table in `host/docs/quantizer.md`: from one vector to the next, where there is
/// always a next one.
#[test]
fn clocks_of_a_stream() {
    let page = include_str!("../../host/docs/quantizer.md");
    let mut missing = Vec::new();
    for size in WIDE_SIZES {
        let (n, d, l) = (size.codewords, size.dimension, size.lanes);
        let design = design(n, d, l);
        let mut core = core::<Vq>(&design, str::to_string);
        let start = Vq::power_up(&built::<Vq>(&design));
        let mut clocks = |learn: bool, count: u32| {
            assert!(core.load(&start));
            let vector = |i: u32| (0..d).map(|k| (i * 37 + u32::from(k) * 91) as u8).collect();
            let vectors: Vec<_> = (0..count).map(|i| (vector(i), learn)).collect();
            core.stream(&vectors, &[0]).1
        };
        let [recall, learn] =
            [false, true].map(|learn| (clocks(learn, 40) - clocks(learn, 20)) as f64 / 20.0);
        assert_eq!(design.recall_clocks(d.into()), Some(recall.ceil() as u64), "{size}");
        assert_eq!(design.learn_clocks(d.into()) as f64, learn, "{size}");
        let banks = banks(&design.size()).expect("a wide one");
        let line = format!(
            "| {size} | {banks} x {} | {} | {recall} | {learn} |",
            l / banks,
            design.beat() / 8
        );
        if !page.contains(&line) {
            missing.push(line);
        }
    }
    assert!(missing.is_empty(), "the page has other clocks than\n{}", missing.join("\n"));
}
