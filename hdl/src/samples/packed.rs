//! A design that unpacks vectors at its core's door.

use super::between::before;
use super::Door;
use crate::design::Design;
use crate::verilog;
use fixlearn_map::link::Identity;
use fixlearn_map::Core;

/// What a size that unpacks says.
pub const PACKED: &str = "+packed";

/// A design whose core has [`Door`] before it.
pub struct Packed(pub Box<dyn Design>);

impl Packed {
    /// The core's module with the door before it.
    fn around(&self, text: &str, core: &str) -> Option<String> {
        let door = match self.0.beat() {
            8 => verilog::of(Door::<8>::default(), "door"),
            16 => verilog::of(Door::<16>::default(), "door"),
            32 => verilog::of(Door::<32>::default(), "door"),
            64 => verilog::of(Door::<64>::default(), "door"),
            128 => verilog::of(Door::<128>::default(), "door"),
            _ => return None,
        };
        before(text, core, &[("door", door)], "packed_core").map(|(text, _)| text)
    }
}

impl Design for Packed {
    fn core(&self) -> &'static Core {
        self.0.core()
    }

    fn size(&self) -> String {
        format!("{}{PACKED}", self.0.size())
    }

    fn identity(&self) -> Identity {
        Identity { unpacks: true, ..self.0.identity() }
    }

    fn beat(&self) -> usize {
        self.0.beat()
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        self.around(&self.0.top_of(identity)?, "top$core")
    }

    fn core_verilog(&self) -> Option<String> {
        self.around(&self.0.core_verilog()?, "top")
    }

    fn multipliers(&self) -> usize {
        self.0.multipliers()
    }

    fn rated_dimension(&self) -> usize {
        self.0.rated_dimension()
    }

    fn learn_clocks(&self, dimension: usize) -> u64 {
        self.0.learn_clocks(dimension)
    }

    fn recall_clocks(&self, dimension: usize) -> Option<u64> {
        self.0.recall_clocks(dimension)
    }

    fn advice(&self) -> String {
        self.0.advice()
    }
}
