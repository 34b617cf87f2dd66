//! Ctrl-C, TERM and HUP. Work looks whether it is to end; what does not look is ended a second
//! later, and what it would leave behind is removed.

use crate::{Error, Result};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// The time for ending by itself.
pub const GRACE: Duration = Duration::from_millis(900);

static STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
static LEFT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Catches the signals from here on.
///
/// # Errors
/// If the system does not let it.
pub fn catch() -> Result<()> {
    ctrlc::set_handler(|| {
        STOP.store(true, Ordering::Relaxed);
        std::thread::sleep(GRACE);
        let left = std::mem::take(&mut *LEFT.lock().unwrap_or_else(PoisonError::into_inner));
        for path in left {
            let _ = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
        }
        let _ = writeln!(std::io::stderr(), "fixlearn: interrupted");
        std::process::exit(130);
    })
    .map_err(|e| Error::request(format!("Ctrl-C cannot be caught: {e}")))
}

/// Lets a write that is beyond a limit of the system (`ulimit -f`) fail, in place of ending the
/// process without a word. Threads that are begun later inherit it, programs that are run do not.
pub fn block_limits() {
    #[cfg(unix)]
    {
        use nix::sys::signal::{SigSet, Signal};
        // It cannot fail: the set is one of the system's own signals.
        let _ = SigSet::from(Signal::SIGXFSZ).thread_block();
    }
}

/// Set by the first signal.
pub fn flag() -> Arc<AtomicBool> {
    STOP.clone()
}

thread_local! {
    static HERE: RefCell<Arc<AtomicBool>> = RefCell::default();
}

/// What this thread does from here on ends by this flag, too: of a program that does several
/// things at once.
pub fn heed(flag: Arc<AtomicBool>) {
    HERE.set(flag);
}

/// Whether to end.
pub fn requested() -> bool {
    STOP.load(Ordering::Relaxed) || HERE.with_borrow(|flag| flag.load(Ordering::Relaxed))
}

/// A temporary file or folder, which is removed if the process is ended.
#[derive(Debug)]
pub struct Left(PathBuf);

impl Left {
    pub fn new(path: &Path) -> Self {
        LEFT.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        LEFT.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}
