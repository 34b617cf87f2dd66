//! Files appear whole or not at all: written beside their place, then renamed.

use crate::error::{words, STDOUT};
use crate::stop::Left;
use crate::{Error, Result};
use indicatif::ProgressState;
use std::fs::{self, File, OpenOptions};
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Writes the file: a new one with the mode that the umask leaves, one that is there with its mode
/// and, where that is allowed, its owner. A link stays, and its target is written. What is no
/// regular file, as a device or a pipe, is written to; `-` is stdout.
///
/// # Errors
/// As the file system's; the file that was there before is then as it was.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_by(path, |file| file.write_all(bytes))
}

/// The same of what `fill` writes.
///
/// # Errors
/// As [`write()`]'s, and what `fill` says.
pub fn write_by(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    if path == Path::new(STDOUT) {
        let mut stdout = std::io::stdout().lock();
        return fill(&mut stdout).and_then(|()| stdout.flush()).map_err(Error::io(path));
    }
    if is_special(path) {
        let file = OpenOptions::new().write(true).open(path);
        return file.and_then(|mut file| fill(&mut file)).map_err(Error::io(path));
    }
    let place = target(path);
    let mut file = beside(&place).map_err(Error::io(path))?;
    let _left = Left::new(file.path());
    fill(&mut file).map_err(Error::io(path))?;
    file.as_file().sync_all().map_err(Error::io(path))?;
    if let Ok(old) = fs::metadata(&place) {
        like(file.as_file(), &old).map_err(Error::io(path))?;
    }
    file.persist(&place).map_err(|e| Error::Io { path: path.to_owned(), source: e.error })?;
    Ok(())
}

static TAKEN: AtomicBool = AtomicBool::new(false);

/// Keeps stdout for a file, if that is what this path means: nothing else belongs there then.
pub fn take(path: &Path) {
    TAKEN.fetch_or(path == Path::new(STDOUT), Ordering::Relaxed);
}

/// Whether stdout is kept for a file.
pub fn stdout_is_taken() -> bool {
    TAKEN.load(Ordering::Relaxed)
}

/// Says whether [`write()`] could write there, and leaves everything as it is.
///
/// # Errors
/// If it is a folder, its folder is not there, or no file can be made in it.
pub fn can_write(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Err(Error::input(path, "is a folder; name a file"));
    }
    if is_special(path) {
        return Ok(());
    }
    let place = target(path);
    if !folder(&place).is_dir() {
        let message = format!("{} is no folder; make it first", folder(&place).display());
        return Err(Error::input(path, message));
    }
    beside(&place).map(drop).map_err(|e| {
        // The system's words name the temporary file, which nobody asked for.
        let why = match e.kind() {
            std::io::ErrorKind::NotFound => "the system does not allow it; choose another".into(),
            _ => words(&e),
        };
        let message = format!("no file can be made in {}: {why}", folder(&place).display());
        Error::input(path, message)
    })
}

/// It is stdout, or there and no regular file: something that is written to, and stays.
pub fn is_special(path: &Path) -> bool {
    path == Path::new(STDOUT) || fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir())
}

/// The place that a path leads to, whether or not there is something: its folder without links,
/// and the target of a link.
pub fn target(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // As many links in a row as Linux follows.
    for _ in 0..40 {
        let Ok(link) = fs::read_link(&path) else { break };
        path = folder(&path).join(link);
    }
    match (fs::canonicalize(folder(&path)), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

/// A temporary file in the folder of this place.
fn beside(place: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".fixlearn-");
    // Temporary files are private; this one is a result like any other.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(place))
}

/// Gives the file the mode of an old one, and its owner if this user may.
fn like(file: &File, old: &fs::Metadata) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{fchown, MetadataExt};
        let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    }
    file.set_permissions(old.permissions())
}

