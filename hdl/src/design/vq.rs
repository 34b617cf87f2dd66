//! The vector quantizer: its size is codewords x dimensions x lanes.

use super::{CoreKind, Design, Target};
use crate::cores::vq::wide::WideCore;
use crate::cores::vq::{VqCore, SEARCH_CLOCKS, UPDATE_CLOCKS};
use crate::fabric::Fabric;
use crate::verilog;
use fixlearn_map::link::Identity;
use fixlearn_map::vq::{VqBuilt, CORE};
use fixlearn_map::Core;
use rust_hdl::prelude::*;

/// The option of a size that builds residues in.
const RESIDUES: &str = "+residues";
/// The option of a wide size that leaves the squares out.
const L1: &str = "+l1";

/// Its line in the registry.
pub struct Kind;

impl Kind {
    /// The designs of every size, narrow ones and wide ones, with these options.
    fn designs(target: Target) -> impl Iterator<Item = VqDesign> {
        let Target { fabric, clock_hz, baud } = target;
        [(true, false), (false, false), (false, true), (true, true)].into_iter().flat_map(
            move |(squares, residues)| {
                let narrow = VQ_SIZES.iter().filter(move |_| squares);
                let mut sizes: Vec<_> = narrow.chain(WIDE_SIZES).copied().collect();
                sizes.sort_by_key(|s| {
                    (u32::from(s.codewords) * u32::from(s.dimension), s.codewords, s.lanes)
                });
                sizes.into_iter().rev().map(move |size| VqDesign {
                    size,
                    residues,
                    squares,
                    fabric,
                    clock_hz,
                    baud,
                })
            },
        )
    }
}

impl CoreKind for Kind {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn form(&self) -> String {
        format!(
            "codewords x dimensions x lanes: {}; wide: {}; 64x16x8{RESIDUES} for error feedback, \
             256x64x512{L1} for no squares",
            list(VQ_SIZES),
            list(WIDE_SIZES)
        )
    }

    /// By codewords times dimensions, then by codewords, then by lanes.
    fn sizes(&self) -> Vec<String> {
        Self::designs(Target::SIMULATED).map(|design| design.size()).collect()
    }

    fn simulated_size(&self) -> String {
        format!("64x16x8{RESIDUES}")
    }

    /// The largest narrow one: wide ones take minutes to place.
    fn fit_from(&self) -> String {
        "256x64x16".into()
    }

    /// With residues; the smallest, and of one size that with most lanes: simulation time is
    /// clocks.
    fn simulated(&self, fits: &dyn Fn(&Identity) -> bool) -> Option<Box<dyn Design>> {
        let Target { fabric, clock_hz, baud } = Target::SIMULATED;
        let mut sizes = VQ_SIZES.to_vec();
        sizes.sort_by_key(|s| (s.codewords, s.dimension, std::cmp::Reverse(s.lanes)));
        sizes.extend(WIDE_SIZES);
        let (residues, squares) = (true, true);
        let design = |size| VqDesign { size, residues, squares, fabric, clock_hz, baud };
        let found = sizes.into_iter().map(design).find(|design| fits(&design.identity()));
        found.map(|design| Box::new(design) as Box<dyn Design>)
    }

    fn plain(&self, text: &str, target: Target) -> Result<Box<dyn Design>, String> {
        let Target { fabric, clock_hz, baud } = target;
        let no_size = || format!("`{text}` is no size of a vector quantizer; give {}", self.form());
        let (size, options) = text.split_at(text.find('+').unwrap_or(text.len()));
        let size = size.parse().map_err(|_| no_size())?;
        let has = |option: &str| options.contains(option);
        let (residues, squares) = (has(RESIDUES), !has(L1));
        let length = |option: &str| if has(option) { option.len() } else { 0 };
        if length(RESIDUES) + length(L1) != options.len() {
            return Err(no_size());
        }
        let design = VqDesign { size, residues, squares, fabric, clock_hz, baud };
        if !VQ_SIZES.contains(&size) && !WIDE_SIZES.contains(&size) {
            return Err(no_such_size(size));
        }
        if !squares && !WIDE_SIZES.contains(&size) {
            let mut wide = nearest(WIDE_SIZES, size);
            let wide = wide.swap_remove(0);
            return Err(format!(
                "`{text}`: only a wide core is built without squares; take {size}, or a wide size \
                 as {wide}{L1}"
            ));
        }
        Ok(Box::new(design))
    }
}

