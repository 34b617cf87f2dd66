//! `board`: the simulated board behind a pseudo-terminal.

use super::printed::Context;
use fixlearn::link::port;
use fixlearn::outputs::Kind;
use fixlearn::{output, stop, Error, Result};
use fixlearn_hdl::design::{self, Target};
use fixlearn_sim::board::Faults;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// Which core it has
    #[arg(long, default_value = "vq")]
    core: String,
    /// Say the path of the pseudo-terminal and serve it
    #[arg(long, required = true)]
    pty: bool,
    /// A symbolic link that leads to the pseudo-terminal, whichever it is just then
    #[arg(long)]
    link: Option<PathBuf>,
    /// Write waves of every signal to this file (VCD)
    #[arg(long)]
    waves: Option<PathBuf>,
    /// Built size of the core, as `fixlearn build` takes it [default: the core's own]
    #[arg(long)]
    size: Option<String>,
    /// Faults on the line, as ber=1e-4,lost=0.01,reset@5000,seed=7; also doubled, inserted, breaks,
    /// stalls (shares of bytes), drift (of the baud), unplug@BYTES
    #[arg(long, default_value = "", hide_default_value = true)]
    faults: Faults,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let kind = design::find(&args.core).map_err(Error::Request)?;
    let size = args.size.clone().unwrap_or_else(|| kind.simulated_size());
    let design = kind.parse(&size, Target::SIMULATED).map_err(Error::Request)?;
    let link = args.link.as_deref().map(|path| port::link_to(path, context.force)).transpose()?;
    if let Some(path) = &args.waves {
        context.outputs::<&Path>([]).add("--waves", path, Kind::As(&["vcd"]))?;
        // Verilator does not say when it cannot write; this does.
        output::write(path, b"")?;
    }
    let board = port::simulated_board(design.as_ref(), &args.faults, args.waves.as_deref())?;
    let pty = port::open_pty(link)?;
    let path = pty.path().display().to_string();
    let stop = stop::flag();
    let value = serde_json::json!({ "path": path, "core": args.core, "size": design.size() });
    context.report(&value, || path.clone())?;
    pty.serve(board, &stop).map_err(|e| Error::Port {
        port: path,
        message: format!("the pseudo-terminal failed: {e}"),
    })?;
    Ok(true)
}
