//! `verify`: every test.

use super::report::Context;
use fixlearn::doctor::{self, Need};
use fixlearn::{Error, Result};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: &Args, _: &Context) -> Result<bool> {
    doctor::ensure(Need::Proofs)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = std::process::Command::new(cargo)
        .args(["test", "--release", "--workspace"])
        .status()
        .map_err(|e| Error::request(format!("cargo cannot be started: {e}")))?;
    Ok(status.success())
}
