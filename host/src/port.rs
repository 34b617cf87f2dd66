//! Where the bytes go: a serial port or the simulated board in this process.

use crate::{Error, Result};
use fixlearn_hdl::design::Design;
use fixlearn_sim::board::{pty::Pty, Board};
use serialport::SerialPortType;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// A byte pipe to a device, real or simulated.
pub trait Port {
    /// Hands all bytes over, in order.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// What has arrived; empty if nothing does before `wait` has passed on the port's own clock.
    fn receive(&mut self, wait: Duration) -> io::Result<Vec<u8>>;
    /// Time on the port's own clock: real, or simulated.
    fn now(&self) -> Duration;
    fn name(&self) -> String;
}

/// A serial device, or a PTY.
pub struct Serial {
    port: Box<dyn serialport::SerialPort>,
    path: String,
    start: Instant,
}

impl Serial {
    /// # Errors
    /// If the path cannot be opened at this baud, with the reason.
    pub fn open(path: &str, baud: u32) -> Result<Self> {
        let port = serialport::new(path, baud).timeout(Duration::from_millis(200)).open().map_err(
            |e| Error::Port {
                port: path.into(),
                message: format!("cannot be opened ({e}); `fixlearn ports` lists the ports here"),
            },
        )?;
        Ok(Self { port, path: path.into(), start: Instant::now() })
    }
}

impl Port for Serial {
    fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let mut stalled = 0;
        while !bytes.is_empty() {
            match self.port.write(bytes) {
                Ok(n) => {
                    bytes = &bytes[n..];
                    stalled = 0;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // A slow line (or a simulated one) may hold the writer up for a while.
                Err(e) if e.kind() == io::ErrorKind::TimedOut && stalled < 50 => stalled += 1,
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    fn receive(&mut self, wait: Duration) -> io::Result<Vec<u8>> {
        let mut buffer = [0; 4096];
        self.port.set_timeout(wait.max(Duration::from_millis(1)))?;
        match self.port.read(&mut buffer) {
            Ok(n) => Ok(buffer[..n].to_vec()),
            Err(e) if matches!(e.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => {
                Ok(Vec::new())
            }
            Err(e) => Err(e),
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn name(&self) -> String {
        self.path.clone()
    }
}

/// The simulated board, which runs only while something is awaited from it.
pub struct Simulated(pub Board);

impl Simulated {
    /// # Errors
    /// If the size is not on offer, with the nearest that are, or Verilator is missing or fails.
    pub fn new(design: &dyn Design) -> Result<Self> {
        simulated_board(design, None).map(Self)
    }
}

/// A simulated board, writing waves of every signal to `waves` if given.
///
/// # Errors
/// If the size is not on offer, with the nearest that are, or Verilator is missing or fails.
pub fn simulated_board(design: &dyn Design, waves: Option<&Path>) -> Result<Board> {
    let board = match waves {
        Some(path) => Board::traced(design, path)?,
        None => Board::new(design)?,
    };
    board.ok_or_else(|| Error::request(design.advice()))
}

/// A pseudo-terminal for a simulated board.
pub fn open_pty() -> Result<Pty> {
    Pty::open().map_err(|e| Error::request(format!("no pseudo-terminal can be opened: {e}")))
}

impl Port for Simulated {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.send(bytes);
        Ok(())
    }

    fn receive(&mut self, wait: Duration) -> io::Result<Vec<u8>> {
        let end = self.now() + wait;
        loop {
            self.0.advance(1);
            let bytes = self.0.received();
            if !bytes.is_empty() || self.now() >= end {
                return Ok(bytes);
            }
        }
    }

    fn now(&self) -> Duration {
        Duration::from_secs_f64(self.0.cycles() as f64 / f64::from(self.0.clock_hz()))
    }

    fn name(&self) -> String {
        "sim".into()
    }
}

/// A serial port of this machine.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Found {
    pub path: String,
    /// USB vendor and product as `vvvv:pppp`.
    pub usb: Option<String>,
    pub serial_number: Option<String>,
    pub product: Option<String>,
}

/// The serial ports of this machine, by path.
pub fn list() -> Result<Vec<Found>> {
    let ports = serialport::available_ports()
        .map_err(|e| Error::request(format!("the serial ports cannot be listed: {e}")))?;
    let mut found: Vec<Found> = ports
        .into_iter()
        .map(|p| match p.port_type {
            SerialPortType::UsbPort(usb) => Found {
                path: p.port_name,
                usb: Some(format!("{:04x}:{:04x}", usb.vid, usb.pid)),
                serial_number: usb.serial_number,
                product: usb.product,
            },
            _ => Found { path: p.port_name, usb: None, serial_number: None, product: None },
        })
        .collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// `sim`, `auto` (the only USB serial port) or a path.
///
/// # Errors
/// If the port cannot be opened, or `auto` finds none or several.
pub fn open(name: &str, baud: u32, simulated: &dyn Design) -> Result<Box<dyn Port>> {
    match name {
        "sim" => Ok(Box::new(Simulated::new(simulated)?)),
        "auto" => {
            let usb: Vec<Found> = list()?.into_iter().filter(|p| p.usb.is_some()).collect();
            match usb.as_slice() {
                [one] => Ok(Box::new(Serial::open(&one.path, baud)?)),
                [] => Err(Error::request(
                    "no USB serial port found; name one with --port PATH, or use --port sim",
                )),
                several => Err(Error::request(format!(
                    "several USB serial ports found ({}); name one with --port PATH",
                    several.iter().map(|p| p.path.as_str()).collect::<Vec<_>>().join(", ")
                ))),
            }
        }
        path => Ok(Box::new(Serial::open(path, baud)?)),
    }
}
