//! The fusion node: its size is its places for combinations.

use super::{CoreKind, Design, Target};
use crate::cores::fusion::FusionCore;
use crate::fabric::Fabric;
use crate::verilog;
use fixlearn_map::fusion::{FusionBuilt, CORE};
use fixlearn_map::link::Identity;
use fixlearn_map::Core;
use rust_hdl::prelude::*;

/// Its line in the registry.
pub struct Kind;

/// Bits of the number of places, of every size.
const SIZES: [u8; 3] = [14, 12, 10];

impl CoreKind for Kind {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn form(&self) -> String {
        format!("its places for combinations ({})", self.sizes().join(", "))
    }

    fn sizes(&self) -> Vec<String> {
        SIZES.map(|bits| (1_u32 << bits).to_string()).to_vec()
    }

    fn simulated_size(&self) -> String {
        "16384".into()
    }

    fn plain(&self, size: &str, target: Target) -> Result<Box<dyn Design>, String> {
        let place_bits = SIZES.into_iter().find(|bits| size == (1_u32 << bits).to_string());
        let place_bits = place_bits.ok_or_else(|| {
            let form = self.form();
            format!("`{size}` is no size of a fusion core; give {form}")
        })?;
        Ok(Box::new(FusionDesign { place_bits, target }))
    }
}

/// The fusion node with places for `2^place_bits` combinations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct FusionDesign {
    place_bits: u8,
    target: Target,
}

impl FusionDesign {
    fn built(self) -> FusionBuilt {
        FusionBuilt { place_bits: self.place_bits }
    }
}

impl Design for FusionDesign {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn size(&self) -> String {
        self.built().places().to_string()
    }

    fn identity(&self) -> Identity {
        Identity::of(&self.built(), self.target.clock_hz, self.target.baud)
    }

    fn beat(&self) -> usize {
        32
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        let mut uut = FusionTop::new(identity, self.built(), self.target.fabric);
        uut.clock.connect();
        uut.rx.connect();
        uut.connect_all();
        Some(verilog::tidy(&generate_verilog(&uut)))
    }

    fn core_verilog(&self) -> Option<String> {
        Some(verilog::of(FusionCore::new(self.built(), self.target.fabric), "top"))
    }

    fn multipliers(&self) -> usize {
        0
    }

    /// Nodes, of 3 bits each.
    fn rated_dimension(&self) -> usize {
        5
    }

    fn learn_clocks(&self, nodes: usize) -> u64 {
        4 * (1 + 7 * nodes as u64) + 27
    }
}

top! {
    /// The fusion node's.
    FusionTop<>: [FusionCore], fusion, 32;
    new(identity: Identity, built: fixlearn_map::fusion::FusionBuilt, fabric: Fabric) {
        identity,
        false,
        FusionCore::new(built, fabric)
    }
}
