//! What several tests share.

pub mod gradient;
pub mod line;
pub mod resources;
pub mod vq;
