//! A device with any core as a host sees it, byte for byte: the specification of
//! [`fixlearn_map::link`]'s state machine. No clocks: frames come one after the other, and the
//! free slots that an acknowledgement names are the one thing that it does not say.

use super::core::{Core, Place};
use super::driven::Driven;
use super::packed;
use super::samples::Samples;
use fixlearn_map::link::{
    cause, column, command, counter, error, memory, Identity, ACKNOWLEDGEMENT_BYTES, ANSWERS_MAX,
    FRAME_MAX, FRAME_OVERHEAD, READ_MAX, REPLY, VERSION,
};
use fixlearn_map::packed::Packing;
use fixlearn_map::Built;
use std::borrow::Cow;

/// What comes between two delimiters, as the receiver hears it, byte by byte.
#[derive(Clone, Debug, Default)]
struct Heard {
    bytes: Vec<u8>,
    /// A code byte was heard; so many bytes of its block are to come; a zero follows the block if
    /// another does.
    block: bool,
    remaining: u8,
    implied: bool,
    too_long: bool,
}

impl Heard {
    fn push(&mut self, byte: u8) {
        let decoded = if self.remaining == 0 {
            let zero = self.implied.then_some(0);
            (self.block, self.remaining, self.implied) = (true, byte - 1, byte != 255);
            zero
        } else {
            self.remaining -= 1;
            Some(byte)
        };
        match decoded {
            Some(_) if self.bytes.len() == FRAME_MAX => self.too_long = true,
            Some(byte) => self.bytes.push(byte),
            None => {}
        }
    }

    /// The frame, without its CRC, or what is wrong with it; none if there was nothing.
    fn end(self) -> Option<Result<Vec<u8>, u8>> {
        let length = self.bytes.len();
        Some(if self.too_long {
            Err(cause::LENGTH)
        } else if !self.block {
            return None;
        } else if self.remaining > 0 || length < FRAME_OVERHEAD {
            Err(cause::ENCODING)
        } else {
            let (message, sum) = self.bytes.split_at(length - 3);
            if crc24(message) == sum {
                Ok(message.to_vec())
            } else {
                Err(cause::CRC)
            }
        })
    }
}

/// CRC-24/INTERLAKEN, high byte first.
pub fn crc24(message: &[u8]) -> [u8; 3] {
    let crc = message.iter().fold(0xff_ffff_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 16, |crc, _| {
            (crc << 1) ^ if crc & 1 << 23 == 0 { 0 } else { 0x32_8b63 }
        }) & 0xff_ffff
    });
    let [_, sum @ ..] = (crc ^ 0xff_ffff).to_be_bytes();
    sum
}

/// A reply: the frame's first byte without the version, its sequence number, and its payload, in
/// which a byte is none if the protocol leaves it open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub command: u8,
    pub sequence: u8,
    pub payload: Vec<Option<u8>>,
}

/// A device with this core.
#[derive(Clone, Debug)]
pub struct Device<D: Driven> {
    identity: Vec<u8>,
    built: D::Built,
    pub core: D,
    /// The sample memory, if the identity tells of one.
    pub samples: Option<Samples>,
    /// How vectors come packed, if the identity tells that they are unpacked.
    pub packing: Option<Packing>,
    /// The host's own number.
    epoch: u32,
    heard: Heard,
    open: bool,
    /// The next sequence number to execute, and the last one heard.
    pub expected: u8,
    serial: u8,
    error: u8,
    /// A negative acknowledgement was the last that was said of sequence numbers.
    complained: bool,
    counters: [u16; counter::COUNT],
}

impl<C: Core> Device<C> {
    /// After power-up, of a core of these sizes; `identity` is what IDENTIFY answers.
    pub fn power_up(identity: &[u8], built: C::Built) -> Self {
        let said = Identity::from_bytes(identity);
        let samples = said.and_then(|said| said.samples).map(Samples::power_up);
        let packing = said.filter(|said| said.unpacks).map(|_| Packing::default());
        Self { samples, packing, ..Self::around(identity, built, C::power_up(&built)) }
    }
}

impl<D: Driven> Device<D> {
    /// After power-up, with a core that holds sample memory and unpacking, if there are any.
    pub fn around(identity: &[u8], built: D::Built, core: D) -> Self {
        Self {
            identity: identity.to_vec(),
            built,
            core,
            samples: None,
            packing: None,
            epoch: 0,
            heard: Heard::default(),
            open: false,
            expected: 0,
            serial: 0,
            error: error::NONE,
            complained: false,
            counters: [0; counter::COUNT],
        }
    }

    /// Hears a byte; what it answers.
    pub fn hear(&mut self, byte: u8) -> Option<Reply> {
        if byte != 0 {
            self.heard.push(byte);
            return None;
        }
        match std::mem::take(&mut self.heard).end()? {
            Err(cause) => {
                self.count(cause);
                self.complained = true;
                Some(self.refusal(cause))
            }
            Ok(frame) => {
                self.count(counter::FRAMES);
                self.judge(&frame)
            }
        }
    }

