//! The file: a head, codebooks, frames and an end, each a record with a checksum.
//!
//! `host/docs/codec.md` describes it to the byte.

use super::entropy::Coder;
use crc::{Crc, CRC_32_ISO_HDLC};
use serde::{Deserialize, Serialize};

/// The first bytes of a file, the version last.
const MAGIC: &[u8; 5] = b"FLVQ\x01";
const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
/// Bytes of a record beside its content: kind, length and checksum.
const AROUND: usize = 9;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Pictures of 8 bits, a plane a colour.
    Pictures,
    /// Sound of 16 bits, a plane a channel; a frame is a stretch of it.
    Sound,
    /// Rows of a table of 8 bits; a frame is a stretch of rows.
    Vectors,
}

impl std::fmt::Display for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pictures => "pictures",
            Self::Sound => "sound",
            Self::Vectors => "a table",
        })
    }
}

/// A quantizer of the composition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Of a block, in samples.
    pub width: usize,
    pub height: usize,
    /// 2 to 256.
    pub codewords: usize,
    /// Components are -128 to 127, not 0 to 255.
    pub signed: bool,
    /// Only blocks that are flagged have it.
    pub split: bool,
    /// Which contexts an index is coded by, a bit each.
    pub contexts: u8,
}

impl Stage {
    /// Components of a codeword.
    pub fn dimension(&self) -> usize {
        self.width * self.height
    }
}

/// What there is to know before the first frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    pub content: Content,
    /// Of a frame, in samples.
    pub width: usize,
    pub height: usize,
    /// Of a frame: colours or channels.
    pub planes: usize,
    pub frames: usize,
    /// Samples of a plane that count, in all frames together: of sound and vectors, the last frame
    /// may hold more.
    pub samples: u64,
    /// Samples a second, of sound.
    pub rate: u32,
    /// JSON: what samples stand for, and names.
    pub about: String,
    pub stages: Vec<Stage>,
}

impl Head {
    /// Blocks of a stage across and down a frame, whose edges are repeated to whole blocks of the
    /// first stage.
    pub fn grid(&self, stage: usize) -> (usize, usize) {
        let (first, this) = (&self.stages[0], &self.stages[stage]);
        let across = self.width.div_ceil(first.width) * (first.width / this.width);
        (across, self.height.div_ceil(first.height) * (first.height / this.height))
    }

    /// The places, in the next stage's grid, of the parts of a block; none of the last stage.
    pub fn parts(&self, stage: usize, cell: usize) -> impl Iterator<Item = usize> + Clone + use<> {
        let next = (stage + 1).min(self.stages.len() - 1);
        let (this, part) = (&self.stages[stage], &self.stages[next]);
        let (wide, high) = (this.width / part.width, this.height / part.height);
        let (across, across_next) = (self.grid(stage).0, self.grid(next).0);
        let (x, y) = (cell % across * wide, cell / across * high);
        let many = if next == stage { 0 } else { wide * high };
        (0..many).map(move |part| (y + part / wide) * across_next + x + part % wide)
    }

    /// Samples of a frame's plane with its repeated edges.
    pub fn padded(&self) -> (usize, usize) {
        let (across, down) = self.grid(0);
        (across * self.stages[0].width, down * self.stages[0].height)
    }

    /// The least and the greatest sample.
    pub fn bounds(&self) -> (i64, i64) {
        match self.content {
            Content::Sound => (-32768, 32767),
            _ => (0, 255),
        }
    }

    fn write(&self) -> Vec<u8> {
        let mut b = vec![self.content as u8];
        for n in [self.width, self.height, self.planes, self.frames] {
            b.extend((n as u32).to_be_bytes());
        }
        b.extend(self.samples.to_be_bytes());
        b.extend(self.rate.to_be_bytes());
        b.extend((self.about.len() as u32).to_be_bytes());
        b.extend(self.about.as_bytes());
        b.push(self.stages.len() as u8);
        for s in &self.stages {
            for n in [s.width, s.height, s.codewords] {
                b.extend((n as u16).to_be_bytes());
            }
            b.extend([u8::from(s.signed) | u8::from(s.split) << 1, s.contexts]);
        }
        b
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut at = Bytes(bytes);
        let content = match at.byte()? {
            0 => Content::Pictures,
            1 => Content::Sound,
            2 => Content::Vectors,
            _ => return None,
        };
        let [width, height, planes, frames] = [at.word()?, at.word()?, at.word()?, at.word()?];
        let samples = u64::from_be_bytes(at.take(8)?.try_into().ok()?);
        let rate = at.word()? as u32;
        let length = at.word()?;
        let about = String::from_utf8(at.take(length)?.to_vec()).ok()?;
        let stages = (0..at.byte()?).map(|_| {
            let [width, height, codewords] = [at.half()?, at.half()?, at.half()?];
            let (flags, contexts) = (at.byte()?, at.byte()?);
            let (signed, split) = (flags & 1 == 1, flags >> 1 & 1 == 1);
            (flags <= 3).then_some(Stage { width, height, codewords, signed, split, contexts })
        });
        let stages = stages.collect::<Option<Vec<Stage>>>()?;
        let head = Self { content, width, height, planes, frames, samples, rate, about, stages };
        at.0.is_empty().then_some(head)
    }

