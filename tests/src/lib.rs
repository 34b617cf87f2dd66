//! What several tests share.

pub mod formal;
pub mod fuzz;
pub mod gradient;
pub mod line;
pub mod resources;
pub mod vq;
