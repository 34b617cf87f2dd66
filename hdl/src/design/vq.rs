//! The vector quantizer: its size is codewords x dimensions x lanes.

use super::{CoreKind, Design, Target};
use crate::cores::vq::VqCore;
use crate::fabric::Fabric;
use crate::verilog;
use fixlearn_map::link::Identity;
use fixlearn_map::vq::{VqBuilt, CORE};
use fixlearn_map::Core;
use rust_hdl::prelude::*;

/// The option of a size that builds residues in.
const RESIDUES: &str = "+residues";

/// Its line in the registry.
pub struct Kind;

impl CoreKind for Kind {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn form(&self) -> String {
        let sizes = VQ_SIZES.iter().map(VqSize::to_string).collect::<Vec<_>>().join(", ");
        format!("codewords x dimensions x lanes: {sizes}; 64x16x8{RESIDUES} for error feedback")
    }

    /// By codewords times dimensions, then by codewords, then by lanes.
    fn sizes(&self) -> Vec<String> {
        let mut sizes = VQ_SIZES.to_vec();
        sizes.sort_by_key(|s| {
            (u32::from(s.codewords) * u32::from(s.dimension), s.codewords, s.lanes)
        });
        let plain = sizes.iter().rev().map(VqSize::to_string);
        let with_residues = sizes.iter().rev().map(|size| format!("{size}{RESIDUES}"));
        plain.chain(with_residues).collect()
    }

    fn simulated_size(&self) -> String {
        format!("64x16x8{RESIDUES}")
    }

    /// With residues; the smallest, and of one size that with most lanes: simulation time is
    /// clocks.
    fn simulated(&self, fits: &dyn Fn(&Identity) -> bool) -> Option<Box<dyn Design>> {
        let Target { fabric, clock_hz, baud } = Target::SIMULATED;
        let mut sizes = VQ_SIZES.to_vec();
        sizes.sort_by_key(|s| (s.codewords, s.dimension, std::cmp::Reverse(s.lanes)));
        let design = |size| VqDesign { size, residues: true, fabric, clock_hz, baud };
        let found = sizes.into_iter().map(design).find(|design| fits(&design.identity()));
        found.map(|design| Box::new(design) as Box<dyn Design>)
    }

    fn plain(&self, text: &str, target: Target) -> Result<Box<dyn Design>, String> {
        let Target { fabric, clock_hz, baud } = target;
        let plain = text.strip_suffix(RESIDUES);
        let size = plain.unwrap_or(text).parse().map_err(|_| {
            format!("`{text}` is no size of a vector quantizer; give {}", self.form())
        })?;
        if !VQ_SIZES.contains(&size) {
            return Err(no_such_size(size));
        }
        let residues = plain.is_some();
        Ok(Box::new(VqDesign { size, residues, fabric, clock_hz, baud }))
    }
}

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

impl Design for VqDesign {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn size(&self) -> String {
        let residues = if self.residues { RESIDUES } else { "" };
        format!("{}{residues}", self.size)
    }

    fn identity(&self) -> Identity {
        let VqSize { codewords, dimension, lanes } = self.size;
        let built = VqBuilt { codewords, dimension, lanes, residues: self.residues };
        Identity::of(&built, self.clock_hz, self.baud)
    }

    fn beat(&self) -> usize {
        8 * usize::from(self.size.lanes)
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        generate(self, Part::Top(identity))
    }

    /// With the ports of [`VqCore`].
    fn core_verilog(&self) -> Option<String> {
        generate(self, Part::Core)
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

    fn rated_dimension(&self) -> usize {
        self.size.dimension.into()
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

#[derive(Clone, Copy)]
enum Part {
    Top(Identity),
    Core,
}

fn top<const AB: usize, const L: usize, const XB: usize, const U: usize>(
    design: &VqDesign,
    identity: Identity,
) -> String {
    let mut uut = VqTop::<AB, L, XB, U>::new(design, identity);
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
                        (Part::Top(who), 1) => top::<AB, $lanes, { 8 * $lanes }, 1>(design, who),
                        (Part::Top(who), _) => {
                            top::<AB, $lanes, { 8 * $lanes }, MANY>(design, who)
                        }
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

top! {
    /// The vector quantizer's. `AB` address bits of a lane's codebook, `L` lanes, `XB = 8 * L`
    /// bits a beat, `U` update units.
    VqTop<AB, L, XB, U>: [VqCore<AB, L, XB, U>], vq, XB;
    /// Of a design whose sizes are those of the type.
    new(design: &VqDesign, identity: Identity) {
        identity,
        false,
        VqCore::new(
            design.size.codewords.into(),
            design.size.dimension.into(),
            design.residues,
            design.fabric
        )
    }
}
