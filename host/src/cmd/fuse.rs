//! `fuse`: learns where a source is from what quantizing nodes send.

use super::args::{help, word, PortArgs, WatchArgs};
use super::printed::{Context, LinkReport};
use super::{another, enough, learn, of_use, resumed, unchanged};
use fixlearn::input::cells;
use fixlearn::outputs::Kind;
use fixlearn::run::Run;
use fixlearn::task::{countable, Input, Task};
use fixlearn::tasks::fuse::field::Field;
use fixlearn::tasks::fuse::quantizer::{key, Merging};
use fixlearn::tasks::fuse::request::Request;
use fixlearn::tasks::fuse::{estimates, Fuse, Samples, Source};
use fixlearn::{output, Error, Result};
use fixlearn_map::fusion::{self as map, MOST_NODES, REGISTERS};
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::cores::fusion::{Position, Sample};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum MergeArg {
    /// An interval a codeword
    None,
    /// The interval's number modulo the number of codewords
    Fold,
    /// Those that the other nodes tell apart best
    Confusable,
    /// Those whose merging adds the least squared error
    Closest,
    /// As --codewords says
    Given,
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    watch: WatchArgs,
    /// Readings with positions (.csv, .tsv, .npy) [default: a field is simulated]
    input: Option<PathBuf>,
    /// The table's first line is names [default: if it looks like that]
    #[arg(long, requires = "input")]
    header: bool,
    /// The table's columns of the position; all others are nodes
    #[arg(long, value_delimiter = ',', num_args = 1, default_value = "x,y", requires = "input")]
    position: Vec<String>,
    /// Nodes of the simulated field, 3 to 8
    #[arg(long, default_value_t = 5, conflicts_with = "input")]
    #[arg(value_parser = clap::value_parser!(u8).range(3..=MOST_NODES as i64))]
    nodes: u8,
    /// Standard deviation of a simulated reading's noise, in its unit, above 0
    #[arg(long, default_value_t = 0.01, conflicts_with = "input")]
    sigma: f64,
    /// Samples that are simulated, 1000 to 4000000
    #[arg(long, default_value_t = 200_000, conflicts_with = "input")]
    #[arg(value_parser = clap::value_parser!(u32).range(1000..=4_000_000))]
    samples: u32,
    /// Where the simulated nodes are: a table of two columns [default: at random places]
    #[arg(long, value_name = "TABLE", conflicts_with_all = ["input", "nodes"])]
    field: Option<PathBuf>,
    /// Side of the simulated field
    #[arg(long, default_value_t = 10.0, conflicts_with = "input")]
    side: f64,
    /// What a source gives at a distance of 1, and nearer
    #[arg(long, default_value_t = 50.0, conflicts_with = "input")]
    strength: f64,
    /// Decides the positions of nodes and sources
    #[arg(long, default_value_t = 1, conflicts_with = "input")]
    seed: u64,
    #[arg(long, default_value_t = 3, value_parser = word(REGISTERS, map::BITS))]
    #[arg(help = help("Bits of a codeword", REGISTERS, map::BITS))]
    bits: u32,
    /// Equally probable intervals that are merged, 2 to 64 [default: twice the codewords]
    #[arg(long, value_parser = clap::value_parser!(u8).range(2..=64))]
    intervals: Option<u8>,
    /// Which intervals share a codeword
    #[arg(long, value_enum, default_value = "closest")]
    merge: MergeArg,
    /// The codewords of --merge given: a table of a row a node and a column an interval
    #[arg(long, value_name = "TABLE", conflicts_with = "intervals")]
    codewords: Option<PathBuf>,
    /// Readings to estimate the positions of, into --answers: a column a node
    #[arg(long, value_name = "TABLE", requires = "answers")]
    answer: Option<PathBuf>,
    /// Where positions are written (.csv)
    #[arg(long, requires = "answer")]
    answers: Option<PathBuf>,
    #[arg(long, default_value_t = 2, value_parser = word(REGISTERS, map::WEIGHT))]
    #[arg(help = help("The hits' logarithm counts 2^N times in a score", REGISTERS, map::WEIGHT))]
    weight: u32,
    /// Places for combinations, as the device has them: 1024, 4096 or 16384
    #[arg(long, default_value = "16384", value_parser = ["1024", "4096", "16384"])]
    places: String,
    /// Times that the samples are learned, 1 to 1048576
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    passes: u64,
    /// The run file to write; on the way and on Ctrl-C it is the checkpoint
    #[arg(short, long)]
    out: PathBuf,
    /// Go on from the checkpoint in --out, with its settings
    #[arg(long)]
    resume: bool,
}

/// Sources of a simulated field that are asked for at the end.
const ASKED: usize = 4000;

