//! Golden models, co-simulation with Verilator, and the simulated board.

pub mod board;
pub mod cosim;
pub mod golden;
