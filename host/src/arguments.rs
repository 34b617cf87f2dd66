//! How a program of fixlearn is called: its arguments, its errors in one line, its exit status: 0
//! done, 1 a check failed, 2 the request or the environment was wrong, 130 interrupted.

use crate::{output, stop, Error, Result};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Command};
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

/// What clap prints as it is.
const ANSWERS: [ErrorKind; 3] = [
    ErrorKind::DisplayHelp,
    ErrorKind::DisplayVersion,
    ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
];

/// Runs a program: what it is asked for, and, with its arguments, what it does; false if a check
/// failed.
pub fn enter<C: clap::FromArgMatches>(
    command: Command,
    arguments: impl IntoIterator<Item = OsString>,
    run: impl FnOnce(C, &ArgMatches) -> Result<bool>,
) -> ExitCode {
    let parsed = lenient(command).try_get_matches_from(arguments);
    let parsed = parsed.and_then(|matches| Ok((C::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(e) if ANSWERS.contains(&e.kind()) => return answer(&e),
        Err(mut e) => {
            near(&mut e);
            output::say(one_line(&e));
            return ExitCode::from(2);
        }
    };
    stop::block_limits();
    match stop::catch().and_then(|()| run(cli, &matches)) {
        Ok(holds) => {
            output::say_notes();
            if holds {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(1)
            }
        }
        Err(Error::Interrupted) => ExitCode::from(130),
        Err(e) => {
            output::fail(one_paragraph(&e.to_string()));
            ExitCode::from(2)
        }
    }
}

/// The same command line, in which a number below 0 is a value like any other; its option says
/// which it takes.
pub fn lenient(command: Command) -> Command {
    command.mut_subcommands(|command| {
        command.mut_args(|arg| match !arg.is_positional() && arg.get_action().takes_values() {
            true => arg.allow_negative_numbers(true),
            false => arg,
        })
    })
}

/// Says whether the command line takes these arguments, which begin with the program's name.
///
/// # Errors
/// In the words that a user of it would read.
pub fn takes(
    command: &mut Command,
    arguments: impl IntoIterator<Item = OsString>,
) -> std::result::Result<(), String> {
    match command.try_get_matches_from_mut(arguments) {
        Ok(_) => Ok(()),
        Err(e) if ANSWERS.contains(&e.kind()) => Err("asks for help".into()),
        Err(mut e) => {
            near(&mut e);
            Err(one_line(&e))
        }
    }
}

/// Prints what was asked for.
fn answer(answer: &clap::Error) -> ExitCode {
    match answer.print().and_then(|()| std::io::stdout().flush()) {
        // A reader that has gone away is no error of ours.
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            let why = crate::words(&e);
            output::say(format_args!("the help cannot be written: {why}"));
            ExitCode::from(2)
        }
        _ => ExitCode::from(answer.exit_code() as u8),
    }
}

/// What a parser of Rust's library says of a value, and what a user would be told.
const VALUES: [(&str, &str); 7] = [
    ("invalid digit found in string", "give a whole number of at least 0"),
    ("cannot parse integer from empty string", "give a whole number of at least 0"),
    ("number too large to fit in target type", "the number is too large"),
    ("number too small to fit in target type", "the number is too small"),
    ("number would be zero for non-zero type", "give a whole number of at least 1"),
    ("invalid float literal", "give a number"),
    ("cannot parse float from empty string", "give a number"),
];

/// Leaves a suggestion out of an error if it is not near what was given: clap finds many alike.
fn near(error: &mut clap::Error) {
    let pairs = [
        (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand),
        (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        (ContextKind::InvalidValue, ContextKind::SuggestedValue),
    ];
    for (given, suggested) in pairs {
        let Some(ContextValue::String(given)) = error.get(given).cloned() else { continue };
        let most = (given.trim_start_matches('-').chars().count() / 3).max(1);
        let near = |name: &String| strsim::osa_distance(&given, name) <= most;
        let kept = match error.remove(suggested) {
            Some(ContextValue::Strings(names)) => names.into_iter().filter(near).collect(),
            Some(ContextValue::String(name)) => Vec::from_iter(Some(name).filter(near)),
            _ => continue,
        };
        match <[String; 1]>::try_from(kept) {
            Ok([name]) => error.insert(suggested, ContextValue::String(name)),
            Err(kept) if kept.is_empty() => None,
            Err(kept) => error.insert(suggested, ContextValue::Strings(kept)),
        };
    }
}

/// What clap says in several lines, without the usage.
fn one_line(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::MissingSubcommand {
        return "name a command; `fixlearn --help` lists them".into();
    }
    let text = error.to_string();
    let said = text.split("\n\n").map(str::trim_start);
    let said = said.filter(|p| !p.starts_with("Usage") && !p.starts_with("For more"));
    let words = said.map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut line = words.collect::<Vec<_>>().join("; ");
    if error.kind() == ErrorKind::ValueValidation {
        for (said, plain) in VALUES {
            if let Some(start) = line.strip_suffix(said) {
                line = format!("{start}{plain}");
            }
        }
    }
    let more = match error.kind() {
        ErrorKind::InvalidSubcommand => "`fixlearn --help` lists the commands",
        _ => "`fixlearn help` and `--help` say more",
    };
    format!("{}; {more}", line.trim_start_matches("error: "))
}

/// A message in one line that a terminal can show, whatever names it holds.
fn one_paragraph(text: &str) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.len() > 4000 {
        line = line.chars().take(4000).chain("...".chars()).collect();
    }
    line
}
