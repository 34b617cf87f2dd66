//! `regress`: a linear model of a table's column.

use super::args::{
    help, names, word, ColumnArgs, PortArgs, ResidentArgs, RoundingArg, TableArgs, WatchArgs,
};
use super::printed::{rate as rate_text, warning, Context, LinkReport};
use super::rule::{clamped, learned_files, objectives, same_rule, trace_file, RuleArgs};
use super::{another, enough, learn, of_use, resident, resumed, unchanged};
use fixlearn::input::{Mend, Table};
use fixlearn::outputs::{same, Kind};
use fixlearn::run::Run;
use fixlearn::task::Task;
use fixlearn::tasks::optimize::rule::Rule;
use fixlearn::tasks::regress::columns::{has_words, two_numbers};
use fixlearn::tasks::regress::data::{self, constant, Adapted, Options, Samples};
use fixlearn::tasks::regress::plot::scores as scores_plot;
use fixlearn::tasks::regress::quality::{baseline, baseline_text, score, Quality};
use fixlearn::tasks::regress::request::{Begun, Request};
use fixlearn::tasks::regress::{predict, Regress, Score};
use fixlearn::{output, plot, Error, Result};
use fixlearn_map::gradient::{self as map, REGISTERS};
use fixlearn_sim::golden::cores::gradient::{Objective, Sample};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    input: TableArgs,
    #[command(flatten)]
    rule: RuleArgs,
    /// The run to write; after each pass and on Ctrl-C it is the checkpoint
    #[arg(short, long)]
    out: PathBuf,
    /// Go on from the checkpoint in --out, with its settings
    #[arg(long)]
    resume: bool,
    /// The column to predict, by name or by number from 1 on
    #[arg(long)]
    target: Option<String>,
    #[command(flatten)]
    columns: ColumnArgs,
    #[command(flatten)]
    resident: ResidentArgs,
    /// Learn this class of the target against all others
    #[arg(long)]
    class: Option<String>,
    /// The model [default: least-squares, or logistic if the target is words]
    #[arg(long, value_name = "MODEL", value_parser = objectives(true))]
    objective: Option<Objective>,
    /// Passes over the rows, to 1048576 [default: until more gain little]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=1 << 20))]
    passes: Option<u64>,
    /// Decides the rows held out, and the order of the others
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Share of the rows that are held out, 0 to less than 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
    hold_out: f64,
    /// Hold out the rows of this table, and learn from all of the input
    #[arg(long, value_name = "TABLE", conflicts_with = "hold_out")]
    test: Option<PathBuf>,
    /// Write which rows were learned from, and which held out (.csv)
    #[arg(long, value_name = "FILE")]
    split: Option<PathBuf>,
    /// Take features as they are, not to mean 0 and variance 1
    #[arg(long)]
    raw: bool,
    /// Features (and a regression's target) times this, 0.000001 to 1000000
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Features in this many levels between the table's extremes, 2 to 4096
    #[arg(long, value_name = "N")]
    grey_levels: Option<u32>,
    /// Bits of a weight with its sign, 1 to 32; what is beyond is cut off
    #[arg(long, value_name = "N")]
    weight_bits: Option<u32>,
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = word(REGISTERS, map::LEVELS))]
    #[arg(help = help("Output levels of the perceptron", REGISTERS, map::LEVELS))]
    levels: u32,
    /// Of dropped bits: truncate, nearest, stochastic, feedback
    #[arg(long, value_enum, value_name = "HOW", default_value = "nearest")]
    #[arg(hide_possible_values = true)]
    rounding: RoundingArg,
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, map::RATE))]
    #[arg(help = help("Rate 2^-N at first [default: the best tried]", REGISTERS, map::RATE))]
    rate_shift: Option<u32>,
    /// The rate's last exponent, 0 to 31 [default: 5 more than the first]
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, map::RATE_MOST))]
    rate_final: Option<u32>,
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, map::RATE_PERIOD))]
    #[arg(help = help("Samples per halving, 0 holds the rate [default: by the run]", REGISTERS,
                      map::RATE_PERIOD))]
    rate_period: Option<u32>,
    /// Draw the learning curve to this file (.svg or .png)
    #[arg(long)]
    plot: Option<PathBuf>,
    /// Write the learning curve to this file (.csv or .json)
    #[arg(long)]
    trace: Option<PathBuf>,
}

