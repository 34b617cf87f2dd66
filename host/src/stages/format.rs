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
    /// Samples of a plane that count, in all frames together; the last frame may hold more.
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
            Some(Stage { width, height, codewords, signed, split, contexts })
        });
        let stages = stages.collect::<Option<Vec<Stage>>>()?;
        let head = Self { content, width, height, planes, frames, samples, rate, about, stages };
        (at.0.is_empty() && head.is_possible()).then_some(head)
    }

    /// Sizes that are sizes of something.
    pub fn is_possible(&self) -> bool {
        let whole =
            |s: &Stage| (1..=256).contains(&s.dimension()) && (2..=256).contains(&s.codewords);
        let parts = self.stages.windows(2).all(|pair| {
            pair[1].width > 0
                && pair[1].height > 0
                && pair[0].width.is_multiple_of(pair[1].width)
                && pair[0].height.is_multiple_of(pair[1].height)
        });
        let area = self.width.checked_mul(self.height).and_then(|a| a.checked_mul(self.planes));
        let samples = area.and_then(|a| (a / self.planes.max(1)).checked_mul(self.frames));
        (1..=MOST_STAGES).contains(&self.stages.len())
            && self.stages.iter().all(whole)
            && !self.stages[0].split
            && parts
            && (1..=3).contains(&self.planes)
            && area.is_some_and(|area| (1..=MOST_SAMPLES).contains(&area))
            && samples.is_some_and(|samples| self.samples <= samples as u64)
    }
}

/// Stages at most.
pub const MOST_STAGES: usize = 8;
/// Samples of a frame at most: what a reader has to hold.
pub const MOST_SAMPLES: usize = 1 << 26;

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
    /// If it is of another version, or its head is damaged.
    pub fn new(bytes: &'a [u8]) -> Result<Self, String> {
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
