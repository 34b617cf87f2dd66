//! A vector quantizer at the other end of a link.

use crate::client::{Acknowledgement, Client};
use crate::port::Port;
use crate::{Error, Result};
use fixlearn_hdl::protocol::{
    command, counter, register, space, Identity, CORE_VQ, PAYLOAD_MAX, READ_MAX, RECALL_MAX,
};
use fixlearn_sim::cosim::vq::{codebook_words, registers};
use fixlearn_sim::golden::vq::{Config, Match, Rounding, Vq};

/// Words in one WRITE.
const WRITE_MAX: usize = (PAYLOAD_MAX - 3) / 4;

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

/// An open vector quantizer.
pub struct Device {
    pub client: Client,
    dimension: usize,
}

impl Device {
    /// # Errors
    /// As [`Client::open`]; and if the device has another core.
    pub fn open(port: Box<dyn Port>) -> Result<Self> {
        let client = Client::open(port)?;
        if client.identity.core != CORE_VQ {
            return Err(Error::Port {
                port: client.port_name(),
                message: format!(
                    "has core number {}, not a vector quantizer",
                    client.identity.core
                ),
            });
        }
        let dimension = client.identity.max_dimension.into();
        Ok(Self { client, dimension })
    }

    pub fn identity(&self) -> Identity {
        self.client.identity
    }

    /// Says whether this configuration fits the device, before anything is sent.
    ///
    /// # Errors
    /// Naming the size or the feature that the device lacks.
    pub fn check(&self, config: &Config) -> Result<()> {
        let id = self.identity();
        let lacks = |what: String| Error::Port { port: self.client.port_name(), message: what };
        if config.codewords > id.max_codewords.into() || config.codewords == 0 {
            return Err(lacks(format!(
                "the core holds 1 to {} codewords, not {}",
                id.max_codewords, config.codewords
            )));
        }
        if config.dimension > id.max_dimension.into() || config.dimension == 0 {
            return Err(lacks(format!(
                "the core takes 1 to {} dimensions, not {}",
                id.max_dimension, config.dimension
            )));
        }
        if config.rounding == Rounding::ErrorFeedback && !id.residues {
            return Err(lacks("the core was built without residues for error feedback".into()));
        }
        Ok(())
    }

    /// Writes the configuration.
    pub fn configure(&mut self, config: &Config) -> Result<()> {
        self.check(config)?;
        let words: Vec<u32> = registers(config).iter().map(|&(_, word)| word).collect();
        debug_assert!(registers(config).iter().enumerate().all(|(i, &(r, _))| i == usize::from(r)));
        self.dimension = config.dimension;
        self.write(command::CONFIGURE, space::REGISTERS, 0, 0, &words)
    }

    /// Writes configuration, codebook, residues and win counts.
    pub fn load(&mut self, vq: &Vq) -> Result<()> {
        self.configure(&vq.config)?;
        let words: Vec<u32> = codebook_words(vq).collect();
        self.write(command::WRITE, space::CODEBOOK, 0, 0, &words)?;
        let counts: Vec<u32> = vq.counts.iter().map(|&c| c.into()).collect();
        self.write(command::WRITE, space::COUNTS, 0, 0, &counts)?;
        self.client.finish().map(|_| ())
    }

    /// Reads the whole state back into `vq`, which says how much of it there is and holds the
    /// settings that do not change by learning.
    pub fn save(&mut self, vq: &mut Vq) -> Result<()> {
        let size = vq.codebook.len();
        for (i, word) in self.read(space::CODEBOOK, 0, 0, size)?.into_iter().enumerate() {
            vq.codebook[i] = word as u16;
            vq.residues[i] = (word >> 16) as u8;
        }
        let counts = self.read(space::COUNTS, 0, 0, vq.counts.len())?;
        for (count, word) in vq.counts.iter_mut().zip(counts) {
            *count = word as u16;
        }
        let r = self.read(space::REGISTERS, 0, 0, register::COUNT)?;
        let at = |i: u8| r[usize::from(i)];
        let pair = |low: u8, high: u8| u64::from(at(low)) | u64::from(at(high)) << 32;
        let c = &mut vq.config;
        c.rate_shift = at(register::RATE_SHIFT);
        c.rate_timer = at(register::RATE_TIMER);
        c.radius = at(register::RADIUS) as usize;
        c.radius_timer = at(register::RADIUS_TIMER);
        c.halve = at(register::HALVE) != 0;
        c.noise = pair(register::NOISE_LOW, register::NOISE_HIGH);
        c.vectors = at(register::VECTORS);
        c.distortion = pair(register::DISTORTION_LOW, register::DISTORTION_HIGH);
        Ok(())
    }

