//! `map`: a Kohonen map of a table or of pictures, and what is read off it.

use super::args::{names, ColumnArgs, InputArgs, PortArgs, WatchArgs};
use super::printed::{passes, Context, LinkReport};
use super::{another, before_learning, beside, learn, of_use, resumed};
use fixlearn::input::{self, Cut, Samples, Scaling, Selection, Table};
use fixlearn::outputs::Kind;
use fixlearn::task::{Input, Task as _};
use fixlearn::tasks::codebook::map::plot::Sheet;
use fixlearn::tasks::codebook::map::{self, Classes, Errors, Grid, Labels, Map};
use fixlearn::tasks::codebook::{Codebook, Init, Model, Request};
use fixlearn::{output, plot, stop, Error, Result};
use fixlearn_sim::golden::cores::vq::{Metric, Rounding};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    input: InputArgs,
    /// The model file to write, and the checkpoint of each pass and of Ctrl-C [default: the
    /// input's name, with -map.json]
    #[arg(short, long)]
    out: Option<PathBuf>,
    /// The picture to draw (.svg or .png): U-matrix, hits, classes, components [default: --out's
    /// name, with .svg]
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Go on from the checkpoint in --out, with its settings
    #[arg(long)]
    resume: bool,
    /// The column of classes, by name or number; it is not learned [default: the only column of
    /// words]
    #[arg(long, value_name = "COLUMN")]
    labels: Option<String>,
    #[command(flatten)]
    columns: ColumnArgs,
    /// Scale a table's columns alike [default: each by its range, not bytes]
    #[arg(long)]
    common_scale: bool,
    /// Side of an image block in pixels, 1 to 8: 4 for 16 dimensions
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = super::train::side())]
    block: usize,
    /// Turn colours into grey [default: learn red, green and blue]
    #[arg(long)]
    grey: bool,
    /// ROWSxCOLUMNS, up to 16x16, columns a power of two [default: 4x4, 8x8 or 16x16, whose
    /// units are nearest to 5 times the square root of the vectors]
    #[arg(long, value_parser = grid, allow_hyphen_values = true)]
    grid: Option<(usize, usize)>,
    /// Times that every vector is learned, 1 to 1048576 [default: 500 vectors a unit, at least 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    passes: Option<u64>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=255))]
    /// First radius in rings, 1 to 255 [default: a quarter of the longer side]
    radius: Option<u32>,
    /// Orders of the vectors that are tried on the golden model first, 1 to 256: the one that
    /// unfolds the map best is learned [default: 16, or what takes some seconds]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=TRIES))]
    tries: Option<u64>,
    /// Decides the orders: that of the first try
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Orders that are tried at most.
const TRIES: u64 = 256;

fn grid(text: &str) -> std::result::Result<(usize, usize), String> {
    let sides = text.split_once('x').and_then(|(rows, columns)| {
        Some((rows.parse::<usize>().ok()?, columns.parse::<usize>().ok()?))
    });
    let fits = |&(rows, columns): &(usize, usize)| {
        let side = 1..=16;
        side.contains(&rows) && side.contains(&columns) && columns.is_power_of_two()
    };
    sides
        .filter(fits)
        .filter(|(rows, columns)| rows * columns > 1)
        .ok_or_else(|| "give ROWSxCOLUMNS of 1 to 16, columns 1, 2, 4, 8 or 16, as 8x8".into())
}

impl Args {
    fn out(&self, input: &Input) -> Result<PathBuf> {
        let of_input = || {
            let stem = input::first(&input.paths)?.file_stem().unwrap_or_default();
            Ok(format!("{}-map.json", stem.to_string_lossy()).into())
        };
        self.out.clone().map_or_else(of_input, Ok)
    }

    fn cut(&self) -> Cut {
        Cut { block: self.block, grey: self.grey }
    }

