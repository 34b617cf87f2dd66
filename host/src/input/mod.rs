//! Inputs: a format a file, and a line in the registry `FORMATS`.

mod coarse;
mod csv;
mod npy;
mod picture;
mod samples;
mod selection;
mod sequence;
mod table;
mod tsv;
pub mod wav;

pub use coarse::Coarse;
pub(crate) use npy::read_at;
pub use npy::Rows;
pub use samples::{from_pixels, Layout, Quantization, Samples, Scale, Scaling};
pub use selection::{Missing, Selection, Taken};
pub use sequence::{frames, scaled, Frames};
pub use table::numbers;
pub use table::{range, Mend, Table};

use crate::{output, Error, Result};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// How a format is read.
enum Read {
    Picture,
    /// The last argument says that the first line is names.
    Table(fn(&Path, &[u8], bool) -> Result<Table>),
}

/// Every format: the endings of its files, and its reader.
const FORMATS: &[(&[&str], Read)] = &[
    (
        &["png", "pgm", "ppm", "pnm", "apng", "jpg", "jpeg", "tif", "tiff", "bmp", "gif", "dcm"],
        Read::Picture,
    ),
    (&["npy"], Read::Table(npy::read)),
    (&["csv"], Read::Table(csv::read)),
    (&["tsv"], Read::Table(tsv::read)),
    (&["wav"], Read::Table(wav::read)),
];

fn format(path: &Path) -> Option<&'static Read> {
    named(path).or_else(|| {
        // DICOM files are often named by numbers alone.
        let path = Some(path).filter(|path| !output::is_special(path))?;
        let (file, mut head) = (std::fs::File::open(path).ok()?, Vec::new());
        file.take(132).read_to_end(&mut head).ok()?;
        picture::is_dicom(&head).then_some(&Read::Picture)
    })
}

/// The format that its ending names.
fn named(path: &Path) -> Option<&'static Read> {
    let ending = ending(path);
    FORMATS.iter().find(|(endings, _)| endings.contains(&ending.as_str())).map(|(_, read)| read)
}

/// It is read as a picture.
pub fn is_picture(path: &Path) -> bool {
    matches!(format(path), Some(Read::Picture))
}

/// A table in it may hold words.
pub fn may_hold_words(path: &Path) -> bool {
    ["csv", "tsv"].contains(&ending(path).as_str())
}

/// Its ending is of a format that can be an input.
pub fn is_format(path: &Path) -> bool {
    named(path).is_some()
}

/// Says whether it is of a format that can be an input.
///
/// # Errors
/// Naming those that are.
pub fn known(path: &Path) -> Result<()> {
    format(path).map(drop).ok_or_else(|| unknown(path))
}

fn unknown(path: &Path) -> Error {
    if path.is_dir() {
        return Error::input(path, "is a folder; name the files in it, as FOLDER/*.png");
    }
    Error::input(path, format!("not a kind of input; give {}", endings(|_| true)))
}

/// The ending of a file's name, in small letters.
pub fn ending(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// The endings of these formats, as a message names them.
fn endings(of: impl Fn(&Read) -> bool) -> String {
    let some = FORMATS.iter().filter(|(_, read)| of(read)).flat_map(|(endings, _)| endings.iter());
    let all: Vec<String> = some.map(|ending| format!(".{ending}")).collect();
    match all.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => all.concat(),
    }
}

/// What a file holds: one that has an end. That is a regular file, or a pipe that whoever has begun
/// this process gave it, as `/dev/stdin` and a shell's `<(...)` are; a named pipe would be waited
/// for, and a device may have no end.
///
/// # Errors
/// If it is something else, or cannot be read.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    let there = std::fs::metadata(path).map_err(Error::io(path))?;
    if !there.is_file() && !there.is_dir() && !is_given_pipe(path, &there) {
        let message = "is a device or a named pipe; name a file";
        return Err(Error::input(path, message));
    }
    std::fs::read(path).map_err(Error::io(path))
}

#[cfg(unix)]
fn is_given_pipe(path: &Path, there: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let open = ["/dev/stdin", "/dev/fd", "/proc"].iter().any(|place| path.starts_with(place));
    open && there.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_given_pipe(_: &Path, _: &std::fs::Metadata) -> bool {
    false
}

/// How pictures are cut into vectors.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Side of a block in pixels.
    pub block: usize,
    /// Colours are turned into grey; else they are three planes.
    pub grey: bool,
}

