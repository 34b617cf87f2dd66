//! A simulated board behind a pseudo-terminal.

use super::Board;
use serialport::{SerialPort, TTYPort};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Bytes taken ahead of the line: beyond them the writer is made to wait, as by a slow adapter.
const AHEAD: usize = 4096;
/// Clocks without a byte either way after which the board is thought idle and simulation waits.
const IDLE: u64 = 3_000_000;

/// The pseudo-terminal, and the side that programs open.
pub struct Pty {
    master: TTYPort,
    path: String,
    /// Keeps the terminal, and its raw mode, between one program and the next; without a lock.
    kept: File,
}

impl Pty {
    pub fn open() -> serialport::Result<Self> {
        let (mut master, mut slave) = TTYPort::pair()?;
        master.set_timeout(Duration::from_millis(20))?;
        let path = slave.name().ok_or_else(|| io::Error::other("a terminal without a path"))?;
        slave.set_exclusive(false)?;
        let kept =
            OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOCTTY).open(&path)?;
        Ok(Self { master, path, kept })
    }

    /// The path to open, such as `/dev/pts/4`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// This side of the terminal alone, for a peer that is no board; and what keeps it open.
    pub fn into_parts(self) -> (TTYPort, File) {
        (self.master, self.kept)
    }

    /// Serves until `stop`.
    pub fn serve(mut self, mut board: Board, stop: &AtomicBool) -> io::Result<()> {
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
                    Err(e) => return Err(e),
                }
            }
            board.advance(4096);
            let heard = board.received();
            quiet = if heard.is_empty() && board.unsent() == 0 { quiet + 4096 } else { 0 };
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
