//! Inputs: a format a file, and a line in the registry `FORMATS`.

mod csv;
mod npy;
mod picture;
mod samples;
mod selection;
mod table;
mod tsv;
pub mod wav;

pub use samples::{from_pixels, Layout, Quantization, Samples, Scale, Scaling};
pub use selection::{Missing, Selection, Taken};
pub use table::{Mend, Table};

use crate::{output, Error, Result};
use picture::Picture;
use std::path::{Path, PathBuf};

/// How a format is read.
enum Read {
    Picture(fn(&Path, &[u8]) -> Result<Picture>),
    /// The last argument says that the first line is names.
    Table(fn(&Path, &[u8], bool) -> Result<Table>),
}

/// Every format: the endings of its files, and its reader.
const FORMATS: &[(&[&str], Read)] = &[
    (&["png", "pgm", "pnm", "ppm"], Read::Picture(picture::read)),
    (&["npy"], Read::Table(npy::read)),
    (&["csv"], Read::Table(csv::read)),
    (&["tsv"], Read::Table(tsv::read)),
    (&["wav"], Read::Table(wav::read)),
];

fn format(path: &Path) -> Option<&'static Read> {
    let ending = ending(path);
    FORMATS.iter().find(|(endings, _)| endings.contains(&ending.as_str())).map(|(_, read)| read)
}

/// Its ending is of a format that can be an input.
pub fn is_format(path: &Path) -> bool {
    format(path).is_some()
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

/// Reads the inputs as samples: one table, or images of one size.
///
/// # Errors
/// If a file cannot be read, is not what its ending says, or holds what no sample can stand for.
pub fn load(
    paths: &[PathBuf],
    block: usize,
    header: bool,
    selection: &Selection,
    scaling: Scaling,
) -> Result<Samples> {
    let Some(first) = paths.first() else {
        return Err(Error::request("no input; name images of one size, or one table"));
    };
    match format(first) {
        Some(Read::Picture(_)) if !selection.is_all() => {
            let message = match scaling {
                Scaling::As(_) => "is a picture; the model was trained on a table",
                _ => "--features, --drop and --missing are of tables; this is a picture",
            };
            Err(Error::input(first, message))
        }
        Some(Read::Picture(_)) => images(paths, block, scaling),
        Some(Read::Table(_)) => {
            if paths.len() > 1 {
                return Err(Error::request("give one table at a time (several images are fine)"));
            }
            let table = cells(first, header)?;
            let mend = match scaling {
                Scaling::As(_) => Mend::Cell,
                _ => Mend::Learn,
            };
            let Taken { table, selection, unused } = selection.of(first, table, mend)?;
            table.say(first);
            let samples = samples::from_table(first, table, selection, scaling)?;
            Ok(Samples { unused, ..samples })
        }
        None => {
            Err(Error::input(first, format!("not a kind of input; give {}", endings(|_| true))))
        }
    }
}

fn images(paths: &[PathBuf], block: usize, scaling: Scaling) -> Result<Samples> {
    if !(1..=16).contains(&block) {
        return Err(Error::request(format!("blocks of {block} pixels; give 1 to 16")));
    }
    let mut pixels = Vec::new();
    let (mut size, mut greatest) = (None, Vec::new());
    for path in paths {
        let Some(Read::Picture(read)) = format(path) else {
            return Err(Error::input(path, "is no image; the inputs before it are"));
        };
        let bytes = std::fs::read(path).map_err(Error::io(path))?;
        let Picture { pixels: image, width, height, deep, most, notes } = read(path, &bytes)?;
        for note in notes {
            output::say(format_args!("{}: {note}", path.display()));
        }
        match size {
            None => size = Some((width, height)),
            Some(s) if s == (width, height) => {}
            Some((w, h)) => {
                return Err(Error::input(
                    path,
                    format!(
                        "is {width}x{height} pixels, the images before it {w}x{h}; give one size \
                         at a time"
                    ),
                ))
            }
        }
        pixels.extend_from_slice(&image);
        greatest.extend(deep.then_some(most));
    }
    let (width, height) = size.unwrap_or((0, 0));
    let samples = samples::from_deep(&pixels, width, height, block, scaling);
    // A model says this where it is learned.
    let learned = !matches!(scaling, Scaling::As(_)) && !samples.quantization.is_plain();
    if let Some(&first) = greatest.first().filter(|_| learned) {
        // In the file's own samples, if all files have the same.
        let most = if greatest.iter().all(|&most| most == first) { first } else { 65535 };
        let own = |pixel: &u16| f64::from(*pixel) * f64::from(most) / 65535.0;
        let (low, high) = table::range(pixels.iter().map(own));
        let what = match low == high {
            true => format!("all are {low:.0} of {most}"),
            false => format!("learned in 256 steps from {low:.0} to {high:.0} of {most}"),
        };
        output::say(format_args!("more than 8 bits a pixel: {what}"));
    }
    Ok(samples)
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
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let table = read(path, &bytes, header)?;
    if table.values.is_empty() {
        return Err(Error::input(path, table.noted("holds no numbers")));
    }
    Ok(table)
}
