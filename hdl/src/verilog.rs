//! Tidies the Verilog that RustHDL generates.
//!
//! RustHDL copies a module's clock into each child through the `always @(*)` block that holds all
//! other logic of the module. Simulators then evaluate that block on every clock edge, and the
//! clock reaches registers some delta cycles late. [`tidy`] wires the clock straight to the
//! children instead; nothing else changes.

/// The same modules with clocks wired directly.
pub fn tidy(generated: &str) -> String {
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
    let stubs: Vec<&str> = module
        .lines()
        .filter_map(|line| line.trim().strip_suffix(" = clock;"))
        .collect();
    module
        .lines()
        .filter(|line| {
            let line = line.trim();
            let driven = line.strip_suffix(" = clock;").is_some();
            let declared = line.strip_prefix("reg").and_then(|l| l.trim().strip_suffix(';'));
            !driven && !declared.is_some_and(|name| stubs.contains(&name))
        })
        .map(|line| {
            let connected = line.split_once('(').and_then(|(port, rest)| {
                let name = rest.trim_end_matches([')', ',']);
                (port.trim_start().starts_with('.') && stubs.contains(&name))
                    .then(|| line.replacen(name, "clock", 1).replacen(port, port, 1))
            });
            match connected {
                Some(_) => {
                    let (port, rest) = line.split_once('(').unwrap_or((line, ""));
                    let tail = if rest.ends_with(',') { ")," } else { ")" };
                    format!("{port}(clock{tail}\n")
                }
                None => format!("{line}\n"),
            }
        })
        .collect()
}
