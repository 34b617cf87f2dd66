//! Cells of one FPGA family, placed by hand, each with a behavioural model of the same clocks.

pub mod ecp5;
pub(crate) mod mac16;
pub mod pll;
