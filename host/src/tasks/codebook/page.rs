//! What the page of a codebook shows.

use super::map::{page as map_page, Grid, Map, Reading};
use super::{plot, Codebook, Init, Model, Plan};
use crate::codec::{self, Codewords, Quality};
use crate::input::{range, Layout, Missing, Samples};
use crate::output::{self, rounded};
use crate::page::clip::{Clip, Frame};
use crate::page::command::{rounding, Words};
use crate::page::plot::{Plot, Series};
use crate::page::run::{Files, Given, Paged};
use crate::page::table::{Cell, Row, Table};
use crate::page::{Part, Picture, Section};
use crate::task::Task;
use crate::{picture, Result};
use fixlearn_hdl::design::{banks, Design};
use fixlearn_map::vq::VqBuilt;
use fixlearn_sim::golden::cores::vq::{Match, Metric, Vq};
use rayon::prelude::*;

/// Pixels of a frame along a side that a page shows at most, and of all frames.
const SIDE: usize = 1024;
const PIXELS: usize = 6 << 20;
/// Dimensions of codewords that a table shows; more are a picture.
const COLUMNS: usize = 64;
/// Codewords in a row of a table that shows them without a grid.
const ACROSS: usize = 16;

impl Paged for Codebook {
    fn digests(&self) -> Vec<(&'static str, String)> {
        vec![("the training samples", self.input.clone())]
    }

    fn sections(run: &Model, samples: Option<&Samples>, given: &Given) -> Result<Vec<Section>> {
        let held = samples.filter(|samples| samples.file.is_none());
        let map = (run.plan.plan.radius > 0).then(|| Map::new(&run.plan, &run.state));
        let found = held.map(|samples| Found::new(run, map.as_ref(), samples)).transpose()?;
        let classes = match (&map, found.as_ref().and_then(|found| found.reading.as_ref())) {
            (Some(map), Some(reading)) => {
                map_page::classes(map, &reading.winners, given, &run.plan.selection)?
            }
            _ => None,
        };
        let mut sections = vec![
            Section::new("Result", vec![Part::Facts(facts(run, found.as_ref()))]),
            Section::new("While it learned", vec![Part::Plot(distortion(run))]),
            Section::new("Codebook", codebook(run, map.as_ref(), found.as_ref(), classes)?),
        ];
        let reproduced = match (held, &found) {
            (Some(samples), Some(found)) => reproduction(run, samples, found)?,
            _ if samples.is_some() => {
                vec![Part::Missing("The vectors stay in their file, and are not shown.".into())]
            }
            _ => vec![Part::Missing(
                "How near the codebook comes, hits of each codeword, and originals beside what is \
                 decoded are shown with the input that it was trained on: fixlearn report RUN \
                 INPUT."
                    .into(),
            )],
        };
        sections.push(Section::new("Originals and what is decoded", reproduced));
        Ok(sections)
    }

