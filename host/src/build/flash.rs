//! Programs a board with its own programmer.

use super::boards::Board;
use super::report::Report;
use crate::doctor;
use crate::usb::{self, Device};
use crate::{Error, Result};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// The program and its arguments that put the build in `folder` on the board, or on the one of
/// this USB serial number.
///
/// # Errors
/// If the folder holds no build, or one for another board; or the programmer cannot choose.
pub fn command(
    board: &Board,
    folder: &Path,
    flash: bool,
    serial: Option<&str>,
) -> Result<Vec<String>> {
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
    if let Some(number) = serial {
        if programmer.serial.is_empty() {
            let (program, title) = (&programmer.program, &board.title);
            return Err(Error::request(format!(
                "--serial: {program} cannot choose between boards; leave one {title} plugged in"
            )));
        }
        words.extend(programmer.serial.iter().map(|word| word.replace("{}", number)));
    }
    words.extend(arguments.iter().cloned());
    words.push(bitstream.display().to_string());
    Ok(words)
}

/// Runs it; what it prints goes to stderr.
///
/// # Errors
/// If the programmer is missing or fails, with what is seen of the board; or if it is not said
/// which of several boards is meant.
pub fn run(board: &Board, words: &[String], serial: Option<&str>) -> Result<()> {
    let programmer = &board.programmer;
    let Some(program) = doctor::program(&programmer.program) else {
        let mend = match programmer.package.as_str() {
            "" => format!("{} comes with the board's own software", programmer.program),
            package => format!("on Debian or Ubuntu type: sudo apt-get install -y {package}"),
        };
        return Err(Error::request(format!("{} is not installed; {mend}", programmer.program)));
    };
    let sys = Path::new("/sys");
    choice(board, usb::devices(sys).as_deref(), serial)?;
    let does_not = |e: io::Error| {
        let why = crate::unnumbered(&e);
        Error::request(format!("{} does not start: {why}", programmer.program))
    };
    let (status, said) = passed_on(Command::new(program).args(&words[1..])).map_err(does_not)?;
    if status.success() || programmer.done.as_ref().is_some_and(|done| said.contains(done)) {
        return Ok(());
    }
    let seen = seen(board, usb::devices(sys).as_deref());
    Err(Error::request(format!("{} failed ({status}); {seen}", programmer.program)))
}

/// Runs it, and passes on what it prints; the end of that, too.
fn passed_on(command: &mut Command) -> io::Result<(ExitStatus, String)> {
    /// Of what is kept.
    const END: usize = 1 << 16;
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let (mut said, mut piece) = (Vec::new(), [0; 1024]);
    if let Some(mut out) = child.stdout.take() {
        while let Ok(n @ 1..) = out.read(&mut piece) {
            // A stderr that has gone changes nothing.
            let _ = io::stderr().write_all(&piece[..n]);
            said.extend_from_slice(&piece[..n]);
            said.drain(..said.len().saturating_sub(END));
        }
    }
    Ok((child.wait()?, String::from_utf8_lossy(&said).into_owned()))
}

/// Those of the board's kind.
fn alike<'a>(board: &Board, devices: &'a [Device]) -> Vec<&'a Device> {
    devices.iter().filter(|device| device.usb == board.usb).collect()
}

/// Says whether it is clear which board is meant.
///
/// # Errors
/// If there are several of its kind and none is chosen, or the one that is chosen is not there.
pub fn choice(board: &Board, devices: Option<&[Device]>, serial: Option<&str>) -> Result<()> {
    let Some(devices) = devices else { return Ok(()) };
    let alike = alike(board, devices);
    let numbers: Vec<&str> = alike.iter().filter_map(|d| d.serial_number.as_deref()).collect();
    let there = numbers.join(", ");
    let (title, usb) = (&board.title, &board.usb);
    match serial {
        Some(number) if !alike.is_empty() && !numbers.contains(&number) => {
            let there = if there.is_empty() { "none has a number".into() } else { there };
            Err(Error::request(format!(
                "--serial {number}: no USB device {usb} of that number is there, but: {there}"
            )))
        }
        None if alike.len() > 1 => {
            let mend = match numbers.len() == alike.len() && !board.programmer.serial.is_empty() {
                true => format!("choose one with --serial and its number: {there}"),
                false => "leave one of them plugged in".into(),
            };
            let many = alike.len();
            Err(Error::request(format!(
                "{many} USB devices {usb} are there, as {title} has one; {mend}"
            )))
        }
        _ => Ok(()),
    }
}

/// What is seen of a board that could not be programmed, and the mend.
pub fn seen(board: &Board, devices: Option<&[Device]>) -> String {
    let (title, usb) = (&board.title, &board.usb);
    let Some(devices) = devices else {
        return format!("is {title} connected, and may you open it?");
    };
    let alike = alike(board, devices);
    if alike.is_empty() {
        return format!(
            "there is no USB device {usb}, which {title} has; connect it with a cable that \
             carries data, or, if it has another programmer, use that one"
        );
    }
    match alike.iter().find(|device| !usb::may_open(&device.node)) {
        Some(closed) => format!(
            "{title} is there, but you may not open {}; put this line into {} and plug it in \
             again: {}",
            closed.node.display(),
            usb::RULES,
            usb::rule("usb", usb)
        ),
        None => format!(
            "{title} is there, and you may open it; what the programmer says above is the reason"
        ),
    }
}
