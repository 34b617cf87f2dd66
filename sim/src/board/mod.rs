//! The simulated board: the whole design's Verilog with a UART line on its pins, bit by bit.
//!
//! [`Board`] runs in process and only while it is asked to; [`pty`] puts one behind a
//! pseudo-terminal that any serial program opens like a device.

mod fault;
mod line;
pub mod pty;
mod symbol;
mod symlink;

use crate::cosim::{build_of, chip, BuildError, Flags, Model, PortId};
use fault::Spoiler;
pub use fault::{Event, Faults};
use fixlearn_hdl::design::Design;
use line::{LineDriver, LineListener};
use std::path::Path;

/// Clocks simulated between two looks at the queues.
const BLOCK: usize = 1024;

/// The output that says that the core works or a frame waits.
const WORKING: &str = "working";

/// Adds that output to a design's Verilog, if this is one that RustHDL wrote.
fn saying_work(verilog: &str) -> String {
    let (module, busy) = ("module top(clock,rx,tx", "    wire  core$busy;\n");
    // Behind a PLL the design is another module, before the top.
    let top = verilog.split_once(module);
    let Some((before, top)) = top.filter(|(_, top)| top.contains(busy)) else {
        return verilog.into();
    };
    let says = format!(
        "{busy}    output wire {WORKING};\n    \
         assign {WORKING} = core$busy | (receiver$waiting != 0);\n"
    );
    format!("{before}{module},{WORKING}{}", top.replacen(busy, &says, 1))
}

