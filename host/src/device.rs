//! A vector quantizer at the other end of a link.

use crate::client::{Acknowledgement, Client};
use crate::port::Port;
use crate::request::{Place, Request};
use crate::{Error, Result};
use fixlearn_map::link::{command, space};
use fixlearn_map::vq::{self as register, VqBuilt};
use fixlearn_sim::cosim::vq::{codebook_words, registers};
use fixlearn_sim::golden::vq::{Config, Match, Rounding, Vq};

/// Bytes of vectors handed to the link at once: how long a stop may take.
const PIECE: usize = 1 << 14;

/// Vectors of so many bytes handed to the link at once.
pub fn piece(size: usize) -> usize {
    (PIECE / size.max(1)).max(1)
}

/// An open vector quantizer.
pub struct Device {
    pub client: Client,
    built: VqBuilt,
    dimension: usize,
}

impl Device {
    /// # Errors
    /// As [`Client::open`]; and if the device has another core.
    pub fn open(port: Box<dyn Port>) -> Result<Self> {
        let client = Client::open(port)?;
        let Some(built) = client.identity.built::<VqBuilt>() else {
            return Err(Error::Port {
                port: client.port_name(),
                message: format!(
                    "has {}, not a vector quantizer",
                    fixlearn_map::title(client.identity.core)
                ),
            });
        };
        Ok(Self { client, built, dimension: built.dimension.into() })
    }

    /// The core's built size.
    pub fn built(&self) -> VqBuilt {
        self.built
    }

    /// Says whether this configuration fits the device, before anything is sent.
    ///
    /// # Errors
    /// Naming the size or the feature that the device lacks.
    pub fn check(&self, config: &Config) -> Result<()> {
        let id = self.built;
        let lacks = |what: String| Error::Port { port: self.client.port_name(), message: what };
        if config.codewords > id.codewords.into() || config.codewords == 0 {
            return Err(lacks(format!(
                "the core holds 1 to {} codewords, not {}",
                id.codewords, config.codewords
            )));
        }
        if config.dimension > id.dimension.into() || config.dimension == 0 {
            return Err(lacks(format!(
                "the core takes 1 to {} dimensions, not {}",
                id.dimension, config.dimension
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
        self.write(command::CONFIGURE, space::REGISTERS, words)
    }

    /// Writes configuration, codebook, residues and win counts, and begins an epoch.
    pub fn load(&mut self, vq: &Vq) -> Result<()> {
        self.configure(&vq.config)?;
        let words: Vec<u32> = codebook_words(vq).collect();
        self.write(command::WRITE, space::CODEBOOK, words)?;
        let counts: Vec<u32> = vq.counts.iter().map(|&c| c.into()).collect();
        self.write(command::WRITE, space::COUNTS, counts)?;
        self.client.begin_epoch()
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
        let r = self.read(space::REGISTERS, 0, 0, register::REGISTERS.len())?;
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

    /// Sends whole vectors to be learned, several frames in flight.
    pub fn learn(&mut self, vectors: &[u8]) -> Result<()> {
        self.client.submit(Request::Learn { vectors: vectors.to_vec(), size: self.dimension })
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
        // In pieces, to tell how far it is.
        for piece in vectors.chunks(piece(self.dimension) * self.dimension) {
            let vectors = piece.to_vec();
            self.client.submit(Request::Recall { vectors, size: self.dimension })?;
            self.take_matches(&mut found);
            progress(found.len());
        }
        self.client.finish()?;
        self.take_matches(&mut found);
        progress(found.len());
        Ok(found)
    }

    fn take_matches(&mut self, found: &mut Vec<Match>) {
        let reply = self.client.take_reply();
        found.extend(reply.chunks_exact(4).map(|b| Match {
            index: b[0].into(),
            distance: u32::from_be_bytes([0, b[1], b[2], b[3]]),
        }));
    }

    /// Words of one space, from the first on.
    pub fn read(&mut self, space: u8, row: usize, column: usize, count: usize) -> Result<Vec<u32>> {
        self.client.read(Place { row, column, ..self.place(space) }, count)
    }

    fn write(&mut self, command: u8, space: u8, words: Vec<u32>) -> Result<()> {
        self.client.submit(Request::Write { command, place: self.place(space), words })
    }

    /// The first word of a space.
    fn place(&self, space: u8) -> Place {
        let wrap = (space == space::CODEBOOK).then_some(self.dimension);
        Place { space, row: 0, column: 0, wrap }
    }
}