    /// Vectors of `dimension` bytes that one LEARN carries.
    pub fn learn_max(&self) -> usize {
        PAYLOAD_MAX / self.dimension
    }

    /// Sends whole vectors to be learned, several frames in flight.
    pub fn learn(&mut self, vectors: &[u8]) -> Result<()> {
        for payload in vectors.chunks(self.learn_max() * self.dimension) {
            self.client.submit(command::LEARN, payload.to_vec())?;
        }
        Ok(())
    }

    /// Waits for all that was sent.
    pub fn finish(&mut self) -> Result<Option<Acknowledgement>> {
        self.client.finish()
    }

    /// The nearest codeword to each vector. `progress` gets the number done so far.
    pub fn recall(
        &mut self,
        vectors: &[u8],
        mut progress: impl FnMut(usize),
    ) -> Result<Vec<Match>> {
        let mut found = Vec::with_capacity(vectors.len() / self.dimension);
        let many = RECALL_MAX.min(PAYLOAD_MAX / self.dimension);
        for payload in vectors.chunks(many * self.dimension) {
            self.client.submit(command::RECALL, payload.to_vec())?;
            self.take_matches(&mut found);
            progress(found.len());
        }
        self.client.finish()?;
        self.take_matches(&mut found);
        progress(found.len());
        Ok(found)
    }

    fn take_matches(&mut self, found: &mut Vec<Match>) {
        while let Some(reply) = self.client.take_reply() {
            found.extend(reply.chunks_exact(4).map(|b| Match {
                index: b[0].into(),
                distance: u32::from_be_bytes([0, b[1], b[2], b[3]]),
            }));
        }
    }

    /// The device's own counters of the link.
    pub fn counters(&mut self) -> Result<Counters> {
        let at = self.read(space::COUNTERS, 0, 0, counter::COUNT)?;
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

    /// Words of one space, from the first on.
    pub fn read(&mut self, space: u8, row: usize, column: usize, count: usize) -> Result<Vec<u32>> {
        self.client.finish()?;
        let mut words = Vec::with_capacity(count);
        let mut next = (row, column);
        let mut left = count;
        while left > 0 {
            let many = left.min(READ_MAX);
            self.client
                .submit(command::READ, vec![space, next.0 as u8, next.1 as u8, many as u8])?;
            next = self.after(space, next, many);
            left -= many;
        }
        self.client.finish()?;
        while let Some(reply) = self.client.take_reply() {
            words.extend(
                reply.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])),
            );
        }
        if words.len() == count {
            Ok(words)
        } else {
            Err(Error::Port {
                port: self.client.port_name(),
                message: format!("sent {} words where {count} were asked for", words.len()),
            })
        }
    }

    fn write(
        &mut self,
        command: u8,
        space: u8,
        row: usize,
        column: usize,
        words: &[u32],
    ) -> Result<()> {
        let mut next = (row, column);
        for chunk in words.chunks(WRITE_MAX) {
            let mut payload = vec![space, next.0 as u8, next.1 as u8];
            payload.extend(chunk.iter().flat_map(|w| w.to_be_bytes()));
            self.client.submit(command, payload)?;
            next = self.after(space, next, chunk.len());
        }
        Ok(())
    }

    /// The address `words` further on.
    fn after(&self, space: u8, (row, column): (usize, usize), words: usize) -> (usize, usize) {
        if space == space::CODEBOOK {
            let at = row * self.dimension + column + words;
            (at / self.dimension, at % self.dimension)
        } else {
            (row, column + words)
        }
    }
}
