//! The host side of fixlearn: link client, ports, training, codecs, pictures, bitstreams.

pub mod build;
pub mod client;
pub mod codec;
pub mod data;
pub mod demo;
pub mod device;
pub mod doctor;
mod error;
pub mod frame;
pub mod gradient;
pub mod model;
pub mod output;
pub mod pace;
pub mod picture;
pub mod port;
pub mod request;
pub mod train;
pub mod trust;

pub use error::{first_broken, Error, Result};
