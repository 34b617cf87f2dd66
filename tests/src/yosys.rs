//! Yosys, and what is read of a module's Verilog.

use fixlearn::doctor::program;
use std::path::Path;
use std::process::Command;

/// Runs a script in the folder; what it said, as an error if it failed.
///
/// # Panics
/// If yosys is missing.
pub fn run(folder: &Path, script: &str) -> Result<String, String> {
    std::fs::write(folder.join("script.ys"), script).expect("written");
    let yosys = program("yosys").expect("yosys");
    let done = Command::new(yosys).args(["-q", "-s", "script.ys"]).current_dir(folder).output();
    let done = done.expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    if done.status.success() {
        Ok(said)
    } else {
        Err(said)
    }
}

/// The modules of a file: names, and texts from the name on.
pub fn modules(verilog: &str) -> impl Iterator<Item = (&str, &str)> {
    verilog.split("\nmodule ").skip(1).filter_map(|text| {
        let body = text.split_once("endmodule")?.0;
        Some((body.split_once('(')?.0, body))
    })
}

/// A port of a module as RustHDL declares it.
#[derive(Clone, Copy, Debug)]
pub struct Port<'a> {
    pub name: &'a str,
    /// `[7:0]`, or nothing for a bit.
    pub width: &'a str,
    pub driven: bool,
}

/// The ports in a module's text.
pub fn ports(module: &str) -> impl Iterator<Item = Port<'_>> {
    module.lines().map(str::trim).filter_map(|line| {
        let (port, driven) = match line.strip_prefix("input wire") {
            Some(port) => (port, false),
            None => (line.strip_prefix("output reg")?, true),
        };
        let port = port.trim().trim_end_matches(';');
        let (width, name) = port.rsplit_once(' ').unwrap_or(("", port));
        Some(Port { name, width: width.trim(), driven })
    })
}
