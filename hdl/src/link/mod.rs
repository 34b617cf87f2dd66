//! The link: frames in, commands out, replies back. See [`fixlearn_map::link`] for the format.
//!
//! ```text
//! UART rx --> [Receiver] COBS, CRC --> 8 slots of 256 bytes --> [Engine] <--> core
//! UART tx <-- [Transmitter] CRC, COBS <-- 2 banks of 256 bytes <----+
//! ```
//!
//! Nothing of a frame is acted upon before its CRC has been found good.

mod counters;
mod crc;
mod engine;
mod epoch;
mod receiver;
mod transmitter;

pub use counters::Counters;
pub use crc::Crc24;
pub use engine::Engine;
pub use epoch::Epoch;
pub use receiver::Receiver;
pub use transmitter::Transmitter;
