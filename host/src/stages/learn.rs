//! Learning the stages, one after the other, on the core; over groups of frames.

use super::format::{Head, Stage};
use super::frames::{bare, samples, value, Codebook, Tree, NONE};
use crate::codec::matches;
use crate::device::Device;
use crate::input::{Layout, Quantization, Samples};
use crate::run::Run;
use crate::task::Task;
use crate::tasks::codebook::{Codebook as Learning, Plan};
use crate::{first_broken, output, session, Error, Result};
use fixlearn_map::vq::VqBuilt;
use fixlearn_sim::golden::core::{registers_fit, Core};
use fixlearn_sim::golden::cores::vq::{round_to_sample, Config, Vq};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::atomic::AtomicBool;

/// What is coded: frames of planes, whose edges are repeated to whole blocks.
#[derive(Clone, Debug)]
pub struct Source {
    pub head: Head,
    /// By frame and plane; each is [`Head::padded`].
    pub frames: Vec<Vec<Vec<i16>>>,
}

impl Source {
    /// From planes as they are, by frame and plane.
    ///
    /// # Errors
    /// If no file can have this head; a picture with its repeated edges may be far larger than it
    /// is.
    pub fn new(head: Head, planes: impl IntoIterator<Item = Vec<Vec<i16>>>) -> Result<Self> {
        if !head.is_possible() {
            let message = "the input in these blocks is more than a file holds: 2^26 samples and \
                           blocks a frame, 2^28 samples in all, 8 stages; give less of it, or \
                           other blocks";
            return Err(Error::request(message));
        }
        let (line, lines) = head.padded();
        let pad = |plane: &Vec<i16>| {
            let inside = |at: usize, size: usize| at.min(size - 1);
            let row = |y: usize| &plane[inside(y, head.height) * head.width..][..head.width];
            (0..lines).flat_map(|y| (0..line).map(move |x| row(y)[inside(x, head.width)])).collect()
        };
        let frames = planes.into_iter().map(|frame| frame.iter().map(pad).collect()).collect();
        Ok(Self { head, frames })
    }

    /// SHA-256 of the samples, as hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for plane in self.frames.iter().flatten() {
            plane.iter().for_each(|sample| hash.update(sample.to_be_bytes()));
        }
        fixlearn_sim::hex(hash.finalize())
    }
}

/// What learning was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub stages: Vec<Stage>,
    /// Times that every vector of a group is learned.
    pub passes: u64,
    /// Of these, the first ones scale distances by win counts.
    pub frequency_passes: u64,
    /// Frames that share codebooks.
    pub group: usize,
    /// Blocks of which a split is learned: the worst ones, in 1/1000 of all, a stage an entry.
    pub shares: Vec<u32>,
    pub seed: u64,
    /// Of the neighbourhood on a line of codewords; 0 for none.
    pub radius: usize,
}

impl Asked {
    /// The options that were given otherwise.
    pub fn differs(&self, other: &Self) -> String {
        let all = [
            ("--stages", self.stages != other.stages),
            ("--passes", self.passes != other.passes),
            ("--frequency-passes", self.frequency_passes != other.frequency_passes),
            ("--group", self.group != other.group),
            ("--bpp", self.shares != other.shares),
            ("--seed", self.seed != other.seed),
        ];
        let names: Vec<&str> = all.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
        names.join(", ")
    }
}

/// A stage's learned state, and what one of its steps stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Learned {
    pub step: u32,
    pub state: Vq,
}

impl Learned {
    /// A stage whose components are these, in UQ8.7.
    pub fn new(stage: &Stage, step: u32, components: impl IntoIterator<Item = u16>) -> Self {
        let power_up = Config::power_up(stage.codewords, stage.dimension());
        let mut state = Vq::new(Config { signed: stage.signed, ..power_up }, 1);
        state.codebook.iter_mut().zip(components).for_each(|(word, c)| *word = c);
        Self { step, state }
    }

