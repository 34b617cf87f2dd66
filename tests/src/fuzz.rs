//! Inputs that are almost right.

use fixlearn_sim::golden::vq::xorshift64;

/// A generator of numbers below a bound.
pub struct Luck(pub u64);

impl Luck {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = xorshift64(self.0);
        ((self.0 >> 16) % bound.max(1) as u64) as usize
    }

    /// The bytes with one to four faults: a bit flipped, a byte replaced, lost, doubled or inserted,
    /// a stretch cut out or copied elsewhere, the end cut off.
    pub fn spoil(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(out.len() + 1);
            let byte = self.below(256) as u8;
            match self.below(7) {
                0 if at < out.len() => out[at] ^= 1 << (byte & 7),
                1 if at < out.len() => out[at] = byte,
                2 if at < out.len() => drop(out.remove(at)),
                3 if at < out.len() => out.insert(at, out[at]),
                4 => out.insert(at, byte),
                5 => {
                    let end = (at + self.below(40)).min(out.len());
                    let piece: Vec<u8> = out.drain(at..end).collect();
                    let to = self.below(out.len() + 1);
                    if byte & 1 == 0 {
                        out.splice(to..to, piece);
                    }
                }
                _ => out.truncate(at),
            }
        }
        out
    }
}

/// Feeds `count` streams of damaged frames to the host's decoder; how many frames came through.
///
/// # Panics
/// If a frame comes through that no good stream holds, or that is longer than the protocol's.
pub fn decoder(count: u64, seed: u64) -> u64 {
    use fixlearn::frame::{Frame, Splitter};
    use fixlearn_hdl::protocol::{FRAME_MAX, PAYLOAD_MAX};
    let mut luck = Luck(seed);
    let mut splitter = Splitter::default();
    let mut through = 0;
    for _ in 0..count {
        let length = match luck.below(4) {
            0 => luck.below(PAYLOAD_MAX + 1),
            _ => luck.below(24),
        };
        // Zeros are what COBS is about.
        let payload =
            (0..length).map(|_| (luck.below(512) as u8) & (luck.below(512) as u8)).collect();
        let command = luck.below(16) as u8;
        let wire = Frame { command, sequence: luck.below(256) as u8, payload }.encode();
        for frame in splitter.push(&luck.spoil(&wire)) {
            assert!(frame.payload.len() <= PAYLOAD_MAX);
            through += 1;
        }
        assert!(splitter.held() <= FRAME_MAX + 1, "the decoder holds more than a frame");
    }
    through
}
