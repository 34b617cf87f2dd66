//! The host's side of the link: frames, the client that sends them again, ports.

pub mod choose;
pub mod client;
pub mod found;
pub mod frame;
pub mod inside;
pub mod open;
pub mod pace;
pub mod port;
pub mod request;

pub use client::{Acknowledgement, Client};
pub use port::Port;
pub use request::Request;