impl Args {
    fn options(&self) -> Result<Options> {
        let options = Options {
            objective: self.objective.unwrap_or(Objective::LeastSquares),
            hold_out: self.hold_out,
            seed: self.seed,
            standardize: !self.raw,
            scale: self.scale,
            grey_levels: self.grey_levels,
            header: self.input.input().header,
            stratify: true,
            drop: names(&self.columns.drop),
            features: names(&self.columns.features),
            missing: self.columns.missing.into(),
            class: self.class.clone(),
            test: self.test.as_deref().map(absolute).transpose()?,
        };
        options.in_range()?;
        self.request().in_range()?;
        Ok(options)
    }

    fn request(&self) -> Request {
        Request {
            moves: self.rule.moves(),
            passes: self.passes,
            weight_bits: self.weight_bits,
            levels: self.levels,
            rounding: self.rounding.into(),
            rate_shift: self.rate_shift,
            rate_final: self.rate_final,
            rate_period: self.rate_period,
        }
    }

    /// The same for a new run of this table: what is not given follows from it.
    fn options_of(&self, path: &Path, table: &Table, target: &str) -> Result<Options> {
        let mut options = self.options()?;
        options.header = table.named;
        let classes = self.class.is_some() || has_words(table, table.find(path, target)?);
        if self.objective.is_none() && classes {
            options.objective = Objective::Logistic;
        }
        Ok(options)
    }
}

