//! Cells that are placed by hand, each with a behavioural model of the same clocks.

mod beats;
mod falling;
pub(crate) mod mac16;
pub mod pll;
mod queue;
mod rows;
pub(crate) mod spram;
mod table;

pub use beats::Beats;
pub use falling::Falling;
pub use queue::Queue;
pub use rows::Rows;
pub use table::Table;
