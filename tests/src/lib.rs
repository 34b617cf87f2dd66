//! What several tests share.

pub mod vq;
