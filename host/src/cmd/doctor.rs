//! `doctor`: the tools.

use super::report::Context;
use fixlearn::doctor::{self, Need};
use fixlearn::{Error, Result};

#[derive(clap::Args)]
pub struct Args {
    /// Install what is missing
    #[arg(long)]
    install: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    if args.install {
        doctor::ensure(Need::Bitstreams)?;
    }
    let tools = doctor::examine();
    context.report(&serde_json::json!({ "tools": tools }), || {
        let line = |t: &doctor::Tool| {
            let version = t.version.as_deref().unwrap_or("missing");
            format!("{:14} {version} ({})", t.program, t.what_for)
        };
        tools.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    match doctor::remedy(&tools, Need::Simulation) {
        None => Ok(true),
        Some(command) => Err(Error::request(format!("tools are missing; type: sudo {command}"))),
    }
}
