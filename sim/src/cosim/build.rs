use super::store;
use sha2::{Digest, Sha256};
use std::env::consts::ARCH;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{fs, io};

/// Options of a build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Compile in tracing (VCD: unlike FST it needs no library).
    pub waves: bool,
    /// Compile without optimization: a netlist of 5,000 cells is built in a fifth of the time, and
    /// runs at half the speed.
    pub quick: bool,
}

/// Verilator's flags that decide how fast a model is. What does not matter to RustHDL's Verilog
/// is not checked: its literals have 32 bits, and every register has an initial value.
pub const SPEED_FLAGS: &[&str] =
    &["-O3", "--noassert", "--x-assign", "fast", "--x-initial", "fast", "-Wno-fatal", "-Wno-lint"];

impl Flags {
    /// How make is to compile what Verilator writes, and Verilator's own library.
    fn optimization(self) -> [&'static str; 3] {
        match self.quick {
            true => ["OPT_FAST=-O0", "OPT_SLOW=-O0", "OPT_GLOBAL=-O2"],
            false => ["OPT_FAST=-O2", "OPT_SLOW=-O1", "OPT_GLOBAL=-O2"],
        }
    }
}

/// The objects of Verilator's own library; its version and the flags decide which there are.
const RUNTIME: &[&str] = &["verilated.o", "verilated_threads.o", "verilated_vcd_c.o"];

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("{0} is not installed; on Debian or Ubuntu type: sudo apt-get install -y {1}")]
    Missing(&'static str, &'static str),
    #[error(
        "{program} does not find {name}: install it (on Debian or Ubuntu type: sudo apt-get \
         install -y {package}), or name its folder in PATH{}",
        if std::env::var_os("PATH").is_some() { "" } else { ", which is not set" }
    )]
    NotFound { program: &'static str, name: String, package: &'static str },
    #[error("{program} failed: {message}")]
    Failed { program: &'static str, message: String },
    #[error("the Verilog has no module `top` with a clock")]
    NoTop,
    #[error(
        "{path}: no model can be kept or built there ({source}); set {variable} to a folder that \
         can be written"
    )]
    Folder { path: PathBuf, source: io::Error, variable: &'static str },
    #[error(
        "a model that was built cannot be loaded ({0}); where no programs may run (noexec), set \
         FIXLEARN_CACHE to a folder of another file system"
    )]
    Load(#[from] libloading::Error),
}

/// Names the cache's folder.
const CACHE: &str = "FIXLEARN_CACHE";

/// For `map_err`: this folder, which the variable names, cannot be used.
fn folder<'a>(path: &'a Path, variable: &'static str) -> impl Fn(io::Error) -> BuildError + 'a {
    move |source| BuildError::Folder { path: path.to_owned(), source, variable }
}

/// What the environment must not say: make's own flags, another Verilator's folder, and the
/// variables that Verilator's makefile adds to. A model is what its name in the cache says.
const NOT_INHERITED: &[&str] = &[
    "MAKEFLAGS",
    "MFLAGS",
    "GNUMAKEFLAGS",
    "MAKEFILES",
    "MAKELEVEL",
    "VERILATOR_ROOT",
    "VERILATOR_BIN",
    "CPPFLAGS",
    "LDFLAGS",
    "LDLIBS",
    "USER_CPPFLAGS",
    "USER_LDFLAGS",
    "USER_LDLIBS",
    "OPT",
    "M32",
    "VPATH",
];

/// A program of the build. Its messages are English, since the line to show is looked for in them.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    NOT_INHERITED.iter().for_each(|variable| {
        command.env_remove(variable);
    });
    command.env("LC_ALL", "C");
    command
}

/// A port of the top module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Port {
    pub name: String,
    pub bits: usize,
}

