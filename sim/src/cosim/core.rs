//! A core under co-simulation: samples in, results out, memories by the bus; once for all cores.

use super::bus::Bus;
use super::model::Streams;
use super::{Model, PortId};
use crate::golden::core::word_differs;
use crate::golden::driven::Driven;
use crate::golden::{Core as Golden, Place};
use fixlearn_map::packed::Packing;
use std::marker::PhantomData;

/// What one vector took, in clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cycles {
    /// From the first beat offered to the result valid, both included.
    pub result: u64,
    /// From the result taken to the core free for the next vector.
    pub update: u64,
}

/// A core in simulation, whose specification is `C`.
pub struct Core<C> {
    pub bus: Bus,
    sample_data: PortId,
    sample_valid: PortId,
    sample_learn: PortId,
    sample_ready: PortId,
    result_valid: PortId,
    result_ready: PortId,
    result: PortId,
    vector_last: PortId,
    answer_last: PortId,
    /// The words of the last answer after the first.
    pub rest: Vec<u32>,
    /// The core takes the next vector's beats while it works, and updates while its result is not
    /// taken.
    pub ahead: bool,
    /// How vectors come, where the core unpacks them.
    pub packing: Packing,
    /// Bytes of a beat of samples.
    beat: usize,
    golden: PhantomData<C>,
}

impl<C: Golden> Core<C> {
    /// Waits until the core is free.
    pub fn new(model: Model) -> Self {
        let p = |name: &str| model.port(name);
        Self {
            sample_data: p("sample_data"),
            sample_valid: p("sample_valid"),
            sample_learn: p("sample_learn"),
            sample_ready: p("sample_ready"),
            result_valid: p("result_valid"),
            result_ready: p("result_ready"),
            result: p("result"),
            vector_last: p("vector_last"),
            answer_last: p("answer_last"),
            rest: Vec::new(),
            ahead: false,
            packing: Packing::default(),
            beat: model.bits(p("sample_data")) / 8,
            bus: Bus::new(model),
            golden: PhantomData,
        }
    }

    /// Bytes of a beat of samples.
    pub fn beat(&self) -> usize {
        self.beat
    }

    /// Puts the golden model's whole state into the core; false if it refused any of it.
    pub fn load(&mut self, golden: &C) -> bool {
        golden.state().iter().all(|block| {
            let columns = golden.columns(block.at.memory);
            let words = block.words.iter().enumerate();
            // All of them, whatever comes of the first.
            words.fold(true, |ok, (i, &word)| ok & self.bus.write(block.at.after(i, columns), word))
        })
    }

    /// The first difference between the core's state and the golden model's, in words.
    pub fn difference(&mut self, golden: &C) -> Option<String> {
        for block in golden.state() {
            let columns = golden.columns(block.at.memory);
            for (i, &expected) in block.words.iter().enumerate() {
                let found = self.bus.read(block.at.after(i, columns));
                if found != expected {
                    return Some(word_differs::<C>(&block, i, found));
                }
            }
        }
        let last = self.bus.model.get(self.vector_last);
        let bytes = self.packing.packed(golden.vector_bytes());
        (last + 1 != bytes as u64).then(|| "what the core says of a vector".into())
    }

    /// Iterations without vectors; the clocks that they took.
    ///
    /// # Panics
    /// If the core has no register for it, or refuses the number.
    pub fn iterate(&mut self, times: u32) -> u64 {
        let register = C::start_register().expect("a core that iterates");
        assert!(self.bus.write(register, times), "{times} iterations are refused");
        self.bus.wait_free()
    }

    /// Runs one vector; the first word of its answer, the others are in `rest`. `gaps` are clocks
    /// to wait before each beat and before taking the first word, in turn; while it waits it must
    /// not change.
    ///
    /// # Panics
    /// If the core breaks a rule of a handshake.
    pub fn run(&mut self, vector: &[u8], learn: bool, gaps: &[u8]) -> (u32, Cycles) {
        let mut gaps = gaps.iter().cycle().copied();
        let mut gap = || gaps.next().unwrap_or(0);
        let mut cycles = Cycles::default();
        let model = &mut self.bus.model;
        for beat in vector.chunks(self.beat) {
            for _ in 0..gap() {
                model.step();
                cycles.result += 1;
            }
            let mut bytes = vec![0; self.beat];
            bytes[..beat.len()].copy_from_slice(beat);
            model.set_bytes(self.sample_data, &bytes);
            model.set(self.sample_learn, learn.into());
            model.set(self.sample_valid, 1);
            model.settle();
            assert_eq!(model.get(self.sample_ready), 1, "a free core takes beats");
            model.step();
            cycles.result += 1;
            model.set(self.sample_valid, 0);
        }
        loop {
            model.settle();
            cycles.result += 1;
            let ready = model.get(self.sample_ready) != 0;
            assert!(self.ahead || !ready, "a busy core takes no beat");
            if model.get(self.result_valid) != 0 {
                break;
            }
            model.step();
            assert!(cycles.result < 1 << 20, "no result");
        }
        let found = model.get(self.result);
        for _ in 0..gap() {
            model.step();
            assert_eq!(model.get(self.result_valid), 1, "a stalled result stays valid");
            assert_eq!(model.get(self.result), found, "a stalled result does not change");
        }
        model.set(self.result_ready, 1);
        model.step();
        model.set(self.result_ready, 0);
        self.rest.clear();
        let words = if learn { 1 } else { (model.get(self.answer_last) + 1).div_ceil(4) };
        for _ in 1..words {
            model.settle();
            while model.get(self.result_valid) == 0 {
                model.step();
                model.settle();
                cycles.update += 1;
                assert!(cycles.update < 1 << 20, "no further word");
            }
            self.rest.push(model.get(self.result) as u32);
            model.set(self.result_ready, 1);
            model.step();
            model.set(self.result_ready, 0);
            cycles.update += 1;
        }
        cycles.update += self.bus.wait_free();
        assert_eq!(self.bus.model.get(self.result_valid), 0, "there is one result");
        (found as u32, cycles)
    }

