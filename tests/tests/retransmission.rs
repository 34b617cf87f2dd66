//! The client over a line that damages and loses bytes: nothing is lost, nothing applied twice.

use fixlearn::device::Device;
use fixlearn::port::{Port, Simulated};
use fixlearn_sim::golden::vq::{xorshift64, Config, Rounding, Vq};
use fixlearn_tests::vq::design;
use std::io;
use std::time::Duration;

/// A port that damages one byte in `one_in` and loses as many, both ways, from a seed.
struct Noisy {
    port: Simulated,
    noise: u64,
    one_in: u64,
}

impl Noisy {
    fn spoil(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            self.noise = xorshift64(self.noise);
            match (self.noise >> 20) % self.one_in {
                0 => out.push(byte ^ (1 << (self.noise >> 60 & 7))),
                1 => {}
                _ => out.push(byte),
            }
        }
        out
    }
}

impl Port for Noisy {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let bytes = self.spoil(bytes);
        self.port.send(&bytes)
    }

    fn receive(&mut self, wait: Duration) -> io::Result<Vec<u8>> {
        let bytes = self.port.receive(wait)?;
        Ok(self.spoil(&bytes))
    }

    fn now(&self) -> Duration {
        self.port.now()
    }

    fn name(&self) -> String {
        "noisy".into()
    }
}

#[test]
fn training_over_a_bad_line_ends_with_the_golden_models_bits() {
    let port = Simulated::new(&design(16, 4, 1)).expect("a board");
    let noisy = Noisy { port, noise: 7, one_in: 1500 };
    let mut device = Device::open(Box::new(noisy)).expect("it answers in the end");
    let config = Config {
        rounding: Rounding::Stochastic,
        frequency_sensitive: true,
        count_based: true,
        rate_shift: 9,
        count_cap: 40,
        ..Config::power_up(16, 4)
    };
    let mut golden = Vq::new(config, 1);
    let mut noise = 99;
    let vectors: Vec<u8> = (0..4 * 1500)
        .map(|_| {
            noise = xorshift64(noise);
            (noise >> 33) as u8
        })
        .collect();
    device.load(&golden).expect("it loads");
    device.learn(&vectors).expect("it learns");
    let last = device.finish().expect("it answers").expect("an acknowledgement");
    let expected: Vec<_> = vectors.chunks(4).map(|v| golden.learn(v)).collect();
    assert_eq!(expected.len(), 1500);
    assert_eq!((last.vectors, last.distortion), (golden.config.vectors, golden.config.distortion));
    let mut found = golden.clone();
    device.save(&mut found).expect("it reads");
    assert_eq!(found, golden);
    let recalled = device.recall(&vectors, |_| {}).expect("it recalls");
    assert!(recalled.iter().zip(vectors.chunks(4)).all(|(m, v)| *m == golden.recall(v)));
    assert_eq!(recalled.len(), 1500);
    let (link, seen) = (device.client.statistics, device.client.counters().expect("it reads"));
    println!("{link:?} {seen:?}");
    assert!(link.resent > 0 && link.negative > 0, "{link:?}");
    assert!(seen.crc_errors > 0 && seen.duplicates > 0, "{seen:?}");
}
