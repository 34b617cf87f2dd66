//! The reference builds: what boards take, as the tests hold it.

use crate::{Error, Result};
use serde::Deserialize;

/// What a reference build took; `fixlearn-tests` renews it.
#[derive(Clone, Debug, Deserialize)]
pub struct Reference {
    pub board: String,
    pub core: String,
    pub size: String,
    pub clock_mhz: f64,
    pub luts: u64,
    pub ffs: u64,
    pub brams: u64,
    pub dsps: u64,
    pub fmax_mhz: f64,
}

/// All of them.
///
/// # Errors
/// If a row is none.
pub fn references() -> Result<Vec<Reference>> {
    let text = include_str!("../../../tests/resources.csv");
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.map(|row| row.map_err(|e| Error::request(format!("the reference builds: {e}")))).collect()
}
