//! A core at the other end of a link: its whole state, vectors to learn and to recall; once for
//! all cores.

use crate::link::client::AGAIN;
use crate::link::request::STRETCH;
use crate::link::{Acknowledgement, Client, Port, Request};
use crate::{output, Error, Result};
use fixlearn_hdl::design::{self, Target};
use fixlearn_hdl::samples::{named, PACKED, SAMPLES, SDRAM};
use fixlearn_hdl::sdram::Chip;
use fixlearn_map::packed::{self, Packing};
use fixlearn_map::samples::{self, Samples};
use fixlearn_map::Built;
use fixlearn_sim::golden::core::{Block, Core, Place};
use fixlearn_sim::golden::packed::{narrowest, pack};
use std::time::{Duration, Instant};

/// Bytes of vectors handed to the link at once, at most: how long a stop may take.
const PIECE: usize = 1 << 14;
/// The same of vectors that a device which is a call away answers, perhaps on all cores.
const NEAR_PIECE: usize = 1 << 18;
/// Board time that one command may keep the core busy, in seconds.
const BUSY: f64 = 0.05;

/// The line's time for a vector from which on it is not asked whether a core takes longer.
const SLOW: Duration = Duration::from_millis(1);

/// An open device with a core `C`.
pub struct Device<C: Core> {
    pub client: Client,
    built: C::Built,
    vector_bytes: usize,
    answer_bytes: usize,
    iteration_clocks: u32,
    stored: Steps,
    /// How vectors go to the device now, and how those in the sample memory are kept.
    packing: Packing,
    kept: Packing,
    /// Vectors that a device which is a call away learns, and answers, in a call.
    learned: Steps,
    answered: Steps,
}

/// How many steps over the sample memory one command asks for, or one call of a device without a
/// line, so that a stop is heeded.
#[derive(Clone, Copy, Debug)]
struct Steps {
    steps: u32,
    /// It has been found out how many take [`STRETCH`].
    known: bool,
}

impl Steps {
    const FIRST: Self = Self { steps: 8, known: false };

    /// So many steps took so long, as far as a line whose delays vary tells: less than a stretch
    /// tells little.
    fn took(&mut self, steps: u32, time: Duration, limit: u32) {
        // Fewer than asked for, since there were no more.
        if steps < self.steps.min(limit) && time < STRETCH {
            return;
        }
        let fit = match time < STRETCH {
            true => u64::from(steps) * 4,
            false => (u128::from(steps) * STRETCH.as_nanos() / time.as_nanos()) as u64,
        };
        self.known = time >= STRETCH || steps == limit;
        self.steps = fit.clamp(1, limit.max(1).into()) as u32;
    }
}

/// How often a device may lose its state without getting on.
const RECOVERIES: u32 = 10;

/// Losses of the state since something was last done.
#[derive(Debug, Default)]
pub struct Recoveries {
    done: u64,
    count: u32,
    /// All of them.
    all: u32,
}

impl Recoveries {
    /// The state is lost once more, with so many steps done; what is done `then` is said the
    /// first time.
    ///
    /// # Errors
    /// If it was lost too often without a step in between.
    pub fn one_more(&mut self, port: &str, done: u64, then: &str) -> Result<()> {
        self.count = if done > self.done { 1 } else { self.count + 1 };
        self.done = done;
        self.all += 1;
        if self.count <= RECOVERIES {
            if self.all == 1 {
                output::say(format_args!("{port}: the device lost its state; {then}"));
            }
            return Ok(());
        }
        let message = format!(
            "the device lost its state {RECOVERIES} times without getting on; is its supply \
             steady, and is nothing else using the port?"
        );
        Err(Error::Port { port: port.into(), message })
    }

    /// Says how often in all, if that was more than once.
    pub fn say_all(&self, port: &str) {
        if self.all > 1 {
            output::say(format_args!("{port}: the device lost its state {} times", self.all));
        }
    }
}

