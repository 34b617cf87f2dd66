//! Reading a file: frames, as far as it is whole.

use super::entropy::Coder;
use super::format::{Head, Kind, Reader};
use super::frames::{bare, plane, Codebook, Shelf, Walk};
use crate::output;

/// What a file holds.
#[derive(Clone, Debug)]
pub struct Decoded {
    pub head: Head,
    /// By frame and plane, without the repeated edges.
    pub frames: Vec<Vec<Vec<i16>>>,
    /// The codebooks that are there at the end.
    pub codebooks: Vec<Codebook>,
    /// The file is whole; else frames are missing at its end.
    pub whole: bool,
}

/// # Errors
/// If it is no such file, of another version, or damaged in its head.
pub fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    let mut reader = Reader::new(bytes)?;
    let head = reader.head.clone();
    let (mut walk, mut shelf) = (Walk::new(&head), Shelf::new(&head));
    let mut frames = Vec::new();
    let mut ended = false;
    let bar = output::progress(head.frames as u64, "decoding");
    while let Some((kind, content)) = reader.record() {
        let read = match kind {
            Kind::Codebook => codebook(&mut shelf, content),
            Kind::Frame if frames.len() < head.frames => {
                frame(&head, &mut walk, &shelf, content).map(|frame| frames.push(frame))
            }
            Kind::End if frames.len() == head.frames && content.is_empty() => {
                ended = reader.is_at_end();
                None
            }
            _ => None,
        };
        if read.is_none() {
            break;
        }
        bar.set_position(frames.len() as u64);
    }
    bar.finish_and_clear();
    Ok(Decoded { head, frames, codebooks: shelf.now, whole: ended })
}

fn codebook(shelf: &mut Shelf, content: &[u8]) -> Option<()> {
    let (about, coded) = content.split_at_checked(5)?;
    let stage = usize::from(about[0]);
    let step = u32::from_be_bytes([about[1], about[2], about[3], about[4]]);
    if stage >= shelf.now.len() || step == 0 {
        return None;
    }
    let mut coder = Coder::reading(coded)?;
    let components = shelf.components(&mut coder, stage, &[])?;
    coder.ended().then(|| shelf.now[stage] = Codebook { step, components })
}

fn frame(head: &Head, walk: &mut Walk, shelf: &Shelf, content: &[u8]) -> Option<Vec<Vec<i16>>> {
    if shelf.now.iter().any(|codebook| codebook.components.is_empty()) {
        return None;
    }
    let mut tree = bare(head);
    let mut coder = Coder::reading(content)?;
    walk.frame(&mut coder, &mut tree)?;
    let planes = || tree.iter().map(|indices| plane(head, &shelf.now, indices)).collect();
    coder.ended().then(planes)
}
