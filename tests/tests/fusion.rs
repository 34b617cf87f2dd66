//! The fusion node: its rules against exact arithmetic, what it learns, and its Verilog against
//! the golden model.

use fixlearn::tasks::fuse::field::Field;
use fixlearn::tasks::fuse::quantizer::{design as quantizers, key, Merging};
use fixlearn_hdl::cores::fusion::FusionCore;
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::verilog::of;
use fixlearn_map::fusion::{bucket, FusionBuilt, PLACE_BITS, WAYS};
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::cores::fusion::reference::Reference;
use fixlearn_sim::golden::cores::fusion::{
    distance, logarithm, moved, octaves, score, Answer, Config, Fusion, Position, Sample, MOST_HITS,
};
use fixlearn_tests::cores::{design, Tested};
use fixlearn_tests::cosim::{self, compare, core, Case};
use fixlearn_tests::formal::{free, properties, proved, within, Engine};
use fixlearn_tests::runner::repeatable;
use proptest::prelude::*;

const SMALL: FusionBuilt = FusionBuilt { place_bits: 10 };

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// The logarithm is cut: `2^(l/16)` by straight lines between powers of two.
    #[test]
    fn a_logarithm_is_cut_to_a_sixteenth(value in 1..65536_u32) {
        let line = |l: u32| (1 << (l >> 4)) * u64::from(16 + (l & 15));
        let found = logarithm(value);
        prop_assert!(line(found) <= 16 * u64::from(value));
        prop_assert!(16 * u64::from(value) < line(found + 1));
        let exact = f64::from(value).log2();
        prop_assert!((f64::from(found) / 16.0 - exact).abs() < 0.15, "{found} for {exact}");
    }

    #[test]
    fn a_score_is_the_sum_of_its_logarithms(
        hits in 0..=MOST_HITS,
        count in 1..256_u32,
        weight in 0..4_u32,
    ) {
        let sum = logarithm(u32::from(hits) + 1) * (1 << weight) + logarithm(count);
        prop_assert_eq!(score(hits, count, weight), sum);
        prop_assert!(sum < 1 << 12);
        prop_assert_eq!(u32::from(octaves(sum)), (sum / 16 + 1).min(127));
    }

    #[test]
    fn a_mean_moves_to_nearest(mean: u16, to: u16, n in 2..257_u32) {
        let found = i64::from(moved(mean, to, n)) - i64::from(mean);
        let exact = i64::from(to) - i64::from(mean);
        let n = i64::from(n);
        prop_assert!(2 * (found * n - exact).abs() <= n, "{found} for {exact} / {n}");
        // Of two that are as near, the one that is farther from 0.
        prop_assert!(2 * (found * n - exact).abs() < n || found.abs() * n > exact.abs());
    }

    #[test]
    fn a_distance_is_along_both_sides(a: (u16, u16), b: (u16, u16)) {
        let along = |a: u16, b: u16| (i64::from(a) - i64::from(b)).abs();
        let position = |(x, y)| Position { x, y };
        let found = i64::from(distance(position(a), position(b)));
        prop_assert_eq!(found, along(a.0, b.0) + along(a.1, b.1));
    }

    #[test]
    fn words_are_there_and_back(key: u32, x: u16, y: u16, feasible: u8) {
        let sample = Sample { key, at: Position { x, y } };
        prop_assert_eq!(Sample::from_bytes(&sample.bytes()), sample);
        prop_assert_eq!(Position::from_word(sample.at.word()), sample.at);
        let answer = Answer { x: x >> 4, y: y >> 4, feasible };
        prop_assert_eq!(Answer::from_word(answer.word()), answer);
    }

    /// One of few samples, until a count is full, is answered by the mean of its positions.
    #[test]
    fn a_mean_is_the_mean(
        key: u32,
        positions in prop::collection::vec((20_000_u16..40_000, 20_000_u16..40_000), 1..200),
    ) {
        let mut fusion = Fusion::new(Config::power_up(), SMALL);
        for &(x, y) in &positions {
            fusion.adapt(Sample { key, at: Position { x, y } });
        }
        let mean = |part: fn(&(u16, u16)) -> u16| {
            let sum: u64 = positions.iter().map(|p| u64::from(part(p))).sum();
            sum as f64 / positions.len() as f64
        };
        let before = fusion.clone();
        let Answer { x, y, feasible } = fusion.estimate(key);
        prop_assert_eq!(&fusion, &before);
        for (found, exact) in [(x, mean(|p| p.0)), (y, mean(|p| p.1))] {
            let off = (f64::from(found) + 0.5) * 16.0 - exact;
            prop_assert!(off.abs() < 8.0 + 0.5 * positions.len() as f64, "{off}");
        }
        let count = positions.len() as u32;
        prop_assert_eq!(u32::from(feasible), 128 + logarithm(count));
        prop_assert_eq!(fusion.config.samples, count);
        prop_assert_eq!((fusion.config.stored, fusion.config.unseen), (1, 1));
    }
}

