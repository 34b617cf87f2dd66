//! `ports`: the serial ports of this machine, and who answers at them.

use super::printed::Context;
use fixlearn::link::choose::ask;
use fixlearn::link::found::{denied, latency_file, list, Found, Refused};
use fixlearn::link::open::BAUD;
use fixlearn::link::port::Serial;
use fixlearn::{unnumbered, Error, Result};
use serde::Serialize;
use std::path::Path;

#[derive(clap::Args)]
pub struct Args {
    /// Look at these ports instead of all
    ports: Vec<String>,
    /// Ask at each port that may be opened whether a fixlearn device is there: what listens there,
    /// whatever it is, gets a few bytes
    #[arg(long)]
    identify: bool,
    /// Baud to ask at
    #[arg(long, default_value_t = BAUD, requires = "identify")]
    baud: u32,
}

/// Questions to a device: the shortest round trip counts.
const QUESTIONS: u8 = 8;

/// What was found out of a port.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    port: Found,
    /// The device that answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<Device>,
    /// Why nothing was found out by asking.
    #[serde(skip_serializing_if = "Option::is_none")]
    silent: Option<String>,
}

/// A device, as it says of itself.
#[derive(Serialize)]
struct Device {
    core: String,
    clock_hz: u32,
    baud: u32,
    round_trip_ms: f64,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    for path in &args.ports {
        if let Some(why @ (Refused::Missing | Refused::NoTerminal(_))) = Refused::look(path) {
            let message = why.says(&Found::at(path), args.baud);
            return Err(Error::Port { port: path.clone(), message });
        }
    }
    let named = args.ports.iter().map(|path| Found::at(path));
    let ports = if args.ports.is_empty() {
        list()?.into_iter().map(Found::held).collect()
    } else {
        named.collect::<Vec<_>>()
    };
    let ports: Vec<Report> = ports
        .into_iter()
        .map(|port| {
            let mut report = Report { port, device: None, silent: None };
            if args.identify {
                match identify(&report.port, args.baud) {
                    Ok(device) => report.device = Some(device),
                    Err(why) => report.silent = Some(why),
                }
            }
            report
        })
        .collect();
    context.report(&serde_json::json!({ "ports": ports }), || {
        if ports.is_empty() {
            return "no serial port; --port sim and --port golden need none".into();
        }
        ports.iter().map(text).collect::<Vec<_>>().join("\n")
    })?;
    Ok(true)
}

/// The device at a port, or why none is known.
fn identify(port: &Found, baud: u32) -> std::result::Result<Device, String> {
    let said = |e: Error| match e {
        Error::Port { message, .. } => message,
        other => other.to_string(),
    };
    let mut serial = Serial::open(&port.path, baud).map_err(said)?;
    let failed = |e| format!("the port failed: {}", unnumbered(&e));
    let answer = ask(&mut serial, QUESTIONS).map_err(failed)?;
    let (identity, took) = answer.ok_or(format!("nobody answers at {baud} baud"))?;
    Ok(Device {
        core: fixlearn_map::title(identity.core),
        clock_hz: identity.clock_hz,
        baud: identity.baud,
        round_trip_ms: (took.as_secs_f64() * 1e6).round() / 1e3,
    })
}

/// A port in a few lines.
fn text(report: &Report) -> String {
    let port = &report.port;
    let mut first = vec![port.path.clone()];
    first.extend(port.usb.clone());
    first.extend(port.names());
    first.extend(port.interface.map(|number| format!("interface {number}")));
    first.extend(port.product.clone());
    let mut lines = vec![first.join("  ")];
    lines.push(match port.may_open {
        true => format!("  you may open it; it belongs to {}", owner(port)),
        false => format!("  you may not open it: {}", denied(port)),
    });
    if !port.held_by.is_empty() {
        lines.push(format!("  in use by {}", port.held_by.join(", ")));
    }
    if let Some(latency) = port.latency_ms.filter(|&milliseconds| milliseconds > 1) {
        let name = Path::new(&port.path).file_name().unwrap_or_default().to_string_lossy();
        let file = latency_file(Path::new("/sys"), &name);
        lines.push(format!(
            "  its chip waits {latency} ms for more before it hands bytes over; for 1 ms, which \
             fixlearn asks for when it opens it, type: echo 1 | sudo tee {}",
            file.display()
        ));
    }
    if let Some(device) = &report.device {
        lines.push(format!(
            "  {} answers: {} MHz, {} baud; a question and its answer take {} ms",
            device.core,
            f64::from(device.clock_hz) / 1e6,
            device.baud,
            device.round_trip_ms
        ));
    }
    lines.extend(report.silent.iter().map(|why| format!("  {why}")));
    lines.join("\n")
}

fn owner(port: &Found) -> &str {
    port.owner.as_deref().unwrap_or("nobody that is known")
}
