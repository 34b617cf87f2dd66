//! Mutants of a core's Verilog: does co-simulation notice, and if not, is there anything to notice?
//!
//! Yosys chooses the mutants (`mutate`: a bit of a cell's port inverted, stuck, or mixed with
//! another bit) and builds all of them into one netlist, where the input `mutant` picks one; 0 is
//! none. A mutant of a clock is left out: it is another circuit's clock tree, not another rule.

use crate::parallel::each;
use crate::yosys::{self, modules, ports, Port};
use fixlearn::doctor::program;
use fixlearn_sim::cosim::{build, Flags, Model};
use std::fmt::Write as _;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::process::Command;

/// A core's mutants.
pub struct Mutants {
    core: String,
    /// The netlist that has them all.
    netlist: String,
    /// Yosys' command for each; the input `mutant` counts from 1.
    pub commands: Vec<String>,
}

const PREPARE: &str = "read_verilog core.v\nhierarchy -top top\nproc\nmemory_collect\nopt_clean\n";

impl Mutants {
    /// `count` mutants of the core, spread over its modules, cells and wires.
    ///
    /// # Panics
    /// If yosys is missing or fails.
    pub fn of(core: &str, count: usize, seed: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("core.v"), core).expect("written");
        // Half as many more as are asked for: some are the clock's.
        let asked = count + count / 2;
        let yosys = |script: &str| match yosys::run(folder.path(), script) {
            Ok(_) => {}
            Err(said) => panic!("yosys: {said}"),
        };
        yosys(&format!("{PREPARE}mutate -list {asked} -seed {seed} -o list\n"));
        let list = std::fs::read_to_string(at("list")).expect("a list");
        let clocks =
            ["-port CLK ", "-port RD_CLK ", "-port WR_CLK ", "-port clock ", "-wire clock "];
        let commands: Vec<String> = list
            .lines()
            .filter(|line| !clocks.iter().any(|clock| line.contains(clock)))
            .take(count)
            .map(|line| line.split(" -src ").next().unwrap_or(line).to_string())
            .collect();
        assert_eq!(commands.len(), count, "so many mutants");
        let mut script = PREPARE.to_string();
        for (k, command) in commands.iter().enumerate() {
            let rest = command.strip_prefix("mutate ").expect("a mutate command");
            let _ = writeln!(script, "mutate -ctrl mutant 16 {} {rest}", k + 1);
        }
        yosys(&(script + "pmuxtree\nwrite_verilog -noattr all.v\n"));
        let netlist = std::fs::read_to_string(at("all.v")).expect("a netlist");
        Self { core: core.into(), netlist, commands }
    }

    /// The netlist in simulation, as this mutant.
    fn model(&self, mutant: usize) -> Model {
        let mut model = build(&self.netlist, Flags::default()).expect("the mutants verilate");
        let port = model.port("mutant");
        model.set(port, mutant as u64);
        model
    }

    /// What the check says of each mutant, in order; none if it does not notice.
    ///
    /// # Panics
    /// If the check has something to say of the core itself.
    pub fn judge(&self, check: impl Fn(Model) -> Option<String> + Sync) -> Vec<Option<String>> {
        if let Some(why) = check(self.model(0)) {
            panic!("without a mutant: {why}");
        }
        each(self.commands.len(), |k| {
            // The driver asserts what a core must do; of a mutant that is a verdict.
            catch_unwind(AssertUnwindSafe(|| check(self.model(k + 1)))).unwrap_or_else(|why| {
                let text = why.downcast_ref::<String>().cloned();
                let short = || why.downcast_ref::<&str>().map(|text| (*text).to_string());
                Some(text.or_else(short).unwrap_or_else(|| "it panics".into()))
            })
        })
    }
}

/// What equivalence came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equivalence {
    /// Proved: in its module, whatever is around it.
    Module,
    /// Proved: in the core, whatever its memories and multipliers answer, while the bus is used by
    /// its rules.
    Core,
    /// Not proved.
    Open,
}

impl Mutants {
    /// Are these mutants (counted from 0) proved to be the same circuit, in so many seconds for
    /// each proof?
    pub fn equivalence(&self, mutants: &[usize], seconds: u32) -> Vec<Equivalence> {
        each(mutants.len(), |i| self.equivalent(mutants[i], seconds))
    }