fn sample(key: u32, x: u16, y: u16) -> Sample {
    Sample { key, at: Position { x, y } }
}

/// Of the combinations that differ at one node the one is answered whose change has led nearest
/// to the source before, and not the one that has occurred most often.
#[test]
fn the_most_feasible_combination_is_found() {
    let mut fusion = Fusion::new(Config { nodes: 2, bits: 2, ..Config::power_up() }, SMALL);
    assert_eq!(fusion.estimate(0), Answer { x: 0x800, y: 0x800, feasible: 0 });
    // Node 0 in bits 1..0, node 1 in bits 3..2.
    let (wide, narrow) = (0b01_00, 0b00_01);
    for _ in 0..9 {
        fusion.adapt(sample(wide, 60_000, 60_000));
    }
    fusion.adapt(sample(narrow, 1000, 2000));
    // Equally without hits: the one with the larger count.
    assert_eq!(fusion.estimate(0).word() >> 8, (60_000 >> 4) << 12 | 60_000 >> 4);
    // Node 0 sends 0 where 1 would be right: the samples are near to what it says.
    for _ in 0..3 {
        fusion.adapt(sample(0b10_01, 900, 900));
        fusion.adapt(sample(0b10_00, 900, 900));
    }
    let Answer { x, y, feasible } = fusion.estimate(0);
    assert_eq!((x, y), (1000 >> 4, 2000 >> 4));
    assert!((1..128).contains(&feasible));
    // Once learned it answers for itself.
    fusion.adapt(sample(0, 5000, 5000));
    assert_eq!(fusion.estimate(0), Answer { x: 5000 >> 4, y: 5000 >> 4, feasible: 128 });
}

/// A bucket's fifth combination takes the place of one that was learned once, and is lost where
/// there is none.
#[test]
fn a_full_bucket_is_counted() {
    let bits = (SMALL.places() / WAYS).ilog2();
    let same: Vec<u32> = (0..1 << 16).map(|i| i << 4).filter(|&k| bucket(k, bits).0 == 7).collect();
    let mut fusion = Fusion::new(Config::power_up(), SMALL);
    for (i, &key) in same[..WAYS].iter().enumerate() {
        for _ in 0..1 + u16::from(i != 2) {
            fusion.adapt(sample(key, 100, 100));
        }
    }
    assert_eq!((fusion.config.stored, fusion.config.dropped), (4, 0));
    let known = |fusion: &Fusion, key: u32| fusion.estimate(key).feasible >= 128;
    fusion.adapt(sample(same[4], 100, 100));
    assert!(known(&fusion, same[4]) && !known(&fusion, same[2]) && known(&fusion, same[3]));
    fusion.adapt(sample(same[4], 100, 100));
    fusion.adapt(sample(same[5], 100, 100));
    assert!(!known(&fusion, same[5]));
    assert_eq!((fusion.config.stored, fusion.config.dropped, fusion.config.unseen), (4, 2, 6));
}

/// Merged quantizers at little noise, as the table of the example has it: below regular ones, and
/// near to the `f64` rule.
#[test]
fn merging_pays_where_noise_is_small() {
    let field = Field::scattered(5, 0.01, 1);
    let few = field.simulate(50_000, 2);
    let error = |intervals: usize, merging: Merging| {
        let quantizers = quantizers(&few, intervals, 3, &merging);
        let mut fusion = Fusion::new(Config::power_up(), FusionBuilt { place_bits: 14 });
        let mut exact = Reference::new(5, 3, 2, [5.0; 2]);
        let (learned, asked) = (field.simulate(150_000, 3), field.simulate(5000, 4));
        let word = |p: f64| (p / 10.0 * 65536.0) as u16;
        let key_of = |readings: &[Vec<f64>], n: usize| {
            key(&quantizers, 3, readings.iter().map(|values| values[n]))
        };
        for (n, &[x, y]) in learned.positions.iter().enumerate() {
            let key = key_of(&learned.nodes, n);
            fusion.adapt(sample(key, word(x), word(y)));
            exact.adapt(key, [x, y]);
        }
        let mut sums = [0.0; 2];
        for (n, &[x, y]) in asked.positions.iter().enumerate() {
            let key = key_of(&asked.nodes, n);
            let answer = fusion.estimate(key);
            let place = |p: u16| (f64::from(p) + 0.5) / 409.6;
            let [a, b] = exact.estimate(key);
            sums[0] += (place(answer.x) - x).powi(2) + (place(answer.y) - y).powi(2);
            sums[1] += (a - x).powi(2) + (b - y).powi(2);
        }
        sums.map(|sum| sum / 5000.0)
    };
    let [regular, _] = error(8, Merging::None);
    let [merged, exact] = error(16, Merging::Closest);
    println!("regular {regular:.4}, merged {merged:.4}, in f64 {exact:.4}");
    assert!(merged < 0.6 * regular, "{merged} and {regular}");
    assert!(merged < 1.05 * exact, "{merged} and {exact}");
}

