//! A simulated board behind a pseudo-terminal.

use super::Board;
use serialport::{SerialPort, TTYPort};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{symlink, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Bytes taken ahead of the line: beyond them the writer is made to wait, as by a slow adapter.
const AHEAD: usize = 4096;
/// Clocks without a byte either way after which the board is thought idle and simulation waits.
const IDLE: u64 = 3_000_000;

/// The pseudo-terminal, and the side that programs open.
pub struct Pty {
    master: TTYPort,
    path: PathBuf,
    link: Option<PathBuf>,
    /// Keeps the terminal, and its raw mode, between one program and the next; without a lock.
    kept: File,
}

impl Pty {
    /// With `link`, a symbolic link of that name leads to the terminal, whichever it is just then.
    ///
    /// # Errors
    /// If there is no terminal to be had, or a file that is no link has that name.
    pub fn open(link: Option<&Path>) -> serialport::Result<Self> {
        let (mut master, mut slave) = TTYPort::pair()?;
        master.set_timeout(Duration::from_millis(20))?;
        let terminal = slave.name().ok_or_else(|| io::Error::other("a terminal without a path"))?;
        slave.set_exclusive(false)?;
        let kept = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NOCTTY)
            .open(&terminal)?;
        if let Some(link) = link {
            if link.symlink_metadata().is_ok_and(|m| !m.is_symlink()) {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
            }
            // Beside, then renamed: programs find the old one or the new one.
            let mut beside = link.as_os_str().to_owned();
            beside.push(".new");
            symlink(&terminal, &beside)?;
            std::fs::rename(&beside, link)?;
        }
        let path = link.map_or_else(|| terminal.into(), Path::to_path_buf);
        Ok(Self { master, path, link: link.map(Path::to_path_buf), kept })
    }

    /// The path to open, such as `/dev/pts/4`, or that of the link.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// This side of the terminal alone, for a peer that is no board; and what keeps it open.
    pub fn into_parts(self) -> (TTYPort, File) {
        (self.master, self.kept)
    }

    /// Serves until `stop`. When the board's cable is pulled, the terminal goes, and comes back as
    /// another one, which the link leads to.
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
                drop(self);
                while !board.reopen() && !stop.load(Ordering::Relaxed) {
                    board.advance(4096);
                }
                self = Self::open(link.as_deref())?;
                quiet = 0;
            }
            board.advance(4096);
            let heard = board.received();
            quiet = if heard.is_empty() && board.unsent() == 0 { quiet + 4096 } else { 0 };
            self.send(&heard, stop)?;
        }
        if let Some(link) = &self.link {
            // Gone already is as good.
            let _ = std::fs::remove_file(link);
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
