//! `doctor`: the tools.

use super::printed::{columns, Context};
use fixlearn::build::boards;
use fixlearn::doctor::{self, Need, Tool};
use fixlearn::link::choose;
use fixlearn::link::found::{denied, list, Found};
use fixlearn::{usb, Error, Result};
use serde::Serialize;
use std::path::Path;

#[derive(clap::Args)]
pub struct Args {
    /// Install what is missing
    #[arg(long)]
    install: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    tools: &'a [Tool],
    ports: &'a [Found],
    /// What `--port auto` is, or why it is none.
    auto: &'a str,
    boards: &'a [Plugged],
}

/// A USB device that may be a board's programmer.
#[derive(Serialize)]
struct Plugged {
    /// The boards that have such a one.
    boards: Vec<String>,
    #[serde(flatten)]
    device: usb::Device,
    may_open: bool,
}

/// The USB devices of this machine that may be programmers of boards.
fn plugged() -> Result<Vec<Plugged>> {
    let boards = boards::all()?;
    let devices = usb::devices(Path::new("/sys")).unwrap_or_default();
    let plugged = devices.into_iter().map(|device| {
        let alike = boards.iter().filter(|board| board.usb == device.usb);
        let may_open = usb::may_open(&device.node);
        Plugged { boards: alike.map(|board| board.name.clone()).collect(), device, may_open }
    });
    Ok(plugged.filter(|plugged| !plugged.boards.is_empty()).collect())
}

/// A line for each port and programmer: whether this user may open it, or how he may.
fn ports_text(ports: &[Found], boards: &[Plugged]) -> String {
    let ports = ports.iter().map(|port| {
        let says = match port.may_open {
            true => "you may open it".into(),
            false => format!("you may not open it: {}", denied(port)),
        };
        (port.path.clone(), says)
    });
    let boards = boards.iter().map(|Plugged { boards, device, may_open }| {
        let says = match may_open {
            true => "you may program it".into(),
            false => format!(
                "you may not program it: `fixlearn init {}` has the rule for it, and says where \
                 it belongs",
                boards[0]
            ),
        };
        (format!("USB {} at {} ({})", device.usb, device.place, boards.join(" or ")), says)
    });
    let all: Vec<(String, String)> = ports.chain(boards).collect();
    let lines = match all.is_empty() {
        true => "  none; --port sim and --port golden need none".into(),
        false => columns(&all),
    };
    format!("Serial ports and programmers\n{lines}")
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    if args.install {
        doctor::ensure(Need::Bitstreams)?;
    }
    let tools = doctor::examine();
    let (ports, boards) = (list()?, plugged()?);
    let auto = choose::auto(&ports);
    let report = Report { tools: &tools, ports: &ports, auto: &auto, boards: &boards };
    context.report(&report, || {
        let ports = ports_text(&ports, &boards);
        format!("{}\n\n{ports}\n\n{auto}", text(&tools))
    })?;
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
