//! The link's client: sequence numbers, several frames in flight, retransmission.

use crate::frame::{Frame, Splitter};
use crate::port::Port;
use crate::{Error, Result};
use fixlearn_hdl::protocol::{
    command, counter, space, Identity, FRAME_MAX, PAYLOAD_MAX, READ_MAX, REPLY, SLOTS,
};
use std::collections::VecDeque;
use std::time::Duration;

/// How long a device and the adapters between may take to answer: USB serial adapters hold bytes
/// back for up to 16 ms, operating systems for longer. The line's own time comes on top.
const TIMEOUT: Duration = Duration::from_millis(200);
/// How often to send again before giving up.
const TRIES: u32 = 12;

/// Words in one WRITE.
const WRITE_MAX: usize = (PAYLOAD_MAX - 3) / 4;

struct InFlight {
    sequence: u8,
    command: u8,
    wire: Vec<u8>,
    done: bool,
    reply: Vec<u8>,
}

impl InFlight {
    /// RECALL and READ are done only when their own reply is in; for the others a later reply
    /// will do, which acknowledges all before it.
    fn needs_its_reply(&self) -> bool {
        matches!(self.command, command::RECALL | command::READ)
    }
}

/// Counters of the client's side of the link.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct LinkStatistics {
    pub frames: u64,
    pub resent: u64,
    pub negative: u64,
    pub timeouts: u64,
    pub bytes: u64,
}

/// An open link to a device that has answered IDENTIFY.
pub struct Client {
    port: Box<dyn Port>,
    splitter: Splitter,
    sequence: u8,
    flight: VecDeque<InFlight>,
    window: usize,
    replies: VecDeque<Vec<u8>>,
    /// Until when what was sent again may still be answered: no use in sending it once more.
    patience: Duration,
    acknowledged: Option<Acknowledgement>,
    pub identity: Identity,
    pub statistics: LinkStatistics,
}

/// What the device says with an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub free_slots: u8,
    /// One of [`fixlearn_hdl::protocol::error`].
    pub error: u8,
    pub vectors: u32,
    pub distortion: u64,
}

impl Acknowledgement {
    fn parse(b: &[u8]) -> Option<Self> {
        let word = |i: usize| b.get(i..i + 4).map(|w| u32::from_be_bytes([w[0], w[1], w[2], w[3]]));
        Some(Self {
            free_slots: *b.first()?,
            error: *b.get(1)?,
            vectors: word(2)?,
            distortion: u64::from(word(6)?) | u64::from(word(10)?) << 32,
        })
    }
}

/// What the device counted on its side of the link; each stops at 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Counters {
    pub frames: u32,
    pub framing_errors: u32,
    pub encoding_errors: u32,
    pub too_long: u32,
    pub crc_errors: u32,
    pub overruns: u32,
    pub duplicates: u32,
    pub gaps: u32,
}

impl Client {
    /// Opens the link: discards whatever is on the line and asks who is there.
    ///
    /// # Errors
    /// If nothing answers, or what answers is not a fixlearn device of this protocol version.
    pub fn open(mut port: Box<dyn Port>) -> Result<Self> {
        let mut splitter = Splitter::default();
        let mut heard = 0;
        let ask = Frame { command: command::IDENTIFY, sequence: 0, payload: vec![] };
        for _ in 0..4 {
            send(port.as_mut(), &[0])?;
            send(port.as_mut(), &ask.encode())?;
            let end = port.now() + TIMEOUT;
            while port.now() < end {
                let wait = end.saturating_sub(port.now());
                let bytes = receive(port.as_mut(), wait)?;
                heard += bytes.len();
                for frame in splitter.push(&bytes) {
                    if frame.command != command::IDENTIFY | REPLY {
                        continue;
                    }
                    if let Some((&sequence, body)) = frame.payload.split_first() {
                        if let Some(identity) = Identity::from_bytes(body) {
                            return Ok(Self {
                                port,
                                splitter,
                                sequence,
                                flight: VecDeque::new(),
                                window: usize::from(identity.slots).clamp(1, SLOTS),
                                replies: VecDeque::new(),
                                patience: Duration::ZERO,
                                acknowledged: None,
                                identity,
                                statistics: LinkStatistics::default(),
                            });
                        }
                    }
                }
                if heard > 1 << 16 {
                    break;
                }
            }
        }
        let message = if heard == 0 {
            "does not answer; is the board powered and programmed, and --baud right?".to_string()
        } else {
            format!(
                "answers, but not as a fixlearn device ({heard} bytes of something else); is this \
                 the right port, and --baud right?"
            )
        };
        Err(Error::Port { port: port.name(), message })
    }

