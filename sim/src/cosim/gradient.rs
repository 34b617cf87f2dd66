//! The gradient core under co-simulation.

use super::bus::Bus;
use super::{Model, PortId};
use crate::golden::gradient::{Config, Gradient, Rounding, Sample};
use fixlearn_map::gradient::{self as register, memory};
use fixlearn_map::link::space;

/// A core in simulation.
pub struct Core {
    pub bus: Bus,
    sample_data: PortId,
    sample_valid: PortId,
    sample_learn: PortId,
    sample_ready: PortId,
    result_valid: PortId,
    result_ready: PortId,
    result: PortId,
    vector_last: PortId,
}

impl Core {
    /// Clears the memories and waits until the core is free.
    pub fn new(model: Model) -> Self {
        let p = |name: &str| model.port(name);
        Self {
            sample_data: p("sample_data"),
            sample_valid: p("sample_valid"),
            sample_learn: p("sample_learn"),
            sample_ready: p("sample_ready"),
            result_valid: p("result_valid"),
            result_ready: p("result_ready"),
            result: p("result"),
            vector_last: p("vector_last"),
            bus: Bus::new(model),
        }
    }

    /// Puts the golden model's whole state into the core; false if it refused any of it.
    pub fn load(&mut self, golden: &Gradient) -> bool {
        let mut ok = true;
        for (register, word) in registers(&golden.config) {
            ok &= self.bus.write(space::REGISTERS, 0, register.into(), word);
        }
        for (row, words) in memories(golden) {
            for (column, word) in words.into_iter().enumerate() {
                ok &= self.bus.write(space::CODEBOOK, row.into(), column, word);
            }
        }
        ok
    }

    /// The first difference between the core's state and the golden model's, in words.
    pub fn difference(&mut self, golden: &Gradient) -> Option<String> {
        for (register, expected) in registers(&golden.config) {
            let found = self.bus.read(space::REGISTERS, 0, register.into());
            if found != expected {
                return Some(format!("register {register}: {found:#x}, golden {expected:#x}"));
            }
        }
        if self.bus.model.get(self.vector_last) != 2 * golden.config.dimension as u64 + 1 {
            return Some("what the core says of its samples".into());
        }
        for (row, words) in memories(golden) {
            for (column, expected) in words.into_iter().enumerate() {
                let found = self.bus.read(space::CODEBOOK, row.into(), column);
                if found != expected {
                    let name = MEMORY_NAMES[usize::from(row)];
                    return Some(format!("{name} {column}: {found:#x}, golden {expected:#x}"));
                }
            }
        }
        None
    }

    /// The gradient that the core saw last.
    pub fn gradient(&mut self, dimension: usize) -> Vec<i32> {
        let row = memory::GRADIENT.into();
        (0..dimension).map(|i| self.bus.read(space::CODEBOOK, row, i) as i32).collect()
    }

    /// One iteration without a sample; the clocks that it took.
    pub fn step(&mut self) -> u64 {
        assert!(self.bus.write(space::REGISTERS, 0, register::ITERATE.into(), 1));
        self.bus.wait_free()
    }

    /// Iterations without samples.
    pub fn iterate(&mut self, count: u32) {
        assert!(self.bus.write(space::REGISTERS, 0, register::ITERATE.into(), count));
        // None takes as many as 1024 clocks.
        self.bus.wait_long(u64::from(count) + 1);
    }