    /// The vectors, and the labels that a table has.
    fn read(&self, input: &Input, scaling: Scaling) -> Result<(Samples, Option<Labels>)> {
        let ColumnArgs { drop, features, missing } = &self.columns;
        let (drop, features, missing) = (names(drop), names(features), (*missing).into());
        let selection = Selection { drop, features, missing, means: Vec::new() };
        let (mut selection, mut labels) = (selection, None);
        let samples = match Labels::table(input, self.labels.as_deref())? {
            Some((path, table)) => {
                labels = self.labels(path, &table, &mut selection)?;
                input::of_table(path, table, &selection, scaling)?
            }
            None => input::load_rows(&input.paths, self.cut(), input.header, &selection, scaling)?,
        };
        Ok((samples, labels))
    }

    /// The labels that a table has, which the selection then leaves out.
    fn labels(
        &self,
        path: &Path,
        table: &Table,
        selection: &mut Selection,
    ) -> Result<Option<Labels>> {
        let named = self.labels.as_deref();
        let Some(column) = Labels::column(path, table, named, selection)? else {
            if let Some(column) = Labels::perhaps(table, selection) {
                let name = &table.names[column];
                output::note(format_args!(
                    "{}: column `{}` holds few whole numbers, and is learned as the others \
                     are; if they are classes, say --labels {1}",
                    path.display(),
                    output::shown(name)
                ));
            }
            return Ok(None);
        };
        let name = table.names[column].clone();
        for (given, option) in [(&selection.features, "--features"), (&selection.drop, "--drop")] {
            if given.iter().any(|n| table.column(n) == Some(column)) {
                let message = match self.resume && names(&self.columns.features).is_empty() {
                    true => format!("column `{name}` is learned by the map; name another"),
                    false => {
                        format!("column `{name}` holds the labels; leave it out of {option}")
                    }
                };
                return Err(Error::input(path, message));
            }
        }
        if self.labels.is_none() {
            output::note(format_args!(
                "{}: column `{}` holds words: it labels the map and is not learned; --drop \
                 leaves it out",
                path.display(),
                output::shown(&name)
            ));
        }
        // By its number, if it has no name.
        selection.drop.push(name);
        Labels::of(path, table, column, selection).map(Some)
    }

    /// The vectors and labels of a map that goes on; what else is asked for is what it was begun
    /// with.
    fn again(
        &self,
        input: &Input,
        (model, out): (&Model, &Path),
        context: &Context,
    ) -> Result<(Samples, Option<Labels>)> {
        let Codebook { plan, quantization, block, colour, .. } = &model.plan;
        if plan.radius == 0 {
            return Err(Error::input(
                out,
                "is a codebook without a neighbourhood, no map; name a map's run",
            ));
        }
        let columns = |columns: usize| columns.trailing_zeros() == plan.columns_log2;
        let grid = |(rows, across)| rows * across == plan.codewords && columns(across);
        // The order that was learned is one of those from the seed on.
        let order = |seed: u64| plan.seed.wrapping_sub(seed) < TRIES;
        let others = [
            ("grid", self.grid.is_some_and(|sides| !grid(sides))),
            ("passes", self.passes.is_some_and(|passes| passes != plan.passes)),
            ("radius", self.radius.is_some_and(|radius| radius as usize != plan.radius)),
            ("seed", context.was_given("seed") && !order(self.seed)),
            ("block", context.was_given("block") && block.is_some_and(|b| b != self.block)),
            ("grey", self.grey && *colour),
            ("common_scale", self.common_scale && !quantization.columns.is_empty()),
        ];
        if let Some((id, _)) = others.into_iter().find(|(_, other)| *other) {
            return Err(another(out, id));
        }
        let chosen = ["drop", "features", "missing"].into_iter();
        if let Some(id) = chosen.into_iter().find(|id| context.was_given(id)) {
            let (samples, labels) = self.read(input, Scaling::As(quantization))?;
            if samples.digest() != model.plan.input {
                // It is the choice, unless it is the input.
                model.plan.load(input, out)?;
                return Err(another(out, id));
            }
            return Ok((samples, labels));
        }
        let samples = model.plan.load(input, out)?;
        let labels = match Labels::table(input, self.labels.as_deref())? {
            Some((path, table)) => self.labels(path, &table, &mut model.plan.selection.clone())?,
            None => None,
        };
        Ok((samples, labels))
    }

