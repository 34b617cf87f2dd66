//! The designs that can be built, and their Verilog.

use crate::protocol::{Identity, CORE_VQ, GUARD_BITS, SLOTS};
use crate::top::VqTop;
use crate::verilog;
use crate::vq::VqCore;
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

/// What a design is generated from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VqDesign {
    pub size: VqSize,
    /// Keep a residue beside each codeword: needed by error feedback, half as much RAM again.
    pub residues: bool,
    pub clock_hz: u32,
    pub baud: u32,
}

impl VqDesign {
    pub fn identity(&self) -> Identity {
        Identity {
            core: CORE_VQ,
            max_codewords: self.size.codewords,
            max_dimension: self.size.dimension,
            lanes: self.size.lanes,
            guard_bits: GUARD_BITS as u8,
            residues: self.residues,
            slots: SLOTS as u8,
            clock_hz: self.clock_hz,
            baud: self.baud,
        }
    }

    /// Verilog of the whole design, top module `top` with ports `clock`, `rx`, `tx`; `None` if
    /// the size is not in [`VQ_SIZES`].
    pub fn top_verilog(&self) -> Option<String> {
        generate(self, Part::Top)
    }

    /// Verilog of the core alone, top module `top` with the ports of [`VqCore`].
    pub fn core_verilog(&self) -> Option<String> {
        generate(self, Part::Core)
    }
}

#[derive(Clone, Copy)]
enum Part {
    Top,
    Core,
}

fn top<const AB: usize, const L: usize, const XB: usize>(design: &VqDesign) -> String {
    let mut uut = VqTop::<AB, L, XB>::new(design.identity());
    uut.clock.connect();
    uut.rx.connect();
    uut.connect_all();
    verilog::tidy(&generate_verilog(&uut))
}

fn core<const AB: usize, const L: usize, const XB: usize>(design: &VqDesign) -> String {
    let size = design.size;
    let mut uut =
        VqCore::<AB, L, XB>::new(size.codewords.into(), size.dimension.into(), design.residues);
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
                    Some(match part {
                        Part::Top => top::<AB, $lanes, { 8 * $lanes }>(design),
                        Part::Core => core::<AB, $lanes, { 8 * $lanes }>(design),
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
