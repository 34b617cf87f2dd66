//! `man`: the manual pages, made of the same declarations as `--help`.

use super::printed::Context;
use clap_mangen::Man;
use fixlearn::outputs::Kind;
use fixlearn::{output, Error, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The folder for the pages, one a command, as ~/.local/share/man/man1; it is made if it is not
    /// there
    folder: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let pages = pages().map_err(Error::io(&args.folder))?;
    if args.folder.exists() && !args.folder.is_dir() {
        return Err(Error::input(&args.folder, "is a file; name a folder"));
    }
    std::fs::create_dir_all(&args.folder).map_err(Error::io(&args.folder))?;
    let mut outputs = context.outputs::<PathBuf>([]);
    let pages: Vec<(PathBuf, Vec<u8>)> =
        pages.into_iter().map(|(name, page)| (args.folder.join(name), page)).collect();
    for (path, _) in &pages {
        outputs.add("FOLDER", path, Kind::As(&["1"]))?;
    }
    for (path, page) in &pages {
        output::write(path, page)?;
    }
    let files: Vec<String> = pages.iter().map(|(path, _)| path.display().to_string()).collect();
    context.report(&serde_json::json!({ "files": files }), || {
        let (folder, count) = (args.folder.display(), output::count(files.len(), "page"));
        let first = output::typed(&["man".into(), format!("{folder}/fixlearn.1")]);
        format!("{folder}: {count}; `{first}` shows the first")
    })?;
    Ok(true)
}

/// Every page: its file's name and its text.
fn pages() -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = super::command().disable_help_subcommand(true);
    // Gives each command its whole name.
    command.build();
    let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
    let page = |command: &clap::Command| {
        let mut text = Vec::new();
        Man::new(command.clone()).render(&mut text)?;
        let name = command.get_display_name().unwrap_or(command.get_name());
        Ok((format!("{name}.1"), text))
    };
    std::iter::once(&command).chain(shown).map(page).collect()
}