    /// A run at its beginning, with the order that is learned, and how many were tried for it.
    fn begin(&self, samples: &Samples) -> Result<(Model, u64)> {
        let cut = (!samples.is_table()).then(|| self.cut());
        let vectors = samples.layout.vectors();
        let (rows, columns) = self.grid.unwrap_or_else(|| map::usual_grid(vectors));
        let units = rows * columns;
        let passes = self.passes.unwrap_or_else(|| map::passes(units, vectors));
        let request = Request {
            codewords: units,
            passes,
            frequency_passes: 0,
            seed: self.seed,
            bits: None,
            init: Init::Plane,
            metric: Metric::SquaredL2,
            rounding: Rounding::Nearest,
            fixed_rate: true,
            keep_counts: false,
            rate_shift: Some(map::RATES.0),
            rate_final: Some(map::RATES.1),
            rate_period: None,
            radius: self.radius.unwrap_or((rows.max(columns) / 4).max(1) as u32),
            radius_period: None,
            columns: columns as u32,
            falloff: Some(0),
            count_cap: 65535,
        };
        let plan = request.scheduled(request.plan()?, vectors as u64 * passes);
        let mut model = Model::begin(Codebook::new(plan, samples, cut), samples)?;
        let tries = self.tries.unwrap_or_else(|| map::tries(units, samples, passes));
        if tries > 1 {
            model.plan.plan.seed = map::choose(&model, samples, tries, &stop::flag())?;
        }
        Ok((model, tries))
    }
}

#[derive(Serialize)]
struct Mapped<'a> {
    model: String,
    vectors: u64,
    passes: u64,
    dimension: usize,
    rows: usize,
    columns: usize,
    /// Of the order that was learned, and how many were tried before.
    seed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tries: Option<u64>,
    /// None if learning was interrupted, as of all that follows.
    #[serde(flatten)]
    errors: Option<Errors>,
    hits: Vec<Vec<usize>>,
    u_matrix: Vec<Vec<f64>>,
    classes: Option<&'a Classes>,
    class_map: Option<Vec<Vec<Option<&'a str>>>>,
    plot: Option<String>,
    port: String,
    size: Option<String>,
    #[serde(flatten)]
    link: LinkReport,
}

/// Says whether options are of what the input is.
fn fits(context: &Context, samples: &Samples) -> Result<()> {
    of_use(context, !samples.is_table(), &["block", "grey"], "pictures")?;
    of_use(context, samples.is_table(), &["common_scale", "header"], "tables")
}