    /// As a decoder has it.
    pub fn codebook(&self) -> Codebook {
        let state = &self.state;
        let words = (0..state.config.codewords).flat_map(|i| state.codeword(i));
        let components = words.map(|&w| round_to_sample(w)).collect();
        Codebook { step: self.step, components }
    }
}

const FORMAT: &str = "fixlearn-encoding";

/// How far learning came: the checkpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Progress {
    format: String,
    version: u32,
    pub asked: Asked,
    /// SHA-256 of the samples.
    pub input: String,
    /// By group, then by stage.
    pub done: Vec<Learned>,
    /// The stage that is being learned.
    pub run: Option<Run<Learning>>,
}

impl Progress {
    pub fn new(asked: Asked, source: &Source) -> Self {
        let (done, run) = (Vec::new(), None);
        Self { format: FORMAT.into(), version: 1, asked, input: source.digest(), done, run }
    }

    /// Whether these bytes are a checkpoint, of any version.
    pub fn is_file(bytes: &[u8]) -> bool {
        bytes.starts_with(format!("{{\"format\":\"{FORMAT}\"").as_bytes())
    }

    /// Says that a file is a checkpoint, where another kind is wanted.
    ///
    /// # Errors
    /// If it is one.
    pub fn not_one(path: &std::path::Path, bytes: &[u8]) -> Result<()> {
        if !Self::is_file(bytes) {
            return Ok(());
        }
        let message = "is a checkpoint: the encode that began it makes the file, with --resume";
        Err(Error::input(path, message))
    }

    /// # Errors
    /// As the file system's.
    pub fn write(&self, path: &std::path::Path) -> Result<()> {
        let text = serde_json::to_vec(self).map_err(|e| Error::request(e.to_string()))?;
        output::write(path, &text)
    }

    /// Something was learned: there is something to go on from.
    pub fn is_begun(&self) -> bool {
        !self.done.is_empty() || self.run.as_ref().is_some_and(|run| run.done > 0)
    }

    /// # Errors
    /// If it is none, of another version, or contradicts itself.
    pub fn parse(bytes: &[u8]) -> std::result::Result<Self, String> {
        let damaged =
            |what: String| format!("is a damaged checkpoint, encode without --resume: {what}");
        let progress: Self = serde_json::from_slice(bytes).map_err(|e| damaged(e.to_string()))?;
        if progress.format != FORMAT || progress.version != 1 {
            let Self { format, version, .. } = progress;
            return Err(format!("is a `{format}` of version {version}, not a `{FORMAT}` of 1"));
        }
        progress.validate().map_err(damaged)?;
        Ok(progress)
    }

    /// Everything that learning relies upon, so that no file can make it panic.
    fn validate(&self) -> std::result::Result<(), String> {
        let stages = self.asked.stages.iter().cycle();
        if self.asked.stages.is_empty() {
            return Err("it has no stages".into());
        }
        for (Learned { step, state }, stage) in self.done.iter().zip(stages) {
            state.validate()?;
            registers_fit(state)?;
            let config = &state.config;
            let size = (config.codewords, config.dimension, config.signed);
            first_broken(&[
                (size == (stage.codewords, stage.dimension(), stage.signed), "a stage's size"),
                (*step > 0, "a step of 0"),
            ])?;
        }
        self.run.as_ref().map_or(Ok(()), Run::validate)
    }
}

/// A block: frame, plane, and place in its stage's grid.
#[derive(Clone, Copy, Debug)]
struct Place {
    frame: usize,
    plane: usize,
    cell: usize,
}

/// Frames as far as they were searched: indices of all blocks that may have one, and what is left.
#[derive(Clone, Debug)]
pub struct Searched {
    pub codebooks: Vec<Codebook>,
    pub trees: Vec<Tree>,
    /// By frame, plane, stage and place: the squared error of a block with this stage, in 2^-16 of
    /// a squared sample.
    pub errors: Vec<Vec<Vec<Vec<u64>>>>,
}

