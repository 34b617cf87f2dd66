//! The files of staged quantizers: what is written is read, damage is noticed, and a decoder in
//! another language, which was written from the page, reads the same: `tests/flvq.py`.

mod common;

use common::Folder;
use fixlearn::link::open::Line;
use fixlearn::stages::learn::{learn, Asked, Progress, Searched, Source};
use fixlearn::stages::{choose, file, Codebook, Content, Head, Stage, KNOWN, LINE, PLAIN};
use fixlearn_sim::golden::cores::vq::{Config, Vq};
use proptest::prelude::*;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// Numbers for a seed.
struct Luck(u64);

impl Luck {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// What a file should hold.
struct Made {
    head: Head,
    groups: Vec<Searched>,
    /// By frame and plane.
    frames: Vec<Vec<Vec<i16>>>,
}

impl Made {
    fn bytes(&self) -> Vec<u8> {
        choose::encode(&self.head, &self.groups, 1.0).expect("it is coded").bytes
    }
}

fn stages(luck: &mut Luck, count: usize) -> Vec<Stage> {
    let (mut width, mut height) = luck.of(&[(8, 8), (4, 4), (16, 1), (6, 4), (1, 3), (12, 8)]);
    let mut all = Vec::new();
    for s in 0..count {
        if s > 0 {
            let part = |luck: &mut Luck, n: usize| {
                let parts: Vec<usize> =
                    (1..=n).filter(|d| n.is_multiple_of(*d) && *d < 5).collect();
                n / luck.of(&parts)
            };
            (width, height) = (part(luck, width), part(luck, height));
        }
        all.push(Stage {
            width,
            height,
            codewords: luck.of(&[2, 3, 16, 40, 256]),
            signed: luck.below(3) > 0,
            split: s > 0 && luck.below(3) > 0,
            contexts: luck.of(&[PLAIN, KNOWN, LINE, 0x2a, 0]),
        });
    }
    all
}

fn head(luck: &mut Luck, content: Content, stages: Vec<Stage>) -> Head {
    let (width, height) = (1 + luck.below(20), 1 + luck.below(20));
    let planes = match content {
        Content::Pictures => luck.of(&[1, 3]),
        Content::Sound => 1 + luck.below(3),
        Content::Vectors => 1,
    };
    let frames = 1 + luck.below(5);
    let more = luck.below(width * height) * usize::from(content != Content::Pictures);
    let samples = (frames * width * height - more) as u64;
    let about = luck.of(&["", "{}", "{\"names\":[\"\u{e4}\",\"b\"]}"]).to_string();
    Head { content, width, height, planes, frames, samples, rate: 8000, about, stages }
}

/// Codebooks in the place of `before`, some components of which stay.
fn codebooks(luck: &mut Luck, head: &Head, before: Option<&Vec<Codebook>>) -> Vec<Codebook> {
    let of = |(s, stage): (usize, &Stage)| {
        let size = stage.codewords * stage.dimension();
        let mut components: Vec<u8> = (0..size).map(|_| luck.below(256) as u8).collect();
        let step = luck.of(&[1 << 16, 1, 40000, 1 << 22, u32::MAX]);
        if let Some(before) = before {
            let changed = luck.below(4);
            let kept = |word: usize| changed == 0 || word % 3 != changed - 1;
            for (k, component) in components.iter_mut().enumerate() {
                if kept(k / stage.dimension()) {
                    *component = before[s].components[k];
                }
            }
        }
        Codebook { step, components }
    };
    head.stages.iter().enumerate().map(of).collect()
}

/// A group of frames whose blocks are split at random, and its samples, by the page's rules.
fn group(luck: &mut Luck, head: &Head, books: Vec<Codebook>, frames: usize) -> (Searched, Frames) {
    let (mut trees, mut errors, mut samples) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..frames {
        let (mut tree, mut error, mut planes) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..head.planes {
            // All blocks have indices; which of them are in the file, the errors say.
            let cells = |s: usize| head.grid(s).0 * head.grid(s).1;
            let index = |s: usize, luck: &mut Luck| luck.below(head.stages[s].codewords) as u16;
            let indices: Vec<Vec<u16>> = (0..head.stages.len())
                .map(|s| (0..cells(s)).map(|_| index(s, luck)).collect())
                .collect();
            let split: Vec<Vec<bool>> = (0..head.stages.len())
                .map(|s| (0..cells(s)).map(|_| luck.below(2) == 0).collect())
                .collect();
            let cost = |s: &Vec<bool>| s.iter().map(|&s| u64::from(s) << 40).collect();
            error.push(split.iter().map(cost).collect::<Vec<Vec<u64>>>());
            planes.push(plane(head, &books, &indices, &split));
            tree.push(indices);
        }
        trees.push(tree);
        errors.push(error);
        samples.push(planes);
    }
    // What is split leaves nothing: what the last stage leaves is not compared.
    for plane in errors.iter_mut().flatten() {
        plane.last_mut().expect("a stage").fill(0);
    }
    (Searched { codebooks: books, trees, errors }, samples)
}

type Frames = Vec<Vec<Vec<i16>>>;

fn plane(head: &Head, books: &[Codebook], indices: &[Vec<u16>], split: &[Vec<bool>]) -> Vec<i16> {
    let sample = |at: usize| {
        let (x, y) = (at % head.width, at / head.width);
        let mut sum = 0_i64;
        let mut goes_on = true;
        for (s, stage) in head.stages.iter().enumerate() {
            if s > 0 && stage.split {
                let above = &head.stages[s - 1];
                let cell = y / above.height * head.grid(s - 1).0 + x / above.width;
                goes_on &= split[s - 1][cell];
            }
            if goes_on {
                let cell = y / stage.height * head.grid(s).0 + x / stage.width;
                let component = y % stage.height * stage.width + x % stage.width;
                let at = usize::from(indices[s][cell]) * stage.dimension() + component;
                let zero = if stage.signed { 128 } else { 0 };
                sum += (i64::from(books[s].components[at]) - zero) * i64::from(books[s].step);
            }
        }
        let (least, greatest) =
            if head.content == Content::Sound { (-32768, 32767) } else { (0, 255) };
        (sum + 32768).div_euclid(65536).clamp(least, greatest) as i16
    };
    (0..head.width * head.height).map(sample).collect()
}

fn made(seed: u64, content: Content, count: usize) -> Made {
    let mut luck = Luck(seed);
    let stages = stages(&mut luck, count);
    let head = head(&mut luck, content, stages);
    assert!(head.is_possible(), "{head:?}");
    let (mut groups, mut frames): (Vec<Searched>, Frames) = (Vec::new(), Vec::new());
    while frames.len() < head.frames {
        let many = 1 + luck.below(head.frames - frames.len());
        let books = codebooks(&mut luck, &head, groups.last().map(|group| &group.codebooks));
        let (group, samples) = group(&mut luck, &head, books, many);
        groups.push(group);
        frames.extend(samples);
    }
    Made { head, groups, frames }
}

const CONTENTS: [Content; 3] = [Content::Pictures, Content::Sound, Content::Vectors];

proptest! {
    #[test]
    fn what_is_written_is_read(seed: u64, content in 0_usize..3, count in 1_usize..5) {
        let made = made(seed, CONTENTS[content], count);
        let read = file::decode(&made.bytes()).expect("it is read");
        prop_assert!(read.whole);
        // Last stages that no block has are left out.
        let there = read.head.stages.len();
        let mut head = made.head.clone();
        head.stages.truncate(there);
        prop_assert_eq!(&read.head, &head);
        let codebooks = &made.groups.last().expect("a group").codebooks;
        prop_assert_eq!(&read.codebooks[..], &codebooks[..there]);
        prop_assert_eq!(read.frames, made.frames);
    }
}

/// A file of some frames, which a codebook changes between.
fn small() -> Made {
    let all = (0..).map(|seed| made(seed, Content::Pictures, 3));
    let is_some = |made: &Made| {
        let size: usize = made.head.stages.iter().map(|s| s.codewords * s.dimension()).sum();
        made.frames.len() > 2 && made.groups.len() > 1 && size < 400
    };
    all.take(10_000).find(is_some).expect("a small one")
}

/// Every cut and every changed byte is noticed, and the frames before it are those of the file.
#[test]
fn damage_is_noticed_and_what_is_before_it_is_read() {
    let made = small();
    let bytes = made.bytes();
    let (mut at, mut ends, mut head) = (5, Vec::new(), 0);
    for (kind, content) in records(&bytes) {
        at += content.len() + 9;
        match kind {
            HEAD => head = at,
            FRAME => ends.push(at),
            _ => {}
        }
    }
    assert_eq!((at, ends.len()), (bytes.len(), made.frames.len()));
    let check = |damaged: &[u8], at: usize| match file::decode(damaged) {
        Err(why) => {
            assert!(at < head, "{at}: {why}");
            assert_eq!(why.lines().count(), 1);
        }
        Ok(read) => {
            assert!(at >= head && !read.whole, "{at}");
            let before = ends.iter().filter(|&&end| end <= at).count();
            assert_eq!(read.frames, made.frames[..before], "{at}");
        }
    };
    for at in 0..bytes.len() {
        check(&bytes[..at], at);
        for change in [1, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= change;
            check(&damaged, at);
        }
    }
    let longer = [&bytes[..], &[0]].concat();
    check(&longer, bytes.len());
}

const HEAD: u8 = 1;
const CODEBOOK: u8 = 2;
const FRAME: u8 = 3;
const END: u8 = 4;

type Records = Vec<(u8, Vec<u8>)>;

/// Kinds and contents of the records of a good file.
fn records(bytes: &[u8]) -> Records {
    let mut rest = &bytes[5..];
    let mut all = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[1..5].try_into().expect("4 bytes")) as usize;
        all.push((rest[0], rest[5..5 + length].to_vec()));
        rest = &rest[length + 9..];
    }
    all
}

