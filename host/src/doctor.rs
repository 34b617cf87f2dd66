//! Which tools there are, what is missing, and how to get it.

use crate::{Error, Result};
use serde::Serialize;
use std::process::{Command, Stdio};

/// What a tool is needed for; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    Simulation,
    Tests,
    Bitstreams,
}

/// A program that fixlearn calls.
#[derive(Clone, Debug, Serialize)]
pub struct Tool {
    pub program: &'static str,
    pub what_for: &'static str,
    /// Its Debian or Ubuntu package.
    pub package: &'static str,
    pub need: Need,
    /// The first line of what it says of its version; none if it is not there.
    pub version: Option<String>,
}

const TOOLS: &[(&str, &str, &str, &str, Need)] = &[
    ("verilator", "--version", "simulates the board", "verilator", Need::Simulation),
    ("make", "--version", "builds simulations", "make", Need::Simulation),
    ("g++", "--version", "builds simulations", "g++", Need::Simulation),
    ("yosys", "-V", "synthesizes", "yosys", Need::Tests),
    ("nextpnr-ice40", "--version", "places and routes iCE40", "nextpnr-ice40", Need::Bitstreams),
    ("icepack", "", "packs iCE40 bitstreams", "fpga-icestorm", Need::Bitstreams),
];

/// Looks for every tool.
pub fn examine() -> Vec<Tool> {
    TOOLS
        .iter()
        .map(|&(program, flag, what_for, package, need)| {
            let mut command = Command::new(program);
            if !flag.is_empty() {
                command.arg(flag);
            }
            let output = command.stdin(Stdio::null()).output().ok();
            let version = output.map(|o| {
                let text = if o.stdout.is_empty() { o.stderr } else { o.stdout };
                let text = String::from_utf8_lossy(&text).into_owned();
                let line = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("").trim();
                if flag.is_empty() {
                    "found".into()
                } else {
                    line.to_string()
                }
            });
            Tool { program, what_for, package, need, version }
        })
        .collect()
}

/// The command that installs what is missing for this need, if anything is.
pub fn remedy(tools: &[Tool], need: Need) -> Option<String> {
    let missing: Vec<&str> =
        tools.iter().filter(|t| t.need <= need && t.version.is_none()).map(|t| t.package).collect();
    (!missing.is_empty()).then(|| format!("apt-get install -y {}", missing.join(" ")))
}

/// Makes sure of the tools for this need, installing them where this user may without being asked.
///
/// # Errors
/// With the exact command to type, if a tool is missing and cannot be installed from here.
pub fn ensure(need: Need) -> Result<()> {
    let Some(command) = remedy(&examine(), need) else {
        return Ok(());
    };
    let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n");
    let prefix: &[&str] = if root { &[] } else { &["sudo", "-n"] };
    let run = |line: &str| {
        let words: Vec<&str> = prefix.iter().copied().chain(line.split(' ')).collect();
        Command::new(words[0])
            .args(&words[1..])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
    };
    eprintln!("installing: {command}");
    if run("apt-get update -qq") && run(&command) && remedy(&examine(), need).is_none() {
        return Ok(());
    }
    Err(Error::request(format!("tools are missing; type: sudo apt-get update && sudo {command}")))
}
