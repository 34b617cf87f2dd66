//! How the client adapts to a line: the length of frames to the damage that it sees, time-outs to
//! the round trips that it measures.

use fixlearn_map::link::{FRAME_OVERHEAD, PAYLOAD_MAX};
use std::time::Duration;

/// Bytes that a frame adds to its payload on the wire: header, CRC, COBS code, delimiter.
pub const WIRE_OVERHEAD: usize = FRAME_OVERHEAD + 2;
/// Damages a byte from which a line is bad: a frame of 50 bytes in 10.
const WORSE: f64 = 0.002;
/// Bytes after which what was seen counts half.
const MEMORY: f64 = 131_072.0;
/// Bytes of a line of which nothing is known yet, and the damages in them: frames start short.
const PRIOR: (f64, f64) = (500.0, 0.25);
/// For how long at least a frame without an answer is thought to be underway.
const LOST: Duration = Duration::from_millis(20);
/// Shortest and longest time-out; the longest also stands while nothing has been measured.
const TIMEOUT: (f64, f64) = (0.002, 0.2);
/// Questions after each of which the time-out does not grow: a line that loses them is not crowded.
const STEADY: u32 = 4;

/// What the client knows of a line.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Payload of a frame in bytes, in the place of what the line suggests.
    pub fixed: Option<usize>,
    bytes: f64,
    damages: f64,
    /// All of them, without a prior.
    seen: (u64, u64),
    /// Round trip in seconds, smoothed, and its mean deviation (RFC 6298).
    round_trip: Option<(f64, f64)>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { fixed: None, bytes: PRIOR.0, damages: PRIOR.1, seen: (0, 0), round_trip: None }
    }
}

impl Pace {
    /// Bytes have gone over the line, one way or the other.
    pub fn carried(&mut self, bytes: usize) {
        self.bytes += bytes as f64;
        self.seen.0 += bytes as u64;
        if self.bytes > MEMORY {
            self.bytes /= 2.0;
            // The doubt stays: a line that was clean so far may not be.
            self.damages = (self.damages / 2.0).max(PRIOR.1);
        }
    }

    /// A frame came damaged, or not at all.
    pub fn damaged(&mut self) {
        self.damages += 1.0;
        self.seen.1 += 1;
    }

    /// Damages a byte that there were, of all bytes.
    pub fn seen(&self) -> f64 {
        self.seen.1 as f64 / self.seen.0.max(1) as f64
    }

    /// Damages a byte that are to be expected.
    pub fn damage(&self) -> f64 {
        self.damages / self.bytes
    }

    /// Frames to have in flight, of so many slots. One stays free for a question; on a line on
    /// which questions and answers are lost, too, half of them.
    pub fn window(&self, slots: usize) -> usize {
        if self.damage() > WORSE {
            slots / 2
        } else {
            slots - 1
        }
    }

    /// Payload bytes of a frame that carry most, with `window` frames in flight: of a frame of `n`
    /// bytes on the wire, `exp(-damage n)` come through, and one that does not costs the window.
    pub fn payload(&self, window: usize) -> usize {
        if let Some(fixed) = self.fixed {
            return fixed.clamp(1, PAYLOAD_MAX);
        }
        let goodput = |payload: usize| {
            let wire = (payload + WIRE_OVERHEAD) as f64;
            let through = (-self.damage() * wire).exp();
            payload as f64 / wire * through / (through + (1.0 - through) * window as f64)
        };
        (1..=PAYLOAD_MAX).max_by(|&a, &b| goodput(a).total_cmp(&goodput(b))).unwrap_or(PAYLOAD_MAX)
    }

    /// A frame that was sent once was answered after this time.
    pub fn answered(&mut self, after: Duration) {
        let now = after.as_secs_f64();
        self.round_trip = Some(match self.round_trip {
            None => (now, now / 2.0),
            Some((mean, deviation)) => {
                (0.875 * mean + 0.125 * now, 0.75 * deviation + 0.25 * (mean - now).abs())
            }
        });
    }

    /// A frame that was not answered for so long is not underway any more.
    pub fn lost(&self) -> Duration {
        (8 * self.timeout(0)).max(LOST)
    }

    /// The usual time from a frame to its answer.
    pub fn round_trip(&self) -> Duration {
        Duration::from_secs_f64(self.round_trip.map_or(TIMEOUT.1, |(mean, _)| mean))
    }

    /// How long to wait for an answer, after `tries` in vain.
    pub fn timeout(&self, tries: u32) -> Duration {
        let one = self.round_trip.map_or(TIMEOUT.1, |(mean, deviation)| mean + 4.0 * deviation);
        let longest = TIMEOUT.1.max(one);
        let many = one.max(TIMEOUT.0) * f64::from(1_u32 << tries.saturating_sub(STEADY).min(16));
        Duration::from_secs_f64(many.min(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of the length that the pace asks for, with this chance of damage a byte.
    fn settled(damage: f64) -> usize {
        let mut pace = Pace::default();
        let mut luck = fastrand::Rng::with_seed(5);
        for _ in 0..20_000 {
            let wire = pace.payload(7) + WIRE_OVERHEAD;
            pace.carried(wire);
            if luck.f64() > (1.0 - damage).powi(wire as i32) {
                pace.damaged();
            }
        }
        pace.payload(7)
    }

    #[test]
    fn frames_are_short_on_bad_lines_and_long_on_clean_ones() {
        let lengths = [0.0, 1e-4, 1e-3, 1e-2].map(settled);
        assert_eq!(lengths[0], PAYLOAD_MAX);
        assert!(lengths.is_sorted_by(|a, b| a > b), "{lengths:?}");
        assert!((5..25).contains(&lengths[3]), "{lengths:?}");
        // Nothing is known at first.
        assert!((30..100).contains(&Pace::default().payload(7)));
        let fixed = Pace { fixed: Some(64), ..Pace::default() };
        assert_eq!(fixed.payload(7), 64);
    }

    #[test]
    fn a_line_that_gets_better_is_forgiven() {
        let mut pace = Pace::default();
        for _ in 0..1000 {
            pace.carried(40);
            pace.damaged();
        }
        let bad = pace.payload(7);
        (0..30_000).for_each(|_| pace.carried(40));
        assert!(bad < 10 && pace.payload(7) > 200, "{bad}, then {}", pace.payload(7));
    }

    #[test]
    fn time_outs_follow_round_trips() {
        let mut pace = Pace::default();
        assert_eq!(pace.timeout(0), Duration::from_millis(200));
        (0..100).for_each(|_| pace.answered(Duration::from_millis(20)));
        let settled = pace.timeout(0).as_secs_f64();
        assert!((0.020..0.025).contains(&settled), "{settled}");
        assert_eq!(pace.timeout(STEADY), pace.timeout(0));
        assert!((1.9..2.1).contains(&(pace.timeout(STEADY + 1).as_secs_f64() / settled)));
        assert_eq!(pace.timeout(30), Duration::from_millis(200));
        (0..100).for_each(|_| pace.answered(Duration::from_secs(3)));
        assert!(pace.timeout(0) >= Duration::from_secs(3));
        (0..1000).for_each(|_| pace.answered(Duration::ZERO));
        assert_eq!(pace.timeout(0), Duration::from_millis(2));
    }
}