    /// One sample, learned or predicted; the prediction, and the clocks from the first word
    /// offered until the result is valid. `gaps` are clocks to wait before each word and before
    /// taking the result, in turn; while the result waits it must not change.
    pub fn run(&mut self, sample: &Sample, learn: bool, gaps: &[u8]) -> (i32, u64) {
        let mut gaps = gaps.iter().cycle().copied();
        let mut gap = || gaps.next().unwrap_or(0);
        let model = &mut self.bus.model;
        let mut cycles = 0;
        for &word in sample.features.iter().chain([&sample.target]) {
            for _ in 0..gap() {
                model.step();
                cycles += 1;
            }
            model.set(self.sample_data, u64::from(word as u16));
            model.set(self.sample_learn, learn.into());
            model.set(self.sample_valid, 1);
            model.settle();
            assert_eq!(model.get(self.sample_ready), 1, "a free core takes words");
            model.step();
            cycles += 1;
            model.set(self.sample_valid, 0);
        }
        loop {
            model.settle();
            cycles += 1;
            assert_eq!(model.get(self.sample_ready), 0, "a busy core takes no word");
            if model.get(self.result_valid) != 0 {
                break;
            }
            model.step();
            assert!(cycles < 1 << 20, "no result");
        }
        let found = model.get(self.result);
        for _ in 0..gap() {
            model.step();
            assert_eq!(model.get(self.result_valid), 1, "a stalled result stays valid");
            assert_eq!(model.get(self.result), found, "a stalled result does not change");
        }
        model.set(self.result_ready, 1);
        model.step();
        model.set(self.result_ready, 0);
        self.bus.wait_free();
        assert_eq!(self.bus.model.get(self.result_valid), 0, "there is one result");
        (found as u32 as i32, cycles)
    }
}

const MEMORY_NAMES: [&str; 5] =
    ["component", "gradient residue", "point residue", "curvature", "centre"];

/// The memories that hold this state, by row. Those of a function's shape only without samples: a
/// linear model keeps its sample in one of them.
pub fn memories(golden: &Gradient) -> Vec<(u8, Vec<u32>)> {
    let words = |x: &[i32]| x.iter().map(|&x| x as u32).collect();
    let mut all = vec![
        (memory::POINT, words(&golden.point)),
        (memory::GRADIENT_RESIDUE, golden.gradient_residues.clone()),
        (memory::POINT_RESIDUE, golden.point_residues.clone()),
    ];
    if !golden.config.objective.streams() {
        all.push((memory::CURVATURE, words(&golden.curvature)));
        all.push((memory::CENTRE, words(&golden.centre)));
    }
    all
}

/// The registers that hold this configuration, in the order in which to write them; the host's
/// own number and the iterations to do are not among them.
pub fn registers(c: &Config) -> [(u8, u32); register::REGISTERS.len() - 2] {
    let rounding = match c.rounding {
        Rounding::Truncate => 0,
        Rounding::Nearest => 1,
        Rounding::Stochastic => 2,
        Rounding::ErrorFeedback => 3,
    };
    let (objective, link) = c.objective.numbers();
    let mode = rounding
        | u32::from(c.compensation) << 2
        | u32::from(c.adaptive) << 3
        | u32::from(link) << 4;
    let last = match c.last {
        None => 0,
        Some((index, negative)) => 0x80 | u32::from(negative) << 6 | index as u32,
    };
    let s = c.saturated;
    let saturated = u32::from(s.point) | u32::from(s.gradient) << 1 | u32::from(s.value) << 2;
    [
        (register::OBJECTIVE, objective.into()),
        (register::DIMENSION, c.dimension as u32),
        (register::MODE, mode),
        (register::RATE, c.rate),
        (register::RATE_LEAST, c.rate_least),
        (register::RATE_MOST, c.rate_most),
        (register::RATE_PERIOD, c.rate_period),
        (register::RATE_TIMER, c.rate_timer),
        (register::PATIENCE, c.patience),
        (register::CALM, c.calm),
        (register::GRADIENT_BITS, c.gradient_bits),
        (register::POINT_BITS, c.point_bits),
        (register::LOW, c.low as u32),
        (register::HIGH, c.high as u32),
        (register::LEVELS, c.levels),
        (register::ITERATIONS, c.iterations),
        (register::VALUE_LOW, c.value as u32),
        (register::VALUE_HIGH, (c.value >> 32) as u32),
        (register::NOISE_LOW, c.noise as u32),
        (register::NOISE_HIGH, (c.noise >> 32) as u32),
        (register::SATURATED, saturated),
        (register::LAST, last),
    ]
}
