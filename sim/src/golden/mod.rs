//! Golden models: the bit-exact specification of each core in plain integers, and beside it the
//! same rule in `f64`, which measures what fixed point costs.
//!
//! Nothing here uses the hdl crate's arithmetic.

pub mod arith;
pub mod core;
pub mod cores;
pub mod driven;
pub mod link;
pub mod packed;
pub mod samples;

pub use self::core::{difference, Block, Core, Place};
