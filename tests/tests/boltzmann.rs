//! The Boltzmann machine: its rules against exact arithmetic, what it learns, and its Verilog
//! against the golden model.

use fixlearn_hdl::cores::boltzmann::BoltzmannCore;
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::verilog::of;
use fixlearn_map::boltzmann::memory::{DIFFERENCE, RESIDUE, WEIGHT};
use fixlearn_map::boltzmann::{BoltzmannBuilt, UNITS_MOST};
use fixlearn_sim::golden::core::{Core, Place};
use fixlearn_sim::golden::cores::boltzmann::reference::Reference;
use fixlearn_sim::golden::cores::boltzmann::{
    argument, chance, connections, drawn, join, moved, next_gain, reached, response, scaled, split,
    step, Boltzmann, Config, Given,
};
use fixlearn_tests::cores::{built, design, Tested};
use fixlearn_tests::cosim::{self, compare, core, differs, Case};
use fixlearn_tests::formal::{free, properties, proved, within, Engine};
use fixlearn_tests::runner::{random, repeatable};
use proptest::prelude::*;

/// `rounded` is the integer nearest to `value / 2^bits`, of two the upper.
fn is_nearest(rounded: i64, value: i64, bits: u32) -> bool {
    let (twice, unit) = (2 * i128::from(value), 1_i128 << bits);
    let rounded = 2 * i128::from(rounded);
    (rounded - 1) * unit <= twice && twice < (rounded + 1) * unit
}

