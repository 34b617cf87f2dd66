//! The command line.

mod cmd;

use std::process::ExitCode;

fn main() -> ExitCode {
    fixlearn::arguments::enter(cmd::command(), cmd::expand(std::env::args_os()), cmd::run)
}
