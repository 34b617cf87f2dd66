//! Learning, replay and comparison, once for every task.

use crate::device::{Device, Recoveries};
use crate::order::{Order, Passes};
use crate::run::Run;
use crate::task::{Pause, Seen, Task};
use crate::{output, plot, Error, Result};
use fixlearn_map::packed::Packing;
use fixlearn_sim::golden::core::{difference, Core};
use indicatif::ProgressBar;
use serde::Serialize;
use std::cell::Cell;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Bytes of samples for each byte of state that a checkpoint reads back: checkpoints take about
/// 1 % of the line.
const CHECKPOINT_SHARE: u64 = 100;
/// The same where the samples are on the board, which learns about ten times as fast then.
const STORED_SHARE: u64 = 10 * CHECKPOINT_SHARE;
/// The time from one checkpoint to the next, at least: a disk takes milliseconds for each, and
/// the passes of a few rows are shorter.
const REST: Duration = Duration::from_millis(50);

/// Learns on the device until the task is done or `stop`. The state is read back at every pause
/// that asks for it, in long passes also on the way, and handed to `keep`, which is told when it is
/// the last time: never before something is learned, if there is something to learn. When the
/// device loses its state, learning goes on from there, to the same bits.
///
/// # Errors
/// [`Error::Interrupted`] after `stop`, the checkpoint kept; or the device's error, the run as
/// it was last read back.
pub fn learn<T: Task>(
    device: &mut Device<T::Core>,
    run: &mut Run<T>,
    data: &T::Data,
    keep: &dyn Fn(&Run<T>, bool) -> Result<()>,
    stop: &AtomicBool,
) -> Result<()> {
    let total = run.plan.steps(data);
    within(run, total)?;
    let bar = output::progress(total, T::DOING);
    if run.curve.is_empty() {
        run.curve.extend(run.plan.opening(&run.state));
    }
    let kept: Cell<Option<Instant>> = Cell::new(None);
    let keep = |run: &Run<T>| {
        let last = run.done >= total || run.is_over();
        let due = kept.get().is_none_or(|at| at.elapsed() >= REST) || stop.load(Ordering::Relaxed);
        if last || due {
            keep(run, last)?;
            kept.set(Some(Instant::now()));
        }
        Ok(())
    };
    if run.done >= total || run.is_over() {
        keep(run)?;
    }
    let way = Way::of(device, run, data)?.or_core(device, run)?;
    way.say(device, run.plan.order(data), run.state.vector_bytes());
    let mut recoveries = Recoveries::default();
    while let Err(e) = until_reset(device, run, data, way, &keep, stop, &bar) {
        let Error::Reset { port } = &e else {
            return Err(e);
        };
        let (done, steps) = (run.done, T::STEP);
        let then = format!("going on from what was last read back, after {done} {steps}");
        recoveries.one_more(port, done, &then)?;
        device.client.recover()?;
    }
    recoveries.say_all(&device.client.port_name());
    output::finish(&bar);
    if run.done < total && !run.is_over() {
        return Err(Error::Interrupted);
    }
    Ok(())
}

/// Keeps the run in a file; a pipe takes it once, at its end.
pub fn in_file<T: Task>(path: Option<&Path>) -> impl Fn(&Run<T>, bool) -> Result<()> + '_ {
    move |run, last| match path {
        Some(path) if last || !output::is_special(path) => run.write(path),
        _ => Ok(()),
    }
}

/// Says whether a run has done at most what its plan asks for.
fn within<T: Task>(run: &Run<T>, total: u64) -> Result<()> {
    if run.done <= total {
        return Ok(());
    }
    let (done, step) = (run.done, T::STEP);
    let message = format!("the run is damaged: {done} {step} done, of {total} that it asks for");
    Err(Error::request(message))
}

