//! Other programs on the same data: Python packages in an environment of their own.

use super::CORES;
use crate::{doctor, Error, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The packages, by version, so that what is measured does not change by itself.
const PACKAGES: &[&str] = &[
    "minisom==2.3.6",
    "numpy==2.4.6",
    "scikit-learn==1.9.1",
    "scipy==1.17.1",
    "faiss-cpu==1.15.1",
];
const SCRIPT: &str = include_str!("rivals.py");

/// Their Python, installed if it is not there.
///
/// # Errors
/// If it cannot be installed, with the command that does it and the way to go without.
pub fn install() -> Result<PathBuf> {
    doctor::python("bench", PACKAGES).map_err(|e| {
        Error::request(format!("{e}; or go without them: fixlearn bench --without-rivals"))
    })
}

/// Vectors a second of each, with the data and the codebook in these files; `online` vectors are
/// for those that learn one after the other.
///
/// # Errors
/// If Python fails, with what it said last.
pub fn measure(
    python: &Path,
    data: &Path,
    codebook: &Path,
    online: usize,
) -> Result<BTreeMap<String, f64>> {
    let threads = CORES.to_string();
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT]).arg(data).arg(codebook).args([&online.to_string(), &threads]);
    // Set for the sake of another program, it may slow numpy.
    command.env_remove("OPENBLAS_CORETYPE").env_remove("PYTHONPATH");
    for library in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
        command.env(library, &threads);
    }
    let output = command.stdin(Stdio::null()).output().map_err(Error::io(python))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    let found = serde_json::from_slice(&output.stdout).ok().filter(|_| output.status.success());
    found.ok_or_else(|| Error::request(format!("{}: {}", python.display(), last.trim())))
}
