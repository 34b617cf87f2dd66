//! Speed and memory, everything side by side in one run.

mod cosim;
mod golden;
mod growth;
mod hardware;
mod memory;
mod rivals;

use crate::bars::Bar;
use crate::stop::Left;
use crate::{Error, Result};
use serde::Serialize;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Cores that each of those compared may use.
pub const CORES: usize = 2;

/// What a part has measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    pub title: String,
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    #[serde(skip)]
    pub bars: Vec<Bar>,
    /// What is to be known of it.
    pub notes: Vec<String>,
}

/// A line of a table: what it is of, and a number for each column, if there is one.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub name: String,
    pub values: Vec<Option<f64>>,
}

impl Table {
    fn new(title: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.into()).collect();
        Self { title: title.into(), columns, ..Self::default() }
    }

    fn row(&mut self, name: impl Into<String>, values: impl IntoIterator<Item = Option<f64>>) {
        self.rows.push(Row { name: name.into(), values: values.into_iter().collect() });
    }

    /// Its lines, in columns.
    pub fn lines(&self) -> Vec<String> {
        let cell = |value: Option<f64>| value.map_or("-".into(), figures);
        let wide = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        let mut lines = vec![self.title.clone()];
        let line = |name: &str, cells: Vec<String>| {
            let cells = cells.iter().zip(&self.columns);
            let cells = cells.map(|(c, title)| format!("  {c:>0$}", title.chars().count().max(10)));
            format!("  {name:wide$}{}", cells.collect::<String>())
        };
        lines.push(line("", self.columns.clone()));
        lines.extend(
            self.rows
                .iter()
                .map(|row| line(&row.name, row.values.iter().map(|&value| cell(value)).collect())),
        );
        lines.extend(self.notes.iter().map(|note| format!("  {note}")));
        lines
    }
}

/// A number with four figures at least.
pub fn figures(value: f64) -> String {
    let digits = (3 - value.abs().max(1e-9).log10().floor() as i32).clamp(0, 6) as usize;
    format!("{value:.digits$}")
}

/// A part: its name, what it measures, and how.
pub struct Part {
    pub name: &'static str,
    pub about: &'static str,
    run: fn(&Bench) -> Result<Table>,
}

/// Every part.
pub const PARTS: &[Part] = &[
    Part {
        name: "golden",
        about: "the golden model beside MiniSom, scikit-learn, scipy and faiss-cpu",
        run: golden::run,
    },
    Part {
        name: "growth",
        about: "time and memory as codewords, dimensions and vectors grow",
        run: growth::run,
    },
    Part {
        name: "memory",
        about: "what encoding 4 GiB, and learning 1 GiB, take of files with holes",
        run: memory::run,
    },
    Part {
        name: "cosim",
        about: "clocks a second of the simulation beside C++, RustHDL's own and cocotb",
        run: cosim::run,
    },
    Part {
        name: "hardware",
        about: "the quantizer's connections a second on boards: clocks and Fmax",
        run: hardware::run,
    },
];

/// How to measure.
pub struct Bench {
    /// This program, for what is measured of a whole command.
    pub program: PathBuf,
    /// Repetitions, of which the best counts.
    pub rounds: usize,
    /// Whether other programs are measured beside.
    pub rivals: bool,
}

impl Part {
    /// Measures.
    ///
    /// # Errors
    /// If another program cannot be installed or called, or a file cannot be written.
    pub fn run(&self, bench: &Bench) -> Result<Table> {
        (self.run)(bench)
    }
}

impl Bench {
    /// Keeps this process to as many threads as all others have.
    pub fn on_its_cores(&self) {
        // Whoever came first has said so.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(CORES).build_global();
    }

