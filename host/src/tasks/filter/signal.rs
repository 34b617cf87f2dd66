//! Signals for the adaptive filter: from a file's columns to samples in Q1.15, and back.

use crate::input::{cells, ending, wav, Table};
use crate::{output, Error, Result};
use fixlearn_sim::golden::cores::lms::{Answer, Sample};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// What the filter is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// Predict the signal: `x` is the signal so many samples ago.
    Predict { delay: usize },
    /// Cancel what the signal has in common with a reference, `x`: a column of the same file, or,
    /// if none is named, a file of its own.
    Cancel { column: Option<String> },
}

/// Where the signal is. With the files it decides every bit of the samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The signal's column, by name or by number from 1 on; none where the file has only one.
    pub column: Option<String>,
    pub goal: Goal,
    /// The table's first line is names.
    pub header: bool,
}

/// What the filter learns from.
#[derive(Clone, Debug)]
pub struct Signal {
    /// Of one pass.
    pub samples: Vec<Sample>,
    /// What 1.0 in Q1.15 is in the file's units: a power of two.
    pub full_scale: f64,
    /// Samples a second, where the file says so.
    pub sample_rate: Option<u32>,
    /// Sum of the squared `d` before each sample.
    power: Vec<u64>,
    /// What the device answers, if someone wants to know.
    pub heard: RefCell<Option<Heard>>,
}

/// Answers to learned samples, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The step of the first.
    pub from: u64,
    pub answers: Vec<Answer>,
}

impl Source {
    /// Reads the signal from a file, and its reference from the second, if that is one of its own.
    ///
    /// # Errors
    /// If a file cannot be read or lacks the column; the message says which there are.
    pub fn read(&self, paths: &[PathBuf]) -> Result<Signal> {
        let two = self.goal == (Goal::Cancel { column: None });
        let (path, other) = match paths {
            [path] if !two => (path, None),
            [path, reference] if two => (path, Some(reference)),
            _ if two => return Err(Error::request("give the signal and the reference's file")),
            _ => return Err(Error::request("give one signal (.wav, .csv or .npy)")),
        };
        self.of_table(path, &cells(path, self.header)?, other, wav::sample_rate(path)?)
    }

    /// The same of a table that was read; the reference's file, if it has its own.
    ///
    /// # Errors
    /// As [`Source::read`]'s.
    pub fn of_table(
        &self,
        path: &Path,
        table: &Table,
        other: Option<&PathBuf>,
        sample_rate: Option<u32>,
    ) -> Result<Signal> {
        let column = column(path, table, self.column.as_deref(), "--column")?;
        let (d, full_scale) = words(path, table, column)?;
        let x = match (&self.goal, other) {
            (Goal::Predict { delay }, _) => {
                if !(1..d.len()).contains(delay) {
                    let message =
                        format!("has {} samples; --delay is at least 1, and less", d.len());
                    return Err(Error::input(path, message));
                }
                let before = std::iter::repeat_n(0, *delay);
                before.chain(d.iter().copied()).take(d.len()).collect()
            }
            (Goal::Cancel { .. }, Some(reference)) => {
                self.reference(reference, d.len(), sample_rate)?
            }
            (Goal::Cancel { column: name }, None) => {
                let at = self::column(path, table, name.as_deref(), "--reference")?;
                words(path, table, at)?.0
            }
        };
        table.say(path);
        let samples = x.into_iter().zip(d).map(|(x, d)| Sample { x, d }).collect();
        Ok(Signal::new(samples, full_scale, sample_rate))
    }

    /// A reference that has its own file, of one column.
    fn reference(&self, path: &Path, length: usize, sample_rate: Option<u32>) -> Result<Vec<i16>> {
        let table = cells(path, self.header)?;
        let at = column(path, &table, None, "a file of one column, for --reference")?;
        let x = words(path, &table, at)?.0;
        table.say(path);
        if x.len() != length {
            let message = format!("has {} samples, the signal {length}; cut them alike", x.len());
            return Err(Error::input(path, message));
        }
        let rate = wav::sample_rate(path)?;
        if let (Some(a), Some(b)) = (rate, sample_rate.filter(|_| rate != sample_rate)) {
            let message = format!("has {a} samples a second, the signal {b}; resample one of them");
            return Err(Error::input(path, message));
        }
        Ok(x)
    }
}

/// The column of this name, or the only one.
fn column(path: &Path, table: &Table, name: Option<&str>, option: &str) -> Result<usize> {
    match name {
        None if table.columns == 1 => Ok(0),
        None => {
            let names = table.names.join(", ");
            let message = format!("has {} columns ({names}); choose by {option}", table.columns);
            Err(Error::input(path, table.noted(&message)))
        }
        Some(name) => table.find(path, name),
    }
}