#[derive(Serialize)]
struct Learned {
    run: String,
    objective: Objective,
    target: String,
    features: usize,
    dropped: Vec<String>,
    rows: usize,
    held_out_rows: usize,
    passes: u64,
    /// `rmse` or `accuracy`.
    measure: &'static str,
    training: Option<f64>,
    held_out: Option<f64>,
    /// What answering the mean of the rows learned from, or their most frequent class, scores on
    /// the same rows as `held_out`, or as `training` if none are.
    baseline: f64,
    #[serde(flatten)]
    quality: Quality,
    /// The rate was `2^-rate_shift` at first.
    rate_shift: u32,
    #[serde(flatten)]
    adapted: Adapted,
    /// What was clamped on the way: point, gradient, value.
    saturated: Vec<&'static str>,
    /// What was said on stderr of the target and the score.
    notes: Vec<String>,
    #[serde(flatten)]
    link: LinkReport,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    args.watch.begin();
    let line = args.port.line();
    line.validate()?;
    let input = args.input.input();
    let path = input.one()?;
    let adaptive = args.rule.is(Rule::Adaptive, Rule::Plain) || args.resume;
    of_use(context, adaptive, &["patience"], "--rule adaptive")?;
    let falls = adaptive || args.rate_period != Some(0);
    of_use(context, falls, &["rate_final"], "a rate that falls, and --rate-period 0 holds it")?;
    let levels = args.objective.is_some_and(|o| o.name() == "perceptron") || args.resume;
    of_use(context, levels, &["levels"], "--objective perceptron")?;
    if let Some(test) = args.test.as_deref().filter(|test| same(path, test)) {
        let message = "--test names the table to learn from, of which it would say nothing new; \
                       leave it out, and a share of the rows is held out";
        return Err(Error::input(test, message));
    }
    let mut outputs = context.outputs([path].into_iter().chain(&args.test));
    outputs.add("--out", &args.out, Kind::Run(args.resume))?;
    outputs.add_given("--split", args.split.as_deref(), Kind::As(&["csv"]))?;
    learned_files(&mut outputs, args.trace.as_deref(), args.plot.as_deref())?;
    let mut notes = Vec::new();
    let mut note = |text: String| {
        output::note(format_args!("{}: {text}", path.display()));
        notes.push(text);
    };
    let resumed = resumed(args.resume, &args.out, Run::<Regress>::read)?;
    let begun = resumed.is_some();
    let (run, samples) = match resumed {
        Some(mut run) => {
            let was = &run.plan.preparation;
            let asked = Options { header: was.options.header, ..args.options()? };
            unchanged(context, &args.out, &was.options, &asked, &[("raw", "standardize")])?;
            let samples = run.plan.load(&input, &args.out)?;
            if let Some(target) = &args.target {
                let table = fixlearn::input::cells(path, input.header)?;
                let column = table.column(target).map(|at| &table.names[at]);
                if column != Some(&was.target) {
                    let message =
                        format!("was begun with another --target, {}; leave it out", was.target);
                    return Err(Error::input(&args.out, message));
                }
            }
            let total = run.plan.passes * samples.training.len() as u64;
            let config = &run.plan.start.config;
            let rate = args.rate_shift.unwrap_or(config.rate);
            let asked = args.request().start(config.objective, config.dimension, rate, total)?;
            let asked = asked.config;
            let renamed =
                [("rate_shift", "rate"), ("rate_final", "rate_most"), ("weight_bits", "low")];
            unchanged(context, &args.out, config, &asked, &renamed)?;
            if context.was_given("rule") && !same_rule(config, &asked) {
                return Err(another(&args.out, "rule"));
            }
            if let Some(passes) = args.passes {
                run.plan.passes = passes;
                enough(&run, &samples, &args.out, ("passes", passes))?;
            }
            (run, samples)
        }
        None => {
            let target = args
                .target
                .as_deref()
                .ok_or_else(|| Error::request("--target is missing: name the column to predict"))?;
            let table = fixlearn::input::cells(path, input.header)?;
            let options = args.options_of(path, &table, target)?;
            let (preparation, samples) =
                data::prepare(path, &table, target, &options, Mend::Learn)?;
            // Classes have targets of their own, which nothing scales.
            let scaled = options.grey_levels.is_none() || preparation.classes.is_none();
            of_use(context, scaled, &["raw", "scale"], "features without --grey-levels")?;
            table.say(path);
            if args.objective.is_none() {
                let targets = samples.training_targets.iter().chain(&samples.held_out_targets);
                let target = &preparation.target;
                if options.objective == Objective::Logistic {
                    note(format!(
                        "column `{target}` holds classes, which --objective logistic learns"
                    ));
                } else if let Some((a, b)) = two_numbers(targets) {
                    note(format!(
                        "column `{target}` holds only {a} and {b}, and is learned as a number; if \
                         these are classes, learn them with --objective logistic or --class {b}"
                    ));
                }
            }
            let Begun { run, clamped } = args.request().begin(preparation, &samples)?;
            if let Some(best) = clamped {
                note(format!(
                    "rate {} is the best of those tried on some rows, and saturates on all of \
                     them; {} is taken",
                    rate_text(best),
                    rate_text(run.plan.start.config.rate)
                ));
            }
            (run, samples)
        }
    };
    let mut run = resident(run, &args.resident, begun, Some(&args.out))?;
    let mut device = line.open(&run.state)?;
    let test = run.plan.preparation.options.test.as_ref().map(|test| (test, &samples.tested));
    for (path, adapted) in [(path, &samples.adapted)].into_iter().chain(test) {
        if let Some(text) = adapted.text() {
            output::say(format_args!("{}: {text}", path.display()));
        }
    }
    let mut ended = learn(&mut device, &mut run, &samples, Some(&args.out))?;
    let (preparation, trace) = (&run.plan.preparation, &run.curve);
    let (asked, targets) = match samples.held_out.is_empty() {
        true => (&samples.training, &samples.training_targets),
        false => (&samples.held_out, &samples.held_out_targets),
    };
    let answers =
        ended.answers(&args.out, || device.holding(&run.state, |device| predict(device, asked)));
    // The device may be gone; what it would say is known.
    let known = || asked.iter().map(|sample| run.state.predict(&sample.features)).collect();
    let predictions: Vec<_> = answers.unwrap_or_else(known);
    let quality = match run.done {
        // What was not learned predicts nothing.
        0 => Quality { r2: None, confusion: None },
        _ => Quality::new(preparation, &predictions, targets),
    };
    if let Some(text) = quality.warning() {
        note(text);
    }
    let measure = preparation.measure();
    let all = || constant(preparation.classes, &samples.training_targets);
    let known = preparation.constant.unwrap_or_else(all);
    let rows = samples.training.len() as u64;
    let last = match trace.last() {
        Some(last) if last.pass * rows == run.done => Some(*last),
        // In the middle of a pass no device was asked; the state says what it would answer.
        _ if run.done > 0 => {
            let rate = |rows: &[Sample], targets: &[f64]| {
                let predicted = rows.iter().map(|row| run.state.predict(&row.features));
                score(preparation, &predicted.collect::<Vec<_>>(), targets)
            };
            let held_out = (!samples.held_out.is_empty())
                .then(|| rate(&samples.held_out, &samples.held_out_targets));
            let training = rate(&samples.training, &samples.training_targets);
            Some(Score { pass: run.done / rows, training, held_out, rate: 0 })
        }
        _ => None,
    };
    let learned = Learned {
        run: args.out.display().to_string(),
        objective: preparation.options.objective,
        target: preparation.target.clone(),
        features: preparation.features.len(),
        dropped: preparation.dropped.clone(),
        rows: samples.training.len(),
        held_out_rows: samples.held_out.len(),
        passes: run.done / rows.max(1),
        measure,
        training: last.map(|s| s.training),
        held_out: last.and_then(|s| s.held_out),
        baseline: baseline(preparation, known, targets),
        quality,
        rate_shift: run.plan.start.config.rate,
        adapted: samples.adapted.clone().and(&samples.tested),
        saturated: clamped(&run.state),
        notes,
        link: ended.link(&mut device)?,
    };
    context.report(&learned, || {
        let on = |x: Option<f64>, rows, which| {
            x.map(|x| format!("{} on {rows} {which}", output::rounded(x, 4)))
        };
        let scores = [
            on(learned.training, learned.rows, "rows"),
            on(learned.held_out, learned.held_out_rows, "held out"),
        ];
        let scores = match scores.into_iter().flatten().collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "not known yet".into(),
            some => some,
        };
        let alike = |name: &&String| !learned.adapted.empty.contains(name);
        let alike: Vec<String> = learned.dropped.iter().filter(alike).cloned().collect();
        let dropped = match alike.join(", ") {
            none if none.is_empty() => none,
            some => format!("; dropped, since they do not vary: {some}"),
        };
        format!(
            "{}: {measure} {scores}{}{}; {} passes from rate {}{dropped}{}{}",
            learned.run,
            learned.quality.text(),
            baseline_text(preparation, learned.baseline),
            learned.passes,
            rate_text(learned.rate_shift),
            warning(&learned.saturated),
            learned.link.text()
        )
    })?;
    let files = [("--split", &args.split), ("--plot", &args.plot), ("--trace", &args.trace)];
    if !ended.writes(&files) {
        return ended.result();
    }
    if let Some(path) = &args.split {
        output::write(path, parts(&samples).as_bytes())?;
    }
    if let Some(path) = &args.plot {
        plot::write(path, &scores_plot(trace, measure))?;
    }
    if let Some(path) = &args.trace {
        output::write(path, &trace_file(path, trace, || scores(trace))?)?;
    }
    ended.result()
}

/// Which part each row of the table is in, rows counted from 1.
fn parts(samples: &Samples) -> String {
    let parts = [
        (&samples.training_rows, "train"),
        (&samples.held_out_rows, "test"),
        (&samples.left_out, "left out"),
    ];
    let mut rows: Vec<(usize, &str)> =
        parts.iter().flat_map(|(rows, part)| rows.iter().map(|&row| (row + 1, *part))).collect();
    rows.sort_unstable();
    let lines = rows.iter().map(|(row, part)| format!("{row},{part}\n"));
    format!("row,part\n{}", lines.collect::<String>())
}

/// The path, whatever folder a command is called in later.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(Error::io(path))
}

fn scores(trace: &[Score]) -> String {
    let mut text = String::from("pass,training,held_out,rate\n");
    for s in trace {
        let held_out = s.held_out.map_or(String::new(), output::number);
        let training = output::number(s.training);
        text += &format!("{},{training},{held_out},{}\n", s.pass, s.rate);
    }
    text
}