    /// Runs fixlearn to its end; the time that it took, and the most memory that it had, in bytes,
    /// where the system tells.
    fn command(&self, words: &[&str]) -> Result<(Duration, Option<f64>)> {
        let mut command = Command::new(&self.program);
        command.args(words).args(["--port", "golden", "--force"]);
        command.env("RAYON_NUM_THREADS", CORES.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let failed = |why: &dyn std::fmt::Display| {
            Error::request(format!("`fixlearn {}` failed: {why}", words.join(" ")))
        };
        let begun = Instant::now();
        let mut child = command.spawn().map_err(|e| failed(&e))?;
        let mut peak = None;
        loop {
            peak = resident(child.id()).or(peak);
            if let Some(status) = child.try_wait().map_err(|e| failed(&e))? {
                let took = begun.elapsed();
                if status.success() {
                    return Ok((took, peak));
                }
                let mut said = String::new();
                let _ = child.stderr.take().map(|mut pipe| pipe.read_to_string(&mut said));
                return Err(failed(&said.lines().last().unwrap_or("it said nothing")));
            }
            if crate::stop::requested() {
                let _ = child.kill();
                let _ = child.wait();
                return Err(Error::Interrupted);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The most memory that a process has had, as Linux tells.
fn resident(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024.0 * kibibytes)
}

/// The best of as many times as there are rounds, in seconds.
fn best(rounds: usize, mut work: impl FnMut()) -> f64 {
    let times = (0..rounds.max(1)).map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

/// The best of as many times as half a second holds, and of one at least, in seconds.
fn soonest(mut work: impl FnMut()) -> f64 {
    let (begun, mut least) = (Instant::now(), f64::INFINITY);
    while begun.elapsed() < Duration::from_millis(500) {
        least = least.min(best(1, &mut work));
    }
    least
}

/// Samples at random, the same in each run.
fn samples(seed: u64, many: usize) -> Vec<u8> {
    let mut bytes = vec![0; many];
    fastrand::Rng::with_seed(seed).fill(&mut bytes);
    bytes
}

/// Writes an array of bytes, `rows` x `columns`; without bytes, a file with a hole in their place.
fn write_npy(path: &Path, rows: u64, columns: u64, bytes: Option<&[u8]>) -> Result<()> {
    use std::io::Write;
    let shape =
        format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    // The header, its end, and the ten bytes before it are a multiple of 64.
    let length = (10 + shape.len() + 1).next_multiple_of(64) - 10;
    let header = format!("{shape:<0$}\n", length - 1);
    let mut file = std::fs::File::create(path).map_err(Error::io(path))?;
    let mut head = b"\x93NUMPY\x01\x00".to_vec();
    head.extend((length as u16).to_le_bytes());
    head.extend(header.as_bytes());
    file.write_all(&head)
        .and_then(|()| match bytes {
            Some(bytes) => file.write_all(bytes),
            None => file.set_len(head.len() as u64 + rows * columns),
        })
        .map_err(Error::io(path))
}

/// A model of so many codewords and dimensions that nothing was learned with, at this path.
fn write_model(
    bench: &Bench,
    folder: &Folder,
    codewords: usize,
    dimension: usize,
) -> Result<String> {
    let (input, model) = (folder.at("some.npy"), folder.at("model.json"));
    let some = samples(5, 1000 * dimension);
    write_npy(input.as_ref(), 1000, dimension as u64, Some(&some))?;
    let words = codewords.to_string();
    let options = ["--codewords", &words, "--passes", "0", "--init", "random"];
    bench.command(&[&["train", &input, "--out", &model], &options[..]].concat())?;
    Ok(model)
}

/// A folder for the files of a part, which goes with it.
struct Folder {
    folder: tempfile::TempDir,
    _left: Left,
}

impl Folder {
    fn new() -> Result<Self> {
        let place = std::env::temp_dir();
        let folder = tempfile::tempdir_in(&place).map_err(Error::io(&place))?;
        let left = Left::new(folder.path());
        Ok(Self { folder, _left: left })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The path of a file in it, as words of a command have it.
    fn at(&self, name: &str) -> String {
        self.path().join(name).display().to_string()
    }
}