/// One group on its way through the stages.
struct Group<'a> {
    source: &'a Source,
    first: usize,
    searched: Searched,
}

impl<'a> Group<'a> {
    fn new(source: &'a Source, frames: std::ops::Range<usize>) -> Self {
        let tree = bare(&source.head);
        let errors = tree.iter().map(|plane| plane.iter().map(|s| vec![0; s.len()]).collect());
        let errors: Vec<Vec<Vec<u64>>> = errors.collect();
        let searched = Searched {
            codebooks: Vec::new(),
            trees: vec![tree; frames.len()],
            errors: vec![errors; frames.len()],
        };
        Self { source, first: frames.start, searched }
    }

    /// What is left of a block before this stage, in 2^-16 of a sample.
    fn left(&self, stage: usize, place: Place) -> Vec<i64> {
        let head = &self.source.head;
        let plane = &self.source.frames[self.first + place.frame][place.plane];
        let tree = &self.searched.trees[place.frame][place.plane];
        let line = head.padded().0;
        let mut left = vec![0; head.stages[stage].dimension()];
        samples(head, stage, place.cell, |at, k| {
            let (x, y) = (at % line, at / line);
            let mut value_left = i64::from(plane[at]) << 16;
            for (before, codebook) in self.searched.codebooks.iter().enumerate().take(stage) {
                let Stage { width, height, .. } = head.stages[before];
                let cell = (y / height) * head.grid(before).0 + x / width;
                let component = (y % height) * width + x % width;
                value_left -= value(&head.stages[before], codebook, tree[before][cell], component);
            }
            left[k] = value_left;
        });
        left
    }

    /// The blocks that have this stage, or may be split into it: all of them, or the worst.
    fn places(&self, stage: usize, share: u32) -> Vec<Place> {
        let head = &self.source.head;
        let frames = 0..self.searched.trees.len();
        let all = |stage: usize| {
            let (across, down) = head.grid(stage);
            let frames = frames.clone();
            frames.flat_map(move |frame| {
                let planes = 0..head.planes;
                planes.flat_map(move |plane| {
                    (0..across * down).map(move |cell| Place { frame, plane, cell })
                })
            })
        };
        if stage == 0 {
            return all(0).collect();
        }
        let before = stage - 1;
        let mut whole: Vec<(Place, u64)> = all(before)
            .filter(|p| self.searched.trees[p.frame][p.plane][before][p.cell] != NONE)
            .map(|p| (p, self.searched.errors[p.frame][p.plane][before][p.cell]))
            .collect();
        if head.stages[stage].split {
            let many = whole.len() * share as usize / 1000;
            let mut order: Vec<usize> = (0..whole.len()).collect();
            // The worst first, of equal ones the first.
            order.sort_by_key(|&i| (std::cmp::Reverse(whole[i].1), i));
            let mut kept = vec![false; whole.len()];
            order.iter().take(many).for_each(|&i| kept[i] = whole[i].1 > 0);
            let mut kept = kept.into_iter();
            whole.retain(|_| kept.next().unwrap_or(false));
        }
        let parts =
            |(p, _): (Place, u64)| head.parts(before, p.cell).map(move |cell| Place { cell, ..p });
        whole.into_iter().flat_map(parts).collect()
    }

    /// The samples that a core takes of these blocks.
    fn vectors(&self, stage: usize, step: u32, places: &[Place]) -> Vec<u8> {
        let signed = self.source.head.stages[stage].signed;
        let step = i64::from(step);
        let byte = |left: i64| {
            let steps = (left + step / 2).div_euclid(step);
            if signed {
                steps.clamp(-128, 127) as i8 as u8
            } else {
                steps.clamp(0, 255) as u8
            }
        };
        places.iter().flat_map(|&p| self.left(stage, p)).map(byte).collect()
    }

