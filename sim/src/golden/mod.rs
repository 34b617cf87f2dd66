//! Golden models: the bit-exact specification of each core in plain integers, and beside it the
//! same rule in `f64`, which measures what fixed point costs.
//!
//! Nothing here uses the hdl crate's arithmetic.

pub mod gradient;
pub mod link;
pub mod reference;
pub mod vq;
pub mod words;
