//! What the page of a low-bit network shows.

use super::images::Images;
use super::Classify;
use crate::output::rounded;
use crate::page::command::{rounding, Words};
use crate::page::plot::{Plot, Series};
use crate::page::run::{Files, Given, Paged};
use crate::page::table::{Cell, Row, Table};
use crate::page::{Part, Picture, Section};
use crate::run::Run;
use crate::{picture, Result};
use fixlearn_hdl::design::Design;
use fixlearn_map::network::{kind, NetworkBuilt};
use fixlearn_sim::golden::cores::network::file::{FileLayer, NetworkFile, Shape};
use fixlearn_sim::golden::cores::network::{Layer, Network};
use rayon::prelude::*;

/// Classes whose confusion is a table; of more, those that are confused most.
const CLASSES: usize = 40;
/// Images that were wrong, on the page.
const WRONG: usize = 40;

impl Paged for Classify {
    fn needs_input(&self) -> bool {
        self.target.is_some()
    }

    fn digests(&self) -> Vec<(&'static str, String)> {
        match self.target {
            Some(_) => vec![("the images and their classes", self.input.clone())],
            None => Vec::new(),
        }
    }

    fn sections(run: &Run<Self>, images: Option<&Images>, _: &Given) -> Result<Vec<Section>> {
        let network = run.plan.network.learned(&run.state);
        let mut sections = vec![
            Section::new("Result", vec![Part::Facts(facts(run, &network))]),
            Section::new("The network", vec![Part::Table(layers(&network))]),
        ];
        if !run.curve.is_empty() {
            sections
                .insert(1, Section::new("While it ran", vec![Part::Plot(accuracy(run, images))]));
        }
        let classes = match images.filter(|images| !images.pixels.is_empty()) {
            Some(images) => classes(&network, images)?,
            None if run.plan.target.is_none() => {
                vec![Part::Text("No images were counted: the run holds the network alone.".into())]
            }
            None => vec![Part::Missing(
                "The confusion matrix, and images that are wrong, are shown with the table of the \
                 images: fixlearn report RUN TABLE."
                    .into(),
            )],
        };
        sections.push(Section::new("Classes", classes));
        Ok(sections)
    }

    fn options(run: &Run<Self>, files: &Files, words: &mut Words) {
        let Classify { target, learning, network, .. } = &run.plan;
        match learning {
            None => words.path(files.run),
            Some(_) => {
                words.word("NETWORK");
                words.unknown(
                    "NETWORK stands for the network before it learned: plan.network of the run's \
                     file, in a file of its own, is it, with the classes that were new.",
                );
            }
        }
        if let Some(target) = target {
            files.inputs().iter().for_each(|path| words.path(path));
            words.flag("--header", files.input.header || !run.plan.columns.is_empty());
            words.option("--target", target);
        }
        if let Some(learning) = learning {
            words.word("--learn");
            let last = network.layers.iter().rev().find_map(|layer| match layer {
                FileLayer::Conv(w) | FileLayer::Dense(w) => Some(w.weight_bits),
                FileLayer::Pool => None,
            });
            words.unless(8, "--last-bits", last.unwrap_or(8));
            words.unless(5, "--epochs", learning.epochs);
            words.unless(1, "--seed", learning.seed);
            words.unless(2, "--rate-shift", learning.rate_shift);
            words.unless("stochastic", "--rounding", rounding(learning.rounding));
            words.option("--margin", learning.margin);
        }
    }

    fn clocks(state: &Self::Core, design: &dyn Design) -> Option<u64> {
        let built: NetworkBuilt = design.identity().built()?;
        let (lanes, layers) = (u64::from(built.lanes), state.running());
        let walked: u64 = layers.iter().map(|layer| walked(layer, lanes) + lanes + 14).sum();
        Some(u64::from(state.config.inputs) + 3 + walked)
    }

    fn of_clocks(&self) -> &'static str {
        match self.learning {
            Some(_) => {
                " Where weights move, an image takes more: 9 clocks for each of the last layer's \
                 inputs."
            }
            None => "",
        }
    }

    fn repeats(state: &Network, built: &NetworkBuilt) -> bool {
        use fixlearn_sim::golden::core::Core;
        state.built() == *built
    }
}

