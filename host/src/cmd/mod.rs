//! The command line: a file a command, and a line in [`commands!`] below.

mod args;
mod lowbit;
mod printed;
mod rule;
mod staged;

use args::ResidentArgs;
use clap::{ArgMatches, CommandFactory, Parser, Subcommand};
use fixlearn::device::Device;
use fixlearn::run::{say_kept, Run};
use fixlearn::task::Task;
use fixlearn::tasks::TASKS;
use fixlearn::{output, session, stop, Error, Result};
use fixlearn_hdl::design;
use fixlearn_sim::golden::Core;
use printed::{Context, Far, LinkReport};
use serde::Serialize;
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
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
    /// Replace files that are there
    #[arg(long, global = true)]
    force: bool,
    /// Say nothing but errors and the report
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say what is done: the device, programs, and each mark of the curve
    #[arg(short, long, global = true)]
    verbose: bool,
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
        pub fn run(cli: Cli, matches: &ArgMatches) -> Result<bool> {
            let Cli { json, force, quiet, verbose, .. } = cli;
            output::set_loudness(quiet, verbose);
            match cli.command {
                $(Command::$variant(args) => {
                    let given = given(matches);
                    $module::run(&args, &Context { json, force, given, command: $name })
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
    /// Learn a codebook from pictures, an .npy array or a CSV table
    train "train" Train;
    /// Learn a Kohonen map of a table or of pictures, and draw it
    map "map" Map;
    /// Learn a linear model of a table's column
    regress "regress" Regress;
    /// Minimize a function by quantized gradients
    optimize "optimize" Optimize;
    /// Adapt a filter that predicts a signal, or cancels a reference in it
    filter "filter" Filter;
    /// Learn which columns of a table go with which, on a Boltzmann machine
    associate "associate" Associate;
    /// Learn where a source is from what quantizing nodes send
    fuse "fuse" Fuse;
    /// Train a network in floating point (a program of its own, fixlearn-lowbit)
    pretrain "pretrain" Pretrain;
    /// Round a network to 2 to 8 bits, without its data (fixlearn-lowbit, too)
    quantize "quantize" Quantize;
    /// Put a low-bit network on a device, and count how often it is right
    load "load" Load;
    /// Turn an input into codebook indices, or learn and compress it by stages
    encode "encode" Encode;
    /// Turn indices back into images (.png, .pgm, .ppm) or a table (.csv, .npy)
    decode "decode" Decode;
    /// Predict a table's rows by a linear model or a network, on the device
    predict "predict" Predict;
    /// Replay a run on the golden model; with --port, also on a device beside it
    check "check" Check;
    /// Write what a model has learned as .npy, .csv, .h or .hex
    export "export" Export;
    /// Say what a run's file holds: task, core, settings, how far it came
    info "info" Info;
    /// Show a run as one page: curves, what was learned, hardware, how to repeat it
    report "report" Report;
    /// Run other commands at every point of some axes, and plot the trade-offs
    sweep "sweep" Sweep;
    /// Measure speed and memory: the golden model beside other programs, growth, boards
    bench "bench" Bench;
    /// Learn a generated angiogram on a simulated board and show the result
    demo "demo" Demo;
    /// Write the rules that let you open a board's programmer and UART, and say what to do
    init "init" Init;
    /// Print the completion script of a shell
    completions "completions" Completions;
    /// Write the manual pages
    man "man" Man;
    /// Make sure of the tools and run every test
    #[command(hide = true)]
    verify "verify" Verify;
}

/// The command line; `--size` of a command says the sizes of the cores that it learns on, or asks.
pub fn command() -> clap::Command {
    let others = [("encode", vec!["train"]), ("predict", vec!["regress", "load"])];
    let own = TASKS.iter().map(|task| (task.command, vec![task.command]));
    others.into_iter().chain(own).fold(Cli::command(), |cli, (name, like)| {
        let tasks = TASKS.iter().filter(|task| like.contains(&task.command));
        let kinds = tasks.filter_map(|task| design::find(task.core).ok());
        let forms: Vec<String> = kinds.map(|kind| kind.form()).collect();
        let before = match TASKS.iter().any(|task| task.command == name && task.streams) {
            true => "; behind each +packed, and +samples64K or +sdram32M",
            false if name != "optimize" => "; behind each +packed",
            false => "",
        };
        let help = format!("Size behind sim, core and golden: {}{before}", forms.join("; or "));
        cli.mut_subcommand(name, |command| command.mut_arg("size", |size| size.help(help)))
    })
}

/// The same without what is for those who work on the program.
fn shown() -> clap::Command {
    let all = command();
    let shown = all.get_subcommands().filter(|command| !command.is_hide_set());
    clap::Command::new("fixlearn")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_flag(true)
        .args(all.get_arguments().cloned())
        .subcommands(shown.cloned())
}

/// The options of the command that were given, by their names in its `Args`.
fn given(matches: &ArgMatches) -> Vec<String> {
    let Some((_, matches)) = matches.subcommand() else { return Vec::new() };
    let given = |id: &&clap::Id| {
        matches.value_source(id.as_str()) == Some(clap::parser::ValueSource::CommandLine)
    };
    matches.ids().filter(given).map(ToString::to_string).collect()
}

/// Says whether what was given goes with a run to go on from: each option that has a field of its
/// name, or of the name beside it in `renamed`, asks for what the run was begun with.
///
/// # Errors
/// Naming the first that does not.
fn unchanged(
    context: &Context,
    out: &Path,
    was: &impl Serialize,
    asked: &impl Serialize,
    renamed: &[(&str, &str)],
) -> Result<()> {
    let value = |x: serde_json::Result<Value>| x.map_err(|e| Error::input(out, e.to_string()));
    let (was, asked) = (value(serde_json::to_value(was))?, value(serde_json::to_value(asked))?);
    for id in &context.given {
        let field = renamed.iter().find(|(name, _)| name == id).map_or(id.as_str(), |pair| pair.1);
        let (Some(was), Some(asked)) = (was.get(field), asked.get(field)) else { continue };
        if was != asked {
            return Err(another(out, id));
        }
    }
    Ok(())
}

/// Says whether options have a use: they are `of` something that is not asked for unless `used`.
///
/// # Errors
/// Naming the first that was given and has none.
fn of_use(context: &Context, used: bool, options: &[&str], of: &str) -> Result<()> {
    match options.iter().find(|id| !used && context.was_given(id)) {
        Some(id) => {
            let option = id.replace('_', "-");
            Err(Error::request(format!("--{option} is of {of}; leave it out")))
        }
        None => Ok(()),
    }
}

/// A run with the resident vectors that are asked for.
///
/// # Errors
/// If it was begun with others.
fn resident<T: Task>(
    mut run: Run<T>,
    asked: &ResidentArgs,
    resumed: bool,
    out: Option<&Path>,
) -> Result<Run<T>> {
    let asked = asked.resident();
    match out.filter(|_| resumed && asked.is_some() && asked != run.resident) {
        Some(out) => return Err(another(out, "resident")),
        None if !resumed => run.resident = asked,
        None => {}
    }
    Ok(run)
}

/// An option asks for what the run was not begun with.
fn another(out: &Path, id: &str) -> Error {
    let option = id.replace('_', "-");
    let message = format!(
        "was begun with another --{option}; leave the option out, or begin anew without --resume"
    );
    Error::input(out, message)
}

/// Says whether an option asks for at least the steps that a run has done.
///
/// # Errors
/// If it asks for fewer.
fn enough<T: Task>(run: &Run<T>, data: &T::Data, out: &Path, option: (&str, u64)) -> Result<()> {
    if run.plan.steps(data) >= run.done {
        return Ok(());
    }
    let ((option, given), what) = (option, T::STEP);
    let message = format!("has {} {what} done already, more than --{option} {given}", run.done);
    Err(Error::input(out, message))
}

/// Commands of earlier versions: `train --core gradient` is `regress`.
pub fn expand(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut all: Vec<OsString> = arguments.into_iter().collect();
    // The command is the first word that is no option, behind the program's name.
    let first = all.iter().skip(1).position(|a| !a.to_string_lossy().starts_with('-'));
    let Some(at) = first.map(|at| at + 1).filter(|&at| all[at] == "train") else {
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
        output::note(format_args!("{}: not there yet; starting from the beginning", out.display()));
        return Ok(None);
    }
    read(out).map(Some)
}

/// What came of learning: there is something to report, whatever has ended it.
struct Ended {
    /// The port's time at which it began.
    begun: Duration,
    far: Far,
    /// What the command ends with, after its report.
    error: Option<Error>,
}

impl Ended {
    /// What the link did; of the device's counters alone it is asked, and only if it is there.
    fn link<C: Core>(&self, device: &mut Device<C>) -> Result<LinkReport> {
        let counters = match self.error {
            None => match device.client.counters() {
                // All is learned and kept.
                Err(Error::Reset { port }) => {
                    output::say(format_args!(
                        "{port}: the device lost its state, and its counters, when all was done"
                    ));
                    None
                }
                counters => Some(counters?),
            },
            Some(_) => None,
        };
        Ok(LinkReport::new(&device.client, self.begun, counters, self.far))
    }

    /// What the device answers once all is learned; nothing if learning was ended. An error there
    /// ends the command after its report, like one while learning.
    fn answers<A>(&mut self, out: &Path, ask: impl FnOnce() -> Result<A>) -> Option<A> {
        if self.error.is_some() {
            return None;
        }
        match ask() {
            Ok(answers) => Some(answers),
            Err(e) => {
                say_kept(&e, out, self.far.done, self.far.unit);
                self.far.interrupted = true;
                self.error = Some(e);
                None
            }
        }
    }

    /// Whether the other files of a command are to be written: not if it was interrupted, so that
    /// the same command with --resume finds the places as this one did. Then it is said which.
    fn writes(&self, files: &[(&str, &Option<PathBuf>)]) -> bool {
        let given: Vec<&str> =
            files.iter().filter(|(_, path)| path.is_some()).map(|(option, _)| *option).collect();
        if self.far.interrupted && !given.is_empty() {
            output::say(format_args!(
                "{}: not written, since the command was interrupted before the end of the run",
                given.join(", ")
            ));
        }
        !self.far.interrupted
    }

    /// The end of the command, after its report.
    fn result(self) -> Result<bool> {
        self.error.map_or(Ok(true), Err)
    }
}

/// Learns until the task is done. `session::learn` writes the run on its way and at its end; what
/// an error or Ctrl-C has left is written here, and is still to be reported. A run of which nothing
/// is learned yet replaces no file.
///
/// # Errors
/// As [`session::learn`](fixlearn::session::learn)'s, if nothing was learned.
fn learn<T: Task>(
    device: &mut Device<T::Core>,
    run: &mut Run<T>,
    data: &T::Data,
    out: Option<&Path>,
) -> Result<Ended> {
    let stop = stop::flag();
    let (begun, before) = (device.client.now(), run.done);
    let mut error = session::learn(device, run, data, &session::in_file(out), &stop).err();
    let had = if let Some(Error::Interrupted) = error { 0 } else { before };
    match (&error, out) {
        (Some(e), Some(path)) if run.done > had => match run.write(path) {
            Ok(()) => say_kept(e, path, run.done, T::STEP),
            Err(e) => error = Some(e),
        },
        (Some(Error::Interrupted), Some(path)) => say_as_it_was(path),
        _ => {}
    }
    let (done, total) = (run.done, run.plan.steps(data));
    let interrupted = done < total && !run.is_over();
    let far = Far { done, unit: T::STEP, total, interrupted };
    match error {
        Some(e) if run.done == before && !matches!(e, Error::Interrupted) => Err(e),
        error => Ok(Ended { begun, far, error }),
    }
}

/// What is made before learning begins; if that is interrupted, it is said.
fn before_learning<V>(made: Result<V>, out: &Path) -> Result<V> {
    if let Err(Error::Interrupted) = &made {
        say_as_it_was(out);
    }
    made
}

/// The file that is named, or the one beside a run, with the run's name and this ending.
///
/// # Errors
/// If the run has no name; what is to be named is said before.
fn beside(named: &Option<PathBuf>, run: &Path, ending: &str, mend: &str) -> Result<PathBuf> {
    match named {
        Some(named) => Ok(named.clone()),
        None if output::is_special(run) => {
            Err(Error::request(format!("{mend}, since the run has no name")))
        }
        None => Ok(run.with_extension(ending)),
    }
}

/// Says that an interrupted command has left its file alone.
fn say_as_it_was(out: &Path) {
    let is = if out.exists() { "is as it was" } else { "is not written" };
    let before = if output::is_special(out) { "its end" } else { "its first checkpoint" };
    output::say(format_args!(
        "interrupted before {before}; {} {is}; begin with the same command",
        out.display()
    ));
}

/// Says how many of the values a model's samples cannot stand for.
fn say_outside(outside: usize, all: usize) {
    if outside > 0 {
        output::note(format_args!(
            "{outside} of {all} values are outside the range that the model was trained on; the \
             nearest within stands for them"
        ));
    }
}
