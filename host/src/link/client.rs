//! The link's client: sequence numbers, several frames in flight, retransmission, recovery.
//!
//! Frames go out as long as the device has a slot for each of them, whatever copies of them are
//! underway ([`SLOTS`]; one stays free for IDENTIFY). A negative acknowledgement makes the client
//! send again from the number that it names. When nothing is heard for the time-out, it asks with
//! IDENTIFY, behind which no earlier copy can be underway; the answer says what was executed, and
//! the rest is cut anew to the length that the line now bears.

use super::frame::{Frame, Splitter};
use super::pace::Pace;
use super::port::Port;
use super::request::Request;
use crate::{output, stop, Error, Result};
use fixlearn_map::link::{
    cause, column, command, counter, error, memory, Identity, IDENTITY_BYTES, REPLY, SLOTS, VERSION,
};
use fixlearn_sim::golden::core::Place;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Questions on opening, and the time for an answer to each: USB serial adapters hold bytes back
/// for up to 16 ms, operating systems for longer.
const OPENING: (u32, Duration) = (25, Duration::from_millis(100));
/// Without progress for so long, the device is given up.
const SILENCE: Duration = Duration::from_secs(5);
/// What is asked of the device after the user's wish to end has so much time.
const ENDING: Duration = Duration::from_millis(600);
/// Between two looks for a port that is gone.
const LOOK: Duration = Duration::from_millis(200);
/// The mend where a device refuses, or says, what its version could not.
pub const AGAIN: &str =
    "reset it and try again; if that does not help, build its bitstream and flash it anew";
/// How long to wait for a port that is gone, unless told otherwise.
pub const WAIT: Duration = Duration::from_secs(30);

/// A piece of a request in a frame.
struct InFlight {
    request: Request,
    sequence: u8,
    wire: Vec<u8>,
    /// How often it was sent.
    copies: u32,
    done: bool,
    reply: Vec<u8>,
}

impl InFlight {
    fn new(request: Request, sequence: u8) -> Self {
        let frame = Frame { command: request.command(), sequence, payload: request.payload() };
        Self { wire: frame.encode(), request, sequence, copies: 0, done: false, reply: Vec::new() }
    }
}

/// What a frame that was sent asks for an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Command(u8),
    Identify(u8),
}

/// A frame that may hold a slot of the device.
struct Sent {
    asked: Asked,
    at: Duration,
    bytes: usize,
    again: bool,
}

/// Counters of the client's side of the link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct LinkStatistics {
    /// Frames sent, first copies.
    pub frames: u64,
    /// Frames sent again.
    pub resent: u64,
    /// Negative acknowledgements heard.
    pub negative: u64,
    /// Replies that came damaged.
    pub damaged_replies: u64,
    pub timeouts: u64,
    /// Bytes sent, all copies and questions.
    pub bytes: u64,
    /// Bytes of samples in LEARN and RECALL, and to the sample memory, each counted once.
    pub sample_bytes: u64,
    /// Vectors were learned from the sample memory: what the line carried is not what was learned.
    #[serde(skip)]
    pub stored: bool,
    /// Payload of the shortest and of the longest LEARN, first copies.
    pub payload_least: u64,
    pub payload_most: u64,
    /// Times that the port was gone and came back.
    pub reconnections: u64,
    /// Times that the device had lost its state.
    pub resets: u64,
}

impl LinkStatistics {
    /// What a bad line has cost, in words; none of a line that was clean.
    pub fn cost(&self) -> Option<String> {
        let Self { frames, resent, timeouts, reconnections, resets, .. } = self;
        (resent + timeouts + reconnections + resets > 0).then(|| {
            format!(
                "the line: {resent} of {} frames sent again, {timeouts} time-outs, \
                 {reconnections} reconnections, {resets} resets",
                frames + resent
            )
        })
    }
}

