//! Which serial port: by path, by the USB device behind it, or the one where a device answers.

use super::found::{list, Found};
use super::frame::{Frame, Splitter};
use super::port::{Port, Serial};
use crate::{Error, Result};
use fixlearn_map::link::{command, Identity, REPLY};
use std::io;
use std::time::Duration;

/// How long an answer to a question is waited for.
const ANSWER: Duration = Duration::from_millis(300);

/// The serial port of this name: a path; `serial=NUMBER` or `usb=PLACE`, a USB device's; `auto`,
/// the only USB device's. Of a device with several ports it is the one at which a device answers.
///
/// # Errors
/// If the port cannot be opened, or there is none of this name, or several.
pub fn serial(name: &str, baud: u32) -> Result<Serial> {
    let path = name != "auto" && !name.starts_with("serial=") && !name.starts_with("usb=");
    if path {
        return Serial::open(name, baud);
    }
    let mut all = list()?;
    all.retain(|port| port.usb.is_some());
    if name == "auto" {
        return one(&all, baud);
    }
    let named: Vec<Found> =
        all.iter().filter(|p| p.names().iter().any(|n| n == name)).cloned().collect();
    if named.is_empty() {
        let there = devices(&all).join(", ");
        let there = if there.is_empty() { "none".into() } else { there };
        return Err(Error::request(format!("no USB serial port is {name}; there are: {there}")));
    }
    one(&named, baud)
}

/// What `--port auto` would come to with these ports of this machine.
pub fn auto(all: &[Found]) -> String {
    let boards: Vec<Found> = all.iter().filter(|port| port.usb.is_some()).cloned().collect();
    let devices = devices(&boards);
    match (boards.as_slice(), devices.as_slice()) {
        ([], _) => "--port auto: no USB serial port is there; is the board plugged in?".into(),
        ([one], _) => format!("--port auto is {}", one.path),
        (several, [_]) => format!(
            "--port auto is the one of {} at which a device answers, all of one USB device",
            paths(several)
        ),
        (several, devices) => format!(
            "--port auto cannot choose among {}; name one with --port PATH, or --port and one of: \
             {}",
            paths(several),
            devices.join(", ")
        ),
    }
}

/// The devices that these ports belong to, each by its names.
fn devices(found: &[Found]) -> Vec<String> {
    let mut devices: Vec<String> = Vec::new();
    for port in found {
        let names = port.names();
        let names = if names.is_empty() { port.path.clone() } else { names.join(" or ") };
        if !devices.contains(&names) {
            devices.push(names);
        }
    }
    devices
}

/// The one of these ports, or the one at which a device answers, if they are all of one USB device.
///
/// # Errors
/// If there are none, or several devices, or none answers.
pub fn one(found: &[Found], baud: u32) -> Result<Serial> {
    match found {
        [] => Err(Error::request(
            "no USB serial port found; name one with --port PATH, or use --port sim",
        )),
        [one] => Serial::open(&one.path, baud),
        several if devices(several).len() > 1 => Err(Error::request(format!(
            "several USB serial ports found ({}); choose one with --port PATH, or --port and one \
             of: {}",
            paths(several),
            devices(several).join(", ")
        ))),
        several => answering(several, baud),
    }
}

fn paths(found: &[Found]) -> String {
    found.iter().map(|p| p.path.as_str()).collect::<Vec<_>>().join(", ")
}

/// Asks each of them, the last first: of a chip with two channels the first is the programmer's.
fn answering(found: &[Found], baud: u32) -> Result<Serial> {
    let mut refused = None;
    for port in found.iter().rev() {
        match Serial::open(&port.path, baud) {
            Ok(mut serial) => {
                if matches!(ask(&mut serial, 2), Ok(Some(_))) {
                    return Ok(serial);
                }
            }
            Err(e) => refused = Some(e),
        }
    }
    Err(refused.unwrap_or_else(|| {
        Error::request(format!(
            "none of {} answers at {baud} baud; is the board powered and programmed, and --baud \
             right? Name one with --port PATH",
            paths(found)
        ))
    }))
}

/// Asks who is there, so many times at most, without opening the device's link: what it says of
/// itself, and the time from the question to its answer, the shortest if it is asked on.
///
/// # Errors
/// If the port fails.
pub fn ask(port: &mut dyn Port, times: u8) -> io::Result<Option<(Identity, Duration)>> {
    let mut splitter = Splitter::default();
    let first = port.random() as u8;
    let mut found: Option<(Identity, Duration)> = None;
    for sequence in (0..times).map(|i| first.wrapping_add(i)) {
        let question = Frame { command: command::IDENTIFY, sequence, payload: Vec::new() };
        let begun = port.now();
        port.send(&[&[0], &question.encode()[..]].concat())?;
        let mut answer = None;
        while let (None, Some(left)) = (&answer, port.until(begun + ANSWER)) {
            let bytes = port.receive(left)?;
            let reply = splitter.push(&bytes).into_iter().find(|frame| {
                frame.command == command::IDENTIFY | REPLY && frame.sequence == sequence
            });
            answer = reply.and_then(|frame| Identity::from_bytes(frame.payload.get(1..)?));
        }
        let took = port.now() - begun;
        if let Some(identity) = answer {
            found = Some((identity, found.map_or(took, |(_, least)| least.min(took))));
        }
    }
    Ok(found)
}
