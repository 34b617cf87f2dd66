//! Pictures of a table: a row each, a column a pixel, and one that says the class.

use crate::layers::Input;
use fixlearn::input::cells;
use fixlearn::output::shown;
use fixlearn::{order, Error, Result};
use fixlearn_sim::golden::cores::network::file::sample;
use std::path::Path;

/// Pictures as samples, with their classes.
#[derive(Clone, Debug)]
pub struct Data {
    /// Samples of each picture, channel after channel.
    pub images: Vec<Vec<u8>>,
    /// The place of each picture's class among `classes`.
    pub labels: Vec<usize>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// The largest value of a pixel.
    pub largest: f32,
}

/// The values of a table's pixels and classes.
pub struct Pixels {
    values: Vec<Vec<f64>>,
    words: Vec<String>,
    /// Where each picture's class is, as a message names it.
    places: Vec<String>,
}

/// Reads a table; `header` says that its first line is names.
///
/// # Errors
/// If a pixel is no number of at least 0, a class is missing, or there is no such column.
pub fn read(path: &Path, header: bool, target: &str) -> Result<Pixels> {
    let table = cells(path, header)?;
    let class = table.find(path, target)?;
    let pixels: Vec<usize> = (0..table.columns).filter(|c| *c != class).collect();
    let (mut values, mut words, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..table.rows() {
        if table.is_missing(row, class) {
            let message = format!("{}: has no class; give one", table.place(row, class));
            return Err(Error::input(path, message));
        }
        words.push(table.text(row, class).into_owned());
        places.push(table.place(row, class));
        let pixel = |&column: &usize| {
            let value = table.value(row, column);
            let wrong = |mend| Err(table.no_number(path, row, column, mend));
            match value {
                v if v.is_nan() => wrong("; a pixel is a number of at least 0"),
                v if v < 0.0 || v > f64::from(f32::MAX) => {
                    let place = table.place(row, column);
                    let message = format!("{place}: {v} is no pixel; give a number of at least 0");
                    Err(Error::input(path, message))
                }
                v => Ok(v),
            }
        };
        values.push(pixels.iter().map(pixel).collect::<Result<_>>()?);
    }
    Ok(Pixels { values, words, places })
}

impl Pixels {
    /// Pixels of a picture.
    pub fn size(&self) -> usize {
        self.values.first().map_or(0, Vec::len)
    }

    /// The largest pixel.
    pub fn largest(&self) -> f64 {
        self.values.iter().flatten().copied().fold(0.0, f64::max)
    }

    /// The classes, in the order of their numbers, or of their names.
    pub fn classes(&self) -> Vec<String> {
        let mut classes = self.words.clone();
        let number = |word: &String| word.parse::<f64>().unwrap_or(f64::INFINITY);
        classes.sort_by(|a, b| number(a).total_cmp(&number(b)).then_with(|| a.cmp(b)));
        classes.dedup();
        classes
    }

    /// Samples, as the input says, and classes by their places.
    ///
    /// # Errors
    /// If the size is another, or a class is not among these.
    pub fn samples(self, path: &Path, input: &Input, classes: &[String]) -> Result<Data> {
        let Input { channels, height, width, bits, largest } = *input;
        let wanted = channels.saturating_mul(height).saturating_mul(width);
        if self.size() != wanted {
            let message = format!(
                "has {} columns of pixels, and the network takes {channels} x {height} x {width} = \
                 {wanted}; give a table of that",
                self.size()
            );
            return Err(Error::input(path, message));
        }
        let label = |(word, place): (&String, &String)| {
            let found = classes.iter().position(|class| class == word);
            found.ok_or_else(|| {
                let (word, known) = (shown(word), classes.join(", "));
                let message =
                    format!("{place}: `{word}` is no class of the network; it has {known}");
                Error::input(path, message)
            })
        };
        let labels = self.words.iter().zip(&self.places).map(label).collect::<Result<_>>()?;
        let sample = |v: &f64| sample(*v, largest.into(), bits);
        let images = self.values.iter().map(|row| row.iter().map(sample).collect()).collect();
        Ok(Data { images, labels, classes: classes.to_vec(), largest })
    }
}

impl Data {
    /// What is learned from, and what is held out: a share of the rows, by a seed.
    pub fn split(&self, hold_out: f64, seed: u64) -> (Data, Data) {
        let rows: Vec<usize> = order::order(seed, 0, self.images.len());
        let held = (self.images.len() as f64 * hold_out).round() as usize;
        let part = |rows: &[usize]| Data {
            images: rows.iter().map(|&i| self.images[i].clone()).collect(),
            labels: rows.iter().map(|&i| self.labels[i]).collect(),
            ..Data { images: Vec::new(), labels: Vec::new(), ..self.clone() }
        };
        let (held, learned) = rows.split_at(held.min(rows.len()));
        (part(learned), part(held))
    }
}