impl Args {
    fn input(&self) -> Input {
        let paths = self.input.iter().cloned().collect();
        Input { paths, header: self.header, grey: false }
    }

    fn source(&self) -> Result<Source> {
        let Some(path) = &self.input else {
            let usual = |x: f64| (1e-6..=1e6).contains(&x);
            if ![self.side, self.strength, self.sigma].into_iter().all(usual) {
                let message = "--side, --strength and --sigma: numbers from 0.000001 to 1000000";
                return Err(Error::request(message));
            }
            let usual_field = Field::scattered(self.nodes.into(), self.sigma, self.seed);
            let share = self.side / usual_field.side;
            let nodes = match &self.field {
                Some(path) => places(path, self.side)?,
                None => usual_field.nodes.iter().map(|at| at.map(|c| c * share)).collect(),
            };
            let Self { sigma, strength, side, .. } = *self;
            let field = Field { side, strength, sigma, nodes };
            let (samples, seed) = (self.samples as usize, self.seed.wrapping_add(1));
            return Ok(Source::Simulated { field, samples, asked: ASKED, seed });
        };
        let table = cells(path, self.header)?;
        let [x, y] = self.position.as_slice() else {
            return Err(Error::request("--position: give two columns, as x,y"));
        };
        let (column_x, column_y) = (table.find(path, x)?, table.find(path, y)?);
        if column_x == column_y {
            let message = format!("--position names the column `{x}` twice; name x and y");
            return Err(Error::input(path, message));
        }
        let all = table.names.iter().enumerate();
        let nodes: Vec<String> = all
            .filter(|(i, _)| *i != column_x && *i != column_y)
            .map(|(_, name)| name.clone())
            .collect();
        if !(1..=usize::from(MOST_NODES)).contains(&nodes.len()) {
            let message = format!("has {} columns beside {x} and {y}; give 1 to 8", nodes.len());
            return Err(Error::input(path, table.noted(&message)));
        }
        let position = [x.clone(), y.clone()];
        Ok(Source::Table { position, nodes, header: self.header })
    }

    /// Intervals of a node, and how they are merged.
    fn merging(&self, nodes: usize) -> Result<(usize, Merging)> {
        let codewords = 1 << self.bits;
        let merging = match (self.merge, &self.codewords) {
            (MergeArg::Given, Some(path)) => return given(path, nodes, codewords),
            (MergeArg::Given, None) => {
                return Err(Error::request("--merge given: name the table by --codewords"));
            }
            (_, Some(_)) => return Err(Error::request("--codewords is of --merge given")),
            (merge, None) => merge,
        };
        let merging = match merging {
            MergeArg::None => Merging::None,
            MergeArg::Fold => Merging::Fold,
            MergeArg::Confusable => Merging::Confusable,
            MergeArg::Closest | MergeArg::Given => Merging::Closest,
        };
        let intervals = self.request(merging.clone()).intervals()?;
        Ok((intervals, merging))
    }

    fn request(&self, merging: Merging) -> Request {
        let (bits, intervals, weight, passes) =
            (self.bits, self.intervals, self.weight, self.passes);
        let places = self.places.parse().unwrap_or(1 << 14);
        Request { bits, intervals, merging, weight, places, passes }
    }

    /// Says whether what was given is what a run was begun with.
    fn differs(&self, run: &Run<Fuse>, context: &Context) -> Result<()> {
        let plan = &run.plan;
        let intervals = plan.quantizers.first().map_or(0, |q| q.codewords.len());
        let place_bits = run.state.built().place_bits;
        let mut same = vec![
            ("intervals", self.intervals.is_none_or(|n| usize::from(n) == intervals)),
            ("places", self.places.parse() == Ok(1_u32 << place_bits)),
        ];
        if context.was_given("merge") || context.was_given("codewords") {
            let merging = self.merging(plan.quantizers.len())?.1;
            same.extend([("merge", merging == plan.merging), ("codewords", true)]);
        }
        match &plan.source {
            Source::Simulated { field, samples, seed, .. } => {
                let nodes = match &self.field {
                    Some(path) => places(path, self.side)? == field.nodes,
                    None => true,
                };
                same.extend([
                    ("position", false),
                    ("field", nodes),
                    ("nodes", usize::from(self.nodes) == field.nodes.len()),
                    ("sigma", self.sigma == field.sigma),
                    ("side", self.side == field.side),
                    ("strength", self.strength == field.strength),
                    ("samples", self.samples as usize == *samples),
                    ("seed", self.seed.wrapping_add(1) == *seed),
                ]);
            }
            Source::Table { position, .. } => {
                same.push(("position", self.position == *position));
                let of_fields = ["field", "nodes", "sigma", "side", "strength", "samples", "seed"];
                same.extend(of_fields.map(|id| (id, false)));
            }
        }
        match same.into_iter().find(|(id, same)| !same && context.was_given(id)) {
            Some((id, _)) => Err(another(&self.out, id)),
            None => Ok(()),
        }
    }

