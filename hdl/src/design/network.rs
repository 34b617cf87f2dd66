//! The low-bit network: its size is lanes x words of weights x activations of a layer; `+learning`
//! lets the last layer learn.

use super::{CoreKind, Design, Target};
use crate::cores::network::NetworkCore;
use crate::fabric::Fabric;
use crate::verilog;
use fixlearn_map::link::Identity;
use fixlearn_map::network::{NetworkBuilt, CORE};
use fixlearn_map::Core;
use rust_hdl::prelude::*;

/// Lanes, and bits of the numbers of words and of activations, the largest first.
const SIZES: [(u8, u8, u8); 5] =
    [(16, 14, 13), (16, 12, 12), (8, 14, 11), (8, 11, 11), (8, 10, 10)];

/// The option of a size whose last layer can learn.
const LEARNING: &str = "+learning";

/// Its line in the registry.
pub struct Kind;

/// Every size, those that do not learn first.
fn all() -> impl Iterator<Item = NetworkBuilt> {
    [false, true].into_iter().flat_map(|learning| {
        SIZES.map(|(lanes, weight_bits, activation_bits)| NetworkBuilt {
            lanes,
            weight_bits,
            activation_bits,
            learning,
        })
    })
}

fn name(built: NetworkBuilt) -> String {
    let option = if built.learning { LEARNING } else { "" };
    format!("{}x{}x{}{option}", built.lanes, built.words(), built.activations())
}

impl CoreKind for Kind {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn form(&self) -> String {
        let plain = all().filter(|built| !built.learning).map(name);
        let sizes = plain.collect::<Vec<_>>().join(", ");
        format!("lanes x words of weights x activations: {sizes}; 8x1024x1024{LEARNING} to learn")
    }

    fn sizes(&self) -> Vec<String> {
        all().map(name).collect()
    }

    fn simulated_size(&self) -> String {
        format!("8x16384x2048{LEARNING}")
    }

    fn plain(&self, size: &str, target: Target) -> Result<Box<dyn Design>, String> {
        let built = all().find(|&built| name(built) == size);
        let built = built.ok_or_else(|| {
            format!("`{size}` is no size of a network core; give {}", self.form())
        })?;
        Ok(Box::new(NetworkDesign { built, target }))
    }
}

/// A network core of this size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct NetworkDesign {
    built: NetworkBuilt,
    target: Target,
}

impl NetworkDesign {
    fn top<const Q: usize>(&self, identity: Identity) -> String {
        let mut uut = NetworkTop::<Q>::new(identity, self.built, self.target.fabric);
        uut.clock.connect();
        uut.rx.connect();
        uut.connect_all();
        verilog::tidy(&generate_verilog(&uut))
    }
}

impl Design for NetworkDesign {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn size(&self) -> String {
        name(self.built)
    }

    fn identity(&self) -> Identity {
        Identity::of(&self.built, self.target.clock_hz, self.target.baud)
    }

    fn beat(&self) -> usize {
        8
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        Some(if self.built.lanes == 8 { self.top::<2>(identity) } else { self.top::<4>(identity) })
    }

    fn core_verilog(&self) -> Option<String> {
        let (built, fabric) = (self.built, self.target.fabric);
        Some(match built.lanes {
            8 => verilog::of(NetworkCore::<2>::new(built, fabric), "top"),
            _ => verilog::of(NetworkCore::<4>::new(built, fabric), "top"),
        })
    }

    /// Two lanes share an SB_MAC16; beside the lanes' there are two.
    fn multipliers(&self) -> usize {
        let lanes = usize::from(self.built.lanes);
        match self.target.fabric {
            Fabric::Inferred => lanes + 2,
            Fabric::Mac16 => lanes / 2 + 2,
            Fabric::Logic => 0,
        }
    }

    /// Inputs of a dense layer, with as many outputs as there are lanes.
    fn rated_dimension(&self) -> usize {
        64
    }

    fn learn_clocks(&self, inputs: usize) -> u64 {
        let lanes = u64::from(self.built.lanes);
        let inputs = inputs as u64;
        inputs + 3 + inputs.max(lanes) + lanes + 14
    }
}

top! {
    /// The low-bit network's.
    NetworkTop<Q>: [NetworkCore<Q>], network, 8;
    new(identity: Identity, built: fixlearn_map::network::NetworkBuilt, fabric: Fabric) {
        identity,
        false,
        NetworkCore::new(built, fabric)
    }
}
