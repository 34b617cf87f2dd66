//! `completions`: the script by which a shell completes what stands behind `fixlearn`.

use super::printed::Context;
use clap_complete::Shell;
use fixlearn::{report, Result};

#[derive(clap::Args)]
pub struct Args {
    /// The shell: bash, zsh, fish, elvish or powershell
    #[arg(value_enum, hide_possible_values = true)]
    shell: Shell,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    context.plain_text()?;
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::shown(), "fixlearn", &mut script);
    let script = String::from_utf8_lossy(&script);
    report::text(script.strip_suffix('\n').unwrap_or(&script))?;
    Ok(true)
}