impl<C: Core> Device<C> {
    /// # Errors
    /// As [`Client::open`]; and if the device has another core, or sizes that this version does
    /// not know.
    pub fn open(port: Box<dyn Port>) -> Result<Self> {
        let client = Client::open(port)?;
        let core = C::Built::CORE;
        let built = client.identity.built::<C::Built>().ok_or_else(|| Error::Port {
            port: client.port_name(),
            message: if client.identity.core == core.number {
                format!("says that it has {} of sizes that there are not", core.title)
            } else {
                format!("has {}, not {}", fixlearn_map::title(client.identity.core), core.title)
            },
        })?;
        let fresh = C::power_up(&built);
        Ok(Self {
            client,
            vector_bytes: fresh.vector_bytes(),
            answer_bytes: fresh.answer_bytes(),
            iteration_clocks: fresh.iteration_clocks(),
            stored: Steps::FIRST,
            packing: Packing::default(),
            kept: Packing::default(),
            learned: Steps::FIRST,
            answered: Steps::FIRST,
            built,
        })
    }

    /// Its size, as `--size` says it; none if it is not on offer.
    pub fn size(&self) -> Option<String> {
        let identity = &self.client.identity;
        let kind = design::find(C::Built::CORE.name).ok()?;
        let is_it = |size: &String| {
            let design = kind.parse(size, Target::SIMULATED).ok();
            design.is_some_and(|design| design.identity().parameters == identity.parameters)
        };
        let packed = if identity.unpacks { PACKED } else { "" };
        // A memory as large as a board's SDRAM is one.
        let samples = identity.samples.map(|samples| named(samples.bytes()));
        let samples = samples.map_or(String::new(), |bytes| match Chip::find(&bytes) {
            Ok(_) => format!("{SDRAM}{bytes}"),
            Err(_) => format!("{SAMPLES}{bytes}"),
        });
        kind.sizes().into_iter().find(is_it).map(|size| size + packed + &samples)
    }

    /// The core's built sizes.
    pub fn built(&self) -> C::Built {
        self.built
    }

    fn lacks(&self, message: String) -> Error {
        Error::Port { port: self.client.port_name(), message }
    }

    /// Says whether this state fits the device, before anything is sent.
    ///
    /// # Errors
    /// Naming the size or the feature that the device lacks.
    pub fn check(&self, state: &C) -> Result<()> {
        state.check(&self.built).map_err(|what| self.lacks(what))
    }

    /// Writes the whole state, and begins an epoch.
    pub fn load(&mut self, state: &C) -> Result<()> {
        self.check(state)?;
        for block in state.state_on(&self.built) {
            self.write(state, block)?;
        }
        self.follow(state);
        // Whatever another program, or a reset, has left there.
        self.set_packing(self.packing)?;
        self.client.begin_epoch()
    }

    /// Does this on the device with this state; again, from the state on, if the device loses it.
    ///
    /// # Errors
    /// As the link's; and if the state does not fit.
    pub fn holding<V>(
        &mut self,
        state: &C,
        mut work: impl FnMut(&mut Self) -> Result<V>,
    ) -> Result<V> {
        let mut recoveries = Recoveries::default();
        loop {
            match self.load(state).and_then(|()| work(self)) {
                Err(Error::Reset { port }) => {
                    recoveries.one_more(&port, 0, "it is given it, and asked, again")?;
                }
                other => return other,
            }
            self.client.recover()?;
        }
    }

    /// Writes what differs between the state that the device has and the one that it is to have.
    pub fn change(&mut self, from: &C, to: &C) -> Result<()> {
        for (old, new) in from.state_on(&self.built).into_iter().zip(to.state_on(&self.built)) {
            if old == new {
                continue;
            }
            let words = old.words.iter().zip(&new.words);
            let first = words.clone().position(|(a, b)| a != b).unwrap_or(0);
            let last = words.enumerate().filter(|(_, (a, b))| a != b).map(|(i, _)| i).next_back();
            let at = new.at.after(first, to.columns(new.at.memory));
            let words = new.words[first..=last.unwrap_or(first)].to_vec();
            self.write(to, Block { at, words, ..new })?;
        }
        self.follow(to);
        Ok(())
    }

