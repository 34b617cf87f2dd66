//! The program `fixlearn-lowbit`, for examples that make networks by it.

use serde_json::Value;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where it is, built.
///
/// # Errors
/// If it cannot be built.
pub fn program() -> Result<PathBuf, Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "--quiet", "--package", "fixlearn-lowbit"])
        .status()?;
    if !built.success() {
        return Err("fixlearn-lowbit cannot be built".into());
    }
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).ok_or("no folder")?;
    Ok(folder.join("fixlearn-lowbit"))
}

/// What it reports, from this file if it was done before, and written to it else.
///
/// # Errors
/// What it says if it fails.
pub fn report(program: &Path, arguments: &[&str], kept: &Path) -> Result<Value, String> {
    if let Some(done) = std::fs::read(kept).ok().and_then(|b| serde_json::from_slice(&b).ok()) {
        return Ok(done);
    }
    // As `fixlearn quantize` runs it.
    let memory = ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"];
    let done = Command::new(program)
        .envs(memory.map(|name| (name, "1000000000")))
        .args(arguments)
        .args(["--json", "--force"])
        .output()
        .map_err(|e| e.to_string())?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    std::fs::write(kept, &done.stdout).map_err(|e| e.to_string())?;
    serde_json::from_slice(&done.stdout).map_err(|e| e.to_string())
}

/// Mean and deviation.
pub fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(1.0)).sqrt())
}