    /// The words that come for whole vectors of so many bytes, one on the heels of the other.
    ///
    /// # Panics
    /// If the core does not end.
    fn pass(&mut self, vectors: &[u8], bytes: usize, learn: bool, words: usize) -> Vec<u32> {
        let padded = bytes.next_multiple_of(self.beat);
        let beats: Vec<u8> = match padded == bytes {
            true => vectors.to_vec(),
            false => {
                let pad = std::iter::repeat_n(0, padded - bytes);
                vectors.chunks(bytes).flat_map(|v| v.iter().copied().chain(pad.clone())).collect()
            }
        };
        let vectors = vectors.len() / bytes;
        let mut found = vec![0; vectors * words];
        let ports = Streams {
            data: self.sample_data,
            valid: self.sample_valid,
            take: self.result_ready,
            ready: self.sample_ready,
            there: self.result_valid,
            word: self.result,
            busy: self.bus.busy(),
        };
        let model = &mut self.bus.model;
        model.set(self.sample_learn, learn.into());
        let limit = (vectors as u64 + 1) << 24;
        assert!(model.stream(&ports, &beats, self.beat, &mut found, limit), "the core stays busy");
        found
    }

    /// Offers the vectors one on the heels of the other, whenever the core takes a beat, and takes
    /// the results as they come: the first words of all of them, and the clocks until the core was
    /// free. `gaps` are clocks to wait before each beat, and before each result is taken, in turn.
    ///
    /// # Panics
    /// If the core breaks a rule of a handshake, or answers in more than one word.
    pub fn stream(&mut self, vectors: &[(Vec<u8>, bool)], gaps: &[u8]) -> (Vec<u32>, u64) {
        let mut beats = vectors
            .iter()
            .flat_map(|(vector, learn)| vector.chunks(self.beat).map(move |beat| (beat, *learn)));
        let mut gaps = gaps.iter().cycle().copied();
        let mut gap = || u64::from(gaps.next().unwrap_or(0));
        let busy = self.bus.busy();
        let model = &mut self.bus.model;
        assert!(model.get(self.answer_last) < 4, "answers of one word");
        let (mut found, mut clocks) = (Vec::new(), 0_u64);
        let (mut next, mut beat_at, mut result_at) = (beats.next(), gap(), 0);
        let mut standing = None;
        loop {
            let offered = next.filter(|_| clocks >= beat_at);
            if let Some((beat, learn)) = offered {
                let mut bytes = vec![0; self.beat];
                bytes[..beat.len()].copy_from_slice(beat);
                model.set_bytes(self.sample_data, &bytes);
                model.set(self.sample_learn, learn.into());
            }
            model.set(self.sample_valid, offered.is_some().into());
            model.set(self.result_ready, (clocks >= result_at).into());
            model.settle();
            let valid = model.get(self.result_valid) != 0;
            let result = model.get(self.result) as u32;
            if let Some(standing) = standing.take() {
                assert!(valid && result == standing, "a stalled result stays as it is");
            }
            if valid && clocks >= result_at {
                found.push(result);
                result_at = clocks + 1 + gap();
            } else if valid {
                standing = Some(result);
            }
            if offered.is_some() && model.get(self.sample_ready) != 0 {
                next = beats.next();
                beat_at = clocks + 1 + gap();
            }
            let free = model.get(busy) == 0 && next.is_none();
            if free && found.len() == vectors.len() {
                model.set(self.result_ready, 0);
                return (found, clocks);
            }
            model.step();
            clocks += 1;
            let many = (found.len() + 1) << 16;
            assert!(clocks < many as u64, "no result {} of {}", found.len(), vectors.len());
        }
    }
}

/// Behind the link's model, without a line: `C` says how its parameters are read.
impl<C: Golden> Driven for Core<C> {
    type Built = C::Built;

    fn reset(&mut self, _built: &Self::Built) {
        self.bus.clear();
    }

    fn word(&mut self, at: Place) -> Option<u32> {
        Some(self.bus.read(at))
    }

    fn set(&mut self, at: Place, word: u32) -> bool {
        let taken = self.bus.write(at, word);
        // It may have begun to work.
        self.bus.wait_long();
        taken
    }

    fn row(&mut self, memory: u8) -> usize {
        self.bus.row(memory)
    }

    fn sizes(&mut self) -> [usize; 2] {
        let model = &mut self.bus.model;
        model.settle();
        [self.vector_last, self.answer_last].map(|port| model.get(port) as usize + 1)
    }

    fn take(&mut self, vector: &[u8]) {
        self.take_all(vector);
    }

    fn take_all(&mut self, vectors: &[u8]) {
        let [bytes, _] = self.sizes();
        self.pass(vectors, bytes, true, 1);
    }

    fn answer(&mut self, vector: &[u8]) -> Vec<u8> {
        self.answers(vector)
    }

    fn answers(&mut self, vectors: &[u8]) -> Vec<u8> {
        let [bytes, answer] = self.sizes();
        let words = answer.div_ceil(4);
        let found = self.pass(vectors, bytes, false, words);
        let bytes =
            |words: &[u32]| words.iter().flat_map(|w| w.to_be_bytes()).take(answer).collect();
        found.chunks(words).flat_map(|words| -> Vec<u8> { bytes(words) }).collect()
    }

    fn clocks(&self) -> Option<u64> {
        Some(self.bus.model.clocks())
    }
}