/// A file of these records, with the right checksums.
fn of_records(records: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"FLVQ\x01".to_vec();
    for (kind, content) in records {
        let record = [&[*kind], &(content.len() as u32).to_be_bytes()[..], content].concat();
        let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&record);
        bytes.extend(record);
        bytes.extend(sum.to_be_bytes());
    }
    bytes
}

/// A head under a right checksum, of sizes that are none, or that would fill the memory.
#[test]
fn a_head_that_cannot_be_is_refused() {
    let good = small();
    assert_eq!(of_records(&records(&good.bytes())), good.bytes());
    assert!(!file::decode(&written(&good.head)).expect("its head is possible").whole);
    let refused = |what: &str, change: &dyn Fn(&mut Head)| {
        let mut head = good.head.clone();
        change(&mut head);
        assert!(!head.is_possible(), "{what}");
        assert!(Source::new(head.clone(), Vec::new()).is_err(), "{what}");
        let why = file::decode(&written(&head)).expect_err(what);
        assert!(why.contains("cannot be") && why.lines().count() == 1, "{what}: {why}");
    };
    let block = |width, height, codewords| Stage {
        width,
        height,
        codewords,
        signed: false,
        split: false,
        contexts: 1,
    };
    let one = |head: &mut Head, stages: Vec<Stage>, (width, height): (usize, usize)| {
        let samples = (width * height) as u64;
        *head = Head { stages, width, height, planes: 1, frames: 1, samples, ..head.clone() };
    };
    refused("no width", &|h| h.width = 0);
    refused("no height", &|h| h.height = 0);
    refused("greatest sides", &|h| (h.width, h.height) = (0xffff_ffff, 0xffff_ffff));
    refused("a blank frame", &|h| one(h, vec![block(8, 8, 4)], (1 << 14, 1 << 13)));
    refused("repeated edges", &|h| one(h, vec![block(1, 256, 4)], (1 << 26, 1)));
    refused("eight grids", &|h| one(h, vec![block(1, 1, 4); 8], (1 << 13, 1 << 11)));
    refused("frames for nothing", &|h| {
        one(h, vec![block(8, 8, 4)], (1 << 13, 1 << 12));
        (h.frames, h.samples) = (9, 9 << 25);
    });
    refused("most frames", &|h| h.frames = 0xffff_ffff);
    refused("no frames", &|h| (h.frames, h.samples) = (0, 0));
    refused("no plane", &|h| h.planes = 0);
    refused("two colours", &|h| h.planes = 2);
    refused("a table in planes", &|h| (h.content, h.planes) = (Content::Vectors, 3));
    refused("sound without a rate", &|h| (h.content, h.rate) = (Content::Sound, 0));
    refused("too few samples", &|h| h.samples -= (h.width * h.height) as u64);
    refused("too many samples", &|h| h.samples = u64::MAX);
    refused("no JSON", &|h| h.about = "{\"a\":}".into());
    refused("no stage", &|h| h.stages.clear());
    refused("nine stages", &|h| one(h, vec![block(1, 1, 4); 9], (4, 4)));
    refused("the first is a part", &|h| h.stages[0].split = true);
    refused("no part", &|h| one(h, vec![block(4, 4, 4), block(3, 4, 4)], (4, 4)));
    refused("larger than the whole", &|h| one(h, vec![block(4, 4, 4), block(8, 4, 4)], (4, 4)));
    refused("an empty block", &|h| one(h, vec![block(4, 4, 4), block(0, 4, 4)], (4, 4)));
    refused("a large block", &|h| one(h, vec![block(32, 16, 4)], (4, 4)));
    refused("one codeword", &|h| one(h, vec![block(4, 4, 1)], (4, 4)));
    refused("many codewords", &|h| one(h, vec![block(4, 4, 257)], (4, 4)));
    for bytes in [&b""[..], b"FL", b"FLVP\x01abcdefghi", b"FLVQ", b"FLVQ\x02abc", b"FLVQ\x01abc"] {
        assert_eq!(file::decode(bytes).expect_err("no file").lines().count(), 1);
    }
}

