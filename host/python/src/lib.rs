//! `fixlearn._core`: the host crate, as the Python package calls it.
//!
//! Every function that works on a device gives `(value, error, lines)`: what was learned until an
//! error or Ctrl-C ended it is not lost, and lines are for `warnings`.

mod associate;
mod call;
mod classify;
mod codebook;
mod error;
mod filter;
mod fuse;
mod learn;
mod line;
mod optimize;
mod regress;
mod rows;
mod runs;

use pyo3::prelude::*;

/// The host crate, as the Python package calls it.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    fixlearn::output::listen(&call::Caller);
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    codebook::register(module)?;
    regress::register(module)?;
    optimize::register(module)?;
    associate::register(module)?;
    filter::register(module)?;
    fuse::register(module)?;
    classify::register(module)?;
    runs::register(module)
}
