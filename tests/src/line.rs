//! Training over a bad line, and what it cost.

use crate::cores::vq::open_vq;
use fixlearn::link::client::{Counters, LinkStatistics};
use fixlearn_hdl::design::{VqDesign, VqSize};
use fixlearn_sim::golden::arith::xorshift64;
use fixlearn_sim::golden::core::difference;
use fixlearn_sim::golden::cores::vq::{Config, Rounding, Vq};
use std::time::Duration;

/// What a line did to a training run.
pub struct Outcome {
    /// The device's state in the end is the golden model's, and so is the sum of distances.
    pub equal: bool,
    pub link: LinkStatistics,
    pub device: Counters,
    /// Of the learning itself: time on the board's clock, and bytes sent to it.
    pub seconds: f64,
    pub bytes: u64,
    /// Bytes of samples a second over what the line carries.
    pub share: f64,
}

/// `count` bytes that look random.
pub fn noise(mut state: u64, count: usize) -> Vec<u8> {
    let next = |_| {
        state = xorshift64(state);
        (state >> 33) as u8
    };
    (0..count).map(next).collect()
}

/// Every rule that remembers: any vector lost or learned twice shows.
pub fn start(codewords: usize, dimension: usize, lanes: usize) -> Vq {
    let config = Config {
        rounding: Rounding::Stochastic,
        frequency_sensitive: true,
        count_based: true,
        rate_shift: 9,
        count_cap: 400,
        ..Config::power_up(codewords, dimension)
    };
    Vq::new(config, lanes)
}

/// Learns `count` vectors on a board of this design, with these faults on its line and payloads of
/// `frame` bytes, or as the client chooses.
///
/// # Panics
/// If the device cannot be reached at all.
pub fn train(design: &VqDesign, count: usize, faults: &str, frame: Option<usize>) -> Outcome {
    let VqSize { codewords, dimension, lanes } = design.size;
    let dimension = usize::from(dimension);
    let mut golden = start(codewords.into(), dimension, lanes.into());
    let mut device = open_vq(design, faults);
    device.client.pace.fixed = frame;
    let vectors = noise(99, dimension * count);
    let mut found = golden.clone();
    let mut spent = (Duration::ZERO, 0);
    // A device that lost its state begins again.
    let last = device.holding(&golden, |device| {
        let begun = (device.client.now(), device.client.statistics.bytes);
        // In pieces, as samples come from a file.
        vectors.chunks(dimension * 1000).try_for_each(|piece| device.learn(piece.to_vec()))?;
        let last = device.finish()?;
        let bytes = device.client.statistics.bytes - begun.1;
        spent = (device.client.now() - begun.0, bytes);
        device.save(&mut found)?;
        Ok(last)
    });
    let last = last.expect("it learns").expect("an acknowledgement");
    let (seconds, bytes) = (spent.0.as_secs_f64(), spent.1);
    for vector in vectors.chunks(dimension) {
        golden.adapt(vector);
    }
    let sums = (golden.config.vectors, golden.config.distortion);
    Outcome {
        equal: difference(&found, &golden).is_none() && (last.learned, last.value) == sums,
        link: device.client.statistics,
        device: device.client.counters().expect("it reads"),
        seconds,
        bytes,
        share: 10.0 * vectors.len() as f64 / seconds / f64::from(design.baud),
    }
}
