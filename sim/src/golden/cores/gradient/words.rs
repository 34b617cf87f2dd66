//! The optimizer's state as words on its bus: what each address keeps of a word, and what it
//! refuses. `fixlearn_map::gradient` is the map.

use super::{
    Config, Gradient, Last, Objective, Sample, Saturated, Search, GRADIENT_FRACTION, MAX_DIMENSION,
    POINT_FRACTION, SAMPLE_FRACTION,
};
use crate::golden::arith::{pair, with_high, with_low, Rounding};
use crate::golden::core::{first_broken, Block, Core, Place};
use fixlearn_map::gradient::{self as r, memory, GradientBuilt};
use fixlearn_map::link::memory::REGISTERS;
use fixlearn_map::Built;

/// What a device has beside the state that a run keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Device {
    /// A bit for each objective that is built in.
    objectives: u16,
    /// Written, and taken by the next write of the noise's high word.
    noise_low: u32,
    /// The last sample's target, where a streamed objective has taken it.
    target: Option<i16>,
    /// So many features of the last sample stand in the memory of curvatures.
    features: usize,
    /// The last gradient, where it is specified.
    gradient: Vec<i32>,
    /// Something was asked that is not specified: nothing is said until the core is cleared.
    open: bool,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            objectives: u16::MAX,
            noise_low: 0,
            target: None,
            features: 0,
            gradient: Vec::new(),
            open: false,
        }
    }
}

impl Core for Gradient {
    type Built = GradientBuilt;

    fn power_up(built: &GradientBuilt) -> Self {
        let d = usize::from(built.dimension).min(MAX_DIMENSION);
        let first = built.objectives.trailing_zeros() as u8;
        let objective = Objective::from_numbers(first, 0).unwrap_or(Objective::Rosenbrock);
        Self {
            config: Config { objective, ..Config::power_up() },
            point: vec![0; d],
            gradient_residues: vec![0; d],
            point_residues: vec![0; d],
            curvature: vec![0; d],
            centre: vec![0; d],
            kept: vec![0; d],
            device: Device { objectives: built.objectives, ..Device::default() },
        }
    }

    fn built(&self) -> GradientBuilt {
        let objectives = self.device.objectives;
        GradientBuilt { objectives, dimension: self.point.len() as u16 }
    }

    fn check(&self, built: &GradientBuilt) -> Result<(), String> {
        let (d, most) = (self.config.dimension, usize::from(built.dimension));
        if d > most {
            return Err(format!("the core takes at most {most} dimensions, not {d}"));
        }
        let objective = self.config.objective;
        if built.objectives >> objective.numbers().0 & 1 == 0 {
            return Err(format!("was built without `{}`", objective.name()));
        }
        if self.config.search != Search::default() && !built.searches() {
            let message = "was built without a search (a kept point, noise, rising resolution); a \
                           size with rastrigin or griewank has it";
            return Err(message.into());
        }
        Ok(())
    }

    fn validate(&self) -> Result<(), String> {
        let c = &self.config;
        let (d, size) = (c.dimension, self.point.len());
        let (least, most) = (c.objective.least_dimension(), c.objective.most_dimension());
        first_broken(&[
            (
                (least..=most).contains(&d),
                "dimensions: 1 to 64, Rosenbrock's valley from 2, Griewank's function 2",
            ),
            ((d..=MAX_DIMENSION).contains(&size), "the point has another dimension"),
            (self.gradient_residues.len() == size, "the gradient residues have another dimension"),
            (self.point_residues.len() == size, "the point residues have another dimension"),
            (
                self.curvature.len() == size && self.centre.len() == size,
                "the bowl has another dimension",
            ),
            (
                self.kept.is_empty() && !c.search.keep || self.kept.len() == size,
                "the kept point has another dimension",
            ),
            (self.curvature.iter().all(|&c| c >= 0), "a curvature is negative"),
            (
                self.gradient_residues.iter().all(|&r| r < 1 << 20),
                "a gradient residue is too large",
            ),
            // One register holds both, which a larger number would overlap.
            (
                c.search.gradient_most <= GRADIENT_FRACTION
                    && c.search.point_most <= POINT_FRACTION,
                "the most bits are above 20 of the gradient or 28 of the point",
            ),
            (c.low <= c.high, "the lower bound is above the upper"),
            (c.value < 1 << 48, "the value is above 48 bits"),
            (c.last.component().is_none_or(|(i, _)| i < d), "the last component is out of range"),
        ])
    }