    fn write(&mut self, state: &C, block: Block) -> Result<()> {
        let columns = state.columns(block.at.memory);
        self.client.submit(Request::Write { at: block.at, columns, words: block.words })
    }

    /// The lengths that the settings give. With others a step may take longer.
    fn follow(&mut self, state: &C) {
        self.stored = Steps { steps: (self.stored.steps / 4).max(1), known: false };
        self.vector_bytes = state.vector_bytes();
        self.answer_bytes = state.answer_bytes();
        self.iteration_clocks = state.iteration_clocks();
    }

    /// Reads the whole state back into `state`, which says how much of it there is.
    ///
    /// # Errors
    /// If a word that the device says cannot be; the state is then as it was.
    pub fn save(&mut self, state: &mut C) -> Result<()> {
        let mut read = state.clone();
        for block in state.state_on(&self.built) {
            let columns = state.columns(block.at.memory);
            let words = self.client.read(block.at, columns, block.words.len())?;
            for (i, word) in words.into_iter().enumerate() {
                let at = block.at.after(i, columns);
                if !read.write(at, word) {
                    let name = block.name;
                    return Err(self.lacks(format!(
                        "the device sent {word:#x} for {name} {i}, which cannot be there; {AGAIN}"
                    )));
                }
            }
        }
        *state = read;
        Ok(())
    }

    /// Bytes of a vector, by the settings.
    pub fn vector_bytes(&self) -> usize {
        self.vector_bytes
    }

    /// Vectors handed to the link at once.
    pub fn piece(&mut self) -> usize {
        let most = (PIECE / self.vector_bytes.max(1)).max(1);
        if self.client.is_near() {
            return most.min(self.learned.steps as usize);
        }
        most
    }

    /// Iterations that one command may ask for.
    pub fn iterations(&self) -> u32 {
        let hertz = f64::from(self.client.identity.clock_hz.max(1));
        let clocks = f64::from(self.iteration_clocks.max(1));
        ((BUSY * hertz / clocks) as u32).clamp(1, 0xff_ffff)
    }

    /// The packing of the fewest bits that holds these vectors on the device: none at all if it
    /// does not unpack.
    pub fn packing_of(&self, vectors: &[u8]) -> Packing {
        match self.client.identity.unpacks {
            true => narrowest(vectors),
            false => Packing::default(),
        }
    }

    /// Has vectors go packed like this from now on.
    fn pack(&mut self, packing: Packing) -> Result<()> {
        match packing == self.packing {
            true => Ok(()),
            false => self.set_packing(packing),
        }
    }

    fn set_packing(&mut self, packing: Packing) -> Result<()> {
        if !self.client.identity.unpacks {
            return Ok(());
        }
        self.packing = packing;
        let at = Place { memory: packed::memory::DOOR, row: 0, column: packed::column::PACKING };
        self.client.submit(Request::Write { at, columns: 256, words: vec![packing.word()] })
    }

    /// Whole vectors as they go to the device, and the bytes of one.
    fn packed(&mut self, vectors: Vec<u8>) -> Result<(Vec<u8>, usize)> {
        let size = self.vector_bytes.max(1);
        let packing = self.packing_of(&vectors);
        self.pack(packing)?;
        if packing.halvings == 0 {
            return Ok((vectors, size));
        }
        let packed = vectors.chunks_exact(size).flat_map(|vector| pack(packing, vector));
        Ok((packed.collect(), packing.packed(size)))
    }