/// `clamped` is the number of the range that is closest to `value`.
fn is_closest(clamped: i64, value: i64, most: i64) -> bool {
    (-most..=most).contains(&clamped)
        && (clamped == value
            || clamped == -most && value < -most
            || clamped == most && value > most)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_scaled_sum_is_the_nearest(sum in -(1_i32 << 19)..1 << 19, scale in 0..8_u32) {
        let found = i64::from(scaled(sum, scale));
        let (low, high) = (i64::from(i16::MIN), i64::from(i16::MAX));
        let outside = i64::from(sum).clamp(low << scale, high << scale) != i64::from(sum);
        let edge = found == low || found == high;
        prop_assert!(is_nearest(found, sum.into(), scale) || outside && edge);
    }

    #[test]
    fn an_argument_is_the_nearest(sum: i16, gain in 1..0x8000_u32, small in 1..0x400_u32) {
        for gain in [gain, small] {
            let found = i64::from(argument(sum, gain));
            let product = i64::from(sum) * i64::from(gain);
            let outside = product.abs() > 255 << 12 && found == 255 * product.signum();
            prop_assert!(is_nearest(found, product, 12) || outside);
        }
    }

    #[test]
    fn a_gain_is_the_nearest_up_to_the_largest(
        gain in 1..0x8000_u32,
        ratio in 0x2000..0x8000_u32,
        most in 1..0x8000_u32,
    ) {
        let found = next_gain(gain, ratio, most);
        let exact = i64::from(gain) * i64::from(ratio);
        prop_assert!(is_nearest(found.into(), exact, 13) || found == most);
        prop_assert!(found <= most);
        prop_assert!(found < most || exact >> 13 >= i64::from(most) - 1);
    }

    #[test]
    fn a_target_is_reached_on_its_side(
        state in -127_i8..,
        target in -126_i8..,
        margin in 0..128_u32,
    ) {
        let towards = i64::from(state) * if target < 0 { -1 } else { 1 };
        prop_assert_eq!(reached(state, target, margin), towards >= i64::from(margin));
    }

    #[test]
    fn a_step_is_the_difference_times_the_rate(difference: i32, rate in 0..32_u32) {
        prop_assert!(is_nearest(step(difference, rate), i64::from(difference) << 2, rate));
    }

    #[test]
    fn a_weight_moves_by_its_step(level: i8, residue: i16, difference: i32, half in 1..128_u32) {
        let weight = join(level, residue);
        prop_assert_eq!(i64::from(weight), i64::from(level) * 65536 + i64::from(residue));
        for rate in [0, 5, 17] {
            let step = step(difference, rate);
            let found = moved(weight, step, half);
            prop_assert!(is_closest(found.into(), i64::from(weight) + step, i64::from(half) << 16));
            let (level, residue) = split(found);
            prop_assert_eq!(join(level, residue), found);
            prop_assert!(is_nearest(level.into(), found.into(), 16));
            prop_assert!(i64::from(level).unsigned_abs() <= u64::from(half));
        }
    }

    #[test]
    fn a_weight_is_drawn_within_its_levels(noise: i16, spread in 0..9_u32, half in 1..128_u32) {
        let exact = i64::from(noise) << spread;
        prop_assert!(is_closest(drawn(noise, spread, half).into(), exact, i64::from(half) << 16));
    }

    #[test]
    fn chance_adds_its_share_at_most(difference: i32, noise: u64, share in 0..32_u32) {
        let size = u64::from(difference.unsigned_abs());
        let found = chance(difference, noise, share);
        prop_assert!(found >= size && found - size <= size >> share);
        prop_assert_eq!(chance(difference, u64::MAX, share), size + (size >> share));
        prop_assert_eq!(chance(difference, 0, share), size);
    }

    #[test]
    fn bytes_are_there_and_back(byte: u8) {
        let given = Given::from_byte(byte);
        let same = if byte == 129 { 128 } else { byte };
        prop_assert_eq!(given.byte(), same);
    }

    /// The rule of levels: one weight moves a level, of those that can the one with the largest
    /// difference; both ends of it.
    #[test]
    fn the_largest_difference_moves(
        levels in prop::collection::vec(-2_i8..=2, 15),
        differences in prop::collection::vec(-30_000..30_000, 15),
        bytes in prop::collection::vec(any::<u8>(), 6),
        band in 0..20_000_u32,
    ) {
        let mut c = Config::power_up(8);
        (c.units, c.visible, c.half, c.moves, c.band) = (6, 6, 2, 1, band);
        // The vector is an epoch's second, and the first was missed.
        (c.patterns, c.pattern, c.missed) = (2, 1, 1);
        let mut machine = Boltzmann::new(c, 8, 8);
        for i in 1..6 {
            for j in 0..i {
                let k = connections(i) + j;
                machine.weights[i * 8 + j] = levels[k];
                machine.weights[j * 8 + i] = levels[k];
            }
        }
        machine.differences[..15].copy_from_slice(&differences);
        let mut still = machine.clone();
        // The same vector without an epoch's end: the differences that decide.
        still.config.patterns = 3;
        let given = machine.given(&bytes);
        machine.adapt(&given);
        still.adapt(&given);
        let can = |k: usize| {
            let d = still.differences[k];
            d.unsigned_abs() > band && (levels[k] + d.signum() as i8).abs() <= 2
        };
        let most = (0..15).filter(|&k| can(k)).max_by_key(|&k| {
            (still.differences[k].unsigned_abs(), std::cmp::Reverse(k))
        });
        for i in 1..6 {
            for j in 0..i {
                let k = connections(i) + j;
                let by = if most == Some(k) { still.differences[k].signum() as i8 } else { 0 };
                prop_assert_eq!(machine.weights[i * 8 + j], levels[k] + by);
                prop_assert_eq!(machine.weights[j * 8 + i], levels[k] + by);
            }
        }
    }

    /// Learning keeps the matrix symmetric, its diagonal and what is not in use at 0, and levels in
    /// range; answering changes nothing.
    #[test]
    fn weights_stay_symmetric(seed: u64, rule in 0..2_u32, half in 1..5_u32, patience in 0..3_u32) {
        let mut c = Config::power_up(16);
        (c.units, c.visible, c.half, c.rule, c.patience) = (11, 7, half, rule, patience);
        let mut machine = Boltzmann::new(c, 16, 8);
        machine.draw();
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..8 {
            let vector: Vec<u8> = (0..7).map(|_| random.u8(..)).collect();
            machine.learn(&vector);
            let before = machine.clone();
            machine.recall(&vector);
            prop_assert_eq!(&machine, &before);
        }
        for i in 0..16 {
            prop_assert_eq!(machine.weights[i * 17], 0);
            for j in 0..i {
                let weight = machine.weights[i * 16 + j];
                prop_assert_eq!(weight, machine.weights[j * 16 + i]);
                prop_assert!(weight == 0 || i < 11);
                prop_assert!(u32::from(weight.unsigned_abs()) <= half);
            }
        }
    }
}

#[test]
fn the_table_is_tanh() {
    for x in -255_i16..=255 {
        let exact = (f64::from(x) / 64.0).tanh() * 128.0;
        let found = f64::from(response(x));
        assert!((found - exact).abs() <= 0.5 || exact.abs() > 127.0 && found.abs() == 127.0, "{x}");
    }
}

/// Two inputs, one that is always 1, and whether they differ.
fn exclusive_or() -> Vec<[Given; UNITS_MOST]> {
    let vector = |pattern: u32| {
        let on = |on: bool| if on { 126 } else { -126 };
        let mut given = [Given::Free; UNITS_MOST];
        given[0] = Given::Input(on(pattern & 1 == 1));
        given[1] = Given::Input(on(pattern & 2 == 2));
        given[2] = Given::Input(126);
        given[3] = Given::Target(on(pattern.count_ones() == 1));
        given
    };
    (0..4).map(vector).collect()
}