/// As [`learn`], until the device loses its state.
fn until_reset<T: Task>(
    device: &mut Device<T::Core>,
    run: &mut Run<T>,
    data: &T::Data,
    way: Way,
    keep: &impl Fn(&Run<T>) -> Result<()>,
    stop: &AtomicBool,
    bar: &ProgressBar,
) -> Result<()> {
    let total = run.plan.steps(data);
    let order = run.plan.order(data);
    let mut feed = Feed { passes: run.passes(), order, kept: 0 };
    device.load(&run.state)?;
    if let Way::Kept(kept) = way {
        feed.store(device, run, data, kept, stop, bar)?;
    }
    let stored = feed.kept == order.vectors && feed.kept > 0;
    while run.done < total && !run.is_over() && !stop.load(Ordering::Relaxed) {
        let mut core = run.state.clone();
        run.plan.enter(&mut core, data, run.done);
        device.change(&run.state, &core)?;
        let stretch = stretch::<T>(&core, run.done, stored);
        let mut marks: Vec<T::Mark> = Vec::new();
        let mut places: Vec<u64> = Vec::new();
        let mut at = run.done;
        // To the next pause at which the state is read back, with marks on the way.
        let saving = loop {
            let pause = pause(&run.plan, data, at, stretch, stored);
            at = feed.steps(device, run, data, at..pause.at, stop, bar)?;
            let acknowledged = device.finish()?;
            if at < pause.at || pause.save {
                break Some(pause).filter(|pause| at == pause.at);
            }
            let before = marks.last().or(run.curve.last());
            let seen = Seen { at, acknowledged, state: None, before, data, device };
            marks.extend(run.plan.mark(seen)?);
            places.resize(marks.len(), at);
        };
        let acknowledged = device.client.progress();
        device.save(&mut core)?;
        if saving.is_some() {
            let before = marks.last().or(run.curve.last());
            let seen = Seen { at, acknowledged, state: Some(&core), before, data, device };
            marks.extend(run.plan.mark(seen)?);
            places.resize(marks.len(), at);
        }
        // All of it at once, so that an error leaves the run whole.
        (run.state, run.done) = (core, at);
        for (mark, place) in marks.iter().zip(places) {
            let said = || format!("{place} {}: {}", T::STEP, T::say(mark));
            bar.suspend(|| output::detail(said));
        }
        run.curve.extend(marks);
        if let Some(mark) = run.curve.last() {
            bar.set_message(T::say(mark));
            output::watch(bar, |columns, lines| {
                let points: Vec<(f64, f64)> = run.curve.iter().filter_map(T::watched).collect();
                plot::watch::text(T::WATCHED, &points, (columns, lines))
            });
        }
        if saving.is_none_or(|pause| pause.keep) || run.is_over() {
            keep(run)?;
        }
    }
    Ok(())
}

/// Steps from one checkpoint to the next, where steps take vectors: the number at which the next
/// one is due.
fn stretch<T: Task>(core: &T::Core, done: u64, stored: bool) -> Option<u64> {
    T::STREAMS.then(|| {
        let words: usize = core.state().iter().map(|block| block.words.len()).sum();
        let share = if stored { STORED_SHARE } else { CHECKPOINT_SHARE };
        let steps = (share * 4 * words as u64).div_ceil(core.vector_bytes() as u64);
        done + steps.max(1)
    })
}

/// The task's next pause, or the checkpoint that is due before it. Passes over the sample memory
/// are short: without a change of settings their ends are no checkpoints.
fn pause<T: Task>(plan: &T, data: &T::Data, at: u64, stretch: Option<u64>, stored: bool) -> Pause {
    let total = plan.steps(data);
    let mut next = plan.pause(data, at);
    if next.at >= total {
        next = Pause { at: total, save: true, keep: true };
    } else if stored && !plan.enters(data, next.at) {
        next.save = stretch.is_some_and(|due| due <= next.at);
    }
    match stretch {
        Some(due) if due < next.at => Pause { at: due.max(at), save: true, keep: true },
        _ => next,
    }
}

/// How steps reach the device.
struct Feed {
    passes: Passes,
    order: Order,
    /// So many vectors are in its sample memory: the first of each pass.
    kept: usize,
}

