//! `completions`: what a shell completes behind `fixlearn`.

use super::printed::Context;
use clap_complete::Shell;
use fixlearn::{words, Error, Result};
use std::io::Write as _;

#[derive(clap::Args)]
pub struct Args {
    /// The shell: bash, zsh, fish, elvish or powershell
    #[arg(value_enum, hide_possible_values = true)]
    shell: Shell,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    context.plain_text()?;
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "fixlearn", &mut script);
    match std::io::stdout().write_all(&script) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::request(format!("the script cannot be written: {}", words(&e))))
        }
        _ => Ok(true),
    }
}
