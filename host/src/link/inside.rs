//! Devices without a line, to the same bits as those that have one: the specification itself,
//! `--port golden`, which needs neither Verilator nor a compiler, and a core in co-simulation,
//! `--port core`, whose streams and bus are fed without the clocks that a line's bytes take.

use super::frame::Frame;
use super::pace::WIRE_OVERHEAD;
use super::port::{Near, Port};
use crate::{Error, Result};
use fixlearn_hdl::design::Design;
use fixlearn_map::link::{Identity, PAYLOAD_MAX};
use fixlearn_sim::cosim::{self, chip, Flags};
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::link::{Device, Hear};
use std::io;
use std::time::Duration;

/// A device that is a call away.
///
/// The golden model answers at once, and its clock is the line's: ten bits a byte at the device's
/// baud, in both directions one after the other. Vectors need no frames to come to it, and its
/// clock counts those that a line would take them in, the longest that there are. A simulated
/// core's clock is its own.
pub struct Inside {
    device: Box<dyn Hear>,
    name: &'static str,
    heard: Vec<u8>,
    baud: u32,
    clock_hz: u32,
    bytes: u64,
    waited: Duration,
    random: fastrand::Rng,
}

impl Inside {
    /// The golden model of a device of this identity.
    ///
    /// # Errors
    /// If the identity is not of a core `C`.
    pub fn golden<C: Core>(identity: &Identity) -> Result<Self> {
        let device = Device::<C>::power_up(&identity.to_bytes(), built::<C>(identity)?);
        Ok(Self::new("golden", identity, Box::new(device)))
    }

    /// The core of this design in co-simulation.
    ///
    /// # Errors
    /// If the design is not of a core `C`, or Verilator is missing or fails.
    pub fn core<C: Core>(design: &dyn Design) -> Result<Self> {
        let identity = design.identity();
        let built = built::<C>(&identity)?;
        let verilog = design.core_verilog().ok_or_else(|| Error::request(design.advice()))?;
        let verilog = chip::beside(&verilog, design);
        let model = cosim::build_of(Some(&design.size()), &verilog, Flags::default())?;
        let core = cosim::Core::<C>::new(model);
        let device = Device::around(&identity.to_bytes(), built, core);
        Ok(Self::new("core", &identity, Box::new(device)))
    }

    fn new(name: &'static str, identity: &Identity, device: Box<dyn Hear>) -> Self {
        Self {
            device,
            name,
            heard: Vec::new(),
            baud: identity.baud.max(1),
            clock_hz: identity.clock_hz.max(1),
            bytes: 0,
            waited: Duration::ZERO,
            random: fastrand::Rng::with_seed(1),
        }
    }
}

/// The sizes that an identity tells of.
fn built<C: Core>(identity: &Identity) -> Result<C::Built> {
    identity.built::<C::Built>().ok_or_else(|| {
        let core = fixlearn_map::title(identity.core);
        Error::request(format!("the design has {core}, which is another core"))
    })
}

/// Bytes on a line of so many in frames.
fn framed(bytes: usize) -> u64 {
    (bytes + bytes.div_ceil(PAYLOAD_MAX) * WIRE_OVERHEAD) as u64
}

impl Near for Inside {
    fn learn(&mut self, vectors: &[u8]) {
        self.bytes += framed(vectors.len());
        self.device.learn(vectors);
    }

    fn recall(&mut self, vectors: &[u8]) -> Vec<u8> {
        let answers = self.device.recall(vectors);
        self.bytes += framed(vectors.len()) + framed(answers.len());
        answers
    }

    fn stands(&mut self) -> Vec<u8> {
        self.device.stands()
    }
}

impl Port for Inside {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        for &byte in bytes {
            if let Some((command, sequence, payload)) = self.device.hear_byte(byte) {
                self.heard.extend(Frame { command, sequence, payload }.encode());
            }
        }
        Ok(())
    }

    fn receive(&mut self, wait: Duration) -> io::Result<Vec<u8>> {
        if self.heard.is_empty() {
            // Nothing will come: the time passes at once.
            self.waited += wait;
        }
        self.bytes += self.heard.len() as u64;
        Ok(std::mem::take(&mut self.heard))
    }

    fn reopen(&mut self, _wait: Duration) -> io::Result<()> {
        Ok(())
    }

    fn is_gone(&self) -> bool {
        false
    }

    fn now(&self) -> Duration {
        let seconds = match self.device.clocks() {
            Some(clocks) => clocks as f64 / f64::from(self.clock_hz),
            None => 10.0 * self.bytes as f64 / f64::from(self.baud),
        };
        Duration::from_secs_f64(seconds) + self.waited
    }

    fn name(&self) -> String {
        self.name.into()
    }

    fn random(&mut self) -> u32 {
        self.random.u32(..)
    }

    fn device(&mut self) -> Option<&mut dyn Near> {
        Some(self)
    }
}