    /// Sends whole vectors to be learned, several frames in flight.
    pub fn learn(&mut self, vectors: Vec<u8>) -> Result<()> {
        let size = self.vector_bytes.max(1);
        let (many, began) = (vectors.len() / size, Instant::now());
        let (vectors, packed) = self.packed(vectors)?;
        self.client.submit(Request::Learn { vectors, size: packed })?;
        if self.client.is_near() {
            self.learned.took(many as u32, began.elapsed(), (PIECE / size) as u32);
        }
        Ok(())
    }

    /// Iterations without vectors, in pieces that keep the link answering.
    ///
    /// # Errors
    /// If the core learns from vectors alone.
    pub fn iterate(&mut self, count: u32) -> Result<()> {
        let at = C::start_register()
            .ok_or_else(|| self.lacks("has a core that learns from samples alone".into()))?;
        let mut left = count;
        while left > 0 {
            let many = left.min(self.iterations());
            self.client.submit(Request::Write { at, columns: 256, words: vec![many] })?;
            self.client.finish()?;
            left -= many;
        }
        Ok(())
    }

    /// The sample memory, if the device has one.
    pub fn samples(&self) -> Option<Samples> {
        self.client.identity.samples
    }

    /// Has vectors kept in the sample memory like this.
    ///
    /// # Errors
    /// As the link's.
    pub fn keep(&mut self, packing: Packing) -> Result<()> {
        self.kept = packing;
        self.pack(packing)
    }

