//! Where the bytes go: a serial port or the simulated board in this process.

use super::found::{list, Found, Refused};
use crate::{Error, Result};
use fixlearn_hdl::design::Design;
use fixlearn_sim::board::pty::{Pty, Symlink};
use fixlearn_sim::board::{Board, Faults};
use serialport::SerialPort;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a write may stand still before it is looked at.
const STALL: Duration = Duration::from_millis(200);

/// A byte pipe to a device, real or simulated.
pub trait Port {
    /// Hands all bytes over, in order.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// What has arrived; empty if nothing does before `wait` has passed on the port's own clock.
    fn receive(&mut self, wait: Duration) -> io::Result<Vec<u8>>;
    /// Waits so long, then tries to open it anew, after it has failed.
    fn reopen(&mut self, wait: Duration) -> io::Result<()>;
    /// It has failed, and was not opened anew.
    fn is_gone(&self) -> bool;
    /// Time on the port's own clock: real, or simulated.
    fn now(&self) -> Duration;
    /// The time until then; none if it is over. The clock is read once, since between two readings
    /// it may pass the end.
    fn until(&self, end: Duration) -> Option<Duration> {
        Some(end.saturating_sub(self.now())).filter(|left| !left.is_zero())
    }
    fn name(&self) -> String;
    /// A number that tells one run from others.
    fn random(&mut self) -> u32;
    /// The device itself, if it is a call away: vectors then need no frames.
    fn device(&mut self) -> Option<&mut dyn Near> {
        None
    }
}

/// A device that takes vectors without frames.
pub trait Near {
    /// Learns whole vectors.
    fn learn(&mut self, vectors: &[u8]);
    /// The answers to whole vectors.
    fn recall(&mut self, vectors: &[u8]) -> Vec<u8>;
    /// What an acknowledgement would say now.
    fn stands(&mut self) -> Vec<u8>;
}

/// A serial device, or a PTY.
pub struct Serial {
    /// None when it is gone.
    port: Option<Box<dyn serialport::SerialPort>>,
    path: String,
    baud: u32,
    start: Instant,
    /// What was behind the path when it was opened first.
    behind: Option<Behind>,
}

/// What tells one device or terminal behind a path from another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Behind {
    /// Of a link: when it was made, and so whether it is the same one.
    link: Option<(i64, i64)>,
    /// USB vendor, product and serial number.
    usb: Option<(String, Option<String>)>,
    /// Of a terminal: device, inode, and when it was made.
    terminal: Option<(u64, u64, i64, i64)>,
}

impl Behind {
    #[cfg(unix)]
    fn at(path: &str) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let link = std::fs::symlink_metadata(path).ok()?;
        let link = link.is_symlink().then(|| (link.ctime(), link.ctime_nsec()));
        let place = std::fs::canonicalize(path).ok()?;
        let there = std::fs::metadata(&place).ok()?;
        let terminal = place
            .starts_with("/dev/pts")
            .then(|| (there.rdev(), there.ino(), there.ctime(), there.ctime_nsec()));
        let found = list().ok()?.into_iter().find(|p| Path::new(&p.path) == place);
        let usb = found.and_then(|p| Some((p.usb?, p.serial_number)));
        Some(Self { link, usb, terminal })
    }

    #[cfg(not(unix))]
    fn at(_path: &str) -> Option<Self> {
        None
    }

    /// Whether what is there now may be spoken to in its place: the same device or terminal; or a
    /// link that was made anew, which says where the board is now.
    fn gives_way_to(&self, now: &Self) -> bool {
        let linked_anew = self.link.is_some() && now.link != self.link;
        linked_anew || self.usb == now.usb && self.terminal == now.terminal
    }
}

/// What a port in use is waited for.
const A_LOOK: Duration = Duration::from_millis(500);

