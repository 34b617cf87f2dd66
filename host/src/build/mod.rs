//! From a core to a bitstream on a board: Verilog, netlist, placement, report.

pub mod bitstream;
pub mod boards;
pub mod family;
pub mod fit;
pub mod flash;
mod flow;
pub mod netlist;
mod place;
pub(crate) mod process;
pub mod reference;
pub mod report;
mod request;
pub mod tools;

pub use flow::{build, Outcome};
pub use request::Request;
