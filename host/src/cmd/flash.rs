//! `flash`: a bitstream onto its board, and a self-test of what answers then.

use super::printed::Context;
use fixlearn::build::{boards, build, flash, Outcome, Request};
use fixlearn::link::choose;
use fixlearn::{output, selftest, tasks, Error, Result};
use fixlearn_hdl::design::KINDS;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// A name that `fixlearn boards` shows
    #[arg(long)]
    board: String,
    /// The folder that build wrote; with --selftest, the smallest design if none is given
    #[arg(required_unless_present = "selftest")]
    folder: Option<PathBuf>,
    /// Write the flash, where the programmer would load the SRAM
    #[arg(long)]
    flash: bool,
    /// Of several boards of a kind, the one with this USB serial number
    #[arg(long, value_name = "NUMBER")]
    serial: Option<String>,
    /// Print the command and stop
    #[arg(long)]
    dry_run: bool,
    /// Then learn 64 vectors on the board, compare every bit with the golden model, and print a
    /// line to send to us
    #[arg(long, conflicts_with = "dry_run", help_heading = "Self-test")]
    selftest: bool,
    /// Test what is on the board already
    #[arg(long, requires = "selftest", conflicts_with_all = ["folder", "flash", "serial"])]
    #[arg(help_heading = "Self-test")]
    no_flash: bool,
    /// The board's port: auto, the path of a serial port, or a name that `fixlearn ports` shows
    /// [default: auto, or the board of --serial]
    #[arg(long, requires = "selftest", help_heading = "Self-test")]
    port: Option<String>,
    /// Baud of the port [default: the board's]
    #[arg(long, requires = "selftest", help_heading = "Self-test")]
    #[arg(value_parser = clap::value_parser!(u32).range(300..))]
    baud: Option<u32>,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let board = boards::find(&args.board)?;
    if args.selftest {
        return tested(args, &board, context);
    }
    let Some(folder) = &args.folder else {
        return Err(Error::request("name the folder that build wrote"));
    };
    let words = command(args, &board, folder)?;
    let line = words.iter().map(|w| quote(w)).collect::<Vec<_>>().join(" ");
    if !args.dry_run {
        flash::run(&board, &words, args.serial.as_deref())?;
    }
    context.report(&serde_json::json!({ "words": words, "ran": !args.dry_run }), || line)?;
    Ok(true)
}

fn command(args: &Args, board: &boards::Board, folder: &Path) -> Result<Vec<String>> {
    flash::command(board, folder, args.flash, args.serial.as_deref())
}

/// Flashes, if it is to, and tests; false if the board has other bits than the golden model.
fn tested(args: &Args, board: &boards::Board, context: &Context) -> Result<bool> {
    let made = tempfile::tempdir().map_err(Error::io(&std::env::temp_dir()))?;
    if !args.no_flash {
        let folder = match &args.folder {
            Some(folder) => folder.clone(),
            None => smallest(board, &made.path().join("build"))?,
        };
        flash::run(board, &command(args, board, &folder)?, args.serial.as_deref())?;
    }
    let chosen = args.serial.as_ref().map(|number| format!("serial={number}"));
    let port = args.port.clone().or(chosen).unwrap_or_else(|| "auto".into());
    let serial = choose::serial(&port, args.baud.unwrap_or(board.baud))?;
    let found = selftest::run(serial, tasks::selftest)?;
    let equal = match &found.difference {
        None => format!("all bits equal after {} vectors", found.vectors),
        Some(what) => format!("FAILED after {} vectors: {what}", found.vectors),
    };
    let issue = format!(
        "fixlearn {} self-test, {}, {}, {} MHz, {} baud, round trip {} ms, {} {}: {equal}",
        env!("CARGO_PKG_VERSION"),
        board.title,
        found.core,
        f64::from(found.clock_hz) / 1e6,
        found.baud,
        found.round_trip_ms,
        std::env::consts::OS,
        std::env::consts::ARCH,
    );
    let passed = found.difference.is_none();
    let report = serde_json::json!({ "selftest": found, "board": board.name, "issue": issue });
    context.report(&report, || {
        format!("{issue}\n(Please open an issue with the line above: nobody has told us yet.)")
    })?;
    Ok(passed)
}

/// The smallest design of the board, built into this folder.
fn smallest(board: &boards::Board, folder: &Path) -> Result<PathBuf> {
    let kind = KINDS.iter().find(|kind| board.cores.contains_key(kind.core().name));
    let kind = kind.ok_or_else(|| Error::request(format!("{} has no core", board.title)))?;
    let request = Request::of(board, *kind)?;
    let size = kind.sizes().into_iter().rev().find(|size| !size.contains('+'));
    let request = Request { size: size.unwrap_or(request.size.clone()), ..request };
    output::say(format_args!("building {} {}, a minute", kind.core().name, request.size));
    match build(&request, folder)? {
        Outcome::Built(_) => Ok(folder.to_path_buf()),
        Outcome::TooLarge(why) => Err(Error::request(why)),
        Outcome::TooSlow(report) => Err(Error::request(format!(
            "the smallest design reaches {:.2} MHz of {:.2}; give the folder of another build",
            report.fmax_mhz, report.clock_mhz
        ))),
    }
}

/// As a shell reads it.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@".contains(c);
    match word.chars().all(plain) && !word.is_empty() {
        true => word.to_string(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