impl Feed {
    /// Has the device keep vectors, if more than a pass is left.
    fn store<T: Task>(
        &mut self,
        device: &mut Device<T::Core>,
        run: &Run<T>,
        data: &T::Data,
        kept: Kept,
        stop: &AtomicBool,
        bar: &ProgressBar,
    ) -> Result<()> {
        if run.plan.steps(data).saturating_sub(run.done) <= self.order.vectors as u64 {
            return Ok(());
        }
        device.keep(kept.packing)?;
        let piece = device.piece();
        for first in (0..kept.vectors).step_by(piece) {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            bar.set_message(format!("sending vector {first} of {}", kept.vectors));
            let places = first..kept.vectors.min(first + piece);
            device.store(first, &run.plan.gather(data, &kept.numbers(self.order, places))?)?;
        }
        device.stored(kept.vectors)?;
        self.kept = kept.vectors;
        Ok(())
    }

    /// Has the device do steps until they are done or `stop`; where it came to.
    fn steps<T: Task>(
        &mut self,
        device: &mut Device<T::Core>,
        run: &Run<T>,
        data: &T::Data,
        steps: Range<u64>,
        stop: &AtomicBool,
        bar: &ProgressBar,
    ) -> Result<u64> {
        let (mut at, vectors) = (steps.start, self.order.vectors as u64);
        while at < steps.end && !stop.load(Ordering::Relaxed) {
            let (pass, turn) = (self.order.pass(at), at % vectors.max(1));
            at += if let Some(kept) = (self.kept as u64).checked_sub(turn).filter(|&n| n > 0) {
                let most = kept.min(steps.end - at);
                u64::from(device.learn_stored(self.order.key(pass), turn as u32, most)?)
            } else if T::STREAMS {
                let to = (at + device.piece() as u64).min(steps.end);
                // Behind a pass come vectors that are kept.
                let to = if self.kept > 0 { to.min(at - turn + vectors) } else { to };
                device.learn(vectors_of(&run.plan, data, at..to, &mut self.passes)?)?;
                to - at
            } else {
                let many = u64::from(device.iterations()).min(steps.end - at);
                device.iterate(many as u32)?;
                many
            };
            bar.set_position(at);
        }
        Ok(at)
    }
}

/// Bytes of a pass that are fewer than what commands, and their answers, would take.
const SHORT_PASS: usize = 256;

/// Vectors that a device keeps: the first of each pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kept {
    vectors: usize,
    packing: Packing,
}

impl Kept {
    /// The numbers of the vectors at these places of the memory.
    fn numbers(self, order: Order, places: Range<usize>) -> Vec<usize> {
        places.map(|place| order.at(self.vectors, place)).collect()
    }

    /// The packing that holds so many vectors.
    fn of<T: Task>(
        device: &Device<T::Core>,
        run: &Run<T>,
        data: &T::Data,
        vectors: usize,
    ) -> Result<Self> {
        let mut kept = Self { vectors, packing: Packing::default() };
        if device.client.identity.unpacks {
            let (mut there, order) = ([false; 256], run.plan.order(data));
            for first in (0..vectors).step_by(4096) {
                let numbers = kept.numbers(order, first..vectors.min(first + 4096));
                let bytes = run.plan.gather(data, &numbers)?;
                bytes.iter().for_each(|&byte| there[usize::from(byte)] = true);
                let bytes: Vec<u8> = (0..=255).filter(|&byte| there[usize::from(byte)]).collect();
                kept.packing = device.packing_of(&bytes);
                if kept.packing.halvings == 0 {
                    break;
                }
            }
        }
        Ok(kept)
    }
}

/// How vectors reach a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Anew in each pass, packed like this where all can be: there is no memory for them, or the
    /// line would carry no fewer bytes.
    Streamed(Packing),
    /// The same, since a board cannot walk the order of an older run.
    OlderRun,
    /// The same, since the device's sample memory has no room for those that it would keep.
    NoRoom(Kept),
    /// The same, since the core takes so long for a vector, longer than the line.
    SlowCore(Duration),
    /// These once; the others, if there are others, anew in each pass.
    Kept(Kept),
}