/// An open link to a device that has answered IDENTIFY.
pub struct Client {
    port: Box<dyn Port>,
    splitter: Splitter,
    sequence: u8,
    flight: VecDeque<InFlight>,
    /// The first in `flight` to be sent, or sent again.
    next: usize,
    sent: VecDeque<Sent>,
    slots: usize,
    /// The number of the last IDENTIFY, and whether its answer is awaited.
    serial: u8,
    asking: bool,
    replies: Vec<u8>,
    /// Until when what was sent again may still be answered: no use in sending it once more.
    patience: Duration,
    deadline: Duration,
    tries: u32,
    progress: Duration,
    acknowledged: Option<Acknowledgement>,
    /// The last frame that is known to be executed though no acknowledgement of it, or of a later
    /// one, was heard.
    unheard: Option<u8>,
    /// The epoch that the device is in, and the one that it may be about to enter.
    epoch: [u32; 2],
    pub identity: Identity,
    pub statistics: LinkStatistics,
    pub pace: Pace,
    /// How long to wait for a port that is gone.
    pub wait: Duration,
    /// When the user's wish to end was first seen.
    stopping: Option<Instant>,
}

/// What the device says with an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub free_slots: u8,
    /// One of [`fixlearn_map::link::error`].
    pub error: u8,
    /// Vectors or iterations learned.
    pub learned: u32,
    /// The quantizer's sum of distances, the gradient core's last value.
    pub value: u64,
}

fn word(b: &[u8], at: usize) -> Option<u32> {
    b.get(at..at + 4).map(|w| u32::from_be_bytes([w[0], w[1], w[2], w[3]]))
}

impl Acknowledgement {
    /// Bytes on the wire.
    const BYTES: usize = 14;

    fn parse(b: &[u8]) -> Option<Self> {
        Some(Self {
            free_slots: *b.first()?,
            error: *b.get(1)?,
            learned: word(b, 2)?,
            value: u64::from(word(b, 6)?) | u64::from(word(b, 10)?) << 32,
        })
    }
}

/// The answer to IDENTIFY.
struct Answer {
    expected: u8,
    identity: Identity,
    acknowledgement: Acknowledgement,
    epoch: u32,
}

