//! What several tests share.

pub mod gradient;
pub mod resources;
pub mod vq;
