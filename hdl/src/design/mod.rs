//! The designs that can be built, and their Verilog.
//!
//! [`KINDS`] has a line for each core. A new core is a file here, whose type implements
//! [`CoreKind`], and its line.

mod boltzmann;
mod fusion;
mod gradient;
mod lms;
mod network;
mod vq;

pub use gradient::{GradientDesign, ALL_OBJECTIVES};
pub use vq::{
    banks, in_rust_hdl, nearest_sizes, no_such_size, VqDesign, VqSize, VQ_SIZES, WIDE_SIZES,
};

use crate::fabric::Fabric;
use crate::samples::{Packed, Stored, PACKED, SAMPLES, SDRAM};
use crate::sdram::Chip;
use fixlearn_map::link::Identity;
use fixlearn_map::Core;

/// The registry: every core that can be built.
pub const KINDS: &[&dyn CoreKind] =
    &[&vq::Kind, &gradient::Kind, &lms::Kind, &boltzmann::Kind, &fusion::Kind, &network::Kind];

/// One core in every size that is on offer.
pub trait CoreKind: Sync {
    /// Its number, name and map.
    fn core(&self) -> &'static Core;

    /// What its sizes look like, for help and errors: what a size says, and examples.
    fn form(&self) -> String;

    /// Every size on offer, the largest first. Options follow the size after a `+`; sizes with
    /// the same options stand together, those without options first.
    fn sizes(&self) -> Vec<String>;

    /// Where a search for the largest size that fits a board begins, if nothing else is asked.
    fn fit_from(&self) -> String {
        self.sizes().swap_remove(0)
    }

    /// The simulated board's size, if nothing else is asked.
    fn simulated_size(&self) -> String;

    /// The simulated board's design that fits: of the usual size, else the smallest.
    fn simulated(&self, fits: &dyn Fn(&Identity) -> bool) -> Option<Box<dyn Design>> {
        let sizes = std::iter::once(self.simulated_size()).chain(self.sizes().into_iter().rev());
        let mut designs = sizes.filter_map(|size| self.parse(&size, Target::SIMULATED).ok());
        designs.find(|design| fits(&design.identity()))
    }

    /// The design of this size for this target. After the size may follow the sample memory that
    /// stands before the core, as `+samples64K`: 1K to 32M bytes; or as `+sdram32M` or `+sdram8M`,
    /// in the SDRAM of a board that has one of that size; and `+packed`, which unpacks vectors at
    /// the core's door. Capitals are as small letters.
    ///
    /// # Errors
    /// If the text is no size on offer; the message is one line with the form, or the sizes
    /// nearest to it. If there is no sample memory of that size.
    fn parse(&self, size: &str, target: Target) -> Result<Box<dyn Design>, String> {
        let mut options = size.split('+');
        let mut plain = options.next().unwrap_or_default().to_ascii_lowercase();
        let (mut unpacks, mut rows, mut sdram) = (false, None, None);
        for option in options {
            let low = format!("+{}", option.to_ascii_lowercase());
            let bytes = |kind: &str| low.starts_with(kind).then(|| &option[kind.len() - 1..]);
            let twice = if low == PACKED {
                std::mem::replace(&mut unpacks, true)
            } else if let Some(bytes) = bytes(SAMPLES) {
                rows.replace(bytes).is_some()
            } else if let Some(name) = bytes(SDRAM) {
                sdram.replace(name).is_some()
            } else {
                plain += &low;
                false
            };
            if twice {
                return Err(format!("`{size}` says `+{option}` a second time; give it once"));
            }
        }
        if rows.is_some() && sdram.is_some() {
            return Err(format!(
                "`{size}` has two sample memories; give one of {SAMPLES} and {SDRAM}"
            ));
        }
        let mut design = self.plain(&plain, target)?;
        if unpacks {
            design = Box::new(Packed::new(design));
        }
        Ok(match (rows, sdram) {
            (Some(bytes), _) => Box::new(Stored::new(design, bytes, target.fabric)?),
            (_, Some(name)) => Box::new(Stored::in_sdram(design, Chip::find(name)?, target)?),
            _ => design,
        })
    }

    /// The same of a size without a sample memory.
    ///
    /// # Errors
    /// As [`CoreKind::parse`]'s.
    fn plain(&self, size: &str, target: Target) -> Result<Box<dyn Design>, String>;
}

impl std::fmt::Debug for dyn CoreKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.core().name)
    }
}

/// The kind of this name.
///
/// # Errors
/// If there is none; the message is one line with the names that there are.
///
/// ```
/// assert_eq!(fixlearn_hdl::design::find("vq").expect("a core").core().number, 1);
/// ```
pub fn find(name: &str) -> Result<&'static dyn CoreKind, String> {
    KINDS.iter().find(|kind| kind.core().name == name).copied().ok_or_else(|| {
        let names = KINDS.iter().map(|kind| kind.core().name).collect::<Vec<_>>().join(", ");
        format!("no core `{name}`; there are: {names}")
    })
}

/// What a design is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    pub fabric: Fabric,
    /// Of the design's clock, behind the PLL if there is one.
    pub clock_hz: u32,
    /// Of the link.
    pub baud: u32,
}

impl Target {
    /// The simulated board: 12 MHz, 3 Mbaud.
    pub const SIMULATED: Target =
        Target { fabric: Fabric::Inferred, clock_hz: 12_000_000, baud: 3_000_000 };
}

/// A whole design: a core behind the link.
pub trait Design {
    fn core(&self) -> &'static Core;

    /// Its size, as [`CoreKind::parse`] reads it.
    fn size(&self) -> String;

    fn identity(&self) -> Identity;

    /// Bits of a beat of samples.
    fn beat(&self) -> usize;

    /// Verilog, top module `top` with ports `clock`, `rx`, `tx`, and those of a [chip](Self::chip)
    /// if it has one; `None` if the size is not on offer.
    fn top_verilog(&self) -> Option<String> {
        self.top_of(self.identity())
    }

    /// The same of a design that says this of itself.
    fn top_of(&self, identity: Identity) -> Option<String>;

    /// Verilog of the core alone, top module `top` with the core's ports; `None` if the size is
    /// not on offer.
    fn core_verilog(&self) -> Option<String>;

    /// The SDRAM that it needs beside it. Its tops then have the chip's ports, `sdram_command` and
    /// those that follow it in [`Sdram`](crate::sdram::Sdram).
    fn chip(&self) -> Option<&Chip> {
        None
    }

    /// Multipliers that the design has on its fabric: what a netlist must count.
    fn multipliers(&self) -> usize;

    /// Dimensions of the vectors that its speed is stated for.
    fn rated_dimension(&self) -> usize;

    /// Clocks from one vector's first beat to where the core begins with the next, when they are
    /// learned in `dimension` dimensions with every codeword in use: exact, at radius 0.
    fn learn_clocks(&self, dimension: usize) -> u64;

    /// The same of vectors that are answered, of a core for which that is stated.
    fn recall_clocks(&self, _dimension: usize) -> Option<u64> {
        None
    }

    /// What to say when the size is not on offer.
    fn advice(&self) -> String {
        "this size is not on offer".into()
    }
}
