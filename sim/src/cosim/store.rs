//! Files that are kept from one run to the next. Each ends with the SHA-256 of its name and of what
//! stands before it, so that one that is empty, cut, damaged or another's is as good as none; who
//! loads libraries does not mind what follows them.
//!
//! A file's time is that of its last use. Where they become too many, those that were not used for
//! the longest are removed; who has one open, or has loaded it, keeps what it was.

use sha2::{Digest, Sha256};
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What was kept there, if it is still whole; it counts as used.
pub(super) fn get(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = fs::read(path).ok()?;
    let (kept, hash) = bytes.split_last_chunk::<32>()?;
    if digest(path, kept) != *hash {
        return None;
    }
    bytes.truncate(kept.len());
    // In a cache that cannot be written, nothing is removed either.
    let _ = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
    Some(bytes)
}

/// Removes files and folders of these names that were not used for the longest, until the others
/// take so many bytes at most. What was used within the last hour stays, since a build that runs
/// beside this one may need it.
pub(super) fn bound(folder: &Path, ours: impl Fn(&Path) -> bool, bytes: u64) {
    const RECENT: Duration = Duration::from_secs(3600);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut kept: Vec<(SystemTime, u64, PathBuf)> = entries
        .filter(|entry| ours(&entry.path()))
        .filter_map(|entry| Some((entry.metadata().ok()?, entry.path())))
        .map(|(there, path)| {
            let (used, size) = if there.is_dir() { within(&path) } else { used(&there) };
            (used, size, path)
        })
        .collect();
    kept.sort();
    let mut all: u64 = kept.iter().map(|(_, size, _)| size).sum();
    let oldest = kept.into_iter().take_while(|(used, ..)| {
        SystemTime::now().duration_since(*used).is_ok_and(|age| age > RECENT)
    });
    for (_, size, path) in oldest {
        if all <= bytes {
            return;
        }
        // Another program may have removed it.
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        all -= size;
    }
}

/// When it was used, and its size.
fn used(there: &fs::Metadata) -> (SystemTime, u64) {
    (there.modified().unwrap_or_else(|_| SystemTime::now()), there.len())
}

/// When the last of a folder's files was used, and their sizes.
fn within(folder: &Path) -> (SystemTime, u64) {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter_map(|file| file.metadata().ok())
        .map(|there| used(&there))
        .fold((SystemTime::UNIX_EPOCH, 0), |(last, all), (used, size)| (last.max(used), all + size))
}

pub(super) fn is_whole(path: &Path) -> bool {
    get(path).is_some()
}

/// Keeps this. It appears whole, in the place of what was there, and outlasts a loss of power.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let readable = Permissions::from_mode(0o644);
    let mut file = tempfile::Builder::new().permissions(readable).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.write_all(&digest(path, bytes))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(folder)?.sync_all()
}

fn digest(path: &Path, bytes: &[u8]) -> [u8; 32] {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    Sha256::new().chain_update(name).chain_update(bytes).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_kept_is_given() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kept");
        put(&path, b"before").expect("kept");
        put(&path, b"a library").expect("kept");
        assert_eq!(get(&path).as_deref(), Some(&b"a library"[..]));
        let whole = fs::read(&path).expect("a file");
        let cut = (0..whole.len()).map(|n| whole[..n].to_vec());
        let flipped = (0..8 * whole.len()).map(|bit| {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        });
        for damaged in cut.chain(flipped).chain([[&whole[..], &[0]].concat()]) {
            fs::write(&path, &damaged).expect("written");
            assert_eq!(get(&path), None);
        }
        let other = folder.path().join("other");
        fs::write(&other, whole).expect("written");
        assert_eq!(get(&other), None, "another file's content");
        assert_eq!(get(folder.path()), None, "a folder");
    }
}