    fn register(&self, number: u8) -> u32 {
        let c = &self.config;
        match number {
            r::OBJECTIVE => c.objective.numbers().0.into(),
            r::DIMENSION => c.dimension as u32,
            r::MODE => {
                let link =
                    if c.objective.streams() { u32::from(c.objective.numbers().1) } else { c.link };
                c.rounding.number()
                    | u32::from(c.compensation) << 2
                    | u32::from(c.adaptive) << 3
                    | link << 4
            }
            r::RATE => c.rate,
            r::RATE_LEAST => c.rate_least,
            r::RATE_MOST => c.rate_most,
            r::RATE_PERIOD => c.rate_period,
            r::RATE_TIMER => c.rate_timer,
            r::PATIENCE => c.patience,
            r::CALM => c.calm,
            r::GRADIENT_BITS => c.gradient_bits,
            r::POINT_BITS => c.point_bits,
            r::LOW => c.low as u32,
            r::HIGH => c.high as u32,
            r::LEVELS => c.levels,
            r::ITERATIONS => c.iterations,
            r::VALUE_LOW => c.value as u32,
            r::VALUE_HIGH => (c.value >> 32) as u32,
            r::NOISE_LOW => c.noise as u32,
            r::NOISE_HIGH => (c.noise >> 32) as u32,
            r::SATURATED => {
                let s = c.saturated;
                u32::from(s.point) | u32::from(s.gradient) << 1 | u32::from(s.value) << 2
            }
            r::LAST => c.last.0.into(),
            _ => c.search.register(number),
        }
    }

    fn set_register(&mut self, number: u8, word: u32) {
        let c = &mut self.config;
        let objective = |number: u32, link: u32, else_: Objective| {
            Objective::from_numbers(number as u8, link as u8).unwrap_or(else_)
        };
        match number {
            r::OBJECTIVE => {
                // The link function stays what it was.
                if c.objective.streams() {
                    c.link = c.objective.numbers().1.into();
                }
                c.objective = objective(word, c.link, c.objective);
            }
            r::DIMENSION => c.dimension = word as usize,
            r::MODE => {
                c.rounding = Rounding::from_number(word);
                (c.compensation, c.adaptive) = (word >> 2 & 1 == 1, word >> 3 & 1 == 1);
                c.link = word >> 4;
                c.objective = objective(c.objective.numbers().0.into(), c.link, c.objective);
            }
            r::RATE => c.rate = word,
            r::RATE_LEAST => c.rate_least = word,
            r::RATE_MOST => c.rate_most = word,
            r::RATE_PERIOD => c.rate_period = word,
            r::RATE_TIMER => c.rate_timer = word,
            r::PATIENCE => c.patience = word,
            r::CALM => c.calm = word,
            r::GRADIENT_BITS => c.gradient_bits = word,
            r::POINT_BITS => c.point_bits = word,
            r::LOW => c.low = word as i32,
            r::HIGH => c.high = word as i32,
            r::LEVELS => c.levels = word,
            r::ITERATIONS => c.iterations = word,
            r::VALUE_LOW => c.value = with_low(c.value, word),
            r::VALUE_HIGH => c.value = with_high(c.value, word),
            r::NOISE_LOW => self.device.noise_low = word,
            r::NOISE_HIGH => c.noise = pair(word, self.device.noise_low),
            r::SATURATED => {
                let bit = |i: u32| word >> i & 1 == 1;
                c.saturated = Saturated { point: bit(0), gradient: bit(1), value: bit(2) };
            }
            r::LAST => c.last = Last(word as u8),
            r::ITERATE => self.iterate(word),
            _ => c.search.set_register(number, word),
        }
    }

    fn seed_low(&self) -> u32 {
        self.device.noise_low
    }

    fn memories(&self) -> Vec<Block> {
        let signed = |x: &[i32]| self.used(x).iter().map(|&x| x as u32).collect::<Vec<u32>>();
        let block = |name, memory: u8, words| {
            let at = Place { memory, row: 0, column: 0 };
            Block { name, at, words }
        };
        let residues = |of: &[u32]| self.used(of).to_vec();
        let mut blocks = vec![
            block("component", memory::POINT, signed(&self.point)),
            block("gradient residue", memory::GRADIENT_RESIDUE, residues(&self.gradient_residues)),
            block("point residue", memory::POINT_RESIDUE, residues(&self.point_residues)),
        ];
        // Of a streamed objective, the last sample stands in the place of the curvatures.
        if !self.config.objective.streams() {
            blocks.push(block("curvature", memory::CURVATURE, signed(&self.curvature)));
            blocks.push(block("centre", memory::CENTRE, signed(&self.centre)));
        }
        if self.config.search.keep {
            let kept = (0..self.config.dimension).map(|i| self.kept_word(i)).collect();
            blocks.push(block("kept component", memory::KEPT, kept));
        }
        blocks
    }

