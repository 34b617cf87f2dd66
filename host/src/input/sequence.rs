//! Sequences: the frames of pictures of one size, as samples.

use super::picture::{Pixels, Room};
use super::{picture, Quantization, Scaling};
use crate::{output, Error, Result};
use image::{DynamicImage, RgbImage};
use std::path::{Path, PathBuf};

/// The frames of pictures, one after the other.
#[derive(Clone, Debug)]
pub struct Frames {
    pub width: usize,
    pub height: usize,
    /// Of grey pictures 1, of coloured ones 3: red, green, blue.
    pub planes: usize,
    /// The samples of each frame, its planes one after the other, each row after row.
    pub frames: Vec<Vec<u8>>,
    /// What a sample stands for.
    pub quantization: Quantization,
    /// The values that the samples stand for, frame by frame; none if they are the samples.
    pub values: Vec<Vec<f32>>,
}

/// Reads pictures of one size as frames: in colour, unless all are grey or `grey` asks for that.
/// The samples are the values of pictures of 8 bits; else 256 steps of the `window` of values, or
/// of the window that the files name, or of the range of all values.
///
/// # Errors
/// If a file is no picture that can be read, has another size than those before it, or there are
/// more pixels than can be held.
pub fn frames(paths: &[PathBuf], grey: bool, window: Option<(f64, f64)>) -> Result<Frames> {
    let scaling = match window {
        Some((low, high)) => Scaling::Window(low, high),
        None => Scaling::Common,
    };
    scaled(paths, grey, scaling)
}

/// The same, the samples as `scaling` says.
///
/// # Errors
/// As [`frames`]'s.
pub fn scaled(paths: &[PathBuf], grey: bool, scaling: Scaling) -> Result<Frames> {
    if let Scaling::Window(low, high) = scaling {
        if !(low.is_finite() && high.is_finite() && low < high) {
            let message =
                format!("a window from {low} to {high}; give two numbers, the less first");
            return Err(Error::request(message));
        }
    }
    let Some(Read { width, height, planes, pixels, window }) = read(paths, grey)? else {
        return Err(Error::request("no input; name pictures of one size"));
    };
    let quantization = steps(&pixels, scaling, window);
    let bytes = |frame: Pixels| match frame {
        Pixels::Bytes(bytes) => bytes,
        Pixels::Values(values) => values.into_iter().map(|v| v as u8).collect(),
    };
    let fits = |&v: &f32| (0.0..=255.0).contains(&v) && v.fract() == 0.0;
    if quantization.is_plain() && !quantization.signed && all(&pixels, |v| fits(&v)) {
        let frames = pixels.into_iter().map(bytes).collect();
        return Ok(Frames { width, height, planes, frames, quantization, values: Vec::new() });
    }
    let values = |frame: Pixels| match frame {
        Pixels::Bytes(bytes) => bytes.into_iter().map(f32::from).collect(),
        Pixels::Values(values) => values,
    };
    let values: Vec<Vec<f32>> = pixels.into_iter().map(values).collect();
    let sample = |v: &f32| quantization.sample(0, f64::from(*v));
    let frames = values.iter().map(|frame| frame.iter().map(sample).collect()).collect();
    say(&values, &quantization, scaling, window);
    Ok(Frames { width, height, planes, frames, quantization, values })
}

/// What the files hold.
struct Read {
    width: usize,
    height: usize,
    planes: usize,
    pixels: Vec<Pixels>,
    /// Of the files, if every one names one.
    window: Option<(f64, f64)>,
}

/// What is said of files, each thing once: the first file that it is of, and how many others.
#[derive(Default)]
struct Notes<'a>(Vec<(&'a Path, String, usize)>);

impl<'a> Notes<'a> {
    fn add(&mut self, path: &'a Path, note: String) {
        match self.0.iter_mut().find(|(_, said, _)| *said == note) {
            Some((_, _, others)) => *others += 1,
            None => self.0.push((path, note, 0)),
        }
    }

    fn say(&self) {
        for (path, note, others) in &self.0 {
            let others = match others {
                0 => String::new(),
                n => format!(" (as with {n} of the others)"),
            };
            output::note(format_args!("{}: {note}{others}", path.display()));
        }
    }
}

fn read(paths: &[PathBuf], grey: bool) -> Result<Option<Read>> {
    let mut room = Room::new();
    let mut whole: Option<Read> = None;
    // Frames of each file, and their planes.
    let mut parts: Vec<(&Path, usize, usize)> = Vec::new();
    let mut notes = Notes::default();
    for path in paths {
        let mut file = picture::read(path, &super::bytes(path)?, &mut room)?;
        if file.planes == 3 && file.frames.iter().all(is_grey) {
            file.frames.iter_mut().for_each(first_plane);
            file.planes = 1;
            if !grey {
                file.notes.push("is stored in colour and grey throughout: taken as grey".into());
            }
        }
        if file.planes == 3 && grey {
            let turn = |frame| turned_grey(frame, file.width, file.height);
            file.frames = file.frames.into_iter().map(turn).collect();
            file.planes = 1;
            file.notes.push("its colours are turned into grey".into());
        }
        if file.frames.len() > 1 {
            file.notes.push(format!("has {} frames", file.frames.len()));
        }
        file.notes.into_iter().for_each(|note| notes.add(path, note));
        parts.push((path, file.frames.len(), file.planes));
        match &mut whole {
            None => {
                let picture::Picture { width, height, frames: pixels, window, .. } = file;
                whole = Some(Read { width, height, planes: 1, pixels, window });
            }
            Some(whole) if (whole.width, whole.height) == (file.width, file.height) => {
                whole.pixels.extend(file.frames);
                let both = whole.window.zip(file.window);
                whole.window = both.map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)));
            }
            Some(Read { width: w, height: h, .. }) => {
                let (width, height) = (file.width, file.height);
                let message = format!(
                    "is {width}x{height} pixels, the images before it {w}x{h}; give one size at a \
                     time"
                );
                return Err(Error::input(path, message));
            }
        }
    }
    if parts.iter().any(|part| part.2 == 3) {
        output::note("the colours are coded as red, green and blue; --grey turns them into grey");
    }
    if let Some(whole) = whole.as_mut().filter(|_| parts.iter().any(|part| part.2 == 3)) {
        whole.planes = 3;
        let mut frames = whole.pixels.iter_mut();
        for (path, count, planes) in parts {
            let these = frames.by_ref().take(count);
            if planes == 1 {
                these.for_each(three_planes);
                let note = "is grey among others in colour: red, green and blue are alike";
                notes.add(path, note.into());
            } else {
                these.for_each(drop);
            }
        }
    }
    notes.say();
    Ok(whole)
}