/// The record of a head, possible or not.
fn written(head: &Head) -> Vec<u8> {
    let mut bytes = vec![head.content as u8];
    for n in [head.width, head.height, head.planes, head.frames] {
        bytes.extend((n as u32).to_be_bytes());
    }
    bytes.extend(head.samples.to_be_bytes());
    bytes.extend(head.rate.to_be_bytes());
    bytes.extend((head.about.len() as u32).to_be_bytes());
    bytes.extend(head.about.as_bytes());
    bytes.push(head.stages.len() as u8);
    for stage in &head.stages {
        for n in [stage.width, stage.height, stage.codewords] {
            bytes.extend((n as u16).to_be_bytes());
        }
        bytes.extend([u8::from(stage.signed) | u8::from(stage.split) << 1, stage.contexts]);
    }
    of_records(&[(HEAD, bytes), (END, Vec::new())])
}

/// Records under right checksums that no encoder writes end the file before them.
#[test]
fn records_that_nothing_wrote_are_damage() {
    let good = small();
    let all = records(&good.bytes());
    let (last, first) = (all.len() - 1, 1 + good.head.stages.len());
    assert_eq!((all[last].0, all[first].0, all[1].0), (END, FRAME, CODEBOOK));
    let reads = |what: &str, frames: usize, change: &dyn Fn(&mut Records)| {
        let mut changed = all.clone();
        change(&mut changed);
        let read = file::decode(&of_records(&changed)).expect("its head is whole");
        assert!(!read.whole, "{what}");
        assert_eq!(read.frames, good.frames[..frames], "{what}");
    };
    let every = good.frames.len();
    reads("frames of no bytes", 0, &|all| all[first].1.clear());
    reads("a frame of zeros", 0, &|all| all[first].1 = vec![0; 4000]);
    reads("a byte behind a frame", 0, &|all| all[first].1.push(0));
    reads("words behind a frame", 0, &|all| all[first].1.extend([0; 8]));
    reads("a frame before its codebooks", 0, &|all| all.swap(first, first - 1));
    reads("a codebook of no stage", 0, &|all| all[1].1[0] = 8);
    reads("a codebook of no step", 0, &|all| all[1].1[1..5].fill(0));
    reads("a codebook of a few bytes", 0, &|all| all[1].1.truncate(4));
    reads("a second head", 0, &|all| all[1] = all[0].clone());
    reads("an unknown record", 0, &|all| all[1].0 = 5);
    reads("an end too early", 0, &|all| all.swap(first, last));
    reads("a frame too many", every, &|all| all[last] = (FRAME, Vec::new()));
    reads("an end with content", every, &|all| all[last].1.push(0));
    reads("something behind the end", every, &|all| all.push((END, Vec::new())));
}