impl Serial {
    /// # Errors
    /// If the path cannot be opened at this baud, or another program has it, with the reason.
    pub fn open(path: &str, baud: u32) -> Result<Self> {
        let failed = |why: Refused| Error::Port {
            port: path.into(),
            message: why.says(&Found::at(path), baud),
        };
        if let Some(why) = Refused::look(path) {
            return Err(failed(why));
        }
        let behind = Behind::at(path);
        let mut serial =
            Self { port: None, path: path.into(), baud, start: Instant::now(), behind };
        loop {
            let Err(e) = serial.connect() else { return Ok(serial) };
            let why = Refused::of(path, &e, baud);
            // Programs that look for their own device hold what is new for a moment.
            if !matches!(why, Refused::Busy) || serial.start.elapsed() > A_LOOK {
                return Err(failed(why));
            }
            std::thread::sleep(A_LOOK / 20);
        }
    }

    fn connect(&mut self) -> serialport::Result<()> {
        // It locks the port, against privileged users too.
        let port = serialport::new(&self.path, self.baud).timeout(STALL).open_native()?;
        // Between the look whether there is something to read and the read, another program may
        // take it: the read must not wait.
        #[cfg(unix)]
        not_waiting(&port)?;
        #[cfg(target_os = "linux")]
        low_latency(&port);
        // What a program before this one did not take.
        port.clear(serialport::ClearBuffer::Input)?;
        self.port = Some(Box::new(port));
        Ok(())
    }

    fn gone() -> io::Error {
        io::ErrorKind::BrokenPipe.into()
    }