    fn options(run: &Model, files: &Files, words: &mut Words) {
        let Codebook { plan, quantization, block, colour, names, selection, .. } = &run.plan;
        files.inputs().iter().for_each(|path| words.path(path));
        words.flag("--header", files.input.header || !names.is_empty());
        match block {
            Some(block) => {
                words.unless(4, "--block", *block);
                words.flag("--grey", !colour);
                if !quantization.is_plain() {
                    let high = quantization.offset + 255.0 * quantization.scale;
                    words.option("--window", format!("{},{high}", quantization.offset));
                }
            }
            None => {
                words.columns("--drop", &selection.drop);
                words.columns("--features", &selection.features);
                match selection.missing {
                    Missing::Refuse => {}
                    Missing::Drop => words.option("--missing", "drop"),
                    Missing::Mean => words.option("--missing", "mean"),
                }
                words.flag("--common-scale", quantization.columns.is_empty());
            }
        }
        if let Some(bits) = plan.bits {
            words.option("--bits", bits);
        }
        words.unless(64, "--codewords", plan.codewords);
        words.unless(10, "--passes", plan.passes);
        words.unless(0, "--frequency-passes", plan.frequency_passes);
        words.unless(1, "--seed", plan.seed);
        words.unless(
            "greedy",
            "--init",
            match plan.init {
                Init::Random => "random",
                Init::PlusPlus => "plus-plus",
                Init::Greedy => "greedy",
                Init::Plane => "plane",
            },
        );
        let metric = if plan.metric == Metric::L1 { "l1" } else { "l2" };
        words.unless("l2", "--metric", metric);
        words.unless("nearest", "--rounding", rounding(plan.rounding));
        let map = plan.radius > 0;
        // The rates that a command without rates has.
        let usual = match (plan.count_based, plan.fresh_counts) {
            (true, true) => (15, 15),
            (true, false) => (8, 8),
            (false, _) if map => (2, 6),
            (false, _) => (8, 8),
        };
        let given = map && plan.count_based || (plan.rate_shift, plan.rate_final) != usual;
        words.flag("--fixed-rate", !plan.count_based && (!map || given));
        words.flag("--keep-counts", plan.count_based && !plan.fresh_counts);
        if given {
            words.option("--rate-shift", plan.rate_shift);
            words.unless(plan.rate_shift, "--rate-final", plan.rate_final);
        }
        let falls = given && plan.rate_final != plan.rate_shift;
        if plan.rate_period > 0 || !plan.count_based || falls {
            words.option("--rate-period", plan.rate_period);
        }
        if map {
            words.option("--radius", plan.radius);
            words.option("--radius-period", plan.radius_period);
            words.unless(256, "--columns", 1_u32 << plan.columns_log2.min(31));
        }
        words.unless(map.into(), "--falloff", plan.falloff);
        words.unless(u16::MAX, "--count-cap", plan.count_cap);
    }

    /// At radius 0: with a neighbourhood around the winner, more codewords move.
    fn clocks(state: &Vq, design: &dyn Design) -> Option<u64> {
        let c = &state.config;
        let built: VqBuilt = design.identity().built()?;
        let all = design.learn_clocks(c.dimension);
        let unused = usize::from(built.codewords).checked_sub(c.codewords)? as u64;
        match (banks(&design.size()), unused) {
            (None, _) => Some(all - unused * c.dimension.div_ceil(built.lanes.into()) as u64),
            (Some(_), 0) => Some(all),
            // Stated for all codewords alone.
            (Some(_), _) => None,
        }
    }

    fn title(&self) -> String {
        let Plan { codewords, columns_log2, radius, .. } = self.plan;
        let columns = codewords.min(1 << columns_log2.min(31)).max(1);
        match radius > 0 {
            true => format!("a map of {} x {columns} units", codewords.div_ceil(columns)),
            false => format!("a run of fixlearn {}", Self::COMMAND),
        }
    }

    fn has_labels(&self) -> bool {
        self.plan.radius > 0
    }

    fn of_clocks(&self) -> &'static str {
        match self.plan.radius > 0 {
            true => " They are those of radius 0; with a neighbourhood more codewords move.",
            false => "",
        }
    }

    fn repeats(state: &Vq, built: &VqBuilt) -> bool {
        state.lanes == usize::from(built.lanes)
    }
}

/// The nearest codeword of each vector, and what comes of it.
struct Found {
    matches: Vec<Match>,
    decoded: Vec<u8>,
    quality: Quality,
    /// Of a map.
    reading: Option<Reading>,
}

