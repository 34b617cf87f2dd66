//! Decoded images and tables.

use super::Codewords;
use crate::input::{Layout, Quantization, Table};
use crate::{output, picture, Error, Result};
use std::path::{Path, PathBuf};

/// The decoded files: one image or table at `path`, or `name-000.png` and so on for several.
///
/// # Errors
/// If the path's ending is of no format that holds what is decoded.
pub fn files(
    path: &Path,
    layout: &Layout,
    codewords: &Codewords,
    decoded: &[u8],
) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let plain = layout.restore(decoded);
    let quantization = &codewords.quantization;
    match *layout {
        Layout::Images { count, width, height, planes, .. } => {
            let most = |least: u8, greatest: u8| match (
                quantization.value(0, least),
                quantization.value(0, greatest),
            ) {
                (low, high) if low >= 0.0 && high <= 255.0 => Some(255.0),
                (low, high) if low >= 0.0 && high <= 65535.0 => Some(65535.0),
                _ => None,
            };
            // Else what is there is what counts: a picture of 65535 alone has steps beyond it.
            let there = plain.iter().min().zip(plain.iter().max());
            let most = most(0, 255).or_else(|| there.and_then(|(&low, &high)| most(low, high)));
            if most.is_none() {
                let ends = [0, 255].map(|end| output::number(quantization.value(0, end)));
                let [low, high] = ends;
                output::note(format_args!(
                    "the values from {low} to {high} are none of a picture: 0 to 255 stand for them"
                ));
            }
            let one = |(i, samples): (usize, &[u8])| {
                let path = numbered(path, i, count);
                let pixels = interleaved(samples, planes);
                let value = |&s: &u8| quantization.value(0, s).round();
                let bytes = match most {
                    Some(65535.0) => {
                        let pixels: Vec<u16> = pixels.iter().map(|s| value(s) as u16).collect();
                        picture::encode_deep(&path, &pixels, width, height, planes)?
                    }
                    Some(_) => {
                        let pixels: Vec<u8> = pixels.iter().map(|s| value(s) as u8).collect();
                        picture::encode(&path, &pixels, width, height, planes)?
                    }
                    None => picture::encode(&path, &pixels, width, height, planes)?,
                };
                Ok((path, bytes))
            };
            plain.chunks_exact((width * height * planes).max(1)).enumerate().map(one).collect()
        }
        Layout::Table { columns, .. } => {
            let value = |(i, &s): (usize, &u8)| quantization.value(i % columns, s);
            let table = Table {
                named: !codewords.names.is_empty(),
                names: codewords.names.clone(),
                columns,
                values: plain.iter().enumerate().map(value).collect(),
                ..Table::default()
            };
            let text = |v, column| shown(v, column, quantization);
            Ok(vec![(path.to_owned(), written(path, &table, text)?)])
        }
    }
}

/// A table as `.csv` or `.npy`; `text` says how a value of a column is written in the first.
///
/// # Errors
/// If the path's ending is of neither.
pub fn written(path: &Path, table: &Table, text: impl Fn(f64, usize) -> String) -> Result<Vec<u8>> {
    let columns = table.columns.max(1);
    let values = table.values.iter().copied();
    match crate::input::ending(path).as_str() {
        "npy" => output::npy(table.rows(), columns, values).map_err(Error::io(path)),
        "csv" => {
            let names = if table.named { &table.names[..] } else { &[] };
            let cells: Vec<String> =
                values.enumerate().map(|(i, v)| text(v, i % columns)).collect();
            Ok(output::csv(names, cells.chunks(columns)))
        }
        _ => Err(Error::input(path, "tables are written as .csv or .npy")),
    }
}

/// A value with the digits that the steps of its column can tell apart, and three more.
fn shown(value: f64, column: usize, quantization: &Quantization) -> String {
    let step = quantization.of(column).scale;
    let digits = 3 - step.log10().floor() as i32;
    if !(0..=17).contains(&digits) {
        return output::number(value);
    }
    let text = format!("{value:.*}", digits as usize);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_string()
}

/// The planes of a frame pixel by pixel.
fn interleaved(samples: &[u8], planes: usize) -> Vec<u8> {
    let area = samples.len() / planes.max(1);
    (0..samples.len()).map(|i| samples[i % planes * area + i / planes]).collect()
}

/// The file of picture `i` of `count`.
pub fn numbered(path: &Path, i: usize, count: usize) -> PathBuf {
    if count == 1 {
        return path.to_owned();
    }
    // Names need not be text.
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{i:03}."));
    name.push(path.extension().unwrap_or_default());
    path.with_file_name(name)
}
