//! Files appear whole or not at all: written beside their place, then renamed.

use crate::{Error, Result};
use std::io::Write;
use std::path::Path;

/// Writes the file.
///
/// # Errors
/// As the file system's; the file that was there before is then as it was.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let directory = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".fixlearn-")
        .tempfile_in(directory)
        .map_err(Error::io(path))?;
    file.write_all(bytes).map_err(Error::io(path))?;
    file.as_file().sync_all().map_err(Error::io(path))?;
    // Temporary files are private; this one is a result like any other.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(mode).map_err(Error::io(path))?;
    }
    file.persist(path).map_err(|e| Error::Io { path: path.to_owned(), source: e.error })?;
    Ok(())
}

/// A `.npy` array of float32, `rows` x `columns`.
pub fn npy(
    rows: usize,
    columns: usize,
    values: impl IntoIterator<Item = f32>,
) -> std::io::Result<Vec<u8>> {
    use npyz::WriterBuilder;
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&[rows as u64, columns as u64])
        .writer(&mut bytes)
        .begin_nd()?;
    writer.extend(values)?;
    writer.finish()?;
    Ok(bytes)
}

/// A progress bar on a terminal; nothing in a pipe.
pub fn progress(length: u64, what: &str) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new(length);
    let template = "{msg:>10} [{bar:30}] {pos}/{len} {per_sec} {eta}";
    if let Ok(style) = indicatif::ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what.to_string());
    bar
}

/// Says on stderr that the device lost its state, and from where a run goes on.
pub fn say_reset(port: &str, done: u64, of_what: &str) {
    eprintln!("fixlearn: {port}: the device lost its state; going on from {of_what} {done}");
}
