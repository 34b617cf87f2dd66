use bitvec::prelude::*;
use std::collections::VecDeque;

/// Phase of a bit in units of 1 / (clock * baud): a bit is `clock` long, a clock adds `baud`.
#[derive(Clone, Copy, Debug)]
struct Timing {
    clock: u64,
    baud: u64,
}

/// One byte on an 8N1 line: start bit, data from the low end, stop bit.
fn frame(byte: u8) -> BitArray<[u16; 1], Lsb0> {
    BitArray::new([u16::from(byte) << 1 | 1 << 9])
}

/// Plays bytes as line levels, one a clock, back to back, with exact average bit times.
pub struct LineDriver {
    timing: Timing,
    queue: VecDeque<u8>,
    bits: BitArray<[u16; 1], Lsb0>,
    bit: usize,
    phase: u64,
    busy: u64,
}

impl LineDriver {
    pub fn new(clock_hz: u32, baud: u32) -> Self {
        let timing = Timing { clock: clock_hz.into(), baud: baud.into() };
        Self { timing, queue: VecDeque::new(), bits: frame(0), bit: 10, phase: 0, busy: 0 }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.queue.extend(bytes);
    }

    pub fn len(&self) -> usize {
        self.queue.len()
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Clocks with a byte on the line so far.
    pub fn busy(&self) -> u64 {
        self.busy
    }

    /// The levels of the next clocks; high when there is nothing to send.
    pub fn fill(&mut self, levels: &mut [u8]) {
        for level in levels {
            if self.bit == 10 {
                match self.queue.pop_front() {
                    Some(byte) => {
                        self.bits = frame(byte);
                        self.bit = 0;
                    }
                    None => {
                        self.phase = 0;
                        *level = 1;
                        continue;
                    }
                }
            }
            *level = self.bits[self.bit].into();
            self.busy += 1;
            self.phase += self.timing.baud;
            if self.phase >= self.timing.clock {
                self.phase -= self.timing.clock;
                self.bit += 1;
            }
        }
    }
}

/// Hears bytes in line levels: a falling edge starts a byte, each bit is read in its middle.
/// A byte whose stop bit is low is dropped and counted.
pub struct LineListener {
    timing: Timing,
    bits: BitArray<[u16; 1], Lsb0>,
    /// The bit awaited, or 10 when idle.
    bit: usize,
    /// Phase left until its middle.
    wait: u64,
    bytes: Vec<u8>,
    framing_errors: u64,
}

impl LineListener {
    pub fn new(clock_hz: u32, baud: u32) -> Self {
        let timing = Timing { clock: clock_hz.into(), baud: baud.into() };
        Self { timing, bits: frame(0), bit: 10, wait: 0, bytes: Vec::new(), framing_errors: 0 }
    }

    pub fn hear(&mut self, levels: &[u8]) {
        for &level in levels {
            if self.bit == 10 {
                if level == 0 {
                    self.bit = 0;
                    self.wait = self.timing.clock / 2;
                }
                continue;
            }
            if self.wait > self.timing.baud {
                self.wait -= self.timing.baud;
                continue;
            }
            self.wait += self.timing.clock - self.timing.baud;
            self.bits.set(self.bit, level != 0);
            self.bit += 1;
            if self.bit == 10 {
                if level != 0 {
                    self.bytes.push(self.bits[1..9].load_le());
                } else {
                    self.framing_errors += 1;
                }
            }
        }
    }

    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    pub fn framing_errors(&self) -> u64 {
        self.framing_errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_driven_is_heard_at_any_rate() {
        for (clock, baud) in [(12_000_000, 3_000_000), (12_000_000, 115_200), (25_000_000, 921_600)]
        {
            let bytes: Vec<u8> = (0..=255).collect();
            let mut driver = LineDriver::new(clock, baud);
            let mut listener = LineListener::new(clock, baud);
            driver.push(&bytes);
            let bits = 10 * (bytes.len() as u64 + 1);
            let mut levels = vec![0; (bits * u64::from(clock) / u64::from(baud)) as usize];
            // In pieces, as the board does it.
            for piece in levels.chunks_mut(61) {
                driver.fill(piece);
                listener.hear(piece);
            }
            assert!(driver.is_empty());
            assert_eq!(listener.take(), bytes);
            assert_eq!(listener.framing_errors(), 0);
        }
    }
}
