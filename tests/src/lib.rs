//! What several tests share.

pub mod formal;
pub mod gradient;
pub mod line;
pub mod resources;
pub mod vq;
