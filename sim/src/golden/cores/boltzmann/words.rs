//! The machine on its bus: its memories as words, its vectors as bytes, and what a state must be.

use super::{connections, Boltzmann, Config, Given, States};
use crate::golden::arith::pair;
use crate::golden::core::{first_broken, registers_fit, Block, Core, Place};
use fixlearn_map::boltzmann::{memory, BoltzmannBuilt, NOISE_HIGH, NOISE_LOW, UNITS_MOST};

impl Core for Boltzmann {
    type Built = BoltzmannBuilt;

    fn power_up(built: &BoltzmannBuilt) -> Self {
        let units = built.units.into();
        Self::new(Config::power_up(units), units, built.lanes.into())
    }

    fn built(&self) -> BoltzmannBuilt {
        BoltzmannBuilt { units: self.units as u8, lanes: self.lanes as u8 }
    }

    fn check(&self, built: &BoltzmannBuilt) -> Result<(), String> {
        let (units, most) = (self.config.units.max(self.config.visible), built.units);
        if units > most.into() {
            return Err(format!("the core has at most {most} units, not {units}"));
        }
        Ok(())
    }

    fn validate(&self) -> Result<(), String> {
        let units = self.units;
        first_broken(&[
            ([8, 16, 32].contains(&units), "the units are not 8, 16 or 32"),
            ([4, 8].contains(&self.lanes), "the lanes are not 4 or 8"),
            (self.weights.len() == units * units, "the weights are not the units' square"),
            (self.residues.len() == connections(units), "there is not a residue a connection"),
            (
                self.differences.len() == connections(units),
                "there is not a difference a connection",
            ),
            (self.config.fits(units), "the units in use are not 1 to those that are built in"),
        ])?;
        registers_fit(self)
    }

    fn register(&self, number: u8) -> u32 {
        self.config.register(number)
    }

    fn set_register(&mut self, number: u8, word: u32) {
        match number {
            NOISE_LOW => self.noise_low = word,
            NOISE_HIGH => self.config.noise = pair(word, self.noise_low),
            _ => self.config.set_register(number, word),
        }
    }

    fn seed_low(&self) -> u32 {
        self.noise_low
    }

    fn memories(&self) -> Vec<Block> {
        let first = |memory: u8| Place { memory, row: 0, column: 0 };
        let units = self.config.units;
        let rows = self.weights.chunks(self.units).take(units);
        let weights = rows.flat_map(|row| row.iter().take(units)).map(|&w| byte(w));
        let used = connections(units);
        let residues = self.residues.iter().take(used).map(|&r| u32::from(r as u16));
        let differences = self.differences.iter().take(used).map(|&d| d as u32);
        vec![
            Block { name: "weight", at: first(memory::WEIGHT), words: weights.collect() },
            Block { name: "residue", at: first(memory::RESIDUE), words: residues.collect() },
            Block {
                name: "difference",
                at: first(memory::DIFFERENCE),
                words: differences.collect(),
            },
        ]
    }

    fn read_memory(&self, at: Place) -> Option<u32> {
        let (row, column) = (usize::from(at.row), usize::from(at.column));
        match at.memory {
            memory::WEIGHT if column < self.units => {
                self.weights.get(row * self.units + column).map(|&w| byte(w))
            }
            memory::RESIDUE => self.residues.get(connection(at)).map(|&r| u32::from(r as u16)),
            memory::DIFFERENCE => self.differences.get(connection(at)).map(|&d| d as u32),
            _ => None,
        }
    }

    fn write_memory(&mut self, at: Place, word: u32) -> bool {
        let (row, column) = (usize::from(at.row), usize::from(at.column));
        let k = connection(at);
        match at.memory {
            memory::WEIGHT if column < self.units => {
                let weight = self.weights.get_mut(row * self.units + column);
                weight.map(|w| *w = word as i8).is_some()
            }
            memory::RESIDUE => self.residues.get_mut(k).map(|r| *r = word as i16).is_some(),
            memory::DIFFERENCE => self.differences.get_mut(k).map(|d| *d = word as i32).is_some(),
            _ => false,
        }
    }

    fn vector_bytes(&self) -> usize {
        self.config.visible
    }

    fn answer_bytes(&self) -> usize {
        self.config.visible
    }

    fn learn(&mut self, vector: &[u8]) {
        self.adapt(&self.given(vector));
    }

    fn recall(&mut self, vector: &[u8]) -> Vec<u8> {
        let states: States = self.free(&self.given(vector));
        states.iter().take(self.config.visible).map(|&s| s as u8).collect()
    }
}

/// The number of the connection of a place.
fn connection(at: Place) -> usize {
    usize::from(at.row) * 256 + usize::from(at.column)
}

/// A level in the low bits of a word.
fn byte(level: i8) -> u32 {
    (level as u8).into()
}

impl Boltzmann {
    /// What a vector says of every unit in use.
    pub fn given(&self, vector: &[u8]) -> [Given; UNITS_MOST] {
        let mut given = [Given::Free; UNITS_MOST];
        let visible = self.config.visible.min(self.config.units);
        for (given, &byte) in given.iter_mut().zip(vector).take(visible) {
            *given = Given::from_byte(byte);
        }
        given
    }
}

impl Given {
    /// Its byte on the wire.
    pub fn byte(self) -> u8 {
        match self {
            Given::Free => 0x80,
            Given::Input(state) => state as u8 & 0xfe,
            Given::Target(state) => state as u8 | 1,
        }
    }

    /// What a byte says.
    pub fn from_byte(byte: u8) -> Self {
        match (byte & 0xfe, byte & 1) {
            (0x80, _) => Given::Free,
            (state, 0) => Given::Input(state as i8),
            (state, _) => Given::Target(state as i8),
        }
    }
}