    fn count(&mut self, counter: u8) {
        let counter = &mut self.counters[usize::from(counter)];
        *counter = counter.saturating_add(1);
    }

    fn refusal(&self, cause: u8) -> Reply {
        let payload = vec![Some(self.expected), Some(cause)];
        Reply { command: command::NAK | REPLY, sequence: self.serial, payload }
    }

    fn judge(&mut self, frame: &[u8]) -> Option<Reply> {
        let (first, payload) = (frame[0], &frame[2..]);
        if first & REPLY != 0 {
            return None;
        }
        if first & 0xf0 != VERSION << 4 {
            return Some(self.refusal(cause::VERSION));
        }
        let command = first & 0x0f;
        self.serial = frame[1];
        if command == command::IDENTIFY {
            self.complained = false;
            if !payload.is_empty() {
                (self.open, self.error) = (true, error::NONE);
            }
            let epoch = Place { memory: memory::LINK, row: 0, column: column::EPOCH };
            let rest = self.acknowledgement().into_iter().chain(self.bytes(epoch));
            let identity = self.identity.iter().map(|&byte| Some(byte));
            return Some(self.reply(command, identity.chain(rest)));
        }
        if !self.open {
            return Some(self.refusal(cause::CLOSED));
        }
        let behind = self.expected.wrapping_sub(self.serial);
        match behind {
            0 => {
                self.expected = self.expected.wrapping_add(1);
                self.complained = false;
                Some(self.execute(command, payload))
            }
            1..=127 => {
                self.count(counter::DUPLICATES);
                let changes_nothing = [command::RECALL, command::READ].contains(&command);
                Some(if changes_nothing {
                    self.execute(command, payload)
                } else {
                    self.acknowledge(command)
                })
            }
            _ => {
                self.count(counter::GAPS);
                let first = !std::mem::replace(&mut self.complained, true);
                first.then(|| self.refusal(cause::GAP))
            }
        }
    }

    fn reply(&self, command: u8, payload: impl Iterator<Item = Option<u8>>) -> Reply {
        let payload = std::iter::once(Some(self.expected)).chain(payload).collect();
        Reply { command: command | REPLY, sequence: self.serial, payload }
    }

    fn acknowledge(&mut self, command: u8) -> Reply {
        let stands = self.acknowledgement();
        self.reply(command, stands.into_iter())
    }

    fn acknowledgement(&mut self) -> Vec<Option<u8>> {
        let first = D::Built::CORE.acknowledgement;
        let mut stands = vec![None, Some(self.error)];
        stands.extend((first..first + 3).flat_map(|r| self.bytes(Place::register(r))));
        stands
    }

    fn bytes(&mut self, at: Place) -> [Option<u8>; 4] {
        let word = match at {
            Place { memory: memory::LINK, row: 1.., .. } => None,
            Place { memory: memory::LINK, column: at, .. } => match at {
                0..column::ACKNOWLEDGEMENT => Some(self.counters[usize::from(at)].into()),
                column::ACKNOWLEDGEMENT..column::EPOCH => {
                    let first = D::Built::CORE.acknowledgement - column::ACKNOWLEDGEMENT;
                    self.core.word(Place::register(first + at))
                }
                column::EPOCH => Some(self.epoch),
                _ => Some(0),
            },
            _ if self.samples.is_some() && Samples::has(at) => None,
            _ if self.packing.is_some() && packed::has(at) => None,
            _ => self.core.word(at),
        };
        word.map_or([None; 4], |word: u32| word.to_be_bytes().map(Some))
    }

    /// Carries it out, or says why not in an acknowledgement.
    fn execute(&mut self, command: u8, payload: &[u8]) -> Reply {
        let [size, length] = self.sizes();
        let vectors = payload.len() / size;
        let whole = payload.len().is_multiple_of(size) && vectors > 0;
        match (command, payload) {
            (command::LEARN, _) if whole => {
                for vector in payload.chunks(size) {
                    let vector = self.unpacked(vector);
                    self.core.take(&vector);
                }
            }
            (command::RECALL, _) if whole && vectors * length <= ANSWERS_MAX => {
                let mut bytes = Vec::with_capacity(vectors * length);
                for vector in payload.chunks(size) {
                    let vector = self.unpacked(vector);
                    let answer = self.core.answer(&vector);
                    bytes.extend((0..length).map(|i| answer.get(i).copied()));
                }
                return self.reply(command, bytes.into_iter());
            }
            (command::WRITE, &[memory, high, low, column, ref words @ ..])
                if !words.is_empty() && words.len().is_multiple_of(4) =>
            {
                let mut at = Place { memory, row: u16::from_be_bytes([high, low]), column };
                for word in words.chunks_exact(4) {
                    let word = word.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
                    if !self.write(at, word) {
                        self.error = error::RANGE;
                    }
                    at = self.after(at);
                }
            }
            (command::READ, &[memory, high, low, column, count])
                if (1..=READ_MAX).contains(&usize::from(count)) =>
            {
                let mut at = Place { memory, row: u16::from_be_bytes([high, low]), column };
                let mut bytes = Vec::new();
                for _ in 0..count {
                    bytes.extend(self.bytes(at));
                    at = self.after(at);
                }
                return self.reply(command, bytes.into_iter());
            }
            (command::RESET, _) => {
                self.core.reset(&self.built);
                self.samples.iter_mut().for_each(Samples::reset);
                self.packing = self.packing.map(|_| Packing::default());
                (self.epoch, self.error) = (0, error::NONE);
            }
            (command::LEARN | command::RECALL | command::WRITE | command::READ, _) => {
                self.error = error::LENGTH
            }
            _ => self.error = error::COMMAND,
        }
        self.acknowledge(command)
    }

