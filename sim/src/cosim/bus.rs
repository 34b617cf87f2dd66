//! A core's bus: words by memory, row and column, while the core is not busy.

use super::{Model, PortId};
use crate::golden::Place;

/// A core in simulation, spoken to by its bus.
pub struct Bus {
    pub model: Model,
    clear: PortId,
    memory: PortId,
    row: PortId,
    column: PortId,
    write: PortId,
    write_data: PortId,
    read_data: PortId,
    refused: PortId,
    column_last: PortId,
    busy: PortId,
    /// Clocks from power-up until the core was free.
    pub power_up: u64,
    /// Clocks that the next address is there for longer than it must be, 0 to 2 in turn: what
    /// changes in every clock is then seen, and not only what changes in every other one.
    longer: u64,
}

impl Bus {
    /// Waits until the core is free.
    pub fn new(model: Model) -> Self {
        let p = |name: &str| model.port(name);
        let mut bus = Self {
            clear: p("clear"),
            memory: p("bus_memory"),
            row: p("bus_row"),
            column: p("bus_column"),
            write: p("bus_write"),
            write_data: p("bus_write_data"),
            read_data: p("bus_read_data"),
            refused: p("bus_refused"),
            column_last: p("column_last"),
            busy: p("busy"),
            power_up: 0,
            longer: 0,
            model,
        };
        bus.power_up = bus.wait_free();
        bus
    }

    /// The port that says that the core works.
    pub(super) fn busy(&self) -> PortId {
        self.busy
    }

    /// Clears memories and registers; the clocks that it took.
    pub fn clear(&mut self) -> u64 {
        self.model.set(self.clear, 1);
        self.model.step();
        self.model.set(self.clear, 0);
        self.wait_free()
    }

    /// Clocks until the core is free.
    pub fn wait_free(&mut self) -> u64 {
        let mut waited = 0;
        loop {
            self.model.settle();
            if self.model.get(self.busy) == 0 {
                return waited;
            }
            self.model.step();
            waited += 1;
            assert!(waited < 1 << 20, "the core stays busy");
        }
    }

    /// As [`Bus::wait_free`] for work that may take minutes: looks every eight clocks.
    pub fn wait_long(&mut self) {
        self.model.settle();
        for _ in 0..1_u64 << 30 {
            if self.model.get(self.busy) == 0 {
                return;
            }
            self.model.cycles(8);
        }
        panic!("the core stays busy");
    }

    /// Writes one word; false if the core refused it.
    pub fn write(&mut self, at: Place, word: u32) -> bool {
        self.address(at);
        self.model.set(self.write_data, word.into());
        self.model.step();
        self.model.set(self.write, 1);
        self.model.settle();
        let refused = self.model.get(self.refused) != 0;
        self.model.step();
        self.model.set(self.write, 0);
        !refused
    }

    pub fn read(&mut self, at: Place) -> u32 {
        self.address(at);
        self.model.cycles(4);
        self.model.get(self.read_data) as u32
    }

    /// Words of a row of this memory.
    pub fn row(&mut self, memory: u8) -> usize {
        self.model.set(self.memory, memory.into());
        self.model.settle();
        self.model.get(self.column_last) as usize + 1
    }

    fn address(&mut self, at: Place) {
        self.model.set(self.memory, at.memory.into());
        self.model.set(self.row, at.row.into());
        self.model.set(self.column, at.column.into());
        self.model.cycles(self.longer);
        self.longer = (self.longer + 1) % 3;
    }
}
