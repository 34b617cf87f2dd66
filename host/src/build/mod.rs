//! From a core to a bitstream on a board: Verilog, netlist, placement, report.

pub mod boards;
pub mod fit;
pub mod flash;
pub mod flow;
pub mod report;
pub mod tools;

pub use flow::{build, Outcome, Request};