    /// The step by which the greatest of what is left is held: 1 where nothing is signed.
    fn step(&self, stage: usize, places: &[Place]) -> u32 {
        if !self.source.head.stages[stage].signed {
            return 1 << 16;
        }
        let of = |&p: &Place| self.left(stage, p).into_iter().map(i64::unsigned_abs).max();
        let greatest = places.iter().filter_map(of).max().unwrap_or(0);
        greatest.div_ceil(127).clamp(1, u64::from(u32::MAX)) as u32
    }
}

/// A stage's vectors, as training takes them.
fn training(vectors: Vec<u8>, stage: &Stage) -> Samples {
    let columns = stage.dimension();
    Samples {
        layout: Layout::Table { rows: vectors.len() / columns, columns },
        vectors,
        file: None,
        coarse: None,
        quantization: Quantization { signed: stage.signed, ..Quantization::IDENTITY },
        given: Vec::new(),
        names: Vec::new(),
        selection: Default::default(),
        unused: Vec::new(),
    }
}

fn plan(asked: &Asked, stage: usize, vectors: u64) -> Plan {
    let map = asked.radius > 0 && stage == 0;
    let period =
        |steps: u64, vectors: u64| vectors.checked_div(steps).unwrap_or(0).min(0xff_ffff) as u32;
    let vectors = vectors * asked.passes;
    let plain = Plan { seed: asked.seed, ..Plan::new(asked.stages[stage].codewords, asked.passes) };
    if !map {
        return Plan { frequency_passes: asked.frequency_passes, ..plain };
    }
    Plan {
        count_based: false,
        fresh_counts: false,
        rate_shift: 2,
        rate_final: 6,
        rate_period: period(4, vectors),
        radius: asked.radius,
        radius_period: period(asked.radius as u64, vectors / 4 * 3),
        falloff: 1,
        ..plain
    }
}

/// What a stage of a group is to be learned from.
pub struct Lesson<'a> {
    pub group: usize,
    pub stage: usize,
    /// The step that holds the greatest of what is left.
    pub step: &'a dyn Fn() -> u32,
    /// The blocks as a core takes them, at a step.
    pub vectors: &'a dyn Fn(u32) -> Vec<u8>,
}

/// Learns all stages over all groups, and searches all blocks that may have an index.
///
/// # Errors
/// As [`session::learn`]'s; what was learned until then, if anything, is in `progress` and kept.
pub fn learn(
    device: &mut Device<Vq>,
    source: &Source,
    progress: &mut Progress,
    keep: &dyn Fn(&Progress) -> Result<()>,
    stop: &AtomicBool,
) -> Result<Vec<Searched>> {
    let asked = progress.asked.clone();
    compose(device, source, (asked.group, &asked.shares), &mut |device, lesson| {
        let at = lesson.group * asked.stages.len() + lesson.stage;
        if at == progress.done.len() {
            let before = at.checked_sub(asked.stages.len()).map(|at| progress.done[at].clone());
            let step = before.as_ref().map_or_else(lesson.step, |before| before.step);
            let vectors = (lesson.vectors)(step);
            let state = one(device, progress, (lesson.stage, before), vectors, keep, stop)?;
            progress.done.push(Learned { step, state });
            keep(progress)?;
        }
        Ok(progress.done[at].clone())
    })
}

/// Goes through all stages over all groups of so many frames: each is learned by `one`, then
/// searched in the shares of blocks that [`Asked`] has.
///
/// # Errors
/// As the link's, and as `one`'s.
pub fn compose(
    device: &mut Device<Vq>,
    source: &Source,
    (group, shares): (usize, &[u32]),
    one: &mut dyn FnMut(&mut Device<Vq>, Lesson) -> Result<Learned>,
) -> Result<Vec<Searched>> {
    let (frames, many) = (source.frames.len(), group.max(1));
    let mut all = Vec::new();
    for (g, first) in (0..frames).step_by(many).enumerate() {
        let mut group = Group::new(source, first..first.saturating_add(many).min(frames));
        for stage in 0..source.head.stages.len() {
            let share = shares.get(stage).copied().unwrap_or(1000);
            let places = group.places(stage, share);
            let lesson = Lesson {
                group: g,
                stage,
                step: &|| group.step(stage, &places),
                vectors: &|step| group.vectors(stage, step, &places),
            };
            let learned = one(device, lesson)?;
            search(device, &mut group, stage, &learned, &places)?;
        }
        all.push(group.searched);
    }
    Ok(all)
}