    /// Sends a command as soon as the window allows; its reply is awaited later.
    pub fn submit(&mut self, command: u8, payload: Vec<u8>) -> Result<()> {
        while self.flight.len() >= self.window {
            self.pump()?;
        }
        let frame = Frame { command, sequence: self.sequence, payload };
        let wire = frame.encode();
        send(self.port.as_mut(), &wire)?;
        self.statistics.frames += 1;
        self.statistics.bytes += wire.len() as u64;
        self.flight.push_back(InFlight {
            sequence: self.sequence,
            command,
            wire,
            done: false,
            reply: Vec::new(),
        });
        self.sequence = self.sequence.wrapping_add(1);
        Ok(())
    }

    /// Words of one space, from this row and column on; `wrap` columns make a row where rows follow
    /// each other.
    pub fn read(
        &mut self,
        space: u8,
        row: usize,
        column: usize,
        count: usize,
        wrap: Option<usize>,
    ) -> Result<Vec<u32>> {
        self.finish()?;
        let mut words = Vec::with_capacity(count);
        let mut next = (row, column);
        let mut left = count;
        while left > 0 {
            let many = left.min(READ_MAX);
            self.submit(command::READ, vec![space, next.0 as u8, next.1 as u8, many as u8])?;
            next = after(next, many, wrap);
            left -= many;
        }
        self.finish()?;
        while let Some(reply) = self.take_reply() {
            words.extend(
                reply.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])),
            );
        }
        if words.len() == count {
            Ok(words)
        } else {
            Err(Error::Port {
                port: self.port_name(),
                message: format!("sent {} words where {count} were asked for", words.len()),
            })
        }
    }

    /// Writes words of one space, from this row and column on.
    pub fn write(
        &mut self,
        command: u8,
        space: u8,
        first: (usize, usize),
        words: &[u32],
        wrap: Option<usize>,
    ) -> Result<()> {
        let mut next = first;
        for chunk in words.chunks(WRITE_MAX) {
            let mut payload = vec![space, next.0 as u8, next.1 as u8];
            payload.extend(chunk.iter().flat_map(|w| w.to_be_bytes()));
            self.submit(command, payload)?;
            next = after(next, chunk.len(), wrap);
        }
        Ok(())
    }

    /// The device's own counters of the link.
    pub fn counters(&mut self) -> Result<Counters> {
        let at = self.read(space::COUNTERS, 0, 0, counter::COUNT, None)?;
        let at = |i: u8| at[usize::from(i)];
        Ok(Counters {
            frames: at(counter::FRAMES),
            framing_errors: at(counter::FRAMING),
            encoding_errors: at(counter::ENCODING),
            too_long: at(counter::LENGTH),
            crc_errors: at(counter::CRC),
            overruns: at(counter::OVERRUN),
            duplicates: at(counter::DUPLICATES),
            gaps: at(counter::GAPS),
        })
    }

    /// Waits until every command in flight is done; gives the last acknowledgement.
    ///
    /// # Errors
    /// If the device does not answer, or refused a command.
    pub fn finish(&mut self) -> Result<Option<Acknowledgement>> {
        while !self.flight.is_empty() {
            self.pump()?;
        }
        let last = self.acknowledged;
        match last.map(|a| a.error) {
            None | Some(0) => Ok(last),
            Some(error) => Err(Error::Port {
                port: self.port.name(),
                message: match error {
                    1 => "the device does not know a command".into(),
                    2 => "the device refused a command's length".into(),
                    _ => "the device refused a value outside its range".to_string(),
                },
            }),
        }
    }

    /// The oldest reply to RECALL or READ that has not been taken, if it is in.
    pub fn take_reply(&mut self) -> Option<Vec<u8>> {
        self.replies.pop_front()
    }

    /// The last acknowledgement heard.
    pub fn progress(&self) -> Option<Acknowledgement> {
        self.acknowledged
    }

    /// The port, for opening a link on it anew.
    pub fn into_port(self) -> Box<dyn Port> {
        self.port
    }

    pub fn port_name(&self) -> String {
        self.port.name()
    }

    /// Time on the port's own clock.
    pub fn now(&self) -> Duration {
        self.port.now()
    }

    /// The time that a whole window takes on the line, both ways.
    fn line_time(&self) -> Duration {
        let bits = 2 * 10 * (FRAME_MAX + 2) * self.window;
        Duration::from_secs_f64(bits as f64 / f64::from(self.identity.baud.max(1)))
    }

    /// Waits until at least one command in flight is done, sending again as needed.
    fn pump(&mut self) -> Result<()> {
        let before = self.flight.len();
        let mut tries = 0;
        let mut end = self.port.now() + TIMEOUT + self.line_time();
        while self.flight.len() == before {
            let wait = end.saturating_sub(self.port.now());
            let bytes = receive(self.port.as_mut(), wait)?;
            for frame in self.splitter.push(&bytes) {
                self.handle(&frame)?;
            }
            if self.flight.len() == before && self.port.now() >= end {
                self.statistics.timeouts += 1;
                tries += 1;
                if tries == TRIES {
                    let message =
                        format!("no answer to {TRIES} tries; the device is gone or stuck");
                    return Err(Error::Port { port: self.port.name(), message });
                }
                self.resend()?;
                end = self.port.now() + TIMEOUT + self.line_time();
            }
        }
        Ok(())
    }

    fn handle(&mut self, frame: &Frame) -> Result<()> {
        let Some((&expected, body)) = frame.payload.split_first() else {
            return Ok(());
        };
        let command = frame.command & !REPLY;
        if frame.command & REPLY == 0 || command == command::IDENTIFY {
            return Ok(());
        }
        // Everything before the expected one has been executed.
        for f in &mut self.flight {
            let behind = expected.wrapping_sub(f.sequence);
            f.done |= !f.needs_its_reply() && (1..128).contains(&behind);
        }
        let mut missing = command == command::NAK;
        if missing {
            self.statistics.negative += 1;
        } else if !matches!(command, command::RECALL | command::READ) {
            self.acknowledged = Acknowledgement::parse(body).or(self.acknowledged);
        }
        if let Some(at) = self.flight.iter().position(|f| f.sequence == frame.sequence) {
            let f = &mut self.flight[at];
            if f.needs_its_reply() && f.command == command {
                f.done = true;
                f.reply = body.to_vec();
            }
            // Replies come in order: one that is passed over was lost.
            missing |= self.flight.iter().take(at).any(|f| !f.done);
        }
        while self.flight.front().is_some_and(|f| f.done) {
            if let Some(f) = self.flight.pop_front() {
                if f.needs_its_reply() {
                    self.replies.push_back(f.reply);
                }
            }
        }
        if missing && self.port.now() >= self.patience {
            self.resend()?;
        }
        Ok(())
    }

    /// Sends again what is not done, after a delimiter that ends whatever a damaged frame left
    /// open.
    fn resend(&mut self) -> Result<()> {
        send(self.port.as_mut(), &[0])?;
        for frame in self.flight.iter().filter(|f| !f.done) {
            send(self.port.as_mut(), &frame.wire)?;
            self.statistics.resent += 1;
            self.statistics.bytes += frame.wire.len() as u64;
        }
        self.patience = self.port.now() + self.line_time() + TIMEOUT / 10;
        Ok(())
    }
}

fn port_error(port: &dyn Port, e: &std::io::Error) -> Error {
    Error::Port { port: port.name(), message: format!("the port failed: {e}") }
}

/// The address `words` further on.
fn after((row, column): (usize, usize), words: usize, wrap: Option<usize>) -> (usize, usize) {
    match wrap {
        Some(columns) => {
            let at = row * columns + column + words;
            (at / columns, at % columns)
        }
        None => (row, column + words),
    }
}

fn send(port: &mut dyn Port, bytes: &[u8]) -> Result<()> {
    port.send(bytes).map_err(|e| port_error(port, &e))
}

fn receive(port: &mut dyn Port, wait: Duration) -> Result<Vec<u8>> {
    port.receive(wait).map_err(|e| port_error(port, &e))
}
