//! A self-test of a device: vectors are learned, everything is read back, and the golden model has
//! the same bits. No data of the host's is needed.

use crate::device::Device;
use crate::link::choose::ask;
use crate::link::port::{Port, Serial};
use crate::{Error, Result};
use fixlearn_map::link::Identity;
use fixlearn_sim::golden::core::{difference, Core};
use serde::Serialize;

/// Vectors that are learned.
pub const VECTORS: usize = 64;

/// Questions by which the round trip is measured.
const QUESTIONS: u8 = 8;

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub port: String,
    /// What the device says of itself.
    pub core: String,
    pub clock_hz: u32,
    pub baud: u32,
    /// The shortest time from a question to its answer.
    pub round_trip_ms: f64,
    pub vectors: usize,
    /// The first difference from the golden model, if there is one.
    pub difference: Option<String>,
}

/// A core's test: the first difference.
pub type Test = fn(Box<dyn Port>) -> Result<Option<String>>;

/// Tests the device at this port, whatever core it has, by the test that `of` has for the core's
/// number.
///
/// # Errors
/// If none answers, or its core is unknown; and as the link's.
pub fn run(mut port: Serial, of: impl Fn(u8) -> Option<Test>) -> Result<Outcome> {
    let name = port.name();
    let failed = |message: String| Error::Port { port: name.clone(), message };
    let answer = ask(&mut port, QUESTIONS)
        .map_err(|e| failed(format!("the port failed: {}", crate::unnumbered(&e))))?;
    let (identity, took) = answer.ok_or_else(|| {
        failed("does not answer; is the board programmed, and --baud right?".into())
    })?;
    let Identity { core, clock_hz, baud, .. } = identity;
    let test = of(core).ok_or_else(|| failed(format!("has {}", fixlearn_map::title(core))))?;
    let difference = test(Box::new(port))?;
    Ok(Outcome {
        port: name,
        core: fixlearn_map::title(core),
        clock_hz,
        baud,
        round_trip_ms: (took.as_secs_f64() * 1e6).round() / 1e3,
        vectors: VECTORS,
        difference,
    })
}

/// Learns vectors of random bytes, the same each time, from power-up on; the first difference.
///
/// # Errors
/// As the link's.
pub fn learned<C: Core>(port: Box<dyn Port>) -> Result<Option<String>> {
    let mut device = Device::<C>::open(port)?;
    let start = C::power_up(&device.built());
    let (mut golden, mut random) = (start.clone(), fastrand::Rng::with_seed(1));
    let bytes: Vec<u8> = (0..VECTORS * start.vector_bytes()).map(|_| random.u8(..)).collect();
    bytes.chunks(start.vector_bytes()).for_each(|vector| golden.learn(vector));
    let found = device.holding(&start, |device| {
        let mut found = start.clone();
        device.learn(bytes.clone())?;
        device.finish()?;
        device.save(&mut found)?;
        Ok(found)
    })?;
    Ok(difference(&found, &golden))
}