    /// A run at its beginning, or the one in --out to go on with; and the samples.
    fn begin(&self, context: &Context) -> Result<(Run<Fuse>, Samples)> {
        let input = self.input();
        if let Some(mut run) = resumed(self.resume, &self.out, Run::<Fuse>::read)? {
            self.differs(&run, context)?;
            let asked = Fuse { bits: self.bits, weight: self.weight, ..run.plan.clone() };
            unchanged(context, &self.out, &run.plan, &asked, &[])?;
            let samples = run.plan.load(&input, &self.out)?;
            if context.was_given("passes") {
                run.plan.passes = self.passes;
                enough(&run, &samples, &self.out, ("passes", self.passes))?;
                countable(&run.plan, &samples)?;
            }
            return Ok((run, samples));
        }
        let source = self.source()?;
        let (intervals, merging) = self.merging(source.nodes())?;
        let (training, asked) = source.read(&input)?;
        if let (Some(path), true) = (&self.input, training.are_constant()) {
            let message = "all readings of each node are the same; there is nothing to learn";
            return Err(Error::input(path, message));
        }
        self.request(merging).begin(source, intervals, (&training, &asked))
    }
}

/// The places of nodes, from a table of two columns.
fn places(path: &Path, side: f64) -> Result<Vec<[f64; 2]>> {
    let table = cells(path, false)?;
    let (least, most) = (3, usize::from(MOST_NODES));
    if table.columns != 2 || !(least..=most).contains(&table.rows()) {
        let (rows, columns) = (table.rows(), table.columns);
        let message = format!(
            "has {rows} rows of {columns} columns; give x and y of {least} to {most} nodes"
        );
        return Err(Error::input(path, table.noted(&message)));
    }
    let (x, y) = (table.numbers(path, 0)?, table.numbers(path, 1)?);
    let all: Vec<[f64; 2]> = x.into_iter().zip(y).map(|(x, y)| [x, y]).collect();
    match all.iter().flatten().find(|c| c.abs() > 1e3 * side) {
        Some(far) => {
            let message = format!("has a node at {far}, far from a field of side {side}");
            Err(Error::input(path, message))
        }
        None => Ok(all),
    }
}

/// The codewords of every interval of every node, from a table.
fn given(path: &Path, nodes: usize, codewords: usize) -> Result<(usize, Merging)> {
    let table = cells(path, false)?;
    let intervals = table.columns;
    if table.rows() != nodes || !(2..=64).contains(&intervals) {
        let rows = table.rows();
        let message = format!(
            "has {rows} rows of {intervals} columns; give a row for each of {nodes} nodes, and a \
             column for each of 2 to 64 intervals"
        );
        return Err(Error::input(path, table.noted(&message)));
    }
    let code = |row: usize, column: usize| {
        let value = table.value(row, column);
        let codes = (0..codewords).find(|&code| code as f64 == value);
        codes.map(|code| code as u8).ok_or_else(|| {
            let (place, text) = (table.place(row, column), table.text(row, column));
            let message = format!("{place}: `{text}` is no codeword, 0 to {}", codewords - 1);
            Error::input(path, message)
        })
    };
    let row = |row| (0..intervals).map(|column| code(row, column)).collect::<Result<Vec<u8>>>();
    let all = (0..nodes).map(row).collect::<Result<Vec<Vec<u8>>>>()?;
    Ok((intervals, Merging::Given(all)))
}

/// Readings to answer, as what the nodes would send.
fn readings(path: &Path, header: bool, plan: &Fuse) -> Result<Vec<Sample>> {
    let table = cells(path, header)?;
    let count = plan.quantizers.len();
    let columns: Vec<usize> = match &plan.source {
        // Without names, by place.
        Source::Table { .. } if table.columns == count && !table.named => (0..count).collect(),
        Source::Table { nodes, position, .. } => {
            let nodes = nodes.iter().map(|name| table.find(path, name));
            let nodes = nodes.collect::<Result<Vec<_>>>()?;
            let known = |column| {
                nodes.contains(&column) || position.iter().any(|p| table.column(p) == Some(column))
            };
            if let Some(column) = (0..table.columns).find(|&column| !known(column)) {
                let message = format!(
                    "column `{}` is neither a node of the run nor a position; take it out",
                    table.names[column]
                );
                return Err(Error::input(path, table.noted(&message)));
            }
            nodes
        }
        Source::Simulated { .. } if table.columns == count => (0..count).collect(),
        Source::Simulated { .. } => {
            let message = format!("has {} columns; the run has {count} nodes", table.columns);
            return Err(Error::input(path, table.noted(&message)));
        }
    };
    let values = columns.into_iter().map(|column| table.numbers(path, column));
    let values = values.collect::<Result<Vec<_>>>()?;
    table.say(path);
    let key = |row: usize| key(&plan.quantizers, plan.bits, values.iter().map(|v| v[row]));
    Ok((0..table.rows()).map(|row| Sample { key: key(row), at: Position { x: 0, y: 0 } }).collect())
}

