//! `doctor`: the tools.

use super::printed::Context;
use fixlearn::doctor::{self, Need, Tool};
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
    context.report(&serde_json::json!({ "tools": tools }), || text(&tools))?;
    match doctor::remedy(&tools, Need::Simulation) {
        None => Ok(true),
        Some(command) => Err(Error::request(format!("tools are missing; type: sudo {command}"))),
    }
}

/// What each tool is for, and which there is, by what they are needed for.
fn text(tools: &[Tool]) -> String {
    let width = |of: fn(&Tool) -> &str| tools.iter().map(|t| of(t).len()).max().unwrap_or(0);
    let (program, what_for) = (width(|t| t.program), width(|t| t.what_for));
    let mut lines = Vec::new();
    for (need, title) in [
        (Need::Simulation, "The simulated board (--port sim; golden and real boards need none)"),
        (Need::Bitstreams, "Bitstreams (fixlearn build), by the system's tools or YoWASP's"),
        (Need::Proofs, "Proofs and pages among the tests (cargo verify)"),
    ] {
        lines.push(title.to_string());
        lines.extend(tools.iter().filter(|tool| tool.need == need).map(|tool| {
            let version = tool.version.as_deref().unwrap_or("MISSING");
            format!("  {:program$}  {:what_for$}  {version}", tool.program, tool.what_for)
        }));
    }
    lines.join("\n")
}
