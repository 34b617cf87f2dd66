//! `filter`: adapts a filter to a signal.

use super::args::{help, word, PortArgs, WatchArgs};
use super::printed::{warning, Context, LinkReport};
use super::{enough, learn, resumed, unchanged};
use fixlearn::input::is_format;
use fixlearn::outputs::Kind;
use fixlearn::run::Run;
use fixlearn::task::{Input, Task};
use fixlearn::tasks::filter::plot::gains;
use fixlearn::tasks::filter::signal::{Goal, Heard, Signal, Source};
use fixlearn::tasks::filter::Filter;
use fixlearn::{plot, Error, Result};
use fixlearn_map::lms::{self as map, PLACES, REGISTERS};
use fixlearn_sim::golden::cores::lms::Answer;
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    watch: WatchArgs,
    /// The signal: sound (.wav, one or two channels) or a table (.csv, .tsv, .npy)
    input: PathBuf,
    /// The table's first line is names [default: if it looks like that]
    #[arg(long)]
    header: bool,
    /// The signal's column or channel, by name or by number from 1 on [default: the only one]
    #[arg(long)]
    column: Option<String>,
    /// Cancel what this explains: a column or channel of the input, or a file of one column
    #[arg(long)]
    reference: Option<String>,
    /// Predict the signal from so many samples ago, 1 or more, and those before [default: 1]
    #[arg(long, conflicts_with = "reference", value_parser = clap::value_parser!(u32).range(1..))]
    delay: Option<u32>,
    /// The run file to write; on the way and on Ctrl-C it is the checkpoint
    #[arg(short, long)]
    out: PathBuf,
    /// Go on from the checkpoint in --out, with its settings
    #[arg(long)]
    resume: bool,
    /// Taps of the filter, 1 to 256
    #[arg(long, default_value_t = 32)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=PLACES as i64))]
    taps: u32,
    #[arg(long, value_parser = word(REGISTERS, map::RATE))]
    #[arg(help = help("Rate 2^-N [default: by taps and power]", REGISTERS, map::RATE))]
    rate_shift: Option<u32>,
    /// Times that the signal is learned, 1 to 1048576
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    passes: u64,
    /// Write the error of the last pass, which is what remains of the signal (.wav or .csv)
    #[arg(long)]
    errors: Option<PathBuf>,
    /// Write the filter's output in the last pass (.wav or .csv)
    #[arg(long)]
    predicted: Option<PathBuf>,
    /// Draw the gain as it grows to this file (.svg or .png)
    #[arg(long)]
    plot: Option<PathBuf>,
}

impl Args {
    fn source(&self) -> Source {
        let goal = match &self.reference {
            None => Goal::Predict { delay: self.delay.unwrap_or(1) as usize },
            Some(_) if self.reference_file().is_some() => Goal::Cancel { column: None },
            Some(name) => Goal::Cancel { column: Some(name.clone()) },
        };
        Source { column: self.column.clone(), goal, header: self.header }
    }

    /// The reference, if it is a file.
    fn reference_file(&self) -> Option<PathBuf> {
        let path = PathBuf::from(self.reference.as_ref()?);
        (is_format(&path) && path.is_file()).then_some(path)
    }

    fn input(&self) -> Input {
        let paths = [self.input.clone()].into_iter().chain(self.reference_file()).collect();
        Input { paths, header: self.header, grey: false }
    }

    /// A run at its beginning, or the one in --out to go on with; and the signal.
    fn begin(&self, context: &Context) -> Result<(Run<Filter>, Signal)> {
        let input = self.input();
        if let Some(mut run) = resumed(self.resume, &self.out, Run::<Filter>::read)? {
            let rate = self.rate_shift.unwrap_or(run.plan.rate);
            let asked = Filter { taps: self.taps as usize, rate, ..run.plan.clone() };
            unchanged(context, &self.out, &run.plan, &asked, &[("rate_shift", "rate")])?;
            let source = Source { header: run.plan.source.header, ..self.source() };
            let goal = ["delay", "reference"].iter().any(|id| context.was_given(id));
            let column = context.was_given("column") && source.column != run.plan.source.column;
            if column || goal && source.goal != run.plan.source.goal {
                let message = "was begun on another column, reference or delay; leave them out";
                return Err(Error::input(&self.out, message));
            }
            let signal = run.plan.load(&input, &self.out)?;
            if context.was_given("passes") {
                run.plan.passes = self.passes;
                enough(&run, &signal, &self.out, ("passes", self.passes))?;
            }
            return Ok((run, signal));
        }
        let source = self.source();
        let signal = source.read(&input.paths)?;
        let taps = self.taps as usize;
        let run = Filter::begin(source, &signal, (taps, self.passes), self.rate_shift)?;
        Ok((run, signal))
    }
}