/// Where models are kept: `$FIXLEARN_CACHE`, else `fixlearn` in the user's cache directory.
pub fn cache_dir() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set(CACHE).unwrap_or_else(|| {
        set("XDG_CACHE_HOME")
            .or_else(|| set("HOME").map(|h| h.join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
            .join("fixlearn")
    })
}

/// Builds the model if the cache does not hold it, and loads it. One that is damaged or cannot be
/// loaded is built anew.
///
/// The library's name is the hash of everything that it is made from. A build works in a folder
/// of its own and the result appears in its place whole, so that builds of the same model side by
/// side are safe.
pub fn build(verilog: &str, flags: Flags) -> Result<super::Model, BuildError> {
    build_of(None, verilog, flags)
}

/// What says that a model is built, and of what.
static SAY: OnceLock<fn(&str)> = OnceLock::new();

/// Has `say` told from now on when a model is built that the cache does not hold, which takes a
/// while, and what it is of.
pub fn say_builds(say: fn(&str)) {
    SAY.get_or_init(|| say);
}

/// As [`build`]; what the model is of is said to whoever is to say it.
pub fn build_of(
    what: Option<&str>,
    verilog: &str,
    flags: Flags,
) -> Result<super::Model, BuildError> {
    let ports = ports(verilog).ok_or(BuildError::NoTop)?;
    let driver = driver(&ports, flags);
    let cache = cache_dir();
    fs::create_dir_all(&cache).map_err(folder(&cache, CACHE))?;
    let library = cache.join(name(&[verilog, &driver], flags)? + ".so");
    if store::is_whole(&library) {
        if let Ok(model) = super::Model::load(&library, &ports) {
            return Ok(model);
        }
    }
    if let Some((what, say)) = what.zip(SAY.get()) {
        say(what);
    }
    let built = compile(verilog, &driver, flags, &cache)?;
    store::put(&library, &built).map_err(folder(&cache, CACHE))?;
    let model = super::Model::load(&library, &ports)?;
    store::bound(&cache, is_ours, MOST_KEPT);
    Ok(model)
}

/// What the cache may take before the oldest is removed. A model is 1 to 10 MB.
const MOST_KEPT: u64 = 1 << 30;

/// A library, Verilator's own objects, or what a build left that was ended in the middle; not what
/// else a folder may hold that someone chose for a cache.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_hash = |name: &str| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
    name.strip_suffix(".so").is_some_and(is_hash)
        || name.strip_prefix("runtime-").is_some_and(is_hash)
        || name.starts_with(BUILDS) && path.join("driver.cpp").is_file()
}

/// How the names of folders begin in which models are built.
const BUILDS: &str = "build-";

/// The hash of what these sources are built to: of them, the flags, Verilator's version and the
/// machine's kind.
fn name(sources: &[&str], flags: Flags) -> Result<String, BuildError> {
    let flags = format!("{flags:?}{SPEED_FLAGS:?}{:?}", flags.optimization());
    let mut hash = Sha256::new();
    for part in [verilator_version()?, ARCH, &flags].iter().chain(sources) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    Ok(crate::hex(hash.finalize()))
}

/// Where the objects of Verilator's own library are kept, which are the same for every model: to
/// compile them takes longer than to compile a small model.
fn runtime(flags: Flags, cache: &Path) -> Result<PathBuf, BuildError> {
    let runtime = cache.join(format!("runtime-{}", name(&[], flags)?));
    fs::create_dir_all(&runtime).map_err(folder(&runtime, CACHE))?;
    Ok(runtime)
}

/// Where to build: in the cache, or, since make takes no path with blanks and reads some other
/// characters as its own, in a folder for temporary files; and the variable that names it.
fn workplace(cache: &Path) -> (PathBuf, &'static str) {
    let plain = |path: &Path| {
        let taken = |c: char| c.is_alphanumeric() || "/._-+@,".contains(c);
        path.to_str().is_some_and(|text| text.chars().all(taken))
    };
    let temporary = std::env::temp_dir();
    if plain(cache) {
        (cache.to_owned(), CACHE)
    } else if plain(&temporary) {
        (temporary, "TMPDIR")
    } else {
        ("/tmp".into(), "TMPDIR")
    }
}

/// What Verilator says of its version; asked once, since a test may load a thousand models.
fn verilator_version() -> Result<&'static str, BuildError> {
    static VERSION: OnceLock<String> = OnceLock::new();
    if let Some(version) = VERSION.get() {
        return Ok(version);
    }
    let said = run(program("verilator").arg("--version"), "verilator", "verilator")?;
    Ok(VERSION.get_or_init(|| said))
}

