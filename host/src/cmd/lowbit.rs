//! Commands of the program for low-bit networks, which is installed by itself: it holds a
//! deep-learning library.

use super::printed::Context;
use fixlearn::{words, Error, Result};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// The program.
const PROGRAM: &str = "fixlearn-lowbit";

/// Keeps the C library from giving large blocks of memory back at every step, which takes a third
/// of the time.
const MEMORY: [(&str, &str); 2] =
    [("MALLOC_MMAP_THRESHOLD_", "1000000000"), ("MALLOC_TRIM_THRESHOLD_", "4000000000")];

#[derive(clap::Args)]
pub struct Args {
    /// Print help
    #[arg(short, long)]
    help: bool,
    /// What is given to it
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let flags = [(args.help, "--help"), (context.json, "--json"), (context.force, "--force")];
    let flags = flags.into_iter().filter(|(given, _)| *given).map(|(_, flag)| flag.into());
    let arguments: Vec<OsString> = flags.chain(args.arguments.iter().cloned()).collect();
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(PROGRAM));
    let place = beside.filter(|path| path.is_file());
    let place = place.as_deref().unwrap_or(Path::new(PROGRAM));
    let mut command = Command::new(place);
    command.arg(context.command).args(arguments).envs(MEMORY);
    match replace(&mut command) {
        Ok(status) => std::process::exit(status),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let missing = format!(
                "`{}` needs the program {PROGRAM}, which is neither beside fixlearn nor in PATH; \
                 `cargo install --path host/lowbit` installs it",
                context.command
            );
            if args.help {
                println!("{}", missing.replace("; ", ";\n"));
                return Ok(true);
            }
            Err(Error::request(missing))
        }
        Err(e) => Err(Error::request(format!("{}: {}", place.display(), words(&e)))),
    }
}

/// Becomes this program; where that is not to be had, runs it, and gives its status.
fn replace(command: &mut Command) -> std::io::Result<i32> {
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(command));
    #[cfg(not(unix))]
    return command.status().map(|status| status.code().unwrap_or(2));
}