    fn read_memory(&self, at: Place) -> Option<u32> {
        let i = usize::from(at.column);
        if at.row != 0 || i >= self.point.len() || self.device.open {
            return None;
        }
        Some(match at.memory {
            memory::POINT => self.point[i] as u32,
            memory::GRADIENT_RESIDUE => self.gradient_residues[i],
            memory::POINT_RESIDUE => self.point_residues[i],
            memory::CURVATURE => self.curvature[i] as u32,
            memory::CENTRE => self.centre[i] as u32,
            memory::KEPT if self.built().searches() => self.kept_word(i),
            memory::GRADIENT => *self.device.gradient.get(i)? as u32,
            _ => return None,
        })
    }

    fn write_memory(&mut self, at: Place, word: u32) -> bool {
        let i = usize::from(at.column);
        if at.row != 0 || i >= self.point.len() {
            return false;
        }
        match at.memory {
            memory::POINT => self.point[i] = word as i32,
            memory::GRADIENT_RESIDUE => self.gradient_residues[i] = word & 0xf_ffff,
            memory::POINT_RESIDUE => self.point_residues[i] = word,
            memory::CURVATURE if word < 1 << 31 => {
                self.curvature[i] = word as i32;
                self.device.features = 0;
            }
            memory::CENTRE => self.centre[i] = word as i32,
            memory::KEPT if self.built().searches() => {
                self.kept.resize(self.point.len(), 0);
                self.kept[i] = word as i32;
            }
            _ => return false,
        }
        true
    }

    fn read(&self, at: Place) -> Option<u32> {
        if at.memory != REGISTERS {
            return self.read_memory(at);
        }
        let known = at.row == 0 && usize::from(at.column) < self.built().registers().len();
        (known && !self.device.open).then(|| self.register(at.column))
    }

    fn vector_bytes(&self) -> usize {
        2 * (self.config.dimension + 1)
    }

    fn learn(&mut self, vector: &[u8]) {
        if self.config.objective.streams() {
            let sample = Sample::from_bytes(vector);
            self.take(&sample);
            self.device.gradient = self.descend(Some(&sample)).gradient;
        } else {
            self.iterate(1);
        }
    }

    fn recall(&mut self, vector: &[u8]) -> Vec<u8> {
        self.device.gradient.clear();
        if !self.config.objective.streams() || self.device.open {
            return Vec::new();
        }
        let sample = Sample::from_bytes(vector);
        self.take(&sample);
        self.predict(&sample.features).to_be_bytes().to_vec()
    }

    fn iterate(&mut self, times: u32) {
        let c = &self.config;
        let sample = match (c.objective.streams(), self.device.target) {
            (false, _) => None,
            (true, Some(target)) if c.dimension <= self.device.features => {
                let features = self.used(&self.curvature).iter().map(|&x| x as i16).collect();
                Some(Sample { features, target })
            }
            // There was no sample of this dimension.
            (true, _) => {
                self.device.open |= times > 0;
                return;
            }
        };
        let (least, most) = (c.objective.least_dimension(), c.objective.most_dimension());
        self.device.open |= times > 0 && !(least..=most).contains(&c.dimension);
        if self.device.open {
            return;
        }
        for _ in 0..times {
            self.device.gradient = self.descend(sample.as_ref()).gradient;
        }
    }

    fn iteration_clocks(&self) -> u32 {
        10 * self.config.dimension as u32 + 120
    }
}

impl Gradient {
    /// The same state on a device of these sizes.
    pub fn on(mut self, built: &GradientBuilt) -> Self {
        self.device.objectives = built.objectives;
        self
    }

    fn kept_word(&self, i: usize) -> u32 {
        self.kept.get(i).map_or(0, |&x| x as u32)
    }

    /// The memory of curvatures keeps the sample's features.
    fn take(&mut self, sample: &Sample) {
        for (to, &from) in self.curvature.iter_mut().zip(&sample.features) {
            *to = from.into();
        }
        self.device.target = Some(sample.target);
        self.device.features = sample.features.len();
    }
}

impl Sample {
    /// Its bytes on the wire: features and target, low byte first.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        self.features.iter().chain([&self.target]).flat_map(|word| word.to_le_bytes())
    }

    /// The sample of these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut features: Vec<i16> =
            bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
        let target = features.pop().unwrap_or(0);
        Self { features, target }
    }

    /// The word of a number, Q4.12, to nearest; none if it is out of range.
    pub fn word(value: f64) -> Option<i16> {
        let word = (value * f64::from(1 << SAMPLE_FRACTION)).round();
        (word >= f64::from(i16::MIN) && word <= f64::from(i16::MAX)).then_some(word as i16)
    }
}
