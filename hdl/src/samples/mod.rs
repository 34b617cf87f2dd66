#![doc = include_str!("../../../host/docs/samples.md")]

mod block;
mod order;
mod stored;

pub use block::Samples;
pub use order::{Merge, Order, Split};
pub use stored::{named, Stored, SAMPLES};
