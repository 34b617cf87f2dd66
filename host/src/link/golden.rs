//! The specification itself as a port: `--port golden`. Neither Verilator nor a compiler is
//! needed, and the bits are the same.

use super::frame::Frame;
use super::pace::WIRE_OVERHEAD;
use super::port::{Near, Port};
use fixlearn_map::link::{Identity, PAYLOAD_MAX};
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::link::{Device, Hear};
use std::io;
use std::time::Duration;

/// The golden model of a device, which answers at once.
///
/// Its clock is the line's: ten bits a byte at the device's baud, in both directions one after
/// the other. Vectors need no frames to come to it, and its clock counts those that a line would
/// take them in, the longest that there are.
pub struct Golden {
    device: Box<dyn Hear>,
    heard: Vec<u8>,
    baud: u32,
    bytes: u64,
    waited: Duration,
    random: fastrand::Rng,
}

impl Golden {
    /// The golden model of a device of this identity.
    ///
    /// # Errors
    /// If the identity is not of a core `C`.
    pub fn new<C: Core>(identity: &Identity) -> crate::Result<Self> {
        let built = identity.built::<C::Built>().ok_or_else(|| {
            crate::Error::request(format!(
                "the design has {}, which is another core",
                fixlearn_map::title(identity.core)
            ))
        })?;
        let device = Device::<C>::power_up(&identity.to_bytes(), built);
        Ok(Self {
            device: Box::new(device),
            heard: Vec::new(),
            baud: identity.baud.max(1),
            bytes: 0,
            waited: Duration::ZERO,
            random: fastrand::Rng::with_seed(1),
        })
    }
}

/// Bytes on a line of so many in frames.
fn framed(bytes: usize) -> u64 {
    (bytes + bytes.div_ceil(PAYLOAD_MAX) * WIRE_OVERHEAD) as u64
}

impl Near for Golden {
    fn learn(&mut self, vectors: &[u8]) {
        self.bytes += framed(vectors.len());
        self.device.learn(vectors);
    }

    fn recall(&mut self, vectors: &[u8]) -> Vec<u8> {
        let answers = self.device.recall(vectors);
        self.bytes += framed(vectors.len()) + framed(answers.len());
        answers
    }

    fn stands(&self) -> Vec<u8> {
        self.device.stands()
    }
}

impl Port for Golden {
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
        let seconds = 10.0 * self.bytes as f64 / f64::from(self.baud);
        Duration::from_secs_f64(seconds) + self.waited
    }

    fn name(&self) -> String {
        "golden".into()
    }

    fn random(&mut self) -> u32 {
        self.random.u32(..)
    }

    fn device(&mut self) -> Option<&mut dyn Near> {
        Some(self)
    }
}