/// A column in Q1.15, and what full scale is in its units: the least power of two that holds it;
/// of sound, at least 1.
fn words(path: &Path, table: &Table, column: usize) -> Result<(Vec<i16>, f64)> {
    let values = table.numbers(path, column)?;
    let (low, high) = table.range_of(column);
    let most = low.abs().max(high.abs());
    let sound = ending(path) == "wav";
    let full = if most == 0.0 || sound && most < 1.0 { 1.0 } else { most.log2().ceil().exp2() };
    if !full.is_finite() || !full.is_normal() {
        return Err(Error::input(
            path,
            format!("holds {}; scale it to a usual range", output::number(most)),
        ));
    }
    // Full scale itself is one step beyond the largest word.
    let word = |value: f64| (value / full * 32768.0).round().clamp(-32768.0, 32767.0) as i16;
    let words: Vec<i16> = values.iter().map(|&value| word(value)).collect();
    let distinct = values.iter().map(|v| v.to_bits()).collect::<HashSet<_>>().len();
    let told_apart = words.iter().collect::<HashSet<_>>().len();
    if 2 * told_apart <= distinct.min(64) {
        let lost = values.iter().zip(&words).filter(|(v, w)| **v != 0.0 && **w == 0).count();
        let row = values.iter().position(|v| v.abs() == most).unwrap_or(0);
        let place = if sound { format!("sample {}", row + 1) } else { table.place(row, column) };
        let of = values.len();
        let value = if sound { output::rounded(most, 2) } else { output::number(most) };
        let message = format!("{place}: beside {value}, {lost} of {of} values are 0 in 16 bits");
        // Sound that is quiet throughout is what it is.
        if !sound || full > 1.0 {
            return Err(Error::input(path, message + "; mend it, or take it out"));
        }
        output::note(format_args!("{}: {message}", path.display()));
    }
    if sound && full > 1.0 {
        output::note(format_args!(
            "{}: peaks at {} of full scale: scaled by 1/{}",
            path.display(),
            output::rounded(most, 2),
            output::number(full)
        ));
    }
    Ok((words, full))
}

impl Signal {
    pub fn new(samples: Vec<Sample>, full_scale: f64, sample_rate: Option<u32>) -> Self {
        let square = |sum: &mut u64, s: &Sample| {
            let before = *sum;
            *sum += u64::from(s.d.unsigned_abs()).pow(2);
            Some(before)
        };
        let mut power: Vec<u64> = samples.iter().scan(0, square).collect();
        let all = samples.iter().map(|s| u64::from(s.d.unsigned_abs()).pow(2)).sum();
        power.push(all);
        Self { samples, full_scale, sample_rate, power, heard: RefCell::default() }
    }

    /// SHA-256 of the samples, as hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        self.samples.iter().for_each(|s| hash.update(s.bytes()));
        fixlearn_sim::hex(hash.finalize())
    }

    /// Sum of the squared `d` (UQ34.30) over so many steps from the first, pass after pass.
    pub fn power(&self, steps: u64) -> u128 {
        let length = (self.samples.len() as u64).max(1);
        let all = self.power.last().copied().unwrap_or(0);
        let rest = self.power[(steps % length) as usize];
        u128::from(steps / length) * u128::from(all) + u128::from(rest)
    }

    /// Mean power of `x`, in units of full scale squared.
    pub fn input_power(&self) -> f64 {
        let square = |s: &Sample| (f64::from(s.x) / 32768.0).powi(2);
        self.samples.iter().map(square).sum::<f64>() / self.samples.len().max(1) as f64
    }

    /// Says whether words can be written as a file of this ending.
    ///
    /// # Errors
    /// If the ending is none of them, or is of sound and the signal has no sample rate.
    pub fn can_write(&self, path: &Path) -> Result<()> {
        match (ending(path).as_str(), self.sample_rate) {
            ("wav", Some(_)) | ("csv", _) => Ok(()),
            ("wav", None) => {
                Err(Error::input(path, "a table has no sample rate; give a name that ends in .csv"))
            }
            _ => Err(Error::input(path, "signals are written as .wav or .csv")),
        }
    }

    /// Writes words in Q1.15: sound of 16 bits, or a column of numbers in the signal's units.
    ///
    /// # Errors
    /// As [`Signal::can_write`]'s, and the file system's.
    pub fn write(&self, path: &Path, words: &[i16]) -> Result<()> {
        self.can_write(path)?;
        let bytes = match self.sample_rate {
            Some(rate) if ending(path) == "wav" => {
                wav::write(path, 1, rate, words.iter().copied())?
            }
            _ => {
                let value =
                    |&w: &i16| output::number(f64::from(w) / 32768.0 * self.full_scale) + "\n";
                words.iter().map(value).collect::<String>().into_bytes()
            }
        };
        output::write(path, &bytes)
    }
}
