//! Where a command's results go: looked at before anything is done.

use crate::input::{self, ending};
use crate::{codec, output, run, stages, Error, Result};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What kind of file an output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A run; `true` if it may go on from the one that is there.
    Run(bool),
    /// An index file.
    Indices,
    /// A file of stages; `true` if learning may go on from the checkpoint that is there.
    Encoding(bool),
    /// In the format of its ending, which is one of these.
    As(&'static [&'static str]),
    /// The same, in place of what was made before of a run that goes on.
    Anew(&'static [&'static str]),
}

/// Endings that say of a file what neither a run nor an index file is.
const OTHERS: &[&str] = &["svg", "html", "json"];

/// The outputs of a command.
#[derive(Debug)]
pub struct Outputs {
    inputs: Vec<PathBuf>,
    outputs: Vec<(&'static str, PathBuf)>,
    force: bool,
}

impl Outputs {
    /// Of a command that reads these; `force` lets it replace what it finds.
    pub fn new<P: AsRef<Path>>(inputs: impl IntoIterator<Item = P>, force: bool) -> Self {
        let inputs = inputs.into_iter().map(|path| path.as_ref().to_owned()).collect();
        Self { inputs, outputs: Vec::new(), force }
    }

    /// One more, of this option.
    ///
    /// # Errors
    /// If its ending is of another kind of file, it is an input or another output, it cannot be
    /// written where it is, or something is there that is not to be replaced.
    pub fn add(&mut self, option: &'static str, path: &Path, kind: Kind) -> Result<()> {
        let wrong = |message: String| Err(Error::input(path, message));
        let end = ending(path);
        match kind {
            // What stays where it is needs no ending, if there is no choice of formats.
            Kind::As([_]) if output::is_special(path) => {}
            Kind::As(endings) | Kind::Anew(endings) if !endings.contains(&end.as_str()) => {
                let known: Vec<String> = endings.iter().map(|e| format!(".{e}")).collect();
                return wrong(format!("{option} is written as {}", known.join(" or ")));
            }
            Kind::Run(_) | Kind::Indices | Kind::Encoding(_) => {
                let run = matches!(kind, Kind::Run(_));
                let other = OTHERS.contains(&end.as_str()) && !(run && end == "json");
                if other || input::is_format(path) {
                    let (what, usual) = match kind {
                        Kind::Run(_) => ("a run", ".json"),
                        Kind::Encoding(_) => ("an encoded file", ".flvq"),
                        _ => ("an index file", ".idx"),
                    };
                    return wrong(format!(
                        "{option} names {what}, not a .{end}; end it in {usual}"
                    ));
                }
            }
            Kind::As(_) | Kind::Anew(_) => {}
        }
        if self.inputs.iter().any(|input| same(input, path)) {
            return wrong(format!("{option} would replace an input; choose another name"));
        }
        if let Some((other, _)) = self.outputs.iter().find(|(_, other)| same(other, path)) {
            return wrong(format!("{option} and {other} are the same file; choose another name"));
        }
        self.outputs.push((option, path.to_owned()));
        output::take(path);
        output::can_write(path)?;
        match std::fs::metadata(path) {
            Ok(there) if there.is_file() && there.len() > 0 => self.replaces(option, path, kind),
            Ok(there)
                if !there.is_file() && matches!(kind, Kind::Run(true) | Kind::Encoding(true)) =>
            {
                wrong("is no regular file; --resume goes on from what is kept in a file".into())
            }
            Ok(_) => Ok(()),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            Err(e) => Err(Error::io(path)(e)),
        }
    }

    /// The same of an option that was perhaps not given.
    ///
    /// # Errors
    /// As [`Outputs::add`].
    pub fn add_given(
        &mut self,
        option: &'static str,
        path: Option<&Path>,
        kind: Kind,
    ) -> Result<()> {
        path.map_or(Ok(()), |path| self.add(option, path, kind))
    }

    /// Whether what is there may be replaced.
    fn replaces(&self, option: &str, path: &Path, kind: Kind) -> Result<()> {
        let (ours, mend) = match kind {
            Kind::Run(true) | Kind::Encoding(true) | Kind::Anew(_) => return Ok(()),
            Kind::Run(false) => {
                let mend = match run::open(path) {
                    Ok(_) => "--resume goes on from it, --force replaces it",
                    Err(_) => "--force replaces it",
                };
                (run::is_file(path), mend)
            }
            Kind::Encoding(false) => {
                (stages::is_file(path), "--resume goes on from a checkpoint, --force replaces it")
            }
            Kind::Indices => (codec::is_file(path), "--force replaces it"),
            Kind::As(_) => (true, "--force replaces it"),
        };
        match (ours, self.force) {
            (true, true) => Ok(()),
            (true, false) => Err(Error::input(path, format!("is there already; {mend}"))),
            (false, _) => {
                let message = format!(
                    "is there already, and is nothing that {option} writes; choose another name"
                );
                Err(Error::input(path, message))
            }
        }
    }
}

/// Two paths lead to one file, or would.
pub fn same(a: &Path, b: &Path) -> bool {
    // Without opening them: a pipe without a partner would be waited for.
    #[cfg(unix)]
    let same = {
        use std::os::unix::fs::MetadataExt;
        let place = |path: &Path| std::fs::metadata(path).map(|m| (m.dev(), m.ino()));
        place(a).and_then(|a| Ok(a == place(b)?))
    };
    #[cfg(not(unix))]
    let same = same_file::is_same_file(a, b);
    // One is not there yet: they are the same place, or not.
    same.unwrap_or_else(|_| output::target(a) == output::target(b))
}