/// Calls on every value of every frame.
fn all(frames: &[Pixels], holds: impl Fn(f32) -> bool) -> bool {
    frames.iter().all(|frame| match frame {
        Pixels::Bytes(bytes) => bytes.iter().all(|&b| holds(b.into())),
        Pixels::Values(values) => values.iter().all(|&v| holds(v)),
    })
}

/// What samples stand for.
fn steps(frames: &[Pixels], scaling: Scaling, window: Option<(f64, f64)>) -> Quantization {
    match (scaling, window) {
        (Scaling::As(quantization), _) => quantization.clone(),
        (Scaling::Window(low, high), _) | (_, Some((low, high))) => Quantization::steps(low, high),
        _ => {
            if frames.iter().all(|frame| matches!(frame, Pixels::Bytes(_))) {
                return Quantization::IDENTITY;
            }
            let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
            let mut widen = |v: f32| (low, high) = (low.min(v), high.max(v));
            for frame in frames {
                match frame {
                    Pixels::Bytes(bytes) => bytes.iter().for_each(|&b| widen(b.into())),
                    Pixels::Values(values) => values.iter().for_each(|&v| widen(v)),
                }
            }
            if all(frames, |v| v.fract() == 0.0) {
                Quantization::between(low.into(), high.into())
            } else {
                Quantization::steps(low.into(), high.into())
            }
        }
    }
}

/// Says what the 256 steps are of, and how many values are outside.
fn say(
    values: &[Vec<f32>],
    quantization: &Quantization,
    scaling: Scaling,
    window: Option<(f64, f64)>,
) {
    // What a model cannot stand for is said with how good it is, and the rest where it is learned.
    if matches!(scaling, Scaling::As(_)) {
        return;
    }
    let scale = quantization.of(0);
    let (low, high) = (scale.offset, scale.offset + 255.0 * scale.scale);
    let whose = match (scaling, window) {
        (Scaling::Window(..), _) => "as --window says",
        (_, Some(_)) => "the window that the input names",
        _ if values.iter().flatten().all(|&v| f64::from(v) == low) => {
            output::note(format_args!("more than 8 bits a pixel: all are {low}"));
            return;
        }
        _ => "the range of all its pixels",
    };
    let count: usize = values.iter().map(Vec::len).sum();
    let outside = values.iter().flatten().filter(|&&v| quantization.saturates(0, v.into())).count();
    let saturated = match outside {
        0 => String::new(),
        _ => format!("; {outside} of {count} values are outside, the nearest stands for them"),
    };
    output::note(format_args!("256 steps from {low} to {high}, {whose}{saturated}"));
}

fn is_grey(frame: &Pixels) -> bool {
    fn equal<T: PartialEq>(planes: &[T]) -> bool {
        let third = planes.len() / 3;
        planes[..third] == planes[third..2 * third] && planes[..third] == planes[2 * third..]
    }
    match frame {
        Pixels::Bytes(bytes) => equal(bytes),
        Pixels::Values(values) => equal(values),
    }
}

fn first_plane(frame: &mut Pixels) {
    match frame {
        Pixels::Bytes(bytes) => bytes.truncate(bytes.len() / 3),
        Pixels::Values(values) => values.truncate(values.len() / 3),
    }
}

fn three_planes(frame: &mut Pixels) {
    match frame {
        Pixels::Bytes(bytes) => *bytes = bytes.repeat(3),
        Pixels::Values(values) => *values = values.repeat(3),
    }
}

/// Red, green and blue as the luminance of sRGB; values of colours are whole and of 16 bits.
fn turned_grey(frame: Pixels, width: usize, height: usize) -> Pixels {
    let size = (width as u32, height as u32);
    let area = width * height;
    let place = |i: usize| i % 3 * area + i / 3;
    match frame {
        Pixels::Bytes(planes) => {
            let pixels = (0..planes.len()).map(|i| planes[place(i)]).collect();
            let image = RgbImage::from_raw(size.0, size.1, pixels).unwrap_or_default();
            Pixels::Bytes(DynamicImage::ImageRgb8(image).into_luma8().into_raw())
        }
        Pixels::Values(planes) => {
            let pixels = (0..planes.len()).map(|i| planes[place(i)] as u16).collect();
            let image = image::ImageBuffer::from_raw(size.0, size.1, pixels).unwrap_or_default();
            let grey = DynamicImage::ImageRgb16(image).into_luma16().into_raw();
            Pixels::Values(grey.into_iter().map(f32::from).collect())
        }
    }
}
