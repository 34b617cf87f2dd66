//! The command line. Exit status: 0 done, 1 a check failed, 2 the request or the environment was
//! wrong, 130 interrupted.

mod cmd;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cmd::run(cmd::Cli::parse_from(cmd::expand(std::env::args_os()))) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(fixlearn::Error::Interrupted) => ExitCode::from(130),
        Err(e) => {
            eprintln!("fixlearn: {e}");
            ExitCode::from(2)
        }
    }
}
