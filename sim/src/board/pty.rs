//! A simulated board behind a pseudo-terminal.

pub use super::symlink::Symlink;
use super::symlink::{mark, open};
use super::Board;
use serialport::{SerialPort, TTYPort};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Bytes taken ahead of the line: beyond them the writer is made to wait, as by a slow adapter.
const AHEAD: usize = 4096;
/// Clocks without work or a byte either way after which simulation waits for a byte.
const IDLE: u64 = 300_000;

/// The pseudo-terminal, and the side that programs open.
pub struct Pty {
    master: TTYPort,
    terminal: PathBuf,
    link: Option<Symlink>,
    /// Keeps the terminal, and its raw mode, between one program and the next; without a lock that
    /// programs would meet.
    kept: File,
}

impl Pty {
    /// With `link`, that link leads to the terminal, whichever it is just then.
    ///
    /// # Errors
    /// If there is no terminal to be had, or the link may not be made.
    pub fn open(mut link: Option<Symlink>) -> serialport::Result<Self> {
        // First, since the new terminal may get the number of one that a link was left for.
        if let Some(link) = &link {
            link.check()?;
        }
        let (mut master, mut slave) = TTYPort::pair()?;
        master.set_timeout(Duration::from_millis(20))?;
        let terminal = slave.name().ok_or_else(|| io::Error::other("a terminal without a path"))?;
        let terminal = PathBuf::from(terminal);
        slave.set_exclusive(false)?;
        let kept = open(&terminal)?;
        drop(slave);
        mark(&kept);
        if let Some(link) = &mut link {
            link.lead_to(&terminal)?;
        }
        Ok(Self { master, terminal, link, kept })
    }

    /// The path to open, such as `/dev/pts/4`, or that of the link.
    pub fn path(&self) -> &Path {
        self.link.as_ref().map_or(&self.terminal, Symlink::path)
    }

    /// This side of the terminal alone, for a peer that is no board; and what keeps it open.
    pub fn into_parts(self) -> (TTYPort, File) {
        (self.master, self.kept)
    }

    /// Serves until `stop`. When the board's cable is pulled, terminal and link go, and come
    /// back, the terminal as another one.
    pub fn serve(mut self, mut board: Board, stop: &AtomicBool) -> serialport::Result<()> {
        let mut quiet = 0;
        let mut buffer = [0; 1024];
        while !stop.load(Ordering::Relaxed) {
            let waiting = self.master.bytes_to_read()? as usize;
            if (waiting > 0 || quiet >= IDLE) && board.unsent() < AHEAD {
                match self.master.read(&mut buffer) {
                    Ok(n) => {
                        board.send(&buffer[..n]);
                        quiet = 0;
                    }
                    Err(e) if e.kind() == io::ErrorKind::TimedOut => continue,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                    Err(e) => return Err(e.into()),
                }
            }
            if !board.plugged() {
                let link = self.link.take();
                if let Some(link) = &link {
                    link.remove();
                }
                drop(self);
                while !board.reopen() && !stop.load(Ordering::Relaxed) {
                    board.advance(4096);
                }
                self = Self::open(link)?;
                quiet = 0;
            }
            board.advance(4096);
            let heard = board.received();
            quiet = if heard.is_empty() && !board.is_busy() { quiet + 4096 } else { 0 };
            self.send(&heard, stop)?;
        }
        Ok(())
    }

    fn send(&mut self, mut bytes: &[u8], stop: &AtomicBool) -> io::Result<()> {
        while !bytes.is_empty() && !stop.load(Ordering::Relaxed) {
            match self.master.write(bytes) {
                Ok(n) => bytes = &bytes[n..],
                // Nobody reads: as on a real line, what does not fit is lost.
                Err(e) if e.kind() == io::ErrorKind::TimedOut => return Ok(()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}
