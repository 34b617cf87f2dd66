//! Programs a board with its own programmer.

use super::boards::Board;
use super::report::Report;
use crate::doctor;
use crate::{Error, Result};
use std::path::Path;
use std::process::Command;

/// The program and its arguments that put the build in `folder` on the board.
///
/// # Errors
/// If the folder holds no build, or one for another board.
pub fn command(board: &Board, folder: &Path, flash: bool) -> Result<Vec<String>> {
    let report = Report::read(folder)?;
    if report.board != board.name {
        let message = format!("was built for {}; build for {}", report.board, board.name);
        return Err(Error::input(folder, message));
    }
    // A programmer takes what begins with a dash for an option.
    let dashed = folder.as_os_str().to_string_lossy().starts_with('-');
    let folder = if dashed { Path::new(".").join(folder) } else { folder.to_owned() };
    let bitstream = folder.join(format!("top.{}", board.family.packer().ending));
    if !std::fs::metadata(&bitstream).is_ok_and(|there| there.is_file() && there.len() > 0) {
        return Err(Error::input(&bitstream, "is missing or empty; build again"));
    }
    let programmer = &board.programmer;
    let to_flash = flash && !programmer.flash.is_empty();
    let arguments = if to_flash { &programmer.flash } else { &programmer.arguments };
    let mut words = vec![programmer.program.clone()];
    words.extend(arguments.iter().cloned());
    words.push(bitstream.display().to_string());
    Ok(words)
}

/// Runs it.
///
/// # Errors
/// If the programmer is missing or fails.
pub fn run(board: &Board, words: &[String]) -> Result<()> {
    let programmer = &board.programmer;
    let Some(program) = doctor::program(&programmer.program) else {
        let mend = match programmer.package.as_str() {
            "" => format!("{} comes with the board's own software", programmer.program),
            package => format!("on Debian or Ubuntu type: sudo apt-get install -y {package}"),
        };
        return Err(Error::request(format!("{} is not installed; {mend}", programmer.program)));
    };
    let status = Command::new(program)
        .args(&words[1..])
        .status()
        .map_err(|e| Error::request(format!("{} does not start: {e}", programmer.program)))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::request(format!(
        "{} failed ({status}); is {} connected, and may you open it?",
        programmer.program, board.title
    )))
}
