//! What a run is at a step: enough to go on to the same bits.

use crate::adam::Parameters;
use crate::file::{self, Named, Read};
use fixlearn::{output, Error, Result};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a checkpoint says of itself, under this name.
const SAYS: &str = "fixlearn-checkpoint";

/// Its format.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Says {
    format: u32,
    step: u64,
    /// What was asked for, which must be the same.
    settings: String,
}

/// Where a run with this output keeps it.
pub fn place(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".checkpoint");
    name.into()
}

/// Writes it.
///
/// # Errors
/// As the file system's.
pub fn save(
    path: &Path,
    settings: &str,
    step: u64,
    parameters: &[(&str, &Parameters)],
    more: &[Named],
) -> Result<()> {
    let mut tensors = more.to_vec();
    for (start, parameters) in parameters {
        parameters.save(start, &mut tensors).map_err(crate::wrong)?;
    }
    let says = Says { format: FORMAT, step, settings: settings.into() };
    let says = serde_json::to_string(&says).map_err(|e| Error::request(e.to_string()))?;
    output::write(path, &file::bytes(&tensors, SAYS, says)?)
}

/// Reads it into these; the step to go on with, and the file for what else is in it.
///
/// # Errors
/// If it is none, or of another run.
pub fn load(
    path: &Path,
    (settings, steps): (&str, u64),
    parameters: &mut [(&str, &mut Parameters)],
) -> Result<(u64, Read)> {
    let read = file::read(path, SAYS)?;
    let says: Option<Says> = read.says.as_deref().and_then(|s| serde_json::from_str(s).ok());
    let Some(says) = says.filter(|says| says.format == FORMAT) else {
        return Err(Error::input(
            path,
            "is no checkpoint of this version; begin anew with --force",
        ));
    };
    if says.settings != settings {
        let message = "is of a run with another input or other settings; give the same, or begin \
                       anew with --force";
        return Err(Error::input(path, message));
    }
    if says.step > steps {
        let message = format!("is damaged: it is at step {} of {steps}; begin anew", says.step);
        return Err(Error::input(path, message + " with --force"));
    }
    for (start, parameters) in parameters {
        parameters.load(path, start, &read)?;
    }
    Ok((says.step, read))
}

/// Removes it, when the run is done.
///
/// # Errors
/// As the file system's.
pub fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path)(e)),
        _ => Ok(()),
    }
}