impl Found {
    fn new(model: &Model, map: Option<&Map>, samples: &Samples) -> Result<Self> {
        let vectors = samples.vectors.par_chunks_exact(samples.layout.dimension().max(1));
        let matches: Vec<Match> = vectors.map(|vector| model.state.nearest(vector)).collect();
        let codewords = Codewords::from(model);
        let decoded = codewords.decode(matches.iter().map(|m| m.index));
        let file = codec::pack(&samples.layout, &codewords, &matches, true)?.len();
        let quality = codec::quality(samples, &decoded, &codewords, &matches, file);
        let reading = map.map(|map| map.read(samples, usize::MAX)).transpose()?;
        Ok(Self { matches, decoded, quality, reading })
    }
}

fn facts(model: &Model, found: Option<&Found>) -> Vec<(String, String)> {
    let (c, plan) = (&model.state.config, &model.plan.plan);
    let mut facts = vec![
        ("Codewords".to_string(), c.codewords.to_string()),
        ("Dimensions".into(), c.dimension.to_string()),
        ("Vectors learned".into(), model.done.to_string()),
        ("Passes asked for".into(), plan.passes.to_string()),
    ];
    if let Some(found) = found {
        let Quality { psnr_db, bits_per_sample, unused_codewords, mse, .. } = &found.quality;
        let psnr = psnr_db.map_or("no error".into(), |psnr| format!("{psnr:.2} dB"));
        facts.push(("PSNR (peak 255 steps)".into(), psnr));
        facts.push(("Mean squared error, steps²".into(), rounded(*mse, 3)));
        facts.push(("Bits a sample, indices".into(), rounded(*bits_per_sample, 4)));
        facts.push(("Codewords without a vector".into(), unused_codewords.to_string()));
        if let Some(Reading { errors, .. }) = &found.reading {
            let (far, apart) = (errors.quantization_error, errors.topographic_error);
            facts.push(("Quantization error, the input's units".into(), rounded(far, 3)));
            facts.push(("Topographic error".into(), rounded(apart, 3)));
        }
    } else if let Some(last) = model.curve.last() {
        let distance = rounded(last.mean_distance / c.dimension.max(1) as f64, 3);
        facts.push(("Distortion a sample at the end".into(), distance));
    }
    facts
}

fn distortion(model: &Model) -> Plot {
    let curves = plot::distortion(model);
    let mut points: Vec<(f64, f64)> =
        curves.curves.into_iter().flat_map(|curve| curve.points).collect();
    let mut note = "Each value is the mean since the one before.";
    // The mean of a few vectors says little.
    if let [.., (a, _), (b, before), (c, last)] = points[..] {
        if c - b < (b - a) / 2.0 {
            points.truncate(points.len() - 2);
            points.push((c, (before * (b - a) + last * (c - b)) / (c - a)));
            note = "Each value is the mean since the one before; the last is of the run's last \
                    two marks, since few vectors are between them.";
        }
    }
    let (at, values) = points.into_iter().map(|(x, y)| (x, Some(y))).unzip();
    let unit = match model.plan.plan.metric {
        Metric::L1 => "steps",
        Metric::SquaredL2 => "steps²",
    };
    let axes = (curves.x, format!("{}, {unit}", curves.y));
    let series = vec![Series::new("distortion", values)];
    let plot = Plot::curves("distortion", &curves.title, (axes.0, &axes.1), at, series);
    Plot { note: note.into(), ..plot }
}

