#![doc = include_str!("../../../host/docs/samples.md")]

mod block;
mod order;
mod rows;
mod sdram;
mod stored;

pub use block::Samples;
pub use order::{Merge, Order, Split};
pub use rows::FromRows;
pub use sdram::FromSdram;
pub use stored::{Stored, SAMPLES, SDRAM};
