//! `associate`: learns which columns go with which, on a Boltzmann machine.

use super::args::{help, word, PortArgs, WatchArgs};
use super::printed::{Context, LinkReport};
use super::{enough, learn, of_use, resumed, unchanged};
use clap::ValueEnum;
use fixlearn::outputs::Kind;
use fixlearn::run::Run;
use fixlearn::task::{Input, Task};
use fixlearn::tasks::associate::patterns::{to_complete, Patterns, Source};
use fixlearn::tasks::associate::plot::missed;
use fixlearn::tasks::associate::request::Request;
use fixlearn::tasks::associate::Associate;
use fixlearn::{output, plot, Error, Result};
use fixlearn_map::boltzmann::{self as map, REGISTERS};
use serde::Serialize;
use std::path::PathBuf;

/// What moves weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Rule {
    Levels,
    Residues,
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    watch: WatchArgs,
    /// A table: numbers, or two words a column; an empty cell is unknown
    input: Option<PathBuf>,
    /// The table's first line is names [default: if it looks like that]
    #[arg(long)]
    header: bool,
    /// In place of a table: xor, or parity2 to parity8
    #[arg(long, conflicts_with_all = ["target", "drop", "header"])]
    task: Option<Source>,
    /// Columns to answer from the others, by name or by number from 1 on
    #[arg(long, value_delimiter = ',')]
    target: Vec<String>,
    /// Columns to leave out
    #[arg(long, value_delimiter = ',')]
    drop: Vec<String>,
    /// The run file to write; on the way and on Ctrl-C it is the checkpoint
    #[arg(short, long)]
    out: PathBuf,
    /// Go on from the checkpoint in --out, with its settings
    #[arg(long)]
    resume: bool,
    /// Complete the rows of this table, or with `-` those that were learned, into --answers
    #[arg(long, requires = "answers")]
    complete: Option<PathBuf>,
    /// Where completed rows are written (.csv)
    #[arg(long, requires = "complete")]
    answers: Option<PathBuf>,
    /// Draw the patterns that are missed to this file (.svg or .png)
    #[arg(long)]
    plot: Option<PathBuf>,
    /// Hidden units; with the columns and one more at most 32
    #[arg(long, default_value_t = 8, help_heading = "Machine")]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=30))]
    hidden: u16,
    /// Levels of a weight, odd, 3 to 255
    #[arg(long, default_value_t = 15, value_parser = levels, help_heading = "Machine")]
    levels: u32,
    /// Weights are between minus this and this
    #[arg(long, default_value_t = 1.5, value_parser = usual, help_heading = "Machine")]
    range: f64,
    /// The first temperature of the ladder
    #[arg(long, default_value_t = 8.0, value_parser = usual, help_heading = "Machine")]
    hot: f64,
    /// The last temperature
    #[arg(long, default_value_t = 0.5, value_parser = usual, help_heading = "Machine")]
    cold: f64,
    #[arg(long, default_value_t = 12, value_parser = word(REGISTERS, map::TEMPERATURES))]
    #[arg(help = help("Temperatures", REGISTERS, map::TEMPERATURES), help_heading = "Machine")]
    temperatures: u32,
    #[arg(long, default_value_t = 1, value_parser = word(REGISTERS, map::SWEEPS))]
    #[arg(help = help("Sweeps at each", REGISTERS, map::SWEEPS), help_heading = "Machine")]
    sweeps: u32,
    /// Every weight keeps a residue, or those of the largest differences move by a level
    #[arg(long, value_enum, default_value = "residues", help_heading = "Rule")]
    rule: Rule,
    #[arg(long, value_parser = word(REGISTERS, map::MOVES), help_heading = "Rule")]
    #[arg(help = help("Weights that move by a level [default: 2]", REGISTERS, map::MOVES))]
    moves: Option<u32>,
    #[arg(long, value_parser = word(REGISTERS, map::CHANCE), help_heading = "Rule")]
    #[arg(help = help("Chance adds 2^-N of a difference; 31 none [default: 3]", REGISTERS,
        map::CHANCE))]
    chance: Option<u32>,
    /// Differences up to this move nothing [default: 0]
    #[arg(long, help_heading = "Rule")]
    band: Option<f64>,
    #[arg(long, value_parser = word(REGISTERS, map::RATE), help_heading = "Rule")]
    #[arg(help = help("Rate of the residues 2^-N [default: by rows]", REGISTERS, map::RATE))]
    rate_shift: Option<u32>,
    #[arg(long, value_parser = word(REGISTERS, map::PATIENCE), help_heading = "Rule")]
    #[arg(help = help("Epochs after which the weights are drawn anew; 0 never [default: 100 of \
        --task, 0 of a table]", REGISTERS, map::PATIENCE))]
    patience: Option<u32>,
    /// Epochs at most, up to 65535: it ends when every target is reached
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=0xffff))]
    epochs: u64,
    /// Decides the first weights, and chance
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn levels(text: &str) -> std::result::Result<u32, String> {
    let levels = text.parse().ok().filter(|n| (3..=255).contains(n) && n % 2 == 1);
    levels.ok_or_else(|| "an odd number, 3 to 255".into())
}