#[test]
fn what_no_fusion_node_can_be_is_refused() {
    let good = Fusion::new(Config::power_up(), SMALL);
    assert_eq!(good.validate(), Ok(()));
    let refused = |change: fn(&mut Fusion)| {
        let mut bad = good.clone();
        change(&mut bad);
        bad.validate().is_err()
    };
    assert!(refused(|f| f.config.nodes = 0));
    assert!(refused(|f| f.config.nodes = 9));
    assert!(refused(|f| f.config.bits = 5));
    assert!(refused(|f| f.config.weight = 4));
    assert!(refused(|f| f.combinations.truncate(1000)));
    assert!(refused(|f| f.combinations.clear()));
    assert!(refused(|f| f.positions.truncate(1000)));
    assert!(refused(|f| f.hits.truncate(1000)));
    assert!(refused(|f| f.hits[5] = 0x8000));
    let large = Fusion::new(Config::power_up(), FusionBuilt { place_bits: *PLACE_BITS.end() });
    assert_eq!(large.validate(), Ok(()));
    let mut bad = large.clone();
    bad.combinations[0] = 1 << 28;
    assert!(bad.validate().is_err());
    assert!(large.check(&SMALL).is_err());
}

/// A mutant of the Verilog must differ from the golden model.
fn caught(from: &str, to: &str) {
    cosim::caught::<Fusion>(design::<Fusion>(Fusion::SIZE).as_ref(), repeatable(1000), from, to);
}

#[test]
fn mutants_of_the_roundings_are_caught() {
    caught("+ {9'd0, n[8:1]}", "");
    caught("+ {15'd0, back}", "");
    caught("wire fits = ~less[9];", "wire fits = ~less[9] & (|less);");
    caught("d ? s2[14:11] : s2[13:10]", "s2[14:11]");
}

#[test]
fn mutants_of_the_candidates_are_caught() {
    caught("change_there <= next_unit", "change_there <= unit");
    caught("wire [3:0] to = from ^ change;", "wire [3:0] to = change;");
    caught("(node == last_node)", "(node >= last_node - 3'd1)");
}

#[test]
fn mutants_of_the_choice_are_caught() {
    caught("score$score > best_score$q", "score$score >= best_score$q");
    caught("far$q < nearest_far$q", "far$q <= nearest_far$q");
    caught("twice + {4'd0, count}", "twice");
    caught("(|more[8:7]) ? 8'd127 : more[7:0]", "more[7:0]");
}

#[test]
fn mutants_of_the_ends_are_caught() {
    caught("if (carry$q) begin", "if (1'b0) begin");
    caught("next_hits = most15", "next_hits = more_hits[14:0]");
    caught("next_count = most8", "next_count = one8");
}

/// The clocks of the page: exact, for any number of nodes and bits.
#[test]
fn clocks_are_those_of_the_formulas() {
    let design = design::<Fusion>(Fusion::SIZE);
    let mut core = core::<Fusion>(design.as_ref(), str::to_string);
    for (nodes, bits) in [(1, 1), (8, 4), (5, 3), (8, 1), (1, 4)] {
        let start = Fusion::new(Config { nodes, bits, ..Config::power_up() }, SMALL);
        let vectors = vec![(vec![1; 8], true), (vec![5; 8], false)];
        let case = Case { start, vectors, iterations: 0, gaps: vec![0] };
        let took = compare(design.as_ref(), &mut core, &case).expect("equal, in those clocks");
        if bits == 3 {
            let (_, learned) = took[0];
            assert_eq!(learned.result, design.learn_clocks(nodes as usize));
        }
    }
}

/// One result for each sample, which stays, and stays the same, until it is taken: for all time,
/// whatever the registers, memories and candidates are.
#[test]
fn the_handshake_is_proved() {
    let design = of(FusionCore::new(SMALL, Fabric::Inferred), "fusion");
    let inner = [
        "registers",
        "combinations",
        "positions",
        "hits",
        "candidates",
        "bucket",
        "of_count",
        "of_hits",
        "distance",
        "score",
        "octaves",
        "moved_x",
        "moved_y",
    ];
    let names: Vec<String> = inner.iter().map(|name| format!("fusion${name}")).collect();
    let design = free(&design, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let rules = properties("core.sv")
        .replace("RESULT", "result")
        .replace("LAST", "sample_valid && sample_ready && busy");
    let mutants = [
        ("result_valid = 1'b1", "result_valid = sample_data[0]"),
        ("if (result_ready) begin", "if (1'b1) begin"),
    ];
    proved("fusion", &within(&design, "fusion", &rules), Engine::Unbounded, &mutants);
}