/// A design in simulation and both ends of its line.
pub struct Board {
    model: Model,
    rx: PortId,
    tx: PortId,
    /// What is not idle, where the model says so.
    working: Option<PortId>,
    driver: LineDriver,
    listener: LineListener,
    levels: Vec<u8>,
    seen: Vec<u8>,
    clock_hz: u32,
    baud: u32,
    cycles: u64,
    /// To the board and from it.
    spoilers: [Spoiler; 2],
    /// The next comes first.
    events: Vec<(u64, Event)>,
    sent: u64,
    resets: u64,
    /// Until this clock, nothing of what the board says gets through.
    silent: u64,
    /// From when the cable was pulled until it is opened anew: the clock from which that can be.
    out: Option<u64>,
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
        let verilog = chip::beside(&saying_work(&verilog), design);
        let flags = Flags { waves: true, ..Flags::default() };
        let mut model = build_of(Some(&design.size()), &verilog, flags)?;
        model.waves(path);
        Ok(Some(Self::of(model, design)))
    }

    /// A board of this Verilog, which has the ports of `design`.
    pub fn from_verilog(verilog: &str, design: &dyn Design) -> Result<Self, BuildError> {
        let verilog = chip::beside(&saying_work(verilog), design);
        Ok(Self::of(build_of(Some(&design.size()), &verilog, Flags::default())?, design))
    }

    /// A board of a netlist with ports `clock`, `rx`, `tx`, whose clock and baud these are.
    pub fn from_netlist(verilog: &str, clock_hz: u32, baud: u32) -> Result<Self, BuildError> {
        let flags = Flags { quick: true, ..Flags::default() };
        let model = build_of(Some("the netlist"), verilog, flags)?;
        Ok(Self::from_model(model, clock_hz, baud))
    }

    fn of(model: Model, design: &dyn Design) -> Self {
        let identity = design.identity();
        Self::from_model(model, identity.clock_hz, identity.baud)
    }

    fn from_model(mut model: Model, clock_hz: u32, baud: u32) -> Self {
        let (rx, tx) = (model.port("rx"), model.port("tx"));
        let working = model.find(WORKING);
        model.set(rx, 1);
        Self {
            model,
            rx,
            tx,
            working,
            driver: LineDriver::new(clock_hz, baud),
            listener: LineListener::new(clock_hz, baud),
            levels: vec![1; BLOCK],
            seen: vec![1; BLOCK],
            clock_hz,
            baud,
            cycles: 0,
            spoilers: [0, 1].map(|direction| Spoiler::new(&Faults::default(), direction)),
            events: Vec::new(),
            sent: 0,
            resets: 0,
            silent: 0,
            out: None,
        }
    }

    /// Puts these faults on the line from now on.
    pub fn with_faults(mut self, faults: &Faults) -> Self {
        let baud = (f64::from(self.baud) * (1.0 + faults.drift)).round() as u32;
        self.driver = LineDriver::new(self.clock_hz, baud);
        self.listener = LineListener::new(self.clock_hz, baud);
        self.spoilers = [0, 1].map(|direction| Spoiler::new(faults, direction));
        self.events = faults.events.clone();
        self.events.reverse();
        self
    }

    /// Queues bytes for the board's receive pin; without a cable they are lost.
    pub fn send(&mut self, bytes: &[u8]) {
        let mut symbols = Vec::new();
        for &byte in bytes {
            if self.out.is_some() {
                return;
            }
            self.spoilers[0].symbols(byte, &mut symbols);
            self.driver.push(symbols.drain(..));
            self.sent += 1;
            while let Some(&(_, event)) = self.events.last().filter(|&&(at, _)| at <= self.sent) {
                self.events.pop();
                match event {
                    Event::Reset => self.power_cycle(),
                    Event::Unplug => {
                        self.driver.cut();
                        self.listener.cut();
                        let time = self.spoilers[0].outage();
                        self.out = Some(self.cycles + self.byte_clocks(time));
                    }
                }
            }
        }
    }

    /// Everything in the board is as after power-up.
    pub fn power_cycle(&mut self) {
        self.model.restart();
        self.model.set(self.rx, 1);
        self.listener.cut();
        self.resets += 1;
    }

    /// Power cycles so far.
    pub fn resets(&self) -> u64 {
        self.resets
    }

    /// The cable is there, and has been since the line was opened.
    pub fn plugged(&self) -> bool {
        self.out.is_none()
    }

    /// Opens the line anew; false while the cable is out.
    pub fn reopen(&mut self) -> bool {
        if self.out.is_none_or(|until| self.cycles >= until) {
            self.out = None;
        }
        self.plugged()
    }

    /// Clocks that so many bytes take on the line.
    fn byte_clocks(&self, bytes: u32) -> u64 {
        10 * u64::from(bytes) * u64::from(self.clock_hz) / u64::from(self.baud.max(1))
    }

    /// Whether something happens without a byte to the board: it works, bytes are underway, or
    /// what it says does not get through. The work of a netlist is not seen.
    pub fn is_busy(&self) -> bool {
        let works = self.working.is_some_and(|port| self.model.get(port) != 0);
        works || self.unsent() > 0 || self.cycles < self.silent
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
            self.listener.hear(&self.seen, &mut self.spoilers[1]);
            self.cycles += BLOCK as u64;
        }
    }

    /// Holds the line to the board low, a break, for `cycles` clocks.
    pub fn hold_low(&mut self, cycles: usize) {
        let mut seen = vec![1; cycles];
        self.model.line(self.rx, &vec![0; cycles], self.tx, &mut seen);
        self.listener.hear(&seen, &mut self.spoilers[1]);
        self.cycles += cycles as u64;
    }

    /// Bytes that the board has sent since the last call.
    pub fn received(&mut self) -> Vec<u8> {
        if self.out.is_some() {
            self.listener.cut();
        }
        if self.cycles < self.silent {
            return Vec::new();
        }
        let mut heard = Vec::new();
        for byte in self.listener.take() {
            let still = self.spoilers[1].still();
            self.silent = self.silent.max(self.cycles + self.byte_clocks(still));
            self.spoilers[1].bytes(byte, &mut heard);
        }
        heard
    }

    /// Bytes from the board that came without a stop bit.
    pub fn framing_errors(&self) -> u64 {
        self.listener.framing_errors()
    }

    /// Clocks since power-up.
    pub fn cycles(&self) -> u64 {
        self.cycles
    }

    /// Clocks during which the line to the board was in use.
    pub fn line_busy(&self) -> u64 {
        self.driver.busy()
    }

    pub fn clock_hz(&self) -> u32 {
        self.clock_hz
    }
}