    /// Writes vectors to the sample memory, from the one of this number on, packed as they are to
    /// be [kept](Device::keep).
    ///
    /// # Errors
    /// As the link's.
    pub fn store(&mut self, first: usize, vectors: &[u8]) -> Result<()> {
        let Some(samples) = self.samples() else {
            return Err(self.lacks("has no sample memory".into()));
        };
        let stride = samples.stride(self.kept.packed(self.vector_bytes));
        let start = Place { memory: samples::memory::SAMPLES, row: 0, column: 0 };
        let mut words = Vec::with_capacity(vectors.len() / self.vector_bytes * stride);
        let mut bytes = 0;
        for vector in vectors.chunks(self.vector_bytes) {
            let mut whole = pack(self.kept, vector);
            bytes += whole.len() as u64;
            whole.resize(4 * stride, 0);
            let four = whole.chunks_exact(4);
            words.extend(four.map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])));
        }
        self.client.statistics.sample_bytes += bytes;
        let at = start.after(first * stride, 256);
        self.client.submit(Request::Write { at, columns: 256, words })
    }

    /// Says how many vectors the sample memory has, once they are all there.
    ///
    /// # Errors
    /// As the link's.
    pub fn stored(&mut self, vectors: usize) -> Result<()> {
        self.order(samples::column::LAST, vec![vectors.saturating_sub(1) as u32])
    }

    /// The time that the core takes for a vector, if that is longer than the line takes to bring
    /// it, packed like this. It is found out by learning what the sample memory holds, whatever
    /// that is: the device has another state then.
    ///
    /// # Errors
    /// As the link's.
    pub fn outlasts_line(&mut self, packing: Packing) -> Result<Option<Duration>> {
        let bytes = packing.packed(self.vector_bytes);
        let baud = f64::from(self.client.identity.baud.max(1));
        let line = Duration::from_secs_f64(10.0 * bytes as f64 / baud);
        // No core is as slow as a slow line.
        if line > SLOW {
            return Ok(None);
        }
        self.stored(1)?;
        self.client.finish()?;
        let asked = self.timed(vec![0, 0, 0])?;
        let limit = self.samples().map_or(1, Samples::last_max);
        let mut steps = Steps::FIRST.steps.min(limit);
        loop {
            let took = self.timed(vec![0, 0, steps])?.saturating_sub(asked);
            // Long enough for a host's clock to tell, and for the line.
            if took >= STRETCH || steps * line >= STRETCH || steps == limit {
                let each = took / steps;
                return Ok(Some(each).filter(|&each| each > line));
            }
            steps = (4 * steps).min(limit);
        }
    }

    /// Learns so many steps of a pass over the sample memory, in the order of this key; how many
    /// of them one command asked for.
    ///
    /// # Errors
    /// As the link's.
    pub fn learn_stored(&mut self, key: u32, step: u32, most: u64) -> Result<u32> {
        self.pack(self.kept)?;
        self.client.statistics.stored = true;
        let limit = self.samples().map_or(1, Samples::last_max);
        let steps = u64::from(self.stored.steps.min(limit)).min(most) as u32;
        // A pass may end before a trial would.
        let cut = steps < self.stored.steps.min(limit);
        if self.stored.known || cut {
            self.order(samples::column::KEY, vec![key, step, steps])?;
            return Ok(steps);
        }
        self.client.finish()?;
        // What question and answer take is not the core's.
        let asked = self.timed(vec![key, step, 0])?;
        let learned = self.timed(vec![key, step, steps])?;
        self.stored.took(steps, learned.saturating_sub(asked), limit);
        Ok(steps)
    }

    /// Writes key, step and number of steps; the time until that is answered.
    fn timed(&mut self, words: Vec<u32>) -> Result<Duration> {
        let before = self.client.now();
        self.order(samples::column::KEY, words)?;
        self.client.finish()?;
        Ok(self.client.now().saturating_sub(before))
    }

    /// Writes registers of the sample memory, from this column on.
    fn order(&mut self, column: u8, words: Vec<u32>) -> Result<()> {
        let at = Place { memory: samples::memory::ORDER, row: 0, column };
        self.client.submit(Request::Write { at, columns: 256, words })
    }

    /// Waits for all that was sent.
    pub fn finish(&mut self) -> Result<Option<Acknowledgement>> {
        self.client.finish()
    }

    /// The answer to each vector. `progress` gets the number done so far.
    ///
    /// # Errors
    /// As [`Device::answers`]'s.
    pub fn recall(&mut self, vectors: &[u8], progress: impl FnMut(usize)) -> Result<Vec<Vec<u8>>> {
        let bytes = self.answers(vectors, progress)?;
        Ok(bytes.chunks_exact(self.answer_bytes).map(<[u8]>::to_vec).collect())
    }

    /// The answers to the vectors, one after the other. `progress` gets the number done so far.
    ///
    /// # Errors
    /// As the link's; and if the device gives more or fewer answers than there are vectors.
    pub fn answers(&mut self, vectors: &[u8], mut progress: impl FnMut(usize)) -> Result<Vec<u8>> {
        self.client.finish()?;
        let (size, answer) = (self.vector_bytes, self.answer_bytes);
        let mut bytes = self.client.take_reply();
        bytes.clear();
        // In pieces, to tell how far it is.
        let mut rest = vectors;
        while !rest.is_empty() {
            let near = self.client.is_near();
            let many = if near { self.answered.steps as usize } else { self.piece() };
            let (piece, after) = rest.split_at((many * size).clamp(1, rest.len()));
            let began = Instant::now();
            let (vectors, packed) = self.packed(piece.to_vec())?;
            self.client.submit(Request::Recall { vectors, size: packed, answer })?;
            if near {
                let most = (NEAR_PIECE / size.max(1)) as u32;
                self.answered.took((piece.len() / size.max(1)) as u32, began.elapsed(), most);
            }
            rest = after;
            bytes.extend(self.client.take_reply());
            progress(bytes.len() / answer);
        }
        self.client.finish()?;
        bytes.extend(self.client.take_reply());
        let (found, wanted) = (bytes.len(), vectors.len() / size * answer);
        if found != wanted {
            return Err(self.lacks(format!("answered {found} bytes where {wanted} are right")));
        }
        progress(bytes.len() / answer);
        Ok(bytes)
    }
}
