//! Co-simulation: the generated Verilog, built by Verilator at run time and driven from Rust.
//!
//! [`build`] turns Verilog into a shared library, cached under a hash of everything that went
//! into it; [`Model`] loads the library and drives its ports; [`vq`] speaks the core's bus.

mod build;
mod model;
pub mod vq;

pub use build::{build, cache_dir, BuildError, Flags};
pub use model::{Model, PortId};
