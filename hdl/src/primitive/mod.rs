//! Cells that are placed by hand, each with a behavioural model of the same clocks.

pub(crate) mod mac16;
pub mod pll;
mod rows;
pub(crate) mod spram;
mod table;

pub use rows::Rows;
pub use table::Table;