#[derive(Serialize)]
struct Filtered {
    run: String,
    samples: usize,
    passes: u64,
    taps: usize,
    /// The exponent: the rate is `2^-rate_shift`.
    rate_shift: u32,
    /// `prediction gain` or `cancellation`.
    measure: &'static str,
    /// Power of the signal over that of the error; null if one of them is 0.
    gain_db: Option<f64>,
    last_quarter_db: Option<f64>,
    /// What was clamped on the way: output, error, weight.
    saturated: Vec<&'static str>,
    #[serde(flatten)]
    link: LinkReport,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    args.watch.begin();
    let line = args.port.line();
    line.validate()?;
    let mut outputs = context.outputs(args.input().paths);
    outputs.add("--out", &args.out, Kind::Run(args.resume))?;
    let words = Kind::As(&["wav", "csv"]);
    outputs.add_given("--errors", args.errors.as_deref(), words)?;
    outputs.add_given("--predicted", args.predicted.as_deref(), words)?;
    outputs.add_given("--plot", args.plot.as_deref(), Kind::As(plot::ENDINGS))?;
    let (mut run, signal) = args.begin(context)?;
    let files = [&args.errors, &args.predicted];
    files.into_iter().flatten().try_for_each(|path| signal.can_write(path))?;
    if files.iter().any(|file| file.is_some()) {
        signal.heard.replace(Some(Heard { from: run.done, answers: Vec::new() }));
    }
    let mut device = line.open(&run.state)?;
    let ended = learn(&mut device, &mut run, &signal, Some(&args.out))?;
    let plan = &run.plan;
    let (gain_db, last_quarter_db) = Filter::gains(&run, &signal);
    let s = run.state.config.saturated;
    let flags = [(s.output, "output"), (s.error, "error"), (s.weight, "weight")];
    let filtered = Filtered {
        run: args.out.display().to_string(),
        samples: signal.samples.len(),
        passes: run.done / (signal.samples.len() as u64).max(1),
        taps: plan.taps,
        rate_shift: plan.rate,
        measure: plan.measure(),
        gain_db,
        last_quarter_db,
        saturated: flags.iter().filter(|flag| flag.0).map(|flag| flag.1).collect(),
        link: ended.link(&mut device)?,
    };
    context.report(&filtered, || {
        let over = |gain: Option<f64>, what: String| Some(format!("{:.2} dB over {what}", gain?));
        let gains = [
            over(gain_db, format!("{} samples", run.done)),
            over(last_quarter_db, "the last quarter".into()),
        ];
        let gains = match gains.into_iter().flatten().collect::<Vec<_>>().join(", ") {
            none if none.is_empty() && run.done > 0 => "none, since signal or error is 0".into(),
            none if none.is_empty() => "not known yet".into(),
            some => some,
        };
        format!(
            "{}: {} {gains}{}{}",
            filtered.run,
            filtered.measure,
            warning(&filtered.saturated),
            filtered.link.text()
        )
    })?;
    let given =
        [("--errors", &args.errors), ("--predicted", &args.predicted), ("--plot", &args.plot)];
    if !ended.writes(&given) {
        return ended.result();
    }
    let parts: [fn(&Answer) -> i16; 2] = [|answer| answer.e, |answer| answer.y];
    if files.iter().any(|file| file.is_some()) {
        let answers = plan.answers(&signal);
        for (path, part) in files.into_iter().zip(parts) {
            let words: Vec<i16> = answers.iter().map(part).collect();
            path.as_ref().map_or(Ok(()), |path| signal.write(path, &words))?;
        }
    }
    if let Some(path) = &args.plot {
        plot::write(path, &gains(plan, &signal, &run.curve))?;
    }
    ended.result()
}
