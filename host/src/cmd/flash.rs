//! `flash`: a bitstream onto its board.

use super::report::Context;
use fixlearn::build::{boards, flash};
use fixlearn::Result;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// A name that `fixlearn boards` shows
    #[arg(long)]
    board: String,
    /// The folder that build wrote
    folder: PathBuf,
    /// Write the flash, where the programmer would load the SRAM
    #[arg(long)]
    flash: bool,
    /// Print the command and stop
    #[arg(long)]
    dry_run: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let board = boards::find(&args.board)?;
    let words = flash::command(&board, &args.folder, args.flash)?;
    let line = words.iter().map(|w| quote(w)).collect::<Vec<_>>().join(" ");
    if !args.dry_run {
        flash::run(&board, &words)?;
    }
    context.report(&serde_json::json!({ "words": words, "ran": !args.dry_run }), || line)?;
    Ok(true)
}

/// As a shell reads it.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@".contains(c);
    match word.chars().all(plain) && !word.is_empty() {
        true => word.to_string(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