/// Clocks of the way through a layer.
fn walked(layer: &Layer, lanes: u64) -> u64 {
    let (columns, rows) = layer.pixels();
    let pixels = (columns * rows) as u64;
    match layer.kind {
        kind::POOL => 4 * layer.channels as u64 * pixels,
        _ => (layer.outputs as u64).div_ceil(lanes) * pixels * (layer.taps() as u64).max(lanes),
    }
}

fn facts(run: &Run<Classify>, network: &NetworkFile) -> Vec<(String, String)> {
    let Classify { learning, network: before, .. } = &run.plan;
    let Shape { channels, height, width, bits } = network.input;
    let mut facts = vec![
        ("Layers".to_string(), network.layers.len().to_string()),
        ("Weights".into(), network.weights().to_string()),
        ("Multiplications of an image".into(), network.multiplications().to_string()),
        ("Image".into(), format!("{channels} x {height} x {width}, {bits} bits")),
        ("Classes".into(), network.classes.len().to_string()),
        ("Images done".into(), run.state.config.images.to_string()),
        ("Wrong".into(), run.state.config.wrong.to_string()),
    ];
    if let Some(learning) = learning {
        facts.push(("Epochs asked for".into(), learning.epochs.to_string()));
        facts.push(("Margin".into(), learning.margin.to_string()));
        let moved = before.differing(network);
        facts.push(("Weights of the last layer that moved".into(), moved.to_string()));
        if run.state.config.saturated == 1 {
            facts.push(("SATURATED on the way".into(), "weight".into()));
        }
    }
    facts
}

/// The share that was right: of each epoch where the last layer learns, else of all so far.
fn accuracy(run: &Run<Classify>, images: Option<&Images>) -> Plot {
    let by_epoch = run.plan.wrong_by_epoch(&run.curve);
    let many = images.map_or(0, |images| images.pixels.len() as u64);
    // Without the images, an epoch's are those up to its first mark.
    let many = if many > 0 { many } else { run.curve.first().map_or(1, |mark| mark.images) };
    let share = |wrong: u32, of: u64| Some(100.0 * (1.0 - f64::from(wrong) / of.max(1) as f64));
    if !by_epoch.is_empty() {
        let at = (1..=by_epoch.len()).map(|epoch| epoch as f64).collect();
        let right = by_epoch.iter().map(|&wrong| share(wrong, many)).collect();
        let series = vec![Series::new("right", right)];
        let axes = ("epoch", "% right, each before it was learned");
        return Plot::curves("accuracy", "Accuracy of each epoch", axes, at, series);
    }
    let at = run.curve.iter().map(|mark| mark.images as f64).collect();
    let right = run.curve.iter().map(|mark| share(mark.wrong, mark.images)).collect();
    let series = vec![Series::new("right", right)];
    let axes = ("images", "% right, of all so far");
    Plot::curves("accuracy", "Accuracy as images came", axes, at, series)
}

fn layers(network: &NetworkFile) -> Table {
    let rows =
        network.layers.iter().zip(network.shapes()).enumerate().map(|(i, (layer, given))| {
            let (kind, weights) = match layer {
                FileLayer::Conv(weights) => ("convolution 3 x 3", Some(weights)),
                FileLayer::Pool => ("largest of 2 x 2", None),
                FileLayer::Dense(weights) => ("dense", Some(weights)),
            };
            let Shape { channels, height, width, .. } = given;
            let number =
                |n: Option<usize>| n.map_or_else(Cell::default, |n| Cell::number(n as f64));
            Row::new(
                format!("{}", i + 1),
                vec![
                    Cell::word(kind),
                    Cell::word(format!("{channels} x {height} x {width}")),
                    number(weights.map(|w| w.outputs)),
                    number(weights.map(|w| w.weights.len())),
                    number(weights.map(|w| w.weight_bits as usize)),
                ],
            )
        });
    let columns = ["layer", "kind", "is given", "outputs", "weights", "bits of a weight"];
    Table {
        name: "layers",
        title: "Layers".into(),
        columns: columns.map(String::from).to_vec(),
        rows: rows.collect(),
        words: format!("{} weights in all.", network.weights()),
        is_map: false,
    }
}

