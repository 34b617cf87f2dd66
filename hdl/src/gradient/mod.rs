//! stub
mod core;
mod evaluator;
mod largest;
mod narrow;
mod objective;
mod registers;
mod sequencer;
pub use self::core::GradientCore;
pub use evaluator::Evaluator;
pub use largest::Largest;
pub use narrow::{Narrow, RateShift, Settle};
pub use objective::{Linear, Objectives, Quadratic, Rosenbrock, OBJECTIVES};
pub use registers::Registers;
pub use sequencer::Sequencer;
