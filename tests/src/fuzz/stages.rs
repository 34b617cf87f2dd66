//! Files of staged quantizers: as they are, and with checksums that are right whatever was done to
//! the rest.

use super::{Luck, Outcome, Target};
use fixlearn::stages::learn::Searched;
use fixlearn::stages::{choose, file, Codebook, Content, Head, Reader, Stage, KNOWN, LINE};

pub(super) fn targets() -> Vec<Target> {
    let stage = |side, codewords, s| Stage {
        width: side,
        height: side,
        codewords,
        signed: s > 0,
        split: s > 1,
        contexts: if s > 0 { KNOWN } else { LINE },
    };
    let one = good(Content::Sound, 1, vec![Stage { height: 1, ..stage(4, 6, 0) }]);
    let three = good(Content::Pictures, 3, vec![stage(4, 5, 0), stage(2, 4, 1), stage(1, 3, 2)]);
    let plain = |name, good: &[u8]| Target {
        name,
        good: good.to_vec(),
        dense: Vec::new(),
        besides,
        feed: Box::new(feed),
    };
    let mended = |name, good: &[u8]| Target {
        besides: |bytes| besides(&mend(bytes)),
        feed: Box::new(|bytes| feed(&mend(bytes))),
        ..plain(name, good)
    };
    vec![
        plain("stages_1", &one),
        plain("stages_3", &three),
        mended("mended_stages_1", &one),
        mended("mended_stages_3", &three),
    ]
}

/// A file of three frames, whose codebooks change once.
fn good(content: Content, planes: usize, stages: Vec<Stage>) -> Vec<u8> {
    let (width, height) = if content == Content::Sound { (30, 1) } else { (9, 7) };
    let samples = 3 * (width * height) as u64;
    let about = "{}".into();
    let head =
        Head { content, width, height, planes, frames: 3, samples, rate: 8000, about, stages };
    let mut luck = Luck::new(9);
    let mut group = |frames: usize| {
        let mut bytes = |size: usize| (0..size).map(|_| luck.below(256) as u8).collect();
        let sizes = head.stages.iter().map(|s| s.codewords * s.dimension());
        let codebooks =
            sizes.map(|size| Codebook { step: 30_000, components: bytes(size) }).collect();
        let mut grids = |below: &dyn Fn(&Stage) -> usize| -> Vec<Vec<Vec<usize>>> {
            let cells = |s| head.grid(s).0 * head.grid(s).1;
            let mut grid = |s: usize| {
                (0..cells(s)).map(|_| luck.below(below(&head.stages[s]))).collect::<Vec<_>>()
            };
            (0..planes).map(|_| (0..head.stages.len()).map(&mut grid).collect()).collect()
        };
        let mut trees = Vec::new();
        let mut errors = Vec::new();
        for _ in 0..frames {
            let as_indices = |grid: Vec<usize>| grid.into_iter().map(|i| i as u16).collect();
            let as_errors = |grid: Vec<usize>| grid.into_iter().map(|i| i as u64).collect();
            let plane = |p: Vec<Vec<usize>>| p.into_iter().map(as_indices).collect();
            trees.push(grids(&|stage| stage.codewords).into_iter().map(plane).collect());
            let plane = |p: Vec<Vec<usize>>| p.into_iter().map(as_errors).collect();
            errors.push(grids(&|_| 1 << 20).into_iter().map(plane).collect());
        }
        Searched { codebooks, trees, errors }
    };
    let groups = [group(2), group(1)];
    choose::encode(&head, &groups, 0.5).expect("it is coded").bytes
}

fn feed(bytes: &[u8]) -> Outcome {
    match file::decode(bytes) {
        Err(why) => {
            assert_eq!(why.lines().count(), 1, "one line: {why}");
            Outcome::Refused(why.replace(|c: char| c.is_ascii_digit(), ""))
        }
        Ok(read) => {
            let head = &read.head;
            assert!(read.frames.len() <= head.frames);
            assert!(!read.whole || read.frames.len() == head.frames);
            for planes in &read.frames {
                assert_eq!(planes.len(), head.planes);
                assert!(planes.iter().all(|plane| plane.len() == head.width * head.height));
            }
            match read.whole {
                true => Outcome::Read,
                false => Outcome::Refused("damaged behind its head".into()),
            }
        }
    }
}

/// What the page of guarantees says.
fn besides(bytes: &[u8]) -> usize {
    let Ok(Reader { head, .. }) = Reader::new(bytes) else { return 0 };
    let blocks: usize = (0..head.stages.len()).map(|s| head.grid(s).0 * head.grid(s).1).sum();
    let before = [1].into_iter().chain(head.stages.iter().map(|stage| stage.codewords));
    let counts =
        |(stage, whole): (&Stage, usize)| (stage.codewords + 1) * (3 * stage.codewords + whole + 4);
    let counts: usize = head.stages.iter().zip(before).map(counts).sum();
    let samples = head.frames * head.width * head.height;
    head.planes * (2 * samples + 4 * blocks + 4 * counts)
}

/// The same with right checksums, as far as there are records.
fn mend(bytes: &[u8]) -> Vec<u8> {
    let mut all = bytes.to_vec();
    let mut at = 5;
    while let Some(length) = all.get(at + 1..at + 5) {
        let length = length.iter().fold(0, |n, &byte| n << 8 | usize::from(byte));
        let end = at + 5 + length;
        if end + 4 > all.len() {
            break;
        }
        let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&all[at..end]).to_be_bytes();
        all[end..end + 4].copy_from_slice(&sum);
        at = end + 4;
    }
    all
}