/// The built size of a vector quantizer. In use, the number of codewords and the dimension are
/// registers up to these maxima.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VqSize {
    pub codewords: u16,
    pub dimension: u16,
    /// Components that a search compares in a clock.
    pub lanes: u16,
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
    /// Of a wide size: squared L2 beside L1.
    pub squares: bool,
    pub fabric: Fabric,
    pub clock_hz: u32,
    pub baud: u32,
}

impl VqDesign {
    /// Components of a beat.
    fn beat_lanes(&self) -> u16 {
        wide(self.size).map_or(self.size.lanes, |wide| wide.units)
    }
}

impl Design for VqDesign {
    fn core(&self) -> &'static Core {
        &CORE
    }

    fn size(&self) -> String {
        let l1 = if self.squares { "" } else { L1 };
        let residues = if self.residues { RESIDUES } else { "" };
        format!("{}{l1}{residues}", self.size)
    }

    fn identity(&self) -> Identity {
        let VqSize { codewords, dimension, lanes } = self.size;
        let built = VqBuilt {
            codewords,
            dimension,
            lanes: self.beat_lanes() as u8,
            residues: self.residues,
            search_lanes: lanes,
            squares: self.squares,
        };
        Identity::of(&built, self.clock_hz, self.baud)
    }

    fn beat(&self) -> usize {
        8 * usize::from(self.beat_lanes())
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        generate(self, Part::Top(identity)).or_else(|| generate_wide(self, Part::Top(identity)))
    }

    /// With the ports of [`VqCore`], or of [`WideCore`].
    fn core_verilog(&self) -> Option<String> {
        generate(self, Part::Core).or_else(|| generate_wide(self, Part::Core))
    }

    fn multipliers(&self) -> usize {
        let lanes = usize::from(self.size.lanes);
        match (self.fabric, wide(self.size)) {
            (Fabric::Logic, _) => 0,
            // Update units, and the count's product.
            (_, Some(wide)) => usize::from(wide.units) + 2,
            // Squares, too.
            (Fabric::Inferred, None) => lanes + self.fabric.update_units(lanes) + 2,
            (Fabric::Mac16, None) => lanes.div_ceil(2) + 1 + 2,
        }
    }

    fn rated_dimension(&self) -> usize {
        self.size.dimension.into()
    }

    fn learn_clocks(&self, dimension: usize) -> u64 {
        if let Some(wide) = wide(self.size) {
            return wide.learn_clocks(self, dimension);
        }
        let lanes = usize::from(self.size.lanes);
        let beats = dimension.div_ceil(lanes) as u64;
        let turns = (lanes / self.fabric.update_units(lanes)) as u64;
        u64::from(self.size.codewords) * beats
            + beats
            + SEARCH_CLOCKS
            + beats * turns
            + UPDATE_CLOCKS
    }

    fn recall_clocks(&self, dimension: usize) -> Option<u64> {
        if let Some(wide) = wide(self.size) {
            return Some(wide.recall_clocks(self, dimension));
        }
        let beats = dimension.div_ceil(self.size.lanes.into()) as u64;
        Some(u64::from(self.size.codewords) * beats + beats + SEARCH_CLOCKS)
    }

    fn advice(&self) -> String {
        no_such_size(self.size)
    }
}

/// The banks of a wide core of this size; of a narrow one none.
///
/// ```
/// assert_eq!(fixlearn_hdl::design::banks("256x64x512+l1"), Some(8));
/// assert_eq!(fixlearn_hdl::design::banks("64x16x8"), None);
/// ```
pub fn banks(size: &str) -> Option<u16> {
    let plain = size.split('+').next()?;
    wide(plain.parse().ok()?).map(|wide| wide.banks)
}

