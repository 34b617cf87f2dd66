//! Options that several commands share.

use clap::{Args, ValueEnum};
use fixlearn::input::Missing;
use fixlearn::link::open::Line;
use fixlearn::run::RESIDENT;
use fixlearn::task::Input;
use fixlearn::{output, Error, Result};
use fixlearn_map::link::PAYLOAD_MAX;
use fixlearn_map::Register;
use fixlearn_sim::board::Faults;
use fixlearn_sim::golden::arith::Rounding;
use std::path::PathBuf;
use std::time::Duration;

/// A line to a device.
#[derive(Args)]
pub struct PortArgs {
    /// sim, core (sim's, without a line), golden, auto (the only USB device's), a serial port's
    /// path, or its name in `fixlearn ports`
    #[arg(long, default_value = "sim", help_heading = "Line")]
    pub port: String,
    #[command(flatten)]
    pub line: LineArgs,
}

/// A long run is looked at.
#[derive(Args)]
pub struct WatchArgs {
    /// Show the curve in the terminal as it falls
    #[arg(long)]
    watch: bool,
}

impl WatchArgs {
    /// Before it begins.
    pub fn begin(&self) {
        if self.watch {
            output::set_watched();
        }
    }
}

/// How a line is used.
#[derive(Args)]
pub struct LineArgs {
    /// Baud of a serial port [default: 3000000]
    #[arg(long, help_heading = "Line", value_parser = clap::value_parser!(u32).range(300..))]
    baud: Option<u32>,
    /// Seconds to wait for a port that goes away [default: 30]
    #[arg(long, help_heading = "Line")]
    wait: Option<u64>,
    /// Bytes of a frame, 1 to 249, of whole vectors [default: as the line allows]
    #[arg(long, help_heading = "Line")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=PAYLOAD_MAX as i64))]
    frame: Option<u8>,
    /// Size of the core behind sim, core or golden, as in `build --help` [default: the smallest]
    #[arg(long, help_heading = "Line")]
    size: Option<String>,
    /// Faults on the simulated line, as ber=1e-4,lost=0.01,reset@5000,seed=7
    #[arg(long, help_heading = "Line")]
    faults: Option<Faults>,
}

impl PortArgs {
    pub fn line(&self) -> Line {
        self.line.on(&self.port)
    }
}

