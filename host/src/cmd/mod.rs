//! The command line: a file a command, and a line in [`commands!`] below.

mod args;
mod report;
mod rule;

use clap::{Parser, Subcommand};
use fixlearn::device::Device;
use fixlearn::run::Run;
use fixlearn::task::Task;
use fixlearn::{session, Error, Result};
use report::Context;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// Learning on small FPGAs in fixed point: train over UART, check bit for bit.
#[derive(Parser)]
#[command(version, max_term_width = 100, disable_help_flag = true)]
pub struct Cli {
    /// Print help
    #[arg(short, long, global = true, action = clap::ArgAction::HelpShort)]
    help: Option<bool>,
    /// Print what is reported as one JSON object
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

macro_rules! commands {
    ($($(#[$meta:meta])* $module:ident $name:literal $variant:ident;)*) => {
        $(mod $module;)*

        #[derive(Subcommand)]
        enum Command {
            $($(#[$meta])* #[command(name = $name)] $variant(Box<$module::Args>),)*
        }

        /// Runs a command; false if a check failed.
        ///
        /// # Errors
        /// If the request or its surroundings are wrong.
        pub fn run(cli: Cli) -> Result<bool> {
            match cli.command {
                $(Command::$variant(args) => {
                    $module::run(&args, &Context { json: cli.json, command: $name })
                })*
            }
        }
    };
}

commands! {
    /// Say which tools are there, what is missing, and how to get it
    doctor "doctor" Doctor;
    /// List the boards: device, clock, pins, programmer
    boards "boards" Boards;
    /// List the serial ports of this machine
    ports "ports" Ports;
    /// Make a bitstream for a board: Verilog, netlist, placement and report
    build "build" Build;
    /// Put a bitstream on its board
    flash "flash" Flash;
    /// Run a simulated board behind a pseudo-terminal until Ctrl-C
    board "board" Board;
    /// Learn a codebook from images, an .npy array or a CSV table
    train "train" Train;
    /// Learn a linear model of a table's column
    regress "regress" Regress;
    /// Minimize a function by quantized gradients
    optimize "optimize" Optimize;
    /// Adapt a filter that predicts a signal, or cancels a reference in it
    filter "filter" Filter;
    /// Turn an input into codebook indices
    encode "encode" Encode;
    /// Turn indices back into images (.png, .pgm) or a table (.csv, .npy)
    decode "decode" Decode;
    /// Predict a table's rows by a linear model, on the device
    predict "predict" Predict;
    /// Replay a run on the golden model; with --port, also on a device beside it
    check "check" Check;
    /// Write what a model has learned as .npy
    export "export" Export;
    /// Say what a run's file holds: task, core, settings, how far it came
    info "info" Info;
    /// Learn a generated angiogram on a simulated board and show the result
    demo "demo" Demo;
    /// Make sure of the tools and run every test
    #[command(hide = true)]
    verify "verify" Verify;
}

/// Commands of earlier versions: `train --core gradient` is `regress`.
pub fn expand(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut all: Vec<OsString> = arguments.into_iter().collect();
    let Some(at) = all.iter().position(|a| a == "train") else {
        return all;
    };
    let pair = all.windows(2).position(|w| w[0] == "--core");
    let (core, words) = match (pair, all.iter().position(|a| *a == *"--core=gradient")) {
        (Some(i), _) if i > at => (i, 2),
        (_, Some(i)) if i > at => (i, 1),
        _ => return all,
    };
    let gradient = words == 1 || all[core + 1] == "gradient";
    if gradient || all[core + 1] == "vq" {
        all.drain(core..core + words);
    }
    if gradient {
        all[at] = "regress".into();
    }
    all
}

/// Set by Ctrl-C.
fn stop_flag() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = stop.clone();
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed))
        .map_err(|e| Error::request(format!("Ctrl-C cannot be caught: {e}")))?;
    Ok(stop)
}

/// The run in --out, to go on from; none if there is none yet.
fn resumed<T>(
    resume: bool,
    out: &Path,
    read: impl FnOnce(&Path) -> Result<T>,
) -> Result<Option<T>> {
    if !resume {
        return Ok(None);
    }
    if matches!(out.try_exists(), Ok(false)) {
        eprintln!("fixlearn: {}: not there yet; starting from the beginning", out.display());
        return Ok(None);
    }
    read(out).map(Some)
}

/// Learns until the task is done; the port's time at which it began. `session::learn` writes the
/// run on its way and at its end; what an error or Ctrl-C has left is written here.
///
/// # Errors
/// As [`session::learn`](fixlearn::session::learn)'s.
fn learn<T: Task>(
    device: &mut Device<T::Core>,
    run: &mut Run<T>,
    data: &T::Data,
    out: Option<&Path>,
) -> Result<Duration> {
    let stop = stop_flag()?;
    device.client.stop = stop.clone();
    let begun = device.client.now();
    let outcome = session::learn(device, run, data, out, &stop);
    if let (Err(e), Some(path)) = (&outcome, out) {
        run.write(path)?;
        say_checkpoint(e, path, run.done, T::STEP);
    }
    outcome.map(|()| begun)
}

/// Says where the run is that an error has ended.
fn say_checkpoint(error: &Error, out: &Path, done: u64, what: &str) {
    let reason = match error {
        Error::Interrupted => "interrupted",
        _ => "ended",
    };
    eprintln!(
        "fixlearn: {reason} after {done} {what}, kept in {}; go on with the same command and \
         --resume",
        out.display()
    );
}