/// The state of the stage that was being learned is looked at as well.
#[test]
fn a_checkpoint_of_a_damaged_run_is_refused() {
    let good = small();
    let source = Source::new(good.head.clone(), good.frames.clone()).expect("a source");
    let stages = good.head.stages.clone();
    let asked = Asked {
        shares: vec![1000; stages.len()],
        stages,
        passes: 100,
        frequency_passes: 1,
        group: 100,
        seed: 1,
        radius: 0,
    };
    let mut progress = Progress::new(asked, &source);
    assert!(!progress.is_begun());
    let mut device = Line::new("golden").open(&Vq::new(Config::power_up(16, 64), 1)).expect("it");
    let stop = AtomicBool::new(false);
    let keep = |progress: &Progress| {
        assert!(progress.is_begun());
        stop.store(true, Ordering::Relaxed);
        Ok(())
    };
    assert!(learn(&mut device, &source, &mut progress, &keep, &stop).is_err());
    assert!(progress.is_begun() && progress.run.is_some());
    let text = serde_json::to_value(&progress).expect("JSON");
    let parse = |value: &serde_json::Value| Progress::parse(value.to_string().as_bytes());
    assert!(parse(&text).is_ok());
    for field in ["codebook", "counts"] {
        let mut cut = text.clone();
        cut["run"]["state"][field] = Vec::<u8>::new().into();
        assert!(parse(&cut).expect_err(field).contains("damaged checkpoint"), "{field}");
    }
    // More vectors than there are.
    let mut more = text;
    more["run"]["done"] = (1_u64 << 60).into();
    let mut progress = parse(&more).expect("a checkpoint");
    let never = |_: &Progress| panic!("it is kept");
    stop.store(false, Ordering::Relaxed);
    let e = learn(&mut device, &source, &mut progress, &never, &stop).expect_err("damaged");
    assert!(e.to_string().contains("damaged"), "{e}");
}