    fn write(&mut self, at: Place, word: u32) -> bool {
        match at {
            Place { memory: memory::LINK, row: 0, column: column::EPOCH } => {
                self.epoch = word;
                true
            }
            Place { memory: memory::LINK, .. } => false,
            _ => match &mut self.samples {
                Some(samples) if Samples::has(at) => {
                    let ([size, _], packing) = (self.core.sizes(), self.packing);
                    let bytes = packing.map_or(size, |packing| packing.packed(size));
                    samples.write(at, word, bytes, |vector| match packing {
                        Some(packing) => self.core.take(&packed::unpack(packing, vector, size)),
                        None => self.core.take(vector),
                    })
                }
                _ if self.packing.is_some() && packed::has(at) => match packed::at(at, word) {
                    Some(packing) => {
                        self.packing = Some(packing);
                        true
                    }
                    None => false,
                },
                _ => self.core.set(at, word),
            },
        }
    }

    /// Bytes of a vector as it comes, and of an answer.
    fn sizes(&mut self) -> [usize; 2] {
        let [size, length] = self.core.sizes();
        [self.packing.map_or(size, |packing| packing.packed(size)), length]
    }

    /// Whole vectors, as the core takes them.
    fn unpacked<'a>(&mut self, vectors: &'a [u8]) -> Cow<'a, [u8]> {
        match self.packing.filter(|packing| packing.halvings > 0) {
            Some(packing) => {
                let [size, _] = self.core.sizes();
                let each = vectors.chunks_exact(packing.packed(size));
                each.flat_map(|vector| packed::unpack(packing, vector, size)).collect()
            }
            None => vectors.into(),
        }
    }

    /// The next word's place: after a row's last column, the next row's first. A frame that begins
    /// beyond a row's end counts its columns on.
    fn after(&mut self, at: Place) -> Place {
        let columns = if at.memory == memory::LINK { 256 } else { self.core.row(at.memory) };
        if usize::from(at.column) + 1 == columns {
            Place { row: at.row.wrapping_add(1), column: 0, ..at }
        } else {
            Place { column: at.column.wrapping_add(1), ..at }
        }
    }
}

/// A device as something that bytes go to and come from: what it has no word for (the free slots
/// of an acknowledgement, a word that is not specified) it fills with what a device that is never
/// behind would say, or with 0.
pub trait Hear: Send {
    /// Hears a byte; what it answers: the frame's first byte without the version, its sequence
    /// number, and its payload.
    fn hear_byte(&mut self, byte: u8) -> Option<(u8, u8, Vec<u8>)>;

    /// Learns whole vectors, as frames of LEARN would have it.
    fn learn(&mut self, vectors: &[u8]);

    /// The answers to whole vectors, as those to frames of RECALL.
    fn recall(&mut self, vectors: &[u8]) -> Vec<u8>;

    /// What an acknowledgement would say now.
    fn stands(&mut self) -> Vec<u8>;

    /// Clocks since power-up, of a device that has them.
    fn clocks(&self) -> Option<u64>;
}

impl<D: Driven> Hear for Device<D> {
    fn hear_byte(&mut self, byte: u8) -> Option<(u8, u8, Vec<u8>)> {
        let reply = self.hear(byte)?;
        // In an acknowledgement, also of a READ or RECALL that failed, the byte that is open is the
        // number of free slots: all but the one of the frame that is answered.
        let words = [command::READ, command::RECALL].contains(&(reply.command & !REPLY))
            && reply.payload.len() != 1 + ACKNOWLEDGEMENT_BYTES;
        let mut open = (!words).then_some(fixlearn_map::link::SLOTS as u8 - 1);
        let fill = |byte: Option<u8>| byte.unwrap_or_else(|| open.take().unwrap_or(0));
        Some((reply.command, reply.sequence, reply.payload.into_iter().map(fill).collect()))
    }

    fn learn(&mut self, vectors: &[u8]) {
        let vectors = self.unpacked(vectors);
        self.core.take_all(&vectors);
    }

    fn recall(&mut self, vectors: &[u8]) -> Vec<u8> {
        let vectors = self.unpacked(vectors);
        self.core.answers(&vectors)
    }

    fn stands(&mut self) -> Vec<u8> {
        let mut open = Some(fixlearn_map::link::SLOTS as u8 - 1);
        let fill = |byte: Option<u8>| byte.unwrap_or_else(|| open.take().unwrap_or(0));
        self.acknowledgement().into_iter().map(fill).collect()
    }

    fn clocks(&self) -> Option<u64> {
        self.core.clocks()
    }
}
