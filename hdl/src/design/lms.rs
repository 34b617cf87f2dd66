//! The adaptive filter: its size is its taps.

use super::{CoreKind, Design, Target};
use crate::cores::lms::{LmsCore, TAPS};
use crate::fabric::Fabric;
use crate::verilog;
use fixlearn_map::link::Identity;
use fixlearn_map::lms::{LmsBuilt, CORE};
use fixlearn_map::Core;
use rust_hdl::prelude::*;

/// Its line in the registry.
pub struct Kind;

impl CoreKind for Kind {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn form(&self) -> String {
        format!("{TAPS}, its most taps")
    }

    /// One: a filter of fewer taps would take as many block RAMs.
    fn sizes(&self) -> Vec<String> {
        vec![TAPS.to_string()]
    }

    fn simulated_size(&self) -> String {
        TAPS.to_string()
    }

    fn plain(&self, size: &str, target: Target) -> Result<Box<dyn Design>, String> {
        if size != TAPS.to_string() {
            let form = self.form();
            return Err(format!("`{size}` is no size of an adaptive filter; give {form}"));
        }
        Ok(Box::new(LmsDesign { target }))
    }
}

/// The adaptive filter of 256 taps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct LmsDesign {
    target: Target,
}

impl Design for LmsDesign {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn size(&self) -> String {
        TAPS.to_string()
    }

    fn identity(&self) -> Identity {
        Identity::of(&LmsBuilt { taps: TAPS }, self.target.clock_hz, self.target.baud)
    }

    fn beat(&self) -> usize {
        32
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        let mut uut = LmsTop::new(identity, self.target.fabric);
        uut.clock.connect();
        uut.rx.connect();
        uut.connect_all();
        Some(verilog::tidy(&generate_verilog(&uut)))
    }

    fn core_verilog(&self) -> Option<String> {
        Some(verilog::of(LmsCore::new(self.target.fabric), "top"))
    }

    fn multipliers(&self) -> usize {
        match self.target.fabric {
            Fabric::Inferred | Fabric::Mac16 => 1,
            Fabric::Logic => 0,
        }
    }

    /// Taps.
    fn rated_dimension(&self) -> usize {
        32
    }

    fn learn_clocks(&self, taps: usize) -> u64 {
        2 * taps as u64 + 11
    }
}

top! {
    /// The adaptive filter's.
    LmsTop<>: [LmsCore], lms, 32;
    new(identity: Identity, fabric: Fabric) {
        identity,
        false,
        LmsCore::new(fabric)
    }
}
