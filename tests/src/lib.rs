//! What several tests share.

pub use fixlearn::bars;
pub mod bitstream;
pub mod bus;
pub mod cores;
pub mod cosim;
pub mod formal;
pub mod fuzz;
pub mod kmeans;
pub mod line;
pub mod lowbit;
pub mod mutation;
pub mod packed;
pub mod parallel;
pub mod resources;
pub mod runner;
pub mod samples;
pub mod sessions;
pub mod speech;
pub mod yosys;