fn run(
    command: &mut Command,
    program: &'static str,
    package: &'static str,
) -> Result<String, BuildError> {
    match command.output() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Err(BuildError::Missing(program, package)),
        Err(e) => Err(BuildError::Failed { program, message: e.to_string() }),
        Ok(out) if out.status.success() => Ok(String::from_utf8_lossy(&out.stdout).into_owned()),
        Ok(out) => {
            let text = String::from_utf8_lossy(&out.stderr);
            if let Some(name) = not_found(&text) {
                return Err(BuildError::NotFound { program, name: name.into(), package });
            }
            let line = text.lines().find(|l| l.to_lowercase().contains("error"));
            let message = line.or(text.lines().last()).unwrap_or("no message").to_string();
            Err(BuildError::Failed { program, message })
        }
    }
}

/// What make, or the shell that it calls, did not find: the last that is named before the error.
fn not_found(text: &str) -> Option<&str> {
    let (before, _) = text.split_once("Error 127")?;
    let ends = [": No such file or directory", ": command not found", ": not found"];
    let start = |line| ends.iter().find_map(|end| str::strip_suffix(line, end));
    before.lines().rev().find_map(start)?.rsplit(": ").next()
}

/// The library that Verilator and g++ make.
fn compile(verilog: &str, driver: &str, flags: Flags, cache: &Path) -> Result<Vec<u8>, BuildError> {
    let (place, variable) = workplace(cache);
    let failed = folder(&place, variable);
    let work = tempfile::Builder::new().prefix(BUILDS).tempdir_in(&place).map_err(&failed)?;
    let path = |name: &str| work.path().join(name);
    fs::write(path("top.v"), verilog).map_err(&failed)?;
    fs::write(path("driver.cpp"), driver).map_err(&failed)?;
    let mut verilate = program("verilator");
    verilate.current_dir(work.path()).args([
        "--cc",
        "top.v",
        "--top-module",
        "top",
        "--prefix",
        "Vtop",
        "-CFLAGS",
        "-fPIC",
        "--exe",
        "driver.cpp",
        "-o",
        "model.so",
        "-LDFLAGS",
        "-shared",
    ]);
    verilate.args(SPEED_FLAGS);
    if flags.waves {
        verilate.arg("--trace");
    }
    run(&mut verilate, "verilator", "verilator")?;
    let (objects, runtime) = (path("obj_dir"), runtime(flags, cache)?);
    let kept: Vec<&str> = RUNTIME
        .iter()
        .copied()
        .filter_map(|name| store::get(&runtime.join(name)).map(|bytes| (name, bytes)))
        // They are newer than what they depend on, so that make does not compile them again.
        .map(|(name, bytes)| fs::write(objects.join(name), bytes).map(|()| name))
        .collect::<io::Result<_>>()
        .map_err(&failed)?;
    let mut make = program("make");
    make.current_dir(&objects).args(["-s", "-j2", "-f", "Vtop.mk", "VM_PARALLEL_BUILDS=0"]);
    make.args(flags.optimization());
    run(&mut make, "make", "make g++")?;
    for name in RUNTIME.iter().filter(|name| !kept.contains(name)) {
        // Which of them there are, the flags decide.
        if let Ok(bytes) = fs::read(objects.join(name)) {
            store::put(&runtime.join(name), &bytes).map_err(folder(&runtime, CACHE))?;
        }
    }
    fs::read(objects.join("model.so")).map_err(failed)
}

/// The ports of module `top`, read from RustHDL's or yosys' one-line declarations.
fn ports(verilog: &str) -> Option<Vec<Port>> {
    let body = verilog.split_once("\nmodule top(")?.1;
    let body = body.split_once("endmodule")?.0;
    let ports: Vec<Port> = body
        .lines()
        .filter_map(|line| {
            let line = line.trim();
            let declared = ["input wire ", "output reg ", "output wire ", "input ", "output "]
                .iter()
                .find_map(|kind| line.strip_prefix(kind))?
                .trim()
                .strip_suffix(';')?;
            let (bits, name) = match declared.strip_prefix('[') {
                Some(range) => {
                    let (high, name) = range.split_once(":0]")?;
                    (high.parse::<usize>().ok()? + 1, name.trim())
                }
                None => (1, declared),
            };
            Some(Port { name: name.to_string(), bits })
        })
        .collect();
    ports.iter().any(|p| p.name == "clock").then_some(ports)
}

