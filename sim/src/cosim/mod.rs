//! Co-simulation: the generated Verilog, built by Verilator at run time and driven from Rust.
//!
//! [`build`] turns Verilog into a shared library, cached under a hash of everything that went
//! into it; [`Model`] loads the library and drives its ports; [`Core`] speaks
//! a core's bus and streams.
//!
//! The driver is a thin layer with C linkage, generated for the ports at hand, because it gives
//! 0.8 and more of a plain C++ test bench's speed call by call and all of it in batches
//! (`fixlearn bench cosim`), ports of any width, waves, a cache that
//! parallel tests cannot spoil, and any Verilator 5. The crate marlin 0.21 refuses Debian's
//! Verilator 5.006, and looks a symbol up on every access of a model that is made at run time;
//! the crate verilator 0.1 runs from build scripts and reads versions of one digit and three.

mod build;
mod bus;
pub mod chip;
mod core;
mod model;
mod store;

pub use self::core::{Core, Cycles};
pub use build::{build, build_of, cache_dir, say_builds, BuildError, Flags, SPEED_FLAGS};
pub use bus::Bus;
pub use model::{Model, PortId};