    fn equivalent(&self, mutant: usize, seconds: u32) -> Equivalence {
        let command = &self.commands[mutant];
        let mut words = command.split(' ').skip_while(|&word| word != "-module");
        let module = words.nth(1).expect("a mutant's module");
        // What is cut out is not seen in the core: the mutant's own module stays.
        let cut: Vec<&str> = modules(&self.core)
            .filter(|(name, body)| {
                let multiplies = body.lines().any(|l| l.contains("<=") && l.contains(" * "));
                !["top", module].contains(name) && multiplies
            })
            .map(|(name, _)| name)
            .collect();
        if self.same(command, module, None, seconds) {
            Equivalence::Module
        } else if self.same(command, "bench", Some(&cut), seconds) {
            Equivalence::Core
        } else {
            Equivalence::Open
        }
    }

    /// Does module `top` do the same with the mutant? What is compared is its outputs, and not the
    /// signals within it. The modules `cut` out of it (none: those that it is made of), and
    /// memories, may answer anything; what they are asked is compared. Undefined bits are 0.
    fn same(&self, command: &str, top: &str, cut: Option<&[&str]>, seconds: u32) -> bool {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("core.v"), &self.core).expect("written");
        let (mut open, mut flat) = (String::new(), "");
        if let Some(cut) = cut {
            std::fs::write(at("bench.v"), bench(&self.core)).expect("written");
            let kept = cut.iter().fold(String::new(), |all, name| {
                all + "setattr -mod -set keep_hierarchy 1 " + name + "\n"
            });
            open = format!(
                "{kept}read_verilog bench.v\n\
                 hierarchy -top bench\nproc\nopt_clean\n"
            );
            flat = "flatten\n";
        }
        let one = format!("{flat}opt_clean -purge {top}\nexpose -evert {top}/c:*\nopt_clean\n");
        let script = format!(
            "{PREPARE}{open}setundef -zero\ndesign -save whole\n\
             {one}rename {top} gold\ndesign -stash gold\ndesign -load whole\n\
             {command}\n{one}rename {top} gate\ndesign -stash gate\n\
             design -copy-from gold gold\ndesign -copy-from gate gate\n\
             setundef -zero -init\nmiter -equiv -flatten gold gate miter\n\
             hierarchy -top miter\nopt -full\ntechmap\nopt -fast\ndffunmap\nsetundef -zero\n\
             aigmap\nwrite_aiger -zinit miter.aig\n"
        );
        // Ports that the mutant's side lacks: not the same.
        if yosys::run(folder.path(), &script).is_err() {
            return false;
        }
        let prove = format!("read_aiger miter.aig; strash; scorr; pdr -T {seconds}");
        let abc = program("yosys-abc").expect("yosys-abc");
        let done = Command::new(abc).args(["-c", &prove]).current_dir(folder.path()).output();
        String::from_utf8_lossy(&done.expect("it runs").stdout).contains("Property proved")
    }
}

/// The core with its bus used by its rules: it is written to only while the core is free, and
/// address and data are there a clock before. What a result is while it is not valid does not
/// matter.
fn bench(core: &str) -> String {
    let (_, top) = modules(core).find(|(name, _)| *name == "top").expect("a top");
    let (mut names, mut declared, mut connected) = (Vec::new(), String::new(), Vec::new());
    for Port { name, width, driven } in ports(top) {
        let direction = if driven { "output" } else { "input" };
        let _ = writeln!(declared, "{direction} wire {width} {name};");
        let inside = match name {
            "clear" => "clear && idle".to_string(),
            "bus_write" => "bus_write && idle && bus == held".to_string(),
            _ if driven && name.starts_with("result") && name != "result_valid" => {
                let any = format!("any_{name}");
                let _ = writeln!(declared, "wire {width} {any};");
                let _ = writeln!(declared, "assign {name} = result_valid ? {any} : 0;");
                any
            }
            _ => name.to_string(),
        };
        names.push(name);
        connected.push(format!(".{name}({inside})"));
    }
    format!(
        "module bench({});\n{declared}\
         wire [63:0] bus = {{bus_memory, bus_row, bus_column, bus_write_data}};\n\
         reg [63:0] held = 0;\nalways @(posedge clock) held <= bus;\n\
         wire idle = !busy && !sample_valid;\ntop core({});\nendmodule\n",
        names.join(", "),
        connected.join(", ")
    )
}

/// From now on, what a mutant breaks is not said: threads without a name are those of [`Mutants`].
pub fn quiet() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |why| {
        if std::thread::current().name().is_some() {
            usual(why);
        }
    }));
}
