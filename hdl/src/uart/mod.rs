//! UART, 8 data bits, no parity, 1 stop bit, with a fractional baud divider.
//!
//! A 24-bit phase accumulator grows by `round(2^24 * baud / clock)` a clock and overflows once a
//! bit, so any rate up to a quarter of the clock is met within 2^-24 of the clock on average and
//! one clock of jitter.

mod receive;
mod transmit;

pub use receive::UartReceive;
pub use transmit::UartTransmit;

/// The accumulator's increment: `round(2^24 * baud / clock_hz)`.
///
/// # Panics
/// If a bit is shorter than 4 clocks.
pub fn increment(clock_hz: u64, baud: u64) -> u64 {
    assert!(baud > 0 && baud * 4 <= clock_hz, "a bit must last at least 4 clocks");
    ((baud << 24) + clock_hz / 2) / clock_hz
}