fn usual(text: &str) -> std::result::Result<f64, String> {
    let number = text.parse().ok().filter(|x| (1e-3..=1e3).contains(x));
    number.ok_or_else(|| "a number from 0.001 to 1000".into())
}

impl Args {
    fn source(&self) -> Source {
        let table = || Source::Table { targets: self.target.clone(), header: self.header };
        self.task.clone().unwrap_or_else(table)
    }

    fn input(&self) -> Input {
        let paths = self.input.clone().into_iter().collect();
        Input { paths, header: self.header, grey: false }
    }

    fn request(&self) -> Request {
        Request {
            hidden: self.hidden.into(),
            levels: self.levels,
            range: self.range,
            hot: self.hot,
            cold: self.cold,
            temperatures: self.temperatures,
            sweeps: self.sweeps,
            residues: self.rule == Rule::Residues,
            moves: self.moves,
            chance: self.chance,
            band: self.band,
            rate_shift: self.rate_shift,
            patience: self.patience,
            epochs: self.epochs,
            seed: self.seed,
        }
    }

    fn plan(&self, source: Source, patterns: &Patterns) -> Associate {
        self.request().plan(source, self.drop.clone(), patterns)
    }

    /// A run at its beginning, or the one in --out to go on with; and the patterns.
    fn begin(&self, context: &Context) -> Result<(Run<Associate>, Patterns)> {
        if let Some(mut run) = resumed(self.resume, &self.out, Run::<Associate>::read)? {
            let patterns = run.plan.load(&self.input(), &self.out)?;
            let asked =
                Associate { epochs: run.plan.epochs, ..self.plan(self.source(), &patterns) };
            let same = [("rule", "residues"), ("rate_shift", "rate"), ("epochs", "")];
            unchanged(context, &self.out, &run.plan, &asked, &same)?;
            if context.was_given("target") || context.was_given("task") {
                let was = match (&run.plan.source, self.source()) {
                    (Source::Table { targets: a, .. }, Source::Table { targets: b, .. }) => *a == b,
                    (a, b) => *a == b,
                };
                if !was {
                    let message = "was begun on other targets; leave them out";
                    return Err(Error::input(&self.out, message));
                }
            }
            if context.was_given("epochs") {
                run.plan.epochs = self.epochs;
                enough(&run, &patterns, &self.out, ("epochs", self.epochs))?;
            }
            return Ok((run, patterns));
        }
        let source = self.source();
        let patterns = source.read(&self.input().paths, &self.drop, self.hidden.into())?;
        Ok((self.plan(source, &patterns).begin(&patterns)?, patterns))
    }
}

