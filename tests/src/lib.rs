//! What several tests share.

pub mod gradient;
pub mod vq;