const DECODER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/flvq.py");

/// What the decoder in another language makes of a file: its status, and what it writes.
fn python(script: &str, bytes: &[u8]) -> (Option<i32>, Vec<u8>) {
    let folder = Folder::new();
    let path = folder.file("a.flvq", bytes);
    let mut python = Command::new("python3");
    let done = python.arg(script).arg(path).arg(folder.at("out")).output().expect("it runs");
    assert!(done.stdout.is_empty() && done.stderr.is_empty(), "{done:?}");
    (done.status.code(), std::fs::read(folder.path("out")).unwrap_or_default())
}

/// The same as bytes.
fn as_bytes(head: &Head, frames: &[Vec<Vec<i16>>]) -> Vec<u8> {
    let size = head.width * head.height;
    let mut bytes = Vec::new();
    for (f, planes) in frames.iter().enumerate() {
        if head.content == Content::Pictures {
            let kind = if head.planes == 3 { 6 } else { 5 };
            bytes.extend(format!("P{kind} {} {} 255\n", head.width, head.height).bytes());
        }
        for at in (0..size).take(head.samples as usize - f * size) {
            for plane in planes {
                match head.content {
                    Content::Sound => bytes.extend(plane[at].to_le_bytes()),
                    _ => bytes.push(plane[at] as u8),
                }
            }
        }
    }
    bytes
}

#[test]
fn a_decoder_written_from_the_page_reads_the_same() {
    for (i, content) in CONTENTS.into_iter().cycle().take(12).enumerate() {
        let made = made(100 + i as u64, content, 1 + i % 4);
        let (status, read) = python(DECODER, &made.bytes());
        assert_eq!(status, Some(0), "{:?}", made.head);
        assert!(read == as_bytes(&made.head, &made.frames), "{:?}", made.head);
    }
}

/// A damaged file, and a decoder with another rule.
#[test]
fn a_decoder_written_from_the_page_notices_damage() {
    let made = small();
    let bytes = made.bytes();
    let before = file::decode(&bytes[..bytes.len() - 20]).expect("its head is whole").frames;
    assert!(!before.is_empty() && before.len() < made.frames.len());
    let (status, read) = python(DECODER, &bytes[..bytes.len() - 20]);
    assert_eq!((status, read), (Some(1), as_bytes(&made.head, &before)));
    assert_eq!(python(DECODER, &[&bytes[..], &[0]].concat()).0, Some(1));
    assert_eq!(python(DECODER, &bytes[..20]).0, Some(2));
    assert_eq!(python(DECODER, b"P5 1 1 255 a").0, Some(2));
    let text = std::fs::read_to_string(DECODER).expect("the script");
    let changed = text.replacen("mass // 32", "mass // 16", 1);
    assert_ne!(text, changed);
    let folder = Folder::new();
    let script = folder.file("other.py", changed);
    let (_, read) = python(script.to_str().expect("text"), &bytes);
    assert!(read != as_bytes(&made.head, &made.frames), "another rule, the same samples");
}
