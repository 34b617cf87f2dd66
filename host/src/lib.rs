//! The host side of fixlearn: the link, devices, tasks, inputs, pictures, bitstreams.

pub mod arguments;
pub mod bars;
pub mod bench;
pub mod build;
pub mod codec;
pub mod demo;
pub mod device;
pub mod docs;
pub mod doctor;
mod error;
pub mod export;
pub mod input;
pub mod link;
pub mod order;
pub mod output;
pub mod outputs;
pub mod page;
pub mod picture;
pub mod plot;
pub mod report;
pub mod run;
pub mod selftest;
pub mod session;
pub mod stages;
pub mod stop;
pub mod sweep;
pub mod task;
pub mod tasks;
pub mod usb;

pub use error::{first_broken, unnumbered, words, Error, Result};