    /// After an error nothing is expected of the port any more.
    fn drop_on_error<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if result.is_err() {
            self.port = None;
        }
        result
    }

    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let port = self.port.as_mut().ok_or_else(Self::gone)?;
        let mut stalled = 0;
        while !bytes.is_empty() {
            match port.write(bytes) {
                Ok(0) => return Err(Self::gone()),
                Ok(n) => {
                    bytes = &bytes[n..];
                    stalled = 0;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock && stalled < 50 => {
                    std::thread::sleep(STALL / 20);
                    stalled += 1;
                }
                // A slow line (or a simulated one) may hold the writer up for a while.
                Err(e) if e.kind() == io::ErrorKind::TimedOut && stalled < 50 => stalled += 1,
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    fn read_some(&mut self, wait: Duration) -> io::Result<Vec<u8>> {
        let port = self.port.as_mut().ok_or_else(Self::gone)?;
        let mut buffer = [0; 4096];
        port.set_timeout(wait.max(Duration::from_millis(1)))?;
        match port.read(&mut buffer) {
            // The other end of a terminal has gone.
            Ok(0) => Err(Self::gone()),
            Ok(n) => Ok(buffer[..n].to_vec()),
            Err(e) => match e.kind() {
                io::ErrorKind::TimedOut
                | io::ErrorKind::Interrupted
                | io::ErrorKind::WouldBlock => Ok(Vec::new()),
                _ => Err(e),
            },
        }
    }
}

/// Lets no read or write of the port wait.
#[cfg(unix)]
fn not_waiting(port: &serialport::TTYPort) -> serialport::Result<()> {
    use nix::fcntl::{fcntl, FcntlArg, OFlag};
    use std::os::fd::{AsRawFd, BorrowedFd};
    // SAFETY: the port is open, and outlives the borrow.
    let file = unsafe { BorrowedFd::borrow_raw(port.as_raw_fd()) };
    let failed = |e: nix::Error| io::Error::from(e);
    let flags = fcntl(file, FcntlArg::F_GETFL).map_err(failed)?;
    let flags = OFlag::from_bits_truncate(flags) | OFlag::O_NONBLOCK;
    fcntl(file, FcntlArg::F_SETFL(flags)).map_err(failed)?;
    Ok(())
}

/// Has the driver hand bytes over as they come: an FTDI chip's otherwise waits 16 ms for more. What
/// is no such device, and who may not, goes without.
#[cfg(target_os = "linux")]
fn low_latency(port: &serialport::TTYPort) {
    use nix::libc::{c_int, ioctl, TIOCGSERIAL, TIOCSSERIAL};
    use std::os::fd::AsRawFd;
    const ASYNC_LOW_LATENCY: c_int = 1 << 13;
    // Room for a `struct serial_struct`, 72 bytes of 64 bits' systems; its fifth number is the
    // flags.
    let mut settings = [0 as c_int; 64];
    // SAFETY: the port is open, and both read and write less than there is room for.
    unsafe {
        if ioctl(port.as_raw_fd(), TIOCGSERIAL, settings.as_mut_ptr()) == 0 {
            settings[4] |= ASYNC_LOW_LATENCY;
            ioctl(port.as_raw_fd(), TIOCSSERIAL, settings.as_ptr());
        }
    }
}

impl Port for Serial {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let result = self.write_all(bytes);
        self.drop_on_error(result)
    }

    fn receive(&mut self, wait: Duration) -> io::Result<Vec<u8>> {
        let result = self.read_some(wait);
        self.drop_on_error(result)
    }

    fn reopen(&mut self, wait: Duration) -> io::Result<()> {
        std::thread::sleep(wait);
        let now = Behind::at(&self.path);
        let another = match (&self.behind, &now) {
            (Some(then), Some(now)) => !then.gives_way_to(now),
            _ => false,
        };
        if another {
            // Somebody else's device or terminal: nothing is sent to it.
            return Err(io::ErrorKind::NotFound.into());
        }
        let result = self.connect().map_err(io::Error::from);
        if result.is_ok() {
            self.behind = now;
        }
        self.drop_on_error(result)
    }

    fn is_gone(&self) -> bool {
        self.port.is_none()
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn name(&self) -> String {
        self.path.clone()
    }

    fn random(&mut self) -> u32 {
        fastrand::u32(..)
    }
}

/// The simulated board, which runs only while something is awaited from it.
pub struct Simulated {
    pub board: Board,
    gone: bool,
    /// Runs repeat: the numbers do, too.
    random: fastrand::Rng,
}

impl Simulated {
    pub fn new(board: Board) -> Self {
        Self { board, gone: false, random: fastrand::Rng::with_seed(1) }
    }
}

/// A simulated board with these faults on its line, writing waves of every signal to `waves` if
/// given.
///
/// # Errors
/// If the size is not on offer, with the nearest that are, or Verilator is missing or fails.
pub fn simulated_board(
    design: &dyn Design,
    faults: &Faults,
    waves: Option<&Path>,
) -> Result<Board> {
    let board = match waves {
        Some(path) => Board::traced(design, path)?,
        None => Board::new(design)?,
    };
    let board = board.ok_or_else(|| Error::request(design.advice()))?;
    Ok(board.with_faults(faults))
}

/// The symbolic link of this name, which may be made; with `force` also in the place of one that
/// leads to something else.
///
/// # Errors
/// If it may not.
pub fn link_to(path: &Path, force: bool) -> Result<Symlink> {
    let link = Symlink::new(path, force);
    link.check().map_err(|e| no_link(path, &e))?;
    Ok(link)
}

fn no_link(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::input(path, format!("no link to a pseudo-terminal can be made there: {why}"))
}

/// A pseudo-terminal for a simulated board, and a link that leads to it.
///
/// # Errors
/// If there is none to be had, or the link cannot be made.
pub fn open_pty(link: Option<Symlink>) -> Result<Pty> {
    let path = link.as_ref().map(|link| link.path().to_owned());
    Pty::open(link).map_err(|e| match path {
        Some(path) => no_link(&path, &e),
        None => Error::request(format!("no pseudo-terminal can be opened: {e}")),
    })
}

impl Port for Simulated {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.board.send(bytes);
        self.gone |= !self.board.plugged();
        if self.gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }

    fn receive(&mut self, wait: Duration) -> io::Result<Vec<u8>> {
        if self.gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let end = self.now() + wait;
        loop {
            self.board.advance(1);
            let bytes = self.board.received();
            if !bytes.is_empty() || self.now() >= end {
                return Ok(bytes);
            }
        }
    }

    fn reopen(&mut self, wait: Duration) -> io::Result<()> {
        self.board.advance((wait.as_secs_f64() * f64::from(self.board.clock_hz())) as u64);
        self.gone = !self.board.reopen();
        if self.gone {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(())
    }

    fn is_gone(&self) -> bool {
        self.gone
    }

    fn now(&self) -> Duration {
        Duration::from_secs_f64(self.board.cycles() as f64 / f64::from(self.board.clock_hz()))
    }

    fn name(&self) -> String {
        "sim".into()
    }

    fn random(&mut self) -> u32 {
        self.random.u32(..)
    }
}
