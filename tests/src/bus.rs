//! A core's bus against its map in the protocol: what may be written, and what is then read.

use crate::runner::failure;
use fixlearn_hdl::design::VqSize;
use fixlearn_map::gradient::{self as gradient_register, memory};
use fixlearn_map::link::space;
use fixlearn_map::vq as register;
use fixlearn_sim::cosim::gradient::registers;
use fixlearn_sim::cosim::Bus;
use fixlearn_sim::golden::gradient::Config;
use fixlearn_sim::golden::words::Words;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A write, or where one goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub space: u8,
    pub row: u8,
    pub column: u8,
}

/// What is kept of a word written there; none if it is refused.
pub type Kept = Box<dyn Fn(Place, u32) -> Option<u32>>;

/// The words on a core's bus.
pub struct Map {
    /// Their values at power-up.
    pub words: BTreeMap<Place, u32>,
    /// What is kept of a word written there; none if it is refused. The noise's are not asked.
    pub kept: Kept,
    /// The registers of the noise, low and high.
    pub noise: (u8, u8),
    /// What `clear` takes until the core is free.
    pub clear_clocks: u64,
    /// The register to which other words than 0 start work, which is not for this test.
    pub starts: Option<u8>,
}

const fn at(space: u8, row: u8, column: u8) -> Place {
    Place { space, row, column }
}

/// The bus of a quantizer of this size: the golden model's.
pub fn vq(size: VqSize) -> Map {
    let VqSize { codewords, dimension, lanes } = size;
    let model = Words::power_up(codewords.into(), dimension.into(), lanes.into());
    let mut words = BTreeMap::new();
    for space in [space::CODEBOOK, space::COUNTS, space::REGISTERS] {
        let rows = if space == space::CODEBOOK { 255 } else { 0 };
        for (row, column) in (0..=rows).flat_map(|row| (0..=255).map(move |c| (row, c))) {
            if let Some(word) = model.read(space, row, column) {
                words.insert(at(space, row, column), word);
            }
        }
    }
    let kept = move |place: Place, word: u32| {
        let mut model = model.clone();
        let taken = model.write(place.space, place.row, place.column, word);
        taken.then(|| model.read(place.space, place.row, place.column)).flatten()
    };
    let clear_clocks = (u64::from(codewords) * u64::from(dimension) / u64::from(lanes)).max(256);
    let noise = (register::NOISE_LOW, register::NOISE_HIGH);
    Map { words, kept: Box::new(kept), noise, clear_clocks, starts: None }
}

/// The bus of a gradient core with the first three objectives.
pub fn gradient() -> Map {
    use gradient_register as r;
    let mut words = BTreeMap::new();
    for row in [memory::POINT, memory::GRADIENT_RESIDUE, memory::POINT_RESIDUE, memory::CURVATURE]
        .into_iter()
        .chain([memory::CENTRE])
    {
        for column in 0..64 {
            words.insert(at(space::CODEBOOK, row, column), 0);
        }
    }
    // The host's own number, and the iterations to do, are 0.
    let zeros = [(r::RUN, 0), (r::ITERATE, 0)];
    for (register, word) in registers(&Config::power_up()).into_iter().chain(zeros) {
        words.insert(at(space::REGISTERS, 0, register), word);
    }
    let kept = |place: Place, word: u32| {
        let fits = match (place.space, place.column) {
            (space::CODEBOOK, 0..=63) => match place.row {
                memory::POINT | memory::POINT_RESIDUE | memory::CENTRE => true,
                memory::GRADIENT_RESIDUE => return Some(word & 0xf_ffff),
                memory::CURVATURE => word < 1 << 31,
                _ => false,
            },
            (space::REGISTERS, r::OBJECTIVE) => word < 3,
            (space::REGISTERS, r::DIMENSION) => (1..=64).contains(&word),
            (space::REGISTERS, r::MODE) => word < 64 && word >> 4 != 3,
            (space::REGISTERS, r::RATE | r::RATE_LEAST | r::RATE_MOST) => word < 32,
            (space::REGISTERS, r::RATE_PERIOD | r::RATE_TIMER) => word < 1 << 24,
            (space::REGISTERS, r::PATIENCE) => (1..256).contains(&word),
            (space::REGISTERS, r::CALM | r::LAST) => word < 256,
            (space::REGISTERS, r::GRADIENT_BITS) => word <= 20,
            (space::REGISTERS, r::POINT_BITS) => word <= 28,
            (space::REGISTERS, r::LEVELS) => (2..=16).contains(&word),
            (space::REGISTERS, r::LOW | r::HIGH | r::ITERATIONS | r::VALUE_LOW | r::RUN) => true,
            (space::REGISTERS, r::VALUE_HIGH) => word < 1 << 16,
            (space::REGISTERS, r::SATURATED) => word < 8,
            (space::REGISTERS, r::ITERATE) => word == 0,
            _ => false,
        };
        fits.then_some(word)
    };
    Map {
        words,
        kept: Box::new(kept),
        noise: (r::NOISE_LOW, r::NOISE_HIGH),
        clear_clocks: 128,
        starts: Some(r::ITERATE),
    }
}

