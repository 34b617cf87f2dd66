//! RustHDL cores that learn in fixed point, the UART link that feeds them, and their Verilog.
//!
//! The generated Verilog is the design: it is what the simulator runs, what is compared with the
//! golden model, and what yosys gets. RustHDL's own simulation is not relied upon.

#[macro_use]
pub mod core;
#[macro_use]
mod top;

pub mod arith;
pub mod board;
pub mod cores;
pub mod design;
pub mod fabric;
pub mod link;
pub mod primitive;
pub mod registers;
pub mod samples;
pub mod sdram;
pub mod uart;
pub mod verilog;
