//! Verilog: RustHDL's, tidied.
//!
//! RustHDL copies a module's clock into each child through the `always @(*)` block that holds all
//! other logic of the module. Simulators then evaluate that block on every clock edge, and the
//! clock reaches registers some delta cycles late. `tidy` wires the clock straight to the
//! children instead.
//!
//! No design uses what a memory reads from a word in the clock of that word's write (a test runs
//! the cores with memories that then answer garbage). `tidy` tells yosys so: it would otherwise
//! spend about as many logic cells as the memory is wide on giving the old word.

use rust_hdl::prelude::*;

/// The Verilog of one block: its module is `name`, those of its children begin with `name$`.
pub fn of<B: Block>(mut block: B, name: &str) -> String {
    block.connect_all();
    tidy(&generate_verilog_unchecked(&block))
        .replace("module top(", &format!("module {name}("))
        .replace("top$", &format!("{name}$"))
}

/// The same modules with clocks wired directly.
pub(crate) fn tidy(generated: &str) -> String {
    let mut out = String::with_capacity(generated.len());
    for module in split_modules(generated) {
        out.push_str(&wire_clocks(module));
    }
    out
}

fn split_modules(text: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = text.match_indices("\nmodule ").map(|(i, _)| i + 1).collect();
    starts.push(text.len());
    let mut parts = vec![&text[..starts[0]]];
    parts.extend(starts.windows(2).map(|w| &text[w[0]..w[1]]));
    parts
}

/// `child$clock = clock;` in the block becomes `.clock(clock)` at the child.
fn wire_clocks(module: &str) -> String {
    let driven = |line: &str| line.trim().strip_suffix(" = clock;").map(str::to_string);
    let stubs: Vec<String> = module.lines().filter_map(driven).collect();
    let is_stub = |name: &str| stubs.iter().any(|s| s == name);
    let declared =
        |line: &str| line.trim().strip_prefix("reg")?.trim().strip_suffix(';').map(str::to_string);
    let mut out = String::with_capacity(module.len());
    for line in module.lines() {
        if driven(line).is_some() || declared(line).is_some_and(|name| is_stub(&name)) {
            continue;
        }
        if declares_memory(line) {
            out.push_str("(* no_rw_check *) ");
        }
        match line.split_once('(') {
            Some((port, name))
                if port.trim_start().starts_with('.')
                    && is_stub(name.trim_end_matches([')', ','])) =>
            {
                let end = if name.ends_with(',') { ")," } else { ")" };
                out.push_str(&format!("{port}(clock{end}\n"));
            }
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

/// `reg [7:0] mem[255:0];`
fn declares_memory(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("reg") && line.ends_with(":0];")
}

/// A port of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    pub name: String,
    pub bits: usize,
    pub input: bool,
}

impl Port {
    /// `[31:0] `, or nothing for a bit.
    pub fn range(&self) -> String {
        match self.bits {
            1 => String::new(),
            bits => format!("[{}:0] ", bits - 1),
        }
    }

    /// Its declaration.
    pub fn declared(&self) -> String {
        let way = if self.input { "input" } else { "output" };
        format!("{way} wire {}{};", self.range(), self.name)
    }
}

/// The ports of a module, if there is one of that name.
pub fn ports(text: &str, module: &str) -> Option<Vec<Port>> {
    let head = format!("module {module}(");
    let start = text.find(&head)?;
    let body = &text[start..][..text[start..].find("endmodule")?];
    let lines = body.lines().map(str::trim);
    Some(lines.filter_map(port).collect())
}

/// A declaration as `input wire [31:0] name;`.
fn port(line: &str) -> Option<Port> {
    let input = line.starts_with("input ");
    if !input && !line.starts_with("output ") {
        return None;
    }
    let line = line.strip_suffix(';')?;
    let name = line.rsplit([' ', ']']).next()?.to_string();
    let bits = match line.split_once('[') {
        Some((_, rest)) => rest.split_once(':')?.0.parse::<usize>().ok()? + 1,
        None => 1,
    };
    Some(Port { name, bits, input })
}
