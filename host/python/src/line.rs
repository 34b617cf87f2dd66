//! The line to a device, as the estimators' parameters say it.

use crate::error;
use fixlearn::link::open::Line;
use fixlearn::{first_broken, Error};
use fixlearn_map::link::PAYLOAD_MAX;
use pyo3::PyResult;
use serde::Deserialize;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    port: String,
    baud: Option<u32>,
    wait: Option<u64>,
    frame: Option<usize>,
    size: Option<String>,
    faults: Option<String>,
}

/// The line that this JSON says.
pub fn line(said: &str) -> PyResult<Line> {
    let said: Said = serde_json::from_str(said).map_err(error::json)?;
    let frames = 1..=PAYLOAD_MAX;
    first_broken(&[
        (said.baud.is_none_or(|baud| baud >= 300), "--baud: at least 300"),
        (said.frame.is_none_or(|frame| frames.contains(&frame)), "--frame: 1 to 249"),
        (!said.port.is_empty(), "--port: give golden, sim, core, auto, or a serial port's path"),
    ])
    .map_err(|what| error::plain(Error::Request(what)))?;
    let faults = said.faults.as_deref().map(str::parse).transpose();
    let line = Line {
        baud: said.baud,
        wait: said.wait.map(Duration::from_secs),
        frame: said.frame,
        size: said.size,
        faults: faults.map_err(|e| error::plain(Error::request(format!("--faults: {e}"))))?,
        ..Line::new(&said.port)
    };
    line.validate().map_err(error::plain)?;
    Ok(line)
}
