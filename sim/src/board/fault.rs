//! Faults on a board's line, drawn from a seed: the same bytes meet the same faults.

use super::symbol::Symbol;
use fastrand::Rng;

/// What can be done to a line; each share is a probability, both ways unless it says otherwise.
///
/// Written as `ber=1e-4,lost=0.01,reset@5000,seed=7`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    pub seed: u64,
    /// That a bit on the line is flipped, start and stop bits among them.
    pub ber: f64,
    /// That a byte is lost.
    pub lost: f64,
    /// That a byte comes twice.
    pub doubled: f64,
    /// That a random byte comes before one.
    pub inserted: f64,
    /// That the line to the board is held low for 1 to 3 bytes' time before a byte.
    pub breaks: f64,
    /// That the line stands still for up to 1000 bytes' time before a byte.
    pub stalls: f64,
    /// By how much the other side's baud is above the board's: 0.02 is 2 %.
    pub drift: f64,
    /// What happens when so many bytes have been sent to the board, in order.
    pub events: Vec<(u64, Event)>,
}

/// What happens once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The cable is pulled, for 500 to 2500 bytes' time; what is underway is lost.
    Unplug,
    /// The board goes through a power cycle; the cable stays.
    Reset,
}

impl std::str::FromStr for Faults {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut faults = Faults::default();
        for part in text.split(',').filter(|p| !p.is_empty()) {
            let bad = |what: &str| format!("`{part}`: {what}");
            if let Some((event, at)) = part.split_once('@') {
                let event = match event {
                    "unplug" => Event::Unplug,
                    "reset" => Event::Reset,
                    _ => return Err(bad("the events are unplug and reset")),
                };
                let at = at.parse().map_err(|_| bad("a number of bytes comes after @"))?;
                faults.events.push((at, event));
                continue;
            }
            let (name, value) = part.split_once('=').ok_or_else(|| {
                bad(concat!(
                    "give faults as ber=1e-4,lost=0.01,doubled=,inserted=,breaks=,stalls=,drift=,",
                    "seed= or reset@BYTES, unplug@BYTES"
                ))
            })?;
            if name == "seed" {
                faults.seed = value.parse().map_err(|_| bad("a seed is a whole number"))?;
                continue;
            }
            let value: f64 = value.parse().map_err(|_| bad("not a number"))?;
            let (place, range) = match name {
                "ber" => (&mut faults.ber, 0.0..=0.1),
                "lost" => (&mut faults.lost, 0.0..=0.5),
                "doubled" => (&mut faults.doubled, 0.0..=0.5),
                "inserted" => (&mut faults.inserted, 0.0..=0.5),
                "breaks" => (&mut faults.breaks, 0.0..=0.5),
                "stalls" => (&mut faults.stalls, 0.0..=0.5),
                "drift" => (&mut faults.drift, -0.2..=0.2),
                _ => return Err(bad("no such fault")),
            };
            if !range.contains(&value) {
                return Err(bad(&format!("from {} to {}", range.start(), range.end())));
            }
            *place = value;
        }
        faults.events.sort_by_key(|&(at, _)| at);
        Ok(faults)
    }
}

/// The faults of one direction.
pub(super) struct Spoiler {
    faults: Faults,
    rng: Rng,
}

impl Spoiler {
    /// `direction` keeps the two sides' draws apart.
    pub fn new(faults: &Faults, direction: u64) -> Self {
        let rng = Rng::with_seed(faults.seed.wrapping_mul(2).wrapping_add(direction));
        Self { faults: faults.clone(), rng }
    }

    fn happens(&mut self, share: f64) -> bool {
        share > 0.0 && self.rng.f64() < share
    }

    /// Whether the next bit is flipped.
    pub fn flips(&mut self) -> bool {
        self.happens(self.faults.ber)
    }

    /// Bytes' time that the line stands still before the next byte.
    pub fn still(&mut self) -> u32 {
        if self.happens(self.faults.stalls) {
            self.rng.u32(1..=1000)
        } else {
            0
        }
    }

    /// A time without a cable, in bytes.
    pub fn outage(&mut self) -> u32 {
        self.rng.u32(500..=2500)
    }

    /// The bytes that come in the place of one.
    pub fn bytes(&mut self, byte: u8, to: &mut Vec<u8>) {
        if self.happens(self.faults.inserted) {
            to.push(self.rng.u8(..));
        }
        if self.happens(self.faults.lost) {
            return;
        }
        to.push(byte);
        if self.happens(self.faults.doubled) {
            to.push(byte);
        }
    }

    /// What the line to the board carries in the place of a byte.
    pub fn symbols(&mut self, byte: u8, to: &mut Vec<Symbol>) {
        let still = self.still();
        if still > 0 {
            to.push(Symbol { bits: Symbol::IDLE, times: still });
        }
        if self.happens(self.faults.breaks) {
            to.push(Symbol { bits: 0, times: self.rng.u32(1..=3) });
            to.push(Symbol { bits: Symbol::IDLE, times: 1 });
        }
        let mut bytes = Vec::new();
        self.bytes(byte, &mut bytes);
        for byte in bytes {
            let mut symbol = Symbol::byte(byte);
            for bit in 0..10 {
                symbol.bits ^= u16::from(self.flips()) << bit;
            }
            to.push(symbol);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let text = "ber=1e-4,lost=0.01,unplug@9,reset@5,drift=-0.02,seed=7";
        let faults: Faults = text.parse().expect("it reads");
        assert_eq!((faults.ber, faults.lost, faults.drift, faults.seed), (1e-4, 0.01, -0.02, 7));
        assert_eq!(faults.events, [(5, Event::Reset), (9, Event::Unplug)]);
        for bad in ["ber", "ber=x", "ber=0.2", "fire@3", "reset@", "colour=1", "lost=NaN"] {
            let said = bad.parse::<Faults>().expect_err(bad);
            assert!(said.starts_with(&format!("`{bad}`")), "{said}");
        }
    }

    #[test]
    fn shares_are_as_asked_for_and_repeat() {
        let faults: Faults =
            "ber=0.01,lost=0.1,doubled=0.05,inserted=0.02".parse().expect("it reads");
        let run = || {
            let mut spoiler = Spoiler::new(&faults, 0);
            let (mut bytes, mut symbols) = (Vec::new(), Vec::new());
            (0..100_000).for_each(|_| spoiler.bytes(5, &mut bytes));
            (0..100_000).for_each(|_| spoiler.symbols(5, &mut symbols));
            (bytes, symbols)
        };
        let (bytes, symbols) = run();
        assert_eq!((&bytes, &symbols), (&run().0, &run().1));
        // 1 - 0.1 + 0.9 * 0.05 + 0.02
        let near = |found: f64, expected: f64| (found / expected - 1.0).abs() < 0.1;
        assert!(near(bytes.len() as f64, 96_500.0), "{}", bytes.len());
        let mut spoiler = Spoiler::new(&Faults { ber: 0.01, ..Faults::default() }, 0);
        let mut symbols = Vec::new();
        (0..100_000).for_each(|_| spoiler.symbols(5, &mut symbols));
        let flips = symbols.iter().map(|s| (s.bits ^ Symbol::byte(5).bits).count_ones());
        let flipped: u32 = flips.sum();
        assert!(near(f64::from(flipped), 10_000.0), "{flipped}");
    }
}