impl Way {
    fn of<T: Task>(device: &Device<T::Core>, run: &Run<T>, data: &T::Data) -> Result<Self> {
        let (order, bytes) = (run.plan.order(data), run.state.vector_bytes());
        if !T::STREAMS {
            return Ok(Self::Streamed(Packing::default()));
        }
        let streamed = || Ok(Self::Streamed(Kept::of(device, run, data, order.vectors)?.packing));
        let Some(samples) = device.samples() else { return streamed() };
        let Some(resident) = run.passes().resident(order) else {
            return Ok(Self::OlderRun);
        };
        // More than a pass is left, and what is kept of it is longer than a command.
        let left = run.plan.steps(data).saturating_sub(run.done);
        if left <= order.vectors as u64 || resident * bytes < SHORT_PASS {
            return streamed();
        }
        let kept = Kept::of(device, run, data, resident)?;
        let room = samples.room(kept.packing.packed(bytes));
        // Without an order of its own, a pass begins with as many as there is room for.
        let part = Kept { vectors: room, ..kept };
        Ok(match resident <= room {
            true => Self::Kept(kept),
            false if order.seed.is_none() && room * bytes >= SHORT_PASS => Self::Kept(part),
            false => Self::NoRoom(kept),
        })
    }

    /// Streamed, if nothing would be won by storing.
    fn or_core<T: Task>(self, device: &mut Device<T::Core>, run: &Run<T>) -> Result<Self> {
        let Self::Kept(kept) = self else { return Ok(self) };
        let slower = device.holding(&run.state, |device| device.outlasts_line(kept.packing))?;
        Ok(slower.map_or(self, Self::SlowCore))
    }

    /// Says how the vectors reach the device, and why, where there is more than one way.
    fn say<C: Core>(self, device: &Device<C>, order: Order, bytes: usize) {
        let samples = match (self, device.samples()) {
            (Self::Streamed(packing), _) if packing.halvings > 0 => {
                let bits = output::count(packing.bits().into(), "bit");
                return output::say(format_args!("the vectors go packed, {bits} a component"));
            }
            (Self::Streamed(_), _) | (_, None) => return,
            (_, Some(samples)) => samples,
        };
        // Of so many bits; KiB of those kept, and of all; bytes of each in the memory.
        let takes = |kept: Kept| {
            let of = match kept.packing.bits() {
                8 => String::new(),
                bits => format!(" of {} a component", output::count(bits.into(), "bit")),
            };
            let each = 4 * samples.stride(kept.packing.packed(bytes));
            let kib = |vectors: usize| (vectors * each).div_ceil(1024);
            (of, kib(kept.vectors), kib(order.vectors), each)
        };
        let room = samples.bytes() / 1024;
        output::say(match self {
            Self::Streamed(_) => return,
            Self::OlderRun => {
                "the run was begun by an older fixlearn, whose order a board cannot walk: the \
                 vectors are sent anew in each pass"
                    .into()
            }
            Self::SlowCore(each) => format!(
                "the core takes {} us for a vector, longer than the line: the vectors are sent \
                 anew in each pass, which is no slower than to keep them",
                each.as_micros()
            ),
            Self::Kept(kept) if kept.vectors < order.vectors => {
                let ((of, needs, all, each), Kept { vectors, .. }) = (takes(kept), kept);
                let why = match all <= room as usize {
                    true => "the run is begun with --resident, and without it all would be kept",
                    false => "all are too many",
                };
                format!(
                    "the board keeps {vectors} of {} vectors{of} ({needs} of {room} KiB, {each} \
                     bytes each), and each pass sends the others: {why}",
                    order.vectors
                )
            }
            Self::Kept(kept) => {
                let ((of, needs, _, each), Kept { vectors, .. }) = (takes(kept), kept);
                format!(
                    "the board keeps the {vectors} vectors{of} ({needs} of {room} KiB, {each} \
                     bytes each): they are sent once"
                )
            }
            Self::NoRoom(kept) => {
                let ((of, needs, _, each), Kept { vectors, .. }) = (takes(kept), kept);
                let fit = samples.room(kept.packing.packed(bytes));
                let hint = match fit * bytes >= SHORT_PASS {
                    true => format!(
                        "; a run that is begun with --resident {fit} learns so many first in each \
                         pass, and the board keeps them"
                    ),
                    false => String::new(),
                };
                let resident = if vectors < order.vectors { "resident " } else { "" };
                format!(
                    "the {vectors} {resident}vectors{of} take {needs} KiB, {each} bytes each, and \
                     the board keeps {room} KiB: all are sent anew in each pass{hint}"
                )
            }
        });
    }
}