/// Runs the runner's cases: after `clear`, some words are written, and then all are read. The
/// message of the first that is not as in the map.
pub fn differs(map: &Map, bus: &mut Bus, runner: TestRunner) -> Option<String> {
    let bus = RefCell::new(bus);
    let somewhere = (0_u8..4, any::<u8>(), any::<u8>()).prop_map(|(s, r, c)| at(s, r, c));
    let known = proptest::sample::select(map.words.keys().copied().collect::<Vec<_>>());
    let registers = map.words.keys().copied().filter(|p| p.space == space::REGISTERS);
    let register = proptest::sample::select(registers.collect::<Vec<_>>());
    // The one pair of registers that depend on each other.
    let (low, high) = map.noise;
    let noise = prop_oneof![Just(low), Just(high)].prop_map(|r| at(space::REGISTERS, 0, r));
    // A power of two and its neighbours: most bounds are there.
    let near = (0_u32..32, 0_u32..3).prop_map(|(bit, off)| (1_u32 << bit).wrapping_add(off) - 1);
    let word = prop_oneof![1 => Just(0), 4 => near, 4 => 0_u32..70, 1 => any::<u32>()];
    let place = prop_oneof![4 => register, 1 => noise, 2 => known, 1 => somewhere];
    failure(runner, &vec((place, word), 1..60), |writes| {
        let mut bus = bus.borrow_mut();
        let cleared = bus.clear();
        if cleared != map.clear_clocks {
            return Err(format!("cleared in {cleared} clocks, not {}", map.clear_clocks));
        }
        let mut words = map.words.clone();
        // What is written to the low word counts from the next write of the high word on; the
        // state must not be 0.
        let mut low = 0;
        for &(place, word) in writes {
            let is = |register| place.space == space::REGISTERS && place.column == register;
            if map.starts.is_some_and(is) && (1..1 << 24).contains(&word) {
                continue;
            }
            let kept = if is(map.noise.0) {
                low = word;
                None
            } else if is(map.noise.1) {
                (word | low != 0).then(|| {
                    words.insert(at(space::REGISTERS, 0, map.noise.0), low);
                    word
                })
            } else {
                (map.kept)(place, word)
            };
            let refused = kept.is_none() && !is(map.noise.0);
            let taken = bus.write(place.space, place.row.into(), place.column.into(), word);
            if taken == refused {
                return Err(format!("{word:#x} at {place:?}: refused {}", !taken));
            }
            if let Some(kept) = kept {
                // Only the codebook has rows.
                let row = if place.space == space::CODEBOOK { place.row } else { 0 };
                words.insert(Place { row, ..place }, kept);
            }
        }
        bus.wait_free();
        read(&words, &mut bus).map_or(Ok(()), Err)
    })
}

/// The first word that is not as in the map.
pub fn power_up(map: &Map, bus: &mut Bus) -> Option<String> {
    read(&map.words, bus).map(|why| format!("at power-up, {why}"))
}

fn read(words: &BTreeMap<Place, u32>, bus: &mut Bus) -> Option<String> {
    words.iter().find_map(|(&place, &expected)| {
        let found = bus.read(place.space, place.row.into(), place.column.into());
        (found != expected).then(|| format!("{place:?}: {found:#x}, not {expected:#x}"))
    })
}
