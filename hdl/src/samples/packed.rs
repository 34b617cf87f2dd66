//! A design that unpacks vectors at its core's door.

use super::between::before;
use super::Door;
use crate::design::Design;
use crate::verilog;
use fixlearn_map::link::Identity;

/// What a size that unpacks says.
pub const PACKED: &str = "+packed";

/// A design whose core has [`Door`] before it.
pub struct Packed {
    design: Box<dyn Design>,
}

impl Packed {
    /// The core of this design behind the door.
    pub fn new(design: Box<dyn Design>) -> Self {
        Self { design }
    }

    /// The core's module with the door before it.
    fn around(&self, text: &str, core: &str) -> Option<String> {
        let door = match self.design.beat() {
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
    as_its_core!();

    fn size(&self) -> String {
        format!("{}{PACKED}", self.design.size())
    }

    fn identity(&self) -> Identity {
        Identity { unpacks: true, ..self.design.identity() }
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        self.around(&self.design.top_of(identity)?, "top$core")
    }

    fn core_verilog(&self) -> Option<String> {
        self.around(&self.design.core_verilog()?, "top")
    }
}
