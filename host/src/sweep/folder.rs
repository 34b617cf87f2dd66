//! A sweep's folder: what is done is there whole or not at all.

use super::outcome::Outcome;
use super::plan::Job;
use crate::{Error, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a sweep's folder is known by; whoever runs jobs there holds it locked.
const MARK: &str = ".fixlearn-sweep";

/// Jobs' folders, by their names.
const JOBS: &str = "jobs";

/// A job's result, in its folder.
pub(super) const RESULT: &str = "result.json";

/// What a folder is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To run all jobs, alone.
    Alone,
    /// To run some jobs, beside others who do.
    Beside,
    /// To read what is there.
    Reading,
}

/// A sweep's folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held while jobs are run.
    _lock: Option<Lock>,
}

impl Folder {
    /// Says whether a sweep could be in this folder.
    ///
    /// # Errors
    /// If it is a file, or holds something else.
    pub fn fits(path: &Path) -> Result<()> {
        if path.exists() && !path.is_dir() {
            return Err(Error::input(path, "is a file; --out names a folder"));
        }
        let holds = match fs::read_dir(path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => false,
            entries => entries.map_err(Error::io(path))?.next().is_some(),
        };
        match holds && !Self::is_one(path) {
            true => {
                Err(Error::input(path, "holds other files, and no sweep; choose another folder"))
            }
            false => Ok(()),
        }
    }

    /// Whether a sweep is in this folder.
    pub fn is_one(path: &Path) -> bool {
        path.join(MARK).is_file()
    }

    /// Opens the folder, and makes it if it is not there.
    ///
    /// # Errors
    /// If it cannot be made, or others run jobs there that want to be alone.
    pub fn open(path: &Path, what_for: Use) -> Result<Self> {
        Self::fits(path)?;
        if what_for == Use::Reading && !Self::is_one(path) {
            return Err(Error::input(path, "holds no sweep; run it first"));
        }
        let jobs = path.join(JOBS);
        fs::create_dir_all(path).map_err(Error::io(path))?;
        // The commands run in other folders.
        let path = fs::canonicalize(path).map_err(Error::io(path))?;
        let mark = path.join(MARK);
        let lock = match what_for {
            Use::Reading => None,
            _ => {
                let file = File::options().create(true).append(true).open(&mark);
                let file = file.map_err(Error::io(&mark))?;
                Some(Lock::of(file, what_for == Use::Alone).ok_or_else(|| {
                    Error::input(&path, "a sweep is at work there; wait for its end, or end it")
                })?)
            }
        };
        fs::create_dir_all(&jobs).map_err(Error::io(&jobs))?;
        // What cannot be read there is not there to be done anew.
        fs::read_dir(&jobs).map_err(Error::io(&jobs))?;
        let folder = Self { path, _lock: lock };
        if what_for == Use::Alone {
            folder.sweep_up()?;
        }
        Ok(folder)
    }

    /// Its absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where jobs' folders are.
    pub fn jobs(&self) -> PathBuf {
        self.path.join(JOBS)
    }

    /// What came of a job; none if it is not done.
    pub fn outcome(&self, job: &Job) -> Option<Outcome> {
        let bytes = fs::read(self.jobs().join(&job.id).join(RESULT)).ok()?;
        // What is damaged is done again.
        Outcome::read(&bytes).filter(|outcome| outcome.reports.len() <= job.commands.len())
    }

    /// Puts a job's folder, which lies beside its place, to its place: what is done is kept, what
    /// failed makes room.
    pub(super) fn take(&self, job: &Job, work: &Path, outcome: &Outcome) -> Result<()> {
        let bytes = serde_json::to_vec(outcome).map_err(|e| Error::request(e.to_string()))?;
        crate::output::write(&work.join(RESULT), &bytes)?;
        let place = self.jobs().join(&job.id);
        if self.outcome(job).is_some_and(|there| there.error.is_none()) {
            return Ok(());
        }
        self.forget(job)?;
        match fs::rename(work, &place) {
            // Someone beside us was faster; the bits are the same.
            Err(_) if self.outcome(job).is_some() => Ok(()),
            done => done.map_err(Error::io(&place)),
        }
    }

    /// Removes a job's result, and what it wrote.
    fn forget(&self, job: &Job) -> Result<()> {
        let place = self.jobs().join(&job.id);
        match place.exists() {
            true => fs::remove_dir_all(&place).map_err(Error::io(&place)),
            false => Ok(()),
        }
    }

    /// Removes what jobs left that were ended. A command that `kill -9` has left without its sweep
    /// may still write; what it does not let go now is removed another time.
    fn sweep_up(&self) -> Result<()> {
        let jobs = self.jobs();
        for entry in fs::read_dir(&jobs).map_err(Error::io(&jobs))? {
            let path = entry.map_err(Error::io(&jobs))?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
                let gone = || fs::remove_dir_all(&path).is_ok() || !path.exists();
                for _ in 0..20 {
                    if gone() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
        }
        Ok(())
    }
}

/// A file that is locked as long as this process has it open.
#[cfg(unix)]
#[derive(Debug)]
struct Lock {
    _held: Option<nix::fcntl::Flock<File>>,
}

#[cfg(unix)]
impl Lock {
    /// None if another process has it. A file system without locks is not an obstacle.
    fn of(file: File, alone: bool) -> Option<Self> {
        use nix::errno::Errno;
        use nix::fcntl::{Flock, FlockArg};
        let how = match alone {
            true => FlockArg::LockExclusiveNonblock,
            false => FlockArg::LockSharedNonblock,
        };
        match Flock::lock(file, how) {
            Ok(held) => Some(Self { _held: Some(held) }),
            Err((_, Errno::EWOULDBLOCK)) => None,
            Err(_) => Some(Self { _held: None }),
        }
    }
}

#[cfg(not(unix))]
#[derive(Debug)]
struct Lock(#[allow(dead_code)] File);

#[cfg(not(unix))]
impl Lock {
    fn of(file: File, _: bool) -> Option<Self> {
        Some(Self(file))
    }
}