/// Confusion, and images that are wrong.
fn classes(network: &NetworkFile, images: &Images) -> Result<Vec<Part>> {
    let answers: Vec<usize> =
        images.pixels.par_iter().map(|image| network.forward(image).class).collect();
    let names = &network.classes;
    let mut counts = vec![vec![0_usize; names.len()]; names.len()];
    let known = answers.iter().enumerate().map(|(i, &said)| (i, images.class(i).into(), said));
    let known: Vec<(usize, usize, usize)> = known.filter(|&(_, is, _)| is < names.len()).collect();
    known.iter().for_each(|&(_, is, said)| counts[is][said] += 1);
    let mut order: Vec<usize> = (0..names.len()).collect();
    let wrong = |is: usize| counts[is].iter().sum::<usize>() - counts[is][is];
    if names.len() > CLASSES {
        order.sort_by_key(|&is| std::cmp::Reverse(wrong(is)));
        order.truncate(CLASSES);
    }
    let row = |&is: &usize| {
        let all = counts[is].iter().sum::<usize>();
        let share = |n: usize| n as f64 / all.max(1) as f64;
        let cell = |&said: &usize| {
            let n = counts[is][said];
            Cell::number(n as f64).shaded(if said == is { share(n) } else { -share(n) })
        };
        let right =
            Cell { is_number: true, ..Cell::word(rounded(100.0 * share(counts[is][is]), 1)) };
        Row::new(names[is].clone(), order.iter().map(cell).chain([right]).collect())
    };
    let right = known.iter().filter(|(_, is, said)| is == said).count();
    let some = match order.len() < names.len() {
        true => format!(" Of {} classes those are shown that are wrong most often.", names.len()),
        false => String::new(),
    };
    let headings = order.iter().map(|&said| names[said].clone());
    let mut parts = vec![Part::Table(Table {
        name: "confusion",
        title: "Confusion matrix".into(),
        columns: std::iter::once("is \\ answered".to_string())
            .chain(headings)
            .chain(["right, %".to_string()])
            .collect(),
        rows: order.iter().map(row).collect(),
        words: format!(
            "{right} of {} images are right by what the network is now. A row holds the images of \
             a class, by what was answered, and is shaded by shares; those that are wrong in the \
             other colour.{some}",
            known.len()
        ),
        is_map: true,
    })];
    let missed: Vec<_> = known.iter().filter(|(_, is, said)| is != said).take(WRONG).collect();
    if !missed.is_empty() && network.input.channels == 1 {
        parts.push(Part::Picture(wrong_images(network, images, &missed)?));
    }
    Ok(parts)
}

fn wrong_images(
    network: &NetworkFile,
    images: &Images,
    missed: &[&(usize, usize, usize)],
) -> Result<Picture> {
    const ZOOM: usize = 4;
    let Shape { height, width, bits, .. } = network.input;
    let most = f64::from((1_u32 << bits) - 1).max(1.0);
    let mut pixels = Vec::new();
    for (image, _, _) in missed {
        for y in 0..height * ZOOM {
            let row = &images.pixels[*image][y / ZOOM * width..];
            let grey = |x: usize| (255.0 * f64::from(row[x / ZOOM]) / most) as u8;
            pixels.extend((0..width * ZOOM).map(grey));
        }
    }
    let (pixels, w, h) = picture::sheet(&pixels, width * ZOOM, height * ZOOM, 10);
    let names = &network.classes;
    let said: Vec<String> = missed
        .iter()
        .map(|(image, is, said)| {
            format!("image {} is {}, answered {}", image + 1, names[*is], names[*said])
        })
        .collect();
    Ok(Picture {
        name: "wrong",
        title: "Images that are wrong".into(),
        png: picture::png(&pixels, w, h, 1)?,
        size: (w, h),
        words: format!("The first {}, row by row: {}.", missed.len(), said.join("; ")),
    })
}
