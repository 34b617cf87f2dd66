//! Images as rows of a table: a column a pixel, channel by channel, row by row, and one of the
//! class.

use crate::input::{cells, Table};
use crate::task::Input;
use crate::{output, Error, Result};
use fixlearn_sim::golden::cores::network::file::{sample, NetworkFile};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Images, and what they are.
#[derive(Clone, Debug, Default)]
pub struct Images {
    pub pixels: Vec<Vec<u8>>,
    /// The number of each image's class, where there is a column of it; none: the network has no
    /// such class.
    pub classes: Option<Vec<Option<u8>>>,
    /// Where the first class stands that the network does not have, and what it is; none: missing.
    pub unknown: Option<(String, Option<String>)>,
    /// Images without a class, where there is a column of it.
    pub unlabelled: Vec<usize>,
    /// What was copied of each row.
    pub copied: Vec<Vec<String>>,
    /// The copied columns' names.
    pub names: Vec<String>,
    /// Those of the pixels, where the table has names.
    pub columns: Vec<String>,
}

/// Which columns of a table are what.
#[derive(Clone, Copy, Default)]
pub struct Columns<'a> {
    /// That of the class.
    pub target: Option<&'a str>,
    /// Those that are no pixels, and are copied.
    pub copied: &'a [String],
    /// The pixels' names, in their order; none: the other columns, by place. A table without names
    /// is taken by place, too.
    pub pixels: &'a [String],
}

impl Images {
    /// Reads a table with a column of the class.
    ///
    /// # Errors
    /// As [`Images::of`]'s, and if the table cannot be read.
    pub fn read(input: &Input, network: &NetworkFile, target: &str) -> Result<Self> {
        let path = input.one()?;
        let columns = Columns { target: Some(target), ..Columns::default() };
        Self::of(path, &cells(path, input.header)?, network, columns)
    }

    /// Of a table that was read.
    ///
    /// # Errors
    /// If it has other pixels, or another number of them, or a cell that is none.
    pub fn of(path: &Path, table: &Table, network: &NetworkFile, named: Columns) -> Result<Self> {
        let find = |name: &String| table.find(path, name);
        let target = named.target.map(|name| table.find(path, name)).transpose()?;
        let copied: Vec<usize> = named.copied.iter().map(find).collect::<Result<_>>()?;
        let other = |column: &usize| target != Some(*column) && !copied.contains(column);
        let columns: Vec<usize> = (0..table.columns).filter(other).collect();
        let inputs = network.input.size();
        if columns.len() != inputs {
            let mend = match columns.len() > inputs {
                true => "name the column of the class, if it has one, and take out the others",
                false => "add those that are missing",
            };
            let message = format!(
                "has {} columns of pixels, an image of the network has {inputs}; {mend}",
                columns.len()
            );
            return Err(Error::input(path, table.noted(&message)));
        }
        let columns = match table.named && !named.pixels.is_empty() {
            true => named.pixels.iter().map(find).collect::<Result<_>>()?,
            false => columns,
        };
        let mut above = 0;
        let mut pixel = |row: usize, column: usize| {
            let value = pixel(path, table, row, column, network)?;
            above += usize::from(network.largest.is_some_and(|largest| value > largest));
            Ok(match network.largest {
                Some(largest) => sample(value, largest, network.input.bits),
                None => value as u8,
            })
        };
        let mut image = |row| columns.iter().map(|&column| pixel(row, column)).collect();
        let pixels = (0..table.rows()).map(&mut image).collect::<Result<Vec<Vec<u8>>>>()?;
        let class = |column: usize| {
            let class = |row| class(network, table, row, column);
            (0..table.rows()).map(class).collect::<Vec<_>>()
        };
        let missing = |row: &usize| target.is_some_and(|column| table.is_missing(*row, column));
        table.say(path);
        if let (Some(largest), 1..) = (network.largest, above) {
            output::note(format_args!(
                "{}: {above} of {} pixels are above {largest}, the largest of the network's; it \
                 stands for them",
                path.display(),
                pixels.len() * inputs
            ));
        }
        let text = |row, &column: &usize| table.text(row, column).into_owned();
        let classes = target.map(class);
        let first = classes.iter().flatten().position(Option::is_none);
        Ok(Self {
            pixels,
            unknown: first.zip(target).map(|(row, column)| {
                let text = || table.text(row, column).into_owned();
                (table.place(row, column), (!table.is_missing(row, column)).then(text))
            }),
            classes,
            unlabelled: (0..table.rows()).filter(missing).collect(),
            copied: (0..table.rows())
                .map(|row| copied.iter().map(|column| text(row, column)).collect())
                .collect(),
            names: copied.iter().map(|&column| table.names[column].clone()).collect(),
            columns: match table.named {
                true => columns.iter().map(|&column| table.names[column].clone()).collect(),
                false => Vec::new(),
            },
        })
    }

    /// Says whether every image has a class of the network.
    ///
    /// # Errors
    /// Naming the first that has none.
    pub fn all_known(&self, input: &Input, network: &NetworkFile) -> Result<()> {
        let Some((place, class)) = &self.unknown else { return Ok(()) };
        let message = match class {
            None => format!("{place}: the class is missing; leave the row out"),
            Some(class) => format!(
                "{place}: the network does not know the class `{}`; it knows {}, and \
                 --learn --new-class adds others",
                output::shown(class),
                output::shown(&network.classes.join(", "))
            ),
        };
        Err(Error::input(input.one()?, message))
    }

    /// The class of an image; 255 if it is none of the network's.
    pub fn class(&self, image: usize) -> u8 {
        let known = self.classes.as_ref().and_then(|classes| classes[image]);
        known.unwrap_or(u8::MAX)
    }

    /// SHA-256 of pixels and classes, as hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (i, image) in self.pixels.iter().enumerate() {
            hash.update(image);
            hash.update([self.class(i)]);
        }
        fixlearn_sim::hex(hash.finalize())
    }
}

/// A pixel: a number of at least 0, or, where the network does not say its largest, a sample.
fn pixel(
    path: &Path,
    table: &Table,
    row: usize,
    column: usize,
    network: &NetworkFile,
) -> Result<f64> {
    let value = table.value(row, column);
    if value.is_nan() {
        return Err(table.no_number(path, row, column, "; a pixel is a number"));
    }
    let most = (1_u32 << network.input.bits) - 1;
    let (is_one, what) = match network.largest {
        Some(_) => (value >= 0.0 && value.is_finite(), "a number of at least 0".into()),
        None => {
            let is_one = value.fract() == 0.0 && (0.0..=f64::from(most)).contains(&value);
            (is_one, format!("a whole number 0 to {most}"))
        }
    };
    match is_one {
        true => Ok(value),
        false => {
            let (place, text) = (table.place(row, column), table.text(row, column));
            Err(Error::input(path, format!("{place}: `{text}` is no pixel, {what}")))
        }
    }
}

/// By its name, or, of names that are numbers, by its value.
fn class(network: &NetworkFile, table: &Table, row: usize, column: usize) -> Option<u8> {
    let (text, value) = (table.text(row, column), table.value(row, column));
    let same =
        |name: &String| *name == *text || name.parse::<f64>().is_ok_and(|number| number == value);
    network.classes.iter().position(same).map(|class| class as u8)
}
