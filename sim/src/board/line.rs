use super::fault::Spoiler;
use super::symbol::Symbol;
use std::collections::VecDeque;

/// Phase of a bit in units of 1 / (clock * baud): a bit is `clock` long, a clock adds `baud`.
#[derive(Clone, Copy, Debug)]
struct Timing {
    clock: u64,
    baud: u64,
}

/// Plays symbols as line levels, one a clock, back to back, with exact average bit times.
pub(super) struct LineDriver {
    timing: Timing,
    queue: VecDeque<Symbol>,
    now: Symbol,
    /// The bit of `now` on the line, or 10 between symbols.
    bit: usize,
    phase: u64,
    busy: u64,
}

impl LineDriver {
    pub fn new(clock_hz: u32, baud: u32) -> Self {
        let timing = Timing { clock: clock_hz.into(), baud: baud.into() };
        let now = Symbol { bits: Symbol::IDLE, times: 0 };
        Self { timing, queue: VecDeque::new(), now, bit: 10, phase: 0, busy: 0 }
    }

    pub fn push(&mut self, symbols: impl IntoIterator<Item = Symbol>) {
        self.queue.extend(symbols);
    }

    pub fn len(&self) -> usize {
        self.queue.len()
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Drops what is queued and what is underway.
    pub fn cut(&mut self) {
        self.queue.clear();
        self.now.times = 0;
        self.bit = 10;
    }

    /// Clocks with a symbol on the line so far.
    pub fn busy(&self) -> u64 {
        self.busy
    }

    /// The levels of the next clocks; high when there is nothing to send.
    pub fn fill(&mut self, levels: &mut [u8]) {
        for level in levels {
            if self.bit == 10 {
                if self.now.times == 0 {
                    match self.queue.pop_front() {
                        Some(symbol) => self.now = symbol,
                        None => {
                            self.phase = 0;
                            *level = 1;
                            continue;
                        }
                    }
                }
                self.now.times -= 1;
                self.bit = 0;
            }
            *level = (self.now.bits >> self.bit & 1) as u8;
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
/// A byte whose stop bit is low is dropped and counted; a start bit that is high in its middle was
/// none.
pub(super) struct LineListener {
    timing: Timing,
    bits: u16,
    /// The bit awaited, or 10 when idle.
    bit: usize,
    /// Phase left until its middle.
    wait: u64,
    /// After a missing stop bit: until the line is high.
    low: bool,
    bytes: Vec<u8>,
    framing_errors: u64,
}

impl LineListener {
    pub fn new(clock_hz: u32, baud: u32) -> Self {
        let timing = Timing { clock: clock_hz.into(), baud: baud.into() };
        Self { timing, bits: 0, bit: 10, wait: 0, low: false, bytes: Vec::new(), framing_errors: 0 }
    }

    /// Hears levels, one a clock; `spoiler` flips bits.
    pub fn hear(&mut self, levels: &[u8], spoiler: &mut Spoiler) {
        for &level in levels {
            if self.bit == 10 {
                self.low &= level == 0;
                if level == 0 && !self.low {
                    self.bits = 0;
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
            let high = (level != 0) ^ spoiler.flips();
            self.bits |= u16::from(high) << self.bit;
            self.bit += 1;
            if self.bit == 1 && high {
                self.bit = 10;
            } else if self.bit == 10 && high {
                self.bytes.push((self.bits >> 1) as u8);
            } else if self.bit == 10 {
                self.low = true;
                self.framing_errors += 1;
            }
        }
    }

    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Forgets what was heard and what is underway.
    pub fn cut(&mut self) {
        self.bytes.clear();
        self.bit = 10;
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
            let mut spoiler = Spoiler::new(&Default::default(), 0);
            driver.push(bytes.iter().map(|&b| Symbol::byte(b)));
            let bits = 10 * (bytes.len() as u64 + 1);
            let mut levels = vec![0; (bits * u64::from(clock) / u64::from(baud)) as usize];
            // In pieces, as the board does it.
            for piece in levels.chunks_mut(61) {
                driver.fill(piece);
                listener.hear(piece, &mut spoiler);
            }
            assert!(driver.is_empty());
            assert_eq!(listener.take(), bytes);
            assert_eq!(listener.framing_errors(), 0);
        }
    }
}
