//! A gradient core at the other end of a link.

use crate::client::Client;
use crate::device::piece;
use crate::port::Port;
use crate::request::{Place, Request};
use crate::{Error, Result};
use fixlearn_map::gradient::{self as register, memory, GradientBuilt};
use fixlearn_map::link::{command, space};
use fixlearn_sim::cosim::gradient::{memories, registers};
use fixlearn_sim::golden::gradient::{Gradient, Sample, Saturated};

/// Board time that one command may keep the core busy, in seconds.
const BUSY: f64 = 0.05;

/// An open gradient core.
pub struct Device {
    pub client: Client,
    built: GradientBuilt,
    dimension: usize,
}

impl Device {
    /// # Errors
    /// As [`Client::open`]; and if the device has another core.
    pub fn open(port: Box<dyn Port>) -> Result<Self> {
        let client = Client::open(port)?;
        let Some(built) = client.identity.built::<GradientBuilt>() else {
            return Err(Error::Port {
                port: client.port_name(),
                message: format!(
                    "has {}, not a gradient core",
                    fixlearn_map::title(client.identity.core)
                ),
            });
        };
        Ok(Self { client, built, dimension: 2 })
    }

    /// Says whether this state fits the device, before anything is sent.
    ///
    /// # Errors
    /// Naming the dimension or the objective that the device lacks.
    pub fn check(&self, state: &Gradient) -> Result<()> {
        let lacks = |message: String| Error::Port { port: self.client.port_name(), message };
        let (d, most) = (state.config.dimension, usize::from(self.built.dimension));
        if d > most {
            return Err(lacks(format!("the core takes at most {most} dimensions, not {d}")));
        }
        let objective = state.config.objective;
        let number = objective.numbers().0;
        if self.built.objectives >> number & 1 == 0 {
            return Err(lacks(format!("was built without `{}`", objective.name())));
        }
        Ok(())
    }

    /// Writes the whole state, and begins an epoch.
    pub fn load(&mut self, state: &Gradient) -> Result<()> {
        self.check(state)?;
        self.dimension = state.config.dimension;
        let registers = registers(&state.config);
        // The host's own number stands between the first registers and the rest.
        let (first, rest) = registers.split_at(register::RUN.into());
        let words = |part: &[(u8, u32)]| part.iter().map(|&(_, word)| word).collect::<Vec<_>>();
        for (at, part) in [(0, first), (register::NOISE_LOW, rest)] {
            self.configure(at, words(part))?;
        }
        for (row, words) in memories(state) {
            let request = Request::Write { command: command::WRITE, place: memory_row(row), words };
            self.client.submit(request)?;
        }
        self.client.begin_epoch()
    }

    /// Writes registers from this one on.
    fn configure(&mut self, first: u8, words: Vec<u32>) -> Result<()> {
        let place = register_at(first);
        self.client.submit(Request::Write { command: command::CONFIGURE, place, words })
    }

    /// Reads what iterations change back into `state`, which holds the rest.
    pub fn save(&mut self, state: &mut Gradient) -> Result<()> {
        let d = self.dimension;
        let mut row = |row: u8| self.client.read(memory_row(row), d);
        let point = row(memory::POINT)?;
        let gradient_residues = row(memory::GRADIENT_RESIDUE)?;
        let point_residues = row(memory::POINT_RESIDUE)?;
        let r = self.client.read(register_at(0), register::REGISTERS.len())?;
        let at = |i: u8| r[usize::from(i)];
        let pair = |low: u8, high: u8| u64::from(at(low)) | u64::from(at(high)) << 32;
        state.point = point.into_iter().map(|w| w as i32).collect();
        state.gradient_residues = gradient_residues;
        state.point_residues = point_residues;
        let c = &mut state.config;
        c.rate = at(register::RATE);
        c.rate_timer = at(register::RATE_TIMER);
        c.calm = at(register::CALM);
        c.iterations = at(register::ITERATIONS);
        c.value = pair(register::VALUE_LOW, register::VALUE_HIGH);
        c.noise = pair(register::NOISE_LOW, register::NOISE_HIGH);
        let flags = at(register::SATURATED);
        c.saturated =
            Saturated { point: flags & 1 != 0, gradient: flags & 2 != 0, value: flags & 4 != 0 };
        let last = at(register::LAST);
        c.last = (last & 0x80 != 0).then_some(((last & 63) as usize, last & 64 != 0));
        Ok(())
    }

    /// Iterations without samples, in pieces that keep the link answering.
    pub fn iterate(&mut self, count: u32) -> Result<()> {
        // At most 10 clocks a dimension and 120 more: the README's table.
        let clocks = 10.0 * self.dimension as f64 + 120.0;
        let hertz = f64::from(self.client.identity.clock_hz.max(1));
        let piece = ((BUSY * hertz / clocks) as u32).clamp(1, 0xff_ffff);
        let mut left = count;
        while left > 0 {
            let many = left.min(piece);
            self.configure(register::ITERATE, vec![many])?;
            self.client.finish()?;
            left -= many;
        }
        Ok(())
    }

    /// One iteration a sample, several frames in flight.
    pub fn learn<'a>(&mut self, samples: impl IntoIterator<Item = &'a Sample>) -> Result<()> {
        let samples: Vec<&Sample> = samples.into_iter().collect();
        let (vectors, size) = (bytes(&samples), self.sample_bytes());
        self.client.submit(Request::Learn { vectors, size })
    }

    /// What the model predicts for each sample, Q12.20.
    pub fn predict<'a>(
        &mut self,
        samples: impl IntoIterator<Item = &'a Sample>,
    ) -> Result<Vec<i32>> {
        self.client.finish()?;
        let samples: Vec<&Sample> = samples.into_iter().collect();
        let size = self.sample_bytes();
        for piece in samples.chunks(piece(size)) {
            self.client.submit(Request::Recall { vectors: bytes(piece), size })?;
        }
        self.client.finish()?;
        let reply = self.client.take_reply();
        let words = reply.chunks_exact(4);
        Ok(words.map(|b| i32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    /// Bytes of a sample: features and target.
    pub fn sample_bytes(&self) -> usize {
        2 * (self.dimension + 1)
    }
}

fn register_at(column: u8) -> Place {
    Place { space: space::REGISTERS, row: 0, column: column.into(), wrap: None }
}

fn memory_row(row: u8) -> Place {
    Place { space: space::CODEBOOK, row: row.into(), column: 0, wrap: None }
}

fn bytes(samples: &[&Sample]) -> Vec<u8> {
    let words = samples.iter().flat_map(|s| s.features.iter().chain([&s.target]));
    words.flat_map(|w| w.to_le_bytes()).collect()
}
