//! Errors of the library as Python's exceptions: the same line, naming parameters where the
//! command line has options.

use fixlearn::Error;
use pyo3::exceptions::{PyConnectionError, PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::PyErr;
use std::any::Any;
use std::fmt::Write as _;

/// Parameters that have another name than the option.
const RENAMED: &[(&str, &str)] =
    &[("codewords", "n_codewords"), ("seed", "random_state"), ("resume", "resume()")];

/// An error that came of work on this port.
pub fn python(port: &str, error: Error) -> PyErr {
    let message = parameters(&error.to_string());
    match error {
        Error::Io { source, .. } => std::io::Error::new(source.kind(), message).into(),
        Error::Input { .. } | Error::Request(_) => PyValueError::new_err(message),
        // What is no line cannot fail: something was asked of it that it cannot hold.
        Error::Port { .. } if ["golden", "core", "sim"].contains(&port) => {
            PyValueError::new_err(message)
        }
        Error::Port { .. } | Error::Reset { .. } => PyConnectionError::new_err(message),
        Error::Interrupted => PyKeyboardInterrupt::new_err(message),
        Error::Model(_) => PyRuntimeError::new_err(message),
    }
}

/// An error outside of any work.
pub fn plain(error: Error) -> PyErr {
    python("", error)
}

/// What Python's side of the package sent is not what this side reads.
pub fn json(error: serde_json::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The library has failed inside.
pub fn panicked(panic: &(dyn Any + Send)) -> PyErr {
    let what = panic.downcast_ref::<String>().map(String::as_str);
    let what = what.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it does not say why");
    PyRuntimeError::new_err(format!(
        "fixlearn has failed inside, which is a fault of its own; please report it: {what}"
    ))
}

/// A message with the names of parameters where it has those of options.
pub fn parameters(message: &str) -> String {
    let mut parts = message.split("--");
    let mut text = parts.next().unwrap_or_default().to_string();
    // A plan names its field at the start.
    if let Some((_, name)) = RENAMED.iter().find(|(name, _)| text.starts_with(&format!("{name}: ")))
    {
        text = format!("{name}{}", &text[text.find(':').unwrap_or(0)..]);
    }
    for part in parts {
        let length = part.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(part.len());
        let (option, rest) = part.split_at(length);
        let begins = option.starts_with(|c: char| c.is_ascii_lowercase());
        if !begins || text.ends_with('-') {
            let _ = write!(text, "--{part}");
            continue;
        }
        let renamed = RENAMED.iter().find(|(name, _)| *name == option);
        let name = renamed.map_or_else(|| option.replace('-', "_"), |(_, name)| (*name).into());
        // A value behind it is given by an equals sign, but a word of the sentence is not.
        let value =
            rest.strip_prefix(' ').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let _ = match value {
            Some(value) => write!(text, "{name}={value}"),
            None => write!(text, "{name}{rest}"),
        };
    }
    text
}