/// Searches all blocks that may have an index with codebooks that are there already.
///
/// # Errors
/// As the link's.
pub fn search_all(
    device: &mut Device<Vq>,
    source: &Source,
    learned: &[Learned],
    shares: &[u32],
) -> Result<Vec<Searched>> {
    let one = &mut |_: &mut Device<Vq>, lesson: Lesson| Ok(learned[lesson.stage].clone());
    compose(device, source, (source.frames.len(), shares), one)
}

/// Learns one stage of one group, from the group before, or from the samples.
fn one(
    device: &mut Device<Vq>,
    progress: &mut Progress,
    (stage, before): (usize, Option<Learned>),
    vectors: Vec<u8>,
    keep: &dyn Fn(&Progress) -> Result<()>,
    stop: &AtomicBool,
) -> Result<Vq> {
    let this = &progress.asked.stages[stage];
    let built = VqBuilt::narrow(256, 256, 1);
    let samples = training(vectors, this);
    let plan = plan(&progress.asked, stage, samples.layout.vectors() as u64);
    let task = Learning::new(plan, &samples, None);
    if samples.vectors.is_empty() {
        // Nothing is left to learn: all codewords are 0.
        let zero = training(vec![0; this.dimension()], this);
        return task.start(&zero, &built);
    }
    let mut run = match progress.run.take() {
        Some(run) if run.plan == task && run.done <= task.steps(&samples) => run,
        Some(_) => {
            let message = "the checkpoint in --out is damaged; encode without --resume";
            return Err(Error::request(message));
        }
        None => {
            let mut start = task.start(&samples, &built)?;
            if let Some(before) = before {
                start.codebook = before.state.codebook;
            }
            Run::new(task, start)
        }
    };
    if run.done == 0 {
        run.state.lanes = device.built().lanes.into();
    }
    let shell = Progress { run: None, ..progress.clone() };
    let whole = |run: &Run<Learning>| Progress { run: Some(run.clone()), ..shell.clone() };
    let outcome = session::learn(device, &mut run, &samples, &|run, _| keep(&whole(run)), stop);
    if let Err(e) = outcome {
        progress.run = Some(run);
        if progress.is_begun() {
            keep(progress)?;
        }
        return Err(e);
    }
    Ok(run.state)
}

/// The nearest codewords of these blocks, and what they leave.
fn search(
    device: &mut Device<Vq>,
    group: &mut Group,
    stage: usize,
    learned: &Learned,
    places: &[Place],
) -> Result<()> {
    let vectors = group.vectors(stage, learned.step, places);
    let mut state = learned.state.clone();
    state.lanes = device.built().lanes.into();
    let bar = output::progress(places.len() as u64, "encoding");
    let progress = |n| bar.set_position(n as u64);
    let answers = device.holding(&state, |device| device.answers(&vectors, progress))?;
    bar.finish_and_clear();
    let found = matches(&answers, state.config.codewords, &device.client.port_name())?;
    let codebook = learned.codebook();
    let this = &group.source.head.stages[stage];
    for (&p, m) in places.iter().zip(found) {
        let index = m.index as u16;
        let left = group.left(stage, p).into_iter().enumerate();
        let error = left.map(|(k, l)| {
            let rest = (l - value(this, &codebook, index, k)).unsigned_abs() >> 8;
            rest * rest
        });
        group.searched.errors[p.frame][p.plane][stage][p.cell] = error.sum();
        group.searched.trees[p.frame][p.plane][stage][p.cell] = index;
    }
    group.searched.codebooks.push(codebook);
    Ok(())
}
