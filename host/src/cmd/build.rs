//! `build`: a bitstream.

use super::printed::Context;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::ValueEnum;
use fixlearn::build::boards;
use fixlearn::build::tools::Kind;
use fixlearn::build::{build, fit, Outcome, Request};
use fixlearn::{Error, Result};
use fixlearn_hdl::design::{self, CoreKind, KINDS};
use fixlearn_hdl::samples::SDRAM;
use fixlearn_hdl::sdram::CLOCK_HZ;
use std::path::PathBuf;

#[derive(Clone, Copy, ValueEnum)]
enum ToolsArg {
    /// yosys, nextpnr and packer of the system
    Native,
    /// YoWASP's, which `doctor --install` fetches
    Yowasp,
}

/// The cores that can be built, by name.
fn kinds() -> impl TypedValueParser<Value = &'static dyn CoreKind> {
    let cores = KINDS.iter().map(|kind| kind.core());
    let values = cores.map(|core| PossibleValue::new(core.name).help(core.title));
    PossibleValuesParser::new(values).try_map(|name| design::find(&name))
}

fn size_help() -> String {
    let form = |kind: &&dyn CoreKind| format!("of {}: {}", kind.core().name, kind.form());
    let forms: Vec<String> = KINDS.iter().map(form).collect();
    format!(
        "Size; {}. With a sample memory: 64x16x8+samples128K, or in the board's SDRAM: \
         64x16x8+sdram32M (ULX3S), +sdram8M (Colorlight i5). With packed vectors: \
         64x16x8+packed. Default: the board's. With --fit, the largest to try; default: the \
         largest of all, or of the narrow ones",
        forms.join("; ")
    )
}

#[derive(clap::Args)]
pub struct Args {
    /// A name that `fixlearn boards` shows
    #[arg(long)]
    board: String,
    /// What to build
    #[arg(long = "core", value_name = "CORE", value_parser = kinds(), default_value = "vq")]
    kind: &'static dyn CoreKind,
    #[arg(long, help = size_help())]
    size: Option<String>,
    /// Clock in MHz; default: the board's for this core
    #[arg(long)]
    freq: Option<f64>,
    /// Baud of the link; default: the board's
    #[arg(long)]
    baud: Option<u32>,
    /// Seed of the placement
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Placements to try, from --seed on, side by side; the fastest is kept
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    seeds: u32,
    /// Find the largest size that fits and meets the clock
    #[arg(long)]
    fit: bool,
    /// Default: native tools where they are all there, else YoWASP's
    #[arg(long, value_enum)]
    tools: Option<ToolsArg>,
    /// The folder to write
    #[arg(long)]
    out: PathBuf,
}

impl Args {
    fn request(&self) -> Result<Request> {
        let board = boards::find(&self.board)?;
        let entry = || board.entry(self.kind.core().name);
        let size = match &self.size {
            Some(size) => size.clone(),
            None if self.fit => self.kind.fit_from(),
            None => entry()?.size.clone(),
        };
        let mhz = match self.freq {
            Some(mhz) => mhz,
            None if size.to_ascii_lowercase().contains(SDRAM) => {
                entry()?.mhz.min(f64::from(*CLOCK_HZ.end()) / 1e6)
            }
            None => entry()?.mhz,
        };
        if !(1.0..=400.0).contains(&mhz) {
            return Err(Error::request(format!("--freq {mhz}: 1 to 400 MHz")));
        }
        Ok(Request {
            kind: self.kind,
            size,
            mhz,
            baud: self.baud.unwrap_or(board.baud),
            seeds: (0..self.seeds).map(|i| self.seed.saturating_add(i)).collect(),
            tools: self.tools.map(|t| match t {
                ToolsArg::Native => Kind::Native,
                ToolsArg::Yowasp => Kind::Yowasp,
            }),
            board,
        })
    }
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let request = args.request()?;
    let out = &args.out;
    if out.exists() && !out.is_dir() {
        return Err(Error::input(out, "is a file; --out names a folder"));
    }
    let holds = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if holds && !out.join("report.json").is_file() && !context.force {
        let message = "holds other files, and no build; choose another folder, or --force";
        return Err(Error::input(out, message));
    }
    if args.fit {
        let (built, attempts) = fit::fit(&request, &args.out)?;
        let value = serde_json::json!({ "report": built, "attempts": attempts });
        context.report(&value, || {
            let line = |a: &fit::Attempt| format!("{}: {} {}", a.size, a.outcome, a.why);
            let tried: Vec<_> = attempts.iter().map(line).collect();
            format!("{}\n{}", tried.join("\n"), built.summary())
        })?;
        return Ok(true);
    }
    let board = &request.board.title;
    match build(&request, &args.out)? {
        Outcome::Built(built) => {
            context.report(&built, || built.summary())?;
            Ok(true)
        }
        Outcome::TooLarge(why) => Err(Error::request(format!(
            "{} does not fit {board}: {why}; --fit finds what does",
            request.size
        ))),
        Outcome::TooSlow(slow) => Err(Error::request(format!(
            "{} reaches {} MHz on {board}, below its clock of {} MHz; try --seeds 16, or --freq {}",
            request.size,
            slow.fmax_mhz,
            slow.clock_mhz,
            slow.fmax_mhz.floor()
        ))),
    }
}
