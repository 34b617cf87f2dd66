//! Axes: what varies in a sweep, and the files that its jobs read.

use super::folder::RESULT;
use crate::{output, Error, Result};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use toml::Value as Toml;

/// What is said without its place in the plan.
pub(super) type Checked<T> = std::result::Result<T, String>;

/// A value of an axis.
#[derive(Clone, Debug)]
pub struct Value {
    /// As tables and plots show it.
    pub shown: String,
    /// The words of a command line that it stands for.
    pub(super) words: Vec<String>,
    /// The same, with a file's digest in place of its path.
    pub(super) key: Vec<String>,
}

/// Something that varies, or a file, which perhaps does not.
#[derive(Clone, Debug)]
pub struct Axis {
    pub name: String,
    /// Each once.
    pub values: Vec<Value>,
    /// Their numbers, as the plan lists them: of axes that go together, a value may stand there
    /// more than once.
    pub(super) listed: Vec<usize>,
    /// It is a column of the table: all but files that are the same in every job.
    pub is_shown: bool,
    /// Its values stand as words of their own, not within others.
    pub(super) is_whole: bool,
}

impl Axis {
    fn new(name: &str, listed: Vec<Value>, is_shown: bool, is_whole: bool) -> Self {
        let mut values: Vec<Value> = Vec::new();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut number = |value: Value| {
            *numbers.entry(value.shown.clone()).or_insert_with(|| {
                values.push(value);
                values.len() - 1
            })
        };
        let listed = listed.into_iter().map(&mut number).collect();
        Self { name: name.into(), values, listed, is_shown, is_whole }
    }
}

/// Where in the plan, and what is wrong there; the plan's reader adds the file.
pub(super) fn fault(place: &str, why: String) -> Error {
    Error::request(format!("{place}: {why}"))
}

/// The words of a command line.
pub(super) fn split(text: &str) -> Checked<Vec<String>> {
    shlex::split(text).ok_or_else(|| format!("`{text}`: a quote is not closed"))
}

/// An axis: a list of values, or a table of names and options.
pub(super) fn axis(name: &str, values: &Toml) -> Checked<Axis> {
    let of = |value: &Toml| {
        let text = match value {
            Toml::String(text) => text.clone(),
            Toml::Integer(number) => number.to_string(),
            Toml::Float(number) => output::number(*number),
            Toml::Boolean(yes) => yes.to_string(),
            other => {
                let kind = other.type_str();
                return Err(format!("a value is a text, a number, true or false, not a {kind}"));
            }
        };
        place(&text)?;
        Ok(Value { shown: text.clone(), words: vec![text.clone()], key: vec![text] })
    };
    let (values, is_whole) = match values {
        Toml::Array(values) => (values.iter().map(of).collect::<Checked<_>>()?, false),
        Toml::Table(options) => {
            let of = |(shown, options): (&String, &Toml)| {
                let words = split(options.as_str().ok_or_else(|| {
                    format!("`{shown}` stands for options, as \"--rate-shift 4\"")
                })?)?;
                words.iter().try_for_each(|word| place(word))?;
                Ok(Value { shown: shown.clone(), key: words.clone(), words })
            };
            (options.iter().map(of).collect::<Checked<_>>()?, true)
        }
        _ => return Err("an axis is a list of values, or a table of names and options".into()),
    };
    Ok(Axis::new(name, values, true, is_whole))
}

/// A word leads nowhere outside the job's folder.
pub(super) fn place(word: &str) -> Checked<()> {
    if word.contains('\0') {
        return Err("holds a NUL, which no command line can have; leave it out".into());
    }
    // Of an option, its value: behind `=`, or behind one letter.
    let value = match word.split_once('=').filter(|(option, _)| option.starts_with('-')) {
        Some((_, value)) => value,
        None if word.starts_with('-') && !word.starts_with("--") => {
            word.char_indices().nth(2).map_or("", |(at, _)| &word[at..])
        }
        None => word,
    };
    let path = Path::new(value);
    if path.has_root() || path.components().any(|part| part == std::path::Component::ParentDir) {
        return Err(format!(
            "`{word}` leads out of the job's own folder; name what is read in [files], and give \
             what is written a name in that folder"
        ));
    }
    match path.file_name().is_some_and(|name| name == RESULT) {
        true => Err(format!("`{word}`: {RESULT} is the sweep's own file; choose another name")),
        false => Ok(()),
    }
}

/// Files that jobs read: a path, or an axis of paths, each perhaps of several files.
pub(super) fn files(name: &str, paths: &Toml, folder: &Path) -> Result<Axis> {
    let place = format!("files.{name}");
    let kind = || {
        fault(
            &place,
            "a path, a list of paths, or a list of lists of files that go together".into(),
        )
    };
    let one = |path: &Toml| -> Result<(String, String, String)> {
        let text = path.as_str().ok_or_else(kind)?;
        let path = folder.join(text);
        // By its name it is known how to read it.
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (digest, words) = (format!("{} {name}", digest(&path)?), path.to_str());
        let words = words.ok_or_else(|| Error::input(&path, "is no name in UTF-8; rename it"))?;
        Ok((text.to_string(), words.to_string(), digest))
    };
    let several = |paths: &[Toml]| -> Result<Value> {
        let all = paths.iter().map(one).collect::<Result<Vec<_>>>()?;
        let each =
            |of: fn(&(String, String, String)) -> &String| all.iter().map(of).cloned().collect();
        let shown: Vec<String> = each(|file| &file.0);
        Ok(Value { shown: shown.join(" "), words: each(|file| &file.1), key: each(|file| &file.2) })
    };
    let of = |value: &Toml| match value {
        Toml::Array(paths) => several(paths),
        path => several(std::slice::from_ref(path)),
    };
    let (values, is_shown) = match paths {
        Toml::Array(values) => (values.iter().map(of).collect::<Result<_>>()?, true),
        path => (vec![of(path)?], false),
    };
    Ok(Axis::new(name, values, is_shown, true))
}

/// What stands for a file's bytes.
fn digest(path: &Path) -> Result<String> {
    if !std::fs::metadata(path).map_err(Error::io(path))?.is_file() {
        return Err(Error::input(path, "is no file; name one"));
    }
    let mut file = std::fs::File::open(path).map_err(Error::io(path))?;
    let mut hash = Sha256::new();
    std::io::copy(&mut file, &mut hash).map_err(Error::io(path))?;
    Ok(hex(&hash.finalize()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