/// A `.npy` array of float64, `rows` x `columns`.
pub fn npy(
    rows: usize,
    columns: usize,
    values: impl IntoIterator<Item = f64>,
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

/// A number with the digits that tell it from all others; in scientific notation where it would
/// otherwise be long.
pub fn number(x: f64) -> String {
    match x == 0.0 || !x.is_finite() || (1e-5..1e16).contains(&x.abs()) {
        true => x.to_string(),
        false => format!("{x:e}"),
    }
}

/// A number with so many digits behind the point, in the same way.
pub fn rounded(x: f64, digits: usize) -> String {
    let least = 10_f64.powi(-(digits as i32));
    match x == 0.0 || !x.is_finite() || (least..1e9).contains(&x.abs()) {
        true => format!("{x:.digits$}"),
        false => format!("{x:.digits$e}"),
    }
}

/// So many of these: `1 row`, `2 rows`.
pub fn count(number: usize, what: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {what}{end}")
}

/// Words of a command as one would type them.
pub fn typed(words: &[String]) -> String {
    let quoted = shlex::try_join(words.iter().map(String::as_str));
    quoted.unwrap_or_else(|_| words.join(" "))
}

/// Text of a file in one line, its beginning if it is long.
pub fn shown(text: &str) -> String {
    let one = |c: char| match c.is_control() {
        true => c.escape_debug().to_string(),
        false => c.to_string(),
    };
    text.chars().take(40).map(one).collect()
}

/// A CSV table: a line of names, if there are any, and the rows.
pub fn csv<'a>(names: &'a [String], rows: impl Iterator<Item = &'a [String]>) -> Vec<u8> {
    let mut table = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    // Writing to memory does not fail.
    let names = Some(names).filter(|names| !names.is_empty());
    names.into_iter().chain(rows).for_each(|row| drop(table.write_record(row)));
    table.into_inner().unwrap_or_default()
}

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Loudness {
    Quiet,
    Usual,
    Verbose,
}

static LOUDNESS: OnceLock<Loudness> = OnceLock::new();

/// Decides from here on how much is said: errors alone, or also what is done; the first that
/// decides counts.
pub fn set_loudness(quiet: bool, verbose: bool) {
    LOUDNESS.get_or_init(|| match (quiet, verbose) {
        (true, _) => Loudness::Quiet,
        (_, true) => Loudness::Verbose,
        _ => Loudness::Usual,
    });
}

fn loudness() -> Loudness {
    *LOUDNESS.get().unwrap_or(&Loudness::Usual)
}

/// Says what is done, to those who asked for it.
pub fn detail(text: impl FnOnce() -> String) {
    if loudness() == Loudness::Verbose {
        say(text());
    }
}

/// Who hears what is said, and sees how far work is, in a program that fixlearn is a part of.
pub trait Listener: Sync {
    /// A line of what would be said on stderr.
    fn line(&self, text: String);

    /// The bar of what is now done, which nothing draws.
    fn bar(&self, bar: &indicatif::ProgressBar);
}

static LISTENER: OnceLock<&'static dyn Listener> = OnceLock::new();

/// Gives all lines and bars to this listener from here on; the first that is given stays.
pub fn listen(listener: &'static dyn Listener) {
    LISTENER.get_or_init(|| listener);
}

/// Says on a terminal, as a progress bar would, that the simulation of this is built.
pub fn say_build(what: &str) {
    if LISTENER.get().is_none() && std::io::stderr().is_terminal() {
        say(format_args!("building the simulation of {what} (once; then it is kept)"));
    }
}

/// A progress bar on a terminal; nothing in a pipe.
pub fn progress(length: u64, what: &str) -> indicatif::ProgressBar {
    if let Some(listener) = LISTENER.get() {
        let bar = indicatif::ProgressBar::hidden();
        bar.set_length(length);
        listener.bar(&bar);
        return bar;
    }
    if loudness() == Loudness::Quiet {
        return indicatif::ProgressBar::hidden();
    }
    let bar = indicatif::ProgressBar::new(length);
    style(&bar, BAR);
    bar.set_message(what.to_string());
    bar
}

