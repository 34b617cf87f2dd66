//! The designs that can be built, and their Verilog.

use crate::fabric::Fabric;
use crate::gradient::{Evaluator, GradientCore, OBJECTIVES};
use crate::top::{GradientTop, VqTop};
use crate::verilog;
use crate::vq::VqCore;
use fixlearn_map::gradient::GradientBuilt;
use fixlearn_map::link::Identity;
use fixlearn_map::vq::VqBuilt;
use rust_hdl::prelude::*;

/// The built size of a vector quantizer. In use, the number of codewords and the dimension are
/// registers up to these maxima.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VqSize {
    pub codewords: u16,
    pub dimension: u16,
    pub lanes: u8,
}

impl std::fmt::Display for VqSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}x{}", self.codewords, self.dimension, self.lanes)
    }
}

impl std::str::FromStr for VqSize {
    type Err = String;

    /// As [`Display`](std::fmt::Display) writes it.
    fn from_str(text: &str) -> Result<Self, String> {
        let bad =
            || format!("`{text}` is no size; give codewords x dimensions x lanes, as 64x16x8");
        match text.split('x').collect::<Vec<_>>().as_slice() {
            [n, d, l] => Ok(VqSize {
                codewords: n.parse().map_err(|_| bad())?,
                dimension: d.parse().map_err(|_| bad())?,
                lanes: l.parse().map_err(|_| bad())?,
            }),
            _ => Err(bad()),
        }
    }
}

/// What a design is generated from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VqDesign {
    pub size: VqSize,
    /// Keep a residue beside each codeword: needed by error feedback, half as much RAM again.
    pub residues: bool,
    pub fabric: Fabric,
    pub clock_hz: u32,
    pub baud: u32,
}

/// A whole design: a core behind the link.
pub trait Design {
    fn identity(&self) -> Identity;

    /// Verilog, top module `top` with ports `clock`, `rx`, `tx`; `None` if the size is not on
    /// offer.
    fn top_verilog(&self) -> Option<String>;

    /// Multipliers that the design has on its fabric: what a netlist must count.
    fn multipliers(&self) -> usize;

    /// Clocks from a vector's first beat to the core free again, when it is learned in `dimension`
    /// dimensions with every codeword in use: exact, at radius 0.
    fn learn_clocks(&self, dimension: usize) -> u64;

    /// What to say when the size is not on offer.
    fn advice(&self) -> String {
        "this size is not on offer".into()
    }
}

impl Design for VqDesign {
    fn identity(&self) -> Identity {
        let VqSize { codewords, dimension, lanes } = self.size;
        let built = VqBuilt { codewords, dimension, lanes, residues: self.residues };
        Identity::of(&built, self.clock_hz, self.baud)
    }

    fn top_verilog(&self) -> Option<String> {
        generate(self, Part::Top)
    }

    fn multipliers(&self) -> usize {
        let lanes = usize::from(self.size.lanes);
        match self.fabric {
            // Squares, update units, and the count's product.
            Fabric::Inferred => lanes + self.fabric.update_units(lanes) + 2,
            Fabric::Mac16 => lanes.div_ceil(2) + 1 + 2,
            Fabric::Logic => 0,
        }
    }

    fn learn_clocks(&self, dimension: usize) -> u64 {
        let lanes = usize::from(self.size.lanes);
        let beats = dimension.div_ceil(lanes) as u64;
        let turns = (lanes / self.fabric.update_units(lanes)) as u64;
        u64::from(self.size.codewords) * beats + beats + 13 + beats * turns + 9
    }

    fn advice(&self) -> String {
        no_such_size(self.size)
    }
}

impl VqDesign {
    /// Verilog of the core alone, top module `top` with the ports of [`VqCore`]; `None` if the
    /// size is not in [`VQ_SIZES`].
    pub fn core_verilog(&self) -> Option<String> {
        generate(self, Part::Core)
    }
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
        bits |= 1 << OBJECTIVES[i];
        i += 1;
    }
    bits
};

impl Design for GradientDesign {
    fn identity(&self) -> Identity {
        let built = GradientBuilt { objectives: self.objectives, dimension: 64 };
        Identity::of(&built, self.clock_hz, self.baud)
    }

    fn multipliers(&self) -> usize {
        match self.fabric {
            Fabric::Inferred => 4,
            // And those that shift by the rate.
            Fabric::Mac16 => 4 + 3,
            Fabric::Logic => 0,
        }
    }

    /// Of a sample where a linear model is built in, else of an iteration of the first objective.
    fn learn_clocks(&self, dimension: usize) -> u64 {
        let d = dimension as u64;
        match self.objectives {
            o if o & 4 != 0 => 6 * d + 62,
            o if o & 1 != 0 => 7 * d + 59,
            _ => 5 * d + 38,
        }
    }