/// The vectors of these steps, one after the other; all are before the next pause.
fn vectors_of<T: Task>(
    plan: &T,
    data: &T::Data,
    steps: Range<u64>,
    passes: &mut Passes,
) -> Result<Vec<u8>> {
    plan.gather(data, &passes.numbers(plan.order(data), steps))
}

/// Takes the golden model through these steps.
fn golden_steps<T: Task>(
    plan: &T,
    core: &mut T::Core,
    data: &T::Data,
    steps: Range<u64>,
    passes: &mut Passes,
    learn: fn(&mut T::Core, &[u8]),
) -> Result<()> {
    match T::STREAMS {
        true => learn(core, &vectors_of(plan, data, steps, passes)?),
        false => core.iterate((steps.end - steps.start) as u32),
    }
    Ok(())
}

/// Learns vectors by the specification itself.
fn plainly<C: Core>(core: &mut C, vectors: &[u8]) {
    let size = core.vector_bytes();
    vectors.chunks(size).for_each(|vector| core.learn(vector));
}

/// Replays the first `done` steps of the task on the golden model.
///
/// # Errors
/// If data that stay in a file cannot be read.
pub fn replay<T: Task>(
    plan: &T,
    start: &T::Core,
    data: &T::Data,
    done: u64,
    passes: Passes,
) -> Result<T::Core> {
    let bar = output::progress(done, "golden");
    let core = replayed(plan, start, data, done, passes, plainly, |at| {
        bar.set_position(at);
        true
    });
    bar.finish_and_clear();
    core
}

/// What a run of this task comes to, by the model that is as exact and sooner; as far as `more`
/// says so, which is asked now and then.
///
/// # Errors
/// As [`replay`]'s.
pub fn foresee<T: Task>(run: &Run<T>, data: &T::Data, more: impl Fn() -> bool) -> Result<T::Core> {
    let (done, passes) = (run.plan.steps(data), run.passes());
    replayed(&run.plan, &run.state, data, done, passes, T::Core::learn_all, |_| more())
}

fn replayed<T: Task>(
    plan: &T,
    start: &T::Core,
    data: &T::Data,
    done: u64,
    mut passes: Passes,
    learn: fn(&mut T::Core, &[u8]),
    more: impl Fn(u64) -> bool,
) -> Result<T::Core> {
    let mut core = start.clone();
    let mut at = 0;
    while at < done && more(at) {
        plan.enter(&mut core, data, at);
        let to = plan.pause(data, at).at.min(done).min(at + 1024);
        golden_steps(plan, &mut core, data, at..to, &mut passes, learn)?;
        at = to;
    }
    Ok(core)
}

/// Where a device first departs from the golden model.
#[derive(Clone, Debug, Serialize)]
pub struct Departure {
    /// Number of the step, from 0.
    pub step: u64,
    /// Clocks of the simulated board, or of a clock of the device's frequency, when it was seen.
    pub clock: u64,
    pub what: String,
}

/// Learns the first `done` steps of the task on the device and on the golden model side by side,
/// comparing the whole state every `stride` steps; a difference is then pinned down by going
/// through that stretch again, step by step.
pub fn compare<T: Task>(
    device: &mut Device<T::Core>,
    plan: &T,
    start: &T::Core,
    data: &T::Data,
    done: u64,
    stride: u64,
    mut passes: Passes,
) -> Result<Option<Departure>> {
    let mut so_far = (start.clone(), 0);
    let bar = output::progress(done, "comparing");
    let mut recoveries = Recoveries::default();
    let found = loop {
        let compared =
            compare_from(device, plan, &mut so_far, data, done, stride, &mut passes, &bar);
        let Err(Error::Reset { port }) = &compared else { break compared? };
        recoveries.one_more(port, so_far.1, "comparing goes on from the last equal state")?;
        device.client.recover()?;
    };
    recoveries.say_all(&device.client.port_name());
    bar.finish_and_clear();
    Ok(found)
}

