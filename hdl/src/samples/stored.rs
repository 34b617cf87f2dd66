//! A design with a sample memory between link and core.

use super::Samples;
use crate::design::Design;
use crate::fabric::Fabric;
use crate::primitive::spram;
use crate::verilog;
use fixlearn_map::link::Identity;
use fixlearn_map::samples::Samples as Size;
use fixlearn_map::Core;
use std::fmt::Write as _;

/// What a size with a sample memory says before its bytes.
pub const SAMPLES: &str = "+samples";

/// So many bytes, as `64K` or `2M`.
fn number(text: &str) -> Option<u32> {
    let (number, unit) = match text.strip_suffix('M') {
        Some(number) => (number, 20),
        None => (text.strip_suffix('K')?, 10),
    };
    // `parse` takes a sign, too.
    let number = Some(number).filter(|number| number.bytes().all(|b| b.is_ascii_digit()))?;
    number.parse::<u32>().ok()?.checked_mul(1 << unit)
}

/// The text of so many bytes, as it stands behind [`SAMPLES`].
pub fn named(bytes: u32) -> String {
    match bytes >> 20 {
        0 => format!("{}K", bytes >> 10),
        mega => format!("{mega}M"),
    }
}

/// A design whose core has a sample memory before it.
pub struct Stored {
    design: Box<dyn Design>,
    size: Size,
    fabric: Fabric,
}

impl Stored {
    /// The core of this design behind a sample memory of so many bytes, as `64K`.
    ///
    /// # Errors
    /// If there is none of that size on the fabric; the message names those that there are.
    pub fn new(design: Box<dyn Design>, bytes: &str, fabric: Fabric) -> Result<Self, String> {
        let beat = design.beat();
        let size = number(bytes).and_then(|bytes| Size::of(bytes, beat)).ok_or_else(|| {
            let (least, most) = (named(4 << Size::BITS.start()), named(4 << Size::BITS.end()));
            format!(
                "there is no sample memory of `{bytes}` bytes; give a power of two from {least} \
                 to {most}, as {SAMPLES}64K"
            )
        })?;
        if fabric == Fabric::Mac16 && (size.bytes() > spram::BYTES || beat > 64) {
            let most = named(spram::BYTES);
            return Err(format!(
                "an UltraPlus's RAMs hold samples of up to {most} bytes, for beats of up to 64 \
                 bits; a sample memory of {bytes} for beats of {beat} bits is more"
            ));
        }
        Ok(Self { design, size, fabric })
    }

    /// The core's module with the memory before it.
    fn around(&self, text: &str, core: &str) -> Option<String> {
        let memory = match self.design.beat() {
            8 => verilog::of(Samples::<8>::new(self.size, self.fabric), "samples"),
            16 => verilog::of(Samples::<16>::new(self.size, self.fabric), "samples"),
            32 => verilog::of(Samples::<32>::new(self.size, self.fabric), "samples"),
            64 => verilog::of(Samples::<64>::new(self.size, self.fabric), "samples"),
            128 => verilog::of(Samples::<128>::new(self.size, self.fabric), "samples"),
            _ => return None,
        };
        before(text, core, &memory, "samples")
    }
}

/// A port of a module.
struct Port {
    name: String,
    bits: usize,
    input: bool,
}

/// The ports of a module.
fn ports(text: &str, module: &str) -> Option<Vec<Port>> {
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

/// The Verilog `text` with module `between` of this `name` before its module `core`.
pub(super) fn before(text: &str, core: &str, between: &str, name: &str) -> Option<String> {
    let (own, its) = (ports(text, core)?, ports(between, name)?);
    let between = isolated(between);
    let behind = format!("{name}_core");
    let text = text.replace(&format!("\nmodule {core}("), &format!("\nmodule {behind}("));
    let wrapper = wrapper(core, &own, &its, name, &behind);
    Some(format!("{text}\n{between}\n{wrapper}"))
}

/// The same module, where a simulator works out each output to the core by itself. All of them
/// stand in one `always @(*)`, which reads what the core says as well: core and module are a loop
/// as long as a block counts as a whole, and Verilator 5.006 leaves such a loop too early when an
/// input of the whole design changes.
fn isolated(module: &str) -> String {
    let line = |line: &str| match line.trim().starts_with("output reg") {
        true if line.contains(" core_") => {
            line.replace(';', " /*verilator isolate_assignments*/;\n")
        }
        _ => format!("{line}\n"),
    };
    module.lines().map(line).collect()
}

/// A module of the core's ports, with the core, `behind`, and the module `between` in it. Where
/// that one has a port with `core_` before its name, the core is connected to it.
fn wrapper(name: &str, ports: &[Port], between: &[Port], module: &str, behind: &str) -> String {
    let names = |ports: &[Port]| ports.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    let mut text = format!("module {name}({});\n", names(ports).join(","));
    let mut learner = Vec::new();
    for port in ports {
        let range = match port.bits {
            1 => String::new(),
            bits => format!("[{}:0] ", bits - 1),
        };
        let way = if port.input { "input" } else { "output" };
        let _ = writeln!(text, "{way} wire {range}{};", port.name);
        let far = format!("core_{}", port.name);
        if between.iter().any(|p| p.name == far) {
            let _ = writeln!(text, "wire {range}{far};");
            learner.push(format!(".{}({far})", port.name));
        } else {
            learner.push(format!(".{0}({0})", port.name));
        }
    }
    let its = between.iter().map(|p| format!(".{0}({0})", p.name)).collect::<Vec<_>>();
    let _ = writeln!(text, "{module} {module}({});", its.join(", "));
    let _ = writeln!(text, "{behind} {behind}({});\nendmodule", learner.join(", "));
    text
}

impl Design for Stored {
    fn core(&self) -> &'static Core {
        self.design.core()
    }

    fn size(&self) -> String {
        format!("{}{SAMPLES}{}", self.design.size(), named(self.size.bytes()))
    }

    fn identity(&self) -> Identity {
        self.design.identity().with(Some(self.size))
    }

    fn beat(&self) -> usize {
        self.design.beat()
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        self.around(&self.design.top_of(identity)?, "top$core")
    }

    fn core_verilog(&self) -> Option<String> {
        self.around(&self.design.core_verilog()?, "top")
    }

    fn multipliers(&self) -> usize {
        self.design.multipliers()
    }

    fn rated_dimension(&self) -> usize {
        self.design.rated_dimension()
    }

    fn learn_clocks(&self, dimension: usize) -> u64 {
        self.design.learn_clocks(dimension)
    }

    fn recall_clocks(&self, dimension: usize) -> Option<u64> {
        self.design.recall_clocks(dimension)
    }

    fn advice(&self) -> String {
        self.design.advice()
    }
}
