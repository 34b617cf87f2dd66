//! The Boltzmann machine: its size is units x lanes.

use super::{CoreKind, Design, Target};
use crate::cores::boltzmann::BoltzmannCore;
use crate::fabric::Fabric;
use crate::verilog;
use fixlearn_map::boltzmann::{BoltzmannBuilt, CORE};
use fixlearn_map::link::Identity;
use fixlearn_map::Core;
use rust_hdl::prelude::*;

/// Units and lanes on offer, the largest first.
const SIZES: [(u8, u8); 5] = [(32, 8), (32, 4), (16, 8), (8, 8), (8, 4)];

/// Its line in the registry.
pub struct Kind;

impl CoreKind for Kind {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn form(&self) -> String {
        format!("units x lanes: {}", self.sizes().join(", "))
    }

    fn sizes(&self) -> Vec<String> {
        SIZES.iter().map(|(units, lanes)| format!("{units}x{lanes}")).collect()
    }

    fn simulated_size(&self) -> String {
        "32x8".into()
    }

    fn plain(&self, size: &str, target: Target) -> Result<Box<dyn Design>, String> {
        let named = |&&(units, lanes): &&(u8, u8)| format!("{units}x{lanes}") == size;
        let &(units, lanes) = SIZES.iter().find(named).ok_or_else(|| {
            format!("`{size}` is no size of a Boltzmann machine; give {}", self.form())
        })?;
        Ok(Box::new(BoltzmannDesign { built: BoltzmannBuilt { units, lanes }, target }))
    }
}

/// A Boltzmann machine of this size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct BoltzmannDesign {
    built: BoltzmannBuilt,
    target: Target,
}

impl BoltzmannDesign {
    fn top<const L: usize>(&self, identity: Identity) -> String {
        let mut uut = BoltzmannTop::<L>::new(identity, self.built, self.target.fabric);
        uut.clock.connect();
        uut.rx.connect();
        uut.connect_all();
        verilog::tidy(&generate_verilog(&uut))
    }
}

impl Design for BoltzmannDesign {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn size(&self) -> String {
        format!("{}x{}", self.built.units, self.built.lanes)
    }

    fn identity(&self) -> Identity {
        Identity::of(&self.built, self.target.clock_hz, self.target.baud)
    }

    fn beat(&self) -> usize {
        8
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        Some(if self.built.lanes == 4 { self.top::<4>(identity) } else { self.top::<8>(identity) })
    }

    fn core_verilog(&self) -> Option<String> {
        let (built, fabric) = (self.built, self.target.fabric);
        Some(match built.lanes {
            4 => verilog::of(BoltzmannCore::<4>::new(built, fabric), "top"),
            _ => verilog::of(BoltzmannCore::<8>::new(built, fabric), "top"),
        })
    }

    /// One a lane, the gain's, and that of correlations and ladder.
    fn multipliers(&self) -> usize {
        match self.target.fabric {
            Fabric::Inferred | Fabric::Mac16 => usize::from(self.built.lanes) + 2,
            Fabric::Logic => 0,
        }
    }

    /// Units in use, of which one is hidden.
    fn rated_dimension(&self) -> usize {
        7
    }

    /// With the ladder as at power-up, within an epoch; one unit is not visible.
    fn learn_clocks(&self, units: usize) -> u64 {
        let lanes = usize::from(self.built.lanes);
        let groups = usize::from(self.built.units) / lanes;
        let tokens = 2 * units * units.div_ceil(lanes);
        let connections = units * (units - 1) / 2;
        (units - 1 + 5 * groups + 12 * (tokens + 8) + 4 * connections + 5) as u64
    }
}

top! {
    /// The Boltzmann machine's, of `L` lanes.
    BoltzmannTop<L>: [BoltzmannCore<L>], boltzmann, 8;
    new(identity: Identity, built: BoltzmannBuilt, fabric: Fabric) {
        identity,
        false,
        BoltzmannCore::new(built, fabric)
    }
}