fn codebook(
    model: &Model,
    map: Option<&Map>,
    found: Option<&Found>,
    classes: Option<Table>,
) -> Result<Vec<Part>> {
    let c = &model.state.config;
    let grid = Grid::of(c);
    let (rows, columns) = (grid.rows(), grid.columns);
    let is_grid = map.is_some() && rows > 1;
    let across = if is_grid { columns } else { ACROSS.min(c.codewords.max(1)) };
    let mut parts = Vec::new();
    if model.plan.block.is_none() && c.dimension <= COLUMNS {
        parts.push(Part::Table(values(model)));
    } else {
        let (pixels, w, h) = match is_grid {
            true => picture::mosaic_of(model, columns),
            false => picture::mosaic(model),
        };
        let (what, place) = match (model.plan.block, is_grid) {
            (Some(b), true) => (
                format!("{b} x {b} pixels each"),
                "on the map's grid: neighbours are alike where it has unfolded",
            ),
            (Some(b), false) => (format!("{b} x {b} pixels each"), "row by row, by their index"),
            (None, _) => (format!("{} components each", c.dimension), "a row a codeword"),
        };
        parts.push(Part::Picture(Picture {
            name: "codewords",
            title: "The codewords".into(),
            png: picture::png(&pixels, w, h, 1)?,
            size: (w, h),
            words: format!("{} codewords, {what}, {place}.", c.codewords),
        }));
    }
    let (title, words, counts): (_, _, Vec<u64>) = match found {
        Some(found) => {
            let hits = match map.zip(found.reading.as_ref()) {
                Some((map, reading)) => {
                    map.hits(&reading.winners).into_iter().map(|n| n as u64).collect()
                }
                None => {
                    let mut hits = vec![0; c.codewords];
                    found.matches.iter().for_each(|m| hits[m.index] += 1);
                    hits
                }
            };
            ("Hits of each codeword", "Vectors of the input that are nearest to it", hits)
        }
        None => {
            let counts = model.state.counts.iter().take(c.codewords).map(|&n| n.into());
            ("Win counts of the core", "Counts as the core's memory has them", counts.collect())
        }
    };
    let (least, most) = (counts.iter().min().unwrap_or(&0), counts.iter().max().unwrap_or(&0));
    let none = counts.iter().filter(|&&n| n == 0).count();
    let rows = map_page::by_codeword(&counts, across, |n| n as f64);
    let words = format!(
        "{words}: {least} to {most}, {none} of {} have none. A row begins with the codeword that \
         names it.",
        c.codewords
    );
    parts.push(Part::Table(Table {
        words,
        ..Table::shaded("hits", title, map_page::headings(across), rows)
    }));
    parts.extend(classes.map(Part::Table));
    if let Some(map) = map {
        parts.push(Part::Table(map_page::u_matrix(map, across)));
        if is_grid && model.plan.block.is_none() {
            parts.extend(map_page::planes(map).map(Part::Table));
            let more = map.dimension.saturating_sub(map_page::PLANES);
            if more > 0 {
                let planes = crate::output::count(more, "component");
                parts.push(Part::Text(format!("The planes of {planes} more are not shown.")));
            }
        }
        // First what is seen of the grid.
        parts.rotate_left(1);
    }
    Ok(parts)
}

/// Codewords of a table, in the units of its columns; each column is shaded by its own range.
fn values(model: &Model) -> Table {
    let learned = model.plan.learned(&model.state);
    let d = learned.scales.len().max(1);
    let values: Vec<f64> = learned.values().collect();
    let column = |k: usize| values.iter().skip(k).step_by(d).copied();
    let ranges: Vec<(f64, f64)> = (0..d).map(|k| range(column(k))).collect();
    let cell = |(&x, &(low, high)): (&f64, &(f64, f64))| {
        Cell::number(x).shaded((x - low) / (high - low).max(f64::MIN_POSITIVE))
    };
    let row = |(i, row): (usize, &[f64])| {
        Row::new(i.to_string(), row.iter().zip(&ranges).map(cell).collect())
    };
    let names = match model.plan.names.is_empty() {
        true => (1..=d).map(|k| k.to_string()).collect(),
        false => model.plan.names.clone(),
    };
    Table {
        name: "codewords",
        title: "The codewords".into(),
        columns: std::iter::once("codeword".to_string()).chain(names).collect(),
        rows: values.chunks(d).enumerate().map(row).collect(),
        words: format!(
            "{} codewords in the units of the columns; each column is shaded from its least value \
             to its greatest.",
            values.len() / d
        ),
        is_map: true,
    }
}