fn machine(rule: u32, levels: u32, seed: u64) -> Boltzmann {
    let mut c = Config::power_up(16);
    (c.units, c.visible, c.patterns, c.rule) = (12, 4, 4, rule);
    c.set_ladder(levels, 1.5, 8.0, 0.5);
    (c.chance, c.patience, c.noise) = (3, 20, seed);
    let mut machine = Boltzmann::new(c, 16, 8);
    machine.draw();
    machine
}

fn epoch(machine: &mut Boltzmann, vectors: &[[Given; UNITS_MOST]]) {
    for vector in vectors {
        machine.adapt(vector);
    }
}

/// The epochs until every target is reached.
fn epochs(machine: &mut Boltzmann) -> Option<u32> {
    let vectors = exclusive_or();
    (1..=500).find(|_| {
        epoch(machine, &vectors);
        machine.config.last == 0
    })
}

/// XOR at 5 levels by the rule of levels; what was learned stays, also when it is learned on.
#[test]
fn exclusive_or_is_learned_with_five_levels() {
    for seed in 1..=20 {
        let mut machine = machine(0, 5, seed);
        assert!(epochs(&mut machine).is_some(), "seed {seed}");
        let (weights, drawn) = (machine.weights.clone(), machine.config.drawn);
        assert_eq!(epochs(&mut machine), Some(1));
        assert_eq!((machine.weights, machine.config.drawn), (weights, drawn));
    }
}

/// Where levels are many, fixed point learns as real numbers do: the first epochs' weights are
/// the same within a few levels of 255.
#[test]
fn with_many_levels_it_is_the_machine_of_real_numbers() {
    let mut machine = machine(1, 255, 1);
    (machine.config.rate, machine.config.spread, machine.config.patience) = (0, 6, 0);
    machine.draw();
    let mut exact = Reference::new(&machine);
    let vectors = exclusive_or();
    for _ in 0..5 {
        epoch(&mut machine, &vectors);
        exact.epoch(&vectors);
    }
    for (i, row) in exact.weights.iter().enumerate() {
        for (j, weight) in row.iter().enumerate() {
            let found = f64::from(machine.weights[i * 16 + j]);
            assert!((found - weight).abs() < 3.0, "{found}, {weight}");
        }
    }
}

/// After so many epochs with a miss the weights are drawn anew, and not moved.
#[test]
fn weights_are_drawn_when_patience_ends() {
    let mut machine = machine(1, 15, 7);
    // No state is that large.
    (machine.config.margin, machine.config.patience) = (127, 3);
    machine.config.gain_most = 100;
    let vectors = exclusive_or();
    let counts = |machine: &mut Boltzmann| {
        epoch(machine, &vectors);
        (machine.config.age, machine.config.drawn, machine.config.last)
    };
    assert_eq!(counts(&mut machine), (1, 0, 4));
    assert_eq!(counts(&mut machine), (2, 0, 4));
    let mut drawn = machine.clone();
    assert_eq!(counts(&mut machine), (0, 1, 4));
    drawn.draw();
    assert_eq!(drawn.weights, machine.weights);
    assert_eq!(drawn.config.noise, machine.config.noise);
}

#[test]
fn what_no_machine_can_be_is_refused() {
    let good = Boltzmann::new(Config::power_up(8), 8, 8);
    assert_eq!(good.validate(), Ok(()));
    let refused = |change: fn(&mut Boltzmann)| {
        let mut bad = good.clone();
        change(&mut bad);
        bad.validate().is_err()
    };
    assert!(refused(|m| m.units = 9));
    assert!(refused(|m| m.lanes = 16));
    assert!(refused(|m| m.weights.truncate(63)));
    assert!(refused(|m| m.residues.push(0)));
    assert!(refused(|m| m.differences.clear()));
    assert!(refused(|m| m.config.units = 9));
    assert!(refused(|m| m.config.visible = 0));
    assert!(refused(|m| m.config.half = 128));
    assert!(refused(|m| m.config.noise = 0));
    let small = BoltzmannBuilt { units: 8, lanes: 8 };
    assert_eq!(good.check(&small), Ok(()));
    let large = Boltzmann::new(Config::power_up(16), 16, 8);
    assert!(large.check(&small).is_err());
}

/// Every size is the golden model.
#[test]
fn every_size_is_equal_to_the_golden_model() {
    for size in ["8x4", "16x8", "32x4", "32x8"] {
        let design = design::<Boltzmann>(size);
        let mut core = core::<Boltzmann>(design.as_ref(), str::to_string);
        assert_eq!(differs(design.as_ref(), &mut core, random(60)), None, "{size}");
    }
}

