//! The gradient core from the host's side: minimizing functions, and linear models on tables.

pub mod check;
pub mod data;
pub mod device;
pub mod optimize;
pub mod regress;
pub mod run;