/// The C++ side: a thin layer with C linkage over the class that Verilator generates.
fn driver(ports: &[Port], flags: Flags) -> String {
    let pointers: String = ports
        .iter()
        .enumerate()
        // Verilator writes `$` in C++ names as `__024`.
        .map(|(i, p)| format!("    case {i}: return &s->top.{};\n", p.name.replace('$', "__024")))
        .collect();
    let (include, member, dump, open, close) = if flags.waves {
        (
            "#include \"verilated_vcd_c.h\"",
            "VerilatedVcdC* trace = nullptr;",
            "if (s->trace) s->trace->dump(s->time); s->time++;",
            concat!(
                "s->ctx.traceEverOn(true); s->trace = new VerilatedVcdC; ",
                "s->top.trace(s->trace, 99); s->trace->open(path); return 1;"
            ),
            "if (s->trace) { s->trace->close(); delete s->trace; }",
        )
    } else {
        ("", "", "", "(void)s; (void)path; return 0;", "")
    };
    format!(
        r#"#include "Vtop.h"
#include "verilated.h"
{include}
#include <cstdint>
#include <cstring>
struct Sim {{
  VerilatedContext ctx;
  Vtop top{{&ctx}};
  uint64_t time = 0;
  {member}
}};
static inline void eval(Sim* s) {{ s->top.eval(); {dump} }}
static inline void cycle(Sim* s) {{ s->top.clock = 0; eval(s); s->top.clock = 1; eval(s); }}
extern "C" {{
void* fl_new() {{ return new Sim; }}
void fl_free(void* p) {{ Sim* s = (Sim*)p; s->top.final(); {close} delete s; }}
int fl_waves(void* p, const char* path) {{ Sim* s = (Sim*)p; {open} }}
void* fl_port(void* p, unsigned index) {{
  Sim* s = (Sim*)p;
  switch (index) {{
{pointers}  }}
  return nullptr;
}}
// Combinational outputs settle; the clock stays low.
void fl_settle(void* p) {{ Sim* s = (Sim*)p; s->top.clock = 0; s->top.eval(); }}
void fl_cycles(void* p, uint64_t n) {{ Sim* s = (Sim*)p; while (n--) cycle(s); }}
// One cycle for each of n levels on a one-bit input; the one-bit output after each.
void fl_line(
  void* p, uint8_t* in, const uint8_t* levels, const uint8_t* out, uint8_t* seen, uint64_t n
) {{
  Sim* s = (Sim*)p;
  for (uint64_t i = 0; i < n; i++) {{ *in = levels[i]; cycle(s); seen[i] = *out; }}
}}
// n beats of `width` bytes, each held until it is taken, and the words that come for them, each
// taken at once; the clocks until the core is free then, or `limit`, also if another word comes.
uint64_t fl_stream(
  void* p, uint8_t* const* ports, const uint8_t* beats, uint64_t n, uint64_t width,
  uint32_t* found, uint64_t words, uint64_t limit
) {{
  Sim* s = (Sim*)p;
  uint8_t *data = ports[0], *valid = ports[1], *take = ports[2];
  const uint8_t *ready = ports[3], *there = ports[4], *word = ports[5], *busy = ports[6];
  uint64_t clocks = 0;
  *take = 1;
  for (; clocks < limit; clocks++) {{
    *valid = n > 0;
    if (n) memcpy(data, beats, width);
    s->top.clock = 0;
    eval(s);
    if (*there && !words) return limit;
    if (*there) {{
      memcpy(found++, word, 4);
      words--;
    }} else if (!n && !words && !*busy) {{
      break;
    }}
    if (n && *ready) {{ beats += width; n--; }}
    s->top.clock = 1;
    eval(s);
  }}
  *take = 0;
  return clocks;
}}
}}
"#
    )
}