#[derive(Serialize)]
struct Associated {
    run: String,
    patterns: usize,
    units: usize,
    hidden: usize,
    levels: u32,
    /// Until every target was reached; null if some never were.
    epochs: Option<u64>,
    /// How often the weights were drawn anew.
    drawn: u32,
    /// Patterns with targets, and those whose every target has its side of 0; null if they were not
    /// asked for.
    asked: Option<usize>,
    right: Option<usize>,
    largest_weight: f64,
    #[serde(flatten)]
    link: LinkReport,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    args.watch.begin();
    let line = args.port.line();
    line.validate()?;
    args.request().in_range()?;
    let of_levels = args.rule == Rule::Levels || args.resume;
    of_use(context, of_levels, &["moves", "chance", "band"], "--rule levels")?;
    let of_residues = args.rule == Rule::Residues || args.resume;
    of_use(context, of_residues, &["rate_shift"], "--rule residues")?;
    let learned_again = args.complete.as_deref().is_some_and(|path| path.as_os_str() == "-");
    let table = args.complete.clone().filter(|_| !learned_again);
    let mut outputs = context.outputs(args.input.iter().chain(&table));
    outputs.add("--out", &args.out, Kind::Run(args.resume))?;
    outputs.add_given("--answers", args.answers.as_deref(), Kind::As(&["csv"]))?;
    outputs.add_given("--plot", args.plot.as_deref(), Kind::As(plot::ENDINGS))?;
    let (mut run, patterns) = args.begin(context)?;
    let partial = match &table {
        Some(path) => Some(to_complete(path, &run.plan.columns, args.header)?),
        None => None,
    };
    let mut device = line.open(&run.state)?;
    let mut ended = learn(&mut device, &mut run, &patterns, Some(&args.out))?;
    let mut ask =
        |vectors: &[u8]| device.holding(&run.state, |device| device.recall(vectors, |_| {}));
    let answers = ended.answers(&args.out, || ask(&patterns.vectors()));
    let completed = match &partial {
        Some(partial) => ended.answers(&args.out, || ask(&partial.vectors())),
        None => None,
    };
    let right = answers.as_ref().map(|answers| patterns.right(answers));
    let (epochs, drawn) = Associate::solved(&run);
    let associated = Associated {
        run: args.out.display().to_string(),
        patterns: patterns.rows.len(),
        units: run.plan.units(),
        hidden: run.plan.hidden,
        levels: run.plan.levels,
        epochs,
        drawn,
        asked: right.map(|(_, asked)| asked),
        right: right.map(|(right, _)| right),
        largest_weight: run.plan.largest(&run.state),
        link: ended.link(&mut device)?,
    };
    context.report(&associated, || {
        let when = match (epochs, right) {
            (_, None) => "not known yet".into(),
            (Some(epochs), Some((_, asked))) => {
                format!("all {asked} reached after {}", output::count(epochs as usize, "epoch"))
            }
            (None, Some((right, asked))) => {
                format!("{right} of {asked} on their side of 0, not all with the margin")
            }
        };
        let drawn = match drawn {
            0 => String::new(),
            n => format!(", weights drawn anew {}", output::count(n as usize, "time")),
        };
        format!(
            "{}: {when}{drawn}; largest weight {:.2}{}",
            associated.run,
            associated.largest_weight,
            associated.link.text()
        )
    })?;
    let given = [("--answers", &args.answers), ("--plot", &args.plot)];
    if !ended.writes(&given) {
        return ended.result();
    }
    if let Some(path) = &args.answers {
        let table = match (&partial, &completed, &answers) {
            (Some(partial), Some(completed), _) => partial.table(path, completed)?,
            (_, _, answers) => patterns.table(path, answers.as_deref().unwrap_or_default())?,
        };
        output::write(path, &table)?;
    }
    if let Some(path) = &args.plot {
        plot::write(path, &missed(&run.curve))?;
    }
    ended.result()
}
