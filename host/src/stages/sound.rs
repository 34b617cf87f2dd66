//! Sound of 16 bits into the codec, and out of it.

use super::file::Decoded;
use super::format::{Content, Head, Stage};
use super::learn::Source;
use crate::input::{self, wav};
use crate::{output, Error, Result};
use std::path::Path;

/// Vectors of the first stage in a frame.
pub const STRETCH: usize = 256;

/// The sound of a `.wav` file, cut into vectors of the first stage's width. Other depths than 16
/// bits are rounded to it, and what is beyond full scale saturates; a line on stderr says so.
///
/// # Errors
/// If the file cannot be read or holds no sound, or these are no stages of sound.
pub fn source(path: &Path, bytes: &[u8], stages: Vec<Stage>) -> Result<Source> {
    let rate = wav::rate(path, bytes)?;
    let table = wav::read(path, bytes, false)?;
    if table.values.is_empty() {
        return Err(Error::input(path, "holds no samples; record it again"));
    }
    let levels = || table.values.iter().map(|v| v * 32768.0);
    let between = levels().filter(|v| v.fract() != 0.0).count();
    let beyond = levels().filter(|v| !(-32768.5..32767.5).contains(v)).count();
    if between + beyond > 0 {
        let path = path.display();
        output::note(format_args!(
            "{path}: coded with 16 bits; {between} samples are rounded to them, and {beyond} \
             beyond full scale saturate"
        ));
    }
    // A cast saturates.
    let channel = |c: usize| {
        let values = levels().skip(c).step_by(table.columns);
        values.map(|v| v.round() as i16).collect::<Vec<i16>>()
    };
    let channels: Vec<Vec<i16>> = (0..table.columns).map(channel).collect();
    let samples = channels[0].len();
    let width = STRETCH * stages.first().map_or(1, |first| first.width);
    let head = Head {
        content: Content::Sound,
        width,
        height: 1,
        planes: channels.len(),
        frames: samples.div_ceil(width.max(1)),
        samples: samples as u64,
        rate,
        about: String::new(),
        stages,
    };
    let flat = head.stages.iter().all(|stage| stage.height == 1);
    let signed = head.stages.first().is_some_and(|first| first.signed);
    if !(head.are_stages() && flat && signed) {
        return Err(Error::request(
            "stages of sound are 1 sample high and at most 256 wide, each a whole multiple of the \
             next: --stages 8x1:64,4x1:128",
        ));
    }
    let stretch = |channel: &[i16], frame: usize| -> Vec<i16> {
        let inside = |at: usize| channel[at.min(samples - 1)];
        (frame * width..(frame + 1) * width).map(inside).collect()
    };
    let frames = (0..head.frames)
        .map(|frame| channels.iter().map(|channel| stretch(channel, frame)).collect());
    let frames: Vec<Vec<Vec<i16>>> = frames.collect();
    Source::new(head, frames)
}

/// A `.wav` file of 16 bits of what was decoded: all of it, or what came before the damage.
///
/// # Errors
/// If it is no sound, or more than such a file holds.
pub fn wav(path: &Path, decoded: &Decoded) -> Result<Vec<u8>> {
    let head = &decoded.head;
    if input::ending(path) != "wav" {
        return Err(Error::input(path, "sound is written as .wav"));
    }
    if head.content != Content::Sound || head.height != 1 || head.planes > 2 {
        return Err(Error::input(path, "a .wav file holds sound alone; name it by what it is"));
    }
    let many = usize::try_from(head.samples).unwrap_or(usize::MAX);
    let moments =
        decoded.frames.iter().flat_map(|planes| (0..head.width).map(move |at| (planes, at)));
    // What was decoded is within 16 bits.
    let samples =
        moments.take(many).flat_map(|(planes, at)| planes.iter().map(move |plane| plane[at]));
    wav::write(path, head.planes, head.rate, samples)
}