#[derive(Serialize)]
struct Fused {
    run: String,
    samples: usize,
    passes: u64,
    nodes: usize,
    bits: u32,
    /// Intervals of a node, merged into `2^bits` codewords.
    intervals: usize,
    /// Combinations that are stored, that were lost, and that came and were not stored yet.
    stored: u32,
    dropped: u32,
    unseen: u32,
    asked: usize,
    /// Mean squared distance of the answers for `asked` samples that were not learned, in the
    /// positions' units squared; null if learning is not done.
    squared_error: Option<f64>,
    #[serde(flatten)]
    link: LinkReport,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    args.watch.begin();
    let line = args.port.line();
    line.validate()?;
    of_use(context, args.input.is_some(), &["header", "position"], "a table")?;
    let others = [&args.field, &args.codewords, &args.answer];
    let mut outputs =
        context.outputs(args.input().paths.iter().chain(others.into_iter().flatten()));
    outputs.add("--out", &args.out, Kind::Run(args.resume))?;
    outputs.add_given("--answers", args.answers.as_deref(), Kind::As(&["csv"]))?;
    let (mut run, samples) = args.begin(context)?;
    let to_answer = match &args.answer {
        Some(path) => Some(readings(path, args.header, &run.plan)?),
        None => None,
    };
    let mut device = line.open(&run.state)?;
    let mut ended = learn(&mut device, &mut run, &samples, Some(&args.out))?;
    let plan = &run.plan;
    let found = ended.answers(&args.out, || {
        let sample = |&(key, _): &(u32, _)| Sample { key, at: Position { x: 0, y: 0 } };
        estimates(&mut device, &run, samples.asked.iter().map(sample))
    });
    let squared_error = found.map(|found| {
        let squared = |(place, (_, at)): (&[f64; 2], &(u32, [f64; 2]))| {
            (place[0] - at[0]).powi(2) + (place[1] - at[1]).powi(2)
        };
        let sum: f64 = found.iter().zip(&samples.asked).map(squared).sum();
        sum / samples.asked.len().max(1) as f64
    });
    let answered = match to_answer {
        Some(asked) => ended.answers(&args.out, || estimates(&mut device, &run, asked.into_iter())),
        None => None,
    };
    let config = &run.state.config;
    let fused = Fused {
        run: args.out.display().to_string(),
        samples: samples.training.len(),
        passes: run.done / (samples.training.len() as u64).max(1),
        nodes: plan.quantizers.len(),
        bits: plan.bits,
        intervals: plan.quantizers.iter().map(|q| q.codewords.len()).max().unwrap_or(0),
        stored: config.stored,
        dropped: config.dropped,
        unseen: config.unseen,
        asked: samples.asked.len(),
        squared_error,
        link: ended.link(&mut device)?,
    };
    if u64::from(config.dropped) * 100 > run.done {
        output::say(format_args!(
            "{} of {} found no place for their combination; take fewer --intervals or --bits, or \
             more --places",
            config.dropped,
            output::count(run.done as usize, "sample")
        ));
    }
    context.report(&fused, || {
        let error = squared_error.map_or("not known yet".into(), |e| output::rounded(e, 4));
        format!(
            "{}: squared error {error} over {}; {}, {} lost{}",
            fused.run,
            output::count(fused.asked, "sample"),
            output::count(fused.stored as usize, "combination"),
            fused.dropped,
            fused.link.text()
        )
    })?;
    if ended.writes(&[("--answers", &args.answers)]) {
        if let (Some(path), Some(answered)) = (&args.answers, answered) {
            let place = |[x, y]: [f64; 2]| format!("{},{}\n", output::number(x), output::number(y));
            let names = match &plan.source {
                Source::Table { position: [x, y], .. } => format!("{x},{y}\n"),
                Source::Simulated { .. } => "x,y\n".into(),
            };
            let rows = answered.into_iter().map(place).collect::<String>();
            output::write(path, (names + &rows).as_bytes())?;
        }
    }
    ended.result()
}