fn reproduction(model: &Model, samples: &Samples, found: &Found) -> Result<Vec<Part>> {
    match samples.layout {
        Layout::Images { count, width, height, planes, .. } => {
            let flip = model.plan.quantization.flip();
            let plain = |vectors: &[u8]| {
                let mut all = samples.layout.restore(vectors);
                all.iter_mut().for_each(|sample| *sample ^= flip);
                all
            };
            let (given, became) = (plain(&samples.vectors), plain(&found.decoded));
            let part = Middle::of(width, height);
            let most = (PIXELS / (part.width * part.height * planes).max(1)).max(1);
            let size = width * height * planes;
            let frame = |i: usize| -> Result<Frame> {
                let whole = i * size..(i + 1) * size;
                let (given, became) = (&given[whole.clone()], &became[whole]);
                let squares = given.iter().zip(became);
                let squares = squares.map(|(&a, &b)| f64::from(a.abs_diff(b)).powi(2)).sum::<f64>();
                let psnr = match squares > 0.0 {
                    true => {
                        let mse = squares / size.max(1) as f64;
                        format!("PSNR {:.2} dB", 10.0 * (255.0 * 255.0 / mse).log10())
                    }
                    false => "no error".into(),
                };
                let psnr = match count {
                    1 => psnr,
                    _ => format!("Frame {} of {count}: {psnr}", i + 1),
                };
                Ok(Frame {
                    given: part.png(given, planes)?,
                    became: part.png(became, planes)?,
                    words: psnr,
                })
            };
            let frames = (0..count.min(most)).map(frame).collect::<Result<Vec<_>>>()?;
            let mut words = format!(
                "{} of {width} x {height} pixels; left of the rule the original, right \
                 of it what {} codewords make of it.",
                output::count(count, "frame"),
                model.state.config.codewords
            );
            if count > frames.len() {
                words += &format!(" The first {} are on this page.", frames.len());
            }
            if (part.width, part.height) != (width, height) {
                words += &format!(" Their middle, {} x {}, is.", part.width, part.height);
            }
            let (name, title) = ("clip", "Original and decoded".to_string());
            let size = (part.width, part.height);
            Ok(vec![Part::Clip(Clip { name, title, size, frames, words })])
        }
        Layout::Table { rows, .. } => {
            let columns = ["column", "RMS error", "values", "told apart"].map(String::from);
            let rows_of = found.quality.columns.iter().map(|c| {
                let counts = [c.distinct, c.told_apart].map(|n| Cell::number(n as f64));
                let cells = [Cell::number(c.rmse)].into_iter().chain(counts);
                Row::new(c.name.clone(), cells.collect())
            });
            Ok(vec![Part::Table(Table {
                name: "columns",
                title: "Error of each column".into(),
                columns: columns.to_vec(),
                rows: rows_of.collect(),
                words: format!(
                    "Over {rows} rows, in the units of the columns: the root of the mean squared \
                     distance from a value to its codeword's; different values, and how many of \
                     them samples of 8 bits tell apart."
                ),
                is_map: false,
            })])
        }
    }
}

/// The middle of a picture.
struct Middle {
    across: usize,
    width: usize,
    height: usize,
    left: usize,
    top: usize,
}

impl Middle {
    fn of(across: usize, down: usize) -> Self {
        let (width, height) = (across.min(SIDE), down.min(SIDE));
        Self { across, width, height, left: (across - width) / 2, top: (down - height) / 2 }
    }

    /// Of planes one after the other, as PNG.
    fn png(&self, pixels: &[u8], planes: usize) -> Result<Vec<u8>> {
        let plane = pixels.len() / planes.max(1);
        let mut cut = Vec::with_capacity(self.width * self.height * planes);
        for y in self.top..self.top + self.height {
            for x in self.left..self.left + self.width {
                cut.extend((0..planes).map(|p| pixels[p * plane + y * self.across + x]));
            }
        }
        picture::png(&cut, self.width, self.height, planes)
    }
}