const BAR: &str = "{msg:>10} [{bar:30}] {pos}/{len} {rate} {eta}";

fn style(bar: &indicatif::ProgressBar, template: &str) {
    if let Ok(style) = indicatif::ProgressStyle::with_template(template) {
        let rate = |state: &ProgressState, to: &mut dyn std::fmt::Write| {
            // The text of a bar is not lost.
            let _ = write!(to, "{:.0}/s", state.per_sec());
        };
        bar.set_style(style.with_key("rate", rate).progress_chars("=> "));
    }
}

static WATCHED: AtomicBool = AtomicBool::new(false);

/// From here on what is learned is to be watched: the curve stands above the bar.
pub fn set_watched() {
    WATCHED.store(true, Ordering::Relaxed);
    if !std::io::stderr().is_terminal() {
        note("--watch draws on a terminal, and stderr is none: nothing is drawn");
    }
}

/// Draws a curve above a bar, if it is to be watched, on a terminal of so many columns and lines.
pub fn watch(bar: &indicatif::ProgressBar, curve: impl FnOnce(u16, u16) -> String) {
    if WATCHED.load(Ordering::Relaxed) && !bar.is_hidden() {
        let size = terminal_size::terminal_size_of(std::io::stderr());
        let (columns, lines) = size.map_or((80, 24), |(columns, lines)| (columns.0, lines.0));
        let curve = curve(columns, lines);
        let above = if curve.is_empty() { "" } else { "{prefix}\n" };
        style(bar, &format!("{above}{BAR}"));
        bar.set_prefix(curve);
    }
}

/// Takes a bar away; the curve that was watched stays.
pub fn finish(bar: &indicatif::ProgressBar) {
    let curve = bar.prefix();
    bar.finish_and_clear();
    if !curve.is_empty() {
        say(curve);
    }
}

static NOTES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Says a line of an input: once all that was asked for is looked at, since an error comes alone.
/// A listener has it at once.
pub fn note(text: impl std::fmt::Display) {
    if LISTENER.get().is_some() {
        return line(text);
    }
    NOTES.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_string());
}

/// The lines that are held back, in their order; they are so no longer.
fn notes() -> Vec<String> {
    std::mem::take(&mut NOTES.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Says the lines that were held back: the work begins, or is done.
pub fn say_notes() {
    notes().into_iter().for_each(line);
}

/// Says what has ended the program, without the lines that are still held back.
pub fn fail(text: impl std::fmt::Display) {
    drop(notes());
    print(text);
}

/// Says a line on stderr, if there is someone to hear it.
pub fn say(text: impl std::fmt::Display) {
    say_notes();
    line(text);
}

fn line(text: impl std::fmt::Display) {
    if loudness() > Loudness::Quiet {
        print(text);
    }
}

fn print(text: impl std::fmt::Display) {
    if let Some(listener) = LISTENER.get() {
        return listener.line(text.to_string());
    }
    let _ = writeln!(std::io::stderr(), "fixlearn: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_is_short_and_comes_back(bits: u64) {
            let x = f64::from_bits(bits);
            prop_assume!(x.is_finite());
            let text = number(x);
            prop_assert!(text.len() <= 25, "{text}");
            prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(x.to_bits()));
        }

        #[test]
        fn a_rounded_number_is_short_and_near(bits: u64, digits in 0_usize..8) {
            let x = f64::from_bits(bits);
            prop_assume!(x.abs() < 1e308);
            let text = rounded(x, digits);
            prop_assert!(text.len() <= 20, "{text}");
            let near: f64 = text.parse().expect("a number");
            let step = 10_f64.powi(-(digits as i32));
            prop_assert!((near - x).abs() <= 0.51 * step * x.abs().max(1.0), "{text}");
        }
    }
}