/// How a wide size is laid out.
#[derive(Clone, Copy, Debug)]
struct Wide {
    banks: u16,
    /// Update units, and components of a beat.
    units: u16,
}

impl Wide {
    /// Slots, beats of a vector, rows of a search, and clocks from a row to the nearest of its
    /// banks.
    fn sizes(self, design: &VqDesign, dimension: usize) -> [u64; 4] {
        let VqSize { codewords, lanes, .. } = design.size;
        let slots = u64::from(codewords / self.banks);
        let rows = slots * dimension.div_ceil((lanes / self.banks).into()) as u64;
        let nearest = 5 + u64::from(lanes.ilog2()) + if design.squares { 2 } else { 0 };
        [slots, dimension.div_ceil(self.units.into()) as u64, rows, nearest]
    }

    /// From one vector to the next; two are on their way.
    fn recall_clocks(self, design: &VqDesign, dimension: usize) -> u64 {
        let [_, beats, rows, nearest] = self.sizes(design, dimension);
        rows.max(beats).max((rows + nearest + 3).div_ceil(2))
    }

    /// The same where the next search begins when the winner is known, or else when it is moved.
    fn learn_clocks(self, design: &VqDesign, dimension: usize) -> u64 {
        let [slots, beats, rows, nearest] = self.sizes(design, dimension);
        rows + nearest + if slots >= beats + 9 { 4 } else { beats + 12 }
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
        /// The narrow sizes on offer, smallest first.
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

macro_rules! wide_sizes {
    ($(($codewords:literal, $dimension:literal, $banks:literal x $lanes:literal, $units:literal)),*
        $(,)?
    ) => {
        /// The wide sizes on offer, smallest first.
        pub const WIDE_SIZES: &[VqSize] = &[
            $(VqSize {
                codewords: $codewords,
                dimension: $dimension,
                lanes: $banks * $lanes,
            }),*
        ];

        /// How a wide size is laid out, if it is one.
        fn wide(size: VqSize) -> Option<Wide> {
            match (size.codewords, size.dimension, size.lanes) {
                $(($codewords, $dimension, n) if n == $banks * $lanes => {
                    Some(Wide { banks: $banks, units: $units })
                })*
                _ => None,
            }
        }

        fn generate_wide(design: &VqDesign, part: Part) -> Option<String> {
            match (design.size.codewords, design.size.dimension, design.size.lanes) {
                $(($codewords, $dimension, n) if n == $banks * $lanes => {
                    const AW: usize = ($codewords * $dimension / $units as usize).ilog2() as usize;
                    const PARTS: usize = $dimension / $lanes;
                    const RA: usize = ($codewords / $banks * PARTS).ilog2() as usize;
                    const XA: usize = (2 * PARTS).ilog2() as usize;
                    const XB: usize = 8 * $lanes;
                    const UB: usize = 8 * $units;
                    Some(match part {
                        Part::Top(who) => {
                            wide_top::<AW, RA, XA, $banks, $lanes, XB, $units, UB>(design, who)
                        }
                        Part::Core => {
                            wide_core::<AW, RA, XA, $banks, $lanes, XB, $units, UB>(design)
                        }
                    })
                })*
                _ => None,
            }
        }
    };
}

// Codewords, dimensions, banks x lanes of a bank, update units.
wide_sizes![
    (16, 4, 2 x 4, 2),
    (16, 16, 4 x 4, 2),
    (64, 16, 4 x 16, 8),
    (128, 16, 2 x 16, 4),
    (256, 16, 8 x 16, 8),
    (256, 64, 2 x 64, 8),
    (256, 64, 4 x 64, 16),
    (256, 64, 8 x 64, 16),
    (256, 256, 8 x 64, 16),
];

fn wide_top<
    const AW: usize,
    const RA: usize,
    const XA: usize,
    const B: usize,
    const L: usize,
    const XB: usize,
    const U: usize,
    const UB: usize,
>(
    design: &VqDesign,
    identity: Identity,
) -> String {
    let mut uut = WideTop::<AW, RA, XA, B, L, XB, U, UB>::new(design, identity);
    uut.clock.connect();
    uut.rx.connect();
    uut.connect_all();
    verilog::tidy(&generate_verilog(&uut))
}

fn wide_core<
    const AW: usize,
    const RA: usize,
    const XA: usize,
    const B: usize,
    const L: usize,
    const XB: usize,
    const U: usize,
    const UB: usize,
>(
    design: &VqDesign,
) -> String {
    let size = design.size;
    let mut uut = WideCore::<AW, RA, XA, B, L, XB, U, UB>::new(
        size.codewords.into(),
        size.dimension.into(),
        design.residues,
        design.squares,
        design.fabric,
    );
    uut.connect_all();
    verilog::tidy(&generate_verilog_unchecked(&uut))
}

/// Sizes with commas between them.
fn list(sizes: &[VqSize]) -> String {
    sizes.iter().map(VqSize::to_string).collect::<Vec<_>>().join(", ")
}

/// What to say of a size that is not on offer.
pub fn no_such_size(size: VqSize) -> String {
    format!(
        "no core of size {size} (codewords x dimensions x lanes); nearest: {}; all: {}",
        list(&nearest_sizes(size)),
        list(&[VQ_SIZES, WIDE_SIZES].concat()),
    )
}

/// The offered sizes nearest to the one asked for: by the ratio of codebooks, then of lanes.
pub fn nearest_sizes(wanted: VqSize) -> Vec<VqSize> {
    let mut sizes = nearest(&[VQ_SIZES, WIDE_SIZES].concat(), wanted);
    sizes.truncate(3);
    sizes
}

/// These sizes, the nearest first.
fn nearest(sizes: &[VqSize], wanted: VqSize) -> Vec<VqSize> {
    let log = |a: u16, b: u16| (f64::from(a.max(1)) / f64::from(b)).log2().abs();
    let distance = |s: &VqSize| {
        2.0 * log(wanted.codewords, s.codewords)
            + 2.0 * log(wanted.dimension, s.dimension)
            + log(wanted.lanes, s.lanes)
    };
    let mut sizes = sizes.to_vec();
    sizes.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
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

top! {
    /// The wide quantizer's: see [`WideCore`].
    WideTop<AW, RA, XA, B, L, XB, U, UB>: [WideCore<AW, RA, XA, B, L, XB, U, UB>], vq, UB;
    /// Of a design whose sizes are those of the type.
    new(design: &VqDesign, identity: Identity) {
        identity,
        false,
        WideCore::new(
            design.size.codewords.into(),
            design.size.dimension.into(),
            design.residues,
            design.squares,
            design.fabric
        )
    }
}

impl<const AB: usize, const L: usize, const XB: usize, const U: usize> VqTop<AB, L, XB, U> {
    /// A clock in RustHDL's own simulator, with this level on the line to the design; the level
    /// from it after the clock. None if its logic does not come to rest.
    ///
    /// Of a design whose inputs are connected, as [`in_rust_hdl`] makes it.
    pub fn step(&mut self, rx: bool) -> Option<bool> {
        self.rx.next = rx;
        for level in [false, true] {
            self.clock.next = Clock { clk: level };
            if !simulate(self, 100) {
                return None;
            }
        }
        Some(self.tx.val())
    }
}

/// The simulated board's design of 64 x 16 x 8 for RustHDL's own simulator: each block has a model
/// in Rust beside its Verilog. That simulator's threads do not take it, since registers' bounds
/// are functions, which need not be `Send`; what they call for each change of a clock does.
pub fn in_rust_hdl() -> VqTop<7, 8, 64, { Fabric::Inferred.update_units(8) }> {
    let Target { fabric, clock_hz, baud } = Target::SIMULATED;
    let size = VqSize { codewords: 64, dimension: 16, lanes: 8 };
    let design = VqDesign { size, residues: false, squares: true, fabric, clock_hz, baud };
    let mut uut = VqTop::new(&design, design.identity());
    uut.clock.connect();
    uut.rx.connect();
    uut.connect_all();
    uut
}