impl LineArgs {
    /// Where there is no line.
    ///
    /// # Errors
    /// Naming an option that then says nothing.
    pub fn none(&self) -> Result<Option<Line>> {
        let given = [
            ("--baud", self.baud.is_some()),
            ("--wait", self.wait.is_some()),
            ("--frame", self.frame.is_some()),
            ("--size", self.size.is_some()),
            ("--faults", self.faults.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => {
                Err(Error::request(format!("{option} is of a line to a device; give --port, too")))
            }
            None => Ok(None),
        }
    }

    /// On this port.
    pub fn on(&self, port: &str) -> Line {
        Line {
            baud: self.baud,
            wait: self.wait.map(Duration::from_secs),
            frame: self.frame.map(usize::from),
            size: self.size.clone(),
            faults: self.faults.clone(),
            ..Line::new(port)
        }
    }
}

/// Files to learn from.
#[derive(Args)]
pub struct InputArgs {
    /// Pictures (.png, .jpg, .tif, .gif, .dcm), a table (.csv, .tsv, .npy), or .wav
    input: Vec<PathBuf>,
    /// A table's first line is names [default: if it looks like that]
    #[arg(long)]
    header: bool,
}

impl InputArgs {
    pub fn input(&self) -> Input {
        Input { paths: self.input.clone(), header: self.header, grey: false }
    }
}

/// Vectors that stay on the board.
#[derive(Args)]
pub struct ResidentArgs {
    /// Vectors learned first in each pass, for a board that cannot keep all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(RESIDENT))]
    resident: Option<u64>,
}

impl ResidentArgs {
    /// Of a new run.
    pub fn resident(&self) -> Option<usize> {
        self.resident.map(|resident| resident as usize)
    }
}

/// A table to learn from, or to answer.
#[derive(Args)]
pub struct TableArgs {
    /// A table: .csv or .tsv, whose separator (, ; | or tab), decimal sign, encoding and line of
    /// names are recognized; .npy (vectors, dimensions); or .wav, a column a channel
    input: Vec<PathBuf>,
    /// The first line is names [default: if it looks like that]
    #[arg(long)]
    header: bool,
}

impl TableArgs {
    pub fn input(&self) -> Input {
        Input { paths: self.input.clone(), header: self.header, grey: false }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoundingArg {
    Truncate,
    Nearest,
    Stochastic,
    Feedback,
}

/// Columns, by name or number, with commas between them; a name with a comma is in quotes, as in
/// CSV.
#[derive(Clone)]
pub struct Names(Vec<String>);

impl std::str::FromStr for Names {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut names = Vec::new();
        for record in reader.records() {
            names.extend(record.map_err(|e| e.to_string())?.iter().map(String::from));
        }
        match names.is_empty() {
            true => Err("name a column".into()),
            false => Ok(Self(names)),
        }
    }
}

/// All that were named.
pub fn names(given: &[Names]) -> Vec<String> {
    given.iter().flat_map(|names| names.0.iter().cloned()).collect()
}

/// What of a table is used.
#[derive(Args)]
pub struct ColumnArgs {
    /// Columns to leave out, by name or number, with commas: '3,a,"b,c"'
    #[arg(long, value_name = "COLUMNS")]
    pub drop: Vec<Names>,
    /// The only columns to learn from, named in the same way
    #[arg(long, value_name = "COLUMNS")]
    pub features: Vec<Names>,
    /// Missing values: refuse, drop rows, or take means
    #[arg(long, value_enum, default_value = "refuse", hide_possible_values = true)]
    pub missing: MissingArg,
}

/// What is done where a value is missing.
#[derive(Clone, Copy, ValueEnum)]
pub enum MissingArg {
    /// Name it, and do nothing
    Refuse,
    /// Leave its row out
    Drop,
    /// Take its column's mean over the rows that were learned from
    Mean,
}

impl From<MissingArg> for Missing {
    fn from(arg: MissingArg) -> Self {
        match arg {
            MissingArg::Refuse => Self::Refuse,
            MissingArg::Drop => Self::Drop,
            MissingArg::Mean => Self::Mean,
        }
    }
}

impl From<RoundingArg> for Rounding {
    fn from(arg: RoundingArg) -> Self {
        match arg {
            RoundingArg::Truncate => Rounding::Truncate,
            RoundingArg::Nearest => Rounding::Nearest,
            RoundingArg::Stochastic => Rounding::Stochastic,
            RoundingArg::Feedback => Rounding::ErrorFeedback,
        }
    }
}

/// The help of an option that sets a register: its range is the map's.
pub fn help(text: &str, registers: &[Register], number: u8) -> String {
    let range = registers.get(usize::from(number)).map_or(String::new(), Register::range);
    format!("{text}: {range}")
}

/// A parser of a register's range.
pub fn word(registers: &[Register], number: u8) -> clap::builder::RangedI64ValueParser<u32> {
    let bounds = registers.get(usize::from(number)).and_then(Register::bounds);
    let (least, most) = bounds.unwrap_or((0, u32::MAX));
    clap::value_parser!(u32).range(i64::from(least)..=i64::from(most))
}

/// Two numbers, the less first.
pub fn window(text: &str) -> std::result::Result<(f64, f64), String> {
    let ends = text.split_once(',').and_then(|(low, high)| {
        Some((low.trim().parse::<f64>().ok()?, high.trim().parse::<f64>().ok()?))
    });
    ends.filter(|(low, high)| low < high && (high - low).is_finite())
        .ok_or_else(|| "give two numbers, the less first: LOW,HIGH".into())
}
