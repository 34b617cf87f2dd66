use nix::fcntl::{fcntl, FcntlArg};
use nix::libc;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{symlink, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A symbolic link that leads to a board's terminal. It is removed with this, if it still leads
/// there.
#[derive(Debug)]
pub struct Symlink {
    path: PathBuf,
    /// Take over a link that leads to something else.
    force: bool,
    /// Where it leads to, once it does.
    terminal: PathBuf,
}

impl Symlink {
    /// Nothing is made yet. With `force`, a link is taken over wherever it leads to.
    pub fn new(path: &Path, force: bool) -> Self {
        Self { path: path.to_owned(), force, terminal: PathBuf::new() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the link may be made: nothing has its name, or a link that a board has left.
    ///
    /// # Errors
    /// If not, with the reason.
    pub fn check(&self) -> io::Result<()> {
        let taken = |why: String| Err(io::Error::new(ErrorKind::AlreadyExists, why));
        match self.path.symlink_metadata() {
            Err(e) if e.kind() == ErrorKind::NotFound => return self.folder().metadata().map(drop),
            Err(e) => return Err(e),
            Ok(there) if !there.is_symlink() => {
                return taken("it is there, and no link; give another name".into());
            }
            Ok(_) => {}
        }
        let to = fs::read_link(&self.path)?;
        if self.force || to == self.terminal {
            return Ok(());
        }
        let shown = to.display();
        if !to.starts_with("/dev/pts") {
            return taken(format!("it leads to {shown}; give another name, or --force"));
        }
        if is_served(&to) {
            return taken(format!(
                "it leads to another board's, {shown}; end that board, give another name, or \
                 --force"
            ));
        }
        Ok(())
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|f| *f != Path::new("")).unwrap_or(Path::new("."))
    }

    /// Makes it, or lets it lead here from now on.
    pub(super) fn lead_to(&mut self, terminal: &Path) -> io::Result<()> {
        self.terminal = terminal.to_owned();
        match symlink(terminal, &self.path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            done => return done,
        }
        self.check()?;
        // Beside, then renamed: programs find the old one or the new one.
        let link = tempfile::Builder::new()
            .prefix(".fixlearn-")
            .make_in(self.folder(), |beside| symlink(terminal, beside))?;
        Ok(link.persist(&self.path).map(drop)?)
    }

    /// Removes it, if it still leads to this board's terminal: another board may get the number.
    pub(super) fn remove(&self) {
        if fs::read_link(&self.path).is_ok_and(|to| to == self.terminal) {
            // Gone already is as good.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Drop for Symlink {
    fn drop(&mut self) {
        self.remove();
    }
}

/// The terminal, without becoming its session's.
pub(super) fn open(terminal: &Path) -> io::Result<File> {
    let flags = libc::O_NOCTTY | libc::O_NONBLOCK;
    OpenOptions::new().read(true).write(true).custom_flags(flags).open(terminal)
}

/// Marks a terminal as a board's for as long as it is open, which no other program's lock on it
/// does; false if it is one already.
pub(super) fn mark(terminal: &File) -> bool {
    #[cfg(target_os = "linux")]
    let set = FcntlArg::F_OFD_SETLK;
    #[cfg(not(target_os = "linux"))]
    let set = FcntlArg::F_SETLK;
    let whole = libc::flock {
        l_type: libc::F_WRLCK as _,
        l_whence: libc::SEEK_SET as _,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    fcntl(terminal, set(&whole)).is_ok()
}

/// Whether a board has this terminal. One that cannot be opened may be one.
fn is_served(terminal: &Path) -> bool {
    match open(terminal) {
        Ok(file) => !mark(&file),
        Err(e) => e.kind() != ErrorKind::NotFound,
    }
}
