//! The host side of fixlearn: the link, devices, tasks, inputs, pictures, bitstreams.

pub mod build;
pub mod codec;
pub mod data;
pub mod demo;
pub mod device;
pub mod doctor;
mod error;
pub mod link;
pub mod order;
pub mod output;
pub mod picture;
pub mod run;
pub mod session;
pub mod tasks;
pub mod trust;

pub use error::{first_broken, Error, Result};
