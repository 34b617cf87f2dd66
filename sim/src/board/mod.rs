//! The simulated board: the whole design's Verilog with a UART line on its pins, bit by bit.
//!
//! [`Board`] runs in process and only while it is asked to; [`pty`] puts one behind a
//! pseudo-terminal that any serial program opens like a device.

mod line;
pub mod pty;

use crate::cosim::{build, BuildError, Flags, Model, PortId};
use fixlearn_hdl::design::Design;
pub use line::{LineDriver, LineListener};
use std::path::Path;

/// Clocks simulated between two looks at the queues.
const BLOCK: usize = 1024;

/// A design in simulation and both ends of its line.
pub struct Board {
    model: Model,
    rx: PortId,
    tx: PortId,
    driver: LineDriver,
    listener: LineListener,
    levels: Vec<u8>,
    seen: Vec<u8>,
    clock_hz: u32,
    cycles: u64,
}

impl Board {
    /// Builds (or takes from the cache) and powers up; `None` in the error's place of a size that
    /// is not on offer.
    pub fn new(design: &dyn Design) -> Result<Option<Self>, BuildError> {
        match design.top_verilog() {
            Some(verilog) => Self::from_verilog(&verilog, design).map(Some),
            None => Ok(None),
        }
    }

    /// As [`Board::new`], writing waves of every signal (VCD) to `path` from power-up on: about
    /// 100 bytes a clock, and several times slower.
    pub fn traced(design: &dyn Design, path: &Path) -> Result<Option<Self>, BuildError> {
        let Some(verilog) = design.top_verilog() else {
            return Ok(None);
        };
        let mut model = build(&verilog, Flags { waves: true })?;
        model.waves(path);
        Ok(Some(Self::from_model(model, design)))
    }

    /// A board of this Verilog, which has the ports of `design`.
    pub fn from_verilog(verilog: &str, design: &dyn Design) -> Result<Self, BuildError> {
        Ok(Self::from_model(build(verilog, Flags::default())?, design))
    }

    fn from_model(mut model: Model, design: &dyn Design) -> Self {
        let identity = design.identity();
        let (rx, tx) = (model.port("rx"), model.port("tx"));
        model.set(rx, 1);
        Self {
            model,
            rx,
            tx,
            driver: LineDriver::new(identity.clock_hz, identity.baud),
            listener: LineListener::new(identity.clock_hz, identity.baud),
            levels: vec![1; BLOCK],
            seen: vec![1; BLOCK],
            clock_hz: identity.clock_hz,
            cycles: 0,
        }
    }

    /// Queues bytes for the board's receive pin.
    pub fn send(&mut self, bytes: &[u8]) {
        self.driver.push(bytes);
    }

    /// Bytes that have not left for the board yet.
    pub fn unsent(&self) -> usize {
        self.driver.len()
    }

    /// Runs `cycles` clocks, rounded up to whole blocks of 1024.
    pub fn advance(&mut self, cycles: u64) {
        for _ in 0..cycles.div_ceil(BLOCK as u64) {
            self.driver.fill(&mut self.levels);
            self.model.line(self.rx, &self.levels, self.tx, &mut self.seen);
            self.listener.hear(&self.seen);
            self.cycles += BLOCK as u64;
        }
    }

    /// Holds the line to the board low, a break, for `cycles` clocks.
    pub fn hold_low(&mut self, cycles: usize) {
        let mut seen = vec![1; cycles];
        self.model.line(self.rx, &vec![0; cycles], self.tx, &mut seen);
        self.listener.hear(&seen);
        self.cycles += cycles as u64;
    }

    /// Bytes that the board has sent since the last call.
    pub fn received(&mut self) -> Vec<u8> {
        self.listener.take()
    }

    /// Clocks since power-up.
    pub fn cycles(&self) -> u64 {
        self.cycles
    }

    /// Clocks during which the line to the board carried a byte.
    pub fn line_busy(&self) -> u64 {
        self.driver.busy()
    }

    pub fn clock_hz(&self) -> u32 {
        self.clock_hz
    }
}
