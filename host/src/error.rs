use std::path::{Path, PathBuf};

/// What can be wrong with a request or its surroundings. Each message is one line that says
/// what, where, and how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}: {}", name(path), words(source))]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path}: {message}")]
    Input { path: PathBuf, message: String },
    #[error("{0}")]
    Request(String),
    #[error("{port}: {message}")]
    Port { port: String, message: String },
    /// The device is there, but not as it was left.
    #[error(
        "{port}: the device was reset, or used by someone else, and lost its state; start again"
    )]
    Reset { port: String },
    #[error("interrupted")]
    Interrupted,
    #[error(transparent)]
    Model(#[from] fixlearn_sim::cosim::BuildError),
}

/// Standard output, as a file is named.
pub const STDOUT: &str = "-";

/// A file as a message names it.
fn name(path: &Path) -> String {
    match path == Path::new(STDOUT) {
        true => "stdout".into(),
        false => path.display().to_string(),
    }
}

/// What the system says, as one would say it to the user of a file.
pub fn words(error: &std::io::Error) -> String {
    use std::io::ErrorKind as Kind;
    let plain = match error.kind() {
        Kind::NotFound => "there is no such file or folder; check the path",
        Kind::PermissionDenied => "this user may not; change its permissions, or choose another",
        Kind::IsADirectory => "is a folder; name a file",
        Kind::NotADirectory => "a part of the path is a file, not a folder",
        Kind::StorageFull | Kind::QuotaExceeded => "no room is left on the disk; make some",
        Kind::ReadOnlyFilesystem => "the disk cannot be written to; choose another place",
        Kind::FileTooLarge => "the file would be larger than may be written here",
        Kind::InvalidFilename => "the name is too long or not allowed here; choose another",
        Kind::BrokenPipe => "what was to read it has ended",
        _ => return unnumbered(error),
    };
    plain.into()
}

/// What the system says, without the number that it has for it.
pub fn unnumbered(error: &std::io::Error) -> String {
    error.to_string().split(" (os error").next().unwrap_or_default().to_string()
}

/// The first rule that does not hold, as an error.
pub fn first_broken(rules: &[(bool, &str)]) -> std::result::Result<(), String> {
    match rules.iter().find(|(holds, _)| !holds) {
        Some((_, what)) => Err((*what).to_string()),
        None => Ok(()),
    }
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// For `map_err`: an input or output error at this path.
    pub fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
        move |source| Error::Io { path: path.to_owned(), source }
    }

    /// The file at this path is not what it should be.
    pub fn input(path: &Path, message: impl Into<String>) -> Error {
        // A library's message may have several lines.
        let message: String = message.into();
        let message = message.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        Error::Input { path: path.to_owned(), message }
    }

    pub fn request(message: impl Into<String>) -> Error {
        Error::Request(message.into())
    }
}
