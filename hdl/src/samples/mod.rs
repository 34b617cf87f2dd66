#![doc = include_str!("../../../host/docs/samples.md")]

mod between;
mod block;
mod door;
mod order;
mod packed;
mod rows;
mod sdram;
mod spread;
mod stored;

pub use block::Samples;
pub use door::Door;
pub use order::{Merge, Order, Split};
pub use packed::{Packed, PACKED};
pub use rows::FromRows;
pub use sdram::FromSdram;
pub use spread::Spread;
pub use stored::{named, Stored, SAMPLES, SDRAM};