    fn top_verilog(&self) -> Option<String> {
        let mut uut = GradientTop::new(self.identity(), self.objectives, self.fabric);
        uut.clock.connect();
        uut.rx.connect();
        uut.connect_all();
        Some(verilog::tidy(&generate_verilog(&uut)))
    }
}

impl GradientDesign {
    /// Verilog of the core alone, top module `top` with the ports of [`GradientCore`].
    pub fn core_verilog(&self) -> String {
        let mut uut = GradientCore::new(self.objectives, self.fabric);
        uut.connect_all();
        verilog::tidy(&generate_verilog_unchecked(&uut))
    }

    /// Verilog of its objective block alone, top module `top` with the ports of [`Evaluator`].
    pub fn evaluator_verilog() -> String {
        let mut uut = Evaluator::new(ALL_OBJECTIVES, Fabric::default());
        uut.connect_all();
        verilog::tidy(&generate_verilog_unchecked(&uut))
    }
}

#[derive(Clone, Copy)]
enum Part {
    Top,
    Core,
}

fn top<const AB: usize, const L: usize, const XB: usize, const U: usize>(
    design: &VqDesign,
) -> String {
    let mut uut = VqTop::<AB, L, XB, U>::new(design);
    uut.clock.connect();
    uut.rx.connect();
    uut.connect_all();
    verilog::tidy(&generate_verilog(&uut))
}

fn core<const AB: usize, const L: usize, const XB: usize, const U: usize>(
    design: &VqDesign,
) -> String {
    let size = design.size;
    let mut uut = VqCore::<AB, L, XB, U>::new(
        size.codewords.into(),
        size.dimension.into(),
        design.residues,
        design.fabric,
    );
    uut.connect_all();
    verilog::tidy(&generate_verilog_unchecked(&uut))
}

macro_rules! sizes {
    ($(($codewords:literal, $dimension:literal, $lanes:literal)),* $(,)?) => {
        /// The sizes on offer, smallest first.
        pub const VQ_SIZES: &[VqSize] = &[
            $(VqSize { codewords: $codewords, dimension: $dimension, lanes: $lanes }),*
        ];

        fn generate(design: &VqDesign, part: Part) -> Option<String> {
            let size = (design.size.codewords, design.size.dimension, design.size.lanes);
            match size {
                $(($codewords, $dimension, $lanes) => {
                    const AB: usize = ($codewords * $dimension / $lanes as usize).ilog2() as usize;
                    const MANY: usize = Fabric::Inferred.update_units($lanes);
                    Some(match (part, design.fabric.update_units($lanes)) {
                        (Part::Top, 1) => top::<AB, $lanes, { 8 * $lanes }, 1>(design),
                        (Part::Top, _) => top::<AB, $lanes, { 8 * $lanes }, MANY>(design),
                        (Part::Core, 1) => core::<AB, $lanes, { 8 * $lanes }, 1>(design),
                        (Part::Core, _) => core::<AB, $lanes, { 8 * $lanes }, MANY>(design),
                    })
                })*
                _ => None,
            }
        }
    };
}

sizes![
    (16, 4, 1),
    (16, 16, 4),
    (16, 64, 16),
    (64, 4, 4),
    (64, 16, 1),
    (64, 16, 8),
    (64, 64, 8),
    (256, 4, 2),
    (256, 16, 1),
    (256, 16, 8),
    (256, 16, 16),
    (256, 64, 16),
];

/// What to say of a size that is not on offer.
pub fn no_such_size(size: VqSize) -> String {
    let list =
        |sizes: &[VqSize]| sizes.iter().map(VqSize::to_string).collect::<Vec<_>>().join(", ");
    format!(
        "no core of size {size} (codewords x dimensions x lanes); nearest: {}; all: {}",
        list(&nearest_sizes(size)),
        list(VQ_SIZES),
    )
}

/// The offered sizes nearest to the one asked for: by the ratio of codebooks, then of lanes.
pub fn nearest_sizes(wanted: VqSize) -> Vec<VqSize> {
    let log = |a: u16, b: u16| (f64::from(a.max(1)) / f64::from(b)).log2().abs();
    let distance = |s: &VqSize| {
        2.0 * log(wanted.codewords, s.codewords)
            + 2.0 * log(wanted.dimension, s.dimension)
            + log(wanted.lanes.into(), s.lanes.into())
    };
    let mut sizes = VQ_SIZES.to_vec();
    sizes.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    sizes.truncate(3);
    sizes
}