/// As [`compare`], from a state of the golden model after so many steps, until the device loses
/// its state; both are then those at which the last stretch began.
#[allow(clippy::too_many_arguments)]
fn compare_from<T: Task>(
    device: &mut Device<T::Core>,
    plan: &T,
    (state, at): &mut (T::Core, u64),
    data: &T::Data,
    done: u64,
    stride: u64,
    passes: &mut Passes,
    bar: &ProgressBar,
) -> Result<Option<Departure>> {
    device.load(state)?;
    while *at < done {
        let mut golden = state.clone();
        plan.enter(&mut golden, data, *at);
        device.change(state, &golden)?;
        let before = golden.clone();
        let to = plan.pause(data, *at).at.min(done).min(at.saturating_add(stride.max(1)));
        if both(device, plan, &mut golden, data, *at..to, passes)?.is_some() {
            golden = before;
            device.load(&golden)?;
            for step in *at..to {
                let one = step..step + 1;
                if let Some(what) = both(device, plan, &mut golden, data, one, passes)? {
                    let hertz = f64::from(device.client.identity.clock_hz);
                    let clock = (device.client.now().as_secs_f64() * hertz) as u64;
                    return Ok(Some(Departure { step, clock, what }));
                }
            }
            let what = "a difference that went away when repeated step by step".into();
            return Ok(Some(Departure { step: *at, clock: 0, what }));
        }
        (*state, *at) = (golden, to);
        bar.set_position(to);
    }
    Ok(None)
}

/// Takes device and golden model through these steps; the first difference.
fn both<T: Task>(
    device: &mut Device<T::Core>,
    plan: &T,
    golden: &mut T::Core,
    data: &T::Data,
    steps: Range<u64>,
    passes: &mut Passes,
) -> Result<Option<String>> {
    if T::STREAMS {
        device.learn(vectors_of(plan, data, steps.clone(), passes)?)?;
    } else {
        device.iterate((steps.end - steps.start) as u32)?;
    }
    golden_steps(plan, golden, data, steps, passes, plainly)?;
    device.finish()?;
    let mut found = golden.clone();
    device.save(&mut found)?;
    Ok(difference(&found, golden))
}

/// What `check` found.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    pub equal: bool,
    pub steps: u64,
    /// What a step is: a vector, a sample, an iteration.
    pub unit: &'static str,
    /// How the file differs from the golden model.
    pub file: Option<String>,
    /// Where the device does.
    pub device: Option<Departure>,
    /// Why the device was compared with a golden model whose bits are not the file's.
    pub other_bits: Option<String>,
}

/// Replays a run on the golden model, and if there is a device, on it beside the golden model.
pub fn check<T: Task>(
    run: &Run<T>,
    data: &T::Data,
    device: Option<&mut Device<T::Core>>,
    stride: u64,
) -> Result<Checked> {
    within(run, run.plan.steps(data))?;
    let start = run.plan.start(data, &run.state.built())?;
    let golden = replay(&run.plan, &start, data, run.done, run.passes())?;
    // The run may have gone from one device to another.
    let file = difference(&run.state.clone().with_idle(&golden), &golden);
    let built = device.as_ref().map(|device| device.built());
    let other_bits = built.and_then(|built| run.state.check_learning(&built).err());
    let departure = match device {
        Some(device) => {
            // Its own sizes: those decide what noise a component gets.
            let start = run.plan.start(data, &device.built())?;
            compare(device, &run.plan, &start, data, run.done, stride, run.passes())?
        }
        None => None,
    };
    let equal = file.is_none() && departure.is_none();
    Ok(Checked { equal, steps: run.done, unit: T::STEP, file, device: departure, other_bits })
}
