//! The command line. Exit status: 0 done, 1 a check failed, 2 the request or the environment was
//! wrong, 130 interrupted.

mod cmd;

use clap::error::ErrorKind;
use clap::Parser;
use std::process::ExitCode;

/// What clap prints as it is.
const ANSWERS: [ErrorKind; 3] = [
    ErrorKind::DisplayHelp,
    ErrorKind::DisplayVersion,
    ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
];

fn main() -> ExitCode {
    let cli = match cmd::Cli::try_parse_from(cmd::expand(std::env::args_os())) {
        Ok(cli) => cli,
        Err(e) if ANSWERS.contains(&e.kind()) => e.exit(),
        Err(e) => {
            eprintln!("fixlearn: {}", one_line(&e));
            return ExitCode::from(2);
        }
    };
    match cmd::run(cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(fixlearn::Error::Interrupted) => ExitCode::from(130),
        Err(e) => {
            eprintln!("fixlearn: {e}");
            ExitCode::from(2)
        }
    }
}

/// What clap says in several lines, without the usage.
fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let said = text.split("\n\n").filter(|p| !p.starts_with("Usage") && !p.starts_with("For more"));
    let words = said.map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "));
    let line = words.collect::<Vec<_>>().join("; ");
    format!("{}; `fixlearn help` and `--help` say more", line.trim_start_matches("error: "))
}
