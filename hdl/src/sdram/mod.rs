//! An SDRAM chip beside the FPGA: what is known of it, and its controller.

mod chip;
mod controller;

pub use chip::{Chip, Clocks, Times, CHIPS, CLOCK_HZ};
pub use controller::Sdram;