/// The first of some inputs.
///
/// # Errors
/// If there is none.
pub fn first(paths: &[PathBuf]) -> Result<&Path> {
    let first = paths.first().map(PathBuf::as_path);
    first.ok_or_else(|| Error::request("no input; name images of one size, or one table"))
}

/// Reads the inputs as samples: one table, or images of one size.
///
/// # Errors
/// If a file cannot be read, is not what its ending says, or holds what no sample can stand for.
pub fn load(
    paths: &[PathBuf],
    cut: Cut,
    header: bool,
    selection: &Selection,
    scaling: Scaling,
) -> Result<Samples> {
    let first = first(paths)?;
    match format(first) {
        Some(Read::Picture) if !selection.is_all() => {
            let message = match scaling {
                Scaling::As(_) => "is a picture; the model was trained on a table",
                _ => "--features, --drop and --missing are of tables; this is a picture",
            };
            Err(Error::input(first, message))
        }
        Some(Read::Picture) => images(paths, cut, scaling),
        Some(Read::Table(_)) => {
            if paths.len() > 1 {
                return Err(Error::request("give one table at a time (several images are fine)"));
            }
            of_table(first, cells(first, header)?, selection, scaling)
        }
        None => Err(unknown(first)),
    }
}

/// A table as samples; `path` is what messages name.
///
/// # Errors
/// If it holds what no sample can stand for.
pub fn of_table(
    path: &Path,
    table: Table,
    selection: &Selection,
    scaling: Scaling,
) -> Result<Samples> {
    let mend = match scaling {
        Scaling::As(_) => Mend::Cell,
        _ => Mend::Learn,
    };
    let Taken { table, selection, unused } = selection.of(path, table, mend)?;
    table.say(path);
    let samples = samples::from_table(path, table, selection, scaling)?;
    Ok(Samples { unused, ..samples })
}

/// Columns of the only input, if that is a `.npy` array, as its header says.
pub fn array_columns(paths: &[PathBuf]) -> Option<usize> {
    match paths {
        [path] => npy::columns(path),
        _ => None,
    }
}

/// Bytes of an array of 8 bits that are held; more stay in their file.
const HELD: usize = 1 << 28;

/// As [`load`], of what is to be learned: rows of 8 bits that are samples as they are, of one file,
/// are read as they are learned if they are many.
///
/// # Errors
/// As [`load`]'s.
pub fn load_rows(
    paths: &[PathBuf],
    cut: Cut,
    header: bool,
    selection: &Selection,
    scaling: Scaling,
) -> Result<Samples> {
    let rows = match paths {
        [path] if selection.is_all() => Rows::open(path),
        _ => None,
    };
    let samples = rows.map(|rows| Samples::of_rows(rows, scaling, HELD)).transpose()?;
    match samples.flatten() {
        Some(samples) => Ok(samples),
        None => load(paths, cut, header, selection, scaling),
    }
}

fn images(paths: &[PathBuf], cut: Cut, scaling: Scaling) -> Result<Samples> {
    let Cut { block, grey } = cut;
    if !(1..=16).contains(&block) {
        return Err(Error::request(format!("blocks of {block} pixels; give 1 to 16")));
    }
    if let Some(path) = paths.iter().find(|path| !is_picture(path)) {
        return Err(Error::input(path, "is no image; the inputs before it are"));
    }
    Ok(samples::from_frames(&sequence::scaled(paths, grey, scaling)?, block))
}

/// Reads a table whose cells may be other things than numbers; what it was taken for is not said.
///
/// # Errors
/// If the file is none, or holds nothing.
pub fn cells(path: &Path, header: bool) -> Result<Table> {
    let Some(Read::Table(read)) = format(path) else {
        let known = endings(|read| matches!(read, Read::Table(_)));
        return Err(Error::input(path, format!("tables are {known}")));
    };
    let table = read(path, &bytes(path)?, header)?;
    if table.values.is_empty() {
        let message = match table.named {
            true => "has names but no rows below them; give some rows",
            false => "holds no numbers; give a table of some rows",
        };
        return Err(Error::input(path, table.noted(message)));
    }
    Ok(table)
}