impl Answer {
    fn parse(payload: &[u8]) -> Option<Self> {
        let (&expected, body) = payload.split_first()?;
        let rest = body.get(IDENTITY_BYTES..)?;
        Some(Self {
            expected,
            identity: Identity::from_bytes(body)?,
            acknowledgement: Acknowledgement::parse(rest)?,
            epoch: word(rest, Acknowledgement::BYTES)?,
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
        let (answer, serial, after) = greet(port.as_mut(), &mut splitter)?;
        plausible(&answer.identity)
            .map_err(|message| Error::Port { port: port.name(), message })?;
        let now = port.now();
        let mut client = Self {
            port,
            splitter,
            sequence: answer.expected,
            flight: VecDeque::new(),
            next: 0,
            sent: VecDeque::new(),
            slots: usize::from(answer.identity.slots).clamp(2, SLOTS),
            serial,
            asking: false,
            replies: Vec::new(),
            patience: Duration::ZERO,
            deadline: now,
            tries: 0,
            progress: now,
            acknowledged: None,
            unheard: None,
            epoch: [answer.epoch; 2],
            identity: answer.identity,
            statistics: LinkStatistics::default(),
            pace: Pace::default(),
            wait: WAIT,
            stopping: None,
        };
        client.pace.answered(after);
        client.settle()?;
        Ok(client)
    }

    /// Opens the link anew after [`Error::Reset`]. What was in flight is forgotten.
    ///
    /// # Errors
    /// As [`Client::open`]; and if another device answers.
    pub fn recover(&mut self) -> Result<()> {
        self.statistics.resets += 1;
        self.flight.clear();
        self.next = 0;
        self.sent.clear();
        self.replies.clear();
        self.acknowledged = None;
        self.unheard = None;
        let (answer, serial, _) = loop {
            match greet(self.port.as_mut(), &mut self.splitter) {
                Err(Error::Port { .. }) if self.port.is_gone() => self.await_port()?,
                other => break other?,
            }
        };
        self.same_device(&answer)?;
        self.serial = serial;
        self.sequence = answer.expected;
        self.epoch = [answer.epoch; 2];
        self.settle()
    }

    /// Waits until all that was sent on opening is answered, and hears where the device stands.
    fn settle(&mut self) -> Result<()> {
        self.progress = self.port.now();
        self.ask()?;
        while self.asking {
            self.pump()?;
        }
        Ok(())
    }

    fn same_device(&self, answer: &Answer) -> Result<()> {
        if answer.identity == self.identity {
            return Ok(());
        }
        let message = "another device answers now, of another core or size; start again";
        Err(Error::Port { port: self.port.name(), message: message.into() })
    }

    /// Marks the state that was loaded as complete: from here on it is known whether the device
    /// still has it.
    pub fn begin_epoch(&mut self) -> Result<()> {
        let number = self.port.random().max(1);
        self.epoch[1] = number;
        let at = Place { memory: memory::LINK, row: 0, column: column::EPOCH };
        self.submit(Request::Write { at, columns: 256, words: vec![number] })?;
        self.finish()?;
        self.epoch[0] = number;
        Ok(())
    }

    /// Sends a request as soon as there is room, in as many frames as it takes; its replies are
    /// awaited later.
    pub fn submit(&mut self, request: Request) -> Result<()> {
        if let Request::Learn { vectors, .. } | Request::Recall { vectors, .. } = &request {
            self.statistics.sample_bytes += vectors.len() as u64;
        }
        if self.hand(&request)? {
            return Ok(());
        }
        let mut rest = Some(request);
        while let Some(mut piece) = rest.take() {
            while self.flight.len() >= self.window() {
                self.pump()?;
            }
            rest = piece.cut(self.pace.payload(self.window()));
            let counts = &mut self.statistics;
            if let Request::Learn { vectors, .. } = &piece {
                let bytes = vectors.len() as u64;
                counts.payload_most = counts.payload_most.max(bytes);
                let least = counts.payload_least;
                counts.payload_least = if least == 0 { bytes } else { least.min(bytes) };
            }
            counts.frames += 1;
            if self.flight.is_empty() {
                self.progress = self.port.now();
            }
            self.flight.push_back(InFlight::new(piece, self.sequence));
            self.sequence = self.sequence.wrapping_add(1);
            self.transmit()?;
        }
        Ok(())
    }

    /// Vectors go without frames to a device that is a call away, once it has done all else.
    fn hand(&mut self, request: &Request) -> Result<bool> {
        let vectors = match request {
            Request::Learn { vectors, .. } | Request::Recall { vectors, .. } if self.is_near() => {
                vectors
            }
            _ => return Ok(false),
        };
        self.heed_stop()?;
        self.finish()?;
        let Some(device) = self.port.device() else { return Ok(false) };
        match request {
            Request::Learn { .. } => device.learn(vectors),
            _ => self.replies.extend(device.recall(vectors)),
        }
        self.acknowledged = Acknowledgement::parse(&device.stands());
        Ok(true)
    }

    /// Whether the device is a call away, and not at the other end of a line.
    pub fn is_near(&mut self) -> bool {
        self.port.device().is_some()
    }

    /// Ends what is asked of the device, once the user's wish to end has had its time.
    fn heed_stop(&mut self) -> Result<()> {
        if stop::requested() {
            // The time to read back what was learned.
            let since = self.stopping.get_or_insert_with(Instant::now);
            if since.elapsed() > ENDING {
                return Err(Error::Interrupted);
            }
        }
        Ok(())
    }

    fn window(&self) -> usize {
        self.pace.window(self.slots)
    }

    /// Words from a place on.
    pub fn read(&mut self, at: Place, columns: usize, count: usize) -> Result<Vec<u32>> {
        self.finish()?;
        self.submit(Request::Read { at, columns, count })?;
        self.finish()?;
        let reply = self.take_reply();
        let words: Vec<u32> =
            reply.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect();
        if words.len() == count {
            Ok(words)
        } else {
            Err(Error::Port {
                port: self.port_name(),
                message: format!("sent {} words where {count} were asked for", words.len()),
            })
        }
    }

    /// The device's own counters of the link.
    pub fn counters(&mut self) -> Result<Counters> {
        let place = Place { memory: memory::LINK, row: 0, column: 0 };
        let at = self.read(place, 256, counter::COUNT)?;
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

    /// Waits until every command in flight is done; gives the last acknowledgement. If that was
    /// lost, the device is asked where it stands.
    ///
    /// # Errors
    /// If the device does not answer, was reset, or refused a command.
    pub fn finish(&mut self) -> Result<Option<Acknowledgement>> {
        while !self.flight.is_empty() {
            self.pump()?;
        }
        while self.unheard.is_some() {
            if !self.asking && self.sent.len() < self.slots {
                self.ask()?;
            }
            self.pump()?;
        }
        let last = self.acknowledged;
        match last.map(|a| a.error) {
            None | Some(0) => Ok(last),
            Some(error) => Err(Error::Port {
                port: self.port.name(),
                message: match error {
                    error::COMMAND => format!("the device does not know a command; {AGAIN}"),
                    error::LENGTH => format!("the device refused a command's length; {AGAIN}"),
                    error::RANGE => {
                        format!("the device refused a value as outside its range; {AGAIN}")
                    }
                    other => format!(
                        "the device refused a command with error {other}, which there is not; \
                         {AGAIN}"
                    ),
                },
            }),
        }
    }

    /// What RECALL and READ have answered so far, in order, since the last call.
    pub fn take_reply(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.replies)
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

    /// Sends what is due, as far as there are slots.
    fn transmit(&mut self) -> Result<()> {
        while !self.asking && self.next < self.flight.len() && self.sent.len() < self.window() {
            let frame = &mut self.flight[self.next];
            self.next += 1;
            if frame.done {
                continue;
            }
            let again = frame.copies > 0;
            frame.copies += 1;
            self.statistics.resent += u64::from(again);
            let (asked, wire) = (Asked::Command(frame.sequence), frame.wire.clone());
            self.put(asked, again, &wire)?;
        }
        Ok(())
    }

    fn put(&mut self, asked: Asked, again: bool, wire: &[u8]) -> Result<()> {
        if self.sent.is_empty() {
            self.deadline = self.port.now();
        }
        self.sent.push_back(Sent { asked, at: self.port.now(), bytes: wire.len(), again });
        self.deadline = self.deadline.max(self.port.now() + self.timeout());
        self.statistics.bytes += wire.len() as u64;
        self.pace.carried(wire.len());
        match self.port.send(wire) {
            Ok(()) => Ok(()),
            Err(_) => self.reconnect(),
        }
    }

    /// The time for an answer, with what is underway to be carried before.
    fn timeout(&self) -> Duration {
        let bytes: usize = self.sent.iter().map(|s| s.bytes).sum();
        let line = 10.0 * bytes as f64 / f64::from(self.identity.baud.max(1));
        // Each answer begins another time: it is that of one request.
        let busy = self.flight.iter().map(|f| f.request.takes()).max().unwrap_or_default();
        self.pace.timeout(self.tries) + Duration::from_secs_f64(line) + busy
    }

    /// Asks where the device stands, after a delimiter that ends whatever a damaged frame left
    /// open. Nothing else is sent until it has answered.
    fn ask(&mut self) -> Result<()> {
        self.serial = self.serial.wrapping_add(1);
        self.asking = true;
        let frame = Frame { command: command::IDENTIFY, sequence: self.serial, payload: vec![] };
        let mut wire = vec![0];
        wire.extend(frame.encode());
        self.put(Asked::Identify(self.serial), false, &wire)
    }

    /// Waits for something to happen, and does what follows from it.
    fn pump(&mut self) -> Result<()> {
        self.heed_stop()?;
        self.transmit()?;
        let wait = self.deadline.saturating_sub(self.port.now());
        match self.port.receive(wait) {
            Ok(bytes) => {
                self.pace.carried(bytes.len());
                // Who says something, whatever becomes of it, is there to be asked again.
                if !bytes.is_empty() {
                    self.tries = 0;
                }
                let before = self.splitter.discarded;
                let frames = self.splitter.push(&bytes);
                for _ in before..self.splitter.discarded {
                    self.damaged_reply();
                }
                for frame in frames {
                    self.handle(&frame)?;
                }
            }
            Err(_) => self.reconnect()?,
        }
        let now = self.port.now();
        if (self.asking || !self.flight.is_empty()) && now >= self.progress + SILENCE {
            let seconds = SILENCE.as_secs();
            let message = format!("nothing was done for {seconds} s; the device is gone or stuck");
            return Err(Error::Port { port: self.port.name(), message });
        }
        if now >= self.deadline {
            self.late()?;
        }
        Ok(())
    }

    /// A reply came that cannot be read: the frame that it answers has left the device's slots, and
    /// what the device says behind it comes within a round trip.
    fn damaged_reply(&mut self) {
        self.statistics.damaged_replies += 1;
        self.pace.damaged();
        self.sent.pop_front();
        self.deadline = self.deadline.min(self.port.now() + self.pace.round_trip());
    }

    /// The time for an answer is over.
    fn late(&mut self) -> Result<()> {
        let now = self.port.now();
        let lost = self.pace.lost();
        while self.sent.front().is_some_and(|s| now >= s.at + lost) {
            self.sent.pop_front();
        }
        self.tries += 1;
        self.deadline = now + self.timeout();
        if self.flight.is_empty() && !self.asking || self.sent.len() >= self.slots {
            return Ok(());
        }
        self.statistics.timeouts += 1;
        self.ask()
    }

    fn handle(&mut self, frame: &Frame) -> Result<()> {
        let Some((&expected, body)) = frame.payload.split_first() else {
            return Ok(());
        };
        if frame.command & REPLY == 0 {
            return Ok(());
        }
        let now = self.port.now();
        match frame.command & !REPLY {
            command::IDENTIFY => {
                let Some(answer) = Answer::parse(&frame.payload) else {
                    return Ok(());
                };
                self.same_device(&answer)?;
                if !self.epoch.contains(&answer.epoch) {
                    return Err(Error::Reset { port: self.port.name() });
                }
                self.left(Asked::Identify(frame.sequence));
                if self.asking && frame.sequence == self.serial {
                    self.resynchronize(expected);
                    self.acknowledge(answer.acknowledgement);
                }
            }
            command::NAK => {
                self.statistics.negative += 1;
                match body.first() {
                    Some(&cause::CLOSED) => {
                        return Err(Error::Reset { port: self.port.name() });
                    }
                    Some(&cause::GAP) => self.left(Asked::Command(frame.sequence)),
                    // All before the damaged one have left; it is the oldest, or one behind.
                    _ => {
                        self.sent.pop_front();
                        self.pace.damaged();
                    }
                }
                self.executed_before(expected);
                self.again();
            }
            command => {
                self.left(Asked::Command(frame.sequence));
                self.executed_before(expected);
                if !matches!(command, command::RECALL | command::READ) {
                    if let Some(acknowledgement) = Acknowledgement::parse(body) {
                        self.acknowledge(acknowledgement);
                    }
                }
                if let Some(at) = self.flight.iter().position(|f| f.sequence == frame.sequence) {
                    let f = &mut self.flight[at];
                    if f.request.needs_its_reply() && f.request.command() == command && !f.done {
                        f.done = true;
                        f.reply = body.to_vec();
                    }
                    // Replies come in order: one that is passed over was lost.
                    if self.flight.iter().take(at).any(|f| !f.done) {
                        self.again();
                    }
                }
            }
        }
        let before = self.flight.len();
        while self.flight.front().is_some_and(|f| f.done) {
            if let Some(f) = self.flight.pop_front() {
                self.replies.extend(f.reply);
            }
        }
        let done = before - self.flight.len();
        self.next = self.next.saturating_sub(done);
        if done > 0 || !self.asking && self.flight.is_empty() {
            self.progress = now;
        }
        self.deadline = now + self.timeout();
        Ok(())
    }

    /// A reply says that this frame, and all sent before it, have left the device's slots.
    fn left(&mut self, asked: Asked) {
        let Some(at) = self.sent.iter().position(|s| s.asked == asked) else {
            return;
        };
        // A frame that was sent twice does not say which copy was answered (Karn's rule).
        let sent = &self.sent[at];
        if !sent.again && self.sent.iter().skip(at + 1).all(|s| s.asked != asked) {
            self.pace.answered(self.port.now().saturating_sub(sent.at));
        }
        self.sent.drain(..=at);
    }

    /// An error is the device's last since the link was opened. A device that says one and then
    /// none has still refused a command.
    fn acknowledge(&mut self, mut said: Acknowledgement) {
        if said.error == error::NONE {
            said.error = self.acknowledged.map_or(error::NONE, |before| before.error);
        }
        self.acknowledged = Some(said);
        self.unheard = None;
    }

    /// Everything before this number has been executed.
    fn executed_before(&mut self, expected: u8) {
        for f in &mut self.flight {
            let behind = expected.wrapping_sub(f.sequence);
            if !f.done && !f.request.needs_its_reply() && (1..128).contains(&behind) {
                f.done = true;
                self.unheard = Some(f.sequence);
            }
        }
    }

    /// Sends what is not done once more, unless that has just been done.
    fn again(&mut self) {
        let now = self.port.now();
        if !self.asking && now >= self.patience {
            self.next = 0;
            self.patience = now + self.pace.round_trip();
        }
    }

    /// Nothing is underway, and the device expects this number: what is not done is cut and
    /// numbered anew from there.
    fn resynchronize(&mut self, expected: u8) {
        self.asking = false;
        self.sent.clear();
        self.executed_before(expected);
        let limit = self.pace.payload(self.window());
        self.sequence = expected;
        let mut lost = false;
        for f in std::mem::take(&mut self.flight) {
            if f.done {
                self.flight.push_back(f);
                continue;
            }
            lost |= f.copies > 0;
            let copies = f.copies;
            let mut rest = Some(f.request);
            while let Some(mut piece) = rest.take() {
                rest = piece.cut(limit);
                let copy = InFlight { copies, ..InFlight::new(piece, self.sequence) };
                self.flight.push_back(copy);
                self.sequence = self.sequence.wrapping_add(1);
            }
        }
        self.next = 0;
        self.patience = Duration::ZERO;
        if lost {
            self.pace.damaged();
        }
    }

    /// The port failed: waits until it is back, then asks where the device stands.
    fn reconnect(&mut self) -> Result<()> {
        self.await_port()?;
        self.statistics.reconnections += 1;
        self.splitter = Splitter::default();
        self.sent.clear();
        self.progress = self.port.now();
        self.ask()
    }

    fn await_port(&mut self) -> Result<()> {
        let begun = self.port.now();
        let (name, seconds) = (self.port.name(), self.wait.as_secs());
        output::say(format_args!("{name}: gone; waiting up to {seconds} s for it to come back"));
        loop {
            if stop::requested() {
                return Err(Error::Interrupted);
            }
            if self.port.now() >= begun.saturating_add(self.wait) {
                let message = format!("gone, and not back after {seconds} s; plug the board in");
                return Err(Error::Port { port: name, message });
            }
            if self.port.reopen(LOOK).is_ok() {
                return Ok(());
            }
        }
    }
}

/// Says whether a device can be what it says it is: time-outs are made of it.
fn plausible(identity: &Identity) -> std::result::Result<(), String> {
    let Identity { clock_hz, baud, slots, .. } = *identity;
    let rules = [
        ((100_000..=1_000_000_000).contains(&clock_hz), "clock", clock_hz),
        ((300..=clock_hz.max(300)).contains(&baud), "baud", baud),
        ((2..=SLOTS as u32).contains(&slots.into()), "number of slots", slots.into()),
    ];
    match rules.iter().find(|(holds, ..)| !holds) {
        Some((_, what, value)) => Err(format!(
            "says that its {what} is {value}, which cannot be; is it a fixlearn device?"
        )),
        None => Ok(()),
    }
}

/// What answers is a fixlearn device, of another version of the protocol.
fn another_version(port: String, version: Option<u8>) -> Error {
    let of = version.map_or("another version".into(), |version| format!("version {version}"));
    let message = format!(
        "is a fixlearn device that speaks {of} of the protocol, and this fixlearn version \
         {VERSION}; build its bitstream and flash it again with this fixlearn, or use the \
         fixlearn that built it"
    );
    Error::Port { port, message }
}

/// Opens the device's link: the answer, the number of the last question, and how long the one that
/// is answered has waited.
fn greet(port: &mut dyn Port, splitter: &mut Splitter) -> Result<(Answer, u8, Duration)> {
    let failed = |port: &dyn Port, e: std::io::Error| Error::Port {
        port: port.name(),
        message: format!("the port failed: {}", crate::unnumbered(&e)),
    };
    // Answers to a program before this one may still come: they have other numbers.
    let first = port.random() as u8;
    let mut heard = 0;
    for question in 0..OPENING.0 {
        let serial = first.wrapping_add(question as u8);
        let frame = Frame { command: command::IDENTIFY, sequence: serial, payload: vec![1] };
        let mut wire = vec![0];
        wire.extend(frame.encode());
        port.send(&wire).map_err(|e| failed(port, e))?;
        splitter.other = None;
        let mut refused = false;
        let begun = port.now();
        let end = begun + OPENING.1;
        while let Some(left) = port.until(end) {
            let bytes = port.receive(left).map_err(|e| failed(port, e))?;
            heard += bytes.len();
            for frame in splitter.push(&bytes) {
                let asked = frame.sequence.wrapping_sub(first) <= question as u8;
                if frame.command == command::IDENTIFY | REPLY && asked {
                    if let Some(answer) = Answer::parse(&frame.payload) {
                        // One to an earlier question has taken as much longer.
                        let earlier = u32::from(serial.wrapping_sub(frame.sequence));
                        let after = port.now() - begun + earlier * OPENING.1;
                        return Ok((answer, serial, after));
                    }
                }
                // What it cannot read, since it is of another version, it cannot answer.
                refused |= frame.command == command::NAK | REPLY
                    && frame.payload.get(1) == Some(&cause::VERSION);
            }
            // Not at first: that may be said to a program before this one.
            if question >= 2 && (refused || splitter.other.is_some()) {
                return Err(another_version(port.name(), splitter.other.take()));
            }
            if heard > 1 << 16 {
                break;
            }
        }
        if heard == 0 && question >= 7 {
            break;
        }
    }
    let message = if heard == 0 {
        "does not answer; is the board powered and programmed, and --baud right?".to_string()
    } else {
        format!(
            "answers, but not as a fixlearn device of this version ({heard} bytes of something \
             else); is this the right port, and --baud right?"
        )
    };
    Err(Error::Port { port: port.name(), message })
}
