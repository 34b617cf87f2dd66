//! Modules between link and core.

use crate::verilog::{ports, Port};
use std::collections::HashSet;
use std::fmt::Write as _;

/// How the names of a chip's ports begin.
const PINS: &str = "sdram_";

/// The Verilog `text` with modules of these names and texts before its module `core`, which is
/// called `behind` then; and the ports that it has more than the core.
pub(super) fn before(
    text: &str,
    core: &str,
    parts: &[(&str, String)],
    behind: &str,
) -> Option<(String, Vec<Port>)> {
    let own = ports(text, core)?;
    let mut between = Vec::new();
    for (name, text) in parts {
        between.push((*name, ports(text, name)?));
    }
    let mut text = text.replace(&format!("\nmodule {core}("), &format!("\nmodule {behind}("));
    for (_, part) in parts {
        text += &isolated(part);
        text.push('\n');
    }
    text += &wrapper(core, &own, &between, behind);
    let pins = between.into_iter().flat_map(|(_, ports)| ports);
    Some((text, pins.filter(|port| port.name.starts_with(PINS)).collect()))
}

/// The same modules, where a simulator works out each signal of the first one by itself. All of
/// them stand in one `always @(*)`, which reads what the core says as well: core and module, or
/// module and module, are a loop as long as a block counts as a whole, and Verilator 5.006 leaves
/// such a loop too early when an input of the whole design changes. What registers take is at no
/// loop's end.
fn isolated(modules: &str) -> String {
    const END: &str = "\nendmodule";
    let (first, others) = modules.split_once(END).unwrap_or((modules, ""));
    let line = |line: &str| {
        let signal = ["reg ", "output reg "].iter().any(|kind| line.trim().starts_with(kind));
        match signal && !line.ends_with("$d;") {
            true => line.replace(';', " /*verilator isolate_assignments*/;\n"),
            false => format!("{line}\n"),
        }
    };
    let first: String = first.lines().map(line).collect();
    first.trim_end().to_string() + END + others
}

/// A module of the core's ports, with the core, `behind`, and these modules in it, which are
/// connected with it and with each other by the names of their ports. Where one of them has a port
/// with `core_` before its name, the core is connected to that one. What begins with `sdram_` is a
/// port of the whole.
fn wrapper(name: &str, core: &[Port], parts: &[(&str, Vec<Port>)], behind: &str) -> String {
    let own = || parts.iter().flat_map(|(_, ports)| ports);
    let mut seen = HashSet::new();
    let between: Vec<&Port> = own()
        .filter(|port| !core.iter().any(|p| p.name == port.name) && seen.insert(&port.name))
        .collect();
    let (outside, inside): (Vec<&Port>, Vec<&Port>) =
        between.into_iter().partition(|port| port.name.starts_with(PINS));
    let all: Vec<&Port> = core.iter().chain(outside).collect();
    let names: Vec<&str> = all.iter().map(|p| p.name.as_str()).collect();
    let mut text = format!("module {name}({});\n", names.join(","));
    for port in all {
        let _ = writeln!(text, "{}", port.declared());
    }
    for port in inside {
        let _ = writeln!(text, "wire {}{};", port.range(), port.name);
    }
    let learner = core.iter().map(|Port { name, .. }| {
        let far = format!("core_{name}");
        let to = if own().any(|p| p.name == far) { &far } else { name };
        format!(".{name}({to})")
    });
    let learner = learner.collect::<Vec<_>>().join(", ");
    for (module, ports) in parts {
        let ports = ports.iter().map(|p| format!(".{0}({0})", p.name)).collect::<Vec<_>>();
        let _ = writeln!(text, "{module} {module}({});", ports.join(", "));
    }
    let _ = writeln!(text, "{behind} {behind}({learner});\nendmodule");
    text
}