/// A mutant of the Verilog must differ from the golden model.
fn caught(from: &str, to: &str) {
    cosim::caught::<Boltzmann>(
        design::<Boltzmann>(Boltzmann::SIZE).as_ref(),
        repeatable(2000),
        from,
        to,
    );
}

#[test]
fn mutants_of_settling_are_caught() {
    caught("halves[20], halves} + 22'd1", "halves[20], halves}");
    caught("halves + 21'd1", "halves");
    caught("held ? 8'd255", "1'b0 ? 8'd255");
    caught("minus ? 8'd0 - found : found", "found");
    caught("halves + 18'd1", "halves");
    caught("rounded[17:1] > {2'd0, most}", "1'b0");
}

#[test]
fn mutants_of_the_rules_are_caught() {
    caught("halves[34], halves} + 36'd1", "halves[34], halves}");
    caught("next[23:16] + {7'd0, next[15]}", "next[23:16]");
    caught("wire above = ", "wire above = 1'b0 && ");
    caught("wire below = ", "wire below = 1'b0 && ");
    caught("able <= room && magnitude > {1'b0, band}", "able <= room");
    caught("able <= room && ", "able <= ");
    caught("{1'b0, size} + {1'b0, share}", "{1'b0, size}");
}

#[test]
fn mutants_of_the_counters_are_caught() {
    caught("missed & ~&", "1'b1 & ~&");
    caught("wire overdue = |r17 && ", "wire overdue = ");
    caught("towards[6:0] >= margin", "towards[6:0] > margin");
}

/// The clocks of the page: exact, for any number of units.
#[test]
fn clocks_are_those_of_the_formulas() {
    for size in ["8x8", "32x4"] {
        let design = design::<Boltzmann>(size);
        let mut core = core::<Boltzmann>(design.as_ref(), str::to_string);
        let built = built::<Boltzmann>(design.as_ref());
        for units in [2, 3, 7, built.units.into()] {
            let mut c = Config::power_up(built.units.into());
            (c.units, c.visible, c.patterns) = (units, units - 1, 9);
            let start = Boltzmann::new(c, built.units.into(), built.lanes.into());
            let vector = vec![126; units - 1];
            let vectors = vec![(vector.clone(), true), (vector, false)];
            let case = Case { start, vectors, iterations: 0, gaps: vec![0] };
            let took = compare(design.as_ref(), &mut core, &case).expect("equal, in those clocks");
            let (_, learned) = took[0];
            assert_eq!(learned.result + learned.update, design.learn_clocks(units), "{size}");
        }
    }
}

/// A memory's places end with the units that are built in.
#[test]
fn the_bus_ends_with_the_units() {
    let mut machine = Boltzmann::new(Config::power_up(8), 8, 8);
    let at = |memory: u8, row: u16, column: u8| Place { memory, row, column };
    for (place, fits) in [
        (at(WEIGHT, 7, 7), true),
        (at(WEIGHT, 8, 0), false),
        (at(WEIGHT, 0, 8), false),
        (at(RESIDUE, 0, 27), true),
        (at(RESIDUE, 0, 28), false),
        (at(DIFFERENCE, 0, 27), true),
        (at(DIFFERENCE, 1, 0), false),
    ] {
        assert_eq!(machine.write(place, 1), fits, "{place:?}");
        assert_eq!(machine.read(place).is_some(), fits, "{place:?}");
    }
}

/// One answer for each vector, whose words stay, and stay the same, until they are taken: for all
/// time, whatever the registers, memories and products are.
#[test]
fn the_handshake_is_proved() {
    let built = BoltzmannBuilt { units: 8, lanes: 4 };
    let design = of(BoltzmannCore::<4>::new(built, Fabric::Inferred), "machine");
    let inner = [
        "registers",
        "noise",
        "lanes$0",
        "lanes$1",
        "lanes$2",
        "lanes$3",
        "sum",
        "amplify",
        "tanh",
        "multiply",
        "candidate",
        "step",
        "change",
        "residues",
        "differences",
    ];
    let names: Vec<String> = inner.iter().map(|name| format!("machine${name}")).collect();
    let design = free(&design, &names.iter().map(String::as_str).collect::<Vec<_>>());
    // An answer is taken with its last word.
    let rules = properties("core.sv")
        .replace(
            "- (result_valid && result_ready)",
            "- (result_valid && result_ready && beat$q == 0)",
        )
        .replace("RESULT", "result")
        .replace("LAST", "sample_valid && sample_ready && beat_closing");
    let mutants = [
        ("result_valid = 1'b1", "result_valid = sample_data[0]"),
        ("if (result_ready) begin", "if (1'b1) begin"),
    ];
    proved("machine", &within(&design, "machine", &rules), Engine::Unbounded, &mutants);
}
