//! Random cases of each core: a file a core, and its line in `every_core!`.
//!
//! What is asked of every core stands once: equal to the golden model in co-simulation
//! ([`crate::cosim`]), its bus ([`crate::bus`]), random sessions over the link
//! ([`crate::sessions`]), mutants ([`crate::mutation`]).

use crate::cosim::Case;
use fixlearn_hdl::design::{find, Design, Target};
use fixlearn_map::{Allowed, Built};
use fixlearn_sim::cosim::Cycles;
use fixlearn_sim::golden::core::{Core, Place};
use proptest::prelude::*;

/// What the tests must know of a core beside its golden model.
pub trait Tested: Core {
    /// A size that is built and simulated quickly.
    const SIZE: &'static str;
    /// As many cases as [`crate::cosim::check`] takes to notice the mutants that can be noticed.
    const MUTATION_CASES: u32;
    /// The size whose mutants are reported (`--example mutation`).
    const MUTATION_SIZE: &'static str = Self::SIZE;

    /// The sizes whose netlists are compared, on an UltraPlus and on ECP5, and on how many cases.
    const NETLISTS: [(&'static str, u32); 2] = [(Self::SIZE, 40); 2];

    /// States, vectors and pauses for a core of these sizes.
    fn cases(built: &Self::Built) -> BoxedStrategy<Case<Self>>;

    /// The clocks of one vector by the formulas, from the state before it; `answer` is the core's.
    fn clocks(before: &Self, design: &dyn Design, answer: u32, learn: bool) -> Cycles;

    /// The clocks of one iteration without a vector.
    fn formula(_state: &Self) -> u64 {
        0
    }

    /// Whether it takes beats while it works: see [`fixlearn_sim::cosim::Core::ahead`].
    fn is_ahead(_built: &Self::Built) -> bool {
        false
    }

    /// The clocks that `clear` takes.
    fn clear_clocks(built: &Self::Built) -> u64;

    /// Words that can be read beside the state.
    fn also_read(_state: &Self) -> Vec<Place> {
        Vec::new()
    }

    /// The core's answer to a vector that it learns, which the link drops.
    fn learned(_before: &Self, _vector: &[u8]) -> Option<u32> {
        None
    }

    /// More that co-simulation asks of the core.
    fn more(_core: &mut fixlearn_sim::cosim::Core<Self>) -> Option<String> {
        None
    }
}

/// The design of this size for the simulated board.
pub fn design<C: Tested>(size: &str) -> Box<dyn Design> {
    let kind = find(C::Built::CORE.name).expect("a core");
    kind.parse(size, Target::SIMULATED).expect("on offer")
}

/// The sizes that a design was built for.
pub fn built<C: Core>(design: &dyn Design) -> C::Built {
    design.identity().built().expect("its own core")
}

/// Sets every register but these to a word that it takes, from any words.
pub fn set_others<C: Core>(state: &mut C, set: &[u8], words: impl IntoIterator<Item = u32>) {
    let others = C::Built::CORE.registers.iter().filter(|r| !set.contains(&r.number));
    for (register, word) in others.zip(words) {
        let word = match register.allowed {
            Allowed::Range(least, most) => least + word % (most - least).saturating_add(1),
            _ => word,
        };
        state.write(Place::register(register.number), word);
    }
}

pub mod boltzmann;
pub mod fusion;
pub mod gradient;
pub mod lms;
pub mod network;
pub mod vq;

/// Calls a generic function of every core, in turn; what each call gives, as an array. This is
/// the registry.
#[macro_export]
macro_rules! every_core {
    ($function:ident $(, $argument:expr)*) => {
        [
            $function::<$crate::cores::vq::Vq>($($argument),*),
            $function::<$crate::cores::gradient::Gradient>($($argument),*),
            $function::<$crate::cores::lms::Lms>($($argument),*),
            $function::<$crate::cores::boltzmann::Boltzmann>($($argument),*),
            $function::<$crate::cores::fusion::Fusion>($($argument),*),
            $function::<$crate::cores::network::Network>($($argument),*),
        ]
    };
}
