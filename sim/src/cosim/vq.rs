//! The vector quantizer's core under co-simulation: samples in, results out, memories by the bus.

use super::bus::Bus;
use super::{Model, PortId};
use crate::golden::vq::{Match, Vq};
pub use crate::golden::words::registers;
use fixlearn_map::link::space;

struct Ports {
    sample_data: PortId,
    sample_valid: PortId,
    sample_learn: PortId,
    sample_ready: PortId,
    result_valid: PortId,
    result_ready: PortId,
    result_index: PortId,
    result_distance: PortId,
    dimension_last: PortId,
    samples_signed: PortId,
}

/// What one vector took, in clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cycles {
    /// From the first beat offered to the result valid, both included.
    pub result: u64,
    /// From the result taken to the core free for the next vector.
    pub update: u64,
}

/// A core in simulation.
pub struct Core {
    pub bus: Bus,
    ports: Ports,
    lanes: usize,
}

impl Core {
    /// Clears the memories and waits until the core is free.
    pub fn new(model: Model, lanes: usize) -> Self {
        let p = |name: &str| model.port(name);
        let ports = Ports {
            sample_data: p("sample_data"),
            sample_valid: p("sample_valid"),
            sample_learn: p("sample_learn"),
            sample_ready: p("sample_ready"),
            result_valid: p("result_valid"),
            result_ready: p("result_ready"),
            result_index: p("result_index"),
            result_distance: p("result_distance"),
            dimension_last: p("dimension_last"),
            samples_signed: p("samples_signed"),
        };
        Self { bus: Bus::new(model), ports, lanes }
    }

    /// Puts the golden model's whole state into the core; false if it refused any of it.
    pub fn load(&mut self, vq: &Vq) -> bool {
        let mut ok = true;
        for (register, word) in registers(&vq.config) {
            ok &= self.bus.write(space::REGISTERS, 0, register.into(), word);
        }
        let d = vq.config.dimension;
        for (i, word) in codebook_words(vq).enumerate() {
            ok &= self.bus.write(space::CODEBOOK, i / d, i % d, word);
        }
        for (i, &count) in vq.counts.iter().enumerate() {
            ok &= self.bus.write(space::COUNTS, 0, i, count.into());
        }
        ok
    }

    /// The first difference between the core's state and the golden model's, in words.
    pub fn difference(&mut self, vq: &Vq) -> Option<String> {
        for (register, expected) in registers(&vq.config) {
            let found = self.bus.read(space::REGISTERS, 0, register.into());
            if found != expected {
                return Some(format!("register {register}: {found:#x}, golden {expected:#x}"));
            }
        }
        let d = vq.config.dimension;
        let (model, ports) = (&self.bus.model, &self.ports);
        if model.get(ports.dimension_last) != d as u64 - 1
            || (model.get(ports.samples_signed) != 0) != vq.config.signed
        {
            return Some("what the core says of its samples".into());
        }
        for (i, expected) in codebook_words(vq).enumerate() {
            let found = self.bus.read(space::CODEBOOK, i / d, i % d);
            if found != expected {
                let (row, column) = (i / d, i % d);
                return Some(format!(
                    "codeword {row}, dimension {column}: {found:#x}, golden {expected:#x}"
                ));
            }
        }
        for (i, &count) in vq.counts.iter().enumerate() {
            let found = self.bus.read(space::COUNTS, 0, i);
            if found != u32::from(count) {
                return Some(format!("win count {i}: {found}, golden {count}"));
            }
        }
        None
    }

    /// Runs one vector. `gaps` are clocks to wait before each beat and before taking the result,
    /// in turn; while the result waits it must not change.
    pub fn run(
        &mut self,
        sample: &[u8],
        signed: bool,
        learn: bool,
        gaps: &[u8],
    ) -> (Match, Cycles) {
        let mut gaps = gaps.iter().cycle().copied();
        let mut gap = || gaps.next().unwrap_or(0);
        let mut cycles = Cycles::default();
        for beat in sample.chunks(self.lanes) {
            for _ in 0..gap() {
                self.bus.model.step();
                cycles.result += 1;
            }
            let mut bytes = vec![0; self.lanes];
            for (b, &x) in bytes.iter_mut().zip(beat) {
                *b = if signed { x ^ 0x80 } else { x };
            }
            self.bus.model.set_bytes(self.ports.sample_data, &bytes);
            self.bus.model.set(self.ports.sample_learn, learn.into());
            self.bus.model.set(self.ports.sample_valid, 1);
            self.bus.model.settle();
            assert_eq!(self.bus.model.get(self.ports.sample_ready), 1, "a free core takes beats");
            self.bus.model.step();
            cycles.result += 1;
            self.bus.model.set(self.ports.sample_valid, 0);
        }
        loop {
            self.bus.model.settle();
            cycles.result += 1;
            assert_eq!(self.bus.model.get(self.ports.sample_ready), 0, "a busy core takes no beat");
            if self.bus.model.get(self.ports.result_valid) != 0 {
                break;
            }
            self.bus.model.step();
            assert!(cycles.result < 1 << 20, "no result");
        }
        let found = self.result();
        for _ in 0..gap() {
            self.bus.model.step();
            assert_eq!(
                self.bus.model.get(self.ports.result_valid),
                1,
                "a stalled result stays valid"
            );
            assert_eq!(self.result(), found, "a stalled result does not change");
        }
        self.bus.model.set(self.ports.result_ready, 1);
        self.bus.model.step();
        self.bus.model.set(self.ports.result_ready, 0);
        cycles.update = self.bus.wait_free();
        assert_eq!(self.bus.model.get(self.ports.result_valid), 0, "there is one result");
        (found, cycles)
    }

    fn result(&self) -> Match {
        Match {
            index: self.bus.model.get(self.ports.result_index) as usize,
            distance: self.bus.model.get(self.ports.result_distance) as u32,
        }
    }
}

/// The codebook as bus words: residue in bits 23..16, codeword in 14..0.
pub fn codebook_words(vq: &Vq) -> impl Iterator<Item = u32> + '_ {
    vq.codebook.iter().zip(&vq.residues).map(|(&w, &r)| u32::from(w) | u32::from(r) << 16)
}