    /// Sizes that are sizes of something, and of no more than a reader holds. A writer asks, too:
    /// what is not possible is not read again.
    pub fn is_possible(&self) -> bool {
        let planes = match self.content {
            Content::Pictures => [1, 3].contains(&self.planes),
            Content::Sound => (1..=3).contains(&self.planes) && self.rate > 0,
            Content::Vectors => self.planes == 1,
        };
        let about = || serde_json::from_str::<serde::de::IgnoredAny>(&self.about).is_ok();
        planes && (self.about.is_empty() || about()) && self.are_stages() && self.is_held()
    }

    /// Each is one, and the blocks of each are parts of those of the one before.
    pub fn are_stages(&self) -> bool {
        let whole =
            |s: &Stage| (1..=256).contains(&s.dimension()) && (2..=256).contains(&s.codewords);
        let parts = |pair: &[Stage]| {
            pair[0].width.is_multiple_of(pair[1].width)
                && pair[0].height.is_multiple_of(pair[1].height)
        };
        (1..=MOST_STAGES).contains(&self.stages.len())
            && self.stages.iter().all(whole)
            && !self.stages[0].split
            && self.stages.windows(2).all(parts)
    }

    /// Frames of a size that a reader holds, and samples that count in each.
    fn is_held(&self) -> bool {
        let side = |n: usize| (1..=MOST_SAMPLES as usize).contains(&n);
        if !side(self.width) || !side(self.height) || self.frames == 0 {
            return false;
        }
        let planes = self.planes as u64;
        let area = |(across, down): (usize, usize)| across as u64 * down as u64;
        let blocks: u64 = (0..self.stages.len()).map(|s| area(self.grid(s)) * planes).sum();
        let frame = area((self.width, self.height));
        let all = frame.saturating_mul(self.frames as u64);
        let least = match self.content {
            Content::Pictures => all,
            _ => all - frame + 1,
        };
        area(self.padded()) * planes <= MOST_SAMPLES
            && blocks <= MOST_SAMPLES
            && all.saturating_mul(planes) <= MOST_IN_ALL
            && (least..=all).contains(&self.samples)
    }
}

/// Stages at most.
pub const MOST_STAGES: usize = 8;
/// Samples of a frame at most, with its repeated edges, in all planes; and blocks of all stages.
pub const MOST_SAMPLES: u64 = 1 << 26;
/// Samples of all frames together, in all planes.
pub const MOST_IN_ALL: u64 = 1 << 28;

/// A record's kind, and its number in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Head = 1,
    Codebook = 2,
    Frame = 3,
    End = 4,
}

/// Writes records.
pub struct Writer(pub Vec<u8>);

impl Writer {
    pub fn new(head: &Head) -> Self {
        let mut file = Self(MAGIC.to_vec());
        file.record(Kind::Head, &head.write());
        file
    }

    pub fn record(&mut self, kind: Kind, content: &[u8]) {
        let start = self.0.len();
        self.0.push(kind as u8);
        self.0.extend((content.len() as u32).to_be_bytes());
        self.0.extend(content);
        let sum = CRC.checksum(&self.0[start..]);
        self.0.extend(sum.to_be_bytes());
    }

    /// A record of what a coder wrote.
    pub fn coded(&mut self, kind: Kind, before: &[u8], coder: Coder) {
        self.record(kind, &[before, &coder.bytes()].concat());
    }
}

/// Reads records until one is damaged.
pub struct Reader<'a> {
    rest: Bytes<'a>,
    pub head: Head,
}

impl<'a> Reader<'a> {
    /// Whether bytes begin as such a file does, of any version.
    pub fn is_file(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC[..4])
    }

    /// # Errors
    /// If it is no such file, of another version, or its head is damaged or cannot be.
    pub fn new(bytes: &'a [u8]) -> Result<Self, String> {
        if !Self::is_file(bytes) {
            return Err("is no file of this codec".into());
        }
        match bytes.get(4) {
            Some(version) if *version == MAGIC[4] => {}
            Some(version) => {
                return Err(format!("has version {version}; this fixlearn reads version 1"));
            }
            None => return Err("is cut before its head; encode it again".into()),
        }
        let mut rest = Bytes(&bytes[MAGIC.len()..]);
        let head = match rest.whole() {
            Some((kind, content)) if kind == Kind::Head as u8 => Head::read(content),
            _ => None,
        };
        let head = head.ok_or("is damaged in its head; encode it again")?;
        if !head.is_possible() {
            return Err(
                "has a head whose sizes, stages or content cannot be; encode it again".into()
            );
        }
        Ok(Self { rest, head })
    }

    /// The next record; none at a damaged one, and behind the last.
    pub fn record(&mut self) -> Option<(Kind, &'a [u8])> {
        let (kind, content) = self.rest.whole()?;
        let known = [Kind::Head, Kind::Codebook, Kind::Frame, Kind::End];
        known.into_iter().find(|k| *k as u8 == kind).map(|kind| (kind, content))
    }

    /// Nothing follows.
    pub fn is_at_end(&self) -> bool {
        self.rest.0.is_empty()
    }
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    fn half(&mut self) -> Option<usize> {
        self.take(2).map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])))
    }

    fn word(&mut self) -> Option<usize> {
        self.take(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize)
    }

    /// Kind and content of a record whose checksum is right.
    fn whole(&mut self) -> Option<(u8, &'a [u8])> {
        let length = self.0.get(1..5)?.try_into().ok().map(u32::from_be_bytes)? as usize;
        let all = self.take(length.checked_add(AROUND)?)?;
        let (covered, sum) = all.split_at(all.len() - 4);
        (CRC.checksum(covered).to_be_bytes() == sum).then_some((covered[0], &covered[5..]))
    }
}