/// Says that units are more than there are vectors for.
fn say_of_units(model: &Model, samples: &Samples) {
    let (units, vectors) = (model.plan.plan.codewords, samples.layout.vectors());
    if units > vectors {
        output::note(format_args!(
            "{units} units for {}: some will have none; --grid asks for fewer",
            output::count(vectors, "vector")
        ));
    }
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    args.watch.begin();
    let line = args.port.line();
    line.validate()?;
    let input = args.input.input();
    let out = args.out(&input)?;
    let picture = beside(&args.plot, &out, "svg", "--plot: name the picture")?;
    let mut outputs = context.outputs(&input.paths);
    outputs.add("--out", &out, Kind::Run(args.resume))?;
    // The picture that was drawn of the run is drawn anew.
    let drawn = args.resume && args.plot.is_none();
    let kind = if drawn { Kind::Anew(plot::ENDINGS) } else { Kind::As(plot::ENDINGS) };
    outputs.add("--plot", &picture, kind)?;
    let begun = resumed(args.resume, &out, Model::read)?;
    let (samples, labels, mut model, tries) = match begun {
        Some(model) => {
            let (samples, labels) = args.again(&input, (&model, &out), context)?;
            fits(context, &samples)?;
            (samples, labels, model, None)
        }
        None => {
            let scaling = if args.common_scale { Scaling::Common } else { Scaling::ByColumn };
            let (samples, labels) = args.read(&input, scaling)?;
            fits(context, &samples)?;
            let (model, tries) = before_learning(args.begin(&samples), &out)?;
            say_of_units(&model, &samples);
            (samples, labels, model, Some(tries))
        }
    };
    let mut device = line.open(&model.state)?;
    model.settle(&device.built()).map_err(|what| Error::input(&out, what))?;
    let ended = learn(&mut device, &mut model, &samples, Some(&out))?;
    let map = Map::new(&model.plan, &model.state);
    let reading = match ended.writes(&[("--plot", &Some(picture.clone()))]) {
        true => Some(map.read(&samples, usize::MAX)?),
        false => None,
    };
    let winners = reading.as_ref().map_or(&[][..], |reading| &reading.winners);
    let labels = labels.filter(|labels| labels.of.len() == winners.len());
    let classes = labels.map(|labels| Classes::on(&map, winners, &labels));
    let (hits, far) = (map.hits(winners), map.u_matrix());
    let sheet = Sheet::new(&map, &hits, &far, classes.as_ref());
    let drawn = reading.as_ref().map(|_| plot::write(&picture, &sheet));
    let Grid { columns, .. } = map.grid;
    let mapped = Mapped {
        model: out.display().to_string(),
        vectors: model.done,
        passes: model.done / (samples.layout.vectors() as u64).max(1),
        dimension: map.dimension,
        rows: map.grid.rows(),
        columns,
        seed: model.plan.plan.seed,
        tries,
        errors: reading.as_ref().map(|reading| reading.errors),
        hits: reading.as_ref().map_or_else(Vec::new, |_| map.grid.rows_of(&hits)),
        u_matrix: reading.as_ref().map_or_else(Vec::new, |_| map.grid.rows_of(&far)),
        classes: classes.as_ref(),
        class_map: classes.as_ref().map(|classes| classes.rows(&map)),
        plot: drawn.as_ref().filter(|drawn| drawn.is_ok()).map(|_| picture.display().to_string()),
        port: device.client.port_name(),
        size: device.size(),
        link: ended.link(&mut device)?,
    };
    context.report(&mapped, || text(&mapped, &samples))?;
    let holds = ended.result()?;
    drawn.transpose()?;
    Ok(holds)
}

fn text(mapped: &Mapped, samples: &Samples) -> String {
    let vectors = output::count(samples.layout.vectors(), "vector");
    let passes = passes(mapped.passes);
    let mut lines = vec![format!(
        "{}: a map of {} x {} units from {vectors} of {} in {passes}{}",
        mapped.model,
        mapped.rows,
        mapped.columns,
        output::count(mapped.dimension, "dimension"),
        mapped.link.text(),
    )];
    if let Some(errors) = &mapped.errors {
        lines.push(format!(
            "quantization error {} ({:.2} % of the range), topographic error {:.3}",
            output::rounded(errors.quantization_error, 3),
            100.0 * errors.quantization_error_share,
            errors.topographic_error,
        ));
    }
    if let Some(classes) = mapped.classes {
        lines.push(format!("{}; purity {:.3}", classes.legend(), classes.purity));
        lines.extend(classes.of.chunks(mapped.columns).map(|row| {
            let letters = row.iter().map(|class| class.map_or('.', Classes::letter));
            letters.flat_map(|letter| [' ', letter]).collect()
        }));
    }
    lines.extend(mapped.plot.as_ref().map(|plot| format!("{plot}: the picture of it")));
    lines.join("\n")
}
