//! What several tests share.

pub mod board;
pub mod bus;
pub mod formal;
pub mod fuzz;
pub mod gradient;
pub mod line;
pub mod mutation;
pub mod resources;
pub mod runner;
pub mod vq;
pub mod yosys;
