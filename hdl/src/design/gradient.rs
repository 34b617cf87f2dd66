//! The gradient core: its size is the objectives that are built in.

use super::{CoreKind, Design, Target};
use crate::cores::gradient::{Evaluator, GradientCore, OBJECTIVES};
use crate::fabric::Fabric;
use crate::verilog;
use fixlearn_map::gradient::{GradientBuilt, CORE};
use fixlearn_map::link::Identity;
use fixlearn_map::Core;
use rust_hdl::prelude::*;
use std::cmp::Reverse;

/// Its line in the registry.
pub struct Kind;

impl CoreKind for Kind {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn form(&self) -> String {
        let names = OBJECTIVES.iter().map(|o| o.name).collect::<Vec<_>>().join(", ");
        format!("objectives with commas between them ({names}), as quadratic,linear, or all")
    }

    /// By the number of objectives; those with a linear model first.
    fn sizes(&self) -> Vec<String> {
        let mut sizes: Vec<u16> = (1..=ALL_OBJECTIVES).collect();
        sizes.sort_by_key(|bits| Reverse((bits.count_ones(), bits & LINEAR, *bits)));
        sizes.into_iter().map(names).collect()
    }

    fn simulated_size(&self) -> String {
        "all".into()
    }

    fn plain(&self, size: &str, target: Target) -> Result<Box<dyn Design>, String> {
        let Target { fabric, clock_hz, baud } = target;
        let objectives = match size {
            "all" => ALL_OBJECTIVES,
            _ => size.split(',').try_fold(0, |bits, name| {
                let found = OBJECTIVES.iter().find(|o| o.name == name);
                found.map(|o| bits | 1 << o.number).ok_or_else(|| {
                    format!(
                        "`{size}` is no size of a gradient core, since `{name}` is no objective; \
                         give {}",
                        self.form()
                    )
                })
            })?,
        };
        Ok(Box::new(GradientDesign { objectives, fabric, clock_hz, baud }))
    }
}

/// The names of these objectives, by number.
fn names(objectives: u16) -> String {
    let built = OBJECTIVES.iter().filter(|o| objectives >> o.number & 1 == 1);
    built.map(|o| o.name).collect::<Vec<_>>().join(",")
}

/// The gradient core of 64 dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GradientDesign {
    /// A bit for each objective that is built in, by its number: [`ALL_OBJECTIVES`], or fewer for
    /// a small FPGA.
    pub objectives: u16,
    pub fabric: Fabric,
    pub clock_hz: u32,
    pub baud: u32,
}

/// A bit for each objective that there is.
pub const ALL_OBJECTIVES: u16 = {
    let (mut bits, mut i) = (0, 0);
    while i < OBJECTIVES.len() {
        bits |= 1 << OBJECTIVES[i].number;
        i += 1;
    }
    bits
};

/// The bit of the linear model: of what needs samples.
const LINEAR: u16 = 1 << 2;

impl Design for GradientDesign {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn size(&self) -> String {
        names(self.objectives)
    }

    fn identity(&self) -> Identity {
        let built = GradientBuilt { objectives: self.objectives, dimension: 64 };
        Identity::of(&built, self.clock_hz, self.baud)
    }

    fn beat(&self) -> usize {
        16
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        let mut uut = GradientTop::new(identity, self.objectives, self.fabric);
        uut.clock.connect();
        uut.rx.connect();
        uut.connect_all();
        Some(verilog::tidy(&generate_verilog(&uut)))
    }

    /// With the ports of [`GradientCore`].
    fn core_verilog(&self) -> Option<String> {
        let mut uut = GradientCore::new(self.objectives, self.fabric);
        uut.connect_all();
        Some(verilog::tidy(&generate_verilog_unchecked(&uut)))
    }

    fn multipliers(&self) -> usize {
        match self.fabric {
            Fabric::Inferred => 4,
            // And those that shift by the rate.
            Fabric::Mac16 => 4 + 3,
            Fabric::Logic => 0,
        }
    }

    fn rated_dimension(&self) -> usize {
        16
    }

    /// Of a sample where a linear model is built in, else of an iteration of the first objective.
    fn learn_clocks(&self, dimension: usize) -> u64 {
        let built = if self.objectives & LINEAR != 0 { LINEAR } else { self.objectives };
        let first = OBJECTIVES.iter().find(|o| built >> o.number & 1 == 1);
        first.map_or(0, |o| o.clocks.at(dimension))
    }
}

impl GradientDesign {
    /// Verilog of its objective block alone, top module `top` with the ports of [`Evaluator`].
    pub fn evaluator_verilog() -> String {
        let mut uut = Evaluator::new(ALL_OBJECTIVES, Fabric::default());
        uut.connect_all();
        verilog::tidy(&generate_verilog_unchecked(&uut))
    }
}

top! {
    /// The gradient core's.
    GradientTop<>: [GradientCore], gradient, 16;
    /// With the objectives whose bits are set, by their numbers.
    new(identity: Identity, objectives: u16, fabric: Fabric) {
        identity,
        fabric == Fabric::Logic,
        GradientCore::new(objectives, fabric)
    }
}
